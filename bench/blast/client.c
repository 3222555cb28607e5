// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/client.h"

#include "bench/blast/bytes.h"
#include "bench/blast/dhcp.h"
#include "bench/blast/expect.h"

#define BACKOFF_DOUBLINGS 4 /* 4, 8, 16, 32, 64 s: RFC 2131 section 4.1 */
#define REQUEST_TRIES 4
#define RENEW_WAIT_MIN 60 /* seconds, section 4.4.5 */
#define OLDER_SERIALS 16

/* The highest bit is that of `storm`, which may play other clients on the same link. */
#define SERIAL_MASK 0x7ffU
#define XID(serial, index) (((serial)&SERIAL_MASK) << 20 | (index))

static const enum form forms[] = {
	[STATE_SELECTING] = FORM_DISCOVER,  [STATE_REQUESTING] = FORM_SELECTING,
	[STATE_REBOOTING] = FORM_REBOOTING, [STATE_RENEWING] = FORM_RENEWING,
	[STATE_REBINDING] = FORM_REBINDING,
};

static bool waits(const struct client *client)
{
	return client->state != STATE_INIT && client->state != STATE_BOUND;
}

static bool holds(const struct client *client)
{
	return client->state >= STATE_BOUND;
}

/* Section 4.1: doubled each time, give or take a second (a quarter where --retry is short). */
static uint64_t backoff(struct session *session, uint8_t tries)
{
	unsigned int doublings = tries > BACKOFF_DOUBLINGS ? BACKOFF_DOUBLINGS : tries - 1U;
	uint64_t first = session->settings->retry, spread = first / 4;

	return (first << doublings) - spread + dice(&session->dice) % (2 * spread + 1);
}

/*
 * Section 4.4.5: half of the time that is left, at least a minute; leases of
 * seconds, which demos use, make the minute an eighth of the lease.
 */
static uint64_t renew_wait(const struct client *client, uint64_t now)
{
	uint64_t until = client->state == STATE_RENEWING ? client->t2 : client->end;
	uint64_t least = RENEW_WAIT_MIN * NS_PER_SECOND, half;

	if (client->end == UINT64_MAX)
		return least;
	if ((client->end - client->t1) / 4 < least)
		least = (client->end - client->t1) / 4 + NS_PER_MS;
	half = until > now ? (until - now) / 2 : 0;
	if (half < least)
		half = least;
	return now + half > until && until > now ? until - now : half;
}

static void transmit(struct session *session, uint32_t index)
{
	struct client *client = &session->population.clients[index];
	struct request request = {
		.form = forms[client->state],
		.index = index,
		.xid = client->xid,
		.address = client->state == STATE_SELECTING ? 0 : client->address,
		.server_id = client->server_id,
	};

	if (!client->tries++)
		client->sent = session->now;
	else
		tally_add(&session->tally, COUNT_RETRANSMITTED, 1);
	if (client->tries == 3)
		tally_add(&session->tally, COUNT_UNANSWERED, 1);
	if (client->tries == UINT8_MAX)
		client->tries--;
	request.secs = (uint16_t)((session->now - client->sent) / NS_PER_SECOND);
	port_queue(&session->port, request_write(&session->population, &request,
						 port_buffer(&session->port), NULL));
	tally_add(&session->tally, COUNT_SENT, 1);
	wheel_set(&session->wheel, index,
		  session->now + (client->state >= STATE_RENEWING
					  ? renew_wait(client, session->now)
					  : backoff(session, client->tries)));
}

/* A new request with a transaction of its own, except that SELECTING goes on with its DISCOVER's. */
static void ask(struct session *session, uint32_t index, enum client_state state)
{
	struct client *client = &session->population.clients[index];

	client->state = (uint8_t)state;
	client->tries = client->replies = 0;
	if (state != STATE_REQUESTING)
		client->xid = XID(++client->serial, index);
	transmit(session, index);
}

void client_queue(struct session *session, uint32_t index)
{
	uint32_t at = (session->queue_first + session->queued++) % session->population.count;

	session->queue[at] = index;
}

/* Back to INIT, without an address; begins anew after `wait`. */
static void forget(struct session *session, uint32_t index, uint64_t wait)
{
	struct client *client = &session->population.clients[index];

	if (holds(client))
		session->bound--;
	else if (client->state != STATE_INIT)
		session->busy--;
	client->state = STATE_INIT;
	client->address = 0;
	client->content = 0;
	client->end = 0;
	wheel_set(&session->wheel, index, session->now + wait);
}

void client_begin(struct session *session, uint32_t index, bool reboot)
{
	session->busy++;
	session->population.clients[index].began = session->now;
	session->tally.asked = session->now - session->began;
	ask(session, index, reboot ? STATE_REBOOTING : STATE_SELECTING);
}

void client_resume(struct session *session, uint32_t index)
{
	struct client *client = &session->population.clients[index];
	uint64_t soon = session->now + dice(&session->dice) % NS_PER_SECOND;

	client->state = STATE_BOUND;
	session->bound++;
	wheel_set(&session->wheel, index, client->t1 > soon ? client->t1 : soon);
}

void client_release(struct session *session, uint32_t index, bool again)
{
	struct client *client = &session->population.clients[index];
	struct request request = {
		.form = FORM_RELEASE,
		.index = index,
		.xid = XID(++client->serial, index),
		.address = client->address,
		.server_id = client->server_id,
	};

	port_queue(&session->port, request_write(&session->population, &request,
						 port_buffer(&session->port), NULL));
	tally_add(&session->tally, COUNT_SENT, 1);
	tally_add(&session->tally, COUNT_RELEASED, 1);
	ledger_write(&session->ledger, &session->population, index, "released", session->now,
		     session->now);
	client->xid = request.xid;
	forget(session, index, NS_PER_SECOND);
	if (!again)
		wheel_cancel(&session->wheel, index);
}

static void give_up(struct session *session, uint32_t index)
{
	struct client *client = &session->population.clients[index];

	if (client->tries < 3)
		tally_add(&session->tally, COUNT_UNANSWERED, 1);
	forget(session, index, NS_PER_MS);
}

static void expire(struct session *session, uint32_t index)
{
	const struct client *client = &session->population.clients[index];

	tally_add(&session->tally, COUNT_EXPIRED, 1);
	ledger_write(&session->ledger, &session->population, index, "expired", session->now,
		     client->end);
	give_up(session, index);
}

static void renew_timer(struct session *session, uint32_t index)
{
	struct client *client = &session->population.clients[index];

	if (session->now >= client->end) {
		expire(session, index);
	} else if (client->state == STATE_RENEWING && session->now >= client->t2) {
		if (client->tries < 3)
			tally_add(&session->tally, COUNT_UNANSWERED, 1);
		ask(session, index, STATE_REBINDING);
	} else {
		transmit(session, index);
	}
}

void client_timer(struct session *session, uint32_t index)
{
	struct client *client = &session->population.clients[index];

	switch (client->state) {
	case STATE_INIT:
		client_queue(session, index);
		break;
	case STATE_SELECTING:
		transmit(session, index);
		break;
	case STATE_REQUESTING:
	case STATE_REBOOTING:
		if (client->tries >= REQUEST_TRIES)
			give_up(session, index);
		else
			transmit(session, index);
		break;
	case STATE_BOUND:
		if (session->now >= client->end)
			expire(session, index);
		else
			ask(session, index,
			    session->now < client->t2 ? STATE_RENEWING : STATE_REBINDING);
		break;
	default:
		renew_timer(session, index);
		break;
	}
}

/* Section 4.4.1: from the time when the request was sent; 4.4.5: T1 with a random fuzz. */
static void times_take(struct session *session, struct client *client, const struct reply *reply)
{
	uint64_t lease = reply->lease * NS_PER_SECOND, fuzz = lease / 32;
	uint64_t t1 = reply->has_t1 ? reply->t1 * NS_PER_SECOND : lease / 2;
	uint64_t t2 = reply->has_t2 ? reply->t2 * NS_PER_SECOND : lease / 8 * 7;

	if (reply->lease == LEASE_INFINITE) {
		client->t1 = client->t2 = client->end = UINT64_MAX;
		return;
	}
	t1 += dice(&session->dice) % (2 * fuzz + 1);
	t1 = t1 > fuzz ? t1 - fuzz : 0;
	client->t1 = client->sent + (t1 < t2 ? t1 : t2);
	client->t2 = client->sent + t2;
	client->end = client->sent + lease;
}

static void address_take(struct session *session, uint32_t index, const struct reply *reply,
			 const struct arrival *arrival)
{
	struct client *client = &session->population.clients[index];
	uint32_t before = holders_set(&session->holders, reply->yiaddr, index);
	const struct client *other;

	client->address = reply->yiaddr;
	if (before == NOBODY || before == index)
		return;
	other = &session->population.clients[before];
	if (other->address == reply->yiaddr && other->end > session->now)
		tally_failure(&session->tally, CAUSE_SHARED, reply, arrival);
}

static void lease_take(struct session *session, uint32_t index, const struct reply *reply,
		       const struct arrival *arrival, uint64_t latency)
{
	struct client *client = &session->population.clients[index];
	bool renewal = holds(client);

	if (!renewal)
		tally_half(&session->tally, index >= session->population.count / 2,
			   client->sent + latency - client->began);
	tally_add(&session->tally, renewal ? COUNT_RENEWED : COUNT_LEASED, 1);
	tally_latency(&session->tally, renewal ? LATENCY_RENEWAL : LATENCY_LEASE, latency);
	if (!renewal) {
		session->bound++;
		session->busy--;
	}
	address_take(session, index, reply, arrival);
	if (!renewal && !session->settings->unannounced)
		neighbour_announce(&session->port, &session->population, index);
	times_take(session, client, reply);
	client->server_id = reply->server_id;
	client->content = reply->content;
	memcpy(client->server_mac, reply->source_mac, 6);
	client->state = STATE_BOUND;
	client->replies = 1;
	if (client->end == UINT64_MAX)
		wheel_cancel(&session->wheel, index);
	else
		wheel_set(&session->wheel, index, client->t1);
	ledger_write(&session->ledger, &session->population, index, renewal ? "renewed" : "leased",
		     session->now, client->end);
}

static void answer_take(struct session *session, uint32_t index, const struct reply *reply,
			const struct arrival *arrival)
{
	struct client *client = &session->population.clients[index];
	uint64_t came = arrival_time(arrival, session->population.wall_offset);
	uint64_t latency = came > client->sent ? came - client->sent : 0;

	switch (reply->type) {
	case MESSAGE_OFFER:
		tally_add(&session->tally, COUNT_OFFERS, 1);
		tally_latency(&session->tally, LATENCY_OFFER, latency);
		client->address = reply->yiaddr;
		client->server_id = reply->server_id;
		memcpy(client->server_mac, reply->source_mac, 6);
		ask(session, index, STATE_REQUESTING);
		break;
	case MESSAGE_ACK:
		tally_add(&session->tally, COUNT_ACKS, 1);
		lease_take(session, index, reply, arrival, latency);
		break;
	default:
		tally_add(&session->tally, COUNT_NAKS, 1);
		if (client->end > session->now) {
			tally_failure(&session->tally, CAUSE_NAK, reply, arrival);
			ledger_write(&session->ledger, &session->population, index, "refused",
				     session->now, session->now);
		}
		forget(session, index, NS_PER_SECOND);
		break;
	}
}

/* A reply that nobody waits for any more: rightly so, if we asked more than once. */
static void surplus_take(struct session *session, uint32_t index, const struct reply *reply,
			 const struct arrival *arrival)
{
	struct client *client = &session->population.clients[index];
	uint32_t age = (client->xid - reply->xid) >> 20 & SERIAL_MASK;

	if ((reply->xid & (CLIENTS_MAX - 1)) != index || age > OLDER_SERIALS)
		tally_failure(&session->tally, CAUSE_XID, reply, arrival);
	else if (!age && client->state == STATE_BOUND && reply->type == MESSAGE_ACK &&
		 reply->server_id == client->server_id && ++client->replies > client->tries)
		tally_failure(&session->tally, CAUSE_DUPLICATE, reply, arrival);
	else
		tally_add(&session->tally, COUNT_LATE, 1);
}

/*
 * Not one of our hardware addresses; but if it answers one of our requests it ought to be, unless
 * others like us may have begun the same transaction.
 */
static void stranger_take(struct session *session, const struct reply *reply,
			  const struct arrival *arrival)
{
	uint32_t index = reply->xid & (CLIENTS_MAX - 1);
	const struct population *population = &session->population;

	if (!session->settings->shared && index < population->count &&
	    population->clients[index].xid == reply->xid && waits(&population->clients[index]))
		tally_failure(&session->tally, CAUSE_CHADDR, reply, arrival);
	else
		tally_add(&session->tally, COUNT_FOREIGN, 1);
}

void client_receive(struct session *session, const struct arrival *arrival)
{
	struct expectation expected;
	struct client *client;
	struct reply reply;
	enum cause cause;
	uint32_t index;

	cause = reply_read(arrival->frame, arrival->length, arrival->finished, &reply);
	if (cause == CAUSE_FOREIGN || arrival->outgoing)
		return;
	tally_add(&session->tally, COUNT_REPLIES, 1);
	tally_add(&session->tally, COUNT_UNFINISHED, !arrival->finished);
	if (cause != CAUSE_NONE || arrival->tagged) {
		tally_failure(&session->tally, cause ? cause : CAUSE_FRAME, &reply, arrival);
		return;
	}
	index = population_find(&session->population, reply.chaddr);
	if (index == NOBODY) {
		stranger_take(session, &reply, arrival);
		return;
	}
	client = &session->population.clients[index];
	if (client->xid != reply.xid || !waits(client) ||
	    (client->state == STATE_REQUESTING && reply.type == MESSAGE_OFFER)) {
		surplus_take(session, index, &reply, arrival);
		return;
	}
	expectation_fill(session->settings, &session->population, index, forms[client->state],
			 &expected);
	cause = reply_judge(&reply, &expected);
	if (cause != CAUSE_NONE)
		tally_failure(&session->tally, cause, &reply, arrival);
	if (cause_harmless(cause))
		answer_take(session, index, &reply, arrival);
}
