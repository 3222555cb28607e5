/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Option values, by the letters of dhcp/option.h, → wire bytes. Two letters
 * more come from definitions only: n one domain name, N a list of them, both
 * in RFC 1035 section 3.1's form without compression.
 */
#include <errno.h>
#include <string.h>

#include "base/cursor.h"
#include "conf/parse.h"

struct value {
	struct conf_parser *parser;
	const char *name;
	uint8_t *bytes; /* CONF_OPTION_MAX of them */
	size_t length;
};

static int fail_long(struct value *value)
{
	return conf_fail(value->parser, conf_token(value->parser)->at,
			 "the value of option `%.64s` exceeds %d bytes", value->name,
			 CONF_OPTION_MAX);
}

static int append(struct value *value, const void *bytes, size_t length)
{
	if (length > CONF_OPTION_MAX - value->length)
		return fail_long(value);
	if (length)
		memcpy(&value->bytes[value->length], bytes, length);
	value->length += length;
	return 0;
}

static int append_number(struct value *value, size_t width, int64_t least, int64_t most)
{
	uint8_t bytes[4];
	int64_t number = 0;
	int error = conf_expect_number(value->parser, least, most, &number);

	for (size_t i = 0; i < width; i++)
		bytes[i] = (uint8_t)(number >> 8 * (width - 1 - i));
	return error ? error : append(value, bytes, width);
}

static int append_address(struct value *value)
{
	uint8_t bytes[4];
	struct base_writer writer = base_writer_of(bytes, sizeof(bytes));
	uint32_t address = 0;
	int error = conf_expect_address(value->parser, &address);

	base_writer_be32(&writer, address);
	return error ? error : append(value, bytes, sizeof(bytes));
}

static int append_flag(struct value *value)
{
	bool flag = false;
	int error = conf_expect_flag(value->parser, &flag);
	uint8_t byte = flag;

	return error ? error : append(value, &byte, 1);
}

/* In quotes, or a bare word, as dhcpd takes it. */
static int append_text(struct value *value)
{
	const struct conf_token *token = conf_token(value->parser);
	char found[CONF_TOKEN_TEXT];
	int error;

	if (token->kind != CONF_TOKEN_STRING && token->kind != CONF_TOKEN_WORD)
		return conf_fail(value->parser, token->at,
				 "expected a text in double quotes, found %s",
				 conf_token_format(token, found));
	if (memchr(token->text, '\0', token->length))
		return conf_fail(value->parser, token->at,
				 "a NUL byte in the text of option `%.64s` (RFC 2132 section 2)",
				 value->name);
	error = append(value, token->text, token->length);
	return error ? error : conf_advance(value->parser);
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One or two hexadecimal digits a byte, colons between them. */
static int append_hex(struct value *value, const struct conf_token *token)
{
	const char *at = token->text, *end = at + token->length;
	char found[CONF_TOKEN_TEXT];

	while (at < end && digit_of(*at) >= 0) {
		uint8_t byte = (uint8_t)digit_of(*at++);

		if (at < end && digit_of(*at) >= 0)
			byte = (uint8_t)(byte << 4 | digit_of(*at++));
		if (append(value, &byte, 1))
			return -EINVAL;
		if (at == end)
			return conf_advance(value->parser);
		if (*at++ != ':')
			break;
	}
	return conf_fail(value->parser, token->at,
			 "expected bytes such as 01:a2:ff, or a text in double quotes, found %s",
			 conf_token_format(token, found));
}

static int append_bytes(struct value *value)
{
	const struct conf_token *token = conf_token(value->parser);
	char found[CONF_TOKEN_TEXT];
	int error;

	if (token->kind == CONF_TOKEN_WORD)
		return append_hex(value, token);
	if (token->kind != CONF_TOKEN_STRING)
		return conf_fail(
			value->parser, token->at,
			"expected bytes such as 01:a2:ff, or a text in double quotes, found "
			"%s",
			conf_token_format(token, found));
	error = append(value, token->text, token->length);
	return error ? error : conf_advance(value->parser);
}

/* dhcp-options(5): a domain-name stands without quotes, the names of a domain-list in quotes. */
static int append_domain(struct value *value, bool bare, bool compress)
{
	const struct conf_token *token = conf_token(value->parser);
	char found[CONF_TOKEN_TEXT];
	int error;

	if (token->kind != CONF_TOKEN_STRING && !(bare && token->kind == CONF_TOKEN_WORD))
		return conf_fail(value->parser, token->at, "expected a domain name%s, found %s",
				 bare ? "" : " in double quotes", conf_token_format(token, found));
	error = conf_domain_append(token->text, token->length, compress, value->bytes,
				   &value->length);
	if (error == -E2BIG)
		return fail_long(value);
	if (error)
		return conf_fail(
			value->parser, token->at,
			"no domain name: labels have 1 to 63 bytes with single dots between "
			"them, and the whole at most 253");
	return conf_advance(value->parser);
}

static int append_domains(struct value *value, bool compress)
{
	int error = append_domain(value, false, compress);

	while (!error && conf_token_is_sign(conf_token(value->parser), ',')) {
		error = conf_advance(value->parser);
		if (!error)
			error = append_domain(value, false, compress);
	}
	return error;
}

static int append_field(struct value *value, char letter)
{
	switch (letter) {
	case 'I':
		return append_address(value);
	case 'L':
		return append_number(value, 4, 0, UINT32_MAX);
	case 'l':
		return append_number(value, 4, INT32_MIN, INT32_MAX);
	case 'S':
		return append_number(value, 2, 0, UINT16_MAX);
	case 's':
		return append_number(value, 2, INT16_MIN, INT16_MAX);
	case 'B':
		return append_number(value, 1, 0, UINT8_MAX);
	case 'b':
		return append_number(value, 1, INT8_MIN, INT8_MAX);
	case 'f':
		return append_flag(value);
	case 'X':
		return append_bytes(value);
	case 'n':
		return append_domain(value, true, false);
	case 'N':
		return append_domains(value, false);
	case 'D':
		return append_domains(value, true);
	case 'e':
		return 0;
	default: /* t, d */
		return append_text(value);
	}
}

/* One field as often as there are commas behind it. */
static int append_array(struct value *value, char letter)
{
	int error;

	for (;;) {
		error = append_field(value, letter);
		if (error || !conf_token_is_sign(conf_token(value->parser), ','))
			return error;
		error = conf_advance(value->parser);
		if (error)
			return error;
	}
}

static int append_record(struct value *value, const char *format)
{
	int error = 0;

	for (; *format && *format != 'A' && !error; format++) {
		if (format[1] == 'a')
			error = append_array(value, *format++);
		else
			error = append_field(value, *format);
	}
	return error;
}

int conf_option_value(struct conf_parser *parser, const char *name, const char *format,
		      uint8_t bytes[CONF_OPTION_MAX], size_t *ret_length)
{
	struct value value = {.parser = parser, .name = name, .bytes = bytes};
	bool repeats = format[strlen(format) - 1] == 'A';
	int error;

	if (conf_token_is_sign(conf_token(parser), '='))
		return conf_fail(parser, conf_token(parser)->at,
				 "values that are computed (`=` and an expression) are not "
				 "supported yet; write the value itself");
	for (;;) {
		error = append_record(&value, format);
		if (error || !repeats || !conf_token_is_sign(conf_token(parser), ','))
			break;
		error = conf_advance(parser);
		if (error)
			break;
	}
	if (!error)
		*ret_length = value.length;
	return error;
}
