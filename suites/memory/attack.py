"""Where one partition would look for the RAM of another, and what it may find there."""

from fixtures.partitions import Partition
from harness.probe import Fault

WIDTHS = (1, 2, 4, 8)
SECRET_BYTES = 64
SEED = 0x5EC2E7

PHYSICAL_BITS = (32, 39, 47)
"""Address bits that a careless check might drop: beyond 32 bits, and the tops of nested tables."""


def aims(subject: Partition, neighbour: Partition, gpa: int) -> list[int]:
    """Returns guest-physical addresses at which the subject might see what the neighbour has at `gpa`."""
    return sorted({*aims_at_host(subject, neighbour.host(gpa)), *_foreign(subject, gpa)})


def aims_at_host(subject: Partition, host: int) -> list[int]:
    """Returns guest-physical addresses at which the subject might see a host-physical one.

    That address itself, and the one that the subject's own shift would turn into it. Not what the subject
    has RAM at: that is its own. Below 4 GiB, where the probe's linear addresses are physical ones.
    """
    shifts = {stretch.hpa - stretch.gpa for stretch in subject.ram}
    return sorted({aim for shift in {0} | shifts for aim in _foreign(subject, host - shift)})


def _foreign(subject: Partition, gpa: int) -> list[int]:
    return [gpa] if 0 <= gpa < 1 << 32 and not subject.owns(gpa) else []


def nothing(answer: int | Fault, width: int) -> bool:
    """Whether a load found nothing: all ones, as an empty bus answers, or an exception."""
    return isinstance(answer, Fault) or answer == (1 << 8 * width) - 1
