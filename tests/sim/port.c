// SPDX-License-Identifier: GPL-2.0-only
/* net/port and net/interface: one interface, a socket with a short queue, and the way out. */
#include "net/port.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "dhcp/frame.h"
#include "net/interface.h"
#include "tests/sim/net.h"
#include "tests/sim/node.h"
#include "tests/sim/wire.h"

#define QUEUE 256

struct net_port {
	struct net_datagram queue[QUEUE];
	uint8_t bytes[QUEUE][WIRE_FRAME_MAX];
	int64_t came[QUEUE]; /* by the wall clock */
	size_t first, count;
	size_t lent; /* of those before `first`: the receiver still reads them */
	uint64_t counters[NET_COUNTER_MAX];
};

int net_port_open(const struct net_port_options *options, struct net_port **ret_port,
		  struct net_error *ret_error)
{
	(void)options, (void)ret_error;
	*ret_port = calloc(1, sizeof(**ret_port));
	if (!*ret_port)
		return -ENOMEM;
	sim_here()->port = *ret_port;
	return 0;
}

void net_port_close(struct net_port *port)
{
	sim_here()->port = NULL;
	free(port);
}

int net_port_fd(const struct net_port *port)
{
	(void)port;
	return SIM_FD_PORT;
}

uint64_t net_port_counter(const struct net_port *port, enum net_counter counter)
{
	return port->counters[counter];
}

const char *net_counter_word(enum net_counter counter)
{
	(void)counter;
	return "";
}

const char *net_counter_text(enum net_counter counter)
{
	(void)counter;
	return "";
}

void sim_port_forget(struct node *node)
{
	free(node->port);
	node->port = NULL;
}

void sim_port_receive(struct node *node, const uint8_t *frame, size_t length)
{
	struct net_port *port = node->port;
	struct dhcp_frame parts;
	size_t place;

	if (!port || dhcp_frame_read(frame, length, &parts) || port->count + port->lent == QUEUE)
		return;
	place = (port->first + port->count++) % QUEUE;
	memcpy(port->bytes[place], parts.payload, parts.length);
	port->came[place] = node_wall(node);
	port->queue[place] = (struct net_datagram){
		.bytes = port->bytes[place],
		.length = parts.length,
		.source = parts.source,
		.destination = parts.destination,
		.ifindex = SIM_IFINDEX,
		.source_port = parts.source_port,
	};
	sim_poll_wake(node, SIM_FD_PORT);
}

size_t net_port_receive(struct net_port *port, struct net_datagram *batch, size_t most)
{
	size_t count = 0;

	port->lent = 0;
	while (port->count && count < most && count < NET_BATCH) {
		int64_t waited = node_wall(sim_here()) - port->came[port->first];

		batch[count] = port->queue[port->first];
		batch[count++].waited = waited < 0 ? UINT64_MAX : (uint64_t)waited;
		port->first = (port->first + 1) % QUEUE;
		port->count--;
		port->lent++;
	}
	port->counters[NET_COUNT_RECEIVED] += count;
	return count;
}

size_t net_port_send(struct net_port *port, const struct net_outgoing *batch, size_t count)
{
	struct node *node = sim_here();

	for (size_t i = 0; i < count; i++)
		net_reply(node, batch[i].bytes, batch[i].length,
			  batch[i].by_hardware || batch[i].destination == 0xffffffffU
				  ? 0
				  : batch[i].destination,
			  false);
	port->counters[NET_COUNT_SENT_UDP] += count;
	return count;
}

bool node_ready(const struct node *node, int fd)
{
	switch (fd) {
	case SIM_FD_PORT:
		return node->port && node->port->count;
	case SIM_FD_LINKS:
		return node->links_changed;
	case SIM_FD_CLOCK:
		return node->clock.set;
	}
	return false;
}

/* net/interface.h */

int net_interfaces_list(struct net_interfaces *ret_interfaces)
{
	const struct node *node = sim_here();
	struct net_interface *interface = calloc(1, sizeof(*interface));
	struct net_address *address = calloc(1, sizeof(*address));

	if (!interface || !address)
		abort();
	*address = (struct net_address){.address = WIRE_SERVER(node->role), .prefix = 16};
	*interface = (struct net_interface){
		.ifindex = SIM_IFINDEX,
		.name = SIM_INTERFACE,
		.flags = IFF_UP | IFF_RUNNING | IFF_BROADCAST,
		.type = 1,
		.mtu = 1500,
		.has_mac = true,
		.addresses = address,
		.address_count = 1,
	};
	net_mac(node->index, interface->mac);
	*ret_interfaces = (struct net_interfaces){.list = interface, .count = 1};
	return 0;
}

void net_interfaces_free(struct net_interfaces *interfaces)
{
	for (size_t i = 0; i < interfaces->count; i++)
		free(interfaces->list[i].addresses);
	free(interfaces->list);
}

const struct net_interface *net_interfaces_by_name(const struct net_interfaces *interfaces,
						   const char *name)
{
	for (size_t i = 0; i < interfaces->count; i++) {
		if (!strcmp(interfaces->list[i].name, name))
			return &interfaces->list[i];
	}
	return NULL;
}

int net_interfaces_watch(int *ret_fd)
{
	*ret_fd = SIM_FD_LINKS;
	return 0;
}

bool net_interfaces_changed(int fd)
{
	bool changed = sim_here()->links_changed;

	(void)fd;
	sim_here()->links_changed = false;
	return changed;
}
