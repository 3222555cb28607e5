// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/pair_private.h"
#include "daemon/verbs.h"
#include "sys/clock.h"

#define TLS_WARN_SECONDS (30 * 86400)

int pairs_note(struct daemon *daemon, const char *name, const void *bytes, size_t length)
{
	const size_t prefix = strlen(FAILOVER_NOTE);
	struct pair_note note = {.length = length}, *notes;

	if (strncmp(name, FAILOVER_NOTE, prefix))
		return 0;
	notes = realloc(daemon->notes, (daemon->note_count + 1) * sizeof(*notes));
	if (!notes)
		return -ENOMEM;
	daemon->notes = notes;
	note.name = strdup(name + prefix);
	note.bytes = malloc(length + 1);
	if (!note.name || !note.bytes) {
		free(note.name);
		free(note.bytes);
		return -ENOMEM;
	}
	memcpy(note.bytes, bytes, length);
	notes[daemon->note_count++] = note;
	return 0;
}

/* The last of its name counts; empty where there is none. */
static struct pair_note note_find(const struct daemon *daemon, const char *name)
{
	for (size_t i = daemon->note_count; i > 0; i--)
		if (!strcmp(daemon->notes[i - 1].name, name))
			return daemon->notes[i - 1];
	return (struct pair_note){0};
}

static void notes_free(struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->note_count; i++) {
		free(daemon->notes[i].name);
		free(daemon->notes[i].bytes);
	}
	free(daemon->notes);
	daemon->notes = NULL;
	daemon->note_count = 0;
}

static struct failover_peer_options peer_options(const struct pair *pair)
{
	struct daemon *daemon = pair->daemon;
	struct failover_peer_options options = {
		.conf = pair->conf,
		.common = pair->common,
		.store = store_identity(daemon->store),
		.software = "xdhcp-" XDHCP_VERSION,
		.tls = pair_tls(pair),
		.strict = daemon->options.strict,
		.reference = daemon->reference,
		.swap_secs = daemon->conf->check_secs_byte_order,
		.adopted = daemon->adopted,
		/* What was asked of the start is in what it kept. */
		.outdated = daemon->options.recover && !daemon->restarted,
		.table = daemon->table,
		.commit = daemon->commit,
	};

	if (getrandom(&options.seed, sizeof(options.seed), 0) < 0)
		options.seed = sys_clock_coarse();
	return options;
}

/* Everything but the listener; the pair's memory does not move any more. */
static int pair_make(struct daemon *daemon, const struct conf_relation *conf, struct pair *pair)
{
	struct failover_peer_options options;
	struct failover_peer_verbs verbs = pair_verbs(pair);
	struct pair_note note = note_find(daemon, conf->name);
	int code;

	pair->daemon = daemon;
	pair->conf = conf;
	pair->common = conf_common_text(daemon->conf, conf);
	if (!pair->common)
		return -ENOMEM;
	options = peer_options(pair);
	code = failover_peer_new(&options, &verbs, note.bytes, note.length, &pair->peer);
	if (code)
		sys_log(&daemon->log, SYS_LOG_ERROR,
			"failover %s: %s; the lease directory is another program's or damaged: "
			"move it away, and everything comes back from the partner",
			conf->name,
			code == -EBADMSG ? "its kept state is not understood" : strerror(-code));
	return code;
}

static struct pair *pair_listening(struct daemon *daemon, const struct conf_relation *conf)
{
	for (size_t i = 0; i < daemon->pair_count; i++) {
		struct pair *pair = &daemon->pairs[i];

		if (pair->listener && pair->conf->address == conf->address &&
		    pair->conf->port == conf->port)
			return pair;
	}
	return NULL;
}

static int pair_listen(struct pair *pair)
{
	struct net_listener_verbs verbs = {.context = pair, .accept = pair_accept};
	struct daemon *daemon = pair->daemon;
	struct net_error error;
	int code;

	if (pair_listening(daemon, pair->conf))
		return 0;
	code = net_listener_open(&daemon->loop, pair->conf->address, pair->conf->port, &verbs,
				 &pair->listener, &error);
	if (code)
		sys_log(&daemon->log, SYS_LOG_ERROR, "failover %s: %s", pair->conf->name,
			error.text);
	return code;
}

static void pair_begin(struct pair *pair)
{
	struct failover_now now = pair_now();

	failover_peer_start(pair->peer, &now);
	pair_publish(pair);
}

/* Nothing more is heard of them; true: one of them was on its way to the partner. */
static bool streams_close(struct pair *pair)
{
	bool connecting = false;

	for (size_t i = 0; i < PAIR_STREAMS; i++) {
		struct pair_stream *place = &pair->streams[i];

		if (!place->stream)
			continue;
		connecting |= place->outgoing && !place->link;
		net_stream_close(place->stream);
		place->stream = NULL;
	}
	return connecting;
}

static void listener_close(struct pair *pair)
{
	if (pair->listener)
		net_listener_close(pair->listener);
	pair->listener = NULL;
}

static void on_timer(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	daemon->now = sys_clock_wall();
	pairs_turn(daemon);
	group_turn(daemon->group);
}

/* A pair that loses its link by a date that everybody knew is a shame. */
static void tls_warn(struct daemon *daemon)
{
	int64_t expires = net_tls_expires(daemon->tls), now = sys_clock_wall();

	if (expires && expires < now + TLS_WARN_SECONDS)
		sys_log(&daemon->log, SYS_LOG_WARNING,
			"%s: the certificate ends in %lld days; then no partner takes it",
			daemon->options.tls_certificate, (long long)(expires - now) / 86400);
}

static int tls_read(struct daemon *daemon)
{
	const struct options *options = &daemon->options;
	const struct net_tls_options tls = {
		.certificate = options->tls_certificate,
		.key = options->tls_key,
		.authority = options->tls_authority,
		.psk_file = options->tls_psk,
	};
	struct net_error error;
	int code;

	if (!options->tls_certificate && !options->tls_psk)
		return 0;
	code = net_tls_new(&tls, &daemon->tls, &error);
	if (code)
		sys_log(&daemon->log, SYS_LOG_ERROR, "%s", error.text);
	else
		tls_warn(daemon);
	return code;
}

int pairs_make(struct daemon *daemon)
{
	size_t count = daemon->conf->relation_count;
	int code = tls_read(daemon);

	if (code || !count)
		return code;
	daemon->pairs = calloc(count, sizeof(*daemon->pairs));
	if (!daemon->pairs)
		return -ENOMEM;
	for (size_t i = 0; i < count && !code; i++, daemon->pair_count++)
		code = pair_make(daemon, daemon->conf->relations[i], &daemon->pairs[i]);
	notes_free(daemon);
	for (size_t i = 0; i < daemon->pair_count && !code; i++)
		failover_peer_policy(daemon->pairs[i].peer,
				     &daemon->policies[daemon->pairs[i].conf->number]);
	return code;
}

int pairs_start(struct daemon *daemon)
{
	int code = 0;

	uv_timer_init(&daemon->loop, &daemon->pair_timer);
	daemon->pair_timer.data = daemon;
	for (size_t i = 0; i < daemon->pair_count && !code; i++)
		code = pair_listen(&daemon->pairs[i]);
	for (size_t i = 0; i < daemon->pair_count && !code; i++)
		pair_begin(&daemon->pairs[i]);
	pairs_addresses(daemon);
	return code;
}

void pairs_close(struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->pair_count; i++) {
		streams_close(&daemon->pairs[i]);
		listener_close(&daemon->pairs[i]);
	}
	uv_close((uv_handle_t *)&daemon->pair_timer, NULL);
}

/* A grace period that is under way comes back to its pair: they go with the process. */
static bool pairs_busy(const struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->pair_count; i++)
		if (daemon->pairs[i].grace_busy)
			return true;
	return false;
}

void pairs_free(struct daemon *daemon)
{
	if (pairs_busy(daemon))
		return;
	for (size_t i = 0; i < daemon->pair_count; i++) {
		failover_peer_free(daemon->pairs[i].peer);
		free(daemon->pairs[i].common);
	}
	free(daemon->pairs);
	daemon->pairs = NULL;
	daemon->pair_count = 0;
	notes_free(daemon);
	net_tls_free(daemon->tls);
	daemon->tls = NULL;
}

bool pairs_fit(const struct daemon *daemon, const struct conf *conf)
{
	if (daemon->pair_count != conf->relation_count)
		return false;
	for (size_t i = 0; i < daemon->pair_count; i++)
		if (strcmp(daemon->pairs[i].conf->name, conf->relations[i]->name) ||
		    daemon->pairs[i].conf->primary != conf->relations[i]->primary)
			return false;
	return true;
}

/* Another configuration: what is on its way from or to other addresses than it says is given up. */
static int pair_reload(struct pair *pair, const struct conf_relation *conf)
{
	const struct conf_relation *before = pair->conf;
	struct failover_now now = pair_now();
	char *common = conf_common_text(pair->daemon->conf, conf), *old = pair->common;
	bool moved = before->address != conf->address || before->port != conf->port;
	struct failover_peer_options options;

	if (moved)
		listener_close(pair);
	if ((moved || before->peer_address != conf->peer_address ||
	     before->peer_port != conf->peer_port) &&
	    streams_close(pair))
		failover_peer_failed(pair->peer, "the configuration has changed", &now);
	/* In any case: what was before is about to be freed. */
	pair->conf = conf;
	pair->common = common;
	pair->looked_for &= before->address == conf->address;
	options = peer_options(pair);
	failover_peer_reconfigure(pair->peer, &options, &now);
	free(old);
	pair_publish(pair);
	return common ? 0 : -ENOMEM;
}

/* All of them, whatever becomes of one; then the listeners, which they may share. */
int pairs_reload(struct daemon *daemon)
{
	int code = 0, failed;

	for (size_t i = 0; i < daemon->pair_count; i++) {
		failed = pair_reload(&daemon->pairs[i], daemon->conf->relations[i]);
		code = code ? code : failed;
	}
	for (size_t i = 0; i < daemon->pair_count; i++) {
		failed = pair_listen(&daemon->pairs[i]);
		code = code ? code : failed;
	}
	pairs_addresses(daemon);
	pairs_turn(daemon);
	return code;
}

void pairs_now(struct daemon *daemon)
{
	const uint64_t second = 1000000000;
	int64_t from = (int64_t)((sys_clock_coarse() + second - 1) / second);

	for (size_t i = 0; i < daemon->pair_count; i++)
		daemon->views[daemon->pairs[i].conf->number].from = from;
}

void pairs_heartbeat(struct daemon *daemon)
{
	struct failover_now now = pair_now();

	for (size_t i = 0; i < daemon->pair_count; i++) {
		failover_peer_heartbeat(daemon->pairs[i].peer, &now);
		pair_publish(&daemon->pairs[i]);
	}
}

void pairs_durable(struct daemon *daemon, uint64_t group)
{
	struct failover_now now = pair_now();

	for (size_t i = 0; i < daemon->pair_count; i++)
		failover_peer_durable(daemon->pairs[i].peer, group, &now);
	pairs_turn(daemon);
}

/* Reading follows what the peer can take: what is not read makes the partner wait. */
static void pair_pause(struct pair *pair)
{
	bool pause = !failover_peer_reads(pair->peer) || pair->daemon->phase == DAEMON_RESTARTING;

	if (pause == pair->paused)
		return;
	pair->paused = pause;
	for (size_t i = 0; i < PAIR_STREAMS; i++)
		if (pair->streams[i].stream && pair->streams[i].link)
			net_stream_pause(pair->streams[i].stream, pause);
}

void pairs_turn(struct daemon *daemon)
{
	struct failover_now now;
	uint64_t due = UINT64_MAX;

	if (!daemon->pair_count || daemon->failed || daemon->phase == DAEMON_STARTING)
		return;
	now = pair_time(daemon);
	for (size_t i = 0; i < daemon->pair_count; i++) {
		uint64_t next = failover_peer_turn(daemon->pairs[i].peer, &now);

		due = next < due ? next : due;
		pair_pause(&daemon->pairs[i]);
	}
	due = due > now.monotonic ? (due - now.monotonic + 999999) / 1000000 : 0;
	uv_timer_start(&daemon->pair_timer, on_timer, due, 0);
	if (daemon->pairs_stopped)
		pairs_stop(daemon, daemon->pairs_stopped);
}

void pairs_stop(struct daemon *daemon, void (*callback)(struct daemon *daemon))
{
	struct failover_now now = pair_now();
	bool stopped = true;

	for (size_t i = 0; i < daemon->pair_count; i++) {
		if (!daemon->pairs_stopped)
			failover_peer_stop(daemon->pairs[i].peer, &now);
		stopped &= failover_peer_stopped(daemon->pairs[i].peer);
	}
	daemon->pairs_stopped = stopped ? NULL : callback;
	if (stopped)
		callback(daemon);
}
