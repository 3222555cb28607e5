/* SPDX-License-Identifier: GPL-2.0-only */
/* option agent.NAME VALUE: one line a sub-option of option 82 (RFC 3046), names and forms as dhcpd has them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/cursor.h"
#include "store/dhcpd_private.h"

enum form { FORM_BYTES, FORM_ADDRESS, FORM_NUMBER };

static const struct {
	const char *name;
	uint8_t code;
	enum form form;
} known[] = {
	{"circuit-id", 1, FORM_BYTES},	     {"remote-id", 2, FORM_BYTES},
	{"agent-id", 3, FORM_ADDRESS},	     {"DOCSIS-device-class", 4, FORM_NUMBER},
	{"link-selection", 5, FORM_ADDRESS},
};
#define KNOWN (sizeof(known) / sizeof(known[0]))
#define PREFIX "agent."
#define UNKNOWN "unknown-"

static enum form form_of(uint8_t code)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (known[i].code == code)
			return known[i].form;
	return FORM_BYTES;
}

static bool read_name(const char *text, size_t length, uint8_t *ret_code)
{
	const size_t prefix = strlen(PREFIX), unknown = strlen(UNKNOWN);
	uint32_t code;

	if (length < prefix || strncasecmp(text, PREFIX, prefix) != 0)
		return false;
	text += prefix;
	length -= prefix;
	for (size_t i = 0; i < KNOWN; i++) {
		if (strlen(known[i].name) == length && !strncasecmp(text, known[i].name, length)) {
			*ret_code = known[i].code;
			return true;
		}
	}
	if (length < unknown || strncasecmp(text, UNKNOWN, unknown) != 0 ||
	    !dhcpd_number(text + unknown, length - unknown, 255, &code) || !code)
		return false;
	*ret_code = (uint8_t)code;
	return true;
}

static int take_value(struct dhcpd_lexer *lexer, enum form form, size_t most, uint8_t *bytes,
		      size_t *ret_length)
{
	struct base_writer writer = base_writer_of(bytes, most);
	uint32_t value;

	if (form == FORM_BYTES)
		return dhcpd_take_bytes(lexer, most, bytes, ret_length);
	if (lexer->kind != DHCPD_WORD ||
	    (form == FORM_ADDRESS ? base_ipv4_parse(lexer->text, lexer->length, &value) != 0
				  : !dhcpd_number(lexer->text, lexer->length, UINT32_MAX, &value)))
		return dhcpd_fail_expected(lexer, form == FORM_ADDRESS ? "an address" : "a number");
	base_writer_be32(&writer, value);
	*ret_length = writer.length;
	if (!base_writer_ok(&writer))
		return dhcpd_fail(lexer, "option 82 of this entry is longer than %d bytes",
				  DHCPD_BYTES_MAX);
	return dhcpd_next(lexer);
}

int dhcpd_take_agent(struct dhcpd_lexer *lexer, struct dhcpd_bytes *agent)
{
	uint8_t *at = agent->data + agent->length, code;
	size_t room = DHCPD_BYTES_MAX - (size_t)agent->length, length;
	int error;

	if (lexer->kind != DHCPD_WORD || !read_name(lexer->text, lexer->length, &code))
		return dhcpd_fail_expected(lexer, "agent.NAME");
	error = dhcpd_next(lexer);
	if (error)
		return error;
	if (room < 2)
		return dhcpd_fail(lexer, "option 82 of this entry is longer than %d bytes",
				  DHCPD_BYTES_MAX);
	error = take_value(lexer, form_of(code), room - 2, at + 2, &length);
	if (error)
		return error;
	at[0] = code;
	at[1] = (uint8_t)length;
	agent->length = (uint8_t)(agent->length + 2 + length);
	return dhcpd_take_sign(lexer, ';');
}

static void write_name(uint8_t code, struct base_text *text)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (known[i].code == code) {
			base_text_append(text, "\n  option " PREFIX "%s ", known[i].name);
			return;
		}
	}
	base_text_append(text, "\n  option " PREFIX UNKNOWN "%u ", code);
}

static bool is_printable(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] < ' ' || bytes[i] > '~')
			return false;
	return true;
}

static void write_value(enum form form, const uint8_t *bytes, size_t length, struct base_text *text)
{
	struct base_cursor cursor = base_cursor_of(bytes, length);
	char address[BASE_IPV4_TEXT];
	uint32_t value;

	if (form == FORM_BYTES && is_printable(bytes, length)) {
		dhcpd_string_write(bytes, length, text);
	} else if (form == FORM_BYTES) {
		dhcpd_hex_write(bytes, length, text);
	} else {
		value = base_cursor_be32(&cursor);
		if (form == FORM_ADDRESS)
			base_text_append(text, "%s", base_ipv4_format(value, address));
		else
			base_text_append(text, "%u", value);
	}
}

/* dhcpd writes no empty sub-option, and could not read it. */
static void agent_walk(const struct dhcpd_bytes *agent, bool *ret_sound, struct base_text *text)
{
	struct base_cursor cursor = base_cursor_of(agent->data, agent->length);

	while (base_cursor_remaining(&cursor)) {
		uint8_t code = base_cursor_u8(&cursor);
		uint8_t length = base_cursor_u8(&cursor);
		const uint8_t *bytes = base_cursor_bytes(&cursor, length);
		enum form form = form_of(code);

		if (!bytes || !code || (form != FORM_BYTES && length != 4))
			cursor.failed = true;
		else if (text && length) {
			write_name(code, text);
			write_value(form, bytes, length, text);
			base_text_append(text, ";");
		}
	}
	*ret_sound = base_cursor_ok(&cursor);
}

void dhcpd_agent_write(const struct dhcpd_bytes *agent, struct base_text *text)
{
	bool sound;

	agent_walk(agent, &sound, NULL);
	if (sound)
		agent_walk(agent, &sound, text);
}
