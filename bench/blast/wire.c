// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/wire.h"

#include "bench/blast/bytes.h"
#include "bench/blast/dhcp.h"
#include "bench/blast/kinds.h"

static const uint8_t everyone[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const char host_name[] = "subscriber";

#define CIRCUIT_PREFIX "port"
_Static_assert(AGENT_NUMBER_AT == 2 + sizeof(CIRCUIT_PREFIX) - 1, "the number follows the prefix");

/* Where the next byte goes; frames are far larger than anything written here. */
struct pen {
	uint8_t *frame;
	size_t at;
	struct marks marks;
};

bool request_relayed(const struct client *client, enum form form)
{
	if (!(client->flags & CLIENT_RELAYED) || form == FORM_RELEASE)
		return false;
	return form != FORM_RENEWING || client->flags & CLIENT_INTERCEPTED;
}

size_t identity_write(const struct population *population, uint32_t index,
		      uint8_t bytes[IDENTITY_MAX])
{
	static const uint8_t llt[] = {0xff, 0, 0, 0, 1, 0, 1, 0, 1, 0x32, 0x95, 0x82, 0x10};
	static const uint8_t en[] = {0xff, 0, 0, 0, 1, 0, 2, 0, 0, 0xab, 0x11, 0x5d, 0x1c};
	const struct kind *kind = &kinds[population->clients[index].kind];
	size_t length;

	switch (kind->identity) {
	case IDENTITY_MAC:
		bytes[0] = 1;
		length = 1;
		break;
	case IDENTITY_DUID_LLT:
		memcpy(bytes, llt, sizeof(llt));
		length = sizeof(llt);
		break;
	case IDENTITY_DUID_EN:
		memcpy(bytes, en, sizeof(en));
		length = sizeof(en);
		break;
	default:
		return 0;
	}
	put48(bytes + length, population_mac(population, index));
	return length + 6;
}

size_t agent_write(const struct population *population, uint32_t index, uint8_t bytes[AGENT_MAX])
{
	bytes[0] = 1; /* RFC 3046 section 3.1: circuit-id */
	bytes[1] = sizeof(CIRCUIT_PREFIX) - 1 + 4;
	memcpy(bytes + 2, CIRCUIT_PREFIX, sizeof(CIRCUIT_PREFIX) - 1);
	put32(bytes + AGENT_NUMBER_AT, index);
	bytes[AGENT_NUMBER_AT + 4] = 2; /* section 3.2: remote-id */
	bytes[AGENT_NUMBER_AT + 5] = 6;
	memcpy(bytes + AGENT_NUMBER_AT + 6, population->relay_mac, 6);
	return AGENT_NUMBER_AT + 12;
}

static void option_write(struct pen *pen, uint8_t code, const void *content, size_t length)
{
	pen->frame[pen->at] = code;
	pen->frame[pen->at + 1] = (uint8_t)length;
	memcpy(pen->frame + pen->at + 2, content, length);
	pen->at += 2 + length;
}

static void number_write(struct pen *pen, uint8_t code, uint32_t value, size_t length)
{
	uint8_t bytes[4];

	put32(bytes, value << (8 * (4 - length)));
	option_write(pen, code, bytes, length);
}

/* RFC 2131 table 5: only SELECTING and INIT-REBOOT name the address in option 50. */
static void selection_write(struct pen *pen, const struct request *request, bool server_first)
{
	bool selecting = request->form == FORM_SELECTING;

	if (selecting && server_first)
		number_write(pen, OPTION_SERVER_ID, request->server_id, 4);
	if (selecting || request->form == FORM_REBOOTING)
		number_write(pen, OPTION_ADDRESS, request->address, 4);
	if (selecting && !server_first)
		number_write(pen, OPTION_SERVER_ID, request->server_id, 4);
}

static void identity_option(struct pen *pen, const struct population *population, uint32_t index)
{
	uint8_t bytes[IDENTITY_MAX];
	size_t length = identity_write(population, index, bytes);

	if (!length)
		return;
	option_write(pen, OPTION_CLIENT_ID, bytes, length);
	pen->marks.identity_mac = (uint16_t)(pen->at - 6);
}

static void kind_option(struct pen *pen, const struct population *population,
			const struct request *request, uint8_t code)
{
	const struct kind *kind = &kinds[population->clients[request->index].kind];

	switch (code) {
	case OPTION_TYPE:
		number_write(pen, code,
			     request->form == FORM_DISCOVER ? MESSAGE_DISCOVER : MESSAGE_REQUEST,
			     1);
		break;
	case HERE_SELECTION:
		selection_write(pen, request, kind->server_first);
		break;
	case OPTION_HOST_NAME:
		option_write(pen, code, host_name, sizeof(host_name) - 1);
		break;
	case OPTION_PARAMETERS:
		option_write(pen, code, kind->parameters, strlen((const char *)kind->parameters));
		break;
	case OPTION_MAX_SIZE:
		number_write(pen, code, kind->max_size, 2);
		break;
	case OPTION_VENDOR_CLASS:
		option_write(pen, code, kind->vendor_class, strlen(kind->vendor_class));
		break;
	case OPTION_CLIENT_ID:
		identity_option(pen, population, request->index);
		break;
	default:
		option_write(pen, kind->extra_code, kind->extra, kind->extra_length);
		break;
	}
}

static void options_write(struct pen *pen, const struct population *population,
			  const struct request *request)
{
	const struct client *client = &population->clients[request->index];
	const struct kind *kind = &kinds[client->kind];
	uint8_t agent[AGENT_MAX];
	size_t length;

	if (request->form == FORM_RELEASE) {
		number_write(pen, OPTION_TYPE, MESSAGE_RELEASE, 1);
		number_write(pen, OPTION_SERVER_ID, request->server_id, 4);
		identity_option(pen, population, request->index);
	} else {
		for (const uint8_t *code = kind->order; *code; code++)
			kind_option(pen, population, request, *code);
	}
	if (request_relayed(client, request->form)) {
		length = agent_write(population, request->index, agent);
		option_write(pen, OPTION_AGENT, agent, length);
		pen->marks.circuit = (uint16_t)(pen->at - length + AGENT_NUMBER_AT);
	}
	pen->frame[pen->at++] = OPTION_END;
	if (kind->padded && pen->at < BOOTP_AT + BOOTP_MIN)
		pen->at = BOOTP_AT + BOOTP_MIN;
}

static void bootp_write(uint8_t *bootp, const struct population *population,
			const struct request *request)
{
	const struct client *client = &population->clients[request->index];
	bool relayed = request_relayed(client, request->form);
	bool has_address = request->form == FORM_RENEWING || request->form == FORM_REBINDING ||
			   request->form == FORM_RELEASE;

	bootp[BOOTP_OP] = 1;
	bootp[BOOTP_HTYPE] = 1;
	bootp[BOOTP_HLEN] = 6;
	bootp[BOOTP_HOPS] = relayed;
	put32(bootp + BOOTP_XID, request->xid);
	put16(bootp + BOOTP_SECS, request->secs);
	if (kinds[client->kind].broadcast && !has_address)
		put16(bootp + BOOTP_FLAGS, FLAG_BROADCAST);
	if (has_address)
		put32(bootp + BOOTP_CIADDR, request->address);
	if (relayed)
		put32(bootp + BOOTP_GIADDR, population->giaddr);
	put48(bootp + BOOTP_CHADDR, population_mac(population, request->index));
	put32(bootp + BOOTP_COOKIE, COOKIE);
}

/* Addresses at both levels. The way from a relayed client to the server leads through the relay. */
static void addresses_write(uint8_t *frame, const struct population *population,
			    const struct request *request)
{
	const struct client *client = &population->clients[request->index];
	bool behind = client->flags & CLIENT_RELAYED;
	bool unicast = request->form == FORM_RENEWING || request->form == FORM_RELEASE;
	bool unsourced = request->form == FORM_REBINDING && kinds[client->kind].rebinds_unsourced;
	uint8_t *ip = frame + IP_AT;

	if (behind)
		memcpy(frame + 6, population->relay_mac, 6);
	else
		put48(frame + 6, population_mac(population, request->index));
	if (request_relayed(client, request->form)) {
		memcpy(frame, population->server_mac, 6);
		put32(ip + 12, population->giaddr);
		put32(ip + 16, population->server);
		return;
	}
	memcpy(frame, unicast ? client->server_mac : everyone, 6);
	put32(ip + 16, unicast ? client->server_id : ADDRESS_BROADCAST);
	if (unicast || (request->form == FORM_REBINDING && !unsourced))
		put32(ip + 12, request->address);
}

static void headers_write(uint8_t *frame, size_t length, bool relayed)
{
	uint8_t *ip = frame + IP_AT, *udp = frame + UDP_AT;
	uint16_t udp_length = (uint16_t)(length - UDP_AT), sum;

	put16(frame + 12, ETHERTYPE_IPV4);
	ip[0] = 0x45;
	put16(ip + 2, (uint16_t)(length - IP_AT));
	ip[8] = 64;
	ip[9] = 17;
	put16(ip + 10, (uint16_t)~sum_fold(sum_add(0, ip, 20)));
	put16(udp, relayed ? PORT_SERVER : PORT_CLIENT);
	put16(udp + 2, PORT_SERVER);
	put16(udp + 4, udp_length);
	sum = (uint16_t)~sum_fold(sum_add(sum_pseudo(ip, udp_length), udp, udp_length));
	put16(udp + 6, sum ? sum : 0xffff);
}

size_t request_write(const struct population *population, const struct request *request,
		     uint8_t frame[FRAME_MAX], struct marks *ret_marks)
{
	const struct client *client = &population->clients[request->index];
	struct pen pen = {.frame = frame, .at = BOOTP_AT + BOOTP_OPTIONS};

	memset(frame, 0, 512);
	bootp_write(frame + BOOTP_AT, population, request);
	options_write(&pen, population, request);
	addresses_write(frame, population, request);
	headers_write(frame, pen.at, request_relayed(client, request->form));
	if (ret_marks)
		*ret_marks = pen.marks;
	return pen.at;
}
