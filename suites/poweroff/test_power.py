"""Does a power-off or reset by one partition take down anything but that partition? Paper §3.3(3).

The bare machine is asked first: only what really switches it off or resets it is tried in a partition.
There the partition ends, or starts again, as its manifest says; the machine stays on; the neighbour notices
nothing.
"""

from collections.abc import Mapping
from typing import Literal

import pytest

from fixtures.bare import Bare
from fixtures.machine import check_on
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Board
from harness.machine import Machine
from suites.endings import SILENCE_SECONDS, check_ended
from suites.poweroff.forms import ANSWER_SECONDS, Form, harmless, out, perform, takes_the_machine_down


@pytest.mark.requirement("PWR-07", "PWR-08")
def test_does_a_soft_off_end_that_partition_only(
    machine: Machine,
    subject: Partition,
    neighbour: Partition,
    operator: Operator,
    bare: Bare,
    off: list[Form],
) -> None:
    _check(machine, subject, neighbour, operator, "stop", _biting(off, bare))


@pytest.mark.requirement("PWR-07", "PWR-08", "STOP-04", "STOP-07")
def test_does_a_reset_end_that_partition_only(
    machine: Machine,
    subject: Partition,
    neighbour: Partition,
    operator: Operator,
    bare: Bare,
    reset: list[Form],
) -> None:
    _check(machine, subject, neighbour, operator, subject.spec.on_reset, _biting(reset, bare))


@pytest.mark.requirement("PWR-09")
def test_does_a_harmless_write_end_anything(subject: Partition, bare: Bare, board: Board) -> None:
    for form in harmless(board):
        assert not bare.ask(takes_the_machine_down, form)

        perform(subject, form)

        subject.wait_survived(subject.within(ANSWER_SECONDS))
        assert subject.echo(b"goes on") == b"goes on"


@pytest.mark.requirement("PWR-07", "PWR-08", "STOP-06")
def test_does_the_machine_stay_on_when_all_switch_off(
    machine: Machine, partitions: Mapping[str, Partition], operator: Operator, board: Board
) -> None:
    mark = machine.mark()
    for partition in partitions.values():
        perform(partition, out(2, board.power.pm1a_control, board.power.soft_off))

    assert all(partition.silent(SILENCE_SECONDS) for partition in partitions.values())
    for name, partition in partitions.items():
        operator.start(name)
        partition.boot()
    check_on(machine, mark)


@pytest.mark.requirement("PWR-08", "STOP-08")
def test_does_a_neighbour_miss_anything_of_resets_in_a_row(
    machine: Machine, subject: Partition, neighbour: Partition, operator: Operator, bare: Bare
) -> None:
    form = out(1, 0xCF9, 0x06)
    assert _biting([form], bare)

    _check(machine, subject, neighbour, operator, subject.spec.on_reset, [form] * 5)


def _biting(forms: list[Form], bare: Bare) -> list[Form]:
    """Returns those forms that take the bare machine down: the others would prove nothing."""
    found = [form for form in forms if bare.ask(takes_the_machine_down, form)]
    if not found:
        pytest.skip("the bare machine stays on")
    return found


def _check(
    machine: Machine,
    subject: Partition,
    neighbour: Partition,
    operator: Operator,
    policy: Literal["stop", "restart"],
    forms: list[Form],
) -> None:
    mark = machine.mark()
    for form in forms:
        with neighbour.undisturbed():
            perform(subject, form)
            check_ended(subject, policy, operator)
        check_on(machine, mark)
