/* SPDX-License-Identifier: GPL-2.0-only */
/* What clients and servers say to each other, written and read here without the servers' own codec. */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_MESSAGE_MAX 512
#define WIRE_FRAME_MAX (WIRE_MESSAGE_MAX + 64)

/* Two subnets: the servers' own link, and one behind a relay. */
#define WIRE_LINKS 2
#define WIRE_SUBNET(link) (0x0a000000U + ((uint32_t)(link) << 16)) /* 10.LINK.0.0/16 */
#define WIRE_RELAY(link) (WIRE_SUBNET(link) + 0xfffeU)
#define WIRE_SERVER(role) (WIRE_SUBNET(0) + 1 + (uint32_t)(role))
#define WIRE_LINK_OF(address) (((address) >> 16) & 0xff)

struct wire_message {
	uint8_t type;
	uint32_t xid;
	uint16_t secs;
	uint32_t client; /* its number: hardware address, and what else it is known by */
	uint32_t ciaddr, requested, server; /* 0: not said */
	uint32_t lease; /* asked for, 0: nothing */
	unsigned link; /* where the client is */
	bool unicast; /* to `server`, whom ciaddr's owner knows; else broadcast */
	uint32_t to; /* server address that a relay or router sends it to */
	const uint8_t *to_mac;
};

/* A whole frame, as it comes to a server's interface. Returns its length. */
size_t wire_frame(const struct wire_message *message, uint8_t frame[WIRE_FRAME_MAX]);

struct wire_reply {
	uint8_t type;
	uint32_t xid, client;
	uint32_t ciaddr, yiaddr, giaddr;
	uint32_t server; /* option 54 */
	uint32_t lease, t1, t2;
};

/* A BOOTREPLY's payload; false where it is none that a client would read. */
bool wire_reply_read(const uint8_t *payload, size_t length, struct wire_reply *ret_reply);

/* The UDP payload of a frame; NULL: none. */
const uint8_t *wire_payload(const uint8_t *frame, size_t length, size_t *ret_length);

void wire_mac(uint32_t client, uint8_t mac[6]);

#endif
