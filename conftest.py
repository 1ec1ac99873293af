"""Loads the fixtures for all suites. `pytest suites --board NAME --image NAME` needs nothing else."""

import pytest

# Helpers of the suites assert as well: their failures are to be explained as those of a test are.
pytest.register_assert_rewrite("fixtures", "suites")

pytest_plugins = [
    "fixtures.orphans",
    "fixtures.options",
    "fixtures.scenes",
    "fixtures.stress",
    "fixtures.evidence",
    "fixtures.image",
    "fixtures.machine",
    "fixtures.partitions",
    "fixtures.bare",
    "fixtures.operator",
]
