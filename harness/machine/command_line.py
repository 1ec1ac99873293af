"""How QEMU is told to be a board: pure, a board and an image in, words out."""

from collections.abc import Iterator, Mapping

from harness.image import Board, PackedImage
from harness.image.device import disk_bytes
from harness.machine.wire import SERVER, SERVICES

_FIRMWARE = {"qboot": "qboot.rom", "seabios": "bios-256k.bin"}

_CLOCK = "base=2026-01-01T00:00:00,clock=vm"
"""The real-time clock begins at one instant and follows virtual time: two runs read the same."""


def qemu_command(board: Board, image: PackedImage, monitor: int, disks: Mapping[str, int]) -> list[str]:
    """Return the command that starts a board with an image, halted before the first instruction.

    QEMU starts in a directory where kernel and modules are named `kernel`, `module0`, `module1` …, because
    it hands the names on to what it boots, and that must not depend on where the files lie. There the pipes
    of each serial device lie too, by its name.

    Args:
      monitor: descriptor of a connected socket.
      disks: descriptors of the disks, by device.
    """
    ram, devices = _extent(board, image)
    return [
        "qemu-system-x86_64",
        *("-nodefaults", "-no-user-config", "-display", "none"),
        # Without check=off QEMU warns of each feature that it lacks of the model, for each processor.
        *("-machine", board.qemu.machine, "-cpu", f"{board.qemu.cpu},check=off"),
        *("-smp", str(len(image.board.processors.apic_ids))),
        *("-m", f"{ram >> 20}M"),
        *("-bios", _FIRMWARE[board.qemu.firmware]),
        *_timing(board),
        *("-chardev", f"socket,id=monitor,fd={monitor}", "-mon", "chardev=monitor,mode=control"),
        # Before all other devices, so that it confines them, and has the function of the board file.
        *(("-device", "amd-iommu") if board.iommu else ()),
        *_serial_ports(board),
        *_devices(board, devices, disks),
        *_boot(image),
        # Whatever switches the machine off or resets it, it stands still instead, to be looked at.
        *("-action", "reboot=shutdown,shutdown=pause,panic=pause"),
        "-S",
    ]


def serial_devices(board: Board) -> list[str]:
    """Return the board's serial ports, in its order."""
    return [name for name, device in board.devices.items() if device.serial]


def disk_sizes(board: Board) -> dict[str, int]:
    """Return the sizes of the board's disks in bytes, by device."""
    return {name: size for name, device in board.devices.items() if (size := disk_bytes(device))}


def _extent(board: Board, image: PackedImage) -> tuple[int, list[str]]:
    """How many bytes of RAM, and which devices: the board's, or what a bare payload wants of them."""
    ram = max(ram.end for ram in board.memory.ram)
    devices = list(board.devices)
    if (bare := image.manifest.bare) is None:
        return ram, devices
    wanted = devices if bare.devices is None else bare.devices
    return min(bare.ram or ram, ram), [name for name in devices if name in wanted]


def _timing(board: Board) -> Iterator[str]:
    """Counted: one instruction is one nanosecond, and time leaps while all processors sleep."""
    if board.is_counted:
        yield from ("-accel", board.qemu.accel, "-icount", "shift=0,sleep=off", "-seed", "7")
    else:
        yield from ("-accel", f"{board.qemu.accel},thread=multi")
    yield from ("-rtc", _CLOCK)


def _serial_ports(board: Board) -> Iterator[str]:
    for name in serial_devices(board):
        device = board.devices[name]
        yield from ("-chardev", f"pipe,id={name},path={name}")
        yield "-device"
        yield f"isa-serial,iobase={device.ports[0].first:#x},irq={device.gsi},chardev={name}"


def _devices(board: Board, names: list[str], disks: Mapping[str, int]) -> Iterator[str]:
    """What the machine does not have anyway, with what hangs on it."""
    for name in names:
        device = board.devices[name]
        if device.qemu is None:
            continue
        words = [device.qemu.model, f"id={name}"]
        if device.pci is not None and not device.qemu.on_bus:
            words.append(f"addr={device.pci >> 3:x}.{device.pci & 7}")
        if name in disks:
            yield from ("-blockdev", f"driver=file,node-name={name},filename=/dev/fd/{disks[name]}")
            words.append(f"drive={name}")
        if device.qemu.network:
            yield from ("-netdev", _wire(name))
            words.append(f"netdev={name}")
        yield from ("-device", ",".join(words))


def _wire(name: str) -> str:
    """The wire of a network interface, with no way out of it.

    A program that answers ends when QEMU does: what it reads ends then, and what it writes is refused.
    """
    services = (f"guestfwd=tcp:{SERVER}:{port}-cmd:{program}" for port, program in SERVICES.items())
    return ",".join([f"user,id={name},restrict=on", *services])


def _boot(image: PackedImage) -> Iterator[str]:
    yield from ("-kernel", "kernel")
    if image.command_line:
        yield from ("-append", image.command_line)
    if image.modules:
        modules = enumerate(image.modules)
        names = [f"module{number} {module.command_line}".rstrip() for number, module in modules]
        yield from ("-initrd", ",".join(names))
