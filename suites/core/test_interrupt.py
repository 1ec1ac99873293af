"""Does any sequence of operations give an interrupt source two owners? Paper §3.2, §3.4."""

from itertools import product

import mrm_core
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from harness.image.block import CFG
from suites.core.plans import TWINS, Part, Plan
from suites.core.strategies import plans, words

SELECT, WINDOW = 0x00, 0x10
MASKED, LOGICAL, LEVEL, LOW = 1 << 16, 1 << 11, 1 << 15, 1 << 13
FIXED, LOWEST, SMI, NMI, INIT, STARTUP, EXTINT = 0, 1, 2, 4, 5, 6, 7
ASSERT = 1 << 14
SELF, ALL, ALL_BUT_SELF = 1, 2, 3
LEFT, RIGHT = 0, 1

lines = st.integers(0, 30)
vectors = st.integers(0, 255)
partitions = st.integers(0, 3)


def _icr(
    vector: int, delivery: int = FIXED, destination: int = 0, shorthand: int = 0, logical: bool = False
) -> int:
    return vector | delivery << 8 | logical << 11 | 1 << 14 | shorthand << 18 | destination << 56


def _write_pin(
    core: mrm_core.Core, partition: int, pin: int, low: int, high: int = 0
) -> tuple[int, int] | None:
    """Programs a pin as a driver does: high half, then low half. What the real pin gets for it."""
    core.ioapic_write(partition, SELECT, 0x11 + 2 * pin)
    core.ioapic_write(partition, WINDOW, high)
    core.ioapic_write(partition, SELECT, 0x10 + 2 * pin)
    return core.ioapic_write(partition, WINDOW, low)


class Claims(RuleBasedStateMachine):
    """Partitions claim, mask, program and restart in any order. Owners are those of the plan, for ever."""

    @initialize(plan=plans(st.integers(2, 4)))
    def begin(self, plan: Plan) -> None:
        self.plan, self.core = plan, plan.core()
        self.owner = {gsi: index for index, part in enumerate(plan.parts) for gsi in part.gsis}
        self.vector: dict[int, int] = {}
        self.open: set[int] = set()
        self.pending: set[int] = set()
        self.refused: dict[int, int] = {}

    def _who(self, partition: int) -> int:
        return partition % len(self.plan.parts)

    def _refuse(self, gsi: int) -> None:
        self.refused[gsi] = self.refused.get(gsi, 0) + 1

    @rule(partition=partitions, gsi=lines, vector=vectors)
    def claim(self, partition: int, gsi: int, vector: int) -> None:
        who = self._who(partition)
        answer = self.core.claim(who, gsi, vector)

        if self.owner.get(gsi) != who:
            assert answer == "refused-owner"
            self._refuse(gsi)
        elif vector < 16:
            assert answer == "refused-vector"
            self._refuse(gsi)
        else:
            assert answer == "granted"
            self.vector[gsi] = vector

    @rule(partition=partitions, gsi=lines, masked=st.booleans())
    def mask(self, partition: int, gsi: int, masked: bool) -> None:
        who = self._who(partition)
        answer = self.core.mask(who, gsi, masked)

        if self.owner.get(gsi) != who:
            assert answer == "refused-owner"
            self._refuse(gsi)
        else:
            assert answer == "granted"
            (self.open.discard if masked else self.open.add)(gsi)

    @rule(partition=partitions, pin=st.integers(0, 23), low=words, high=words)
    def program(self, partition: int, pin: int, low: int, high: int) -> None:
        who = self._who(partition)
        answer = _write_pin(self.core, who, pin, low, high)

        if self.owner.get(pin) != who:
            assert answer is None
            self._refuse(pin)
            return
        self.vector[pin] = low & 0xFF if low & 0xFF >= 16 else 0
        (self.open.discard if low & MASKED else self.open.add)(pin)
        assert answer is not None
        self._is_confined(who, pin, low, answer)

    def _is_confined(self, who: int, pin: int, low: int, answer: tuple[int, int]) -> None:
        real_pin, rte = answer
        ids = {self.plan.computer.apic_ids[index] for index in self.plan.parts[who].processors}
        usable = self.vector[pin] and low >> 8 & 7 in (FIXED, LOWEST) and not low & MASKED

        assert real_pin == pin
        assert rte >> 56 in ids
        assert not rte & (7 << 8 | LOGICAL)
        assert bool(rte & MASKED) == (not usable)
        assert not usable or rte & 0xFF == low & 0xFF
        if not usable and not low & MASKED:
            self._refuse(pin)

    @rule(gsi=lines)
    def arrive(self, gsi: int) -> None:
        self.core.set_pending(gsi)
        if gsi in self.owner:
            self.pending.add(gsi)

    @rule(gsi=lines)
    def use(self, gsi: int) -> None:
        """What an owner does, in the order in which it leads to an interrupt: rare by chance."""
        if gsi in self.owner:
            self.claim(self.owner[gsi], gsi, 0x40 + gsi)
            self.mask(self.owner[gsi], gsi, False)
            self.arrive(gsi)

    @rule(partition=partitions)
    def take(self, partition: int) -> None:
        who = self._who(partition)
        ready = [
            gsi
            for gsi in sorted(self.pending)
            if self.owner[gsi] == who and self.vector.get(gsi) and gsi in self.open
        ]
        taken = self.core.take(who)

        assert taken == (ready[0] if ready else None)
        self.pending.discard(-1 if taken is None else taken)

    @rule(partition=partitions)
    def restart(self, partition: int) -> None:
        who = self._who(partition)
        self.core.reset(who)
        for gsi in [gsi for gsi, owner in self.owner.items() if owner == who]:
            self.vector.pop(gsi, None)
            self.open.discard(gsi)
            self.pending.discard(gsi)

    @invariant()
    def has_every_line_one_owner(self) -> None:
        if not hasattr(self, "owner"):
            return
        for gsi in range(31):
            owner, vector, masked, pending, refused, _ = self.core.line(gsi)

            assert owner == self.owner.get(gsi) == self.core.gsi_owner(gsi)
            assert vector == self.vector.get(gsi, 0)
            assert masked == (gsi not in self.open)
            assert pending == (gsi in self.pending)
            assert refused == self.refused.get(gsi, 0)


@pytest.mark.requirement("CORE-03")
def test_does_no_sequence_give_a_line_two_owners() -> None:
    run_state_machine_as_test(Claims, settings=settings(max_examples=100, stateful_step_count=30))


@pytest.mark.requirement("CORE-03")
def test_is_an_interrupt_handed_out_once_and_to_its_owner() -> None:
    core = TWINS.core()
    for gsi in (4, 2, 3):
        owner = core.gsi_owner(gsi)
        assert owner is not None
        core.claim(owner, gsi, 0x40 + gsi)
        core.mask(owner, gsi, False)
        core.set_pending(gsi)

    assert [core.take(LEFT), core.take(LEFT), core.take(LEFT)] == [2, 4, None]
    assert [core.take(RIGHT), core.take(RIGHT)] == [3, None]


@pytest.mark.requirement("CORE-03")
@given(plans(), partitions, st.integers(0, 0x3F), words)
def test_does_the_virtual_ioapic_show_and_take_own_pins_only(
    plan: Plan, who: int, index: int, value: int
) -> None:
    core, who = plan.core(), who % len(plan.parts)
    core.ioapic_write(who, SELECT, index)
    answer = core.ioapic_write(who, WINDOW, value)
    pin = (index - 0x10) // 2
    owned = index >= 0x10 and pin in plan.parts[who].gsis

    assert core.ioapic_read(who, SELECT) == index
    assert (answer is not None) == owned
    if owned:
        kept = value & (0xFF000000 if index & 1 else 0x1AFFF)
        assert core.ioapic_read(who, WINDOW) == kept
    elif index >= 0x10 and pin < 24:
        assert core.ioapic_read(who, WINDOW) == (0 if index & 1 else MASKED)


@pytest.mark.requirement("CORE-03")
def test_are_identity_and_version_those_of_an_ioapic() -> None:
    core = TWINS.core()
    core.ioapic_write(LEFT, WINDOW, 0x05000000)
    answers = []
    for index in (0, 1, 2, 3):
        core.ioapic_write(LEFT, SELECT, index)
        answers.append(core.ioapic_read(LEFT, WINDOW))

    assert answers == [0x05000000, 0x00170011, 0x05000000, 0]  # 24 pins; 82093AA §3.2
    assert core.ioapic_read(RIGHT, WINDOW) == 0  # the other one's id is its own
    assert core.ioapic_read(LEFT, 0x20) == 0


@pytest.mark.requirement("CORE-03")
def test_does_a_real_pin_keep_trigger_and_polarity() -> None:
    answer = _write_pin(TWINS.core(), LEFT, 4, 0x31 | LEVEL | LOW, 0)

    assert answer == (4, 0x31 | LEVEL | LOW)


@pytest.mark.requirement("CORE-03")
@pytest.mark.parametrize(
    ("low", "destination", "real"),
    [(0, 2, 2), (0, 1, 1), (0, 0, 1), (0, 0xFF, 1), (LOGICAL, 2, 1), (LOGICAL, 0xFF, 1)],
    ids=["second", "first", "neighbour", "everybody", "logical", "logical-everybody"],
)
def test_does_a_real_pin_end_at_a_processor_of_the_owner(low: int, destination: int, real: int) -> None:
    """Logical destinations are the same in every partition: they mean the owner's first processor."""
    answer = _write_pin(TWINS.core(), RIGHT, 3, 0x31 | low, destination << 24)

    assert answer == (3, real << 56 | 0x31)


@pytest.mark.requirement("CORE-03")
@pytest.mark.parametrize("delivery", [SMI, NMI, INIT, EXTINT, 3, 6])
def test_is_a_pin_no_way_to_another_kind_of_interrupt(delivery: int) -> None:
    answer = _write_pin(TWINS.core(), LEFT, 4, 0x31 | delivery << 8)

    assert answer is not None
    assert answer[1] & MASKED
    assert not answer[1] & 7 << 8


def _targets(part: Part, sender: int, icr: int, logical: bytes, computer_ids: tuple[int, ...]) -> set[int]:
    """The partition's processors that a message is meant for. APM vol. 2 §16.5."""
    shorthand, destination = icr >> 18 & 3, icr >> 56
    own = set(part.processors)
    if shorthand:
        return {SELF: own & {sender}, ALL: own, ALL_BUT_SELF: own - {sender}}[shorthand]
    if icr & LOGICAL:
        return {p for p, ident in zip(part.processors, logical, strict=False) if ident & destination}
    return {p for p in own if destination in (0xFF, computer_ids[p])}


@pytest.mark.requirement("CORE-03")
@settings(max_examples=500)
@given(
    st.sampled_from((LEFT, RIGHT)),
    st.builds(
        _icr, vectors, st.integers(0, 7), st.integers(0, 5) | st.just(0xFF), st.integers(0, 3), st.booleans()
    ),
    st.binary(min_size=8, max_size=8),
    st.integers(0, 1),
)
def test_does_an_ipi_reach_own_processors_only(who: int, icr: int, logical: bytes, sender: int) -> None:
    part = TWINS.parts[who]
    sending = part.processors[sender % len(part.processors)]
    answer, vector, nmi, targets = TWINS.core().ipi(who, sending, icr, logical)
    expected = _targets(part, sending, icr, logical, TWINS.computer.apic_ids)
    delivery = icr >> 8 & 7

    assert set(targets) <= expected
    if delivery not in (FIXED, LOWEST, NMI):
        assert answer == "refused-delivery"
    elif delivery != NMI and icr & 0xFF < 16:
        assert answer == "refused-vector"
    elif not expected:
        assert answer == "refused-target"
    else:
        assert answer == "granted"
        assert (vector, nmi) == ((0, True) if delivery == NMI else (icr & 0xFF, False))
        assert len(targets) == (1 if delivery == LOWEST else len(expected))


@pytest.mark.requirement("CORE-03")
@pytest.mark.parametrize(("delivery", "shorthand"), [*product((SMI, INIT, STARTUP, EXTINT), range(4))])
def test_is_no_ipi_a_reset_or_worse(delivery: int, shorthand: int) -> None:
    answer, _, _, targets = TWINS.core().ipi(RIGHT, 1, _icr(0x40, delivery, 0xFF, shorthand))

    assert (answer, targets) == ("refused-delivery", b"")


@pytest.mark.requirement("CORE-03")
@settings(max_examples=500)
@given(
    st.builds(
        _icr, vectors, st.integers(0, 7), st.integers(0, 5) | st.just(0xFF), st.integers(0, 3), st.booleans()
    ),
    st.booleans(),
    st.binary(min_size=8, max_size=8),
    st.integers(0, 1),
)
def test_does_a_start_up_reach_further_processors_of_its_own_only(
    icr: int, asserted: bool, logical: bytes, sender: int
) -> None:
    """INIT and start-up mean another processor of the partition, and never the one that boots it."""
    part = TWINS.parts[RIGHT]
    sending = part.processors[sender]
    icr = icr & ~ASSERT | asserted * ASSERT
    answer, page, init, targets = TWINS.core().start_up(RIGHT, sending, icr, logical)
    meant = _targets(part, sending, icr, logical, TWINS.computer.apic_ids) - {sending, part.processors[0]}
    delivery = icr >> 8 & 7

    if delivery not in (INIT, STARTUP):
        assert (answer, targets) == ("refused-delivery", b"")
    elif delivery == INIT and not asserted:
        assert (answer, targets) == ("granted", b"")
    else:
        assert answer == ("granted" if meant else "refused-target")
        assert set(targets) == meant
        assert not meant or (page, init) == (icr & 0xFF, delivery == INIT)


@pytest.mark.requirement("CORE-03")
@pytest.mark.parametrize("delivery", [INIT, STARTUP])
def test_is_there_nothing_to_start_with_one_processor(delivery: int) -> None:
    icr = _icr(0x40, delivery, 0xFF, ALL) | ASSERT

    assert TWINS.core().start_up(LEFT, 0, icr)[0] == "refused-delivery"


@pytest.mark.requirement("CORE-03")
@given(
    st.sampled_from((LEFT, RIGHT)), st.integers(0, 0xFF), st.integers(0, 0xFFFF), st.booleans(), st.booleans()
)
def test_does_a_message_of_a_device_reach_own_processors_only(
    who: int, destination: int, data: int, logical: bool, elsewhere: bool
) -> None:
    address = (0xFED00000 if elsewhere else 0xFEE00000) | destination << 12 | logical << 2
    answer, _, nmi, targets = TWINS.core().msi(who, address, data)

    assert set(targets) <= set(TWINS.parts[who].processors)
    assert (answer == "granted") == bool(targets)
    if targets:
        assert not elsewhere
        assert data >> 8 & 7 in (FIXED, LOWEST)  # an NMI is for processors to send each other
    assert not (nmi and targets)


@pytest.mark.requirement("CORE-03")
def test_is_the_nmi_owned_by_who_has_the_right() -> None:
    nobody = TWINS.with_part(LEFT, rights=0)

    assert TWINS.core().nmi_owner() == LEFT
    assert nobody.core().nmi_owner() is None
    assert nobody.with_part(RIGHT, rights=CFG["RIGHT_NMI"]).core().nmi_owner() == RIGHT
