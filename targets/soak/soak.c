/* SPDX-License-Identifier: MIT */
/*
 * soak: takes the time of a Linux's processor that nobody else wants, and counts it.
 *
 * It runs as a task that is scheduled when the processor would be idle otherwise, and counts the turns of one
 * loop in a file. What it did not get is what all others have taken: processes, interrupts, the kernel, and
 * whoever is below the kernel.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile uint64_t *counter(const char *path)
{
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	void *shared;

	if (file < 0 || ftruncate(file, sizeof(uint64_t)) != 0)
		return NULL;
	shared = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	return shared == MAP_FAILED ? NULL : shared;
}

int main(int count, char **arguments)
{
	const struct sched_param none = {.sched_priority = 0};
	volatile uint64_t *turns = count == 2 ? counter(arguments[1]) : NULL;

	if (!turns) {
		fputs("usage: soak FILE: counts in FILE, which has to be one that can be made and mapped\n",
		      stderr);
		return 2;
	}
	if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) {
		perror("soak: sched_setscheduler");
		return 1;
	}
	for (;;)
		++*turns;
}
