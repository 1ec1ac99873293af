/* SPDX-License-Identifier: MIT */
/*
 * wire: frames of the probe protocol (PROTOCOL.md), as text. Pure: knows neither a serial port nor a verb.
 */
#ifndef PROBE_WIRE_H
#define PROBE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_REQUEST_BYTES 512 /* at most, LF included */
#define WIRE_FRAME_BYTES   4096
#define WIRE_FIELDS	   16 /* no verb has that many */

/* A frame on its way out. What would not fit is dropped, and the frame stays well formed. */
struct wire_frame {
	size_t length;
	char text[WIRE_FRAME_BYTES];
};

void wire_begin(struct wire_frame *frame, char sign, uint8_t sequence);
void wire_word(struct wire_frame *frame, const char *word);
void wire_number(struct wire_frame *frame, uint64_t number);
void wire_bytes(struct wire_frame *frame, const uint8_t *bytes, size_t count);
void wire_end(struct wire_frame *frame);

struct wire_request {
	uint8_t sequence;
	size_t count;		  /* of fields, the verb included; may be more than WIRE_FIELDS */
	char *field[WIRE_FIELDS]; /* zero-terminated; field[0] is the verb */
};

/*
 * Opens the frame in line, length bytes without the LF, and cuts it into fields in place. Returns false if it
 * is damaged: checksum, form or length. line[length] must be writable.
 */
bool wire_open(char *line, size_t length, struct wire_request *request);

/* The three forms a field can have. False if it does not have that form. */
bool wire_is_word(const char *field);
bool wire_to_number(const char *field, uint64_t *number);
bool wire_to_bytes(char *field, size_t *count); /* decodes in place: the bytes begin at field */

uint32_t wire_crc(const char *text, size_t length); /* CRC-32/ISO-HDLC */

#endif
