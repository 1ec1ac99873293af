"""JUnit's XML has the shape that CI servers read, and counts what the results count."""

import xml.etree.ElementTree as ET
from pathlib import Path

from harness.catalogue import load_catalogue
from harness.judge import judge
from reports.junit import render_junit
from tests.reporting.conftest import Judged, ended

GOLDEN = Path(__file__).parents[1] / "judging" / "golden"

# Elements, what each may hold and which attributes it must and may have: Jenkins' junit-10.xsd and Surefire's
# report schema, as far as both agree, and the properties of a test case that pytest writes and Jenkins reads.
SHAPE: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"testsuite"}, set(), {"name", "tests", "failures", "errors", "skipped", "time"}),
    "testsuite": (
        {"properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"},
        {"skipped", "time", "timestamp", "hostname"},
    ),
    "testcase": (
        {"properties", "skipped", "error", "failure", "system-out", "system-err"},
        {"name", "classname"},
        {"time"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "skipped": (set(), set(), {"message", "type"}),
    "error": (set(), {"type"}, {"message"}),
    "failure": (set(), {"type"}, {"message"}),
    "system-out": (set(), set(), set()),
    "system-err": (set(), set(), set()),
}


def check_shape(element: ET.Element) -> None:
    children, must, may = SHAPE[element.tag]

    assert must <= set(element.attrib) <= must | may, element.tag
    for child in element:
        assert child.tag in children, f"{child.tag} in {element.tag}"
        check_shape(child)


ENDS = {
    "suites/a/test_x.py::test_pass[i-a]": ended("PASS"),
    "suites/a/test_x.py::test_skip": ended("SKIP"),
    "suites/a/test_x.py::test_fail": ended("FAIL", "first line\nsecond \x1b[31m line ]]> <b>"),
    "suites/b/test_y.py::TestZ::test_crash": ended("CRASH", "silence"),
    "suites/b/test_y.py::test_error": ended("ERROR", "no QEMU"),
}


def test_shape(judged: Judged) -> None:
    root = ET.fromstring(render_junit(judged(ENDS, {"console.log": b"x"})))

    check_shape(root)


def test_verdicts_have_their_classes(judged: Judged) -> None:
    root = ET.fromstring(render_junit(judged(ENDS)))
    classes = {
        case.get("name"): [child.tag for child in case if child.tag not in ("properties", "system-out")]
        for case in root.iter("testcase")
    }

    assert classes == {
        "test_pass[i-a]": [],
        "test_skip": ["skipped"],
        "test_fail": ["failure"],
        "TestZ::test_crash": ["failure"],
        "test_error": ["error"],
        "the run as a whole": [],
    }


def test_counts_agree(judged: Judged) -> None:
    results = judged(ENDS)
    root = ET.fromstring(render_junit(results))
    counts = {verdict.value: number for verdict, number in results.test_counts.items()}

    assert int(root.get("tests", "")) == len(results.tests) + 1
    assert int(root.get("failures", "")) == counts["FAIL"] + counts["CRASH"] == 2
    assert int(root.get("errors", "")) == counts["ERROR"] == 1
    assert int(root.get("skipped", "")) == counts["SKIP"] == 1
    for suite in root:
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))


def test_a_case_says_what_it_asked_and_why_it_failed(judged: Judged) -> None:
    root = ET.fromstring(render_junit(judged(ENDS)))
    (case,) = [case for case in root.iter("testcase") if case.get("name") == "test_fail"]
    properties = [(item.get("name"), item.get("value")) for item in case.iter("property")]
    failure = case.find("failure")

    assert properties == [("requirement", "EXC-01"), ("requirement", "MEM-01"), ("verdict", "FAIL")]
    assert case.get("classname") == "suites.a.test_x"
    assert failure is not None
    assert failure.get("message") == "first line"
    assert failure.text == "first line\nsecond \\x1b[31m line ]]> <b>"


def test_a_run_that_could_not_ask_is_never_green() -> None:
    for case in ("nothing", "not-narrowed", "not-closed"):
        results = judge(GOLDEN / case, load_catalogue(GOLDEN / "requirements.toml"))
        root = ET.fromstring(render_junit(results))

        assert root.get("errors") == "1", case
        check_shape(root)
