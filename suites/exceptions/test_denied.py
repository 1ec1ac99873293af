"""Has an instruction that is not a partition's to execute any effect beyond it? Paper §3.3(1), §3.3(2)."""

import pytest

from fixtures.partitions import Partition

MSRS = {
    "VM_HSAVE_PA": 0xC0010117,
    "VM_CR": 0xC0010114,
    "SMM_BASE": 0xC0010111,
    "IORR_BASE0": 0xC0010016,
    "TOP_MEM": 0xC001001A,
    "MTRR_DEF_TYPE": 0x2FF,
}
"""Registers of the machine, not of an operating system's processor state (APM vol. 2 appendix A)."""


@pytest.mark.requirement("EXC-08")
def test_does_a_call_to_the_controller_want_the_right(subject: Partition) -> None:
    answer = subject.ask("cost", "vmmcall", 1, 0)

    assert answer.status == ("ok" if "call" in subject.spec.rights else "fault")


@pytest.mark.requirement("EXC-08", "STOP-01")
def test_does_a_write_to_a_register_of_the_machine_reach_it(subject: Partition, neighbour: Partition) -> None:
    with neighbour.undisturbed():
        for msr in MSRS.values():
            subject.wrmsr(msr, 0x5EC2E7000)
            assert subject.storm("cpuid", 100) == 100

    assert subject.echo(b"goes on") == b"goes on"
