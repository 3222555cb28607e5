/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sys/clock.h"
#include "tool/show.h"
#include "tool/table.h"

#define SPAN_TEXT 48
#define WORD_TEXT 64
#define SKEW_WARN 2.0 /* seconds */

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static int64_t number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static bool truth_of(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static void line_begin(const char *label)
{
	printf("  %-9s ", label);
}

static void text_print(const char *before, const char *text)
{
	if (!text)
		return;
	fputs(before, stdout);
	tool_text(stdout, text);
}

/* "recover-wait" → "RECOVER-WAIT", as the protocol has it. */
static const char *state_format(const char *word, char text[WORD_TEXT])
{
	size_t length = 0;

	for (; word && word[length] && length + 1 < WORD_TEXT; length++)
		text[length] = (char)toupper((unsigned char)word[length]);
	text[length] = '\0';
	return length ? text : "?";
}

static const char *span_format(int64_t seconds, char text[SPAN_TEXT])
{
	if (seconds < 120)
		snprintf(text, SPAN_TEXT, "%" PRId64 " s", seconds);
	else if (seconds < 7200)
		snprintf(text, SPAN_TEXT, "%" PRId64 " min", (seconds + 59) / 60);
	else
		snprintf(text, SPAN_TEXT, "%" PRId64 " h %02" PRId64 " min", seconds / 3600,
			 seconds % 3600 / 60);
	return text;
}

static void since_print(const json_t *object)
{
	char local[TOOL_TIME_TEXT], relative[TOOL_TIME_TEXT];
	int64_t since = number_of(object, "since"), now = sys_clock_wall();

	/* A state's beginning is rounded up to the second. */
	if (since)
		printf(" since %s, %s", tool_time_local(since, local),
		       tool_time_relative(since < now ? since : now, now, relative));
}

static void head_show(const json_t *relation)
{
	const json_t *partner = json_object_get(relation, "partner");
	const char *software = text_of(partner, "software");

	text_print("failover ", text_of(relation, "name"));
	text_print(": ", text_of(relation, "role"));
	text_print(", partner ", text_of(partner, "address"));
	text_print(" ", software);
	putchar('\n');
}

static void states_show(const json_t *relation)
{
	const json_t *partner = json_object_get(relation, "partner");
	char text[WORD_TEXT];

	line_begin("state");
	fputs(state_format(text_of(relation, "state"), text), stdout);
	if (!json_equal(json_object_get(relation, "state"), json_object_get(relation, "held")))
		printf(", held before: %s", state_format(text_of(relation, "held"), text));
	since_print(relation);
	text_print(": ", text_of(relation, "why"));
	putchar('\n');
	line_begin("");
	fputs(truth_of(relation, "serves") ? "answers clients" : "DOES NOT ANSWER CLIENTS", stdout);
	text_print("; ", text_of(relation, "remedy"));
	putchar('\n');
	line_begin("partner");
	fputs(state_format(text_of(partner, "state"), text), stdout);
	since_print(partner);
	if (truth_of(relation, "fenced"))
		fputs(", fenced", stdout);
	putchar('\n');
}

static void link_show(const json_t *relation)
{
	const json_t *link = json_object_get(relation, "link");
	const json_t *left = json_object_get(link, "next_connect_left");
	bool up = truth_of(link, "up");
	char text[SPAN_TEXT];

	line_begin("link");
	fputs(up ? "up" : "DOWN", stdout);
	since_print(link);
	fputs(truth_of(link, "tls") ? ", TLS" : ", no TLS", stdout);
	if (!up && json_is_integer(left))
		printf(", next attempt in %s", span_format(json_integer_value(left), text));
	if (!up)
		text_print("; the last one ended: ", text_of(link, "last_end"));
	putchar('\n');
}

/* What will happen by itself. */
static void countdowns_show(const json_t *relation)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		{"startup_left", "STARTUP: %s left\n"},
		{"wait_left", NULL},
		{"alone_left", "auto-partner-down: %s left\n"},
		{"takeover_left", "PARTNER-DOWN: the partner's free addresses in %s\n"},
		{"balance_left", "pool balance in %s\n"},
	};
	char span[SPAN_TEXT], word[WORD_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const json_t *left = json_object_get(relation, rows[i].name);
		int64_t seconds = json_integer_value(left);

		if (!json_is_integer(left))
			continue;
		line_begin("next");
		if (!rows[i].text)
			printf("%s: %s left\n", state_format(text_of(relation, "held"), word),
			       span_format(seconds, span));
		else if (!strcmp(rows[i].name, "takeover_left") && !seconds)
			puts("PARTNER-DOWN: the partner's free addresses are given, too");
		else
			printf(rows[i].text, span_format(seconds, span));
	}
}

static void updates_show(const json_t *relation)
{
	const json_t *oldest = json_object_get(relation, "oldest_unacked_seconds");
	char span[SPAN_TEXT];

	line_begin("updates");
	printf("%" PRId64 " unacked", number_of(relation, "unacked"));
	if (json_is_integer(json_object_get(relation, "window")))
		printf(" (window %" PRId64 ")", number_of(relation, "window"));
	if (json_is_integer(oldest))
		printf(", the oldest for %s", span_format(json_integer_value(oldest), span));
	printf(", %" PRId64 " owed", number_of(relation, "owed"));
	if (number_of(relation, "withheld"))
		printf(", %" PRId64 " withheld", number_of(relation, "withheld"));
	if (text_of(relation, "serving_request"))
		printf("; the partner fetches %s: %" PRId64 " so far",
		       !strcmp(text_of(relation, "serving_request"), "all") ? "all leases"
									    : "what is owed",
		       number_of(relation, "served"));
	putchar('\n');
}

static void agreement_show(const json_t *relation)
{
	const json_t *skew = json_object_get(relation, "skew");
	const json_t *common = json_object_get(relation, "common");
	double seconds = json_number_value(skew);
	char span[SPAN_TEXT];

	line_begin("clock");
	if (json_is_number(skew) && fabs(seconds) < 1)
		puts("the partner's agrees within a second");
	else if (json_is_number(skew))
		printf("the partner's is %.1f s %s%s\n", fabs(seconds),
		       seconds < 0 ? "behind" : "ahead",
		       fabs(seconds) >= SKEW_WARN ? "  <-- set the clocks" : "");
	else
		puts("the partner's is not known");
	line_begin("mclt");
	if (number_of(relation, "mclt"))
		printf("%s\n", span_format(number_of(relation, "mclt"), span));
	else
		puts("not known: the primary says it");
	line_begin("common");
	if (!truth_of(common, "known"))
		puts("the configurations are not compared");
	else if (truth_of(common, "same"))
		puts("the configurations agree");
	else
		puts("THE CONFIGURATIONS DIFFER: `xdhcpctl failover check` says where");
}

static void relation_show(const json_t *relation)
{
	head_show(relation);
	states_show(relation);
	link_show(relation);
	countdowns_show(relation);
	updates_show(relation);
	agreement_show(relation);
	if (!json_array_size(json_object_get(relation, "pools")))
		return;
	puts("  balance");
	tool_table_rows(stdout, json_object_get(relation, "pools"), 4);
}

void tool_show_failover(const json_t *reply)
{
	const json_t *list = json_object_get(reply, "relations");
	json_t *relation;
	size_t i;

	if (!json_array_size(list))
		puts("no failover: the configuration has no \"failover peer\"");
	json_array_foreach(list, i, relation)
	{
		if (i)
			putchar('\n');
		relation_show(relation);
	}
}
