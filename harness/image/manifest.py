"""An image manifest: a controller with partitions, or a bare payload. See `targets/images/*.toml`."""

from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, PrivateAttr, model_validator

from harness.image.document import ROOT, find, load
from harness.image.fields import Address, Byte, Many, Name, Range, Size, Strict

FOLDER = ROOT / "targets" / "images"
DEFAULT_IMAGES = ("twin-probes", "twin-probes-zero")
"""The images of whoever names none."""

PartitionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,14}$")]  # CFG_NAME_BYTES of the block
Words = Annotated[
    str, Field(pattern=r"^[ -~]*$", max_length=255)
]  # cfg_payload.command_line, with a zero behind
ProcessorCount = Annotated[int, Field(ge=1)]
View = Literal["identity", "zero-based"]
Policy = Literal["stop", "restart"]
Right = Literal["nmi", "call", "last-light", "pm-timer"]
StandIn = Literal["pit", "rtc", "pic", "i8042", "fw-cfg"]


class Stretch(NamedTuple):
    """Some of a partition's RAM: where the partition sees it, and where it really is."""

    gpa: int
    hpa: int
    size: int

    @property
    def end(self) -> int:
        """The first guest-physical address behind it."""
        return self.gpa + self.size

    def holds(self, gpa: int) -> bool:
        """Whether a guest-physical address lies in it."""
        return self.gpa <= gpa < self.end


class Payload(Strict):
    """What runs in a partition."""

    kind: Literal["linux", "multiboot", "bootsector"]
    """how it is started: by the Linux boot protocol, multiboot, or as the firmware of a PC, which then
    starts the boot sector of a disk"""
    file: str
    """"build:NAME" for what this project builds, "guest:NAME" for what comes from Debian, or a path that
    begins at the manifest"""
    initrd: str | None = None
    """the first file system of a Linux, named like the file"""
    command_line: Words | None = None
    """what it is told at its start; if left out, where its serial port is, as probes want it"""
    probe: Literal["machine", "process", "none"] = "machine"
    """who answers questions: the payload itself, with the machine in its hands; a process that an operating
    system starts; or nobody: then suites ask it nothing, and do not wait for it"""
    start_seconds: Annotated[int, Field(ge=1)] | None = None
    """how long it may take until its probe answers, if that is more than usual"""


class Command(Strict):
    """An operator's command on the controller's console; {partition} stands for the name."""

    send: str
    """the line to type"""
    expect: str
    """the line that says it is done"""


class Counters(Command):
    """Shows how often partitions left for the controller, and why: a line for each partition."""

    form: Literal["mrm-counters-1"]
    """form of what stands behind `expect` in that line; docs/controller-author.md has it"""


class Operator(Strict):
    start: Command
    """starts a partition that is over"""
    stop: Command
    """ends a partition from outside"""
    counters: Counters | None = None
    """shows exit counters; leave out if there are none"""


class Controller(Strict):
    """The MRM controller of an image."""

    file: str
    """"build:NAME", or the path of a multiboot ELF file, beginning at the manifest"""
    memory: Range
    """the RAM it keeps for itself; its image and all modules lie in it"""
    console: Name
    """the board's serial device it talks on"""
    trace: Literal["mrm-trace-1"] | None = None
    """form of the event trace it keeps; leave out if it has none"""
    operator: Operator | None = None
    """what a person types on its console; leave out if it takes no commands"""
    processors: ProcessorCount | None = None
    """how many processors the machine shall have, where a board can be had with fewer; all if left out. An
    emulator that counts instructions gives each its turn, also those that sleep, and that takes time"""


class Memory(Range):
    """RAM of the machine, for a partition."""

    at: Address | None = None
    """where a zero-based view shows it; if left out, right behind the entry before, the first one at 0. Where
    the entries leave a gap, a device can be: the display adapter's memory is at 0xA0000-0xBFFFF"""


class PartitionSpec(Strict):
    """One partition, as the manifest wants it."""

    name: PartitionName
    """what the partition is called"""
    view: View
    """identity: it sees its RAM where it is; zero-based: its RAM begins at guest-physical 0"""
    memory: Many[Memory]
    """the host-physical RAM it gets, ascending"""
    low: Range | None = None
    """host-physical RAM that an identity view shows at guest-physical 0: the low memory that an OS wants,
    where that of the machine is not its own"""
    processors: Many[Byte]
    """the processors it gets, by their place in the board's list"""
    slice_us: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """how long it has a processor that it shares, in microseconds, until it is the next one's turn; 0: its
    processors are its own"""
    on_interrupt: Literal["hold", "preempt"] = "hold"
    """what an interrupt does while another one has the processor that it shares: hold, it waits for its turn;
    preempt, it gives it the processor at once, on account of its own slice, for at least an eighth of that"""
    serial: Name
    """the serial device it is talked to on; also one of its devices"""
    devices: Many[Name]
    """what it gets of the board's devices"""
    rights: Many[Right] = ()
    """what else it may do"""
    standins: Many[StandIn] = ()
    """devices that the controller stands in for, where they are not its own"""
    on_reset: Policy
    """what becomes of it when it resets itself; one that switches itself off stays off"""
    on_crash: Policy
    """what becomes of it after a triple fault"""
    started: bool = True
    """whether it starts with the machine; otherwise it waits for the operator"""
    payload: Payload
    """what runs in it"""

    @model_validator(mode="after")
    def _low_is_for_identity(self) -> Self:
        if self.low is not None and self.view == "zero-based":
            raise ValueError("has low beside a zero-based view, which begins at 0 anyway; leave low out")
        return self

    @model_validator(mode="after")
    def _is_moved_from_zero_on(self) -> Self:
        if self.view == "identity" and any(memory.at is not None for memory in self.memory):
            raise ValueError(
                "has at in memory, which it sees where it is; leave it out, or take the other view"
            )
        return self

    @model_validator(mode="after")
    def _preempts_with_a_slice(self) -> Self:
        if self.on_interrupt == "preempt" and not self.slice_us:
            raise ValueError(
                "has on_interrupt without slice_us: a processor of its own is never another one's"
            )
        return self

    @property
    def ram(self) -> tuple[Stretch, ...]:
        """Its RAM as it sees it: identity, where it is; zero-based, in a row from address 0, but for gaps."""
        found = [Stretch(0, self.low.base, self.low.size)] if self.low else []
        for memory in self.memory:
            behind = found[-1].end if found else 0
            moved = behind if memory.at is None else memory.at
            gpa = memory.base if self.view == "identity" else moved
            found.append(Stretch(gpa, memory.base, memory.size))
        return tuple(found)


class Bare(Strict):
    """A payload on the bare machine, without a controller: the oracle."""

    name: PartitionName = "bare"
    """what it is called in results"""
    serial: Name
    """the serial device it is talked to on"""
    processors: ProcessorCount | None = None
    """how many processors there shall be, where a board can be had with fewer; all if left out"""
    ram: Size | None = None
    """how much RAM there shall be in bytes, where a board can be had with less; all if left out"""
    devices: tuple[Name, ...] | None = None
    """which of the board's devices there shall be, beside what each machine of its kind has, where a board
    can be had with fewer; all if left out"""
    payload: Payload
    """what runs"""


class Manifest(Strict):
    """An image. Either bare, or a controller with partitions."""

    schema_version: Literal[1] = Field(alias="schema")
    """version of the form of this file"""
    name: Name
    """what the image is called in commands and results"""
    summary: str
    """one line for people"""
    controller: Controller | None = None
    """the controller of the image"""
    partition: Many[PartitionSpec] = ()
    """its partitions"""
    bare: Bare | None = None
    """a payload for the bare machine, instead of controller and partitions"""
    disks: dict[Name, str] = Field(default_factory=dict)
    """what disks of the board hold when the machine starts, by device, named like a payload's file; any
    other disk is empty. The machine gets a copy: what it writes is gone with it"""

    _source: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.bare is None and (self.controller is None or not self.partition):
            raise ValueError(
                "has no [bare] and not both of [controller] and [[partition]]; nothing would run"
            )
        if self.bare is not None and (self.controller is not None or self.partition):
            raise ValueError("has [bare] beside [controller] or [[partition]]; leave out one or the other")
        return self

    @property
    def source(self) -> Path:
        """The file it was read from."""
        return self._source

    @property
    def partitions(self) -> tuple[PartitionSpec, ...]:
        """The partitions; a bare image has one that stands for the whole machine."""
        return self.partition if self.bare is None else (_whole_machine(self.bare),)

    @property
    def processors(self) -> int | None:
        """How many processors the machine shall have at the most; None: as many as the board has."""
        runs = self.bare or self.controller
        return None if runs is None else runs.processors

    @property
    def asked(self) -> tuple[PartitionSpec, ...]:
        """The partitions in which a probe answers."""
        return tuple(spec for spec in self.partitions if spec.payload.probe != "none")

    @property
    def payload_files(self) -> dict[str, str]:
        """What the partitions run, as the manifest names it: payloads by partition, then initrds."""
        payloads = {spec.name: spec.payload for spec in self.partitions}
        initrds = {initrd_role(name): payload.initrd for name, payload in payloads.items()}
        files = {name: payload.file for name, payload in payloads.items()}
        return files | {role: file for role, file in initrds.items() if file is not None}

    @property
    def modules(self) -> dict[str, int]:
        """Which boot module each of these files is. One that several partitions run is loaded once.

        Module 0 is the configuration block.
        """
        files = list(dict.fromkeys(self.payload_files.values()))
        return {role: files.index(file) + 1 for role, file in self.payload_files.items()}


def disk_role(device: str) -> str:
    """What the contents of a disk are called among the files of an image."""
    return f"disk {device}"


def initrd_role(partition: str) -> str:
    """What a partition's initrd is called among the files of an image; no partition can be named so."""
    return f"{partition} initrd"


def _whole_machine(bare: Bare) -> PartitionSpec:
    return PartitionSpec(
        name=bare.name,
        view="identity",
        memory=(),
        processors=(),
        serial=bare.serial,
        devices=(bare.serial,),
        on_reset="restart",
        on_crash="restart",
        payload=bare.payload,
    )


def load_manifest(name_or_path: str | Path) -> Manifest:
    """Reads a manifest, by name from targets/images or by path.

    Raises:
      UsageError: there is no such file, or it is wrong.
    """
    path = find(name_or_path, FOLDER, "image")
    manifest = load(path, Manifest, "image manifest")
    manifest._source = path
    return manifest
