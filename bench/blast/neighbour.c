// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/neighbour.h"

#include <poll.h>
#include <stdio.h>

#include "bench/blast/bytes.h"
#include "bench/blast/dhcp.h"

#define ARP_AT ETH_LENGTH
#define ARP_LENGTH 28
#define RESOLVE_TRIES 50

static void arp_write(struct port *port, uint16_t operation, const uint8_t *mac, uint32_t address,
		      const uint8_t *target_mac, uint32_t target)
{
	static const uint8_t head[] = {0, 1, 8, 0, 6, 4};
	static const uint8_t everyone[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	uint8_t *frame = port_buffer(port), *arp = frame + ARP_AT;

	memset(frame, 0, 60);
	memcpy(frame, target_mac ? target_mac : everyone, 6);
	memcpy(frame + 6, mac, 6);
	put16(frame + 12, ETHERTYPE_ARP_);
	memcpy(arp, head, sizeof(head));
	put16(arp + 6, operation);
	memcpy(arp + 8, mac, 6);
	put32(arp + 14, address);
	if (target_mac)
		memcpy(arp + 18, target_mac, 6);
	put32(arp + 24, target);
	port_queue(port, 60);
}

/* Whose is it, at the Ethernet level? */
static bool owner_find(const struct population *population, const struct holders *holders,
		       uint32_t address, uint64_t now, uint8_t mac[6])
{
	const struct client *client;
	uint32_t index;

	if (population->giaddr && address == population->giaddr) {
		memcpy(mac, population->relay_mac, 6);
		return true;
	}
	index = holders_get(holders, address);
	if (index == NOBODY)
		return false;
	client = &population->clients[index];
	if (client->address != address || client->end <= now)
		return false;
	if (client->flags & CLIENT_RELAYED)
		memcpy(mac, population->relay_mac, 6);
	else
		put48(mac, population_mac(population, index));
	return true;
}

/* Who announces an address that clients renew at is where they find it from now on (RFC 5227). */
static void server_moved(struct population *population, uint32_t address, const uint8_t *mac)
{
	for (uint32_t i = 0; i < population->count; i++) {
		if (population->clients[i].server_id == address)
			memcpy(population->clients[i].server_mac, mac, 6);
	}
}

bool neighbour_receive(struct port *port, struct population *population,
		       const struct holders *holders, const struct arrival *arrival, uint64_t now)
{
	const uint8_t *arp = arrival->frame + ARP_AT;
	uint8_t mac[6];

	if (arrival->length < ETH_LENGTH || get16(arrival->frame + 12) != ETHERTYPE_ARP_)
		return false;
	if (arrival->length < ARP_AT + ARP_LENGTH || arrival->outgoing)
		return true;
	if (get32(arp + 14) == population->server && population->server) {
		memcpy(population->server_mac, arp + 8, 6);
		population->server_known = true;
	}
	if (get32(arp + 14) == get32(arp + 24))
		server_moved(population, get32(arp + 14), arp + 8);
	if (get16(arp + 6) == 1 && owner_find(population, holders, get32(arp + 24), now, mac))
		arp_write(port, 2, mac, get32(arp + 24), arp + 8, get32(arp + 14));
	return true;
}

void neighbour_announce(struct port *port, const struct population *population, uint32_t index)
{
	const struct client *client = &population->clients[index];
	uint8_t mac[6];

	if (client->flags & CLIENT_RELAYED)
		return; /* its link is another */
	put48(mac, population_mac(population, index));
	arp_write(port, 1, mac, client->address, NULL, client->address);
}

int neighbour_resolve(struct port *port, struct population *population,
		      const struct holders *holders)
{
	struct pollfd waiting = {.fd = port->wakes, .events = POLLIN};
	struct arrival arrival;

	for (int i = 0; i < RESOLVE_TRIES && !population->server_known; i++) {
		if (i % 10 == 0) {
			arp_write(port, 1, population->relay_mac, population->giaddr, NULL,
				  population->server);
			port_flush(port);
		}
		poll(&waiting, 1, 100);
		while (port_receive(port, &arrival)) {
			neighbour_receive(port, population, holders, &arrival, clock_now());
			port_release(port);
		}
		port_flush(port);
	}
	if (population->server_known)
		return 0;
	fprintf(stderr,
		"blast: nobody on %s answers ARP for --server %u.%u.%u.%u; is the address there,"
		" and does the server have a route to giaddr? --server-mac does without\n",
		port->name, population->server >> 24, population->server >> 16 & 255,
		population->server >> 8 & 255, population->server & 255);
	return -1;
}
