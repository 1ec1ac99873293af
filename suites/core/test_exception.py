"""Is every exception routed to the partition that raised it, or does it end that partition? Paper §3.4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.core.plans import TWINS

NAMES = ["de", "db", "nmi", "bp", "of", "br", "ud", "nm", "df", None, "ts", "np", "ss", "gp", "pf", None]
NAMES += ["mf", "ac", "mc", "xm"]
VECTORS = {name: vector for vector, name in enumerate(NAMES) if name}
WITH_ERROR = {VECTORS[name] for name in ("df", "ts", "np", "ss", "gp", "pf", "ac")}
"""APM vol. 2 table 8-1."""
EXCEPTIONS = sorted(set(VECTORS.values()) - {VECTORS["nmi"]})
CONTRIBUTORY = {VECTORS[name] for name in ("de", "ts", "np", "ss", "gp")}
PF, DF, NMI = VECTORS["pf"], VECTORS["df"], VECTORS["nmi"]
SHUTDOWN = 32
INTERRUPT = -1

BOTH = pytest.mark.parametrize("partition", [0, 1])
EACH = pytest.mark.parametrize("vector", EXCEPTIONS, ids=[NAMES[vector] for vector in EXCEPTIONS])


def _expected_pair(first: int, second: int) -> int:
    """APM vol. 2 table 8-3: what becomes of a second exception while the first one is delivered."""
    if first == DF and second in CONTRIBUTORY | {PF}:
        return SHUTDOWN
    if first == PF and second in CONTRIBUTORY | {PF}:
        return DF
    if first in CONTRIBUTORY and second in CONTRIBUTORY:
        return DF
    return second


@BOTH
@pytest.mark.requirement("CORE-04")
@EACH
def test_is_an_exception_delivered_with_its_own_error_code(partition: int, vector: int) -> None:
    error = 0x2A if vector in WITH_ERROR else None

    assert TWINS.core().exception(partition, vector, 0x2A) == ("deliver", vector, error)


@EACH
@pytest.mark.requirement("CORE-04")
def test_do_two_exceptions_combine_as_the_table_says(vector: int) -> None:
    """The vector comes first; everything that can come second while it is delivered."""
    core = TWINS.core()
    for second in EXCEPTIONS:
        became = _expected_pair(vector, second)
        asked = core.exception(0, second, 0x2A, False, vector)

        if became == SHUTDOWN:
            assert asked == ("end", None, None)
        elif became == second:
            assert asked == ("deliver", second, 0x2A if second in WITH_ERROR else None)
        else:
            assert asked == ("deliver", DF, 0)


@BOTH
@pytest.mark.requirement("CORE-04")
@EACH
def test_does_an_interrupt_make_no_double_fault(partition: int, vector: int) -> None:
    route, delivered, _ = TWINS.core().exception(partition, vector, 0, False, INTERRUPT)

    assert (route, delivered) == ("deliver", vector)


@BOTH
@pytest.mark.requirement("CORE-04")
def test_does_a_triple_fault_end_the_partition(partition: int) -> None:
    assert TWINS.core().exception(partition, SHUTDOWN)[0] == "end"


@BOTH
@pytest.mark.requirement("CORE-04")
def test_is_an_exception_of_the_controller_nobodys(partition: int) -> None:
    core = TWINS.core()

    assert {core.exception(partition, vector, 0, True)[0] for vector in range(256)} == {"not-ours"}


@BOTH
@pytest.mark.requirement("CORE-04")
@EACH
def test_are_privileged_instructions_simulated_in_trace_mode_only(partition: int, vector: int) -> None:
    simulated = vector in {VECTORS["gp"], VECTORS["ud"]}
    route, _, _ = TWINS.core().exception(partition, vector, 0, False, None, True)

    assert route == ("simulate" if simulated else "deliver")


@pytest.mark.requirement("CORE-04")
def test_is_an_nmi_its_owners_alone() -> None:
    assert TWINS.core().exception(0, NMI) == ("deliver", NMI, None)
    assert TWINS.core().exception(1, NMI)[0] == "not-ours"


@pytest.mark.requirement("CORE-04")
@given(
    st.integers(0, 1),
    st.integers(0, 255),
    st.integers(0, 0xFFFFFFFF),
    st.booleans(),
    st.one_of(st.none(), st.integers(-1, 255)),
    st.booleans(),
)
def test_is_only_what_a_partition_can_get_delivered_to_it(
    partition: int, vector: int, error: int, in_controller: bool, first: int | None, trace_mode: bool
) -> None:
    asked = TWINS.core().exception(partition, vector, error, in_controller, first, trace_mode)
    route, delivered, code = asked

    if route == "deliver":
        assert not in_controller
        assert delivered in {vector, DF}
        assert delivered in VECTORS.values()
        assert (code is not None) == (delivered in WITH_ERROR)
    else:
        assert (delivered, code) == (None, None)
