"""JUnit's XML, for CI: FAIL and CRASH are failures, ERROR is an error, SKIP is skipped.

The shape is the one that Jenkins, GitLab and others read: `testsuites/testsuite/testcase`. The ids of
requirements are properties of a test case. One more suite, `mrm`, holds the run as a whole, so that a run
that could not ask is never green.
"""

import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable

from harness.results import Outcome, Results, TestResult
from harness.verdict import Verdict
from reports.visible import first_line, visible

MESSAGE_CHARACTERS = 300
_ELEMENT = {
    Verdict.SKIP: "skipped",
    Verdict.ERROR: "error",
    Verdict.FAIL: "failure",
    Verdict.CRASH: "failure",
}


def render_junit(results: Results) -> str:
    """Returns the content of `junit.xml`."""
    modules: dict[str, list[TestResult]] = defaultdict(list)
    for test in results.tests:
        modules[test.test.partition("::")[0]].append(test)
    suites = [_suite(_dotted(module), map(_case, tests), results) for module, tests in modules.items()]
    root = ET.Element("testsuites", name="mrm")
    root.extend([*suites, _suite("mrm", [_run(results)], results)])
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(name: str, cases: Iterable[ET.Element], results: Results) -> ET.Element:
    suite = ET.Element("testsuite", name=name)
    suite.extend(cases)
    suite.set("tests", str(len(suite)))
    for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{element}"))))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in suite):.3f}")
    if results.run.began is not None:
        suite.set("timestamp", results.run.began.strftime("%Y-%m-%dT%H:%M:%S"))
    return suite


def _case(test: TestResult) -> ET.Element:
    module, _, name = test.test.partition("::")
    case = ET.Element(
        "testcase", classname=_dotted(module), name=visible(name or module), time=f"{test.seconds:.3f}"
    )
    properties = ET.SubElement(case, "properties")
    for requirement in test.requirements:
        ET.SubElement(properties, "property", name="requirement", value=visible(requirement))
    ET.SubElement(properties, "property", name="verdict", value=test.verdict.value)
    if test.verdict in _ELEMENT:
        _say(case, _ELEMENT[test.verdict], _type(test), test.condition or test.reason)
    if test.logs is not None:
        ET.SubElement(case, "system-out").text = visible("\n".join([test.logs, *test.files]))
    return case


def _type(test: TestResult) -> str:
    return f"{test.verdict.value} {test.blame.value}" if test.blame else test.verdict.value


def _run(results: Results) -> ET.Element:
    """The run as a whole is an error if it could not ask; what it found is in the tests."""
    case = ET.Element("testcase", classname="mrm", name="the run as a whole", time="0.000")
    if results.outcome is Outcome.COULD_NOT_ASK:
        faults = [f"{fault.what} ({fault.blame.value})" for fault in results.faults]
        _say(case, "error", results.outcome.value, "\n".join([results.why, *faults]))
    return case


def _say(case: ET.Element, element: str, kind: str, reason: str) -> None:
    message = first_line(reason, MESSAGE_CHARACTERS)
    ET.SubElement(case, element, type=kind, message=message).text = visible(reason)


def _dotted(module: str) -> str:
    return visible(module.removesuffix(".py").replace("/", "."))
