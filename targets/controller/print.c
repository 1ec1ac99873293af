/* SPDX-License-Identifier: MIT */
/* print: lines of text for the operator, whole ones only, whichever processor they come from. */
#include <stdarg.h>

#include "console.h"
#include "lock.h"

#define LINE_BYTES 256
#define DEAD_TRIES 1000000 /* far longer than a line takes at 115200 baud's 16-byte FIFO */

struct line {
	char text[LINE_BYTES];
	size_t length;
};

static struct lock line_lock;

void console_send(const char *text, size_t length); /* console.c */

static void put(struct line *line, char c)
{
	if (line->length < LINE_BYTES)
		line->text[line->length++] = c;
}

static void put_text(struct line *line, const char *text)
{
	while (*text)
		put(line, *text++);
}

static void put_number(struct line *line, uint64_t number, unsigned int base)
{
	char digits[20];
	size_t count = 0;

	do {
		digits[count++] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	while (count)
		put(line, digits[--count]);
}

static void put_argument(struct line *line, const char **format, va_list *arguments)
{
	bool wide = **format == 'l';

	*format += wide;
	switch (**format) {
	case 's':
		put_text(line, va_arg(*arguments, const char *));
		break;
	case 'u':
		put_number(line, wide ? va_arg(*arguments, uint64_t) : va_arg(*arguments, uint32_t), 10);
		break;
	case 'x':
		put_number(line, wide ? va_arg(*arguments, uint64_t) : va_arg(*arguments, uint32_t), 16);
		break;
	default:
		put(line, **format);
	}
}

static void put_line(struct line *line, const char *format, va_list *arguments)
{
	put_text(line, "mrmc: ");
	for (; *format; format++) {
		if (*format != '%') {
			put(line, *format);
			continue;
		}
		format++;
		put_argument(line, &format, arguments);
	}
	if (line->length > LINE_BYTES - 2)
		line->length = LINE_BYTES - 2;
	put_text(line, "\r\n");
}

void print(const char *format, ...)
{
	struct line line = {.length = 0};
	va_list arguments;

	va_start(arguments, format);
	put_line(&line, format, &arguments);
	va_end(arguments);
	lock_take(&line_lock);
	console_send(line.text, line.length);
	lock_release(&line_lock);
}

void print_last(const char *format, ...)
{
	struct line line = {.length = 0};
	va_list arguments;

	va_start(arguments, format);
	put_line(&line, format, &arguments);
	va_end(arguments);
	for (uint32_t i = 0; i < DEAD_TRIES && __atomic_load_n(&line_lock.held, __ATOMIC_RELAXED); i++)
		pause();
	console_send(line.text, line.length);
}
