/* SPDX-License-Identifier: GPL-2.0-only */
#include "tool/show.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/codes.h"
#include "sys/clock.h"
#include "tool/ask.h"
#include "tool/table.h"

#define CLIENT_ID_TEXT 1024

static const char *string_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "-";
}

static void ends_format(const json_t *lease, char local[TOOL_TIME_TEXT],
			char relative[TOOL_TIME_TEXT])
{
	const json_t *ends = json_object_get(lease, "ends");

	if (json_is_integer(ends)) {
		tool_time_local(json_integer_value(ends), local);
		tool_time_relative(json_integer_value(ends), sys_clock_wall(), relative);
		return;
	}
	snprintf(local, TOOL_TIME_TEXT, "%s", string_of(lease, "ends_iso"));
	snprintf(relative, TOOL_TIME_TEXT, "-");
}

/* "01:63:70:65" → its bytes as text in quotes, where all of them can be read; else as it is. */
static const char *client_id_format(const char *hex, char text[CLIENT_ID_TEXT])
{
	size_t length = 0;

	text[length++] = '"';
	for (const char *at = hex; *at; at += at[2] ? 3 : 2) {
		char pair[3] = {at[0], at[1], '\0'};
		long byte = strtol(pair, NULL, 16);

		/* A text may carry type 0 in front (RFC 2132 section 9.14). */
		if (at == hex && byte == 0)
			continue;
		if (!isxdigit((unsigned char)at[0]) || !isprint((int)byte) || byte > 0x7f ||
		    length + 3 > CLIENT_ID_TEXT)
			return hex;
		text[length++] = (char)byte;
	}
	if (length == 1)
		return hex;
	text[length++] = '"';
	text[length] = '\0';
	return text;
}

void tool_show_lease(void *context, const char *line, const json_t *lease)
{
	bool *headed = context;
	char local[TOOL_TIME_TEXT], relative[TOOL_TIME_TEXT], client_id[CLIENT_ID_TEXT];

	(void)line;
	if (!*headed)
		printf("%-15s  %-9s  %-19s  %-12s  %-17s  %-22s  %s\n", "ADDRESS", "STATE", "ENDS",
		       "", "HARDWARE", "CLIENT ID", "HOST NAME");
	*headed = true;
	ends_format(lease, local, relative);
	printf("%-15s  %-9s  %-19s  %-12s  %-17s  %-22s  ", string_of(lease, "address"),
	       string_of(lease, "state"), local, relative, string_of(lease, "hardware"),
	       client_id_format(string_of(lease, "client_id"), client_id));
	tool_text(stdout, string_of(lease, "hostname"));
	putchar('\n');
}

static void counter_show(const json_t *counter)
{
	printf("  %15" PRId64 "  %-18s  ",
	       (int64_t)json_integer_value(json_object_get(counter, "value")),
	       string_of(counter, "word"));
	tool_text(stdout, string_of(counter, "text"));
	putchar('\n');
}

void tool_show_stats(const json_t *reply, bool all)
{
	const char *group = "";
	json_t *counter;
	size_t i, zeros = 0;

	json_array_foreach(json_object_get(reply, "counters"), i, counter)
	{
		const char *next = string_of(counter, "group");

		if (!all && !json_integer_value(json_object_get(counter, "value"))) {
			zeros++;
			continue;
		}
		if (strcmp(group, next))
			printf("%s%s\n", *group ? "\n" : "", next);
		group = next;
		counter_show(counter);
	}
	if (zeros)
		printf("%s%zu more are 0: --all shows them\n", *group ? "\n" : "", zeros);
}

void tool_show_status(const json_t *reply)
{
	tool_table_object(stdout, json_object_get(reply, "status"), 0);
}

static const char *headline(int code)
{
	switch (code) {
	case CTL_HEALTHY:
		return "healthy";
	case CTL_SELF_TEST_PASSED:
		return "passed";
	case CTL_SICK_SELF_TEST:
		return "failed";
	default:
		return "not healthy";
	}
}

void tool_show_check(const json_t *reply)
{
	json_t *finding;
	size_t i;

	puts(headline(tool_reply_code(reply)));
	json_array_foreach(json_object_get(reply, "findings"), i, finding)
	{
		printf("  %3d  %-15s  ", (int)json_integer_value(json_object_get(finding, "code")),
		       string_of(finding, "word"));
		tool_text(stdout, string_of(finding, "text"));
		putchar('\n');
	}
}

void tool_show_text(const json_t *reply)
{
	int code = tool_reply_code(reply);
	FILE *out = ctl_code_exit(code) ? stderr : stdout;

	if (out == stderr)
		fprintf(out, "xdhcpctl: %d ", code);
	tool_text_lines(out, string_of(reply, "text"));
}
