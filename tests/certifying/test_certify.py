"""`mrm certify`: exit codes, reports, and what happens when something is killed on the way."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

import commands.certify
from commands import main
from tests.certifying.conftest import Certify


def assert_nothing_left(pids: Path) -> None:
    numbers = pids.read_text().split()

    assert numbers, "the suite started nothing: this shows nothing"
    assert [pid for pid in numbers if Path(f"/proc/{pid}").exists()] == []


def test_conformant(certify: Certify) -> None:
    run = certify()

    assert run.exit_code == 0
    assert "CONFORMANT: 2 tests passed" in run.said
    assert sorted(path.name for path in run.out.iterdir()) == [
        *("allure-results", "evidence", "junit.xml", "logs", "report.html"),
        *("requirements.toml", "results.json"),
    ]
    assert run.results.run.command[:2] == ("./mrm", "certify")
    assert run.results.provenance["session"]


def test_not_conformant(certify: Certify) -> None:
    run = certify(
        """
        @pytest.mark.requirement("MEM-01")
        def test_wrong():
            assert 6 * 7 == 43

        @pytest.mark.requirement("MEM-02")
        def test_dead():
            raise MachineCrash("kernel panic on com1: <b>bold</b>")
        """
    )

    assert run.exit_code == 1
    assert run.verdicts["test_wrong"] == ("FAIL", None)
    assert run.verdicts["test_dead"] == ("CRASH", None)
    assert "FAIL " in run.said
    assert "assert (6 * 7) == 43" in run.said
    root = ET.parse(run.out / "junit.xml").getroot()
    assert (root.get("failures"), root.get("errors")) == ("2", "0")
    page = (run.out / "report.html").read_text()
    assert "kernel panic on com1: &lt;b&gt;bold&lt;/b&gt;" in page


def test_could_not_ask(certify: Certify) -> None:
    run = certify(
        """
        @pytest.mark.requirement("MEM-01")
        def test_infra():
            raise InfraError("no QEMU")

        @pytest.mark.requirement("MEM-01")
        def test_bug():
            {}["key"]
        """
    )

    assert run.exit_code == 3
    assert run.verdicts["test_infra"] == ("ERROR", "infra")
    assert run.verdicts["test_bug"] == ("ERROR", "harness")


def test_skip_with_its_condition(certify: Certify) -> None:
    run = certify(
        """
        @pytest.mark.requirement("MEM-01")
        def test_skipped():
            pytest.skip("the board has no BMC")
        """
    )

    assert run.exit_code == 0
    (row,) = [row for row in run.results.requirements if row.id == "MEM-01"]
    assert (row.verdict.value, row.conditions) == ("SKIP", ("the board has no BMC",))


def test_narrowed(certify: Certify) -> None:
    run = certify(expression="memory")

    assert run.exit_code == 0
    assert run.results.run.selection == "-k memory"
    assert list(run.verdicts) == ["test_memory"]


def test_narrowed_by_a_mark(certify: Certify) -> None:
    run = certify(
        """
        @pytest.mark.smoke
        @pytest.mark.requirement("MEM-01")
        def test_marked(): pass
        """,
        marks="smoke",
    )

    assert run.results.run.selection == "-m smoke"
    assert list(run.verdicts) == ["test_marked"]


def test_nothing_selected_is_no_pass(certify: Certify) -> None:
    assert certify(expression="nonsense").exit_code == 3


def test_suite_that_cannot_be_collected(certify: Certify) -> None:
    run = certify("import nonsense")

    assert run.exit_code == 3
    assert "logs/pytest.log" in run.results.faults[0].what
    assert "No module named" in (run.out / "report.html").read_text()


def test_worker_killed(certify: Certify, left_behind: Path) -> None:
    run = certify(
        """
        @pytest.mark.requirement("MEM-01")
        def test_killed():
            leave_a_process()
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )

    assert run.exit_code == 3
    assert run.verdicts == {
        "test_memory": ("PASS", None),
        "test_exceptions": ("PASS", None),
        "test_killed": ("ERROR", "harness"),
    }
    assert_nothing_left(left_behind)


def test_pytest_killed(certify: Certify, left_behind: Path) -> None:
    run = certify(
        """
        @pytest.mark.requirement("MEM-01")
        def test_pytest_killed():
            leave_a_process()
            os.kill(os.getppid(), signal.SIGKILL)
            wait_for_the_end()

        @pytest.mark.requirement("MEM-02")
        def test_not_reached(): pass
        """,
        processes=1,
    )

    assert run.exit_code == 3
    assert "pytest was ended by signal 9" in [fault.what for fault in run.results.faults]
    assert run.verdicts["test_memory"] == ("PASS", None)
    assert run.verdicts["test_pytest_killed"] == ("ERROR", "harness")
    assert run.verdicts["test_not_reached"] == ("ERROR", "harness")
    assert (run.out / "report.html").exists()
    assert_nothing_left(left_behind)


def test_interrupted_by_a_person(certify: Certify, left_behind: Path) -> None:
    run = certify(
        """
        @pytest.mark.requirement("MEM-01")
        def test_interrupted():
            leave_a_process()
            os.kill(OWNER, signal.SIGINT)
            wait_for_the_end()
        """
    )

    assert run.exit_code == 3
    assert [fault.what for fault in run.results.faults] == ["interrupted by signal 2"]
    assert '"exit":2' in (run.out / "evidence" / "attempts-certify.jsonl").read_text(), "no orderly end"
    assert_nothing_left(left_behind)


def test_nothing_happens_any_more(
    certify: Certify, left_behind: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands.certify, "SILENCE_SECONDS", 5.0)
    run = certify(
        """
        @pytest.mark.requirement("MEM-01")
        def test_hangs():
            leave_a_process()
            wait_for_the_end()
        """,
        processes=1,
    )

    assert run.exit_code == 3
    assert "no evidence came for 5 s" in run.results.faults[0].what
    assert_nothing_left(left_behind)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--board", "nonsense"], 'no board named "nonsense"'),
        (["--image", "nonsense"], 'no image named "nonsense"'),
        (["--image", "tests/wrong/image-memory-of-neighbour.toml"], "is refused"),
        (["--board", "tests/wrong/board-key-misspelt.toml"], "unknown key"),
        (["-n", "0"], "-n"),
        (["-k", "and and"], "Wrong expression"),
        (["-m", "and and"], "Wrong expression"),
        (["--rounds", "0"], "--rounds"),
        (["--nonsense"], "No such option"),
    ],
)
def test_wrong_input_is_refused_before_anything_starts(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    answer = CliRunner().invoke(main, ["certify", "--out", str(out), *arguments])

    assert answer.exit_code == 2
    assert said in answer.output
    assert not out.exists()
