// SPDX-License-Identifier: GPL-2.0-only
/*
 * Renewals, open loop: requests leave when they are due, whatever became of
 * those before. The xid is the request's number, and a table of the requests
 * of the last seconds is found by it; requests that are too old are taken from
 * its other end, so that nothing is ever searched.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/blast/bytes.h"
#include "bench/blast/dhcp.h"
#include "bench/blast/expect.h"
#include "bench/blast/session.h"

#define TABLE_MAX (1U << 24)
#define TURN_MAX 1024 /* requests between two looks at the replies */
#define BEHIND_MAX (NS_PER_SECOND / 2)
#define XID_STORM 0xa0000000U /* all of ours; `subscribers` on the same link has others */
#define XID_MASK 0xf0000000U

struct flight {
	uint64_t sent;
	uint32_t xid;
	uint32_t index; /* NOBODY: answered, or too late */
	uint32_t form;
	uint32_t replies;
};

struct storm {
	struct session session;
	struct flight *table;
	uint32_t size;
	uint32_t next, oldest; /* xids */
	uint32_t *order;
	uint32_t clients, at;
	uint64_t interval,
		due; /* nanoseconds × 1024 between requests, so that rates come out exactly */
	uint64_t asked, answered;
};

static struct flight *flight_of(struct storm *storm, uint32_t xid)
{
	return &storm->table[xid & (storm->size - 1)];
}

static int order_create(struct storm *storm)
{
	struct session *session = &storm->session;
	const struct population *population = &session->population;
	bool shuffled = strcmp(session->settings->order, "sequence") != 0;

	storm->order = malloc(population->count * sizeof(*storm->order));
	if (!storm->order)
		return -1;
	for (uint32_t i = 0; i < population->count; i++) {
		uint32_t other = storm->clients;

		if (!population->clients[i].address || population->clients[i].end <= session->now)
			continue;
		if (shuffled)
			other = (uint32_t)(dice(&session->dice) % (storm->clients + 1ULL));
		storm->order[storm->clients++] = storm->order[other];
		storm->order[other] = i;
	}
	session->bound = storm->clients;
	if (storm->clients)
		return 0;
	fprintf(stderr,
		"blast: no client of %s holds a lease that still runs; "
		"`blast subscribers --once --state %s` gets them some\n",
		session->settings->state, session->settings->state);
	return -1;
}

static int storm_open(struct storm *storm, const struct settings *settings)
{
	double rate = settings->rate > 0 ? settings->rate : 10000;
	double needed = rate * 2 * (double)settings->timeout / 1e9 + 65536;

	if (session_open(&storm->session, settings) || order_create(storm))
		return -1;
	storm->size = 1;
	while (storm->size < needed && storm->size < TABLE_MAX)
		storm->size *= 2;
	storm->table = calloc(storm->size, sizeof(*storm->table));
	if (!storm->table)
		return -1;
	storm->interval = (uint64_t)(1e9 * 1024 / rate);
	storm->next = storm->oldest = XID_STORM | (uint32_t)(dice(&storm->session.dice) >> 40);
	return 0;
}

static enum form form_pick(struct storm *storm)
{
	double percent = (double)(mix64(storm->next) % 10000) / 100;

	return percent < storm->session.settings->rebinding ? FORM_REBINDING : FORM_RENEWING;
}

static void ask(struct storm *storm)
{
	struct session *session = &storm->session;
	uint32_t index = storm->order[storm->at];
	struct request request = {
		.form = form_pick(storm),
		.index = index,
		.xid = storm->next,
		.address = session->population.clients[index].address,
	};

	*flight_of(storm, storm->next) = (struct flight){
		.sent = session->settings->due ? storm->due / 1024 : session->now,
		.xid = storm->next++,
		.index = index,
		.form = (uint32_t)request.form,
	};
	storm->at = (storm->at + 1) % storm->clients;
	storm->asked++;
	port_queue(&session->port, request_write(&session->population, &request,
						 port_buffer(&session->port), NULL));
	tally_add(&session->tally, COUNT_SENT, 1);
}

/*
 * What is due now. Latencies count from now, as a request that we sent late is our own delay; or
 * (--due) from when it was due, so that no delay of anybody's is hidden.
 */
static void requests_send(struct storm *storm)
{
	struct session *session = &storm->session;
	uint64_t count = session->settings->count;

	if (session->now > BEHIND_MAX && storm->due / 1024 < session->now - BEHIND_MAX) {
		uint64_t due = (session->now - BEHIND_MAX) * 1024;

		tally_add(&session->tally, COUNT_SKIPPED, (due - storm->due) / storm->interval);
		storm->due = due;
	}
	for (unsigned int i = 0; i < TURN_MAX && storm->due / 1024 <= session->now; i++) {
		if (count && storm->asked >= count)
			break;
		if (storm->next - storm->oldest >= storm->size) {
			tally_add(&session->tally, COUNT_SKIPPED, 1);
			storm->due += storm->interval;
			continue;
		}
		ask(storm);
		storm->due += storm->interval;
	}
	port_flush(&session->port);
}

static void requests_expire(struct storm *storm)
{
	struct session *session = &storm->session;

	while (storm->oldest != storm->next) {
		struct flight *flight = flight_of(storm, storm->oldest);

		if (flight->index != NOBODY) {
			if (session->now - flight->sent < session->settings->timeout)
				break;
			flight->index = NOBODY;
			tally_add(&session->tally, COUNT_UNANSWERED, 1);
			if (session->settings->due)
				tally_latency(&session->tally, LATENCY_RENEWAL,
					      session->settings->timeout);
		}
		storm->oldest++;
	}
}

static void lease_take(struct storm *storm, const struct flight *flight, const struct reply *reply)
{
	struct session *session = &storm->session;
	struct client *client = &session->population.clients[flight->index];
	uint64_t lease = reply->lease * NS_PER_SECOND;

	client->content = reply->content;
	client->t1 = flight->sent + (reply->has_t1 ? reply->t1 * NS_PER_SECOND : lease / 2);
	client->t2 = flight->sent + (reply->has_t2 ? reply->t2 * NS_PER_SECOND : lease / 8 * 7);
	client->end = flight->sent + lease;
	if (reply->lease == LEASE_INFINITE)
		client->t1 = client->t2 = client->end = UINT64_MAX;
	ledger_write(&session->ledger, &session->population, flight->index, "renewed", session->now,
		     client->end);
}

static void latency_take(struct storm *storm, const struct flight *flight, uint64_t came)
{
	struct session *session = &storm->session;
	uint64_t latency = came > flight->sent ? came - flight->sent : 0;

	tally_latency(&session->tally, LATENCY_RENEWAL, latency);
	if (session->settings->duration)
		tally_half(&session->tally,
			   flight->sent - session->began > session->settings->duration / 2,
			   latency);
}

/*
 * A reply to nothing that is outstanding: late, twice, or made up. A late one may be to a storm
 * before this one: while nobody answered ARP for its client, the server's kernel kept it.
 */
static void surplus_take(struct storm *storm, const struct flight *flight,
			 const struct reply *reply, const struct arrival *arrival)
{
	struct session *session = &storm->session;

	if (population_find(&session->population, reply->chaddr) == NOBODY)
		tally_add(&session->tally, COUNT_FOREIGN, 1);
	else if (flight->xid == reply->xid && flight->replies && flight->form == FORM_RENEWING)
		tally_failure(&session->tally, CAUSE_DUPLICATE, reply, arrival);
	else if ((reply->xid & XID_MASK) == XID_STORM || storm->next - reply->xid <= storm->asked)
		tally_add(&session->tally, COUNT_LATE, 1);
	else
		tally_failure(&session->tally, CAUSE_XID, reply, arrival);
}

static void answer_take(struct storm *storm, struct flight *flight, const struct reply *reply,
			const struct arrival *arrival)
{
	struct session *session = &storm->session;
	uint64_t came = arrival_time(arrival, session->population.wall_offset);
	struct expectation expected;
	enum cause cause;

	expectation_fill(session->settings, &session->population, flight->index,
			 (enum form)flight->form, &expected);
	cause = reply_judge(reply, &expected);
	if (cause == CAUSE_NONE && reply->type == MESSAGE_NAK)
		cause = CAUSE_NAK;
	if (cause != CAUSE_NONE)
		tally_failure(&session->tally, cause, reply, arrival);
	if (cause_harmless(cause)) {
		storm->answered++;
		tally_add(&session->tally, COUNT_ACKS, 1);
		tally_add(&session->tally, COUNT_RENEWED, 1);
		latency_take(storm, flight, came);
		lease_take(storm, flight, reply);
	}
	flight->index = NOBODY;
	flight->replies++;
}

/* The request itself, from `blast null`: only its transaction says anything. */
static void echo_take(struct storm *storm, const struct arrival *arrival)
{
	struct session *session = &storm->session;
	uint64_t came = arrival_time(arrival, session->population.wall_offset);
	struct flight *flight;
	uint32_t xid;

	if (arrival->outgoing || arrival->length < BOOTP_AT + BOOTP_SECS ||
	    get16(arrival->frame + 12) != ETHERTYPE_IPV4)
		return;
	xid = get32(arrival->frame + BOOTP_AT + BOOTP_XID);
	flight = flight_of(storm, xid);
	tally_add(&session->tally, COUNT_REPLIES, 1);
	if (flight->xid != xid || flight->index == NOBODY || !flight->sent) {
		tally_add(&session->tally, COUNT_LATE, 1);
		return;
	}
	storm->answered++;
	tally_add(&session->tally, COUNT_RENEWED, 1);
	latency_take(storm, flight, came);
	flight->index = NOBODY;
}

static void frame_take(struct storm *storm, const struct arrival *arrival)
{
	struct session *session = &storm->session;
	struct flight *flight;
	struct reply reply;
	enum cause cause = reply_read(arrival->frame, arrival->length, arrival->finished, &reply);

	if (cause == CAUSE_FOREIGN || arrival->outgoing)
		return;
	tally_add(&session->tally, COUNT_REPLIES, 1);
	tally_add(&session->tally, COUNT_UNFINISHED, !arrival->finished);
	if (cause != CAUSE_NONE || arrival->tagged) {
		tally_failure(&session->tally, cause ? cause : CAUSE_FRAME, &reply, arrival);
		return;
	}
	flight = flight_of(storm, reply.xid);
	if (flight->xid == reply.xid && flight->index != NOBODY && flight->sent)
		answer_take(storm, flight, &reply, arrival);
	else
		surplus_take(storm, flight, &reply, arrival);
}

static void frames_receive(struct storm *storm)
{
	struct session *session = &storm->session;
	struct arrival arrival;

	for (unsigned int i = 0; i < 2 * TURN_MAX && port_receive(&session->port, &arrival); i++) {
		if (session->settings->echoed)
			echo_take(storm, &arrival);
		else if (!neighbour_receive(&session->port, &session->population, &session->holders,
					    &arrival, session->now))
			frame_take(storm, &arrival);
		port_release(&session->port);
	}
}

/* Sleeps until a frame comes or the next request is due; not with --busy. */
static void storm_wait(struct storm *storm, bool sending)
{
	struct session *session = &storm->session;
	struct pollfd files[] = {{.fd = session->port.wakes, .events = POLLIN},
				 {.fd = session->signals, .events = POLLIN}};
	uint64_t now = clock_now(), wait = 10 * NS_PER_MS;
	struct timespec timeout = {0};

	if (session->settings->busy)
		return; /* to be woken takes longer than much of what is measured, and on the server's CPU */
	if (sending)
		wait = storm->due / 1024 > now ? storm->due / 1024 - now : 0;
	if (wait > 10 * NS_PER_MS)
		wait = 10 * NS_PER_MS;
	timeout.tv_nsec = (long)wait;
	ppoll(files, 2, &timeout, NULL);
}

static void storm_loop(struct storm *storm)
{
	struct session *session = &storm->session;
	const struct settings *settings = session->settings;
	bool sending = true;

	storm->due = session->now * 1024;
	while (sending || storm->oldest != storm->next) {
		storm_wait(storm, sending);
		session->now = clock_now();
		if (sending)
			requests_send(storm);
		frames_receive(storm);
		requests_expire(storm);
		ledger_flush(&session->ledger);
		port_flush(&session->port);
		if (session->now >= session->tally.next) {
			population_clock(&session->population);
			tally_line(&session->tally, &session->port, session->population.count,
				   session->bound, session->now);
		}
		if (session_stopped(session) ||
		    (settings->duration && session->now - session->began >= settings->duration) ||
		    (settings->count && storm->asked >= settings->count))
			sending = false;
	}
}

int storm_run(const struct settings *settings)
{
	struct storm *storm;
	int result = EXIT_SETUP;

	if (!settings->state) {
		fprintf(stderr,
			"blast: storm needs --state FILE, a population that holds leases\n");
		return EXIT_SETUP;
	}
	storm = calloc(1, sizeof(*storm));
	if (!storm)
		return EXIT_SETUP;
	if (!storm_open(storm, settings)) {
		storm_loop(storm);
		result = session_finish(&storm->session);
		if (!result && storm->answered != storm->asked)
			result = EXIT_UNANSWERED;
	}
	session_close(&storm->session);
	free(storm->table);
	free(storm->order);
	free(storm);
	return result;
}
