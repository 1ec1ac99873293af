/* SPDX-License-Identifier: MIT */
/*
 * sums: see sum.h. A step multiplies each register by a bit more than 1 and adds something: what was wrong once
 * stays wrong. RDI: steps, RSI: where the registers go.
 */
	.section .rodata
	.balign 32
factor:
	.rept 4
	.double 1.0000001
	.endr
term:
	.double 0.1, 0.2, 0.3, 0.4
first: /* what the registers begin with, 32 bytes each */
	.irp number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
	.double \number\().0, \number\().25, \number\().5, \number\().75
	.endr

	.text
	.globl sum_x87
sum_x87:
	fninit
	.set number, 0
	.rept 8
	fldl first + 32 * number(%rip)
	.set number, number + 1
	.endr
1:	.rept 8 /* round the stack once */
	fmull factor(%rip)
	faddl term(%rip)
	fincstp
	.endr
	decq %rdi
	jnz 1b
	.set number, 0
	.rept 8
	fstpt 16 * number(%rsi)
	.set number, number + 1
	.endr
	ret

	.globl sum_sse
sum_sse:
	.set number, 0
	.irp register, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movapd first + 32 * number(%rip), %xmm\register
	.set number, number + 1
	.endr
1:	.irp register, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	mulpd factor(%rip), %xmm\register
	addpd term(%rip), %xmm\register
	.endr
	decq %rdi
	jnz 1b
	.set number, 0
	.irp register, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movapd %xmm\register, 32 * number(%rsi)
	.set number, number + 1
	.endr
	ret

	.globl sum_avx
sum_avx:
	.set number, 0
	.irp register, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovapd first + 32 * number(%rip), %ymm\register
	.set number, number + 1
	.endr
1:	.irp register, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmulpd factor(%rip), %ymm\register, %ymm\register
	vaddpd term(%rip), %ymm\register, %ymm\register
	.endr
	decq %rdi
	jnz 1b
	.set number, 0
	.irp register, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovapd %ymm\register, 32 * number(%rsi)
	.set number, number + 1
	.endr
	vzeroupper
	ret

	.section .note.GNU-stack, "", @progbits
