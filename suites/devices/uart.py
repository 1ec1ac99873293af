"""The register of a partition's serial port that can be written without harm."""

from fixtures.partitions import Partition
from harness.image import Board

SCRATCH = 7
"""A register of the 16550 that keeps what is written and does nothing (PC16550D datasheet §8.9)."""


def scratch_port(partition: Partition, board: Board) -> int:
    return board.devices[partition.spec.serial].ports[0].first + SCRATCH
