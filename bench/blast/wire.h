/* SPDX-License-Identifier: GPL-2.0-only */
/* client → request frame: Ethernet, IPv4, UDP and DHCP, both checksums finished. */
#ifndef BLAST_WIRE_H
#define BLAST_WIRE_H

#include "bench/blast/population.h"

/* What a client can say: RFC 2131 table 4, and 4.4.1, 4.4.6. */
enum form {
	FORM_DISCOVER,
	FORM_SELECTING,
	FORM_REBOOTING,
	FORM_RENEWING,
	FORM_REBINDING,
	FORM_RELEASE,
};

struct request {
	enum form form;
	uint32_t index;
	uint32_t xid;
	uint16_t secs;
	uint32_t address; /* offered, to be confirmed or held; 0 in DISCOVER */
	uint32_t server_id; /* for SELECTING and RELEASE */
};

/* Offsets in the frame of what differs from client to client, 0: not there. */
struct marks {
	uint16_t identity_mac;
	uint16_t circuit;
};

/* Does a message of this form go through the relay? */
bool request_relayed(const struct client *client, enum form form);

/* Where it goes to at the Ethernet level, and whether that is known. */
size_t request_write(const struct population *population, const struct request *request,
		     uint8_t frame[FRAME_MAX], struct marks *ret_marks);

/* Option 61's content; its length, 0 for clients without one. */
size_t identity_write(const struct population *population, uint32_t index,
		      uint8_t bytes[IDENTITY_MAX]);

#define AGENT_NUMBER_AT 6 /* the client's number, in option 82's content */

/* Option 82's content: circuit-id with the client's number, remote-id with the relay's MAC address. */
size_t agent_write(const struct population *population, uint32_t index, uint8_t bytes[AGENT_MAX]);

#endif
