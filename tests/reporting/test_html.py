"""The page: safe with hostile input, self-contained, and enough to understand a failure from."""

import re
import tempfile
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.results import Results
from reports.html import MAX_EXCERPTED, render_html
from tests.reporting.conftest import Judged, ended, judge_these

VOID = {"meta", "col", "br"}


class Page(HTMLParser):
    """Takes a page apart as a browser does."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.text += " " if tag in ("td", "th", "a", "p") else ""

    def handle_data(self, data: str) -> None:
        self.text += data


def page(results: Results, directory: Path) -> Page:
    return Page(render_html(results, directory))


HOSTILE = (
    b"</pre></article><script>alert(1)</script><img src=x onerror=alert(1)>\n"
    b"\x1b]0;title\x07\x1b[2J{{ 7 * 7 }} {% raw %} &lt; &#60; ]]> <!-- \"' \xff\xfe \xe2\x80\xae\n"
)
TAGS_OF_OURS = {
    *("html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "h4", "p", "dl", "div"),
    *("dt", "dd", "b", "span", "i", "nav", "a", "table", "colgroup", "col", "tr", "th", "td", "code", "pre"),
    *("details", "summary", "ul", "li", "article", "br"),
}


def test_hostile_console_is_text_and_nothing_else(judged: Judged, tmp_path: Path) -> None:
    logs = {"console-com1.log": HOSTILE, "probe-a.txt": HOSTILE}
    ends = {
        f"<b>m</b>::{name}": ended(name, HOSTILE.decode("latin-1")) for name in ("FAIL", "CRASH", "ERROR")
    }
    found = page(judged(ends, logs), tmp_path)

    assert set(found.tags) <= TAGS_OF_OURS
    assert found.open == []
    assert "<script>alert(1)</script>" in found.text
    assert r"\x1b]0;title\x07\x1b[2J{{ 7 * 7 }} {% raw %} &lt; &#60;" in found.text
    assert r"\u202e" in found.text
    assert not [name for name, _ in found.attributes if name.startswith("on") or name == "src"]


@settings(max_examples=30)
@given(st.binary(max_size=300))
def test_any_console_leaves_the_page_whole(console: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        results = judge_these(
            Path(directory), {"m::a": ended("FAIL", "x")}, {"c.log": console + b"<script>\n"}
        )
        found = page(results, Path(directory))

    assert set(found.tags) <= TAGS_OF_OURS
    assert found.open == []


def test_nothing_is_fetched_and_no_script_runs(judged: Judged, tmp_path: Path) -> None:
    text = render_html(judged({"m::a": ended("FAIL", "x")}, {"a.log": b"http://example.org\n"}), tmp_path)
    found = Page(text)

    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in found.attributes
    assert "script" not in found.tags
    assert "link" not in found.tags
    assert not re.search(r"@import|url\(", text)
    links = [value or "" for name, value in found.attributes if name == "href"]
    assert links
    assert not [link for link in links if ":" in link.partition("/")[0] or link.startswith("/")]


def test_a_failure_is_told_in_full(judged: Judged, tmp_path: Path) -> None:
    reason = "controller panic on com4: mrmc: panic: exit 0x7b\nnothing answers any more"
    logs = {
        "console-com4.log": b"mrmc: ready\r\nmrmc: panic: exit 0x7b\r\n",
        "probe-a.txt": b">00 load 8 0\n<00 ok 0\n",
        "trace.txt": b"12 BROKEN exit 0x7b\n",
    }
    end = ended("CRASH", reason, last_step="partition a: load sent")
    text = render_html(judged({"suites/m.py::test_x[twin-probes-a]": end}, logs), tmp_path)
    found = Page(text)

    for said in (
        *(
            "Not conformant",
            "suites/m.py::test_x[twin-probes-a]",
            reason,
            "Last step reached: partition a: load sent",
        ),
        *("MEM-01", "One.", "§3.3(1)", "mrmc: ready", ">00 load 8 0", "12 BROKEN exit 0x7b"),
        ".venv/bin/pytest 'suites/m.py::test_x[twin-probes-a]' --board qemu-q35 --image twin-probes",
    ):
        assert said in found.text
    assert '<span class="hit">mrmc: panic: exit 0x7b</span>' in text


def test_blame_is_told_with_an_error(judged: Judged, tmp_path: Path) -> None:
    assert "blame: infra" in page(judged({"m::a": ended("ERROR", "x")}), tmp_path).text


def test_failures_alike_without_logs_share_a_place(judged: Judged, tmp_path: Path) -> None:
    ends = {f"m::t{number}": ended("ERROR", "not reached") for number in range(9)}
    text = render_html(judged(ends), tmp_path)

    assert text.count("<article") == 1
    assert "9 tests" in text


def test_logs_are_shown_for_so_many_failures_only(judged: Judged, tmp_path: Path) -> None:
    ends = {f"m::t{number:03}": ended("FAIL", "x") for number in range(MAX_EXCERPTED + 5)}
    text = render_html(judged(ends, {"a.log": b"a line\n"}), tmp_path)

    assert text.count("<article") == MAX_EXCERPTED + 5
    assert text.count('<pre class="log">') == MAX_EXCERPTED
    assert f"Logs are shown for the first {MAX_EXCERPTED} only" in text


def test_a_log_that_the_reason_names_is_shown_too(judged: Judged, tmp_path: Path) -> None:
    bare = tmp_path / "logs" / "bare"
    bare.mkdir(parents=True)
    (bare / "console-com1.log").write_text("the bare machine said this\n")
    (tmp_path.parent / "secret.log").write_text("secret\n")
    reason = "silence\nlook at logs/bare/console-com1.log, logs/../../secret.log, logs/bare/nothing.log"
    found = page(judged({"m::a": ended("CRASH", reason)}), tmp_path)

    assert "the bare machine said this" in found.text
    assert "secret\n" not in found.text


def test_binary_files_are_not_shown(judged: Judged, tmp_path: Path) -> None:
    text = render_html(judged({"m::a": ended("FAIL", "x")}, {"block.bin": b"BINARY"}), tmp_path)

    assert "BINARY" not in text


def test_counts_are_those_of_the_results(judged: Judged, tmp_path: Path) -> None:
    ends = {"m::a": ended("PASS"), "m::b": ended("SKIP"), "m::c": ended("FAIL", "x")}
    text = " ".join(page(judged(ends), tmp_path).text.split())

    assert "5 requirements = 0 PASS 0 SKIP 0 ERROR 2 FAIL 0 CRASH 3 NOT TESTED" in text
    assert "3 tests = 1 PASS 1 SKIP 0 ERROR 1 FAIL 0 CRASH 0 NOT TESTED" in text


def test_costs_have_a_column_for_each_partition_and_the_bare_machine_last(
    judged: Judged, tmp_path: Path
) -> None:
    measures = [
        {"name": "cost.cpuid", "value": value, "unit": "instructions", "partition": partition}
        for value, partition in ((93, "b"), (1, "bare"), (92, "a"), (94, "b"), (0.5, "zed"))
    ]
    text = " ".join(page(judged({"m::a": ended("PASS")}, measures=measures), tmp_path).text.split())

    assert "a b zed bare unit" in text
    assert "cost.cpuid 92 93 – 94 0.50 1 instructions" in text
