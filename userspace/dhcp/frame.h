/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ethernet, IPv4 and UDP around a DHCP payload, both ways, for packet sockets
 * and tests. Addresses and ports in host byte order.
 */
#ifndef XDHCP_DHCP_FRAME_H
#define XDHCP_DHCP_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "xdp/shared/wire.h"

#define DHCP_FRAME_OVERHEAD (WIRE_ETH_HLEN + WIRE_IPV4_HLEN + WIRE_UDP_HLEN)

struct dhcp_frame {
	uint8_t destination_mac[WIRE_ETH_ALEN];
	uint8_t source_mac[WIRE_ETH_ALEN];
	uint32_t source, destination;
	uint16_t source_port, destination_port;
	const uint8_t *payload;
	size_t length;
};

/* Writes the whole frame with both checksums; returns its length, or 0 where `size` is too small. */
size_t dhcp_frame_write(const struct dhcp_frame *frame, uint8_t *bytes, size_t size);

/*
 * Reads an untagged, unfragmented frame; 0, or -EBADMSG. `ret_frame->payload`
 * borrows from bytes. The UDP checksum is not judged: on virtual links it is
 * often left for hardware that is not there, and only the socket knows.
 */
int dhcp_frame_read(const uint8_t *bytes, size_t length, struct dhcp_frame *ret_frame);

#endif
