"""Finds what is wrong with a board by itself: could its RAM and each of its devices be given to anybody?

The question goes to the core: an image is made up in which one partition owns all RAM and the device.
"""

from collections.abc import Iterator
from dataclasses import replace

import mrm_core

from harness.image.block import pack_block, room
from harness.image.board import Board
from harness.image.check import BOARD, OF_A_DEVICE, Finding, board_counts, key_of
from harness.image.fields import Range
from harness.image.manifest import Controller, Manifest, Memory, PartitionSpec, Payload

PAGE = 4096


def check_board(board: Board) -> list[Finding]:
    """All findings; none means that an image can be made for this board."""
    findings = [*board_counts(board), *_duties(board)] or _of_the_core(board)
    return [replace(finding, key=finding.key.removeprefix(BOARD)) for finding in findings]


def _of_the_core(board: Board) -> list[Finding]:
    unique: dict[tuple[str, str], Finding] = {}
    for name in sorted(board.devices, key=lambda name: not board.devices[name].serial):
        for finding in _with_device(board, name):
            unique.setdefault((finding.fault, finding.text), finding)
    return list(unique.values())


def _duties(board: Board) -> Iterator[Finding]:
    """What no image could do without."""
    if not board.memory.ram or not board.processors.apic_ids:
        yield Finding("memory.ram, processors.apic_ids", "a machine has RAM and a processor", "bad-count")
    if len(_serial_names(board)) < 2:
        text = "there must be two serial ports at least: for the controller's console, and for a partition"
        yield Finding("device", text, "no-serial-port")


def _with_device(board: Board, name: str) -> Iterator[Finding]:
    """What the core says of an image that gives this device to a partition."""
    for item in mrm_core.check(pack_block(board, _image(board, name))):
        if item.partition is None:
            key = key_of(item)
        elif item.field in OF_A_DEVICE:
            key = f"device.{name}"
        else:
            key = "memory.ram"
        yield Finding(key, item.text, item.fault)


def _image(board: Board, name: str) -> Manifest:
    """One partition with all RAM but one page, and with the device."""
    console, *others = (each for each in reversed(_serial_names(board)) if each != name)
    serial = name if board.devices[name].serial else others[0]
    *first, last = board.memory.ram
    ram = [*first, Range(base=last.base, size=max(last.size - PAGE, 0))]
    nothing = Payload(kind="linux", file="none")
    spec = PartitionSpec(
        name="any",
        view="identity",
        memory=tuple(Memory(base=item.base, size=item.size) for item in ram[-room("partition", "memory") :]),
        processors=(0,),
        serial=serial,
        devices=tuple({serial, name}),
        on_reset="stop",
        on_crash="stop",
        payload=nothing,
    )
    kept = Range(base=max(last.end - PAGE, 0), size=PAGE)
    return Manifest(
        schema=1,
        name="any",
        summary="made up to check a board",
        controller=Controller(file="none", memory=kept, console=console),
        partition=(spec,),
    )


def _serial_names(board: Board) -> list[str]:
    return [name for name, device in board.devices.items() if device.serial]
