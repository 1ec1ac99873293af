/* SPDX-License-Identifier: MIT */
/* acpi_tables: what the files that build pseudo ACPI tables share. Private to the core. */
#ifndef MRM_CORE_ACPI_TABLES_H
#define MRM_CORE_ACPI_TABLES_H

#include "acpi_bytes.h"
#include "config_items.h"

/* Append a table for a partition; return where it is. facs and dsdt are where those are. */
size_t acpi_dsdt(struct acpi_bytes *bytes, const struct cfg_partition *partition);
size_t acpi_fadt(struct acpi_bytes *bytes, const struct cfg_machine *machine,
		 const struct cfg_partition *partition, size_t facs, size_t dsdt);

static inline bool acpi_owns_ports(const struct cfg_partition *partition, uint16_t first, uint16_t last)
{
	return cfg_item_covers(partition, CFG_FIELD_PORT, (struct cfg_span){first, last});
}

static inline bool acpi_owns_gsi(const struct cfg_partition *partition, uint32_t gsi)
{
	return cfg_item_covers(partition, CFG_FIELD_GSI, (struct cfg_span){gsi, gsi});
}

/* Its own, or a stand-in for it. */
static inline bool acpi_has_device(const struct cfg_partition *partition, enum cfg_standin standin,
				   uint16_t first, uint16_t last)
{
	return partition->standins & standin || acpi_owns_ports(partition, first, last);
}

#endif
