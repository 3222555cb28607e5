/* SPDX-License-Identifier: GPL-2.0-only */
#include "pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failover/wire.h"

/* Wall clock: what began now ends at LATER, what began at 0 is long over. */
#define NOW 1000
#define MCLT 60
#define LATER (NOW + MCLT)

enum { COLUMNS = 12 };

static int column_of(uint8_t state)
{
	static const uint8_t order[COLUMNS] = {
		FAILOVER_NORMAL,
		FAILOVER_COMMUNICATIONS_INTERRUPTED,
		FAILOVER_PARTNER_DOWN,
		FAILOVER_POTENTIAL_CONFLICT,
		FAILOVER_RESOLUTION_INTERRUPTED,
		FAILOVER_CONFLICT_DONE,
		FAILOVER_RECOVER,
		FAILOVER_RECOVER_WAIT,
		FAILOVER_RECOVER_DONE,
		FAILOVER_SHUTDOWN,
		FAILOVER_PAUSED,
		FAILOVER_UNKNOWN,
	};

	for (int i = 0; i < COLUMNS; i++) {
		if (order[i] == state)
			return i;
	}
	abort();
}

int dhcpd_meets(uint8_t own, uint8_t partner, bool startup)
{
	enum {
		___ = DHCPD_STAY,
		NOR = FAILOVER_NORMAL,
		CI_ = FAILOVER_COMMUNICATIONS_INTERRUPTED,
		PD_ = FAILOVER_PARTNER_DOWN,
		PC_ = FAILOVER_POTENTIAL_CONFLICT,
		REC = FAILOVER_RECOVER,
		SHU = FAILOVER_SHUTDOWN,
		ask = DHCPD_ASK,
		get = DHCPD_FETCH,
		EXI = DHCPD_EXIT,
	};
	/* clang-format off */
	static const uint8_t table[][COLUMNS] = {
		/*        NOR  CI_  PD_  PC_  RI_  CD_  REC  RW_  RD_  SHU  PAU  unknown */
		[0] =   { ___, ___, PC_, SHU, SHU, SHU, PD_, ___, ___, PD_, CI_, ___ },
		[1] =   { NOR, NOR, PC_, PC_, PC_, PC_, PD_, NOR, NOR, PD_, ___, ___ },
		[2] =   { PC_, PC_, PC_, PC_, PC_, PC_, ___, ___, NOR, ___, ___, ___ },
		[3] =   { SHU, ___, ___, ___, ___, get, REC, ___, ___, PD_, ___, ___ },
		[4] =   { PC_, PC_, PC_, PC_, PC_, PC_, PC_, PC_, PC_, PD_, ___, ___ },
		[5] =   { NOR, EXI, EXI, ___, ___, EXI, EXI, EXI, EXI, SHU, EXI, EXI },
		[6] =   { PC_, ask, ask, PC_, PC_, PC_, ask, ___, ___, PD_, ___, ___ },
		[7] =   { ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___ },
		[8] =   { NOR, ___, ___, ___, ___, ___, ___, ___, NOR, PD_, ___, ___ },
		[9] =   { ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___ },
		[10] =  { ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___, ___ },
	};
	/* clang-format on */

	if (own == FAILOVER_UNKNOWN)
		return DHCPD_STAY;
	if (startup && own == FAILOVER_NORMAL && partner == FAILOVER_PARTNER_DOWN)
		return FAILOVER_RECOVER;
	if (startup && own == FAILOVER_RESOLUTION_INTERRUPTED && partner == FAILOVER_UNKNOWN)
		return FAILOVER_POTENTIAL_CONFLICT;
	if (startup && own == FAILOVER_CONFLICT_DONE && partner == FAILOVER_UNKNOWN)
		return DHCPD_STAY;
	return table[column_of(own)][column_of(partner)];
}

static void say(struct pair_server *server, uint8_t kind, uint8_t number)
{
	struct pair_queue *queue = &server->out;

	if (queue->count == PAIR_QUEUE)
		abort();
	queue->messages[queue->count].kind = kind;
	queue->messages[queue->count].state = kind == PAIR_STATE ? server->fsm.kept.state : 0;
	queue->messages[queue->count].flags =
		kind == PAIR_STATE && server->fsm.startup ? FAILOVER_FLAG_STARTUP : 0;
	queue->messages[queue->count].number = number;
	queue->count++;
}

static void request(struct pair_server *server)
{
	server->number = (uint8_t)(server->number % 3 + 1);
	say(server, PAIR_UPDREQ, server->number);
}

/* --- dhcpd --- */

static void dhcpd_enter(struct pair_server *server, uint8_t state)
{
	struct failover_fsm *fsm = &server->fsm;

	if (state != FAILOVER_RECOVER_WAIT && !fsm->startup && state != fsm->kept.state)
		fsm->kept.since = NOW;
	fsm->kept.state = state;
	fsm->startup = false;
	if (!fsm->linked)
		return;
	say(server, PAIR_STATE, 0);
	if (state == FAILOVER_RECOVER ||
	    (state == FAILOVER_POTENTIAL_CONFLICT &&
	     (fsm->primary || fsm->kept.partner == FAILOVER_CONFLICT_DONE)))
		request(server);
}

static bool dhcpd_ignores(uint8_t state)
{
	return state == FAILOVER_NORMAL || state == FAILOVER_POTENTIAL_CONFLICT ||
	       state == FAILOVER_RECOVER_DONE || state == FAILOVER_RECOVER_WAIT ||
	       state == FAILOVER_SHUTDOWN || state == FAILOVER_PAUSED;
}

static void dhcpd_hears(struct pair_server *server, uint8_t state, bool starting)
{
	struct failover_fsm *fsm = &server->fsm;
	uint8_t before = fsm->kept.partner;
	int next;

	fsm->kept.partner = state;
	if (before == state && !fsm->startup && dhcpd_ignores(fsm->kept.state))
		return;
	next = dhcpd_meets(fsm->kept.state, state, fsm->startup);
	if (fsm->kept.state == FAILOVER_PARTNER_DOWN && starting)
		next = DHCPD_STAY;
	if (next == DHCPD_EXIT ||
	    (next == FAILOVER_SHUTDOWN && fsm->kept.state != FAILOVER_SHUTDOWN)) {
		server->dead = true;
		return;
	}
	if (next == DHCPD_FETCH && before == FAILOVER_POTENTIAL_CONFLICT && !fsm->startup)
		request(server);
	else if (next == DHCPD_ASK && !fsm->startup)
		request(server);
	else if (next && next < DHCPD_ASK)
		dhcpd_enter(server, (uint8_t)next);
	else if (fsm->startup)
		dhcpd_enter(server, fsm->kept.state);
}

static void dhcpd_done(struct pair_server *server)
{
	struct failover_fsm *fsm = &server->fsm;
	uint8_t partner = fsm->kept.partner;

	if (fsm->kept.state == FAILOVER_RECOVER)
		dhcpd_enter(server, fsm->kept.since == NOW && partner != FAILOVER_RECOVER &&
						    partner != FAILOVER_RECOVER_DONE
					    ? FAILOVER_RECOVER_WAIT
					    : FAILOVER_RECOVER_DONE);
	else if (fsm->kept.state == FAILOVER_POTENTIAL_CONFLICT && fsm->primary)
		dhcpd_enter(server, FAILOVER_CONFLICT_DONE);
	else if (fsm->kept.state == FAILOVER_POTENTIAL_CONFLICT &&
		 partner == FAILOVER_CONFLICT_DONE)
		dhcpd_enter(server, FAILOVER_NORMAL);
}

static void dhcpd_lost(struct pair_server *server)
{
	struct failover_fsm *fsm = &server->fsm;

	fsm->linked = false;
	if (fsm->kept.state == FAILOVER_NORMAL)
		dhcpd_enter(server, FAILOVER_COMMUNICATIONS_INTERRUPTED);
	else if (fsm->kept.state == FAILOVER_POTENTIAL_CONFLICT)
		dhcpd_enter(server, FAILOVER_RESOLUTION_INTERRUPTED);
	fsm->startup = false;
}

static void dhcpd_event(struct pair_server *server, const struct failover_event *event)
{
	switch (event->kind) {
	case FAILOVER_EVENT_LINKED:
		server->fsm.linked = true;
		say(server, PAIR_STATE, 0);
		break;
	case FAILOVER_EVENT_LOST:
		dhcpd_lost(server);
		break;
	case FAILOVER_EVENT_STATE:
		dhcpd_hears(server, event->state, event->flags & FAILOVER_FLAG_STARTUP);
		break;
	case FAILOVER_EVENT_UPDDONE:
		dhcpd_done(server);
		break;
	case FAILOVER_EVENT_WAIT_OVER:
		dhcpd_enter(server, FAILOVER_RECOVER_DONE);
		break;
	default:
		abort();
	}
	/* What began long ago and what began now is all the time there is. */
	if (server->fsm.kept.since)
		server->fsm.kept.since = NOW;
}

/* --- either --- */

static void happen(struct pair_server *server, struct failover_event event)
{
	struct failover_step step;

	if (server->dhcpd) {
		dhcpd_event(server, &event);
		return;
	}
	step = failover_fsm_step(&server->fsm, &event);
	server->fsm = step.after;
	if (server->fsm.kept.since)
		server->fsm.kept.since = NOW;
	server->fsm.kept.partner_since = 0;
	if (step.actions & FAILOVER_DO_STATE)
		say(server, PAIR_STATE, 0);
	if (step.actions & (FAILOVER_DO_UPDREQ | FAILOVER_DO_UPDREQALL))
		request(server);
	if (step.actions & FAILOVER_DO_CLOSE)
		server->closing = true;
}

static void link_up(struct pair *pair)
{
	pair->linked = true;
	for (int i = 0; i < 2; i++)
		happen(&pair->servers[i],
		       (struct failover_event){.kind = FAILOVER_EVENT_LINKED, .now = NOW});
}

static void link_down(struct pair *pair)
{
	pair->linked = false;
	for (int i = 0; i < 2; i++) {
		struct pair_server *server = &pair->servers[i];

		memset(&server->out, 0, sizeof(server->out));
		server->number = server->asked_of = 0;
		server->closing = false;
		happen(server, (struct failover_event){.kind = FAILOVER_EVENT_LOST, .now = NOW});
	}
}

static void deliver(struct pair *pair, int from)
{
	struct pair_server *sender = &pair->servers[from], *receiver = &pair->servers[!from];
	struct pair_queue *queue = &sender->out;
	uint8_t kind = queue->messages[0].kind, number = queue->messages[0].number;
	struct failover_event event = {.kind = FAILOVER_EVENT_STATE,
				       .state = queue->messages[0].state,
				       .flags = queue->messages[0].flags,
				       .now = NOW};

	queue->count--;
	memmove(queue->messages, queue->messages + 1, queue->count * sizeof(queue->messages[0]));
	memset(queue->messages + queue->count, 0, sizeof(queue->messages[0]));
	if (kind == PAIR_UPDREQ) {
		receiver->asked_of = number;
		return;
	}
	if (kind == PAIR_UPDDONE && (number != receiver->number || !number))
		return;
	if (kind == PAIR_UPDDONE) {
		receiver->number = 0;
		event.kind = FAILOVER_EVENT_UPDDONE;
	}
	happen(receiver, event);
}

static bool waits(const struct pair_server *server)
{
	if (server->dhcpd)
		return server->fsm.kept.state == FAILOVER_RECOVER_WAIT && !server->fsm.startup;
	return failover_fsm_wait_until(&server->fsm) != 0;
}

/* The moves that a pair has, numbered; false: this one it has not. */
enum {
	MOVE_LINK,
	MOVE_BREAK,
	MOVE_DELIVER,
	MOVE_ANSWER = MOVE_DELIVER + 2,
	MOVE_WAIT = MOVE_ANSWER + 2,
	MOVES = MOVE_WAIT + 2
};

static bool answer(struct pair *pair, int side)
{
	struct pair_server *server = &pair->servers[side];

	if (!server->asked_of || !pair->linked)
		return false;
	say(server, PAIR_UPDDONE, server->asked_of);
	server->asked_of = 0;
	return true;
}

static bool move(struct pair *pair, int number, bool breaks)
{
	bool closing = pair->servers[0].closing || pair->servers[1].closing;
	int side;

	if (pair->servers[0].dead || pair->servers[1].dead)
		return false;
	switch (number) {
	case MOVE_LINK:
		if (pair->linked)
			return false;
		link_up(pair);
		return true;
	case MOVE_BREAK:
		if (!pair->linked || !(closing || breaks))
			return false;
		link_down(pair);
		return true;
	case MOVE_DELIVER:
	case MOVE_DELIVER + 1:
		side = number - MOVE_DELIVER;
		/* Who has closed the link reads no more. */
		if (!pair->servers[side].out.count || pair->servers[!side].closing)
			return false;
		deliver(pair, side);
		return true;
	case MOVE_ANSWER:
	case MOVE_ANSWER + 1:
		return answer(pair, number - MOVE_ANSWER);
	default:
		if (!waits(&pair->servers[number - MOVE_WAIT]))
			return false;
		happen(&pair->servers[number - MOVE_WAIT],
		       (struct failover_event){.kind = FAILOVER_EVENT_WAIT_OVER, .now = LATER});
		return true;
	}
}

/* --- the graph --- */

struct node {
	struct pair pair;
	size_t from; /* the node that it was found from */
	size_t first_edge, edge_end;
};

struct pair_graph {
	struct node *nodes;
	size_t count, room;
	size_t *edges;
	size_t edge_count, edge_room;
	size_t *table; /* index + 1 by hash; open addressing */
	size_t slots;
};

static uint64_t hash_of(const struct pair *pair)
{
	const uint8_t *bytes = (const uint8_t *)pair;
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < sizeof(*pair); i++)
		hash = (hash ^ bytes[i]) * 1099511628211u;
	return hash ^ hash >> 29;
}

static void *grown(void *memory, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return memory;
	*room = *room ? *room * 2 : 1024;
	memory = realloc(memory, *room * size);
	if (!memory)
		abort();
	return memory;
}

static void rehash(struct pair_graph *graph)
{
	free(graph->table);
	graph->slots = graph->slots ? graph->slots * 2 : 4096;
	graph->table = calloc(graph->slots, sizeof(*graph->table));
	if (!graph->table)
		abort();
	for (size_t i = 0; i < graph->count; i++) {
		size_t slot = hash_of(&graph->nodes[i].pair) & (graph->slots - 1);

		while (graph->table[slot])
			slot = (slot + 1) & (graph->slots - 1);
		graph->table[slot] = i + 1;
	}
}

static size_t add(struct pair_graph *graph, const struct pair *pair, size_t from)
{
	size_t slot;

	if (2 * graph->count >= graph->slots)
		rehash(graph);
	slot = hash_of(pair) & (graph->slots - 1);
	for (; graph->table[slot]; slot = (slot + 1) & (graph->slots - 1)) {
		if (!memcmp(&graph->nodes[graph->table[slot] - 1].pair, pair, sizeof(*pair)))
			return graph->table[slot] - 1;
	}
	graph->nodes = grown(graph->nodes, graph->count, &graph->room, sizeof(*graph->nodes));
	memset(&graph->nodes[graph->count], 0, sizeof(*graph->nodes));
	memcpy(&graph->nodes[graph->count].pair, pair, sizeof(*pair));
	graph->nodes[graph->count].from = from;
	graph->table[slot] = graph->count + 1;
	return graph->count++;
}

struct pair_graph *pair_graph_new(const struct pair *first, bool breaks)
{
	struct pair_graph *graph = calloc(1, sizeof(*graph));

	if (!graph)
		abort();
	add(graph, first, 0);
	for (size_t i = 0; i < graph->count; i++) {
		graph->nodes[i].first_edge = graph->edge_count;
		for (int number = 0; number < MOVES; number++) {
			struct pair pair;
			size_t next;

			memcpy(&pair, &graph->nodes[i].pair, sizeof(pair));
			if (!move(&pair, number, breaks))
				continue;
			next = add(graph, &pair, i);
			graph->edges = grown(graph->edges, graph->edge_count, &graph->edge_room,
					     sizeof(*graph->edges));
			graph->edges[graph->edge_count++] = next;
		}
		graph->nodes[i].edge_end = graph->edge_count;
	}
	return graph;
}

void pair_graph_free(struct pair_graph *graph)
{
	free(graph->nodes);
	free(graph->edges);
	free(graph->table);
	free(graph);
}

size_t pair_graph_size(const struct pair_graph *graph)
{
	return graph->count;
}

const struct pair *pair_graph_at(const struct pair_graph *graph, size_t index)
{
	return &graph->nodes[index].pair;
}

size_t pair_graph_edges(const struct pair_graph *graph, size_t index, size_t *ret_first)
{
	*ret_first = graph->nodes[index].first_edge;
	return graph->nodes[index].edge_end;
}

size_t pair_graph_next(const struct pair_graph *graph, size_t edge)
{
	return graph->edges[edge];
}

static void print_server(const struct pair_server *server)
{
	static const char *const kinds[] = {"STATE", "UPDREQ", "UPDDONE"};
	const struct failover_fsm *fsm = &server->fsm;

	fprintf(stderr, "  %s %s %s%s%s%s%s%s%s partner %s%s%s", server->dhcpd ? "dhcpd" : "xdhcp",
		fsm->primary ? "primary" : "secondary", failover_state_word(fsm->kept.state),
		fsm->startup ? " startup" : "", fsm->kept.lost ? " lost" : "",
		fsm->kept.dead ? " dead" : "", fsm->kept.since ? "" : " long",
		fsm->asked ? " asked" : "", fsm->updated ? " updated" : "",
		failover_state_word(fsm->kept.partner), server->dead ? " DEAD" : "",
		server->closing ? " closing" : "");
	for (size_t i = 0; i < server->out.count; i++)
		fprintf(stderr, " | %s %s%s", kinds[server->out.messages[i].kind],
			server->out.messages[i].kind
				? ""
				: failover_state_word(server->out.messages[i].state),
			server->out.messages[i].flags ? " startup" : "");
	fprintf(stderr, "\n");
}

void pair_graph_explain(const struct pair_graph *graph, size_t index)
{
	const struct pair *pair = &graph->nodes[index].pair;

	if (index)
		pair_graph_explain(graph, graph->nodes[index].from);
	fprintf(stderr, "%s\n", pair->linked ? "linked" : "apart");
	print_server(&pair->servers[0]);
	print_server(&pair->servers[1]);
}
