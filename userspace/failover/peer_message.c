/* SPDX-License-Identifier: GPL-2.0-only */
/* What comes over the link, and who takes it. Pool balance's timing is here too (dhcpd's). */
#include <stdlib.h>
#include <string.h>

#include "failover/peer_private.h"

static void malformed(struct failover_peer *peer, const char *why)
{
	peer->malformed++;
	failover_link_drop(peer, peer->link, FAILOVER_LOG_WARNING,
			   "a malformed message from the partner: %s", why);
}

/*
 * In RECOVER: has the partner lost what it promised? An xdhcp has another lease
 * store then; of dhcpd only a planned stop before is known to lose nothing.
 */
static bool has_forgotten(const struct failover_peer *peer)
{
	uint8_t before = peer->fsm.kept.partner;

	if (peer->fsm.isc)
		return peer->fsm.kept.proven && before != FAILOVER_RECOVER &&
		       before != FAILOVER_SHUTDOWN;
	return peer->record.has_partner_store && peer->partner.vendor.has_store &&
	       memcmp(peer->record.partner_store, peer->partner.vendor.store, STORE_ID) != 0;
}

static void state_came(struct failover_peer *peer, const struct failover_message *message)
{
	struct failover_event event = {
		.kind = FAILOVER_EVENT_STATE,
		.state = message->server_state,
		.flags = message->server_flags,
	};

	if (!failover_has(message, FAILOVER_SERVER_STATE)) {
		malformed(peer, "STATE without a server-state");
		return;
	}
	/* dhcpd goes to SHUTDOWN over a number that it does not know; we stay as we are. */
	if (!failover_state_word(event.state) || event.state == FAILOVER_STARTUP) {
		failover_peer_log(peer, FAILOVER_LOG_WARNING,
				  "the partner says server-state %u, which is none: ignored",
				  event.state);
		return;
	}
	if (event.state == FAILOVER_RECOVER && has_forgotten(peer))
		lease_commit_hold_partners(peer->options.commit, peer->options.conf->number,
					   peer->now.wall + 1);
	failover_peer_step(peer, &peer->fsm, event, false);
}

static void upddone_came(struct failover_peer *peer, const struct failover_message *message)
{
	/* Only the newest request is answered; what answers an older one, or none, ends nothing. */
	if (!peer->request || message->xid != peer->request)
		return;
	peer->request = 0;
	peer->caught_up = true;
	failover_updates_owe_marked(peer->updates);
	failover_peer_event(peer, FAILOVER_EVENT_UPDDONE);
}

static void disconnect_came(struct failover_peer *peer, const struct failover_message *message)
{
	char said[FAILOVER_SAID];

	failover_text_print(&message->text, said, sizeof(said));
	peer->last_reject = message->reject;
	failover_link_drop(peer, peer->link, FAILOVER_LOG_WARNING,
			   "the partner disconnects: %s: %s%s%s",
			   failover_reject_word(message->reject),
			   failover_reject_text(message->reject), said[0] ? ": " : "", said);
}

static void pool_answer(struct failover_peer *peer, uint64_t given)
{
	struct failover_message message = {
		.type = FAILOVER_POOLRESP,
		.xid = peer->pool.xid,
		.present = 1U << FAILOVER_ADDRESSES_TRANSFERRED,
		.addresses_transferred = given > UINT32_MAX ? UINT32_MAX : (uint32_t)given,
	};

	peer->pool.asked = false;
	failover_link_send(peer, peer->link, &message);
}

static void pool_begin(struct failover_peer *peer)
{
	if (peer->pool.running)
		return;
	peer->pool.running = true;
	failover_balance_begin(peer->balance, peer->hba);
}

/* POOLREQ comes in both roles (dhcpd); outside of NORMAL nothing is given. */
static void poolreq_came(struct failover_peer *peer, const struct failover_message *message)
{
	peer->pool.asked = true;
	peer->pool.xid = message->xid;
	if (peer->fsm.kept.state == FAILOVER_NORMAL && !peer->fsm.startup)
		pool_begin(peer);
	else
		pool_answer(peer, 0);
}

void failover_peer_message(struct failover_peer *peer, const struct failover_message *message)
{
	switch (message->type) {
	case FAILOVER_STATE:
		state_came(peer, message);
		return;
	case FAILOVER_BNDUPD:
		failover_updates_bndupd(peer->updates, message, peer->now.wall);
		return;
	case FAILOVER_BNDACK:
		failover_updates_bndack(peer->updates, message, peer->now.wall);
		return;
	case FAILOVER_UPDREQ:
	case FAILOVER_UPDREQALL:
		failover_updates_request(peer->updates, message->xid,
					 message->type == FAILOVER_UPDREQALL);
		return;
	case FAILOVER_UPDDONE:
		upddone_came(peer, message);
		return;
	case FAILOVER_POOLREQ:
		poolreq_came(peer, message);
		return;
	case FAILOVER_DISCONNECT:
		disconnect_came(peer, message);
		return;
	case FAILOVER_COMMON:
		failover_common_message(peer, message);
		return;
	case FAILOVER_CONNECT:
	case FAILOVER_CONNECTACK:
		malformed(peer, "a second handshake on one connection");
		return;
	default:
		/* CONTACT, POOLRESP and what nobody knows: it was heard. */
		return;
	}
}

void failover_pool_normal(struct failover_peer *peer)
{
	peer->pool.normal = true;
	pool_begin(peer);
}

/* Left NORMAL in the middle of it, or the link went. */
static void pool_stop(struct failover_peer *peer)
{
	if (peer->pool.asked)
		pool_answer(peer, 0);
	peer->pool.running = peer->pool.timer = peer->pool.normal = false;
	peer->pool.next = 0;
}

static void pool_over(struct failover_peer *peer, uint64_t given)
{
	uint64_t pause = failover_balance_pause(peer->balance, peer->now.wall);

	peer->pool.running = false;
	if (peer->pool.asked)
		pool_answer(peer, given);
	if (peer->pool.timer && failover_balance_wanting(peer->balance))
		failover_link_say(peer, FAILOVER_POOLREQ, 0);
	if (peer->pool.normal)
		failover_updates_owe_marked(peer->updates);
	peer->pool.timer = peer->pool.normal = false;
	peer->pool.next =
		peer->now.monotonic + (pause + failover_peer_draw(peer) % BALANCE_JITTER) * SECOND;
}

void failover_pool_timers(struct failover_peer *peer)
{
	if (!peer->pool.next || peer->pool.running || peer->transition.under_way)
		return;
	if (failover_peer_due(peer, peer->pool.next)) {
		peer->pool.timer = true;
		peer->pool.next = 0;
		pool_begin(peer);
	}
}

static bool pool_pump(struct failover_peer *peer)
{
	uint64_t given = 0;
	bool runs = peer->link && peer->fsm.kept.state == FAILOVER_NORMAL && !peer->fsm.startup;

	if (!runs && (peer->pool.running || peer->pool.next))
		pool_stop(peer);
	if (!peer->pool.running || peer->stop)
		return false;
	if (!failover_balance_step(peer->balance, peer->now.wall, BALANCE_CHUNK, &given))
		return true;
	pool_over(peer, given);
	return false;
}

/* Updates are sent, and the partner acknowledges none of them: it hangs, whatever CONTACT says. */
static void acks_check(struct failover_peer *peer)
{
	uint64_t limit = 3 * (uint64_t)peer->partner.receive_timer;
	struct failover_updates_status status;
	uint64_t acks;

	if (!failover_peer_due(peer, peer->acks_checked + SECOND))
		return;
	peer->acks_checked = peer->now.monotonic;
	failover_updates_status(peer->updates, &status);
	acks = status.counters.acknowledged + status.counters.rejected;
	if (!status.in_flight || acks != peer->acks) {
		peer->acks = acks;
		peer->acks_at = peer->now.monotonic;
		return;
	}
	limit = limit > ACK_SECONDS ? limit : ACK_SECONDS;
	if (failover_peer_due(peer, peer->acks_at + limit * SECOND))
		failover_link_drop(peer, peer->link, FAILOVER_LOG_ERROR,
				   "the partner has acknowledged none of %llu updates for %llu s",
				   (unsigned long long)status.in_flight, (unsigned long long)limit);
}

bool failover_peer_pump(struct failover_peer *peer)
{
	bool more;

	if (peer->transition.under_way)
		return false;
	more = pool_pump(peer);
	if (!peer->link)
		return more;
	acks_check(peer);
	failover_common_pump(peer);
	return failover_updates_turn(peer->updates, peer->now.wall) || more;
}
