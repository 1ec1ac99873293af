/* SPDX-License-Identifier: MIT */
/*
 * avx: whether a process may use AVX. The operating system has switched it on, if it can be.
 */
#include "../sum.h"

bool avx_begin(void)
{
	return __builtin_cpu_supports("avx") != 0;
}

void avx_end(void)
{
}
