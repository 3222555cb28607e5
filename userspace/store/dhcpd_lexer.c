/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "store/dhcpd_private.h"

static int fail_at(struct dhcpd_lexer *lexer, unsigned line, unsigned column, const char *format,
		   va_list list)
{
	struct dhcpd_error *error = lexer->error;

	error->line = line;
	error->column = column;
	vsnprintf(error->text, sizeof(error->text), format, list);
	return -EBADMSG;
}

int dhcpd_fail(struct dhcpd_lexer *lexer, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	fail_at(lexer, lexer->token_line, lexer->token_column, format, list);
	va_end(list);
	return -EBADMSG;
}

int dhcpd_fail_expected(struct dhcpd_lexer *lexer, const char *what)
{
	int length = lexer->length < 40 ? (int)lexer->length : 40;

	if (lexer->at == lexer->end)
		return dhcpd_fail(lexer,
				  "the file ends where %s is expected: dhcpd was stopped while it "
				  "wrote the last entry; remove that one",
				  what);
	if (lexer->kind == DHCPD_STRING)
		return dhcpd_fail(lexer, "%s is expected, not a string", what);
	return dhcpd_fail(lexer, "%s is expected, not `%.*s`", what, length, lexer->text);
}

static bool is_word_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= ':') || byte == '-' || byte == '.' || byte == '/' ||
	       byte == '_';
}

static bool is_blank(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static void skip_blanks(struct dhcpd_lexer *lexer)
{
	while (lexer->at < lexer->end) {
		if (*lexer->at == '\n') {
			lexer->line_start = ++lexer->at;
			lexer->line++;
		} else if (*lexer->at == '#') {
			const char *end = memchr(lexer->at, '\n', (size_t)(lexer->end - lexer->at));

			lexer->at = end ? end : lexer->end;
		} else if (is_blank(*lexer->at)) {
			lexer->at++;
		} else {
			return;
		}
	}
}

static int digit_of(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return 16;
}

/* Up to `most` digits of a base; how many there were. */
static int read_digits(struct dhcpd_lexer *lexer, int base, int most, unsigned *ret_value)
{
	unsigned value = 0;
	int count = 0;

	while (count < most && lexer->at < lexer->end && digit_of(*lexer->at) < base) {
		value = value * (unsigned)base + (unsigned)digit_of(*lexer->at++);
		count++;
	}
	*ret_value = value;
	return count;
}

/* Behind a backslash: \t \r \n \b, \ooo from \000 to \377, \xhh, else the byte itself. */
static bool read_escape(struct dhcpd_lexer *lexer, char *ret_byte)
{
	static const char letters[] = "trnb", bytes[] = "\t\r\n\b";
	const char *letter;
	unsigned value;

	if (lexer->at == lexer->end || *lexer->at == '\n')
		return false;
	if (*lexer->at >= '0' && *lexer->at <= '3') {
		read_digits(lexer, 8, 3, &value);
		*ret_byte = (char)value;
		return true;
	}
	if (*lexer->at == 'x') {
		lexer->at++;
		if (read_digits(lexer, 16, 2, &value) != 2)
			return false;
		*ret_byte = (char)value;
		return true;
	}
	letter = *lexer->at ? strchr(letters, *lexer->at) : NULL;
	*ret_byte = letter ? bytes[letter - letters] : *lexer->at;
	lexer->at++;
	return true;
}

static int read_string(struct dhcpd_lexer *lexer)
{
	lexer->kind = DHCPD_STRING;
	lexer->text = lexer->string;
	lexer->length = 0;
	for (lexer->at++; lexer->at < lexer->end && *lexer->at != '\n';) {
		char byte = *lexer->at++;

		if (byte == '"')
			return 0;
		if (byte == '\\' && !read_escape(lexer, &byte))
			return dhcpd_fail(lexer,
					  "a string with a backslash that escapes nothing; known "
					  "are \\ooo, \\xhh, \\\" and \\\\");
		if (lexer->length == sizeof(lexer->string))
			return dhcpd_fail(lexer, "a string longer than %d bytes", DHCPD_STRING_MAX);
		lexer->string[lexer->length++] = byte;
	}
	return dhcpd_fail(lexer, "a string without a closing quote on its line: the file is "
				 "damaged here; remove the entry");
}

int dhcpd_next(struct dhcpd_lexer *lexer)
{
	skip_blanks(lexer);
	lexer->token = lexer->text = lexer->at;
	lexer->token_line = lexer->line;
	lexer->token_column = (unsigned)(lexer->at - lexer->line_start) + 1;
	lexer->length = 0;
	lexer->kind = DHCPD_END;
	if (lexer->at == lexer->end)
		return 0;
	if (*lexer->at == '"')
		return read_string(lexer);
	if (is_word_byte(*lexer->at)) {
		lexer->kind = DHCPD_WORD;
		while (lexer->at < lexer->end && is_word_byte(*lexer->at))
			lexer->at++;
		lexer->length = (size_t)(lexer->at - lexer->token);
		return 0;
	}
	if (*lexer->at < ' ' || *lexer->at > '~')
		return dhcpd_fail(lexer,
				  "a byte 0x%02x, which no lease file has: it is damaged here, as "
				  "by a crash of the machine; remove the entry",
				  (unsigned char)*lexer->at);
	lexer->kind = DHCPD_SIGN;
	lexer->at++;
	lexer->length = 1;
	return 0;
}

bool dhcpd_is(const struct dhcpd_lexer *lexer, const char *word)
{
	return lexer->kind == DHCPD_WORD && strlen(word) == lexer->length &&
	       !strncasecmp(lexer->text, word, lexer->length);
}

bool dhcpd_is_sign(const struct dhcpd_lexer *lexer, char sign)
{
	return lexer->kind == DHCPD_SIGN && *lexer->text == sign;
}

int dhcpd_take_sign(struct dhcpd_lexer *lexer, char sign)
{
	const char what[] = {'`', sign, '`', 0};

	return dhcpd_is_sign(lexer, sign) ? dhcpd_next(lexer) : dhcpd_fail_expected(lexer, what);
}

int dhcpd_take_word(struct dhcpd_lexer *lexer, const char *word)
{
	char what[32];

	if (dhcpd_is(lexer, word))
		return dhcpd_next(lexer);
	snprintf(what, sizeof(what), "`%s`", word);
	return dhcpd_fail_expected(lexer, what);
}

bool dhcpd_number(const char *text, size_t length, uint32_t most, uint32_t *ret_number)
{
	uint64_t number = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(text[i] - '0');
		if (number > most)
			return false;
	}
	*ret_number = (uint32_t)number;
	return length > 0;
}

int dhcpd_take_number(struct dhcpd_lexer *lexer, uint32_t most, uint32_t *ret_number)
{
	char what[32];

	if (lexer->kind == DHCPD_WORD && dhcpd_number(lexer->text, lexer->length, most, ret_number))
		return dhcpd_next(lexer);
	snprintf(what, sizeof(what), "a number up to %u", (unsigned)most);
	return dhcpd_fail_expected(lexer, what);
}

/* One or two digits a byte, colons between them. */
static bool read_hex(const char *text, size_t length, size_t most, uint8_t *bytes,
		     size_t *ret_length)
{
	size_t count = 0, at = 0;

	while (at < length) {
		int high = digit_of(text[at++]);
		int low = at < length && text[at] != ':' ? digit_of(text[at++]) : -1;

		if (high > 15 || low > 15 || count == most)
			return false;
		bytes[count++] = (uint8_t)(low < 0 ? high : high << 4 | low);
		if (at < length && (text[at++] != ':' || at == length))
			return false;
	}
	*ret_length = count;
	return count > 0;
}

int dhcpd_take_bytes(struct dhcpd_lexer *lexer, size_t most, uint8_t *bytes, size_t *ret_length)
{
	if (lexer->kind == DHCPD_STRING) {
		if (lexer->length > most)
			return dhcpd_fail(lexer, "%zu bytes, where %zu are the most", lexer->length,
					  most);
		memcpy(bytes, lexer->text, lexer->length);
		*ret_length = lexer->length;
	} else if (lexer->kind != DHCPD_WORD ||
		   !read_hex(lexer->text, lexer->length, most, bytes, ret_length)) {
		char what[80];

		snprintf(what, sizeof(what),
			 "a string, or up to %zu hexadecimal bytes with colons between them,",
			 most);
		return dhcpd_fail_expected(lexer, what);
	}
	return dhcpd_next(lexer);
}

int dhcpd_skip(struct dhcpd_lexer *lexer, bool *ret_deleted)
{
	unsigned depth = 0;
	int code = 0;

	*ret_deleted = false;
	while (!code && lexer->kind != DHCPD_END) {
		bool over = false;

		if (depth == 1 && dhcpd_is(lexer, "deleted"))
			*ret_deleted = true;
		if (dhcpd_is_sign(lexer, '{')) {
			depth++;
		} else if (dhcpd_is_sign(lexer, '}')) {
			if (!depth)
				break;
			over = --depth == 0;
		} else {
			over = !depth && dhcpd_is_sign(lexer, ';');
		}
		code = dhcpd_next(lexer);
		if (over)
			return code;
	}
	return code ? code : dhcpd_fail_expected(lexer, depth ? "`}`" : "`;`");
}
