// SPDX-License-Identifier: MIT
/* Tables that are records: FACS, FADT, MADT, and the root that leads to them. */
#include "acpi.h"
#include "acpi_tables.h"

#define MADT_REVISION 5
#define ROOT_REVISION 1
#define RSDP_REVISION 2
#define FACS_VERSION  2

#define GPA_ALIGN 64u		 /* FACS, ACPI 6.5 §5.2.10 */
#define GPA_TOP	  0x100000000ull /* what a 32-bit table address reaches */

#define ISA_LINES 16u

/* MADT, ACPI 6.5 §5.2.12: types and lengths of its structures */
enum madt_entry { MADT_LAPIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_LAPIC_NMI = 4 };

#define MADT_8259_PAIR	     1u
#define MADT_ENABLED	     1u
#define MADT_EVERY_PROCESSOR 0xffu
#define MADT_LINT1	     1u
#define IOAPIC_ID	     0u /* as the virtual I/O APIC of a partition has it after a start */

/* MPS INTI flags, ACPI 6.5 §5.2.12.5 */
#define INTI_CONFORMS	 0u
#define INTI_ACTIVE_HIGH 0x1u
#define INTI_ACTIVE_LOW	 0x3u
#define INTI_EDGE	 0x4u
#define INTI_LEVEL	 0xcu

static size_t facs(struct acpi_bytes *bytes)
{
	size_t table;

	acpi_align(bytes, GPA_ALIGN);
	table = bytes->used;
	acpi_put_text(bytes, "FACS");
	acpi_put(bytes, 64, 4); /* length */
	while (bytes->used < table + 64)
		acpi_put(bytes, 0, 1);
	acpi_set(bytes, table + 32, FACS_VERSION, 1);
	return table;
}

static void madt_override(struct acpi_bytes *bytes, uint32_t irq, uint32_t gsi, uint32_t flags)
{
	acpi_put(bytes, MADT_OVERRIDE, 1);
	acpi_put(bytes, 10, 1);
	acpi_put(bytes, 0, 1); /* ISA */
	acpi_put(bytes, irq, 1);
	acpi_put(bytes, gsi, 4);
	acpi_put(bytes, flags, 2);
}

/* ISA lines are taken for edge triggered and active high (ACPI 6.5 §5.2.12.5); those of its own that are not.
 */
static void madt_overrides(struct acpi_bytes *bytes, const struct cfg_partition *partition)
{
	if (acpi_owns_ports(partition, 0x40, 0x43) && acpi_owns_gsi(partition, CFG_PIT_GSI))
		madt_override(bytes, CFG_PIT_IRQ, CFG_PIT_GSI, INTI_CONFORMS);
	for (uint32_t i = 0; i < partition->gsi_count; i++) {
		const struct cfg_gsi *line = &partition->gsi[i];
		uint32_t polarity = line->flags & CFG_GSI_ACTIVE_LOW ? INTI_ACTIVE_LOW : INTI_ACTIVE_HIGH;
		uint32_t trigger = line->flags & CFG_GSI_LEVEL ? INTI_LEVEL : INTI_EDGE;

		if (line->flags && line->gsi < ISA_LINES)
			madt_override(bytes, line->gsi, line->gsi, polarity | trigger);
	}
}

static void madt_processors(struct acpi_bytes *bytes, const struct cfg_machine *machine,
			    const struct cfg_partition *partition)
{
	for (uint32_t i = 0; i < partition->processor_count; i++) {
		acpi_put(bytes, MADT_LAPIC, 1);
		acpi_put(bytes, 8, 1);
		acpi_put(bytes, i, 1); /* UID */
		acpi_put(bytes, machine->apic_id[partition->processor[i]], 1);
		acpi_put(bytes, MADT_ENABLED, 4);
	}
}

static void madt_ioapic(struct acpi_bytes *bytes, const struct cfg_ioapic *ioapic)
{
	acpi_put(bytes, MADT_IOAPIC, 1);
	acpi_put(bytes, 12, 1);
	acpi_put(bytes, IOAPIC_ID, 1);
	acpi_put(bytes, 0, 1);
	acpi_put(bytes, ioapic->base, 4);
	acpi_put(bytes, ioapic->first_gsi, 4);
}

/* The machine's NMI arrives at LINT1, as on every PC. */
static void madt_nmi(struct acpi_bytes *bytes)
{
	acpi_put(bytes, MADT_LAPIC_NMI, 1);
	acpi_put(bytes, 6, 1);
	acpi_put(bytes, MADT_EVERY_PROCESSOR, 1);
	acpi_put(bytes, INTI_CONFORMS, 2);
	acpi_put(bytes, MADT_LINT1, 1);
}

static size_t madt(struct acpi_bytes *bytes, const struct cfg_machine *machine,
		   const struct cfg_partition *partition)
{
	bool has_pic = acpi_has_device(partition, CFG_STANDIN_PIC, CFG_PIC_MASTER, CFG_PIC_MASTER + 1);
	size_t table = acpi_begin_table(bytes, "APIC", MADT_REVISION);

	acpi_put(bytes, machine->lapic_base, 4);
	acpi_put(bytes, has_pic ? MADT_8259_PAIR : 0, 4);
	madt_processors(bytes, machine, partition);
	madt_ioapic(bytes, &machine->ioapic);
	madt_overrides(bytes, partition);
	if (partition->rights & CFG_RIGHT_NMI)
		madt_nmi(bytes);
	acpi_end_table(bytes, table);
	return table;
}

/* RSDT or XSDT (ACPI 6.5 §5.2.7, §5.2.8): one has addresses of 4 bytes, the other of 8. */
static size_t root(struct acpi_bytes *bytes, const char *signature, size_t address_bytes, size_t fadt_at,
		   size_t madt_at)
{
	size_t table = acpi_begin_table(bytes, signature, ROOT_REVISION);

	acpi_put(bytes, acpi_gpa(bytes, fadt_at), address_bytes);
	acpi_put(bytes, acpi_gpa(bytes, madt_at), address_bytes);
	acpi_end_table(bytes, table);
	return table;
}

/* ACPI 6.5 §5.2.5.3. What is set afterwards is not known yet when it is appended. */
enum rsdp_field { RSDP_CHECKSUM = 8, RSDP_RSDT = 16, RSDP_XSDT = 24, RSDP_ALL_CHECKSUM = 32 };

#define RSDP_BYTES	 36u
#define RSDP_FIRST_BYTES 20u /* of ACPI 1.0, with a checksum of their own */

static void append_rsdp(struct acpi_bytes *bytes)
{
	acpi_put_text(bytes, "RSD PTR ");
	acpi_put(bytes, 0, 1);
	acpi_put_text(bytes, "MRM   ");
	acpi_put(bytes, RSDP_REVISION, 1);
	acpi_put(bytes, 0, 4);
	acpi_put(bytes, RSDP_BYTES, 4);
	acpi_put(bytes, 0, 8);
	acpi_put(bytes, 0, 4);
}

static void complete_rsdp(struct acpi_bytes *bytes, size_t rsdt, size_t xsdt)
{
	acpi_set(bytes, RSDP_RSDT, acpi_gpa(bytes, rsdt), 4);
	acpi_set(bytes, RSDP_XSDT, acpi_gpa(bytes, xsdt), 8);
	acpi_set_checksum(bytes, 0, RSDP_FIRST_BYTES, RSDP_CHECKSUM);
	acpi_set_checksum(bytes, 0, RSDP_BYTES, RSDP_ALL_CHECKSUM);
}

size_t acpi_build(const struct cfg_block *block, uint8_t p, uint64_t gpa, void *out, size_t size_bytes)
{
	struct acpi_bytes bytes = {.out = out, .size_bytes = size_bytes, .gpa = gpa};
	const struct cfg_partition *partition = &block->partition[p];
	size_t facs_at, dsdt, fadt_at, madt_at, rsdt, xsdt;

	if (gpa % GPA_ALIGN || gpa > GPA_TOP - ACPI_BYTES)
		return 0;
	append_rsdp(&bytes);
	facs_at = facs(&bytes);
	dsdt = acpi_dsdt(&bytes, partition);
	fadt_at = acpi_fadt(&bytes, &block->machine, partition, facs_at, dsdt);
	madt_at = madt(&bytes, &block->machine, partition);
	rsdt = root(&bytes, "RSDT", 4, fadt_at, madt_at);
	xsdt = root(&bytes, "XSDT", 8, fadt_at, madt_at);
	complete_rsdp(&bytes, rsdt, xsdt);
	return bytes.used <= size_bytes ? bytes.used : 0;
}
