// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/slowpath.h"

#include <string.h>

#include "daemon/daemon.h"
#include "daemon/links.h"
#include "daemon/pair.h"
#include "daemon/settle.h"
#include "daemon/verbs.h"
#include "sys/clock.h"

#define BATCHES_A_TURN 16
#define STALE_NS 2000000000 /* half of a client's first retransmission */

/* What one reply is made of. */
struct answer {
	const struct server_request *request;
	struct server_verdict verdict;
	struct server_reply reply;
	struct xdhcp_tail tail;
	bool stampable;
};

/* The stamp of a reply that the kernel may repeat; all zero where it may not. */
static struct lease_stamp stamp_take(struct daemon *daemon, const struct answer *answer)
{
	struct lease_stamp stamp = {.lease = answer->verdict.lease_wanted};

	if (!daemon->fastpath || !answer->stampable ||
	    fastpath_tail_take(daemon->fastpath, &answer->tail, &stamp.tail))
		return stamp;
	stamp.signature = dhcp_signature(fastpath_seed(daemon->fastpath), daemon->roles,
					 &answer->request->message);
	daemon_count(daemon, DAEMON_STAMPED);
	return stamp;
}

static void relay_learn(struct daemon *daemon, const struct answer *answer)
{
	uint32_t giaddr = answer->request->message.giaddr;
	const struct conf_network *network = server_network_of_address(daemon->conf, giaddr);

	/* Its own network: link selection (RFC 3527) is for the one packet that carries it. */
	if (daemon->fastpath && giaddr && network)
		fastpath_relay_learn(daemon->fastpath, giaddr, network->number);
}

/* A client that got another address in this network gives up the one before. */
static void previous_end(struct daemon *daemon, const struct server_verdict *verdict)
{
	int64_t promise;

	if (verdict->moved && verdict->previous)
		lease_commit_revoke(daemon->commit, verdict->previous, LEASE_RELEASED, daemon->now,
				    0, &promise);
}

/* A retransmission of what is on its way to the disk already joins the waiting group. */
static bool join_pending(struct daemon *daemon, const struct answer *answer)
{
	const struct lease *lease = answer->verdict.lease;
	const struct dhcp_ident *ident = &answer->request->ident;

	if (!lease->pending || lease->pending->state != LEASE_ACTIVE ||
	    lease->pending->ends < daemon->now + 1 + (int64_t)answer->verdict.lease_time ||
	    !dhcp_ident_equal(ident, lease_record_ident(lease->pending),
			      lease->pending->ident_length))
		return false;
	group_reply(daemon->group, lease->pending_group, &answer->reply);
	return true;
}

static void grant(struct daemon *daemon, struct answer *answer)
{
	struct server_verdict *verdict = &answer->verdict;
	struct lease_record *record;
	struct lease_stamp stamp;
	uint64_t number;

	if (join_pending(daemon, answer))
		return;
	record = server_record_of(answer->request, verdict,
				  settle_horizon(daemon, daemon->now, verdict->lease_wanted));
	if (!record) {
		daemon_count(daemon, DAEMON_NO_MEMORY);
		return;
	}
	previous_end(daemon, verdict);
	relay_learn(daemon, answer);
	stamp = stamp_take(daemon, answer);
	number = lease_commit_grant(daemon->commit, verdict->lease, record, &stamp);
	if (!number) {
		daemon_count(daemon, DAEMON_NO_MEMORY);
		return;
	}
	group_reply(daemon->group, number, &answer->reply);
	daemon_count(daemon, DAEMON_GRANTED);
}

/* Nothing to commit: that the address is the client's, configuration says for ever. */
static void grant_static(struct daemon *daemon, struct answer *answer)
{
	const struct server_verdict *verdict = &answer->verdict;
	struct lease_stamp stamp;

	previous_end(daemon, verdict);
	relay_learn(daemon, answer);
	if (daemon->fastpath) {
		stamp = stamp_take(daemon, answer);
		verbs_publish_static(daemon, verdict->address, &answer->request->ident,
				     verdict->network->number,
				     daemon->now + 1 + (int64_t)verdict->lease_time, &stamp);
	}
	group_reply(daemon->group, 0, &answer->reply);
	daemon_count(daemon, DAEMON_GRANTED);
}

static void offer(struct daemon *daemon, const struct answer *answer)
{
	if (answer->verdict.action == SERVER_OFFER &&
	    lease_pool_offer(daemon->table, answer->verdict.lease, &answer->request->ident,
			     daemon->now + SERVER_OFFER_HOLD)) {
		daemon_count(daemon, DAEMON_NO_MEMORY);
		return;
	}
	group_reply(daemon->group, 0, &answer->reply);
	daemon_count(daemon, DAEMON_OFFERED);
}

/* The client chose another server: what was held for it is free again. */
static void ignore(struct daemon *daemon, const struct answer *answer)
{
	const struct server_verdict *verdict = &answer->verdict;

	if (verdict->silence == SERVER_SILENT_OTHER_SERVER && verdict->lease)
		lease_pool_offer(daemon->table, verdict->lease, &answer->request->ident, 0);
	daemon->silences[verdict->silence]++;
}

static void give_up(struct daemon *daemon, struct lease *lease, uint8_t state, int64_t until)
{
	int64_t promise;

	lease_commit_revoke(daemon->commit, lease, state, daemon->now, until, &promise);
	daemon_count(daemon, state == LEASE_RELEASED ? DAEMON_RELEASED : DAEMON_DECLINED);
}

/* Carries out what server/decide has decided. */
static void verdict_carry_out(struct daemon *daemon, struct answer *answer)
{
	struct server_verdict *verdict = &answer->verdict;

	switch (verdict->action) {
	case SERVER_IGNORE:
		ignore(daemon, answer);
		break;
	case SERVER_OFFER:
	case SERVER_OFFER_STATIC:
		offer(daemon, answer);
		break;
	case SERVER_GRANT:
		grant(daemon, answer);
		break;
	case SERVER_STATIC:
		grant_static(daemon, answer);
		break;
	case SERVER_INFORM:
		group_reply(daemon->group, 0, &answer->reply);
		daemon_count(daemon, DAEMON_INFORMED);
		break;
	case SERVER_NAK:
		group_reply(daemon->group, 0, &answer->reply);
		daemon_count(daemon, DAEMON_REFUSED);
		break;
	case SERVER_RELEASE:
		give_up(daemon, verdict->lease, LEASE_RELEASED, 0);
		break;
	case SERVER_DECLINE:
		give_up(daemon, verdict->lease, LEASE_ABANDONED,
			daemon->now + daemon->conf->abandon_lease_time);
		break;
	}
}

/* The kernel delivered it: it is for us alone unless it is a broadcast, limited or of a subnet. */
static bool is_to_us(const struct conf *conf, uint32_t destination)
{
	const struct conf_subnet *subnet = conf_subnet_of(conf, destination);

	if (destination == 0xffffffffU)
		return false;
	return !subnet || subnet->mask >= 0xfffffffeU ||
	       destination != (subnet->address | ~subnet->mask);
}

static void datagram_serve(struct daemon *daemon, const struct net_datagram *datagram)
{
	const struct link *link = links_find(daemon, datagram->ifindex);
	struct server_request request;
	struct answer answer = {.request = &request};
	enum dhcp_refusal refusal;

	if (!link) {
		daemon_count(daemon, DAEMON_NOT_SERVED);
		return;
	}
	refusal = server_request_parse(datagram->bytes, datagram->length, &request);
	if (refusal != DHCP_REFUSE_NONE) {
		daemon->refusals[refusal]++;
		return;
	}
	request.source = datagram->source;
	request.destination = datagram->destination;
	request.ifindex = datagram->ifindex;
	request.link_address = link->address;
	request.to_us = is_to_us(daemon->conf, datagram->destination);
	request.stale = datagram->waited > STALE_NS;
	request.now = daemon->now;
	answer.verdict = server_decide(daemon->conf, daemon->table, daemon->views, &request);
	server_reply_build(&request, &answer.verdict, &answer.reply, &answer.tail,
			   &answer.stampable);
	verdict_carry_out(daemon, &answer);
}

static void on_port(uv_poll_t *poll, int status, int events)
{
	struct daemon *daemon = poll->data;
	struct net_datagram batch[NET_BATCH];

	(void)status;
	(void)events;
	daemon->now = sys_clock_wall();
	pairs_now(daemon);
	for (int i = 0; i < BATCHES_A_TURN && group_has_room(daemon->group, NET_BATCH); i++) {
		size_t count = net_port_receive(daemon->port, batch, NET_BATCH);

		for (size_t j = 0; j < count; j++)
			datagram_serve(daemon, &batch[j]);
		if (count < NET_BATCH)
			break;
	}
	if (!group_has_room(daemon->group, NET_BATCH)) {
		daemon->port_rests = true;
		uv_poll_stop(poll);
	}
	pairs_turn(daemon);
	group_turn(daemon->group);
}

void slowpath_start(struct daemon *daemon)
{
	uv_poll_start(&daemon->port_poll, UV_READABLE, on_port);
}

void slowpath_go_on(struct daemon *daemon)
{
	if (!daemon->port_rests || daemon->phase != DAEMON_SERVING)
		return;
	daemon->port_rests = false;
	slowpath_start(daemon);
}
