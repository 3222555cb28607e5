/* SPDX-License-Identifier: GPL-2.0-only */
#include "tool/failover.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool/ask.h"
#include "tool/table.h"

#define ANSWER_TEXT 512

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

/* Where there is no such relationship nobody is asked: the daemon says so. */
static json_t *ask_first(const char *socket, unsigned seconds, const char *name,
			 const char *question)
{
	json_t *status = tool_ask(socket, seconds, json_pack("{s:s}", "command", "failover-status"),
				  NULL, NULL);
	const json_t *relation = relation_find(status, name);
	json_t *refusal = NULL;

	if (tool_reply_code(status) != CTL_FAILOVER)
		return status;
	if (relation)
		refusal = confirm(relation, question);
	json_decref(status);
	return refusal;
}

json_t *tool_failover_down(const char *socket, unsigned seconds, const char *relation, bool fenced,
			   bool yes)
{
	json_t *refusal =
		fenced || yes ? NULL : ask_first(socket, seconds, relation, down_question);
	json_t *request = json_pack("{s:s, s:s*, s:b}", "command", "failover-partner-down",
				    "relation", relation, "fenced", fenced);

	if (!refusal && request)
		return tool_ask(socket, seconds, request, NULL, NULL);
	json_decref(request);
	return refusal ? refusal : tool_reply(CTL_BAD_USAGE, "the name is not UTF-8 text");
}

json_t *tool_failover_init(const char *socket, unsigned seconds, const char *relation, bool yes)
{
	json_t *refusal = yes ? NULL : ask_first(socket, seconds, relation, init_question);
	json_t *request =
		json_pack("{s:s, s:s*}", "command", "failover-init", "relation", relation);

	if (!refusal && request)
		return tool_ask(socket, seconds, request, NULL, NULL);
	json_decref(request);
	return refusal ? refusal : tool_reply(CTL_BAD_USAGE, "the name is not UTF-8 text");
}
