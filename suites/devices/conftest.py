"""What a board has to have for questions about its PCI functions."""

import pytest

from harness.image import Board


@pytest.fixture
def mechanism(board: Board) -> None:
    """Skips the test on a board whose configuration space is not at ports."""
    if not board.pci.mechanism1:
        pytest.skip(f"{board.name} has no PCI configuration mechanism #1")
