/* SPDX-License-Identifier: MIT */
/*
 * exception: to whom an exception goes. Paper §3.3(1), §3.4: exceptions are distributed to the OS whose
 * program raised them, and to nobody else.
 */
#ifndef MRM_CORE_EXCEPTION_H
#define MRM_CORE_EXCEPTION_H

#include "config.h"

enum exc_vector {
	EXC_DE = 0,
	EXC_DB = 1,
	EXC_NMI = 2,
	EXC_BP = 3,
	EXC_OF = 4,
	EXC_BR = 5,
	EXC_UD = 6,
	EXC_NM = 7,
	EXC_DF = 8,
	EXC_TS = 10,
	EXC_NP = 11,
	EXC_SS = 12,
	EXC_GP = 13,
	EXC_PF = 14,
	EXC_MF = 16,
	EXC_AC = 17,
	EXC_MC = 18,
	EXC_XM = 19,
	EXC_SHUTDOWN = 32, /* not a vector: the processor gave up (triple fault) */
};

enum exc_route {
	EXC_DELIVER,  /* to the partition, by its own IDT, with the error code it had */
	EXC_SIMULATE, /* the controller carries out the instruction (trace mode, §3.3(2)A), and resumes behind
			 it */
	EXC_END,      /* this partition is over; pwr_end() says what comes next */
	EXC_NOT_OURS, /* raised by the controller itself: it is broken, no partition may see it */
};

enum exc_while {
	EXC_IN_PARTITION,  /* the partition's instructions were running */
	EXC_IN_CONTROLLER, /* the controller's were */
};

struct exc_event {
	uint8_t vector; /* enum exc_vector */
	uint8_t where;	/* enum exc_while */
	uint8_t has_error;
	uint8_t delivering; /* another event was being delivered (EXITINTINFO, APM vol. 2 §15.7.3) */
	uint8_t delivering_vector;
	uint8_t delivering_is_exception; /* otherwise an interrupt or INTn: those do not make a double fault
					  */
	uint8_t trace_mode; /* an initialisation is being traced, and the instruction at RIP is one of enum
			       dec_op */
	uint8_t reserved;
	uint32_t error_code;
};

struct core;

/*
 * Decides on an exception that reached the controller. *deliver is the event to inject for EXC_DELIVER: the
 * same one, or #DF with error code 0 where the two combine to one (APM vol. 2 §8.2.9, table 8-3).
 */
enum exc_route exc_route(struct core *core, uint8_t partition, const struct exc_event *event,
			 struct exc_event *deliver);

bool exc_has_error_code(uint8_t vector);     /* APM vol. 2 table 8-1 */
const char *exc_vector_name(uint8_t vector); /* "#GP"; never NULL */

#endif
