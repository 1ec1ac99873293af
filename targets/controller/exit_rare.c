/* SPDX-License-Identifier: MIT */
/* exit_rare: exits that few partitions ever cause, and those that should not happen. */
#include "console.h"
#include "exit.h"
#include "guest.h"
#include "partition.h"

#define INVD_BYTES 2

/* INVD would throw away what other partitions wrote and their caches hold; WBINVD does no harm. */
static void exit_invd(struct cpu *cpu)
{
	__asm__ volatile("wbinvd" : : : "memory");
	cpu->count->other++;
	guest_skip(cpu, INVD_BYTES);
}

/* An instruction that is not there for a partition, as CPUID tells it: #UD. */
static void exit_undefined(struct cpu *cpu)
{
	cpu->count->other++;
	guest_inject(cpu, EXC_UD, 0);
}

static void exit_shutdown(struct cpu *cpu)
{
	cpu->count->shutdown++;
	partition_end(cpu, PWR_TRIPLE_FAULT);
}

/* Few exceptions come this way; the others go straight to the partition's IDT. The core says whose it is. */
static void exit_exception(struct cpu *cpu, uint8_t vector)
{
	uint64_t during = cpu->vmcb->exit_event;
	struct exc_event event = {
		.vector = vector,
		.where = EXC_IN_PARTITION,
		.has_error = exc_has_error_code(vector),
		.error_code = (uint32_t)cpu->vmcb->exit_info1,
		.delivering = (during & SVM_EVENT_VALID) != 0,
		.delivering_vector = (uint8_t)(during & SVM_EVENT_VECTOR),
		.delivering_is_exception = (during & SVM_EVENT_TYPE) == SVM_EVENT_EXCEPTION,
	};
	struct exc_event deliver;

	cpu->count->exception++;
	if (exc_route(&core, cpu->partition, &event, &deliver) == EXC_DELIVER)
		guest_inject(cpu, deliver.vector, deliver.error_code);
	else
		partition_end(cpu, PWR_TRIPLE_FAULT);
}

/* The processor refused the partition's state (VMEXIT_INVALID), or an exit that nobody asked for. */
static void exit_unexpected(struct cpu *cpu)
{
	uint64_t code = cpu->vmcb->exit_code;

	if (code >= SVM_EXIT_EXCEPTION && code < SVM_EXIT_EXCEPTION + 32) {
		exit_exception(cpu, (uint8_t)(code - SVM_EXIT_EXCEPTION));
		return;
	}
	cpu->count->other++;
	guest_trace(cpu, TRC_BROKEN, code, cpu->vmcb->rip);
	print("error: %s: the processor left it for reason 0x%lx, which should not happen; it is over",
	      cpu->config->name, code);
	partition_end(cpu, PWR_TRIPLE_FAULT);
}

static void exit_nmi(struct cpu *cpu)
{
	cpu->count->nmi++;
	trap_take();
	partition_nmi(cpu);
}

void exit_rare(struct cpu *cpu)
{
	switch (cpu->vmcb->exit_code) {
	case SVM_EXIT_NMI:
		exit_nmi(cpu);
		break;
	case SVM_EXIT_SHUTDOWN:
		exit_shutdown(cpu);
		break;
	case SVM_EXIT_INVD:
		exit_invd(cpu);
		break;
	case SVM_EXIT_INVLPGA:
	case SVM_EXIT_VMRUN:
	case SVM_EXIT_VMLOAD:
	case SVM_EXIT_VMSAVE:
	case SVM_EXIT_STGI:
	case SVM_EXIT_CLGI:
	case SVM_EXIT_SKINIT:
	case SVM_EXIT_MONITOR:
	case SVM_EXIT_MWAIT:
	case SVM_EXIT_MWAIT_ARMED:
		exit_undefined(cpu);
		break;
	default:
		exit_unexpected(cpu);
	}
}
