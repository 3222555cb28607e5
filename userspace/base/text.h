/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text put together in a buffer of fixed size: error texts, control output.
 * Always NUL-terminated. What does not fit is cut, `truncated` says so and
 * stays, and nothing is appended any more.
 */
#ifndef XDHCP_BASE_TEXT_H
#define XDHCP_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_text {
	char *bytes; /* the caller's */
	size_t size;
	size_t length; /* without the NUL */
	bool truncated;
};

/* An empty text in `bytes`; size at least 1. */
struct base_text base_text_of(char *bytes, size_t size);

__attribute__((format(printf, 2, 3))) void base_text_append(struct base_text *text,
							    const char *format, ...);
void base_text_append_list(struct base_text *text, const char *format, va_list list);

/* Two lower-case hexadecimal digits a byte, and NUL: `text` has room for them. Returns it. */
const char *base_hex_format(const uint8_t *bytes, size_t length, char *text);

/* Bytes as they are; without NUL among them. */
void base_text_append_bytes(struct base_text *text, const char *bytes, size_t length);

#endif
