"""Is every form of power-off and reset recognised, and nothing else taken for one? Paper §3.3(3)."""

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from harness.image.block import CFG
from suites.core.plans import TWINS, Computer, Plan
from suites.core.rules import power_ports
from suites.core.strategies import ports, sizes, words

BOARDS = {
    "pc": TWINS,
    "pm1b": TWINS.with_computer(pm1b_event=0x700, pm1b_control=0x704, reset=(0x70F, 0x42)),
    "bare": TWINS.with_computer(
        flags=0, pm1a_event=0, pm1a_control=0, pm_timer=0, smi_command=0, reset=(0, 0)
    ),
}
SLP_EN_BYTE, SCI_EN = 0x20, 1
CAUSES = (
    "soft-off",
    "reset-register",
    "reset-cf9",
    "reset-i8042",
    "reset-port92",
    "triple-fault",
    "operator",
)


@dataclass
class Registers:
    """What a PC's power registers make of single bytes, from ACPI 6.5 §4.8 and the chip sets' data sheets."""

    computer: Computer
    output_next: bool = False

    def write(self, port: int, value: int) -> str:
        computer, flags = self.computer, self.computer.flags
        controls = [block for block in (computer.pm1a_control, computer.pm1b_control) if block]
        output, self.output_next = self.output_next, self.output_next and port not in (0x60, 0x64)
        if any(port == block + 1 for block in controls):
            return "soft-off" if value & SLP_EN_BYTE else "none"
        if computer.reset[0] and (port, value) == computer.reset:
            return "reset-register"
        if port == 0xCF9 and flags & CFG["MACHINE_CF9"]:
            return "reset-cf9" if value & 4 else "none"
        if port == 0x92 and flags & CFG["MACHINE_PORT92"]:
            return "reset-port92" if value & 1 else "none"
        if port == 0x60 and flags & CFG["MACHINE_I8042"]:
            return "reset-i8042" if output and not value & 1 else "none"
        if port == 0x64 and flags & CFG["MACHINE_I8042"]:
            self.output_next = value == 0xD1
            return "reset-i8042" if value >= 0xF0 and not value & 1 else "none"
        return "none"


@pytest.mark.requirement("CORE-06")
@pytest.mark.parametrize("board", BOARDS)
def test_is_each_byte_taken_for_what_it_is(board: str) -> None:
    """Every value to every port that power simulates, its neighbours, and others."""
    plan = BOARDS[board]
    near = {port for piece in power_ports(plan.computer) for port in range(piece.start - 4, piece.stop + 4)}
    core = plan.core()
    for port, value in product(near | {0, 0x70, 0x80, 0x3F8, 0xFFFF}, range(256)):
        core.reset(0)
        expected = Registers(plan.computer).write(port, value)

        assert core.power_write(0, port, 1, value) == expected, hex(port)


@pytest.mark.requirement("CORE-06")
@given(st.sampled_from(sorted(BOARDS)), st.lists(st.tuples(ports, sizes, words), min_size=1, max_size=8))
def test_are_wider_and_crooked_writes_the_bytes_they_cover(
    board: str, writes: list[tuple[int, int, int]]
) -> None:
    plan = BOARDS[board]
    core, registers = plan.core(), Registers(plan.computer)
    for port, size, value in writes:
        causes = [registers.write(port + at, value >> at * 8 & 0xFF) for at in range(size)]
        expected = next((cause for cause in causes if cause != "none"), "none")

        assert core.power_write(0, port, size, value) == expected


@pytest.mark.requirement("CORE-06")
@pytest.mark.parametrize("kind", range(8))
@pytest.mark.parametrize(
    ("port", "size", "shift"), [(0x604, 2, 0), (0x605, 1, -8), (0x602, 4, 16), (0x604, 4, 0)]
)
def test_is_every_sleep_state_a_soft_off(kind: int, port: int, size: int, shift: int) -> None:
    control = 0x2001 | kind << 10
    value = control << shift if shift >= 0 else control >> -shift

    assert TWINS.core().power_write(0, port, size, value) == "soft-off"
    assert (
        TWINS.core().power_write(0, port, size, value & ~(0x2000 << shift if shift >= 0 else 0x20)) == "none"
    )


@pytest.mark.requirement("CORE-06")
@pytest.mark.parametrize("board", BOARDS)
def test_which_ports_are_powers(board: str) -> None:
    core = BOARDS[board].core()
    own = {port for piece in power_ports(BOARDS[board].computer) for port in piece}

    assert {port for port in range(0x10000) if core.power_port(port)} == own


@pytest.mark.requirement("CORE-06")
def test_do_the_pseudo_registers_read_as_a_pc_that_nobody_touched() -> None:
    core = TWINS.core()

    assert core.power_read(0, 0x600, 4) == 0  # no event ever, none enabled
    assert core.power_read(0, 0x604, 2) == SCI_EN
    assert core.power_read(0, 0x64, 1) & 3 == 0  # both buffers empty: nobody waits for it
    assert core.power_read(0, 0x92, 1) == 2  # address line 20 is on
    assert core.power_read(0, 0xCF9, 1) == 0
    assert core.power_read(0, 0xB1, 4) == 0xFFFF00FF  # its neighbours are nobody's


@pytest.mark.requirement("CORE-06")
def test_do_the_pseudo_registers_keep_what_is_written() -> None:
    core = TWINS.core()
    core.power_write(0, 0x602, 2, 0x0120)
    core.power_write(0, 0x604, 2, 0x1C06)
    core.power_write(0, 0xCF9, 1, 0x02)

    assert core.power_read(0, 0x602, 2) == 0x0120
    assert core.power_read(0, 0x604, 2) == 0x1C02 | SCI_EN  # GBL_RLS is write-only
    assert core.power_read(0, 0xCF9, 1) == 0x02
    assert core.power_read(1, 0x604, 2) == SCI_EN  # the other one has its own
    core.reset(0)
    assert core.power_read(0, 0x604, 2) == SCI_EN


@pytest.mark.requirement("CORE-06")
def test_is_the_output_port_a_reset_by_two_writes_only() -> None:
    core = TWINS.core()

    assert core.power_write(0, 0x60, 1, 0xFE) == "none"
    assert core.power_write(0, 0x64, 1, 0xD1) == "none"
    assert core.power_write(1, 0x60, 1, 0xFE) == "none"  # the other one's command is not this one's
    assert core.power_write(0, 0x60, 1, 0xDF) == "none"  # address line 20, reset left alone
    assert core.power_write(0, 0x60, 1, 0xDE) == "none"
    assert core.power_write(0, 0x64, 1, 0xD1) == "none"
    assert core.power_write(0, 0x60, 1, 0xDE) == "reset-i8042"


class Lives(RuleBasedStateMachine):
    """Partitions start and end in any order, by any cause; the machine goes off only with the last one."""

    @initialize(
        rights=st.lists(st.booleans(), min_size=3, max_size=3), policies=st.tuples(*[st.integers(0, 1)] * 2)
    )
    def begin(self, rights: list[bool], policies: tuple[int, int]) -> None:
        part = TWINS.parts[1]
        self.on_reset, self.on_crash = policies
        self.lights = [CFG["RIGHT_LAST_LIGHT"] if right else 0 for right in rights]
        names = ("one", "two", "three")
        self.core = Plan(
            tuple(
                type(part)(
                    name=names[index],
                    memory=((0x10000000 + index * 0x1000000,) * 2 + (0x1000000,),),
                    processors=(index,),
                    rights=self.lights[index],
                    on_reset=self.on_reset,
                    on_crash=self.on_crash,
                )
                for index in range(3)
            )
        ).core()
        self.running: set[int] = set()

    @rule(partition=st.integers(0, 2))
    def start(self, partition: int) -> None:
        self.core.started(partition)
        self.running.add(partition)

    @rule(partition=st.integers(0, 2), cause=st.sampled_from(CAUSES))
    def end(self, partition: int, cause: str) -> None:
        decision = self.core.end(partition, cause)

        assert decision == self._expected(partition, cause)

    def _expected(self, partition: int, cause: str) -> str:
        policy = (
            self.on_crash if cause == "triple-fault" else self.on_reset if "reset" in cause else CFG["STOP"]
        )
        if policy == CFG["RESTART"]:
            return "restart"
        was_running = partition in self.running
        self.running.discard(partition)
        last = was_running and not self.running
        return "machine-off" if last and self.lights[partition] and cause != "operator" else "stop"

    @rule(partition=st.integers(0, 2))
    def forget(self, partition: int) -> None:
        self.core.reset(partition)

    @invariant()
    def runs_who_should(self) -> None:
        if hasattr(self, "running"):
            assert {p for p in range(3) if self.core.running(p)} == self.running


@pytest.mark.requirement("CORE-06")
def test_does_the_machine_go_off_only_with_the_last_partition() -> None:
    run_state_machine_as_test(Lives, settings=settings(max_examples=100, stateful_step_count=20))


@pytest.mark.requirement("CORE-06")
def test_is_no_other_word_a_cause() -> None:
    for word in ("none", "", "soft-of", "unknown"):
        with pytest.raises(ValueError, match="not a cause"):
            TWINS.core().end(0, word)
