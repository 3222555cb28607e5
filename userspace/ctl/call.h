/* SPDX-License-Identifier: GPL-2.0-only */
/* How a command answers: by one reply, or by many lines made in chunks and then a reply. */
#ifndef XDHCP_CTL_CALL_H
#define XDHCP_CTL_CALL_H

#include "ctl/commands.h"

#define CTL_CHUNK 65536 /* bytes of lines that are made, then sent, at a time */

/*
 * Ends the request: one line with code, text (NULL: the code's own) and the
 * members of `fields`, whose reference is taken; NULL: none. Loop thread.
 */
void ctl_call_reply(struct ctl_call *call, enum ctl_code code, const char *text, json_t *fields);

/*
 * The answer comes later, by ctl_call_answer(), whatever becomes of the client meanwhile. Until
 * then nothing ends the call.
 */
void ctl_call_hold(struct ctl_call *call);
void ctl_call_answer(struct ctl_call *call, enum ctl_code code, const char *text);

struct ctl_source {
	void *context;
	/* Worker thread: writes whole lines, at most `size` bytes, and returns how many bytes;
	 * *ret_end: there is no more. Takes a few milliseconds at most. */
	size_t (*fill)(void *context, char *bytes, size_t size, bool *ret_end);
	/* Loop thread, after the last line was taken: ends the request by ctl_call_reply(). */
	void (*finish)(void *context, struct ctl_call *call);
	/* Loop thread, once, whatever became of the client. */
	void (*free)(void *context);
};

/* Answers by lines. Takes the source's context. */
void ctl_call_stream(struct ctl_call *call, const struct ctl_source *source);

const struct ctl_verbs *ctl_call_verbs(const struct ctl_call *call);

#endif
