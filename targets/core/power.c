// SPDX-License-Identifier: MIT
#include "config_items.h"
#include "core.h"

/* PM1 control, ACPI 6.5 §4.8.3.2.1 */
#define PM1_SCI_EN  0x0001u
#define PM1_GBL_RLS 0x0004u /* write-only */
#define PM1_SLP_EN  0x2000u /* write-only */

#define CF9_PORT  0xcf9
#define CF9_RESET 0x04u

#define PORT92		0x92
#define PORT92_INIT_NOW 0x01u
#define PORT92_A20	0x02u

/* Keyboard controller */
#define I8042_STATUS_IDLE  0x14u /* self-test passed, keyboard not locked, both buffers empty */
#define I8042_WRITE_OUTPUT 0xd1u /* the next data byte goes to the output port */
#define I8042_A20_OFF	   0xddu
#define I8042_A20_ON	   0xdfu
#define I8042_PULSE	   0xf0u /* low nibble: output port bits that are not pulsed */
#define I8042_LINE_RESET   0x01u /* output port bit 0, active low */

bool pwr_is_port(const struct core *core, uint16_t port)
{
	struct cfg_span span[CFG_POWER_SPANS];
	size_t count = cfg_power_ports(&core->config->machine, span);

	for (size_t i = 0; i < count; i++)
		if (span[i].first <= port && port <= span[i].last)
			return true;
	return false;
}

/* The byte of a register block that port is, or -1. */
static int byte_of(uint32_t block, uint32_t port, uint32_t size_bytes)
{
	return block && port - block < size_bytes ? (int)(port - block) : -1;
}

static int byte_of_either(uint32_t block_a, uint32_t block_b, uint32_t port, uint32_t size_bytes)
{
	int byte = byte_of(block_a, port, size_bytes);

	return byte >= 0 ? byte : byte_of(block_b, port, size_bytes);
}

static void set_byte(uint16_t *word, int byte, uint8_t value)
{
	*word = (uint16_t)((*word & ~(0xffu << (byte * 8))) | (uint32_t)value << (byte * 8));
}

/* Nothing ever happened, so the status bytes are 0. */
static uint8_t read_pm1_event(const struct pwr_state *state, int byte)
{
	return byte < 2 ? 0 : (uint8_t)(state->pm1_enable >> ((byte - 2) * 8));
}

static uint8_t read_byte(const struct core *core, const struct pwr_state *state, uint32_t port)
{
	const struct cfg_machine *machine = &core->config->machine;
	const struct cfg_power *power = &machine->power;
	int byte;

	byte = byte_of_either(power->pm1a_event, power->pm1b_event, port, 4);
	if (byte >= 0)
		return read_pm1_event(state, byte);
	byte = byte_of_either(power->pm1a_control, power->pm1b_control, port, 2);
	if (byte >= 0)
		return (uint8_t)((state->pm1_control | PM1_SCI_EN) >> (byte * 8));
	if (port == CF9_PORT && machine->flags & CFG_MACHINE_CF9)
		return state->cf9;
	if (port == CFG_I8042_COMMAND && machine->flags & CFG_MACHINE_I8042)
		return I8042_STATUS_IDLE;
	if (port == PORT92 && machine->flags & CFG_MACHINE_PORT92)
		return state->port92;
	return pwr_is_port(core, (uint16_t)port) ? 0 : 0xff;
}

uint32_t pwr_port_read(struct core *core, uint8_t partition, uint16_t port, uint8_t size)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < size && i < 4; i++)
		value |= (uint32_t)read_byte(core, &core->power[partition], port + i) << (i * 8);
	return value;
}

static enum pwr_cause write_pm1_control(struct pwr_state *state, int byte, uint8_t value)
{
	set_byte(&state->pm1_control, byte, value);
	if (!(state->pm1_control & PM1_SLP_EN)) {
		state->pm1_control &= (uint16_t)~PM1_GBL_RLS;
		return PWR_NONE;
	}
	state->pm1_control &= (uint16_t) ~(PM1_GBL_RLS | PM1_SLP_EN);
	return PWR_SOFT_OFF;
}

static enum pwr_cause write_cf9(struct pwr_state *state, uint8_t value)
{
	state->cf9 = value & (uint8_t)~CF9_RESET;
	return value & CF9_RESET ? PWR_RESET_CF9 : PWR_NONE;
}

static enum pwr_cause write_port92(struct pwr_state *state, uint8_t value)
{
	state->port92 = value & (uint8_t)~PORT92_INIT_NOW;
	return value & PORT92_INIT_NOW ? PWR_RESET_PORT92 : PWR_NONE;
}

static enum pwr_cause write_i8042_command(struct pwr_state *state, uint8_t value)
{
	bool pulse = (value & I8042_PULSE) == I8042_PULSE;

	state->i8042_command = value == I8042_WRITE_OUTPUT ? value : 0;
	return pulse && !(value & I8042_LINE_RESET) ? PWR_RESET_I8042 : PWR_NONE;
}

static enum pwr_cause write_i8042_data(struct pwr_state *state, uint8_t value)
{
	bool output = state->i8042_command == I8042_WRITE_OUTPUT;

	state->i8042_command = 0;
	return output && !(value & I8042_LINE_RESET) ? PWR_RESET_I8042 : PWR_NONE;
}

bool pwr_keeps_i8042(const struct core *core, uint8_t partition, uint16_t port, uint8_t value)
{
	if (port == CFG_I8042_DATA)
		return core->power[partition].i8042_command == I8042_WRITE_OUTPUT;
	return value == I8042_WRITE_OUTPUT || value == I8042_A20_OFF || value == I8042_A20_ON ||
	       (value & I8042_PULSE) == I8042_PULSE;
}

/* Ports that are the chip set's, not ACPI's. */
static enum pwr_cause write_legacy(struct pwr_state *state, uint32_t flags, uint32_t port, uint8_t value)
{
	if (port == CF9_PORT && flags & CFG_MACHINE_CF9)
		return write_cf9(state, value);
	if (port == PORT92 && flags & CFG_MACHINE_PORT92)
		return write_port92(state, value);
	if (port == CFG_I8042_COMMAND && flags & CFG_MACHINE_I8042)
		return write_i8042_command(state, value);
	if (port == CFG_I8042_DATA && flags & CFG_MACHINE_I8042)
		return write_i8042_data(state, value);
	return PWR_NONE; /* the SMI command port, too: its firmware is the machine's */
}

static enum pwr_cause write_byte(const struct cfg_machine *machine, struct pwr_state *state, uint32_t port,
				 uint8_t value)
{
	const struct cfg_power *power = &machine->power;
	int byte;

	byte = byte_of_either(power->pm1a_control, power->pm1b_control, port, 2);
	if (byte >= 0)
		return write_pm1_control(state, byte, value);
	byte = byte_of_either(power->pm1a_event, power->pm1b_event, port, 4);
	if (byte >= 2)
		set_byte(&state->pm1_enable, byte - 2, value);
	if (power->reset.port && port == power->reset.port && value == power->reset.value)
		return PWR_RESET_REGISTER;
	return write_legacy(state, machine->flags, port, value);
}

enum pwr_cause pwr_port_write(struct core *core, uint8_t partition, uint16_t port, uint8_t size,
			      uint32_t value)
{
	enum pwr_cause first = PWR_NONE;

	for (uint32_t i = 0; i < size && i < 4; i++) {
		enum pwr_cause cause = write_byte(&core->config->machine, &core->power[partition], port + i,
						  (uint8_t)(value >> (i * 8)));

		if (first == PWR_NONE)
			first = cause;
	}
	return first;
}

static enum cfg_policy policy(const struct cfg_partition *partition, enum pwr_cause cause)
{
	switch (cause) {
	case PWR_RESET_REGISTER:
	case PWR_RESET_CF9:
	case PWR_RESET_I8042:
	case PWR_RESET_PORT92:
		return partition->on_reset;
	case PWR_TRIPLE_FAULT:
		return partition->on_crash;
	default:
		return CFG_STOP;
	}
}

static bool anybody_runs(const struct core *core)
{
	for (uint8_t p = 0; p < core->config->partition_count; p++)
		if (core->power[p].running)
			return true;
	return false;
}

static enum pwr_decision decide(struct core *core, uint8_t p, enum pwr_cause cause)
{
	const struct cfg_partition *partition = &core->config->partition[p];
	bool was_running = core->power[p].running;

	if (policy(partition, cause) == CFG_RESTART)
		return PWR_PARTITION_RESTART; /* and stays running: it is not the last one that ended */
	core->power[p].running = 0;
	if (was_running && cause != PWR_OPERATOR && partition->rights & CFG_RIGHT_LAST_LIGHT &&
	    !anybody_runs(core))
		return PWR_MACHINE_OFF;
	return PWR_PARTITION_STOP;
}

enum pwr_decision pwr_end(struct core *core, uint8_t partition, enum pwr_cause cause)
{
	enum pwr_decision decision = decide(core, partition, cause);

	core_trace(core, TRC_POWER, partition, cause, decision);
	return decision;
}

void pwr_started(struct core *core, uint8_t partition)
{
	core->power[partition].running = 1;
}

bool pwr_running(const struct core *core, uint8_t partition)
{
	return core->power[partition].running;
}

const char *pwr_cause_name(uint8_t cause)
{
	static const char *const name[PWR_CAUSES] = {
		[PWR_NONE] = "none",
		[PWR_SOFT_OFF] = "soft-off",
		[PWR_RESET_REGISTER] = "reset-register",
		[PWR_RESET_CF9] = "reset-cf9",
		[PWR_RESET_I8042] = "reset-i8042",
		[PWR_RESET_PORT92] = "reset-port92",
		[PWR_TRIPLE_FAULT] = "triple-fault",
		[PWR_OPERATOR] = "operator",
	};

	return cause < PWR_CAUSES ? name[cause] : "unknown";
}

void pwr_reset_partition(struct core *core, uint8_t partition)
{
	core->power[partition] = (struct pwr_state){
		.running = core->power[partition].running,
		.port92 = PORT92_A20,
	};
}
