/* SPDX-License-Identifier: MIT */
/* command: what the operator can ask on the controller's console, a line each. */
#include "console.h"
#include "cpu.h"
#include "partition.h"

static bool equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* What follows "word " in the line, or NULL. */
static const char *after(const char *line, const char *word)
{
	while (*word)
		if (*line++ != *word++)
			return NULL;
	return *line == ' ' ? line + 1 : NULL;
}

static uint8_t find(const char *name)
{
	for (uint8_t p = 0; p < core.config->partition_count; p++)
		if (equal(partition_config(p)->name, name))
			return p;
	print("error: there is no partition %s: `status` lists them", name);
	return CFG_NOBODY;
}

static bool is_running(uint8_t partition)
{
	bool running;

	lock_take(&core_lock);
	running = pwr_running(&core, partition);
	lock_release(&core_lock);
	return running;
}

/* The partition's own processor carries it out, and says so. */
static void ask(uint8_t partition, enum cpu_request request)
{
	core_trace(&core, TRC_OPERATOR, partition, request == CPU_START ? 's' : 'x', 0);
	if (!cpu_ask(cpu_of(partition), request))
		print("error: %s still has another command to carry out: try again",
		      partition_config(partition)->name);
}

static void start(const char *name)
{
	uint8_t partition = find(name);

	if (partition == CFG_NOBODY)
		return;
	if (is_running(partition))
		print("error: %s is running: stop it first", name);
	else
		ask(partition, CPU_START);
}

static void stop(const char *name)
{
	uint8_t partition = find(name);

	if (partition == CFG_NOBODY)
		return;
	if (is_running(partition))
		ask(partition, CPU_STOP);
	else
		print("error: %s is not running", name);
}

static void status(void)
{
	for (uint8_t p = 0; p < core.config->partition_count; p++)
		print("%s %s, starts %lu", partition_config(p)->name, is_running(p) ? "running" : "ended",
		      counts.row[p].starts);
}

/* Those that came in since the last time, as far as the ring still has them. */
static void trace(void)
{
	static uint64_t shown;
	const struct trc_ring *ring = &core.trace;
	uint64_t head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);

	if (head - shown > TRC_EVENTS)
		shown = head - TRC_EVENTS;
	for (; shown < head; shown++) {
		const struct trc_event *event = &ring->event[shown % TRC_EVENTS];

		print("trace %u %lu %s %u 0x%lx 0x%lx", event->sequence, event->ticks,
		      trc_kind_name(event->kind), event->partition, event->a, event->b);
	}
}

/* All processors of a partition together. */
static struct count_row total(uint8_t partition)
{
	const struct cfg_partition *config = partition_config(partition);
	struct count_row sum = counts.row[partition];

	for (uint32_t i = 1; i < config->processor_count; i++) {
		const uint64_t *further = (const uint64_t *)&counts.further[config->processor[i]];

		for (size_t field = 0; field < sizeof(sum) / sizeof(uint64_t); field++)
			((uint64_t *)&sum)[field] += further[field];
	}
	return sum;
}

static void counters(void)
{
	for (uint8_t p = 0; p < core.config->partition_count; p++) {
		const struct count_row sum = total(p), *row = &sum;

		print("%s exits cpuid %lu msr %lu port %lu lapic %lu ioapic %lu denied %lu vmmcall %lu "
		      "exception %lu nmi %lu shutdown %lu other %lu interrupt %lu halt %lu messages %lu",
		      partition_config(p)->name, row->cpuid, row->msr, row->port, row->lapic, row->ioapic,
		      row->denied, row->vmmcall, row->exception, row->nmi, row->shutdown, row->other,
		      row->interrupt, row->halt, row->messages);
	}
}

void command_execute(const char *line)
{
	const char *name;

	if ((name = after(line, "start")))
		start(name);
	else if ((name = after(line, "stop")))
		stop(name);
	else if (equal(line, "status"))
		status();
	else if (equal(line, "trace"))
		trace();
	else if (equal(line, "counters"))
		counters();
	else
		print("error: unknown command %s: there are start NAME, stop NAME, status, trace, counters",
		      line);
}
