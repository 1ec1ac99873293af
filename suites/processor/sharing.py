"""Which partitions share a processor, and what of it the manifest gives each."""

import pytest

from fixtures.partitions import Partition

instant = pytest.mark.instant
"""Its measurements depend on the instant of the request: beside a busy neighbour they hold slices of it."""
KINDS = ("x87", "sse", "avx")
"""Registers that a sum can live in."""


def share_a_processor(subject: Partition, neighbour: Partition) -> None:
    """Skips the test where the two have processors of their own."""
    if not set(subject.spec.processors) & set(neighbour.spec.processors):
        pytest.skip("the manifest gives the two no processor in common")


def sums(subject: Partition, neighbour: Partition, kind: str, beside: str, steps: int) -> tuple[int, int]:
    """Returns what the subject sums, and what the neighbour sums all the while, in four times the steps.

    Each sum lives in all registers of its kind, from its first step to its last.
    """
    other = neighbour.begin("sum", beside, 4 * steps)
    other.wait_begun()
    return subject.sum(kind, steps), other.result().number()


def slice_ticks(partition: Partition) -> int:
    """Its slice in ticks of a machine that counts instructions, one a nanosecond."""
    return partition.spec.slice_us * 1000


def share(subject: Partition, neighbour: Partition) -> float:
    """What part of their processor the subject is to have while both have something to do."""
    own, other = subject.spec.slice_us, neighbour.spec.slice_us
    return own / (own + other)
