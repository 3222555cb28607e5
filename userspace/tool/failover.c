/* SPDX-License-Identifier: GPL-2.0-only */
#include "tool/failover.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool/ask.h"
#include "tool/table.h"

#define ANSWER_TEXT 512
#define PROGRESS_TEXT 1024
#define BUSY_PAUSE 100 /* ms */

/* What a person is asked before it is said. */
struct word {
	const char *question; /* formats the relationship's name and the partner's address */
	bool alone; /* makes no sense while the partner is connected */
};

static const char down_question[] =
	"%s: this server will take over what is the partner's (%s).\n"
	"Is the partner's daemon dead, or its node, and will it not come back by itself and\n"
	"serve? A partner that still answers clients, here or behind a cut wire, would give\n"
	"addresses twice.\n";

static const char init_question[] =
	"%s: this will be taken for a new pair (partner %s), of which neither server has\n"
	"given out a lease. Say it on both, once. Where one of them, or a server before it,\n"
	"has given out leases that are lost now, addresses would be given twice.\n";

/* The relationship of this name, or the only one; NULL: the daemon will say what is wrong. Borrowed. */
static json_t *relation_find(const json_t *reply, const char *name)
{
	json_t *list = json_object_get(reply, "relations"), *relation;
	size_t i;

	if (!name)
		return json_array_size(list) == 1 ? json_array_get(list, 0) : NULL;
	json_array_foreach(list, i, relation)
	{
		const char *known = json_string_value(json_object_get(relation, "name"));

		if (known && !strcmp(known, name))
			return relation;
	}
	return NULL;
}

/* NULL: the name was typed; else why not. */
static json_t *confirm(const json_t *relation, const char *question)
{
	const char *name = json_string_value(json_object_get(relation, "name"));
	const json_t *partner = json_object_get(relation, "partner");
	const char *address = json_string_value(json_object_get(partner, "address"));
	char answer[ANSWER_TEXT];
	size_t length;

	if (!isatty(STDIN_FILENO))
		return tool_reply(CTL_BAD_USAGE, "standard input is no terminal, so nobody can be "
						 "asked: --yes says that you are sure");
	fprintf(stderr, question, name ? name : "", address ? address : "");
	fputs("To go on, type the name of the relationship: ", stderr);
	if (!fgets(answer, sizeof(answer), stdin))
		answer[0] = '\0';
	length = strcspn(answer, "\n");
	answer[length] = '\0';
	if (!name || strcmp(answer, name))
		return tool_reply(CTL_BAD_USAGE, "not confirmed: nothing was done");
	return NULL;
}

/*
 * NULL: it may be said. Where there is no such relationship nobody is asked:
 * the daemon says so. Nor is anybody where the partner is connected.
 */
static json_t *ask_first(const char *socket, unsigned seconds, const char *name,
			 const struct word *word)
{
	json_t *status = tool_ask(socket, seconds, json_pack("{s:s}", "command", "failover-status"),
				  NULL, NULL);
	const json_t *relation = relation_find(status, name);
	json_t *refusal = NULL;

	if (tool_reply_code(status) != CTL_FAILOVER)
		return status;
	if (relation && word->alone &&
	    json_is_true(json_object_get(json_object_get(relation, "link"), "up")))
		refusal = tool_reply(CTL_REFUSED, "%s: the partner is connected: it is not down",
				     json_string_value(json_object_get(relation, "name")));
	else if (relation)
		refusal = confirm(relation, word->question);
	json_decref(status);
	return refusal;
}

/* A transition takes as long as the disk does: said again until it is over. */
static json_t *say(const char *socket, unsigned seconds, json_t *request)
{
	json_t *reply;
	int tries = (int)seconds * (1000 / BUSY_PAUSE);

	for (;;) {
		reply = tool_ask(socket, seconds, json_incref(request), NULL, NULL);
		if (tool_reply_code(reply) != CTL_BUSY || !tries--)
			break;
		json_decref(reply);
		poll(NULL, 0, BUSY_PAUSE);
	}
	json_decref(request);
	return reply;
}

json_t *tool_failover_down(const char *socket, unsigned seconds, const char *relation, bool fenced,
			   bool yes)
{
	static const struct word word = {down_question, true};
	json_t *refusal = fenced || yes ? NULL : ask_first(socket, seconds, relation, &word);
	json_t *request = json_pack("{s:s, s:s*, s:b}", "command", "failover-partner-down",
				    "relation", relation, "fenced", fenced);

	if (!refusal && request)
		return say(socket, seconds, request);
	json_decref(request);
	return refusal ? refusal : tool_reply(CTL_BAD_USAGE, "the name is not UTF-8 text");
}

json_t *tool_failover_probe(const char *socket, unsigned seconds, const char *relation)
{
	json_t *request =
		json_pack("{s:s, s:s*}", "command", "failover-probe", "relation", relation);

	if (request)
		return say(socket, seconds, request);
	return tool_reply(CTL_BAD_USAGE, "the name is not UTF-8 text");
}

json_t *tool_failover_init(const char *socket, unsigned seconds, const char *relation, bool yes)
{
	static const struct word word = {init_question, false};
	json_t *refusal = yes ? NULL : ask_first(socket, seconds, relation, &word);
	json_t *request =
		json_pack("{s:s, s:s*}", "command", "failover-init", "relation", relation);

	if (!refusal && request)
		return say(socket, seconds, request);
	json_decref(request);
	return refusal ? refusal : tool_reply(CTL_BAD_USAGE, "the name is not UTF-8 text");
}

struct progress {
	bool begun;
	char said[PROGRESS_TEXT];
};

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "?";
}

/* One line for all relationships, where it is another than the last. */
static void progress_tell(struct progress *progress, const json_t *status)
{
	char text[PROGRESS_TEXT] = "";
	json_t *relation;
	size_t i, length = 0;

	json_array_foreach(json_object_get(status, "relations"), i, relation)
	{
		const json_t *partner = json_object_get(relation, "partner");
		int64_t left = json_integer_value(json_object_get(relation, "owed")) +
			       json_integer_value(json_object_get(relation, "unacked"));

		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "%s%s: %s, partner %s, %" PRId64 " updates to go",
					   i ? "; " : "", text_of(relation, "name"),
					   text_of(relation, "held"), text_of(partner, "state"),
					   left);
		if (length >= sizeof(text))
			break;
	}
	if (!*text || !strcmp(text, progress->said))
		return;
	memcpy(progress->said, text, sizeof(text));
	tool_text(stderr, text);
	fputc('\n', stderr);
}

static void progress_watch(void *context, const char *socket, const json_t *reply)
{
	struct progress *progress = context;
	json_t *status;

	if (!progress->begun) {
		tool_text(stderr, text_of(reply, "text"));
		fputc('\n', stderr);
		progress->begun = true;
	}
	status = tool_ask(socket, 1, json_pack("{s:s}", "command", "failover-status"), NULL, NULL);
	if (tool_reply_code(status) == CTL_FAILOVER)
		progress_tell(progress, status);
	json_decref(status);
}

json_t *tool_failover_shutdown(const char *socket, unsigned seconds, bool tells)
{
	struct progress progress = {0};
	const struct tool_ending ending = {
		.command = "failover-shutdown",
		.under_way = CTL_HANDING_OVER,
		.watch = tells ? progress_watch : NULL,
		.context = &progress,
	};

	return tool_stop(socket, seconds, &ending);
}
