/* SPDX-License-Identifier: GPL-2.0-only */
/* Errors: a place becomes file, line, column and a copy of the line; and all of it becomes text. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "conf/lexer.h"

struct position {
	unsigned line, column;
	size_t line_start, line_end;
};

static struct position position_of(struct conf_place at)
{
	struct position position = {.line = 1};
	const char *text = at.source->text;
	const char *end;

	for (size_t i = 0; i < at.offset; i++) {
		if (text[i] == '\n') {
			position.line++;
			position.line_start = i + 1;
		}
	}
	position.column = (unsigned)(at.offset - position.line_start) + 1;
	end = memchr(text + position.line_start, '\n', at.source->length - position.line_start);
	position.line_end = end ? (size_t)(end - text) : at.source->length;
	return position;
}

const char *conf_place_format(struct conf_place at, char text[CONF_PLACE_TEXT])
{
	snprintf(text, CONF_PLACE_TEXT, "%.255s:%u", at.source->name, position_of(at).line);
	return text;
}

/* Control characters would spoil the line, and the one that the caret stands under; tabs do not. */
static char printable(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte != '\t' && (byte < ' ' || byte == 0x7f) ? '?' : c;
}

static void copy_line(struct conf_error *error, const char *line, size_t length)
{
	if (length > sizeof(error->source) - 1)
		length = sizeof(error->source) - 1;
	for (size_t i = 0; i < length; i++)
		error->source[i] = printable(line[i]);
	if (length && line[length - 1] == '\r')
		length--;
	error->source[length] = '\0';
}

static void clean(char *text)
{
	for (; *text; text++)
		*text = printable(*text);
}

int conf_error_set(struct conf_error *error, struct conf_place at, const char *format, ...)
{
	struct position position = position_of(at);
	const struct conf_source *source = at.source;
	struct base_text text = base_text_of(error->text, sizeof(error->text));
	char place[CONF_PLACE_TEXT];
	va_list list;

	snprintf(error->file, sizeof(error->file), "%s", source->name);
	error->line = position.line;
	error->column = position.column;
	va_start(list, format);
	base_text_append_list(&text, format, list);
	va_end(list);
	if (source->from) {
		struct conf_place from = {source->from, source->from_offset};

		base_text_append(&text, " (included from %s)", conf_place_format(from, place));
	}
	clean(error->file);
	clean(error->text);
	copy_line(error, source->text + position.line_start,
		  position.line_end - position.line_start);
	return -EINVAL;
}

/* A caret below the column, tabs kept, continuation bytes of UTF-8 taking no room. */
static void append_caret(struct base_text *text, const struct conf_error *error)
{
	for (size_t i = 0; i + 1 < error->column; i++) {
		unsigned char byte = (unsigned char)error->source[i];

		if ((byte & 0xc0) != 0x80)
			base_text_append(text, "%c", byte == '\t' ? '\t' : ' ');
	}
	base_text_append(text, "^\n");
}

void conf_error_format(const struct conf_error *error, char *text, size_t size)
{
	struct base_text to;

	if (!size)
		return;
	to = base_text_of(text, size);
	base_text_append(&to, "%s:%u:%u: %s\n", error->file, error->line, error->column,
			 error->text);
	/* A line that was cut before the column would put the caret under the wrong character. */
	if (error->column > strlen(error->source) + 1)
		return;
	base_text_append(&to, "%s\n", error->source);
	append_caret(&to, error);
}
