/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

struct base_text base_text_of(char *bytes, size_t size)
{
	bytes[0] = '\0';
	return (struct base_text){.bytes = bytes, .size = size};
}

void base_text_append_list(struct base_text *text, const char *format, va_list list)
{
	size_t room = text->size - text->length;
	int length;

	if (text->truncated)
		return;
	length = vsnprintf(text->bytes + text->length, room, format, list);
	if (length < 0) {
		text->bytes[text->length] = '\0';
		text->truncated = true;
	} else if ((size_t)length >= room) {
		text->length = text->size - 1;
		text->truncated = true;
	} else {
		text->length += (size_t)length;
	}
}

void base_text_append(struct base_text *text, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	base_text_append_list(text, format, list);
	va_end(list);
}

void base_text_append_bytes(struct base_text *text, const char *bytes, size_t length)
{
	size_t room = text->size - text->length - 1;

	if (text->truncated)
		return;
	if (length > room) {
		length = room;
		text->truncated = true;
	}
	if (length)
		memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

const char *base_hex_format(const uint8_t *bytes, size_t length, char *text)
{
	text[0] = '\0';
	for (size_t i = 0; i < length; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}
