// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/stream: TCP between nodes, as bytes that arrive in order, in pieces, late,
 * or not at all. A line has two ways; a way's bytes carry marks of when they
 * are due. What is blocked waits, as retransmission would have it, and comes
 * when the way is free again, if both ends still live.
 */
#include "net/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/check.h"
#include "tests/sim/link.h"
#include "tests/sim/wire.h"

#define CONNECT_PATIENCE (10 * SIM_SECOND)
#define CONNECT_AGAIN SIM_SECOND /* a lost SYN is sent again */

/* From one end to the other. */
struct way {
	struct sim_event event; /* the next delivery */
	struct line *line;
	uint8_t *bytes;
	size_t first, last, room;
	uint64_t due; /* of the newest bytes */
	struct mark {
		size_t last; /* bytes before this one are due */
		uint64_t at, made;
	} * marks;
	size_t mark_count, mark_room;
	bool ended; /* no more bytes follow: FIN */
	bool told; /* and the receiver has heard */
	struct check_stream *check;
};

struct line {
	struct line *next;
	int nodes[2];
	struct net_stream *ends[2]; /* NULL: its owner has closed it, or is gone */
	struct way ways[2]; /* from ends[i] */
	struct sim_event connect;
	uint64_t begun;
	uint32_t remote;
	uint16_t port;
};

struct net_stream {
	struct line *line;
	int end;
	struct net_stream_verbs verbs;
	struct sim_event event; /* opened, drained or closed */
	bool open, opening, paused, full;
	const char *why; /* it is over */
};

struct net_listener {
	int node;
	uint16_t port;
	uint64_t refused;
	struct net_listener_verbs verbs;
	struct net_listener *next;
};

static struct {
	struct link_plan plan;
	bool blocked[SIM_NODES][SIM_NODES];
	struct line *lines;
	struct net_listener *listeners;
} wires;

static struct sim_random *chance(void)
{
	return sim_stream(SIM_STREAM_LINK);
}

static uint64_t latency(void)
{
	return 20 * SIM_MICROSECOND + sim_below(chance(), wires.plan.latency);
}

void link_begin(const struct link_plan *plan)
{
	wires.plan = *plan;
}

/* Ways. */

static void way_deliver(struct sim_event *event);

static void way_begin(struct line *line, int end)
{
	struct way *way = &line->ways[end];

	way->line = line;
	way->event.node = line->nodes[1 - end];
	way->event.fire = way_deliver;
	way->check =
		check_stream_new(line->nodes[end], line->nodes[1 - end], line->ways[1 - end].check);
}

static int way_end(const struct way *way)
{
	return way == &way->line->ways[0] ? 0 : 1;
}

static bool way_blocked(const struct way *way)
{
	int end = way_end(way), from = way->line->nodes[end], to = way->line->nodes[1 - end];

	return wires.blocked[from][to] || !sim.nodes[to].up;
}

static void way_arm(struct way *way)
{
	if (way_blocked(way))
		return;
	if (way->mark_count)
		sim_event_at(&way->event, way->marks[0].at);
	else if (way->ended && !way->told)
		sim_event_at(&way->event, way->due);
}

static void way_mark(struct way *way)
{
	uint64_t at = sim.now + latency();

	if (at <= way->due)
		at = way->due + 1;
	way->due = at;
	if (way->mark_count == way->mark_room) {
		way->mark_room = way->mark_room ? 2 * way->mark_room : 16;
		way->marks = realloc(way->marks, way->mark_room * sizeof(*way->marks));
		if (!way->marks)
			abort();
	}
	way->marks[way->mark_count++] = (struct mark){.last = way->last, .at = at, .made = sim.now};
	if (way->mark_count == 1)
		way_arm(way);
}

static void way_append(struct way *way, const void *bytes, size_t length)
{
	if (way->first && way->last + length > way->room) {
		memmove(way->bytes, way->bytes + way->first, way->last - way->first);
		for (size_t i = 0; i < way->mark_count; i++)
			way->marks[i].last -= way->first;
		way->last -= way->first;
		way->first = 0;
	}
	if (way->last + length > way->room) {
		way->room = 2 * (way->last + length) + 4096;
		way->bytes = realloc(way->bytes, way->room);
		if (!way->bytes)
			abort();
	}
	memcpy(way->bytes + way->last, bytes, length);
	way->last += length;
	/* What is sent in one turn leaves in one segment. */
	if (way->mark_count && way->marks[way->mark_count - 1].made == sim.now)
		way->marks[way->mark_count - 1].last = way->last;
	else
		way_mark(way);
}

/* What is still on its way ends at any byte. */
static void way_cut(struct way *way)
{
	size_t kept = sim_below(chance(), way->last - way->first + 1);

	way->last = way->first + kept;
	for (size_t i = 0; i < way->mark_count; i++) {
		if (way->marks[i].last > way->last)
			way->marks[i].last = way->last;
	}
}

/* Streams. */

static void stream_free(struct net_stream *stream)
{
	sim_event_cancel(&stream->event);
	if (stream->line->ends[stream->end] == stream)
		stream->line->ends[stream->end] = NULL;
	free(stream);
}

static void stream_fire(struct sim_event *event)
{
	struct net_stream *stream = sim_container(event, struct net_stream, event);

	if (stream->why) {
		stream->verbs.closed(stream->verbs.context, stream, stream->why);
		stream_free(stream);
	} else if (stream->opening) {
		stream->opening = false;
		stream->open = true;
		way_arm(&stream->line->ways[1 - stream->end]);
		stream->verbs.opened(stream->verbs.context, stream);
	} else if (stream->full && net_stream_writable(stream)) {
		stream->full = false;
		if (stream->verbs.drained)
			stream->verbs.drained(stream->verbs.context, stream);
	}
}

static struct net_stream *stream_new(struct line *line, int end)
{
	struct net_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		abort();
	stream->line = line;
	stream->end = end;
	stream->event.node = line->nodes[end];
	stream->event.fire = stream_fire;
	line->ends[end] = stream;
	return stream;
}

/* The owner is told, from its loop. */
static void stream_over(struct net_stream *stream, const char *why, uint64_t at)
{
	if (stream->why)
		return;
	stream->why = why;
	sim_event_at(&stream->event, at);
}

/* One delivery: what is due, or a piece of it. */
static void way_deliver(struct sim_event *event)
{
	struct way *way = sim_container(event, struct way, event);
	struct line *line = way->line;
	struct net_stream *stream = line->ends[1 - way_end(way)];
	struct net_stream *sender = line->ends[way_end(way)];
	size_t length;

	if (way_blocked(way))
		return;
	if (!stream) { /* nobody is there any more: RST */
		way->mark_count = 0;
		if (sender)
			stream_over(sender, "connection reset by peer", sim.now + latency());
		return;
	}
	if (!stream->open || stream->paused || stream->why)
		return;
	if (!way->mark_count) {
		if (way->ended && !way->told) {
			way->told = true;
			stream_over(stream, "closed by peer", sim.now);
		}
		return;
	}
	length = way->marks[0].last - way->first;
	if (length > 1 && sim_chance(chance(), wires.plan.split)) {
		length = 1 + sim_below(chance(), length - 1);
	} else {
		way->mark_count--;
		memmove(way->marks, way->marks + 1, way->mark_count * sizeof(*way->marks));
	}
	way->first += length;
	if (sender && sender->full && net_stream_writable(sender))
		sim_event_at(&sender->event, sim.now + latency());
	way_arm(way);
	if (!length)
		return;
	check_stream_received(way->check, way->bytes + way->first - length, length);
	stream->verbs.bytes(stream->verbs.context, stream, way->bytes + way->first - length,
			    length);
}

bool net_stream_writable(const struct net_stream *stream)
{
	const struct way *way = &stream->line->ways[stream->end];

	return way->last - way->first < NET_STREAM_QUEUE;
}

size_t net_stream_unacknowledged(const struct net_stream *stream)
{
	const struct way *way = &stream->line->ways[stream->end];

	return way->last - way->first;
}

void net_stream_send(struct net_stream *stream, const void *bytes, size_t length)
{
	struct way *way = &stream->line->ways[stream->end];

	if (!stream->open || stream->why || way->ended)
		return;
	check_stream_sent(way->check, bytes, length);
	way_append(way, bytes, length);
	stream->full = !net_stream_writable(stream);
}

void net_stream_pause(struct net_stream *stream, bool pause)
{
	stream->paused = pause;
	if (!pause)
		way_arm(&stream->line->ways[1 - stream->end]);
}

static void way_finish(struct way *way)
{
	way->ended = true;
	if (way->due < sim.now)
		way->due = sim.now + latency();
	if (!way->mark_count)
		way_arm(way);
}

void net_stream_close(struct net_stream *stream)
{
	struct way *way = &stream->line->ways[stream->end];

	if (way->line) /* else it was never connected */
		way_finish(way);
	stream_free(stream);
}

/* Connecting. */

static struct net_listener *listener_find(uint32_t remote, uint16_t port)
{
	for (struct net_listener *each = wires.listeners; each; each = each->next) {
		if (sim.nodes[each->node].role >= 0 &&
		    WIRE_SERVER(sim.nodes[each->node].role) == remote && each->port == port)
			return each;
	}
	return NULL;
}

static int node_of(uint32_t address)
{
	for (int i = 0; i < SIM_NODES; i++) {
		if (sim.nodes[i].up && sim.nodes[i].role >= 0 &&
		    WIRE_SERVER(sim.nodes[i].role) == address)
			return i;
	}
	return -1;
}

static void open_both(struct line *line, const struct net_listener *listener)
{
	struct net_stream *caller = line->ends[0], *called = stream_new(line, 1);
	struct net_tls *tls = NULL;
	const char *name = NULL;
	bool taken;
	int here = sim.here;

	way_begin(line, 0);
	way_begin(line, 1);
	sim.here = line->nodes[1];
	taken = listener->verbs.accept(listener->verbs.context,
				       WIRE_SERVER(sim.nodes[line->nodes[0]].role), called,
				       &called->verbs, &tls, &name);
	sim.here = here;
	if (!taken) {
		stream_free(called);
		stream_over(caller, "closed by peer", sim.now + latency());
		return;
	}
	called->opening = true;
	sim_event_at(&called->event, sim.now);
	caller->opening = true;
	sim_event_at(&caller->event, sim.now + latency());
}

static void lines_sweep(void);

static void connect_fire(struct sim_event *event)
{
	struct line *line = sim_container(event, struct line, connect);
	struct net_stream *caller = line->ends[0];
	int node = node_of(line->remote);
	struct net_listener *listener;

	if (!caller) {
		lines_sweep();
		return;
	}
	if (node < 0 || wires.blocked[line->nodes[0]][node] ||
	    wires.blocked[node][line->nodes[0]]) {
		if (sim.now - line->begun >= CONNECT_PATIENCE)
			stream_over(caller, "connection timed out", sim.now);
		else
			sim_event_at(event, sim.now + CONNECT_AGAIN);
		return;
	}
	listener = listener_find(line->remote, line->port);
	if (!listener) {
		stream_over(caller, "connection refused", sim.now + latency());
		lines_sweep();
		return;
	}
	line->nodes[1] = node;
	open_both(line, listener);
}

int net_stream_connect(uv_loop_t *loop, uint32_t local, uint32_t remote, uint16_t port,
		       struct net_tls *tls, const char *name, const struct net_stream_verbs *verbs,
		       struct net_stream **ret_stream)
{
	struct line *line = calloc(1, sizeof(*line));

	(void)loop, (void)local, (void)tls, (void)name;
	if (!line)
		return -ENOMEM;
	line->nodes[0] = sim.here;
	line->nodes[1] = -1;
	line->begun = sim.now;
	line->remote = remote;
	line->port = port;
	line->next = wires.lines;
	wires.lines = line;
	line->connect.node = -1;
	line->connect.fire = connect_fire;
	stream_new(line, 0)->verbs = *verbs;
	sim_event_at(&line->connect, sim.now + latency());
	*ret_stream = line->ends[0];
	return 0;
}

int net_listener_open(uv_loop_t *loop, uint32_t address, uint16_t port,
		      const struct net_listener_verbs *verbs, struct net_listener **ret_listener,
		      struct net_error *ret_error)
{
	struct net_listener *listener = calloc(1, sizeof(*listener));

	(void)loop, (void)address, (void)ret_error;
	if (!listener)
		return -ENOMEM;
	*listener = (struct net_listener){
		.node = sim.here, .port = port, .verbs = *verbs, .next = wires.listeners};
	wires.listeners = listener;
	*ret_listener = listener;
	return 0;
}

void net_listener_close(struct net_listener *listener)
{
	struct net_listener **at = &wires.listeners;

	while (*at != listener)
		at = &(*at)->next;
	*at = listener->next;
	free(listener);
}

uint64_t net_listener_refused(const struct net_listener *listener)
{
	return listener->refused;
}

/* Faults. */

void link_block(int from, int to, bool blocked)
{
	wires.blocked[from][to] = blocked;
	if (blocked)
		return;
	for (struct line *line = wires.lines; line; line = line->next) {
		for (int end = 0; end < 2; end++) {
			if (line->ways[end].line)
				way_arm(&line->ways[end]);
		}
	}
}

bool link_blocked(int from, int to)
{
	return wires.blocked[from][to];
}

void link_heal_all(void)
{
	for (int from = 0; from < SIM_NODES; from++) {
		for (int to = 0; to < SIM_NODES; to++)
			link_block(from, to, false);
	}
}

void link_reset(int one, int other)
{
	for (struct line *line = wires.lines; line; line = line->next) {
		if (!line->ways[0].line || !((line->nodes[0] == one && line->nodes[1] == other) ||
					     (line->nodes[0] == other && line->nodes[1] == one)))
			continue;
		for (int end = 0; end < 2; end++) {
			way_cut(&line->ways[end]);
			line->ways[end].ended = true;
			way_arm(&line->ways[end]);
		}
	}
}

static void end_forget(struct line *line, int end, bool power)
{
	struct net_stream *stream = line->ends[end];
	struct way *back = &line->ways[1 - end];

	back->event.node = -1; /* what still comes is the kernel's to answer */
	if (back->line)
		way_arm(back);
	if (!stream)
		return;
	if (line->ways[end].line) {
		struct way *way = &line->ways[end];

		if (power || sim_chance(chance(), 500000))
			way_cut(way);
		if (power) {
			sim_event_cancel(&way->event);
			way->mark_count = 0;
		} else {
			way_finish(way);
		}
	}
	stream_free(stream);
}

/* Lines that nobody holds any more. */
static void lines_sweep(void)
{
	struct line **at = &wires.lines;

	while (*at) {
		struct line *line = *at;
		bool used = line->ends[0] || line->ends[1] || line->connect.place;

		for (int end = 0; end < 2; end++)
			used |= line->ways[end].event.place != 0;
		if (used) {
			at = &line->next;
			continue;
		}
		*at = line->next;
		for (int end = 0; end < 2; end++) {
			check_stream_free(line->ways[end].check);
			free(line->ways[end].bytes);
			free(line->ways[end].marks);
		}
		free(line);
	}
}

void link_forget(struct node *node, bool power)
{
	struct net_listener **at = &wires.listeners;

	for (struct line *line = wires.lines; line; line = line->next) {
		for (int end = 0; end < 2; end++) {
			if (line->nodes[end] == node->index)
				end_forget(line, end, power);
		}
	}
	while (*at) {
		struct net_listener *listener = *at;

		if (listener->node != node->index) {
			at = &listener->next;
			continue;
		}
		*at = listener->next;
		free(listener);
	}
	lines_sweep();
}

/* TLS is not simulated: no option asks for it. */

int net_tls_new(const struct net_tls_options *options, struct net_tls **ret_tls,
		struct net_error *ret_error)
{
	(void)options, (void)ret_tls, (void)ret_error;
	return -ENOTSUP;
}

void net_tls_free(struct net_tls *tls)
{
	(void)tls;
}

int64_t net_tls_expires(const struct net_tls *tls)
{
	(void)tls;
	return 0;
}
