// SPDX-License-Identifier: GPL-2.0-only
#include "tests/sim/wire.h"

#include <arpa/inet.h>
#include <string.h>

#include "dhcp/frame.h"

static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t router_mac[6] = {0x02, 0, 0, 0, 0, 0xfe};

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, 4);
	return at + 4;
}

void wire_mac(uint32_t client, uint8_t mac[6])
{
	mac[0] = 0x02;
	mac[1] = 0xcc;
	put32(mac + 2, client);
}

static uint8_t *option(uint8_t *at, uint8_t code, const void *value, uint8_t length)
{
	*at++ = code;
	*at++ = length;
	memcpy(at, value, length);
	return at + length;
}

static uint8_t *option32(uint8_t *at, uint8_t code, uint32_t value)
{
	value = htonl(value);
	return value ? option(at, code, &value, 4) : at;
}

/* RFC 2131 figure 1. Every third client names itself by option 61. */
static size_t message_write(const struct wire_message *message, uint8_t *bytes)
{
	static const uint8_t parameters[] = {1, 3, 6, 15, 51, 58, 59};
	uint8_t identifier[7] = {1};
	uint8_t *at = bytes + 240;

	memset(bytes, 0, 240);
	bytes[0] = 1;
	bytes[1] = 1;
	bytes[2] = 6;
	bytes[3] = message->link && !message->unicast;
	put32(bytes + 4, message->xid);
	bytes[8] = message->secs >> 8;
	bytes[9] = message->secs & 0xff;
	put32(bytes + 12, message->ciaddr);
	if (message->link && !message->unicast)
		put32(bytes + 24, WIRE_RELAY(message->link));
	wire_mac(message->client, bytes + 28);
	put32(bytes + 236, 0x63825363);
	at = option(at, 53, &message->type, 1);
	at = option32(at, 50, message->requested);
	at = option32(at, 54,
		      message->ciaddr && message->type == DHCP_REQUEST ? 0 : message->server);
	at = option32(at, 51, message->lease);
	if (message->client % 3 == 0) {
		wire_mac(message->client, identifier + 1);
		at = option(at, 61, identifier, sizeof(identifier));
	}
	if (message->type == DHCP_DISCOVER || message->type == DHCP_REQUEST)
		at = option(at, 55, parameters, sizeof(parameters));
	*at++ = 255;
	while (at < bytes + 300)
		*at++ = 0;
	return (size_t)(at - bytes);
}

size_t wire_frame(const struct wire_message *message, uint8_t frame[WIRE_FRAME_MAX])
{
	uint8_t payload[WIRE_MESSAGE_MAX];
	struct dhcp_frame parts = {
		.payload = payload,
		.length = message_write(message, payload),
		.source_port = 68,
		.destination_port = 67,
	};

	wire_mac(message->client, parts.source_mac);
	if (message->unicast || message->link) {
		memcpy(parts.destination_mac, message->to_mac, 6);
		parts.destination = message->to;
	} else {
		memcpy(parts.destination_mac, everybody, 6);
		parts.destination = 0xffffffffU;
	}
	if (message->link)
		memcpy(parts.source_mac, router_mac, 6);
	if (message->link && !message->unicast) {
		parts.source = WIRE_RELAY(message->link);
		parts.source_port = 67;
	} else {
		parts.source = message->ciaddr;
	}
	return dhcp_frame_write(&parts, frame, WIRE_FRAME_MAX);
}

const uint8_t *wire_payload(const uint8_t *frame, size_t length, size_t *ret_length)
{
	size_t header, total;

	if (length < 42 || frame[12] != 0x08 || frame[13] || frame[14] >> 4 != 4 ||
	    frame[14 + 9] != 17)
		return NULL;
	header = 14 + 4 * (size_t)(frame[14] & 15);
	if (header + 8 > length)
		return NULL;
	total = (size_t)frame[header + 4] << 8 | frame[header + 5];
	if (total < 8 || header + total > length)
		return NULL;
	*ret_length = total - 8;
	return frame + header + 8;
}

static void option_read(struct wire_reply *reply, uint8_t code, const uint8_t *value,
			uint8_t length)
{
	if (code == 53 && length == 1)
		reply->type = value[0];
	else if (code == 54 && length == 4)
		reply->server = be32(value);
	else if (code == 51 && length == 4)
		reply->lease = be32(value);
	else if (code == 58 && length == 4)
		reply->t1 = be32(value);
	else if (code == 59 && length == 4)
		reply->t2 = be32(value);
}

bool wire_reply_read(const uint8_t *payload, size_t length, struct wire_reply *ret_reply)
{
	struct wire_reply reply = {0};
	size_t at = 240;

	if (length < 241 || payload[0] != 2 || payload[28] != 0x02 || payload[29] != 0xcc ||
	    be32(payload + 236) != 0x63825363)
		return false;
	reply.xid = be32(payload + 4);
	reply.ciaddr = be32(payload + 12);
	reply.yiaddr = be32(payload + 16);
	reply.giaddr = be32(payload + 24);
	reply.client = be32(payload + 30);
	while (at < length && payload[at] != 255) {
		uint8_t code = payload[at];

		if (!code) {
			at++;
			continue;
		}
		if (at + 2 > length || at + 2 + payload[at + 1] > length)
			return false;
		option_read(&reply, code, payload + at + 2, payload[at + 1]);
		at += 2 + (size_t)payload[at + 1];
	}
	if (at >= length || !reply.type)
		return false;
	*ret_reply = reply;
	return true;
}
