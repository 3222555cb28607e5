/* SPDX-License-Identifier: GPL-2.0-only */
#include "dhcp/frame.h"

#include <errno.h>
#include <string.h>

#include "base/cursor.h"
#include "base/sum.h"

#define IPV4_VERSION_IHL 0x45
#define IPV4_TTL 64
#define IPV4_DONT_FRAGMENT 0x4000
#define IPV4_FRAGMENT_MASK 0x3fff /* more fragments, or an offset */
#define IPV4_CHECKSUM_AT 10
#define UDP_CHECKSUM_AT 6

/* RFC 1071: of what `sum` holds already, and of the bytes. */
static uint16_t checksum_of(uint64_t sum, const uint8_t *bytes, size_t length)
{
	return (uint16_t)~base_sum_fold(base_sum_add(sum, bytes, length));
}

static void checksum_store(uint8_t *at, uint16_t checksum)
{
	at[0] = (uint8_t)(checksum >> 8);
	at[1] = (uint8_t)checksum;
}

/* RFC 791. */
static void ipv4_write(struct base_writer *writer, const struct dhcp_frame *frame)
{
	uint8_t *start = writer->bytes + writer->length;

	base_writer_u8(writer, IPV4_VERSION_IHL);
	base_writer_u8(writer, 0);
	base_writer_be16(writer, (uint16_t)(WIRE_IPV4_HLEN + WIRE_UDP_HLEN + frame->length));
	base_writer_be16(writer, 0);
	base_writer_be16(writer, IPV4_DONT_FRAGMENT);
	base_writer_u8(writer, IPV4_TTL);
	base_writer_u8(writer, WIRE_IPPROTO_UDP);
	base_writer_be16(writer, 0);
	base_writer_be32(writer, frame->source);
	base_writer_be32(writer, frame->destination);
	checksum_store(start + IPV4_CHECKSUM_AT, checksum_of(0, start, WIRE_IPV4_HLEN));
}

/* RFC 768; a checksum of zero would mean that there is none. */
static void udp_write(struct base_writer *writer, const struct dhcp_frame *frame)
{
	uint8_t *start = writer->bytes + writer->length;
	uint16_t length = (uint16_t)(WIRE_UDP_HLEN + frame->length), checksum;
	uint64_t pseudo = WIRE_IPPROTO_UDP + (uint64_t)length + (frame->source >> 16) +
			  (frame->source & 0xffff) + (frame->destination >> 16) +
			  (frame->destination & 0xffff);

	base_writer_be16(writer, frame->source_port);
	base_writer_be16(writer, frame->destination_port);
	base_writer_be16(writer, length);
	base_writer_be16(writer, 0);
	base_writer_bytes(writer, frame->payload, frame->length);
	checksum = checksum_of(pseudo, start, length);
	checksum_store(start + UDP_CHECKSUM_AT, checksum ? checksum : 0xffff);
}

size_t dhcp_frame_write(const struct dhcp_frame *frame, uint8_t *bytes, size_t size)
{
	struct base_writer writer = base_writer_of(bytes, size);

	if (frame->length > UINT16_MAX - WIRE_IPV4_HLEN - WIRE_UDP_HLEN ||
	    size < DHCP_FRAME_OVERHEAD + frame->length)
		return 0;
	base_writer_bytes(&writer, frame->destination_mac, WIRE_ETH_ALEN);
	base_writer_bytes(&writer, frame->source_mac, WIRE_ETH_ALEN);
	base_writer_be16(&writer, WIRE_ETHERTYPE_IPV4);
	ipv4_write(&writer, frame);
	udp_write(&writer, frame);
	return writer.length;
}

/* RFC 791: leaves the datagram's own bytes in *ret_payload; Ethernet's padding is cut off. */
static int ipv4_read(struct base_cursor *cursor, struct dhcp_frame *frame,
		     struct base_cursor *ret_payload)
{
	const uint8_t *start = cursor->at;
	size_t available = base_cursor_remaining(cursor), header, total;
	uint8_t version = base_cursor_u8(cursor), protocol;
	uint16_t fragment;

	header = (size_t)(version & 15) * 4;
	base_cursor_skip(cursor, 1);
	total = base_cursor_be16(cursor);
	base_cursor_skip(cursor, 2);
	fragment = base_cursor_be16(cursor);
	base_cursor_skip(cursor, 1);
	protocol = base_cursor_u8(cursor);
	base_cursor_skip(cursor, 2);
	frame->source = base_cursor_be32(cursor);
	frame->destination = base_cursor_be32(cursor);
	if (!base_cursor_ok(cursor) || version >> 4 != 4 || header < WIRE_IPV4_HLEN ||
	    total < header || total > available || fragment & IPV4_FRAGMENT_MASK ||
	    protocol != WIRE_IPPROTO_UDP || checksum_of(0, start, header))
		return -EBADMSG;
	*ret_payload = base_cursor_of(start + header, total - header);
	return 0;
}

/* RFC 768. */
static int udp_read(struct base_cursor *cursor, struct dhcp_frame *frame)
{
	size_t length;

	frame->source_port = base_cursor_be16(cursor);
	frame->destination_port = base_cursor_be16(cursor);
	length = base_cursor_be16(cursor);
	base_cursor_skip(cursor, 2);
	if (!base_cursor_ok(cursor) || length < WIRE_UDP_HLEN)
		return -EBADMSG;
	frame->length = length - WIRE_UDP_HLEN;
	frame->payload = base_cursor_bytes(cursor, frame->length);
	return frame->payload ? 0 : -EBADMSG;
}

int dhcp_frame_read(const uint8_t *bytes, size_t length, struct dhcp_frame *ret_frame)
{
	struct base_cursor cursor = base_cursor_of(bytes, length), datagram;
	struct dhcp_frame frame = {0};
	int error;

	base_cursor_copy(&cursor, frame.destination_mac, WIRE_ETH_ALEN);
	base_cursor_copy(&cursor, frame.source_mac, WIRE_ETH_ALEN);
	if (base_cursor_be16(&cursor) != WIRE_ETHERTYPE_IPV4)
		return -EBADMSG;
	error = ipv4_read(&cursor, &frame, &datagram);
	if (error)
		return error;
	error = udp_read(&datagram, &frame);
	if (error)
		return error;
	*ret_frame = frame;
	return 0;
}
