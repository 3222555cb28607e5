// SPDX-License-Identifier: GPL-2.0-only
#include "tests/sim/client.h"

#include <stdlib.h>

#include "tests/sim/check.h"
#include "tests/sim/net.h"
#include "xdp/shared/wire.h"

#define SENT 4 /* messages whose answers are still heard */
/* A RELEASE says nothing of when it was sent: who comes back before it has arrived loses what it gets. */
#define UNDER_WAY (8 * SIM_SECOND)

enum client_state {
	CLIENT_OFF,
	CLIENT_SELECTING,
	CLIENT_REQUESTING,
	CLIENT_REBOOTING,
	CLIENT_BOUND,
	CLIENT_RENEWING,
	CLIENT_REBINDING,
};

enum whim { WHIM_NONE, WHIM_RELEASE, WHIM_POWER, WHIM_REBOOT, WHIM_MOVE };

struct client {
	struct sim_event event;
	uint32_t number;
	unsigned link;
	enum client_state state;
	enum whim whim; /* what it does at `whim_at`, while bound */
	uint64_t whim_at;
	uint32_t address, server; /* of the lease, or of the offer that is requested */
	uint32_t held; /* the address that it may use until `until`; 0: none */
	uint64_t until, t1, t2; /* true time */
	uint64_t begun; /* of this exchange */
	unsigned tries;
	struct {
		uint32_t xid;
		uint64_t at;
	} sent[SENT];
	unsigned sent_count;
};

static struct {
	struct client_plan plan;
	struct client *list;
	struct client_counts counts;
	uint32_t xid;
	bool settled;
} clients;

static struct sim_random *chance(void)
{
	return sim_stream(SIM_STREAM_CLIENTS);
}

static void wake(struct client *client, uint64_t at)
{
	sim_event_at(&client->event, at);
}

static void give_up(struct client *client)
{
	if (client->held)
		check_given_up(client->number, client->held);
	client->held = 0;
}

static void send(struct client *client, struct wire_message *message)
{
	message->client = client->number;
	message->link = client->link;
	message->xid = ++clients.xid;
	message->secs = (uint16_t)((sim.now - client->begun) / SIM_SECOND);
	client->sent[client->sent_count % SENT].xid = message->xid;
	client->sent[client->sent_count++ % SENT].at = sim.now;
	clients.counts.requests++;
	if (sim.traced && (message->ciaddr == sim.traced || message->requested == sim.traced))
		sim_note(-1, "client %u says %u%s", client->number, message->type,
			 message->unicast ? ", to its server" : "");
	net_request(message);
}

/* RFC 2131 section 4.1: 4 seconds, doubled up to 64, each within a second; then a pause of five minutes. */
static void wait_doubled(struct client *client)
{
	uint64_t seconds = client->tries < 5 ? 4ULL << client->tries : 300;

	client->tries++;
	wake(client,
	     sim.now + seconds * SIM_SECOND - SIM_SECOND + sim_below(chance(), 2 * SIM_SECOND));
}

/* RFC 2131 section 4.4.5: half of the time that is left, at least a minute. */
static void wait_half(struct client *client, uint64_t end)
{
	uint64_t rest = (end - sim.now) / 2;

	if (rest < 60 * SIM_SECOND)
		rest = 60 * SIM_SECOND;
	wake(client, sim.now + rest < end ? sim.now + rest : end);
}

static void discover(struct client *client)
{
	struct wire_message message = {.type = DHCP_DISCOVER};

	if (client->state != CLIENT_SELECTING) {
		client->state = CLIENT_SELECTING;
		client->tries = 0;
		client->begun = sim.now;
	}
	client->sent_count = 0;
	if (sim_chance(chance(), 100000))
		message.requested = client->address;
	send(client, &message);
	wait_doubled(client);
}

static void request(struct client *client)
{
	struct wire_message message = {
		.type = DHCP_REQUEST,
		.requested = client->address,
		.server = client->state == CLIENT_REQUESTING ? client->server : 0,
	};

	if (client->tries == (client->state == CLIENT_REQUESTING ? 4 : 3)) {
		if (client->state == CLIENT_REBOOTING && client->held && sim.now < client->until &&
		    sim_chance(chance(), 500000)) {
			client->state = CLIENT_BOUND; /* as RFC 2131 section 3.2 allows */
			wake(client, client->t1 > sim.now ? client->t1 : sim.now);
			return;
		}
		give_up(client);
		discover(client);
		return;
	}
	send(client, &message);
	wait_doubled(client);
}

static void extend(struct client *client)
{
	struct wire_message message = {
		.type = DHCP_REQUEST,
		.ciaddr = client->held,
		.server = client->server,
		.unicast = client->state == CLIENT_RENEWING,
	};

	send(client, &message);
	wait_half(client, client->state == CLIENT_RENEWING ? client->t2 : client->until);
}

static void off(struct client *client, uint64_t least, uint64_t mean)
{
	client->state = CLIENT_OFF;
	wake(client, sim.now + least + (clients.settled ? SIM_SECOND : sim_wait(chance(), mean)));
}

static void whim_follow(struct client *client)
{
	struct wire_message release = {
		.type = DHCP_RELEASE,
		.ciaddr = client->held,
		.server = client->server,
		.unicast = true,
	};

	switch (client->whim) {
	case WHIM_RELEASE:
		clients.counts.released++;
		give_up(client);
		send(client, &release);
		off(client, UNDER_WAY, 600 * SIM_SECOND);
		break;
	case WHIM_MOVE:
		clients.counts.moved++;
		client->link = (client->link + 1) % WIRE_LINKS;
		off(client, 0, 20 * SIM_SECOND);
		break;
	case WHIM_POWER:
		off(client, 0, 3600 * SIM_SECOND);
		break;
	default:
		clients.counts.rebooted++;
		off(client, 0, 10 * SIM_SECOND);
	}
	client->whim = WHIM_NONE;
}

/* A reboot: who remembers a lease asks for it (INIT-REBOOT), but for a few that have forgotten. */
static void begin(struct client *client)
{
	client->begun = sim.now;
	client->tries = 0;
	client->sent_count = 0;
	if (client->held && sim.now < client->until && !sim_chance(chance(), 150000)) {
		client->state = CLIENT_REBOOTING;
		client->address = client->held;
		request(client);
		return;
	}
	give_up(client);
	discover(client);
}

static void lease_over(struct client *client)
{
	clients.counts.expired++;
	clients.counts.unserved += client->state == CLIENT_REBINDING;
	give_up(client);
	discover(client);
}

static void bound_end(struct client *client)
{
	if (client->whim && sim.now >= client->whim_at && !clients.settled) {
		whim_follow(client);
		return;
	}
	if (sim.now < client->t1) {
		wake(client, client->t1);
		return;
	}
	client->state = CLIENT_RENEWING;
	client->begun = sim.now;
	client->sent_count = 0;
	extend(client);
}

static void fire(struct sim_event *event)
{
	struct client *client = sim_container(event, struct client, event);

	if (client->state >= CLIENT_BOUND && sim.now >= client->until) {
		lease_over(client);
		return;
	}
	switch (client->state) {
	case CLIENT_OFF:
		begin(client);
		break;
	case CLIENT_SELECTING:
		discover(client);
		break;
	case CLIENT_REQUESTING:
	case CLIENT_REBOOTING:
		request(client);
		break;
	case CLIENT_BOUND:
		bound_end(client);
		break;
	case CLIENT_RENEWING:
		if (sim.now >= client->t2)
			client->state = CLIENT_REBINDING;
		extend(client);
		break;
	case CLIENT_REBINDING:
		extend(client);
		break;
	}
}

/* When was the message sent that this answers? SIM_NEVER: none of those in question. */
static uint64_t sent_at(const struct client *client, uint32_t xid)
{
	for (unsigned i = 0; i < SENT && i < client->sent_count; i++) {
		if (client->sent[i].xid == xid)
			return client->sent[i].at;
	}
	return SIM_NEVER;
}

uint64_t client_sent(uint32_t client, uint32_t xid)
{
	return client < clients.plan.count ? sent_at(&clients.list[client], xid) : SIM_NEVER;
}

static void whim_draw(struct client *client)
{
	uint64_t whole = client->t1 > sim.now ? client->t1 - sim.now : 1;

	client->whim = WHIM_NONE;
	if (!sim_chance(chance(), clients.plan.whims))
		return;
	client->whim = WHIM_RELEASE + (enum whim)sim_below(chance(), 4);
	client->whim_at = sim.now + sim_below(chance(), whole);
}

static void decline(struct client *client)
{
	struct wire_message message = {
		.type = DHCP_DECLINE,
		.requested = client->held,
		.server = client->server,
	};

	clients.counts.declined++;
	give_up(client);
	send(client, &message);
	off(client, 0, 10 * SIM_SECOND);
}

static void acknowledged(struct client *client, const struct wire_reply *reply, uint64_t at)
{
	uint64_t lease = reply->lease * SIM_SECOND;
	bool first = client->state == CLIENT_REQUESTING;

	if (client->held && client->held != reply->yiaddr)
		give_up(client);
	client->held = client->address = reply->yiaddr;
	client->server = reply->server;
	client->until = at + lease;
	client->t1 = at + (reply->t1 ? reply->t1 * SIM_SECOND : lease / 2);
	client->t2 = at + (reply->t2 ? reply->t2 * SIM_SECOND : lease / 8 * 7);
	if (first)
		clients.counts.bound++;
	else
		clients.counts.renewed++;
	client->state = CLIENT_BOUND;
	client->sent_count = 0;
	check_told(client->number, client->held, client->until, lease);
	if (sim.now >= client->until) {
		lease_over(client);
		return;
	}
	if (first && !clients.settled && sim_chance(chance(), 1000)) {
		decline(client);
		return;
	}
	whim_draw(client);
	wake(client, client->whim ? client->whim_at : client->t1);
}

static void offered(struct client *client, const struct wire_reply *reply)
{
	if (client->state != CLIENT_SELECTING)
		return;
	client->state = CLIENT_REQUESTING;
	client->address = reply->yiaddr;
	client->server = reply->server;
	client->tries = 0;
	client->sent_count = 0;
	request(client);
}

void client_receive(const uint8_t *payload, size_t length, unsigned link, uint32_t address)
{
	struct wire_reply reply;
	struct client *client;
	uint64_t at;

	if (!wire_reply_read(payload, length, &reply) || reply.client >= clients.plan.count)
		return;
	client = &clients.list[reply.client];
	at = sent_at(client, reply.xid);
	if (client->link != link || (address && address != client->held) || at == SIM_NEVER ||
	    client->state == CLIENT_OFF || client->state == CLIENT_BOUND)
		return;
	if (reply.type == DHCP_OFFER) {
		offered(client, &reply);
	} else if (client->state == CLIENT_SELECTING) {
		return;
	} else if (reply.type == DHCP_ACK) {
		acknowledged(client, &reply, at);
	} else if (reply.type == DHCP_NAK) {
		clients.counts.naks++;
		give_up(client);
		discover(client);
	}
}

void clients_begin(const struct client_plan *plan)
{
	clients.plan = *plan;
	clients.list = calloc(plan->count, sizeof(*clients.list));
	if (!clients.list)
		abort();
	for (uint32_t i = 0; i < plan->count; i++) {
		struct client *client = &clients.list[i];

		client->event.node = -1;
		client->event.fire = fire;
		client->number = i;
		client->link = (unsigned)sim_below(chance(), WIRE_LINKS);
		wake(client, sim.now + sim_below(chance(), plan->arrival));
	}
}

void clients_settle(void)
{
	clients.settled = true;
	for (uint32_t i = 0; i < clients.plan.count; i++) {
		if (clients.list[i].state == CLIENT_OFF)
			wake(&clients.list[i],
			     sim.now + UNDER_WAY + sim_below(chance(), 60 * SIM_SECOND));
	}
}

void clients_count(struct client_counts *ret_counts)
{
	clients.counts.served = 0;
	for (uint32_t i = 0; i < clients.plan.count; i++)
		clients.counts.served += clients.list[i].held && clients.list[i].until > sim.now;
	*ret_counts = clients.counts;
}
