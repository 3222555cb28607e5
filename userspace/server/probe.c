/* SPDX-License-Identifier: GPL-2.0-only */
#include "server/probe.h"

#include <string.h>

#include "base/cursor.h"

#define SECS_MOST 0xffff /* longer than any partner leaves a client alone */
#define IP_AT WIRE_ETH_HLEN
#define UDP_AT (IP_AT + WIRE_IPV4_HLEN)
#define PAYLOAD_AT (UDP_AT + WIRE_UDP_HLEN)
#define AT(field) __builtin_offsetof(struct wire_bootp, field)

static void fixed_write(struct base_writer *writer, const struct server_probe *probe, uint32_t xid,
			uint16_t secs, uint32_t ciaddr, uint32_t giaddr)
{
	base_writer_u8(writer, DHCP_OP_REQUEST);
	base_writer_u8(writer, 1);
	base_writer_u8(writer, WIRE_ETH_ALEN);
	base_writer_u8(writer, giaddr ? 1 : 0);
	base_writer_be32(writer, xid);
	base_writer_be16(writer, secs);
	base_writer_be16(writer, 0);
	base_writer_be32(writer, ciaddr);
	base_writer_zero(writer, 8);
	base_writer_be32(writer, giaddr);
	base_writer_bytes(writer, probe->hardware, WIRE_ETH_ALEN);
	base_writer_zero(writer, DHCP_CHADDR_LEN - WIRE_ETH_ALEN + DHCP_SNAME_LEN + DHCP_FILE_LEN);
	base_writer_be32(writer, DHCP_COOKIE);
}

/* What an ordinary client asks for: mask, routers, name servers, domain name. */
static void options_write(struct base_writer *writer, const struct server_probe *probe,
			  uint8_t type)
{
	static const uint8_t parameters[] = {DHCP_OPT_PARAMETER_REQUEST, 4, 1, 3, 6, 15};

	base_writer_bytes(writer, (uint8_t[]){DHCP_OPT_MESSAGE_TYPE, 1, type}, 3);
	base_writer_bytes(writer, (uint8_t[]){DHCP_OPT_CLIENT_ID, sizeof(probe->identifier)}, 2);
	base_writer_bytes(writer, probe->identifier, sizeof(probe->identifier));
	base_writer_bytes(writer, parameters, sizeof(parameters));
	base_writer_u8(writer, DHCP_OPT_END);
}

size_t server_probe_renewal(const struct server_probe *probe, uint32_t xid, uint32_t address,
			    uint8_t bytes[SERVER_PROBE_MAX])
{
	struct base_writer writer = base_writer_of(bytes, SERVER_PROBE_MAX);

	fixed_write(&writer, probe, xid, 0, address, 0);
	options_write(&writer, probe, DHCP_REQUEST);
	return writer.length;
}

size_t server_probe_discover(const struct server_probe *probe, uint32_t xid, uint32_t giaddr,
			     uint8_t bytes[SERVER_PROBE_MAX])
{
	struct base_writer writer = base_writer_of(bytes, SERVER_PROBE_MAX);

	fixed_write(&writer, probe, xid, SECS_MOST, 0, giaddr);
	options_write(&writer, probe, DHCP_DISCOVER);
	return writer.length;
}

static uint32_t be32_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t be16_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static const char *fixed_wrong(const struct server_probe *probe,
			       const struct server_probe_offer *expected, const uint8_t *bytes)
{
	static const uint8_t zeros[DHCP_CHADDR_LEN - WIRE_ETH_ALEN];

	if (bytes[AT(op)] != DHCP_OP_REPLY || bytes[AT(htype)] != 1 ||
	    bytes[AT(hlen)] != WIRE_ETH_ALEN || be32_at(bytes + AT(cookie)) != DHCP_COOKIE)
		return "op, htype, hlen or cookie";
	if (be32_at(bytes + AT(xid)) != expected->xid)
		return "xid";
	if (be32_at(bytes + AT(ciaddr)) || be16_at(bytes + AT(secs)) || be16_at(bytes + AT(flags)))
		return "ciaddr, secs or flags";
	if (be32_at(bytes + AT(yiaddr)) != expected->address)
		return "yiaddr";
	if (be32_at(bytes + AT(giaddr)) != expected->giaddr)
		return "giaddr";
	if (memcmp(bytes + AT(chaddr), probe->hardware, WIRE_ETH_ALEN) ||
	    memcmp(bytes + AT(chaddr) + WIRE_ETH_ALEN, zeros, sizeof(zeros)))
		return "chaddr";
	return NULL;
}

/* The values of options, by code; NULL: not there. */
struct values {
	const uint8_t *at[256];
	uint8_t length[256];
};

/*
 * One walk: options, END, and nothing but padding behind it. One that comes in
 * pieces (RFC 3396) has no value here; those that are looked at never do.
 */
static const char *options_read(const uint8_t *bytes, size_t length, struct values *values)
{
	size_t at = 0;

	memset(values, 0, sizeof(*values));
	while (at < length && bytes[at] != DHCP_OPT_END) {
		uint8_t code = bytes[at];

		if (code == DHCP_OPT_PAD) {
			at++;
			continue;
		}
		if (at + 2 > length || at + 2 + bytes[at + 1] > length)
			return "the layout of its options";
		values->length[code] = values->at[code] ? 0 : bytes[at + 1];
		values->at[code] = bytes + at + 2;
		at += 2U + bytes[at + 1];
	}
	if (at >= length)
		return "options without END";
	while (++at < length)
		if (bytes[at] != DHCP_OPT_PAD)
			return "bytes behind END";
	return NULL;
}

/* False: not there, or no four bytes. */
static bool u32_of(const struct values *values, uint8_t code, uint32_t *ret_value)
{
	if (!values->at[code] || values->length[code] != 4)
		return false;
	*ret_value = be32_at(values->at[code]);
	return true;
}

static const char *times_wrong(const struct values *values,
			       const struct server_probe_offer *expected)
{
	uint32_t lease, t1, t2;

	if (!u32_of(values, DHCP_OPT_LEASE_TIME, &lease) || !lease || lease != expected->lease_time)
		return "lease time";
	if (!u32_of(values, DHCP_OPT_RENEWAL_TIME, &t1) || t1 != expected->t1)
		return "T1";
	if (!u32_of(values, DHCP_OPT_REBINDING_TIME, &t2) || t2 != expected->t2)
		return "T2";
	return NULL;
}

static const char *options_wrong(const struct server_probe *probe,
				 const struct server_probe_offer *expected,
				 const struct values *values)
{
	uint32_t server_id;

	if (!values->at[DHCP_OPT_MESSAGE_TYPE] || values->length[DHCP_OPT_MESSAGE_TYPE] != 1 ||
	    *values->at[DHCP_OPT_MESSAGE_TYPE] != DHCP_OFFER)
		return "message type";
	if (!u32_of(values, DHCP_OPT_SERVER_ID, &server_id) || server_id != expected->server_id)
		return "server identifier";
	if (values->length[DHCP_OPT_CLIENT_ID] != sizeof(probe->identifier) ||
	    memcmp(values->at[DHCP_OPT_CLIENT_ID], probe->identifier, sizeof(probe->identifier)))
		return "client identifier";
	return times_wrong(values, expected);
}

const char *server_probe_offer_wrong(const struct server_probe *probe,
				     const struct server_probe_offer *expected,
				     const uint8_t *bytes, size_t length)
{
	struct values values;
	const char *wrong;

	if (length < DHCP_REPLY_MIN)
		return "its length";
	wrong = fixed_wrong(probe, expected, bytes);
	if (!wrong)
		wrong = options_read(bytes + DHCP_FIXED_LEN, length - DHCP_FIXED_LEN, &values);
	return wrong ? wrong : options_wrong(probe, expected, &values);
}

/* By where a part ends. */
static const struct {
	size_t end;
	const char *name;
} parts[] = {
	{IP_AT, "Ethernet header"},
	{UDP_AT, "IPv4 header"},
	{UDP_AT + 6, "UDP ports or length"},
	{PAYLOAD_AT, "UDP checksum"},
	{PAYLOAD_AT + AT(xid), "op, htype, hlen or hops"},
	{PAYLOAD_AT + AT(secs), "xid"},
	{PAYLOAD_AT + AT(ciaddr), "secs or flags"},
	{PAYLOAD_AT + AT(yiaddr), "ciaddr"},
	{PAYLOAD_AT + AT(siaddr), "yiaddr"},
	{PAYLOAD_AT + AT(giaddr), "siaddr"},
	{PAYLOAD_AT + AT(chaddr), "giaddr"},
	{PAYLOAD_AT + AT(sname), "chaddr"},
	{PAYLOAD_AT + AT(cookie), "sname or file"},
	{PAYLOAD_AT + DHCP_FIXED_LEN, "cookie"},
	{PAYLOAD_AT + DHCP_FIXED_LEN + TAIL_SERVER_ID_AT - 2, "message type"},
	{PAYLOAD_AT + DHCP_FIXED_LEN + TAIL_LEASE_TIME_AT - 2, "server identifier"},
	{PAYLOAD_AT + DHCP_FIXED_LEN + TAIL_T1_AT - 2, "lease time"},
	{PAYLOAD_AT + DHCP_FIXED_LEN + TAIL_HEAD_LEN, "T1 or T2"},
};

/* A sum is wrong because something else is, mostly: that is told first. */
const char *server_probe_frame_wrong(const uint8_t *expected, size_t expected_length,
				     const uint8_t *frame, size_t length)
{
	bool sum_differs = false;

	if (length != expected_length)
		return "its length";
	for (size_t at = 0; at < length; at++) {
		size_t part = 0;

		if (frame[at] == expected[at])
			continue;
		if (at >= PAYLOAD_AT - 2 && at < PAYLOAD_AT) {
			sum_differs = true;
			continue;
		}
		while (part < sizeof(parts) / sizeof(parts[0]) && at >= parts[part].end)
			part++;
		return part < sizeof(parts) / sizeof(parts[0]) ? parts[part].name
							       : "options behind T2";
	}
	return sum_differs ? "UDP checksum" : NULL;
}

/* RFC 1071. */
static uint32_t sum_of(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

const char *server_probe_sums_wrong(const uint8_t *frame, size_t length)
{
	uint32_t datagram;

	if (length < PAYLOAD_AT || frame[IP_AT] != 0x45 ||
	    sum_of(0, frame + IP_AT, WIRE_IPV4_HLEN) != 0xffff)
		return "IPv4 header checksum";
	datagram = be16_at(frame + UDP_AT + 4);
	if (UDP_AT + datagram > length || !be16_at(frame + UDP_AT + 6) ||
	    sum_of(sum_of(WIRE_IPPROTO_UDP + datagram, frame + UDP_AT - 8, 8), frame + UDP_AT,
		   datagram) != 0xffff)
		return "UDP checksum";
	return NULL;
}
