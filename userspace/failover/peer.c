/* SPDX-License-Identifier: GPL-2.0-only */
#include "failover/peer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "failover/peer_private.h"

/* More rounds than any turn has reasons for: a bound, should a timer ever stay due. */
#define ROUNDS 16

/* splitmix64 (Steele, Lea and Flood, 2014). */
uint64_t failover_peer_draw(struct failover_peer *peer)
{
	uint64_t mixed = peer->random += UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
	return mixed ^ mixed >> 31;
}

static void log_refill(struct failover_peer *peer)
{
	uint64_t lines = (peer->now.monotonic - peer->log_from) / (LOG_PAUSE_SECONDS * SECOND);

	peer->log_from += lines * LOG_PAUSE_SECONDS * SECOND;
	peer->log_tokens = lines > LOG_BURST - peer->log_tokens
				   ? LOG_BURST
				   : peer->log_tokens + (unsigned)lines;
}

/* The same line within a minute says nothing new. */
static bool log_repeats(struct failover_peer *peer, const char *text)
{
	static const uint8_t key[BASE_SIPHASH_KEY];
	uint64_t hash = base_siphash(key, text, strlen(text));
	unsigned oldest = 0;

	for (unsigned i = 0; i < LOG_REMEMBERED; i++) {
		if (peer->logged[i].hash == hash)
			oldest = i;
		if (peer->logged[i].hash == hash)
			break;
		if (peer->logged[i].at < peer->logged[oldest].at)
			oldest = i;
	}
	if (peer->logged[oldest].hash == hash &&
	    peer->now.monotonic < peer->logged[oldest].at + LOG_REPEAT_SECONDS * SECOND)
		return true;
	peer->logged[oldest].hash = hash;
	peer->logged[oldest].at = peer->now.monotonic;
	return false;
}

void failover_peer_log(struct failover_peer *peer, enum failover_level level, const char *format,
		       ...)
{
	char text[FAILOVER_END + 32];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	log_refill(peer);
	if (log_repeats(peer, text))
		return;
	if (!peer->log_tokens) {
		peer->log_dropped++;
		return;
	}
	peer->log_tokens--;
	peer->verbs.log(peer->verbs.context, level, text);
	if (!peer->log_dropped)
		return;
	snprintf(text, sizeof(text), "%u lines before this one were left out", peer->log_dropped);
	peer->log_dropped = 0;
	peer->verbs.log(peer->verbs.context, FAILOVER_LOG_WARNING, text);
}

void failover_peer_enter(struct failover_peer *peer, const struct failover_now *now)
{
	peer->now = *now;
	failover_peer_follow_clock(peer);
}

void failover_peer_leave(struct failover_peer *peer)
{
	struct failover_view before;

	while (peer->started && !peer->transition.under_way) {
		if (peer->lost) {
			peer->lost = false;
			failover_peer_event(peer, FAILOVER_EVENT_LOST);
		} else if (peer->reversed) {
			peer->reversed = false;
			failover_peer_event(peer, FAILOVER_EVENT_STORE_LOST);
		} else if (!failover_link_take(peer)) {
			break;
		}
	}
	before = peer->view;
	failover_view_reckon(peer, false);
	if (before.serves != peer->view.serves || before.balances != peer->view.balances ||
	    before.lead != peer->view.lead || before.alone != peer->view.alone ||
	    before.adopted != peer->view.adopted)
		peer->verbs.changed(peer->verbs.context);
}

bool failover_peer_due(struct failover_peer *peer, uint64_t at)
{
	if (at <= peer->now.monotonic) {
		peer->fired = true;
		return true;
	}
	if (at < peer->wake)
		peer->wake = at;
	return false;
}

uint64_t failover_peer_turn(struct failover_peer *peer, const struct failover_now *now)
{
	bool more = false;

	failover_peer_enter(peer, now);
	for (unsigned i = 0; peer->started && i < ROUNDS; i++) {
		peer->fired = false;
		peer->wake = UINT64_MAX;
		failover_link_timers(peer);
		failover_state_timers(peer);
		failover_stop_timers(peer);
		failover_pool_timers(peer);
		more = failover_peer_pump(peer);
		failover_peer_leave(peer);
		if (!peer->fired)
			break;
	}
	return more || peer->fired ? now->monotonic : peer->wake;
}

void failover_peer_heartbeat(struct failover_peer *peer, const struct failover_now *now)
{
	failover_peer_enter(peer, now);
	if (peer->started && !peer->fsm.startup) {
		failover_view_reckon(peer, true);
		peer->verbs.changed(peer->verbs.context);
	}
	failover_peer_leave(peer);
}

void failover_peer_owe(struct failover_peer *peer, struct lease *lease)
{
	failover_updates_owe(peer->updates, lease);
}

static uint32_t verb_send(void *context, struct failover_message *message)
{
	struct failover_peer *peer = context;

	return failover_link_send(peer, peer->link, message);
}

static bool verb_writable(void *context)
{
	struct failover_peer *peer = context;

	return peer->link && peer->verbs.writable(peer->verbs.context, peer->link->number);
}

static int parts_new(struct failover_peer *peer, const struct failover_peer_options *options,
		     struct failover_updates **ret_updates, struct failover_balance **ret_balance)
{
	const struct failover_updates_verbs verbs = {peer, verb_send, verb_writable};
	const struct conf_relation *conf = options->conf;
	int error = failover_updates_new(options->table, options->commit, conf->number,
					 conf->primary, &verbs, ret_updates);

	if (error)
		return error;
	error = failover_balance_new(options->table, options->commit, conf, ret_balance);
	if (error)
		failover_updates_free(*ret_updates);
	return error;
}

/* Nothing is known of before: as dhcpd, RECOVER; the start says so to the state machine. */
static int kept_restore(struct failover_peer *peer, const void *kept, size_t length)
{
	peer->fsm.kept.state = FAILOVER_RECOVER;
	peer->fsm.isc =
		true; /* until it says what it is: what is allowed with dhcpd is with both */
	peer->record.primary = peer->options.conf->primary;
	if (length && failover_kept_decode(kept, length, &peer->fsm, &peer->record))
		return -EBADMSG;
	if (length) /* it is one of ours, and so not longer than that */
		memcpy(peer->kept, kept, length);
	peer->kept_length = length;
	peer->why = length ? "as recorded before the start" : NULL;
	if (peer->options.conf->primary && !peer->fsm.mclt)
		peer->fsm.mclt = peer->options.conf->mclt;
	peer->fsm.primary = peer->options.conf->primary;
	peer->fsm.startup = true;
	return 0;
}

int failover_peer_new(const struct failover_peer_options *options,
		      const struct failover_peer_verbs *verbs, const void *kept, size_t length,
		      struct failover_peer **ret_peer)
{
	struct failover_peer *peer = calloc(1, sizeof(*peer));
	int error = -ENOMEM;

	if (!peer)
		return error;
	peer->options = *options;
	peer->verbs = *verbs;
	peer->random = options->seed;
	peer->boot = failover_peer_draw(peer) | 1;
	peer->log_tokens = LOG_BURST;
	error = kept_restore(peer, kept, length);
	if (error)
		goto out;
	/* A state that did not serve was left silent: nothing is to go on. */
	peer->adopted = options->adopted && !options->outdated &&
			failover_state_serves(peer->fsm.kept.state);
	peer->quiet = !options->adopted;
	error = failover_common_set(peer, options->common);
	if (error)
		goto out;
	error = parts_new(peer, options, &peer->updates, &peer->balance);
	if (error)
		goto out;
	*ret_peer = peer;
	return 0;
out:
	failover_common_free(peer);
	free(peer);
	return error;
}

void failover_peer_free(struct failover_peer *peer)
{
	if (!peer)
		return;
	for (unsigned i = 0; i < LINKS_MAX; i++)
		free(peer->links[i].input);
	failover_common_free(peer);
	failover_balance_free(peer->balance);
	failover_updates_free(peer->updates);
	free(peer);
}

/*
 * While no daemon ran nobody saw the wall clock being set. By as much as the
 * clocks of a pair may be apart it may have been, and no wait is shorter by it.
 */
static void since_doubted(struct failover_peer *peer)
{
	struct failover_kept *kept = &peer->fsm.kept;
	int64_t later = kept->since + FAILOVER_SKEW_UNTRACKED;

	if (kept->state != FAILOVER_PARTNER_DOWN && kept->state != FAILOVER_RECOVER_WAIT &&
	    !kept->lost && !kept->dead)
		return;
	kept->since = later < peer->now.wall ? later : peer->now.wall;
}

void failover_peer_start(struct failover_peer *peer, const struct failover_now *now)
{
	failover_peer_enter(peer, now);
	since_doubted(peer);
	peer->log_from = now->monotonic;
	peer->started = true;
	peer->started_offset = now->wall_ns - (int64_t)now->monotonic;
	peer->started_at = peer->next_connect = now->monotonic;
	if (peer->kept_length && peer->record.primary != peer->options.conf->primary)
		failover_peer_log(peer, FAILOVER_LOG_WARNING,
				  "this server was the %s: what it knows of free addresses is the "
				  "other role's and is set aside",
				  peer->record.primary ? "primary" : "secondary");
	failover_updates_owe_marked(peer->updates);
	failover_peer_terms(peer);
	failover_view_reckon(peer, false);
	peer->verbs.changed(peer->verbs.context);
	if (!peer->kept_length || peer->record.primary != peer->options.conf->primary)
		failover_peer_event(peer, FAILOVER_EVENT_STORE_LOST);
	else if (peer->options.outdated)
		failover_peer_event(peer, FAILOVER_EVENT_OUTDATED);
	failover_peer_leave(peer);
}

/* Is anything other that the handshake said, or that it depends on? */
static bool said_otherwise(const struct failover_peer_options *a,
			   const struct failover_peer_options *b)
{
	const struct conf_relation *old = a->conf, *new = b->conf;

	return old->primary != new->primary || old->address != new->address ||
	       old->peer_address != new->peer_address || old->port != new->port ||
	       old->peer_port != new->peer_port || a->tls != b->tls ||
	       old->max_response_delay != new->max_response_delay ||
	       old->max_unacked_updates != new->max_unacked_updates ||
	       (new->primary &&
		(old->mclt != new->mclt || memcmp(old->hba, new->hba, sizeof(old->hba)) != 0));
}

/* Updates and balance go by the role: with another they begin anew. */
static int parts_renew(struct failover_peer *peer, const struct failover_peer_options *options)
{
	struct failover_updates *updates;
	struct failover_balance *balance;
	int error;

	if (options->conf->primary == peer->options.conf->primary) {
		failover_updates_reconfigure(peer->updates, options->conf->number, peer->now.wall);
		failover_balance_reconfigure(peer->balance, options->conf);
		return 0;
	}
	error = parts_new(peer, options, &updates, &balance);
	if (error)
		return error;
	failover_updates_free(peer->updates);
	failover_balance_free(peer->balance);
	peer->updates = updates;
	peer->balance = balance;
	peer->pool.running = false;
	failover_updates_owe_marked(updates);
	return 0;
}

/* Whoever is half-way through a handshake may be somebody else's partner now. */
static void links_drop(struct failover_peer *peer)
{
	for (unsigned i = 0; i < LINKS_MAX; i++)
		if (peer->links[i].number)
			failover_link_drop(peer, &peer->links[i], FAILOVER_LOG_NOTICE,
					   "the configuration of the relationship has changed");
	peer->next_connect = peer->now.monotonic;
}

void failover_peer_reconfigure(struct failover_peer *peer,
			       const struct failover_peer_options *options,
			       const struct failover_now *now)
{
	bool otherwise = said_otherwise(&peer->options, options);
	bool other_role = peer->options.conf->primary != options->conf->primary;

	failover_peer_enter(peer, now);
	if (parts_renew(peer, options)) {
		failover_peer_log(peer, FAILOVER_LOG_ERROR,
				  "no memory for another configuration: restart the daemon");
		goto out;
	}
	/* Without memory what was is compared still: that is no reason to keep the rest, too. */
	failover_common_set(peer, options->common);
	peer->options = *options;
	peer->fsm.primary = options->conf->primary;
	if (otherwise)
		links_drop(peer);
	/* What is free for whom is the other way round now: not known, until the partner says so. */
	peer->reversed |= other_role;
	failover_common_changed(peer);
	failover_peer_terms(peer);
out:
	failover_peer_leave(peer);
}
