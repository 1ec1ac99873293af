"""Loads the fixtures for all suites. `pytest suites --board NAME --image NAME` needs nothing else."""

pytest_plugins = [
    "fixtures.options",
    "fixtures.evidence",
    "fixtures.scenes",
    "fixtures.image",
    "fixtures.machine",
    "fixtures.partitions",
    "fixtures.bare",
    "fixtures.operator",
]
