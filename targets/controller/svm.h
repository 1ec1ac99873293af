/* SPDX-License-Identifier: MIT */
/* svm: the virtual machine control block (APM vol. 2, appendix B) and the exit codes in use (appendix C). */
#ifndef MRM_CONTROLLER_SVM_H
#define MRM_CONTROLLER_SVM_H

#include <stddef.h>
#include <stdint.h>

/* intercept_misc1, offset 0x0c */
#define SVM_INTR     (1u << 0)
#define SVM_NMI	     (1u << 1)
#define SVM_INIT     (1u << 3)
#define SVM_CPUID    (1u << 18)
#define SVM_INVD     (1u << 22)
#define SVM_HLT	     (1u << 24)
#define SVM_INVLPGA  (1u << 26)
#define SVM_IOIO     (1u << 27)
#define SVM_MSR	     (1u << 28)
#define SVM_SHUTDOWN (1u << 31)

/* intercept_misc2, offset 0x10 */
#define SVM_VMRUN   (1u << 0)
#define SVM_VMMCALL (1u << 1)
#define SVM_VMLOAD  (1u << 2)
#define SVM_VMSAVE  (1u << 3)
#define SVM_STGI    (1u << 4)
#define SVM_CLGI    (1u << 5)
#define SVM_SKINIT  (1u << 6)
#define SVM_MONITOR (1u << 10)
#define SVM_MWAIT   (3u << 11) /* armed or not */

#define SVM_TLB_FLUSH_ALL 1

/* EVENTINJ and EXITINTINFO (§15.20, §15.7.3) */
#define SVM_EVENT_VALID	      (1ull << 31)
#define SVM_EVENT_HAS_ERROR   (1ull << 11)
#define SVM_EVENT_TYPE	      (7ull << 8)
#define SVM_EVENT_NMI	      (2ull << 8)
#define SVM_EVENT_EXCEPTION   (3ull << 8)
#define SVM_EVENT_VECTOR      0xffull
#define SVM_EVENT_ERROR_SHIFT 32

/* virtual_interrupt, offset 0x60 (§15.21) */
#define SVM_V_TPR	     0xfull
#define SVM_V_IRQ	     (1ull << 8)
#define SVM_V_PRIORITY_SHIFT 16
#define SVM_V_INTR_MASKING   (1ull << 24) /* RFLAGS.IF and CR8 hold up virtual interrupts only */
#define SVM_V_VECTOR_SHIFT   32

/* EXITINFO1 of IOIO (§15.10.2) */
#define SVM_IO_IN	  (1u << 0)
#define SVM_IO_STRING	  (1u << 2)
#define SVM_IO_SIZE_SHIFT 4
#define SVM_IO_PORT_SHIFT 16

/* EXITINFO1 of a nested page fault, beside the bits of #PF (§15.25.6) */
#define SVM_NPF_WALK (1ull << 33) /* met while the guest's own page tables were walked */

enum svm_exit {
	SVM_EXIT_EXCEPTION = 0x40, /* + vector, to 0x5f */
	SVM_EXIT_INTR = 0x60,
	SVM_EXIT_NMI = 0x61,
	SVM_EXIT_INIT = 0x63,
	SVM_EXIT_CPUID = 0x72,
	SVM_EXIT_INVD = 0x76,
	SVM_EXIT_HLT = 0x78,
	SVM_EXIT_INVLPGA = 0x7a,
	SVM_EXIT_IOIO = 0x7b,
	SVM_EXIT_MSR = 0x7c,
	SVM_EXIT_SHUTDOWN = 0x7f,
	SVM_EXIT_VMRUN = 0x80,
	SVM_EXIT_VMMCALL = 0x81,
	SVM_EXIT_VMLOAD = 0x82,
	SVM_EXIT_VMSAVE = 0x83,
	SVM_EXIT_STGI = 0x84,
	SVM_EXIT_CLGI = 0x85,
	SVM_EXIT_SKINIT = 0x86,
	SVM_EXIT_MONITOR = 0x8a,
	SVM_EXIT_MWAIT = 0x8b,
	SVM_EXIT_MWAIT_ARMED = 0x8c,
	SVM_EXIT_NPF = 0x400,
};

struct svm_segment {
	uint16_t selector;
	uint16_t attributes; /* descriptor bits 55:52 and 47:40 (§15.5.1) */
	uint32_t limit;
	uint64_t base;
};

#define SVM_SEGMENT_LONG (1u << 9)  /* L: 64-bit code */
#define SVM_SEGMENT_BIG	 (1u << 10) /* D/B: 32-bit */

struct vmcb {
	uint32_t intercept_cr;
	uint32_t intercept_dr;
	uint32_t intercept_exception;
	uint32_t intercept_misc1;
	uint32_t intercept_misc2;
	uint8_t reserved0[0x40 - 0x14];
	uint64_t iopm; /* physical addresses of the permission maps */
	uint64_t msrpm;
	uint64_t tsc_offset;
	uint32_t asid;
	uint8_t tlb_control;
	uint8_t reserved1[3];
	uint64_t virtual_interrupt;
	uint64_t interrupt_shadow;
	uint64_t exit_code;
	uint64_t exit_info1;
	uint64_t exit_info2;
	uint64_t exit_event; /* EXITINTINFO */
	uint64_t nested_paging;
	uint8_t reserved2[0xa8 - 0x98];
	uint64_t inject; /* EVENTINJ */
	uint64_t nested_cr3;
	uint8_t reserved3[0x400 - 0xb8];
	struct svm_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved4[0x4cb - 0x4a0];
	uint8_t cpl;
	uint32_t reserved5;
	uint64_t efer;
	uint8_t reserved6[0x548 - 0x4d8];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
	uint8_t reserved7[0x5d8 - 0x580];
	uint64_t rsp;
	uint8_t reserved8[0x5f8 - 0x5e0];
	uint64_t rax;
	uint64_t star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t cr2;
	uint8_t reserved9[0x668 - 0x648];
	uint64_t g_pat;
	uint8_t reserved10[0x1000 - 0x670];
};

_Static_assert(offsetof(struct vmcb, iopm) == 0x40, "appendix B");
_Static_assert(offsetof(struct vmcb, exit_code) == 0x70, "appendix B");
_Static_assert(offsetof(struct vmcb, inject) == 0xa8, "appendix B");
_Static_assert(offsetof(struct vmcb, es) == 0x400, "appendix B");
_Static_assert(offsetof(struct vmcb, efer) == 0x4d0, "appendix B");
_Static_assert(offsetof(struct vmcb, cr4) == 0x548, "appendix B");
_Static_assert(offsetof(struct vmcb, rsp) == 0x5d8, "appendix B");
_Static_assert(offsetof(struct vmcb, rax) == 0x5f8, "appendix B");
_Static_assert(offsetof(struct vmcb, cr2) == 0x640, "appendix B");
_Static_assert(offsetof(struct vmcb, g_pat) == 0x668, "appendix B");
_Static_assert(sizeof(struct vmcb) == 0x1000, "a VMCB is a page");

#endif
