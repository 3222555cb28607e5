/* SPDX-License-Identifier: GPL-2.0-only */
#include "tool/table.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "sys/clock.h"

#define VALUE_TEXT 256
#define INDENT_MAX 16
#define MINUTE 60
#define HOUR 3600
#define DAY 86400

/* U+0080 to U+009F are control characters too: C2 80 to C2 9F. */
static void text_print(FILE *out, const char *text, const char *kept)
{
	const unsigned char *at = (const unsigned char *)text;

	for (; *at; at++) {
		bool control = (*at < 0x20 && !strchr(kept, *at)) || *at == 0x7f ||
			       (*at == 0xc2 && at[1] < 0xa0);

		fputc(control ? '?' : *at, out);
		if (*at == 0xc2 && control && at[1])
			at++;
	}
}

void tool_text(FILE *out, const char *text)
{
	text_print(out, text, "");
}

void tool_text_lines(FILE *out, const char *text)
{
	size_t length = strlen(text);

	text_print(out, text, "\n\t");
	if (!length || text[length - 1] != '\n')
		fputc('\n', out);
}

char *tool_time_relative(int64_t when, int64_t now, char text[TOOL_TIME_TEXT])
{
	int64_t apart = when > now ? when - now : now - when;
	char span[TOOL_TIME_TEXT - 8];

	if (apart < MINUTE)
		snprintf(span, sizeof(span), "%" PRId64 "s", apart);
	else if (apart < HOUR)
		snprintf(span, sizeof(span), "%" PRId64 "m", apart / MINUTE);
	else if (apart < DAY)
		snprintf(span, sizeof(span), "%" PRId64 "h%02" PRId64 "m", apart / HOUR,
			 apart % HOUR / MINUTE);
	else
		snprintf(span, sizeof(span), "%" PRId64 "d%02" PRId64 "h", apart / DAY,
			 apart % DAY / HOUR);
	snprintf(text, TOOL_TIME_TEXT, when > now ? "in %s" : when < now ? "%s ago" : "now", span);
	return text;
}

char *tool_time_local(int64_t when, char text[TOOL_TIME_TEXT])
{
	time_t seconds = (time_t)when;
	struct tm parts;

	if (!localtime_r(&seconds, &parts) ||
	    !strftime(text, TOOL_TIME_TEXT, "%Y-%m-%d %H:%M:%S", &parts))
		snprintf(text, TOOL_TIME_TEXT, "%" PRId64, when);
	return text;
}

static void since_format(int64_t when, char *text, size_t size)
{
	char local[TOOL_TIME_TEXT], relative[TOOL_TIME_TEXT];

	snprintf(text, size, "%s, %s", tool_time_local(when, local),
		 tool_time_relative(when, sys_clock_wall(), relative));
}

/* A single value as text; NULL for what is not single. */
static const char *value_format(const char *name, const json_t *value, char text[VALUE_TEXT])
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return json_string_value(value);
	case JSON_INTEGER:
		if (!strcmp(name, "since"))
			since_format(json_integer_value(value), text, VALUE_TEXT);
		else
			snprintf(text, VALUE_TEXT, "%" JSON_INTEGER_FORMAT,
				 json_integer_value(value));
		return text;
	case JSON_REAL:
		snprintf(text, VALUE_TEXT, "%.3g", json_real_value(value));
		return text;
	case JSON_TRUE:
		return "yes";
	case JSON_FALSE:
		return "no";
	case JSON_NULL:
		return "-";
	default:
		return NULL;
	}
}

/* '_' is a blank here. */
static void name_print(FILE *out, const char *name, int width)
{
	int length = 0;

	for (; *name; name++, length++)
		fputc(*name == '_' ? ' ' : *name, out);
	fprintf(out, "%*s", width > length ? width - length : 0, "");
}

static bool rows_are_objects(const json_t *list)
{
	size_t i;
	json_t *row;

	json_array_foreach(list, i, row)
	{
		if (!json_is_object(row))
			return false;
	}
	return json_array_size(list) > 0;
}

static int column_width(const json_t *rows, const char *name)
{
	size_t width = strlen(name), i;
	char text[VALUE_TEXT];
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		const json_t *value = json_object_get(row, name);
		const char *shown = value ? value_format(name, value, text) : NULL;

		if (shown && strlen(shown) > width)
			width = strlen(shown);
	}
	return (int)width;
}

static void cell_print(FILE *out, const char *name, const json_t *value, int width)
{
	char text[VALUE_TEXT];
	const char *shown = value ? value_format(name, value, text) : NULL;
	int length;

	shown = shown ? shown : "…";
	length = (int)strlen(shown);
	if (json_is_number(value))
		fprintf(out, "%*s", width > length ? width - length : 0, "");
	tool_text(out, shown);
	if (!json_is_number(value))
		fprintf(out, "%*s", width > length ? width - length : 0, "");
}

void tool_table_rows(FILE *out, const json_t *rows, int indent)
{
	json_t *first = json_array_get(rows, 0), *value, *row;
	const char *name;
	size_t i;

	fprintf(out, "%*s", indent, "");
	json_object_foreach(first, name, value)
	{
		int width = column_width(rows, name), length = (int)strlen(name);

		/* A heading stands where its values do: numbers to the right. */
		if (json_is_number(value))
			fprintf(out, "%*s", width - length, "");
		name_print(out, name, (json_is_number(value) ? length : width) + 2);
	}
	fputc('\n', out);
	json_array_foreach(rows, i, row)
	{
		fprintf(out, "%*s", indent, "");
		json_object_foreach(first, name, value)
		{
			if (value != json_object_iter_value(json_object_iter(first)))
				fputs("  ", out);
			cell_print(out, name, json_object_get(row, name), column_width(rows, name));
		}
		fputc('\n', out);
	}
}

static void list_print(FILE *out, const json_t *list, int indent)
{
	char text[VALUE_TEXT];
	json_t *item;
	size_t i;

	if (rows_are_objects(list)) {
		tool_table_rows(out, list, indent);
		return;
	}
	json_array_foreach(list, i, item)
	{
		const char *shown = value_format("", item, text);

		fprintf(out, "%*s", indent, "");
		tool_text(out, shown ? shown : "…");
		fputc('\n', out);
	}
}

static int names_width(const json_t *object)
{
	size_t width = 0;
	char text[VALUE_TEXT];
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		if (value_format(name, value, text) && strlen(name) > width)
			width = strlen(name);
	}
	return (int)width;
}

static void members_print(FILE *out, const json_t *object, int indent)
{
	int width = names_width(object);
	char text[VALUE_TEXT];
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		const char *shown = value_format(name, value, text);

		if (!shown)
			continue;
		fprintf(out, "%*s", indent, "");
		name_print(out, name, width + 2);
		tool_text(out, shown);
		fputc('\n', out);
	}
}

void tool_table_object(FILE *out, const json_t *object, int indent)
{
	const char *name;
	json_t *value;

	if (indent > INDENT_MAX)
		return;
	members_print(out, object, indent);
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		if (!json_is_object(value) && !json_array_size(value))
			continue;
		fprintf(out, "%*s", indent, "");
		name_print(out, name, 0);
		fputs(":\n", out);
		if (json_is_object(value))
			tool_table_object(out, value, indent + 2);
		else
			list_print(out, value, indent + 2);
	}
}
