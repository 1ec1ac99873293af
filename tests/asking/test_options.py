"""`pytest suites` as a person uses it: what it selects, what it refuses, and that all is in the catalogue."""

import fcntl
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from fixtures.evidence import SUITES, pytest_collection_modifyitems
from fixtures.options import DEFAULT_EVIDENCE
from harness.image.document import ROOT


def _pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("option", "wrong", "nearest"),
    [("--board", "qemu-q53", "qemu-q35"), ("--image", "twin-prob", "twin-probes")],
)
def test_a_name_that_nobody_has_is_a_usage_error_with_the_nearest(
    option: str, wrong: str, nearest: str
) -> None:
    answer = _pytest("suites/memory", option, wrong)

    assert answer.returncode == pytest.ExitCode.USAGE_ERROR
    assert f'"{wrong}"' in answer.stderr
    assert f'"{nearest}"' in answer.stderr


def test_a_pair_is_asked_in_both_directions_on_every_image() -> None:
    answer = _pytest("suites/memory/test_edges.py", "-k", "closed")

    asked = [line.partition("[")[2].rstrip("]") for line in answer.stdout.splitlines() if "::" in line]
    assert asked == ["twin-probes-a-b", "twin-probes-b-a", "twin-probes-zero-a-b", "twin-probes-zero-b-a"]


def test_an_area_or_requirement_can_be_chosen_like_any_other_word() -> None:
    answer = _pytest("suites/interrupts", "suites/board", "-k", "irq-09 or brd-04")

    assert "test_does_an_nmi_from_outside_reach_its_owner_only" in answer.stdout
    assert "test_does_the_reset_register_reset_it" in answer.stdout
    assert "test_ipi" not in answer.stdout


def test_two_at_a_time_do_not_share_a_directory() -> None:
    lock = ROOT / DEFAULT_EVIDENCE.with_suffix(".lock")
    lock.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "suites/core/test_trace.py"]
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pytest.skip("a person runs the suites in this tree just now")
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert answer.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--evidence DIR" in answer.stderr


def test_three_partitions_make_six_pairs() -> None:
    answer = _pytest("suites/memory/test_edges.py", "-k", "closed", "--image", "trio-probes")

    assert answer.stdout.count("::") == 6


@dataclass
class Item:
    """As much of a test as collection looks at."""

    cited: tuple[str, ...]
    path: Path = SUITES / "memory" / "test_stray.py"
    nodeid: str = "suites/memory/test_stray.py::test_question"
    extra_keyword_matches: set[str] = field(default_factory=set)

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        return [getattr(pytest.mark, name)(*self.cited).mark] if self.cited else []


@pytest.mark.parametrize(
    ("cited", "complaint"),
    [((), "mark it with"), (("MEM-99",), "MEM-99 is not in the catalogue; the nearest is")],
    ids=["no-requirement", "unknown-requirement"],
)
def test_a_question_that_counts_nowhere_is_refused(
    pytestconfig: pytest.Config, cited: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(pytest.UsageError, match=complaint):
        pytest_collection_modifyitems(pytestconfig, [cast(pytest.Item, Item(cited))])


def test_every_requirement_that_is_due_is_asked_about() -> None:
    answer = _pytest("suites", "--evidence", "/nonexistent", "-p", "tests.asking.citations")

    assert [line for line in answer.stdout.splitlines() if line.startswith("uncited")] == ["uncited: none"]


@pytest.mark.parametrize(
    ("words", "asked"), [((), 0), (("-m", "stress"), 8), (("-m", "stress", "--rounds", "3"), 3)]
)
def test_stress_is_asked_when_it_is_wanted_as_often_as_wanted(words: tuple[str, ...], asked: int) -> None:
    answer = _pytest("suites/startup/test_boots.py", "--image", "twin-linux", *words)

    assert answer.stdout.count("::") == asked


def test_an_image_is_asked_only_what_its_probes_can_answer() -> None:
    linux, probes = _pytest("suites", "--image", "twin-linux"), _pytest("suites", "--image", "twin-probes")

    assert "suites/systems/" in linux.stdout
    assert "twin-linux" in linux.stdout
    assert "suites/exceptions/" not in linux.stdout
    assert "suites/systems/" not in probes.stdout
    assert "deselected" in probes.stdout


def test_all_is_asked_of_one_operating_system_before_the_next() -> None:
    """Its machine stands from test to test: to go back and forth would be a start for each."""
    images = ("trio-linux", "twin-linux")
    words = ("suites/systems/test_disks.py", *(f"--image={name}" for name in images))
    lines = _pytest(*words).stdout.splitlines()
    asked = [line.rpartition("[")[2][:10] for line in lines if "[" in line]

    assert asked == sorted(asked)
    assert set(asked) == set(images)


def test_a_partition_without_a_probe_is_asked_nothing(tmp_path: Path) -> None:
    """And a test that needs a neighbour is not asked where only one partition has a probe."""
    silent = tmp_path / "silent.toml"
    twins = (ROOT / "targets" / "images" / "twin-probes.toml").read_text()
    payload = 'file = "build:probe" }'
    silent.write_text(twins.replace(payload, payload.replace(" }", ', probe = "none" }'), 1))

    answer = _pytest("suites/memory", "--image", str(silent))

    scenes = {line.rpartition("[")[2].partition("]")[0] for line in answer.stdout.splitlines() if "[" in line}
    players = {scene.removeprefix("twin-probes").lstrip("-")[:3] for scene in scenes}
    assert "b" in players
    assert not {"a", "a-b", "b-a", "NOT"} & players
