"""The client: every verb of the protocol has its method, and each sends what the protocol says."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import HarnessError, Misbehaved
from harness.probe import (
    Cost,
    Cpuid,
    Fault,
    Hello,
    Lag,
    MemoryRange,
    Pending,
    Probe,
    Ran,
    Record,
    Seen,
    Stray,
    Verified,
)
from tests.fakes import Bench
from tests.probe.fake_probe import FakeProbe

PROTOCOL = Path(__file__).parents[2] / "targets" / "probe" / "PROTOCOL.md"

WITHOUT_RESULT = {"halt", "hang", "sleep", "triple"}
"""Verbs that are only asked through `last`."""

R = "6 0 100012 8 202 9000 10 0 0 100010"
RECORD = Record(6, 0, 0x100012, 8, 0x202, 0x9000, 0x10, 0, 0, 0x100010)

CALLS: dict[str, tuple[Callable[[Probe], object], str, object]] = {
    "hello": (
        lambda p: p.hello(),
        "ok 1 linux 100000 8000 3f8 4",
        Hello(1, "linux", 0x100000, 0x8000, 0x3F8, 4),
    ),
    "echo x616200": (lambda p: p.echo(b"ab\0"), "ok x616200", b"ab\0"),
    "say x": (lambda p: p.say(b""), "ok", None),
    "load 4 fee00000": (lambda p: p.load(4, 0xFEE00000), "ok ffffffff", 0xFFFFFFFF),
    "store 8 1000 ff": (lambda p: p.store(8, 0x1000, 255), "ok", None),
    "fetch 1000": (lambda p: p.fetch(0x1000), "ok 1", 1),
    "peek 1000 2": (lambda p: p.peek(0x1000, 2), "ok x00ff", b"\0\xff"),
    "poke 1000 x00ff": (lambda p: p.poke(0x1000, b"\0\xff"), "ok", None),
    "fill 1000 2000 7 8": (lambda p: p.fill(0x1000, 0x2000, 7), "ok", None),
    "verify 1000 2000 7 1000": (
        lambda p: p.verify(0x1000, 0x2000, 7, 0x1000),
        "ok 1 1008",
        Verified(1, 0x1008),
    ),
    "map 1000 2000 1000 1": (lambda p: p.map(0x1000, 0x2000, 0x1000, 1), "ok", None),
    "e820": (
        lambda p: p.e820(),
        "ok 0 a0000 1 100000 3f00000 1",
        [MemoryRange(0, 0xA0000, 1), MemoryRange(0x100000, 0x3F00000, 1)],
    ),
    "in 1 60": (lambda p: p.in_(1, 0x60), "ok ff", 255),
    "out 1 80 a": (lambda p: p.out(1, 0x80, 10), "ok", None),
    "ins 2 1f0 2": (lambda p: p.ins(2, 0x1F0, 2), "ok xffffffff", b"\xff" * 4),
    "outs 1 80 x01": (lambda p: p.outs(1, 0x80, b"\1"), "ok", None),
    "rdmsr 1b": (lambda p: p.rdmsr(0x1B), "ok fee00900", 0xFEE00900),
    "wrmsr 1b 0": (lambda p: p.wrmsr(0x1B, 0), "ok", None),
    "cpuid 1 0": (lambda p: p.cpuid(1), "ok 1 2 3 4", Cpuid(1, 2, 3, 4)),
    "setcr 8 f": (lambda p: p.setcr(8, 15), "ok", None),
    "dr 1": (lambda p: p.dr(1), "ok 77", 0x77),
    "setdr 1 77": (lambda p: p.setdr(1, 0x77), "ok", None),
    "raise ud 3": (lambda p: p.raise_("ud", 3), f"ok {R}", RECORD),
    "nested ud de": (lambda p: p.nested("ud", "de"), f"ok {R} {R}", (RECORD, RECORD)),
    "claim 4 40 0": (lambda p: p.claim(4, 0x40), "ok 40", 0x40),
    "settle 40 3 e0000064 1": (lambda p: p.settle(0x40, 3, 0xE0000064, 1), "ok", None),
    "mask 4": (lambda p: p.mask(4), "ok 10040", 0x10040),
    "unmask 4": (lambda p: p.unmask(4), "ok 40", 0x40),
    "timer pit 40 4a9": (lambda p: p.timer("pit", 0x40, 1193), "ok", None),
    "await 40 a 3e8": (lambda p: p.await_(0x40, 10, 1000), "ok a", 10),
    "ipi 1000000 4041": (lambda p: p.ipi(1 << 24, 0x4041), "ok 41", 0x41),
    "seen 40": (lambda p: p.seen(0x40), f"ok 2 {R}", Seen(2, RECORD)),
    "stray": (lambda p: p.stray(), "ok 1 27", Stray(1, 0x27)),
    "forget": (lambda p: p.forget(), "ok", None),
    "lapic 20": (lambda p: p.lapic(0x20), "ok 0", 0),
    "lapic-set 80 0": (lambda p: p.lapic_set(0x80, 0), "ok", None),
    "ioapic 1": (lambda p: p.ioapic(1), "ok 170020", 0x170020),
    "ioapic-set 10 0": (lambda p: p.ioapic_set(0x10, 0), "ok", None),
    "spin 3e8": (lambda p: p.spin(1000), "ok", None),
    "doze 3e8": (lambda p: p.doze(1000), "ok", None),
    "storm ud a": (lambda p: p.storm("ud", 10), "ok a", 10),
    "cost cpuid a 0": (lambda p: p.cost("cpuid", 10), "ok 5dc a", Cost(1500, 10, 10)),
    "lag 40 3e8": (lambda p: p.lag(64, 1000), "ok 64 32", Lag(100, 50)),
    "sum avx a": (lambda p: p.sum("avx", 10), "ok ff", 255),
    "run 5 x6c73": (lambda p: p.run(5, "ls"), "ok 3 x00ff", Ran(3, b"\0\xff")),
}


def ask(logs: Path, call: Callable[[Probe], object], answer: str) -> tuple[list[str], object]:
    bench = Bench(logs)
    console = bench.console("com1")
    far = FakeProbe(bench.streams["com1"], dict.fromkeys(verbs_of_the_protocol(), answer))
    result = call(Probe(console, bench.clock, "a"))
    return far.done, result.result() if isinstance(result, Pending) else result


def verbs_of_the_protocol() -> set[str]:
    """The verbs in the tables and in the list of ends."""
    text = PROTOCOL.read_text().split("\n## Verbs", 1)[1]
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    ends = text.split("### Ends", 1)[1].split("To be used", 1)[0]
    return {verb for part in (*rows, ends) for verb in re.findall(r"`([a-z][a-z0-9-]*)", part)} - {
        "cli",
        "sti",
    }


def test_every_verb_has_its_method() -> None:
    wanted = verbs_of_the_protocol() - WITHOUT_RESULT
    methods = {
        name.rstrip("_").replace("_", "-") for name, _ in inspect.getmembers(Probe, inspect.isfunction)
    }

    assert len(wanted) > 40
    assert wanted <= methods


def test_every_verb_is_called_here() -> None:
    called = {request.split()[0] for request in CALLS}

    assert verbs_of_the_protocol() - WITHOUT_RESULT - called == {"regs", "watch", "last"}


@pytest.mark.parametrize("request_text", CALLS)
def test_call_and_result(tmp_path: Path, request_text: str) -> None:
    call, answer, expected = CALLS[request_text]

    assert ask(tmp_path, call, answer) == ([request_text], expected)


class TestFault:
    def test_is_an_answer_where_the_machine_may_refuse(self, tmp_path: Path) -> None:
        assert ask(tmp_path, lambda p: p.load(4, 0), f"fault {R}")[1] == Fault(RECORD)

    def test_is_misbehaviour_elsewhere(self, tmp_path: Path) -> None:
        with pytest.raises(Misbehaved, match="asked `cpuid 0 0`, raised exception 6"):
            ask(tmp_path, lambda p: p.cpuid(0), f"fault {R}")


class TestMistakes:
    def test_bad_is_ours(self, tmp_path: Path) -> None:
        with pytest.raises(HarnessError, match="asked `raise ac 0`, was refused: bad range"):
            ask(tmp_path, lambda p: p.raise_("ac", 0), "bad range")

    @pytest.mark.parametrize("answer", ["ok", "ok 1 2", "ok wrong", "ok x00"])
    def test_an_answer_of_another_form_is_named(self, tmp_path: Path, answer: str) -> None:
        with pytest.raises(HarnessError, match=f"asked `load 4 0`, was answered by `{answer}`"):
            ask(tmp_path, lambda p: p.load(4, 0), answer)

    def test_octets_without_their_sign_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(HarnessError, match="a byte string begins with x"):
            ask(tmp_path, lambda p: p.echo(b"a"), "ok 616")

    @pytest.mark.parametrize("answer", ["ok 0 a0000", "ok 0 a0000 1 2"])
    def test_half_an_entry_of_the_memory_map_is_refused(self, tmp_path: Path, answer: str) -> None:
        with pytest.raises(HarnessError, match="another form"):
            ask(tmp_path, lambda p: p.e820(), answer)


class TestRecord:
    def test_offset_is_free_of_where_the_probe_lies(self) -> None:
        assert RECORD.rip_offset == 2


class TestCost:
    def test_is_what_one_run_adds(self) -> None:
        assert Cost(ticks=1500, empty=100, runs=10).per_run == 140
