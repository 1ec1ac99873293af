"""Images and boards: reads their files, refuses wrong ones, builds and packs what a machine boots.

Here lives all that happens before anything starts. No machine is driven here, and no requirement is known.
"""

from harness.image.board import DEFAULT_BOARD, Board, load_board
from harness.image.check import Finding, check
from harness.image.check_board import check_board
from harness.image.device import Bar, Device
from harness.image.manifest import DEFAULT_IMAGES, Manifest, PartitionSpec, load_manifest
from harness.image.pack import Module, PackedImage, pack

__all__ = [
    "DEFAULT_BOARD",
    "DEFAULT_IMAGES",
    "Bar",
    "Board",
    "Device",
    "Finding",
    "Manifest",
    "Module",
    "PackedImage",
    "PartitionSpec",
    "check",
    "check_board",
    "load_board",
    "load_manifest",
    "pack",
]
