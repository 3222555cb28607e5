/* SPDX-License-Identifier: GPL-2.0-only */
#include "tool/restart.h"

#include "tool/ask.h"

/*
 * The daemon that says that it restarts takes no connections any more: the
 * next question waits at its socket, and who answers it is the next one.
 */
json_t *tool_restart(const char *socket, unsigned seconds)
{
	json_t *reply =
		tool_ask(socket, seconds, json_pack("{s:s}", "command", "restart"), NULL, NULL);
	json_t *next, *said;

	if (tool_reply_code(reply) != CTL_RESTARTING)
		return reply;
	json_decref(reply);
	next = tool_ask(socket, seconds, json_pack("{s:s}", "command", "status"), NULL, NULL);
	if (tool_reply_code(next) == CTL_STATUS)
		said = tool_reply(CTL_OK, "the next daemon serves");
	else
		said = tool_reply(CTL_FAILED,
				  "the next daemon does not answer (%s); its log says why, and the "
				  "kernel goes on until its gates shut",
				  json_string_value(json_object_get(next, "text")));
	json_decref(next);
	return said;
}
