/* SPDX-License-Identifier: MIT */
/*
 * storm: native loops that keep a processor, and whoever watches over it, as busy as can be.
 */
#include "apic.h"
#include "cpu.h"
#include "line.h"
#include "primitive.h"
#include "verbs.h"

#define PORT_POST    0x80
#define PORT_NOBODY  0xfff0
#define ICR_SELF     (1u << 18) /* destination shorthand: self; fixed delivery */
#define IPI_PATIENCE 10000000	/* ticks */

/* One blow; false if it had not the effect it must have. */
static bool blow_cpuid(void)
{
	uint32_t a = 0, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return true;
}

static bool blow_port(void)
{
	in_byte(PORT_POST);
	return true;
}

static bool blow_denied(void)
{
	in_byte(PORT_NOBODY);
	return true;
}

static bool blow_exception(void)
{
	struct attempt attempt = attempt_at((uint64_t)primitive_undefined);

	return !attempt_run(&attempt);
}

static bool blow_self(void)
{
	const struct trap_vector *arrivals = trap_vector(VECTOR_BEAT);
	uint64_t before = arrivals->count, begin = read_tsc();

	apic_send(0, ICR_SELF | VECTOR_BEAT);
	while (arrivals->count == before) {
		if (read_tsc() - begin > IPI_PATIENCE)
			return false;
		relax();
	}
	return true;
}

static bool blow_mmio(void)
{
	ioapic_read(IOAPIC_VERSION);
	return true;
}

static const struct {
	const char *name;
	bool (*blow)(void);
} kinds[] = {
	{"cpuid", blow_cpuid}, {"port", blow_port}, {"ud", blow_exception},
	{"self", blow_self},   {"mmio", blow_mmio}, {"denied", blow_denied},
};

static bool (*find(const char *name))(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (same_word(kinds[i].name, name))
			return kinds[i].blow;
	return NULL;
}

enum outcome verb_storm(struct call *call)
{
	bool (*blow)(void) = find(call->argument[0].word);
	uint64_t done = 0;

	if (!blow)
		return BAD_RANGE;
	trap_handle(VECTOR_BEAT, NULL);
	trap_expect(VECTOR_BEAT);
	line_event("begun");
	for (; done < call->argument[1].number && blow(); done++)
		relax();
	wire_number(call->answer, done);
	return DONE;
}
