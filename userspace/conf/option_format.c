/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wire bytes → the words of dhcpd.conf: the way back from option_value.c. The
 * same bytes always give the same words. Bytes that do not follow their
 * option's format, as a definition of the configuration's own may have it, are
 * written as bytes.
 */
#include <string.h>

#include "base/address.h"
#include "base/cursor.h"
#include "base/text.h"
#include "conf/parse.h"
#include "dhcp/option.h"

#define POINTER 0xc0
#define LABELS_MAX 128

static void append_escaped(struct base_text *text, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '"' || bytes[i] == '\\')
			base_text_append(text, "\\%c", bytes[i]);
		else if (bytes[i] < ' ' || bytes[i] >= 0x7f)
			base_text_append(text, "\\%03o", bytes[i]);
		else
			base_text_append(text, "%c", bytes[i]);
	}
}

void conf_text_format(struct base_text *text, const void *bytes, size_t length)
{
	base_text_append(text, "\"");
	append_escaped(text, bytes, length);
	base_text_append(text, "\"");
}

static void append_hex(struct base_text *text, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		base_text_append(text, "%s%02x", i ? ":" : "", bytes[i]);
}

/* One name that starts where the cursor is; what pointers lead to lies in front (RFC 1035 section 4.1.4). */
static bool append_domain(struct base_text *text, struct base_cursor *cursor, const uint8_t *start)
{
	struct base_cursor labels = *cursor;
	bool jumped = false;
	const char *dot = "";

	for (unsigned i = 0; i < LABELS_MAX; i++) {
		uint8_t length = base_cursor_u8(&labels);
		const uint8_t *label;

		if (length >= POINTER) {
			size_t target = (size_t)(length & ~POINTER) << 8 | base_cursor_u8(&labels);

			if (!jumped)
				*cursor = labels;
			jumped = true;
			if (!base_cursor_ok(&labels) || target >= (size_t)(labels.end - start))
				return false;
			labels.at = start + target;
			continue;
		}
		label = base_cursor_bytes(&labels, length);
		if (!label)
			return false;
		if (!length) {
			if (!jumped)
				*cursor = labels;
			return true;
		}
		base_text_append(text, "%s", dot);
		append_escaped(text, label, length);
		dot = ".";
	}
	return false;
}

static bool append_domains(struct base_text *text, struct base_cursor *cursor)
{
	const uint8_t *start = cursor->at;

	while (base_cursor_remaining(cursor)) {
		base_text_append(text, cursor->at == start ? "\"" : ", \"");
		if (!append_domain(text, cursor, start))
			return false;
		base_text_append(text, "\"");
	}
	return true;
}

static bool append_flag(struct base_text *text, uint8_t byte)
{
	base_text_append(text, byte ? "true" : "false");
	return byte <= 1;
}

static bool append_field(struct base_text *text, struct base_cursor *cursor, char letter)
{
	size_t rest = base_cursor_remaining(cursor);
	char address[BASE_IPV4_TEXT];

	switch (letter) {
	case 'I':
		base_text_append(text, "%s", base_ipv4_format(base_cursor_be32(cursor), address));
		return base_cursor_ok(cursor);
	case 'L':
		base_text_append(text, "%u", base_cursor_be32(cursor));
		return base_cursor_ok(cursor);
	case 'l':
		base_text_append(text, "%d", (int32_t)base_cursor_be32(cursor));
		return base_cursor_ok(cursor);
	case 'S':
		base_text_append(text, "%u", base_cursor_be16(cursor));
		return base_cursor_ok(cursor);
	case 'B':
		base_text_append(text, "%u", base_cursor_u8(cursor));
		return base_cursor_ok(cursor);
	case 'f':
		return append_flag(text, base_cursor_u8(cursor)) && base_cursor_ok(cursor);
	case 't':
		conf_text_format(text, base_cursor_bytes(cursor, rest), rest);
		return true;
	case 'X':
		append_hex(text, base_cursor_bytes(cursor, rest), rest);
		return true;
	case 'D':
		return append_domains(text, cursor);
	default:
		return false;
	}
}

/* All fields once, the last as often as there are bytes where an 'a' stands behind it. */
static bool append_record(struct base_text *text, struct base_cursor *cursor, const char *format)
{
	for (const char *letter = format; *letter && *letter != 'A'; letter++) {
		if (letter > format)
			base_text_append(text, " ");
		if (!append_field(text, cursor, *letter))
			return false;
		if (letter[1] != 'a')
			continue;
		while (base_cursor_remaining(cursor)) {
			base_text_append(text, ", ");
			if (!append_field(text, cursor, *letter))
				return false;
		}
		letter++;
	}
	return true;
}

static bool append_value(struct base_text *text, const char *format, const uint8_t *bytes,
			 size_t length)
{
	struct base_cursor cursor = base_cursor_of(bytes, length);
	bool repeats = format[strlen(format) - 1] == 'A';

	do {
		if (cursor.at != bytes)
			base_text_append(text, ", ");
		if (!append_record(text, &cursor, format))
			return false;
	} while (repeats && base_cursor_remaining(&cursor));
	return !base_cursor_remaining(&cursor);
}

void conf_option_format(struct base_text *text, const struct conf_option *option)
{
	const struct dhcp_option_info *info = dhcp_option_by_code(option->code);
	size_t start = text->length;

	if (info && append_value(text, info->format, option->data, option->length) &&
	    !text->truncated)
		return;
	text->length = start;
	text->bytes[start] = 0;
	text->truncated = false;
	append_hex(text, option->data, option->length);
}
