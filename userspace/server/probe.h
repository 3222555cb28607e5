/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the daemon asks itself, and what is wrong with an answer. The answers
 * are read here as a client reads them, byte by byte: nothing of what wrote
 * them helps.
 */
#ifndef XDHCP_SERVER_PROBE_H
#define XDHCP_SERVER_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "xdp/shared/wire.h"

#define SERVER_PROBE_MAX 320

/* A client that is nobody: its identifier is a secret of the process. */
struct server_probe {
	uint8_t hardware[WIRE_ETH_ALEN];
	uint8_t identifier[17]; /* option 61, type and value */
};

/* UDP payloads; each returns its length. `giaddr` 0: no relay. */
size_t server_probe_renewal(const struct server_probe *probe, uint32_t xid, uint32_t address,
			    uint8_t bytes[SERVER_PROBE_MAX]);
size_t server_probe_discover(const struct server_probe *probe, uint32_t xid, uint32_t giaddr,
			     uint8_t bytes[SERVER_PROBE_MAX]);

/* What an OFFER has to say. */
struct server_probe_offer {
	uint32_t xid;
	uint32_t giaddr;
	uint32_t address;
	uint32_t server_id;
	uint32_t lease_time, t1, t2;
};

/* Of an OFFER's UDP payload: NULL, or what is wrong; static. */
const char *server_probe_offer_wrong(const struct server_probe *probe,
				     const struct server_probe_offer *expected,
				     const uint8_t *bytes, size_t length);

/* Where a frame differs from what it ought to be; NULL: it is the same. Static. */
const char *server_probe_frame_wrong(const uint8_t *expected, size_t expected_length,
				     const uint8_t *frame, size_t length);

/* IPv4's and UDP's checksums of an untagged frame without IP options: NULL, or which is wrong. */
const char *server_probe_sums_wrong(const uint8_t *frame, size_t length);

#endif
