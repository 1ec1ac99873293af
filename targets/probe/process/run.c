/* SPDX-License-Identifier: MIT */
/*
 * run: has the shell carry out a command, in a session of its own, with an end in sight.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../verbs.h"

#define OUTPUT_BYTES  1024
#define STATUS_SIGNAL 0x80  /* and the number of the signal that ended it, as shells have it */
#define STATUS_LATE   0x100 /* no process ends with that */

struct command {
	pid_t process;
	int ended;  /* readable when it has */
	int output; /* what it prints; not to be waited for */
	int64_t deadline;
	size_t count;
	uint8_t bytes[OUTPUT_BYTES]; /* what it printed first */
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void become(const char *text, int output)
{
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	sched_setaffinity(0, sizeof(all), &all); /* main.c stays on one */
	setsid();
	close(STDIN_FILENO);
	open("/dev/null", O_RDONLY);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execl("/bin/sh", "sh", "-c", text, (char *)NULL);
	_exit(127); /* what shells say of a command that is not there */
}

static bool start(struct command *command, const char *text)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	command->process = fork();
	if (command->process == 0)
		become(text, ends[1]);
	close(ends[1]);
	command->output = ends[0];
	fcntl(command->output, F_SETFL, O_NONBLOCK);
	command->ended = pidfd_open(command->process, 0);
	return command->ended >= 0;
}

/* Takes what is there; only the first bytes are kept. False when nothing was. */
static bool take_output(struct command *command)
{
	uint8_t bytes[OUTPUT_BYTES];
	ssize_t taken = read(command->output, bytes, sizeof(bytes));
	size_t room = OUTPUT_BYTES - command->count;

	if (taken <= 0)
		return false;
	if ((size_t)taken < room)
		room = (size_t)taken;
	memcpy(command->bytes + command->count, bytes, room);
	command->count += room;
	return true;
}

/* Until it ends. Not until its output does: what it left running in the background may keep that open. */
static bool wait_end(struct command *command)
{
	struct pollfd wait[] = {{.fd = command->ended, .events = POLLIN},
				{.fd = command->output, .events = POLLIN}};

	for (;;) {
		int64_t left = command->deadline - now();

		if (left <= 0)
			return false;
		poll(wait, 2, left > INT_MAX ? INT_MAX : (int)left);
		if (wait[0].revents)
			return true;
		if (wait[1].revents && !take_output(command))
			wait[1].fd = -1; /* it closed its output, and goes on */
	}
}

static uint64_t finish(struct command *command)
{
	bool in_time = wait_end(command);
	int status = 0;

	if (!in_time) {
		kill(-command->process, SIGKILL);
		kill(command->process, SIGKILL); /* if it has no session yet */
	}
	waitpid(command->process, &status, 0);
	while (command->count < OUTPUT_BYTES && take_output(command))
		;
	close(command->output);
	close(command->ended);
	if (!in_time)
		return STATUS_LATE;
	return WIFSIGNALED(status) ? STATUS_SIGNAL + (uint64_t)WTERMSIG(status)
				   : (uint64_t)WEXITSTATUS(status);
}

enum outcome verb_run(struct call *call)
{
	const struct argument *bytes = &call->argument[1];
	struct command command = {.deadline = now()};
	char text[WIRE_REQUEST_BYTES];
	uint64_t status;

	if (call->argument[0].number > UINT32_MAX || memchr(bytes->bytes, '\0', bytes->byte_count))
		return BAD_RANGE;
	memcpy(text, bytes->bytes, bytes->byte_count);
	text[bytes->byte_count] = '\0';
	command.deadline += (int64_t)call->argument[0].number * 1000;
	if (!start(&command, text))
		return BAD_BUSY;
	status = finish(&command);
	wire_number(call->answer, status);
	wire_bytes(call->answer, command.bytes, command.count);
	return DONE;
}
