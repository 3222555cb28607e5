/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two servers and the wire between them, small enough that every order of
 * events can be tried: messages are delivered one by one from either side,
 * requests are answered later, timers end, and links break, at any moment.
 * Either is xdhcp's state machine; one may be a model of dhcpd, made of its
 * transitions as they were measured.
 */
#ifndef XDHCP_TESTS_FAILOVER_PAIRS_H
#define XDHCP_TESTS_FAILOVER_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failover/fsm.h"

/* What a dhcpd in state `own` goes to when its partner says `partner`, and what else it does. */
enum dhcpd_cell {
	DHCPD_STAY = 0, /* else a state's number, or: */
	DHCPD_ASK = 100, /* UPDREQALL again */
	DHCPD_FETCH, /* UPDREQ, if the partner was in POTENTIAL-CONFLICT before */
	DHCPD_EXIT, /* the process ends */
};
int dhcpd_meets(uint8_t own, uint8_t partner, bool startup);

enum pair_message { PAIR_STATE, PAIR_UPDREQ, PAIR_UPDDONE };

#define PAIR_QUEUE 12

struct pair_queue {
	uint8_t count;
	struct {
		uint8_t kind, state, flags, number;
	} messages[PAIR_QUEUE];
};

struct pair_server {
	struct failover_fsm fsm; /* a model of dhcpd uses it, too, in its own way */
	bool dhcpd;
	bool dead; /* a dhcpd that we have killed, or put into SHUTDOWN */
	bool closing; /* has closed the link */
	uint8_t number; /* of the newest request */
	uint8_t asked_of; /* number of the partner's request that is to be answered, 0: none */
	struct pair_queue out;
};

struct pair {
	bool linked;
	struct pair_server servers[2];
};

/* Every pair that can come of `first` by any order of events; breaks: links may be lost at any time. */
struct pair_graph;
struct pair_graph *pair_graph_new(const struct pair *first, bool breaks);
void pair_graph_free(struct pair_graph *graph);
size_t pair_graph_size(const struct pair_graph *graph);
const struct pair *pair_graph_at(const struct pair_graph *graph, size_t index);
/* The next ones of a pair: [*ret_first, return value) of pair_graph_next(). */
size_t pair_graph_edges(const struct pair_graph *graph, size_t index, size_t *ret_first);
size_t pair_graph_next(const struct pair_graph *graph, size_t edge);
/* The shortest way there, printed to standard error. */
void pair_graph_explain(const struct pair_graph *graph, size_t index);

#endif
