/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the daemon asks itself, on demand: a renewal of the self-test's own
 * binding through the program on each interface (BPF_PROG_TEST_RUN), and a
 * DISCOVER through the slow path, up to where it would be carried out. No
 * frame leaves, no lease changes hands, and of all counters the kernel's
 * self-test changes alone, unless it fails.
 *
 * The binding has a slot and a tail like any other, from the first question
 * on, and is as old as they are: whatever touches it is found by the next.
 */
#ifndef XDHCP_DAEMON_SELF_TEST_H
#define XDHCP_DAEMON_SELF_TEST_H

#include "ctl/commands.h"
#include "fastpath/fastpath.h"
#include "server/probe.h"
#include "server/reply.h"

struct daemon;

struct self_test {
	bool known; /* there is a client */
	struct server_probe client;
	bool stamped; /* its slot is written … */
	struct fastpath_slot slot; /* … like this … */
	struct server_reply answer; /* … and this is what the program has to answer */
	uint32_t xids;
};

/* ctl_verbs.self_test; its context is the daemon. */
bool self_test(void *context, ctl_finding_visitor visit, void *visitor);

/* Slots and tails are those of another configuration, or gone: the next question writes its own anew. */
void self_test_forget(struct daemon *daemon);

#endif
