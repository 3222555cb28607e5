/* SPDX-License-Identifier: GPL-2.0-only */
#include "tool/leases.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "failover/kept.h"
#include "failover/state.h"
#include "store/store.h"
#include "tool/ask.h"
#include "tool/table.h"

/* NULL: its bytes are no state of a relationship, or there is no memory. */
static json_t *relation_of(const char *name, const void *bytes, size_t length)
{
	struct failover_fsm fsm = {0};
	struct failover_record record;

	if (failover_kept_decode(bytes, length, &fsm, &record))
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:I, s:b, s:b}", "name", name, "role",
			 record.primary ? "primary" : "secondary", "state",
			 failover_state_word(fsm.kept.state), "since", (json_int_t)fsm.kept.since,
			 "proven", fsm.kept.proven, "lost", fsm.kept.lost);
}

/* `context`: the relationships by name; the last note of one counts. */
static int note_take(void *context, const char *name, const void *bytes, size_t length)
{
	const size_t prefix = strlen(FAILOVER_NOTE);

	if (strncmp(name, FAILOVER_NOTE, prefix) != 0)
		return 0;
	name += prefix;
	return json_object_set_new(context, name, relation_of(name, bytes, length)) ? -ENOTSUP : 0;
}

static json_t *identity_of(const uint8_t identity[STORE_IDENTITY])
{
	char hex[2 * STORE_IDENTITY + 1];

	return json_string(base_hex_format(identity, STORE_IDENTITY, hex));
}

static json_t *list_of(json_t *by_name)
{
	json_t *list = json_array(), *relation;
	const char *name;

	json_object_foreach(by_name, name, relation) json_array_append(list, relation);
	return list;
}

static json_t *said(const char *directory, const struct store_report *report,
		    const uint8_t identity[STORE_IDENTITY], json_t *relations)
{
	json_t *reply = tool_reply(CTL_STORE, "%s holds a store", directory);

	json_object_set_new(reply, "directory", json_string(directory));
	json_object_set_new(reply, "identity", identity_of(identity));
	json_object_set_new(reply, "torn_bytes", json_integer((json_int_t)report->torn_bytes));
	json_object_set_new(reply, "relations", list_of(relations));
	return reply;
}

static json_t *refused(const char *directory, int code, const struct store_error *error)
{
	if (code == -ENOTSUP)
		return tool_reply(CTL_FAILED,
				  "%s: what is kept of a failover relationship is not understood: "
				  "it is another program's, or damaged",
				  directory);
	if (code == -ENOENT)
		return tool_reply(CTL_NOT_FOUND, "%s", error->text);
	return tool_reply(code == -EWOULDBLOCK ? CTL_BUSY : CTL_FAILED, "%s", error->text);
}

static json_t *store_say(const char *directory)
{
	json_t *relations = json_object(), *reply;
	const struct store_visitors visitors = {
		.context = relations,
		.note = note_take,
	};
	uint8_t identity[STORE_IDENTITY];
	struct store_report report;
	struct store_error error;
	int code = store_read(directory, &visitors, &report, identity, &error);

	reply = code ? refused(directory, code, &error)
		     : said(directory, &report, identity, relations);
	json_decref(relations);
	return reply;
}

/* NULL: there is one now. */
static json_t *store_make(const char *directory)
{
	const struct store_visitors visitors = {0};
	struct store_report report;
	struct store_error error;
	struct store *store;
	int code = store_open(directory, &visitors, &report, &store, &error);

	if (code)
		return refused(directory, code == -ENOENT ? -EIO : code, &error);
	store_close(store);
	return NULL;
}

json_t *tool_leases_store(const char *directory, bool create)
{
	json_t *reply = store_say(directory), *refusal;

	if (!create || tool_reply_code(reply) != CTL_NOT_FOUND)
		return reply;
	json_decref(reply);
	refusal = store_make(directory);
	return refusal ? refusal : store_say(directory);
}

void tool_leases_show(const json_t *reply)
{
	json_t *shown = json_copy((json_t *)(uintptr_t)reply);

	json_object_del(shown, "code");
	json_object_del(shown, "word");
	json_object_del(shown, "text");
	tool_table_object(stdout, shown, 0);
	json_decref(shown);
}
