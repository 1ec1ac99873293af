"""What results say beside verdicts: measurements, provenance, files, how the run was made."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.catalogue import load_catalogue
from harness.judge import judge
from harness.records import parse
from harness.results import Results

CATALOGUE = load_catalogue(Path(__file__).parent / "golden" / "requirements.toml")
TIME = "2026-01-01T00:00:00Z"


def write(directory: Path, worker: str, *lines: dict[str, Any]) -> None:
    evidence = directory / "evidence"
    evidence.mkdir(exist_ok=True)
    content = "".join(json.dumps(line) + "\n" for line in lines)
    (evidence / f"attempts-{worker}.jsonl").write_text(content)


def begin(test: str, image: str = "twin") -> dict[str, Any]:
    head = {"type": "begin", "test": test, "requirements": ["MEM-01"], "image": image, "board": "q35"}
    return head | {"time": TIME, "worker": "gw0"}


def end(test: str, seconds: float = 1.0, logs: str | None = None) -> dict[str, Any]:
    return {"type": "end", "test": test, "verdict": "PASS", "phase": "call", "seconds": seconds, "logs": logs}


def measure(test: str, value: float, partition: str | None) -> dict[str, Any]:
    named = {"type": "measure", "test": test, "name": "cost.cpuid", "unit": "instructions"}
    return named | {"value": value, "partition": partition}


def test_measurements_know_where_they_come_from(tmp_path: Path) -> None:
    lines = [begin("m::a"), measure("m::a", 93, "b"), measure("m::a", 1.5, "bare"), end("m::a")]
    write(tmp_path, "gw0", *lines)

    found = judge(tmp_path, CATALOGUE).measurements

    assert [(m.image, m.board, m.partition, m.name, m.value, m.unit) for m in found] == [
        ("twin", "q35", "b", "cost.cpuid", 93, "instructions"),
        ("twin", "q35", "bare", "cost.cpuid", 1.5, "instructions"),
    ]
    assert isinstance(found[0].value, int)


def test_files_are_listed_with_their_test(tmp_path: Path) -> None:
    logs = tmp_path / "logs" / "a"
    logs.mkdir(parents=True)
    (logs / "console-com4.log").write_text("x")
    (logs / "probe-a.txt").write_text("y")
    write(tmp_path, "gw0", begin("m::a"), end("m::a", logs="logs/a"))

    (test,) = judge(tmp_path, CATALOGUE).tests

    assert (test.logs, test.files) == ("logs/a", ("console-com4.log", "probe-a.txt"))


def test_a_killed_test_keeps_its_files(tmp_path: Path) -> None:
    """Its `end`, which would name them, was never written."""
    logs = tmp_path / "logs" / "memory_test_base-test_own_twin_"
    logs = logs.with_name("memory_test_base-test_own_twin")
    logs.mkdir(parents=True)
    (logs / "qemu.log").write_text("x")
    write(tmp_path, "gw0", begin("suites/memory/test_base.py::test_own[twin]"))

    (test,) = judge(tmp_path, CATALOGUE).tests

    assert test.files == ("qemu.log",)


def test_logs_outside_the_directory_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.txt").write_text("x")
    inner = tmp_path / "run"
    inner.mkdir()
    write(inner, "gw0", begin("m::a"), end("m::a", logs="../secret"))

    (test,) = judge(inner, CATALOGUE).tests

    assert (test.logs, test.files) == (None, ())


def test_run_is_told_by_the_command_that_led_it(tmp_path: Path) -> None:
    session = {"type": "session", "pid": 1, "time": TIME}
    write(tmp_path, "gw0", session | {"worker": "gw0", "argv": ["pytest"]}, begin("m::a"), end("m::a", 0.5))
    write(tmp_path, "gw1", begin("m::b"), end("m::b", 1.5), begin("m::c"), end("m::c", 0.75))
    certify = session | {"worker": "certify", "argv": ["./mrm", "certify"], "selection": "-k x"}
    write(tmp_path, "certify", certify, {"type": "closed", "worker": "certify", "exit": 0, "seconds": 9})

    run = judge(tmp_path, CATALOGUE).run

    assert run.command == ("./mrm", "certify")
    assert (run.selection, run.seconds, run.median_seconds) == ("-k x", 9, 0.75)


def test_provenance_is_taken_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, "gw0", begin("m::a"), end("m::a"))
    (tmp_path / "evidence" / "provenance-session.json").write_text('{"commit": "abc", "files": {"x": null}}')
    (tmp_path / "evidence" / "provenance-torn.json").write_text('{"commit": ')

    results = judge(tmp_path, CATALOGUE)

    assert results.provenance == {"session": {"commit": "abc", "files": {"x": None}}}
    assert ["provenance-torn.json" in fault.what for fault in results.faults] == [True]


def test_a_directory_without_evidence_asked_nothing(tmp_path: Path) -> None:
    assert judge(tmp_path, CATALOGUE).outcome.exit_code == 3


def test_schema_can_be_exported() -> None:
    schema = Results.model_json_schema(mode="serialization")

    assert schema["properties"]["schema"]["const"] == "mrm-results/1"
    assert set(schema["required"]) >= {"outcome", "requirements", "tests", "measurements", "provenance"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"type":"end","test":"t","verdict":"ERROR","phase":"call","seconds":1}', "blame"),
        ('{"type":"end","test":"t","verdict":"PASS","blame":"infra","phase":"call","seconds":1}', "blame"),
        ('{"type":"end","test":"t","verdict":"SKIP","phase":"call","seconds":1}', "condition"),
        ('{"type":"end","test":"t","verdict":"NOT TESTED","phase":"call","seconds":1}', "was tested"),
        ('{"type":"measure","test":"t","name":"n","value":NaN,"unit":"u"}', "value"),
        ('{"type":"planned","tests":[],"extra":1}', "extra"),
        ('{"type":"boast"}', "type|tag"),
        ("[]", "object|dictionary"),
        ("", "JSON|EOF"),
    ],
)
def test_what_is_no_record_is_refused(line: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(line.encode())
