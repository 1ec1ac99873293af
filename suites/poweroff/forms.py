"""The forms in which software switches a PC off or resets it: ACPI 6.5 §4.8, ICH9 and 8042 datasheets.

A form is some accesses, one after the other. Which of them really take a board down is not written here:
the bare machine says so (`takes_the_machine_down`).
"""

from collections.abc import Iterator

from fixtures.bare import Twin
from harness.deadline import Deadline
from harness.errors import MachineCrash, Silence
from harness.image import Board
from harness.machine import Run
from harness.probe import Probe
from harness.probe.wire import Argument

Step = tuple[Argument, ...]
Form = tuple[Step, ...]

SLP_EN = 1 << 13
SLP_TYP = range(8)
ANSWER_SECONDS = 10.0
LOOK_SECONDS = 0.2
"""How often to look whether a machine that says nothing has gone to sleep."""


def out(width: int, port: int, *values: int) -> Form:
    return tuple(("out", width, port, value) for value in values)


def outs(width: int, port: int, *values: int) -> Form:
    """One repeated instruction that writes all values."""
    return (("outs", width, port, b"".join(value.to_bytes(width, "little") for value in values)),)


def soft_off(board: Board) -> dict[str, list[Form]]:
    """SLP_EN in PM1a_CNT, by every way that a processor has to write there."""
    found: dict[str, list[Form]] = {}
    off = board.power.soft_off
    for name, port in (("pm1a", board.power.pm1a_control), ("pm1b", board.power.pm1b_control)):
        if port:
            found[f"{name}-every-sleep-type"] = [out(2, port, SLP_EN | kind << 10) for kind in SLP_TYP]
            found[f"{name}-every-width"] = [
                out(2, port, off),
                out(4, port, off),
                out(1, port + 1, off >> 8),
                out(1, port, off & 0xFF) + out(1, port + 1, off >> 8),
                out(4, port - 2, off << 16),
            ]
            found[f"{name}-after-type"] = [out(2, port, off & ~SLP_EN, off)]
            found[f"{name}-string"] = [outs(2, port, off), outs(2, port, 1, off), outs(1, port + 1, off >> 8)]
    return found


def resets(board: Board) -> dict[str, list[Form]]:
    """Every register of the board that resets it."""
    found: dict[str, list[Form]] = {}
    if board.power.reset_register is not None:
        register = board.power.reset_register
        found["reset-register"] = [out(1, register.port, register.value)]
    if board.power.cf9:
        found["cf9"] = [out(1, 0xCF9, 0x06), out(1, 0xCF9, 0x0E), out(1, 0xCF9, 0x02, 0x06)]
        found["cf9-string"] = [outs(1, 0xCF9, 0x06), outs(1, 0xCF9, 0x02, 0x06)]
    if board.power.i8042:
        found["i8042-reset-command"] = [out(1, 0x64, 0xFE)]
        found["i8042-pulses"] = [out(1, 0x64, command) for command in (0xF0, 0xF6, 0xFC)]
        found["i8042-output-port"] = [out(1, 0x64, 0xD1) + out(1, 0x60, value) for value in (0x00, 0xFE)]
        found["i8042-string"] = [outs(1, 0x64, 0xFE)]
    if board.power.port92:
        found["port92"] = [out(1, 0x92, 0x01), out(1, 0x92, 0x03)]
    return found


def harmless(board: Board) -> Iterator[Form]:
    """Accesses to the same registers that ask for no power-off and no reset."""
    if board.power.pm1a_control:
        yield out(2, board.power.pm1a_control, board.power.soft_off & ~SLP_EN)
    if board.power.cf9:
        yield out(1, 0xCF9, 0x02, 0x00)
    if board.power.i8042:
        yield out(1, 0x64, 0xFF)  # pulses no line
        yield out(1, 0x64, 0xD1) + out(1, 0x60, 0x03)  # the output port, with the reset line high
    if board.power.port92:
        yield out(1, 0x92, 0x02)  # A20 alone
    if board.pci.mechanism1:
        yield out(4, 0xCF8, 0x80000600)  # covers 0xCF9, and is a PCI configuration address


def perform(probe: Probe, form: Form) -> None:
    """Does what the form says. The probe may not come back from the last step."""
    *first, last = form
    for step in first:
        probe.ask(*_call(step))
    probe.last(*_call(last))


def takes_the_machine_down(twin: Twin, form: Form) -> bool:
    """Whether the bare machine is off, asleep, or was reset, after this."""
    perform(twin, form)
    deadline = Deadline(twin.machine.clock, ANSWER_SECONDS)
    while not _has_spoken(twin, deadline.child(LOOK_SECONDS)) and not deadline.expired:
        pass
    return twin.machine.state().run is not Run.RUNNING


def _has_spoken(twin: Twin, deadline: Deadline) -> bool:
    """Whether there is nothing more to wait for: the probe came back, or the machine does not run."""
    try:
        twin.wait_survived(deadline)
    except Silence:
        return twin.machine.state().run is not Run.RUNNING
    except MachineCrash:
        return True
    return True  # and yet the machine may be about to stop: it survives some instructions


def _call(step: Step) -> tuple[str, *tuple[Argument, ...]]:
    verb, *arguments = step
    assert isinstance(verb, str)
    return (verb, *arguments)
