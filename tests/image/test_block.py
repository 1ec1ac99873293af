"""The configuration block says what board and manifest say: the core reads it back, and answers."""

from pathlib import Path

import mrm_core
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.image import Board, Device, Manifest, load_board, load_manifest, pack
from harness.image.block import command_line, pack_block
from harness.image.board import IoApic
from harness.image.check import check
from harness.image.fields import Range
from harness.image.files import digest
from harness.image.manifest import Memory

IMAGES = ["twin-probes", "twin-probes-zero", "trio-probes", "twin-linux"]
PAGE = 4096


@pytest.fixture
def board() -> Board:
    return load_board("qemu-q35")


def core_of(board: Board, manifest: Manifest) -> mrm_core.Core:
    return mrm_core.Core(pack_block(board, manifest))


@pytest.mark.parametrize("name", IMAGES)
class TestReadBack:
    def test_every_byte_of_memory_is_where_the_view_says(self, board: Board, name: str) -> None:
        manifest = load_manifest(name)
        core = core_of(board, manifest)

        for index, spec in enumerate(manifest.partitions):
            next_gpa = 0
            for item in spec.memory:
                gpa = item.base if spec.view == "identity" else next_gpa if item.at is None else item.at
                assert core.to_hpa(index, gpa, item.size) == item.base
                assert core.to_gpa(index, item.base, item.size) == gpa
                assert core.to_hpa(index, gpa, item.size + 1) is None
                next_gpa = gpa + item.size

    def test_every_port_and_line_of_a_device_has_the_owner_that_the_manifest_names(
        self, board: Board, name: str
    ) -> None:
        manifest = load_manifest(name)
        core = core_of(board, manifest)
        owner = {each: index for index, spec in enumerate(manifest.partitions) for each in spec.devices}

        for each, found in board.devices.items():
            for first, last in found.port_ranges:
                assert {core.port_owner(port) for port in range(first, last + 1)} == {owner.get(each)}
        lines = {board.devices[each].gsi: index for each, index in owner.items()}
        for gsi in filter(None, (found.gsi for found in board.devices.values())):
            assert core.gsi_owner(gsi) == lines.get(gsi)

    def test_the_nmi_has_the_owner_that_the_manifest_names(self, board: Board, name: str) -> None:
        manifest = load_manifest(name)
        owners = [index for index, spec in enumerate(manifest.partitions) if "nmi" in spec.rights]

        assert [core_of(board, manifest).nmi_owner()] == owners

    def test_power_ports_are_those_of_the_board(self, board: Board, name: str) -> None:
        core = core_of(board, load_manifest(name))
        power = board.power

        for port in (power.pm1a_event, power.pm1a_control, power.smi_command, 0xCF9, 0x64, 0x92):
            assert core.power_port(port)
        assert not core.power_port(0x80)

    @pytest.mark.parametrize("policy", ["stop", "restart"])
    def test_the_policy_is_that_of_the_manifest(self, board: Board, name: str, policy: str) -> None:
        manifest = changed(load_manifest(name), on_reset=policy, on_crash="stop")

        assert core_of(board, manifest).end(0, "reset-cf9") == policy
        assert core_of(board, manifest).end(0, "triple-fault") == "stop"


def test_zero_based_memory_is_laid_out_from_0_without_gaps(board: Board) -> None:
    pieces = (Memory(base=0xC000000, size=PAGE), Memory(base=0xE000000, size=2 * PAGE))
    core = core_of(board, changed(load_manifest("twin-probes-zero"), memory=pieces))

    assert core.to_hpa(0, 0, PAGE) == 0xC000000
    assert core.to_hpa(0, PAGE, 2 * PAGE) == 0xE000000
    assert core.to_hpa(0, 3 * PAGE) is None


def test_zero_based_memory_is_where_it_is_wanted(board: Board) -> None:
    pieces = (Memory(base=0xC000000, size=PAGE), Memory(base=0xE000000, size=PAGE, at=3 * PAGE))
    core = core_of(board, changed(load_manifest("twin-probes-zero"), memory=pieces, devices=("com1",)))

    assert core.to_hpa(0, PAGE) is None
    assert core.to_hpa(0, 3 * PAGE, PAGE) == 0xE000000


def test_low_memory_is_seen_from_0_and_the_rest_where_it_is(board: Board) -> None:
    low, rest = Range(base=0xC000000, size=0xA0000), Memory(base=0xC100000, size=PAGE)
    core = core_of(board, changed(load_manifest("twin-probes"), low=low, memory=(rest,)))

    assert core.to_hpa(0, 0, low.size) == low.base
    assert core.to_hpa(0, low.size) is None
    assert core.to_hpa(0, rest.base, PAGE) == rest.base


def test_stand_ins_are_those_of_the_manifest(board: Board) -> None:
    block = pack_block(board, changed(load_manifest("twin-probes"), standins=("rtc", "pit")))

    assert of_first(block, "standins") == mrm_core.CFG["STANDIN_PIT"] | mrm_core.CFG["STANDIN_RTC"]


def test_a_slice_is_as_long_as_the_manifest_says(board: Board) -> None:
    block = pack_block(board, changed(load_manifest("twin-probes-shared"), slice_us=4321))

    assert of_first(block, "slice_us") == 4321


def of_first(block: bytes, field: str) -> int:
    """A number of the first partition in a block."""
    offset, size, _ = mrm_core.LAYOUT["partition"][field]
    start = mrm_core.LAYOUT["block"]["partition"][0] + offset
    return int.from_bytes(block[start : start + size], "little")


def changed(manifest: Manifest, **fields: object) -> Manifest:
    """The manifest with fields of its first partition replaced."""
    first, *others = manifest.partition
    return manifest.model_copy(update={"partition": (first.model_copy(update=fields), *others)})


def device(**fields: object) -> Device:
    """A device as a board file describes it."""
    return Device.model_validate(fields)


def with_device(board: Board, name: str, added: Device) -> Board:
    return board.model_copy(update={"devices": dict(board.devices) | {name: added}})


class TestDevices:
    def test_mmio_and_pci_functions_are_owned(self, board: Board) -> None:
        window = {"base": 0xFE000000, "size": PAGE}
        card = device(mmio=[window], pci="00:03.0", gsi=11, trigger="level", polarity="low")
        manifest = changed(load_manifest("twin-probes"), devices=("com1", "card"))
        core = core_of(with_device(board, "card", card), manifest)

        assert core.mmio_owner(0xFE000000) == core.mmio_owner(0xFE000FFF) == 0
        assert core.mmio_owner(0xFE001000) is None
        assert core.pci_owner(0x18) == 0
        assert core.gsi_owner(11) == 0

    def test_the_pages_and_ports_of_bars_are_owned_without_being_named(self, board: Board) -> None:
        bars = [
            {"index": 0, "base": 0xC000, "size": 0x40, "kind": "ports"},
            {"index": 2, "base": 0xFE000800, "size": 0x800},
        ]
        manifest = changed(load_manifest("twin-probes"), devices=("com1", "card"))
        core = core_of(with_device(board, "card", device(pci="00:03.0", bars=bars)), manifest)

        assert core.port_owner(0xC000) == core.port_owner(0xC03F) == 0
        assert core.port_owner(0xC040) is None
        assert core.mmio_owner(0xFE000000) == core.mmio_owner(0xFE000FFF) == 0
        assert core.mmio_owner(0xFE001000) is None

    def test_two_functions_of_one_partition_may_share_a_line(self, board: Board) -> None:
        cards = {f"card{slot}": device(pci=f"00:0{slot}.0", gsi=20, trigger="level") for slot in (3, 7)}
        manifest = changed(load_manifest("twin-probes"), devices=("com1", *cards))
        with_cards = board.model_copy(update={"devices": board.devices | cards})

        assert mrm_core.check(pack_block(with_cards, manifest)) == []

    @pytest.mark.parametrize(("master", "found"), [(True, ["needs-iommu"]), (False, [])])
    def test_a_function_that_never_gets_the_bus_needs_no_iommu(self, master: bool, found: list[str]) -> None:
        card = device(pci="00:03.0", master=master)
        manifest = changed(load_manifest("twin-probes-zero"), devices=("com1", "card"))
        with_card = with_device(load_board("qemu-pc"), "card", card)

        assert [item.fault for item in mrm_core.check(pack_block(with_card, manifest))] == found

    def test_a_pci_line_in_two_hands_is_refused(self, board: Board) -> None:
        """A function's INTx line, and the same line as a device of the neighbour's."""
        card = device(pci="00:03.0", gsi=board.devices["rtc"].gsi)
        manifest = changed(load_manifest("twin-probes"), devices=("com1", "card"))
        found = mrm_core.check(pack_block(with_device(board, "card", card), manifest))

        assert "pci-line-shared" in {finding.fault for finding in found}

    @given(data=st.data())
    def test_ports_of_any_device(self, data: st.DataObject) -> None:
        """Whatever free ports a device has, its owner may touch exactly these."""
        board = load_board("qemu-q35")
        first = data.draw(st.integers(0x1000, 0xFFFF))
        last = data.draw(st.integers(first, min(first + 64, 0xFFFF)))
        manifest = changed(load_manifest("twin-probes"), devices=("com1", "card"))
        core = core_of(with_device(board, "card", device(ports=[f"{first:#x}-{last:#x}"])), manifest)

        assert core.port(0, first, 1) == core.port(0, last, 1) == "allow"
        assert core.port(1, first, 1) == "deny"
        assert core.port(0, first - 1, 1) == "deny"
        assert last == 0xFFFF or core.port(0, last + 1, 1) == "deny"


def payload_number(block: bytes, partition: int, field: str) -> int:
    """A number in the payload of a partition of a block."""
    at = 0
    for kind, name, index in (("block", "partition", partition), ("partition", "payload", 0)):
        offset, size, _ = mrm_core.LAYOUT[kind][name]
        at += offset + index * size
    offset, size, _ = mrm_core.LAYOUT["payload"][field]
    return int.from_bytes(block[at + offset : at + offset + size], "little")


class TestPayload:
    def test_an_initrd_is_the_boot_module_that_the_block_names(self, board: Board, tmp_path: Path) -> None:
        twins = load_manifest("twin-probes")
        file = tmp_path / "initrd"
        file.write_bytes(b"an initrd")
        payload = twins.partition[0].payload.model_copy(update={"initrd": str(file)})
        packed = pack(board, changed(twins, payload=payload), tmp_path)

        assert packed.block
        assert packed.modules[payload_number(packed.block, 0, "initrd_module")].path == file
        assert payload_number(packed.block, 1, "initrd_module") == 0
        for index, spec in enumerate(packed.manifest.partitions):
            module = packed.modules[payload_number(packed.block, index, "module")]
            assert spec.name in module.command_line.split(" and ")
        assert packed.hashes["partition a initrd"] == digest(b"an initrd")

    def test_a_file_that_several_run_is_loaded_once(self, board: Board, tmp_path: Path) -> None:
        packed = pack(board, load_manifest("twin-probes"), tmp_path)

        assert packed.block
        assert [payload_number(packed.block, index, "module") for index in range(2)] == [1, 1]
        assert [module.command_line for module in packed.modules] == ["config", "a and b"]

    def test_it_is_told_what_the_manifest_says(self, board: Board) -> None:
        twins = load_manifest("twin-probes")
        payload = twins.partition[0].payload.model_copy(update={"command_line": "console=ttyS0 quiet"})
        block = pack_block(board, changed(twins, payload=payload))

        assert b"console=ttyS0 quiet\0" in block
        assert block.count(b"probe serial=") == 1  # the neighbour's

    def test_a_payload_without_a_probe_is_told_nothing(self, board: Board) -> None:
        twins = load_manifest("twin-probes")
        payload = twins.partition[0].payload.model_copy(update={"probe": "none"})

        assert pack_block(board, changed(twins, payload=payload)).count(b"probe serial=") == 1


class TestCommandLine:
    def test_names_port_and_line(self, board: Board) -> None:
        assert command_line(board, "com2") == "probe serial=0x2f8 gsi=3"

    def test_names_interrupt_controllers_that_are_elsewhere(self, board: Board) -> None:
        ioapic = IoApic(base=0xFEC10000, first_gsi=0, pins=24)
        moved = board.model_copy(
            update={
                "interrupts": board.interrupts.model_copy(update={"ioapic": ioapic}),
                "processors": board.processors.model_copy(update={"lapic": 0xFEE10000}),
            }
        )

        assert command_line(moved, "com1") == "probe serial=0x3f8 gsi=4 ioapic=0xfec10000 lapic=0xfee10000"


def test_a_processor_that_the_machine_is_not_given_is_refused(board: Board) -> None:
    manifest = load_manifest("twin-probes")

    assert not check(board.with_processors(3), manifest)
    (finding,) = check(board.with_processors(2), manifest)
    assert finding.key == "partition[1].processors"


def test_a_bare_image_has_no_block(board: Board) -> None:
    with pytest.raises(ValueError, match="bare"):
        pack_block(board, load_manifest("bare-probe"))
