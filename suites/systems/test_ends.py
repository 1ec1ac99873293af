"""Can a Linux switch off, restart, panic, and be started again while another works? Paper §3.1(1), (4)."""

import pytest

from fixtures.machine import check_on
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.errors import MachineCrash
from harness.image import Board
from harness.machine import Machine
from suites.endings import SILENCE_SECONDS
from suites.poweroff.forms import out, perform
from suites.systems.linux import shell, switch_off, upload
from suites.systems.load import undisturbed

pytestmark = pytest.mark.process

RESTARTS = 3
PANIC_SECONDS = 30.0

KILL_INIT = """
set -- $(grep -m1 r-xp /proc/1/maps)
first=$((0x${1%-*} / 4096)) last=$((0x${1#*-} / 4096))
dd if=/dev/zero of=/proc/1/mem bs=4096 seek=$first count=$((last - first)) conv=notrunc 2>/dev/null
kill -9 $PPID
"""
"""Wipes the text of the first process, which no signal ends, and wakes it by the end of its child."""
PANICS = {"sysrq": "echo c >/proc/sysrq-trigger", "init": KILL_INIT}


@pytest.mark.smoke
@pytest.mark.requirement("OS-03", "PWR-07", "PWR-08", "STOP-06")
def test_can_it_be_switched_off_and_started_again(
    machine: Machine, subject: Partition, neighbour: Partition, operator: Operator
) -> None:
    mark = machine.mark()
    with undisturbed(neighbour):
        switch_off(machine, subject)
        operator.start(subject.name)
        subject.boot()
    check_on(machine, mark)


@pytest.mark.requirement("OS-03", "PWR-07", "PWR-08", "STOP-04", "STOP-07")
@pytest.mark.parametrize("command", ["reboot -f", "echo b >/proc/sysrq-trigger"], ids=["reboot", "sysrq"])
def test_does_it_restart_as_its_manifest_says(
    machine: Machine, subject: Partition, neighbour: Partition, operator: Operator, command: str
) -> None:
    mark = machine.mark()
    with undisturbed(neighbour):
        subject.last("run", 5, command.encode())
        _comes_back(subject, operator)
    check_on(machine, mark)


@pytest.mark.requirement("PWR-01", "PWR-03", "PWR-08")
@pytest.mark.parametrize("register", ["pm1a", "cf9"])
def test_does_root_reach_a_power_register_of_the_machine(
    machine: Machine,
    subject: Partition,
    neighbour: Partition,
    operator: Operator,
    board: Board,
    register: str,
) -> None:
    """By `out` from user space, whatever its kernel thinks of it."""
    mark = machine.mark()
    with undisturbed(neighbour):
        if register == "pm1a":
            perform(subject, out(2, board.power.pm1a_control, board.power.soft_off))
            assert subject.silent(SILENCE_SECONDS)
            operator.start(subject.name)
            subject.boot()
        else:
            perform(subject, out(1, 0xCF9, 0x06))
            _comes_back(subject, operator)
    check_on(machine, mark)


@pytest.mark.requirement("STOP-01", "STOP-05", "STOP-06", "OS-03")
@pytest.mark.parametrize("way", PANICS)
def test_is_a_panic_its_own(
    machine: Machine, subject: Partition, neighbour: Partition, operator: Operator, way: str
) -> None:
    mark = machine.mark()
    with undisturbed(neighbour):
        upload(subject, "/tmp/panic.sh", PANICS[way])
        subject.last("run", 5, b"exec sh /tmp/panic.sh")
        _panics(machine, subject)
        operator.start_again(subject)
    check_on(machine, mark)


@pytest.mark.requirement("STOP-08", "OS-03")
def test_does_a_neighbour_miss_anything_of_restarts_in_a_row(
    subject: Partition, neighbour: Partition, operator: Operator
) -> None:
    with undisturbed(neighbour):
        for _ in range(RESTARTS):
            operator.start_again(subject)
    assert shell(subject, "echo works again") == "works again\n"


def _comes_back(subject: Partition, operator: Operator) -> None:
    """After a reset: by itself if, and only if, its manifest says so."""
    if subject.spec.on_reset == "stop":
        assert subject.silent(SILENCE_SECONDS)
        operator.start(subject.name)
    subject.boot()


def _panics(machine: Machine, subject: Partition) -> None:
    """Takes the words of a kernel that dies, which anywhere else would be a crash that nobody wanted."""
    console, deadline = machine.consoles[subject.spec.serial], subject.within(PANIC_SECONDS)
    for words in (r"kernel panic .*Kernel panic - not syncing", r"kernel panic .*end Kernel panic"):
        with pytest.raises(MachineCrash, match=words):
            console.expect("no line of its own says more", deadline)
