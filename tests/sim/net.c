// SPDX-License-Identifier: GPL-2.0-only
#include "tests/sim/net.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/check.h"
#include "tests/sim/client.h"
#include "xdp/shared/wire.h"

#define LATENCY_LEAST (50 * SIM_MICROSECOND)
#define LATENCY_MOST (2 * SIM_MILLISECOND)

struct flight {
	struct sim_event event;
	struct node *to; /* NULL: to a client */
	unsigned link; /* on which the client is to be */
	uint32_t address; /* that the client must have; 0: any */
	size_t length;
	struct flight *next; /* of those that are not used */
	uint8_t bytes[1536];
};

static struct {
	struct net_plan plan;
	bool cut[SIM_NODES];
	struct flight *idle;
} net;

void net_begin(const struct net_plan *plan)
{
	net.plan = *plan;
}

void net_cut(const struct node *node, bool cut)
{
	net.cut[node->index] = cut;
}

void net_mac(int node, uint8_t mac[6])
{
	memcpy(mac, "\x02\0\0\0\0", 5);
	mac[5] = (uint8_t)(node + 1);
}

static void arrive_server(struct flight *flight)
{
	static struct native_frame frame;
	struct node *node = flight->to;
	const uint8_t *payload;
	enum xdhcp_counter counter;
	size_t length;

	if (!node->up || net.cut[node->index])
		return;
	native_frame_set(&frame, flight->bytes, flight->length);
	if (node->kernel.attached && node_program(node, &frame, &counter) == NATIVE_TX) {
		payload = wire_payload(frame.buffer + frame.at, frame.length, &length);
		if (payload)
			net_reply(node, payload, length, 0, true);
		else
			sim_fail("%c: the program sent what is no UDP", 'A' + node->index);
		return;
	}
	sim_port_receive(node, flight->bytes, flight->length);
}

static void arrive(struct sim_event *event)
{
	struct flight *flight = sim_container(event, struct flight, event);

	if (flight->to)
		arrive_server(flight);
	else
		client_receive(flight->bytes, flight->length, flight->link, flight->address);
	flight->next = net.idle;
	net.idle = flight;
}

static struct flight *flight_new(const void *bytes, size_t length)
{
	struct flight *flight = net.idle;

	if (flight)
		net.idle = flight->next;
	else
		flight = calloc(1, sizeof(*flight));
	if (!flight || length > sizeof(flight->bytes))
		abort();
	flight->event.node = -1;
	flight->event.fire = arrive;
	flight->length = length;
	memcpy(flight->bytes, bytes, length);
	return flight;
}

static void launch(struct flight *flight)
{
	struct sim_random *random = sim_stream(SIM_STREAM_NETWORK);
	uint64_t delay = sim_between(random, LATENCY_LEAST, LATENCY_MOST);

	if (sim_chance(random, net.plan.late))
		delay = sim_below(random, net.plan.late_most);
	sim_event_at(&flight->event, sim.now + delay);
}

/* How often it arrives. */
static void launch_some(const struct flight *draft)
{
	struct sim_random *random = sim_stream(SIM_STREAM_NETWORK);
	int copies = sim_chance(random, net.plan.lost)	    ? 0
		     : sim_chance(random, net.plan.doubled) ? 2
							    : 1;

	while (copies--) {
		struct flight *flight = flight_new(draft->bytes, draft->length);

		flight->to = draft->to;
		flight->link = draft->link;
		flight->address = draft->address;
		launch(flight);
	}
}

/* The role in which a node hears a message; -1: it does not. */
static int role_of(const struct node *node, const struct wire_message *message)
{
	int role = node->role < 0 ? node->ghost : node->role;

	if (!node->up || net.cut[node->index] || role < 0)
		return -1;
	if (message->unicast && message->server != WIRE_SERVER(role))
		return -1;
	/* Who had the address before is still in some tables. */
	if (message->unicast && node->role < 0 &&
	    sim_chance(sim_stream(SIM_STREAM_NETWORK), 500000))
		return -1;
	return role;
}

void net_request(struct wire_message *message)
{
	static struct flight draft;
	uint8_t mac[6];

	for (int i = 0; i < SIM_NODES; i++) {
		struct node *node = &sim.nodes[i];
		int role = role_of(node, message);

		if (role < 0)
			continue;
		net_mac(i, mac);
		message->to = WIRE_SERVER(role);
		message->to_mac = mac;
		draft.to = node;
		draft.length = wire_frame(message, draft.bytes);
		launch_some(&draft);
	}
}

void net_reply(struct node *node, const uint8_t *payload, size_t length, uint32_t to, bool kernel)
{
	static struct flight draft;
	struct wire_reply reply;
	uint64_t asked;

	if (!wire_reply_read(payload, length, &reply)) {
		sim_fail("%c: a reply that no client can read", 'A' + node->index);
		return;
	}
	asked = client_sent(reply.client, reply.xid);
	if (sim.traced && reply.yiaddr == sim.traced)
		sim_note(node->index, "%s says %s to client %u for %u s",
			 kernel ? "kernel" : "daemon",
			 reply.type == DHCP_ACK	    ? "ACK"
			 : reply.type == DHCP_OFFER ? "OFFER"
						    : "NAK",
			 reply.client, reply.lease);
	if (asked != SIM_NEVER) /* else nobody listens any more */
		check_reply(node, &reply, asked, kernel);
	if (net.cut[node->index])
		return;
	draft.to = NULL;
	draft.length = length;
	memcpy(draft.bytes, payload, length);
	draft.link = reply.giaddr ? WIRE_LINK_OF(reply.giaddr) : to ? WIRE_LINK_OF(to) : 0;
	draft.address = reply.giaddr ? 0 : to;
	if (kernel) { /* it goes back where the request came from */
		draft.link = WIRE_LINK_OF(reply.giaddr ? reply.giaddr : reply.ciaddr);
		draft.address = reply.giaddr ? 0 : reply.ciaddr;
	}
	launch_some(&draft);
}
