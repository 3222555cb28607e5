// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/pair_private.h"
#include "daemon/pulse.h"
#include "daemon/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/stream.h"
#include "sys/clock.h"

#define SECOND 1000000000LL

struct failover_now pair_now(void)
{
	int64_t wall = sys_clock_wall_ns();

	return (struct failover_now){
		.wall = wall / SECOND,
		.wall_ns = wall,
		.monotonic = sys_clock_coarse(),
	};
}

struct failover_now pair_time(struct daemon *daemon)
{
	struct failover_now now;

	do
		now = pair_now();
	while (pulse_follow_clock(daemon));
	daemon->now = now.wall;
	return now;
}

struct pair *pairs_of(const struct daemon *daemon, uint8_t number)
{
	for (size_t i = 0; i < daemon->pair_count; i++)
		if (daemon->pairs[i].conf->number == number)
			return &daemon->pairs[i];
	return NULL;
}

/* K means something else now: every slot of the relationship says it anew. */
static void slots_follow(struct pair *pair)
{
	struct daemon *daemon = pair->daemon;
	struct lease *lease;
	uint64_t at = 0;

	if (!daemon->fastpath)
		return;
	while ((lease = lease_table_at_or_after(daemon->table, at))) {
		at = (uint64_t)lease->address + 1;
		if (lease->relation == pair->conf->number && lease->current &&
		    lease->current->state == LEASE_ACTIVE && !lease->closed)
			verbs_publish(daemon, lease, NULL);
	}
}

static void kernel_follow(struct pair *pair)
{
	struct daemon *daemon = pair->daemon;
	uint8_t number = pair->conf->number;
	const struct failover_view *view = &daemon->views[number];

	if (daemon->fastpath && !view->adopted)
		fastpath_relation_set(daemon->fastpath, number, view->serves, view->lead,
				      view->alone);
}

/* What the peer says now is what the slow path, the leases and the kernel go by. */
void pair_publish(struct pair *pair)
{
	struct daemon *daemon = pair->daemon;
	uint8_t number = pair->conf->number;
	struct failover_view *view = &daemon->views[number];
	struct lease_policy *policy = &daemon->policies[number], before = *policy;
	int64_t from = view->from, lead = view->lead;

	*view = *failover_peer_view(pair->peer);
	view->from = from;
	failover_peer_policy(pair->peer, policy);
	/* Whichever allows less comes first. */
	if (view->lead < lead)
		kernel_follow(pair);
	if (policy->strict != before.strict || policy->mclt != before.mclt)
		slots_follow(pair);
	kernel_follow(pair);
}

static void verb_changed(void *context)
{
	struct pair *pair = context;

	if (pair->peer) /* else it is being made */
		pair_publish(pair);
}

static void verb_log(void *context, enum failover_level level, const char *text)
{
	static const enum sys_log_level levels[] = {
		[FAILOVER_LOG_INFO] = SYS_LOG_INFO,
		[FAILOVER_LOG_NOTICE] = SYS_LOG_NOTICE,
		[FAILOVER_LOG_WARNING] = SYS_LOG_WARNING,
		[FAILOVER_LOG_ERROR] = SYS_LOG_ERROR,
	};
	struct pair *pair = context;

	sys_log(&pair->daemon->log, levels[level], "failover %s: %s", pair->conf->name, text);
}

static struct pair_stream *stream_of(struct pair *pair, uint32_t link)
{
	for (size_t i = 0; i < PAIR_STREAMS; i++)
		if (pair->streams[i].stream && pair->streams[i].link == link)
			return &pair->streams[i];
	return NULL;
}

static struct pair_stream *stream_free(struct pair *pair)
{
	for (size_t i = 0; i < PAIR_STREAMS; i++)
		if (!pair->streams[i].stream)
			return &pair->streams[i];
	return NULL;
}

static void verb_send(void *context, uint32_t link, const void *bytes, size_t length)
{
	struct pair_stream *place = stream_of(context, link);

	if (place)
		net_stream_send(place->stream, bytes, length);
}

static bool verb_writable(void *context, uint32_t link)
{
	const struct pair_stream *place = stream_of(context, link);

	return place && net_stream_writable(place->stream);
}

size_t pair_unacknowledged(struct pair *pair, uint32_t link)
{
	const struct pair_stream *place = stream_of(pair, link);

	return place ? net_stream_unacknowledged(place->stream) : 0;
}

static void verb_close(void *context, uint32_t link)
{
	struct pair_stream *place = stream_of(context, link);

	if (!place)
		return;
	net_stream_close(place->stream);
	place->stream = NULL;
}

static uint64_t verb_keep(void *context, const void *bytes, size_t length)
{
	struct pair *pair = context;
	char name[STORE_NOTE_NAME_MAX + 1];

	snprintf(name, sizeof(name), FAILOVER_NOTE "%s", pair->conf->name);
	return store_append_note(pair->daemon->store, name, bytes, length);
}

/* Events of a stream end like this: what they caused is sent, and flushed. */
static void pair_turn(struct pair *pair)
{
	pairs_turn(pair->daemon);
	group_turn(pair->daemon->group);
}

static void stream_opened(void *context, struct net_stream *stream)
{
	struct pair_stream *place = context;
	struct pair *pair = place->pair;
	struct failover_now now = pair_now();

	place->stream = stream;
	place->link = ++pair->links;
	net_stream_pause(stream, pair->paused);
	failover_peer_opened(pair->peer, place->link, place->outgoing, &now);
	pair_turn(pair);
}

static void stream_bytes(void *context, struct net_stream *stream, const uint8_t *bytes,
			 size_t length)
{
	struct pair_stream *place = context;
	struct failover_now now = pair_time(place->pair->daemon);

	(void)stream;
	failover_peer_bytes(place->pair->peer, place->link, bytes, length, &now);
	pair_turn(place->pair);
}

static void stream_closed(void *context, struct net_stream *stream, const char *why)
{
	struct pair_stream *place = context;
	struct pair *pair = place->pair;
	struct failover_now now = pair_now();
	uint32_t link = place->link;

	(void)stream;
	place->stream = NULL;
	place->link = 0;
	if (link)
		failover_peer_closed(pair->peer, link, why, &now);
	else if (place->outgoing)
		failover_peer_failed(pair->peer, why, &now);
	pair_turn(pair);
}

/* There is room for more again. */
static void stream_drained(void *context, struct net_stream *stream)
{
	struct pair_stream *place = context;

	(void)stream;
	pair_turn(place->pair);
}

static struct net_stream_verbs stream_verbs(struct pair_stream *place)
{
	return (struct net_stream_verbs){
		.context = place,
		.opened = stream_opened,
		.bytes = stream_bytes,
		.closed = stream_closed,
		.drained = stream_drained,
	};
}

struct net_tls *pair_tls(const struct pair *pair)
{
	const struct options *options = &pair->daemon->options;

	for (size_t i = 0; i < options->plain_count; i++)
		if (!strcmp(options->plain[i], pair->conf->name))
			return NULL;
	return pair->daemon->tls;
}

static void verb_connect(void *context)
{
	struct pair *pair = context;
	struct pair_stream *place = stream_free(pair);
	struct net_stream_verbs verbs;
	struct failover_now now = pair_now();
	int code = -EMFILE;

	if (place) {
		*place = (struct pair_stream){.pair = pair, .outgoing = true};
		verbs = stream_verbs(place);
		code = net_stream_connect(&pair->daemon->loop, pair->conf->address,
					  pair->conf->peer_address, pair->conf->peer_port,
					  pair_tls(pair), pair->conf->name, &verbs, &place->stream);
	}
	if (code)
		failover_peer_failed(pair->peer, strerror(-code), &now);
}

/* The pair that this address is the partner of; several may share one listening address. */
static struct pair *pair_of_partner(struct daemon *daemon, const struct conf_relation *local,
				    uint32_t remote)
{
	for (size_t i = 0; i < daemon->pair_count; i++) {
		struct pair *pair = &daemon->pairs[i];

		if (pair->conf->peer_address == remote && pair->conf->address == local->address &&
		    pair->conf->port == local->port)
			return pair;
	}
	return NULL;
}

bool pair_accept(void *context, uint32_t remote, struct net_stream *stream,
		 struct net_stream_verbs *ret_verbs, struct net_tls **ret_tls,
		 const char **ret_name)
{
	struct pair *listening = context;
	struct pair *pair = pair_of_partner(listening->daemon, listening->conf, remote);
	struct pair_stream *place = pair ? stream_free(pair) : NULL;

	if (!place || !failover_peer_accepts(pair->peer))
		return false;
	*place = (struct pair_stream){.pair = pair, .stream = stream};
	*ret_verbs = stream_verbs(place);
	*ret_tls = pair_tls(pair);
	*ret_name = pair->conf->name;
	return true;
}

static void grace_wait(uv_work_t *work)
{
	struct pair *pair = work->data;

	if (pair->daemon->fastpath)
		fastpath_grace();
}

static void grace_over(uv_work_t *work, int status)
{
	struct pair *pair = work->data;
	struct failover_now now = pair_now();

	(void)status;
	if (pair->silence_again) {
		pair->silence_again = false;
		uv_queue_work(&pair->daemon->loop, &pair->grace, grace_wait, grace_over);
		return;
	}
	pair->grace_busy = false;
	failover_peer_silent(pair->peer, &now);
	pair_turn(pair);
}

/* Invariant I6: the word is given now, and over when no program run can have missed it. */
static void verb_silence(void *context)
{
	struct pair *pair = context;
	struct daemon *daemon = pair->daemon;
	uint8_t number = pair->conf->number;

	daemon->views[number].serves = false;
	daemon->policies[number].serves = false;
	if (daemon->fastpath)
		fastpath_relation_set(daemon->fastpath, number, false, daemon->views[number].lead,
				      daemon->views[number].alone);
	if (pair->grace_busy) {
		pair->silence_again = true;
		return;
	}
	pair->grace_busy = true;
	pair->grace.data = pair;
	uv_queue_work(&daemon->loop, &pair->grace, grace_wait, grace_over);
}

struct failover_peer_verbs pair_verbs(struct pair *pair)
{
	return (struct failover_peer_verbs){
		.context = pair,
		.connect = verb_connect,
		.send = verb_send,
		.writable = verb_writable,
		.close = verb_close,
		.keep = verb_keep,
		.silence = verb_silence,
		.changed = verb_changed,
		.log = verb_log,
	};
}
