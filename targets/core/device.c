// SPDX-License-Identifier: MIT
#include "config_items.h"
#include "core.h"

static void set_bits(uint8_t *map, struct cfg_span ports, bool value)
{
	for (uint64_t port = ports.first; port <= ports.last; port++) {
		uint8_t bit = (uint8_t)(1u << (port & 7));

		if (value)
			map[port >> 3] |= bit;
		else
			map[port >> 3] &= (uint8_t)~bit;
	}
}

static void fill(uint8_t *map, uint8_t value)
{
	for (size_t i = 0; i < DEV_PORT_BITMAP_BYTES + 8; i++)
		map[i] = value;
}

static void simulated_ports(struct core *core, uint8_t p)
{
	const struct cfg_partition *partition = &core->config->partition[p];
	const struct cfg_machine *machine = &core->config->machine;
	uint8_t *simulated = core->device[p].port_simulated;
	struct cfg_span span[CFG_POWER_SPANS];
	size_t count = cfg_power_ports(machine, span);

	fill(simulated, 0);
	for (size_t i = 0; i < count; i++)
		set_bits(simulated, span[i], true);
	if (machine->flags & CFG_MACHINE_PCI)
		set_bits(simulated, (struct cfg_span){CFG_PCI_PORTS_FIRST, CFG_PCI_PORTS_LAST}, true);
	for (size_t i = 0; i < CFG_STANDIN_SPANS; i++)
		if (partition->standins & cfg_standin_span[i].standin)
			set_bits(simulated, cfg_standin_span[i].ports, true);
	for (size_t i = 0; i < CFG_GUARDED_SPANS; i++)
		if (cfg_item_covers(partition, CFG_FIELD_PORT, cfg_guarded_span[i].ports))
			set_bits(simulated, cfg_guarded_span[i].ports, true);
}

static void trapped_ports(struct core *core, uint8_t p)
{
	const struct cfg_partition *partition = &core->config->partition[p];
	uint16_t timer = core->config->machine.power.pm_timer;
	uint8_t *trap = core->device[p].port_trap;

	fill(trap, 0xff);
	for (uint32_t i = 0; i < partition->port_count; i++)
		set_bits(trap, cfg_item(partition, CFG_FIELD_PORT, i), false);
	for (size_t i = 0; i < CFG_GUARDED_SPANS; i++)
		set_bits(trap, cfg_guarded_span[i].ports, true);
	/* it is read-only, so a write does no harm (ACPI 6.5 §4.8.3.3) */
	if (timer && partition->rights & CFG_RIGHT_PM_TIMER)
		set_bits(trap, (struct cfg_span){timer, timer + CFG_PM_TIMER_PORTS - 1u}, false);
}

void dev_init(struct core *core)
{
	for (uint8_t p = 0; p < core->config->partition_count; p++) {
		simulated_ports(core, p);
		trapped_ports(core, p);
	}
}

bool dev_is_pci(uint16_t port, uint8_t size)
{
	if (port == CFG_PCI_PORTS_FIRST)
		return size == 4;
	return port >= 0xcfc && (uint32_t)port + size <= CFG_PCI_PORTS_LAST + 1u;
}

enum dev_route dev_mmio(const struct core *core, uint8_t partition, uint64_t gpa, uint8_t size)
{
	const struct cfg_machine *machine = &core->config->machine;
	struct cfg_span access = cfg_span_of(gpa, size);

	if (cfg_spans_meet(access, cfg_span_of(machine->lapic_base, CFG_PAGE_BYTES), NULL) ||
	    cfg_spans_meet(access, cfg_span_of(machine->ioapic.base, CFG_PAGE_BYTES), NULL))
		return DEV_SIMULATE;
	if (pci_is_table_page(core, partition, gpa))
		return DEV_SIMULATE;
	return cfg_item_covers(&core->config->partition[partition], CFG_FIELD_MMIO, access) ? DEV_ALLOW
											    : DEV_DENY;
}

uint8_t dev_port_owner(const struct core *core, uint16_t port)
{
	return cfg_item_owner(core->config, CFG_FIELD_PORT, port);
}

uint8_t dev_mmio_owner(const struct core *core, uint64_t address)
{
	return cfg_item_owner(core->config, CFG_FIELD_MMIO, address);
}

uint8_t dev_pci_owner(const struct core *core, uint16_t bdf)
{
	return cfg_item_owner(core->config, CFG_FIELD_PCI, bdf);
}
