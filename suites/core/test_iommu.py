"""Does the DMA of a PCI function go by its owner's tables, and every other function's nowhere? Paper §3.3(1).

Bits as the AMD I/O Virtualization Technology Specification (48882 §2.2.2.1) has them.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.core.plans import TWINS, ZERO, Plan
from suites.core.strategies import plans

VALID, TRANSLATED = 1 << 0, 1 << 1
LEVEL_SHIFT, LEVELS = 9, 4
READ, WRITE = 1 << 61, 1 << 62
ROOTS = (0x8123000, 0x8456000, 0x8789000, 0xFFFFFFFFFF000)

functions = st.one_of(st.integers(0, 0xFFFF), st.integers(0, 31).map(lambda device: device << 3))


@pytest.mark.requirement("CORE-14")
@given(plans(), functions)
def test_is_a_function_of_nobodys_denied(plan: Plan, bdf: int) -> None:
    if all(bdf != own for part in plan.parts for own, _ in part.pci):
        entry = plan.core().iommu_entry(bdf, ROOTS[: len(plan.parts)])

        assert entry == (VALID | TRANSLATED, 0, 0, 0)


@pytest.mark.requirement("CORE-14")
@given(plans())
def test_goes_the_dma_of_a_function_by_its_owners_table(plan: Plan) -> None:
    core, roots = plan.core(), ROOTS[: len(plan.parts)]
    for part, root in zip(plan.parts, roots, strict=True):
        for bdf, _ in part.pci:
            translation, domain, *rest = core.iommu_entry(bdf, roots)

            assert translation == VALID | TRANSLATED | LEVELS << LEVEL_SHIFT | root | READ | WRITE
            assert rest == [0, 0]
            assert domain, "the domain of the denied"


@pytest.mark.requirement("CORE-14")
@pytest.mark.parametrize("plan", [TWINS, ZERO], ids=["identity", "zero-based"])
def test_has_each_partition_a_domain_of_its_own(plan: Plan) -> None:
    core = plan.core()
    domains = [{core.iommu_entry(bdf, ROOTS[:2])[1] for bdf, _ in part.pci} for part in plan.parts]

    assert [len(domain) for domain in domains] == [1, 1]
    assert domains[0] != domains[1]


@pytest.mark.requirement("CORE-14")
def test_is_a_function_denied_that_may_be_no_master() -> None:
    plan = ZERO.with_part(0, no_masters=(0x18,))

    assert plan.core().iommu_entry(0x18, ROOTS[:2]) == (VALID | TRANSLATED, 0, 0, 0)
    assert plan.core().iommu_entry(0x20, ROOTS[:2])[1]


@pytest.mark.requirement("CORE-14", "CORE-10")
def test_is_a_wrong_number_of_tables_refused() -> None:
    with pytest.raises(ValueError, match="one root a partition"):
        TWINS.core().iommu_entry(0x18, ROOTS[:1])
