// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/check.h"

#include "bench/blast/bytes.h"
#include "bench/blast/dhcp.h"

const char *const cause_words[CAUSE_COUNT] = {
#define CAUSE_WORD(name, word, text) [CAUSE_##name] = word,
	CAUSES(CAUSE_WORD)
#undef CAUSE_WORD
};

const char *const cause_texts[CAUSE_COUNT] = {
#define CAUSE_TEXT(name, word, text) [CAUSE_##name] = text,
	CAUSES(CAUSE_TEXT)
#undef CAUSE_TEXT
};

/* FOREIGN: something else than a BOOTP reply; then the headers of RFC 791 and RFC 768. */
static enum cause headers_read(const uint8_t *frame, size_t length, bool finished,
			       struct reply *reply)
{
	const uint8_t *ip = frame + IP_AT, *udp = frame + UDP_AT;
	uint16_t udp_length;

	if (length < BOOTP_AT || get16(frame + 12) != ETHERTYPE_IPV4 || ip[9] != 17)
		return CAUSE_FOREIGN;
	if (ip[0] != 0x45 || get16(ip + 6) & 0x3fff || !ip[8])
		return CAUSE_IP_HEADER;
	reply->port = get16(udp + 2);
	if (reply->port != PORT_CLIENT && reply->port != PORT_SERVER)
		return CAUSE_FOREIGN;
	if (length > BOOTP_AT && frame[BOOTP_AT] == 1)
		return CAUSE_FOREIGN; /* somebody's request */
	reply->datagram = get16(ip + 2);
	if (reply->datagram + (size_t)IP_AT > length)
		return CAUSE_FRAME;
	if (sum_fold(sum_add(0, ip, 20)) != 0xffff)
		return CAUSE_IP_CHECKSUM;
	udp_length = get16(udp + 4);
	if (udp_length != reply->datagram - 20)
		return CAUSE_UDP_LENGTH;
	if (finished && get16(udp + 6) &&
	    sum_fold(sum_add(sum_pseudo(ip, udp_length), udp, udp_length)) != 0xffff)
		return CAUSE_UDP_CHECKSUM;
	if (udp_length < 8 + BOOTP_MIN)
		return CAUSE_SHORT;
	if (get16(udp) != PORT_SERVER)
		return CAUSE_ADDRESSING;
	memcpy(reply->destination_mac, frame, 6);
	memcpy(reply->source_mac, frame + 6, 6);
	reply->source = get32(ip + 12);
	reply->destination = get32(ip + 16);
	return CAUSE_NONE;
}

/* RFC 2131 figure 1 and table 3. */
static enum cause bootp_read(const uint8_t *bootp, struct reply *reply)
{
	static const uint8_t zeros[10];

	if (bootp[BOOTP_OP] != 2 || bootp[BOOTP_HTYPE] != 1 || bootp[BOOTP_HLEN] != 6 ||
	    get32(bootp + BOOTP_COOKIE) != COOKIE)
		return CAUSE_HEADER;
	if (memcmp(bootp + BOOTP_CHADDR + 6, zeros, sizeof(zeros)))
		return CAUSE_CHADDR;
	reply->xid = get32(bootp + BOOTP_XID);
	reply->secs = get16(bootp + BOOTP_SECS);
	reply->flags = get16(bootp + BOOTP_FLAGS);
	reply->ciaddr = get32(bootp + BOOTP_CIADDR);
	reply->yiaddr = get32(bootp + BOOTP_YIADDR);
	reply->giaddr = get32(bootp + BOOTP_GIADDR);
	reply->chaddr = get48(bootp + BOOTP_CHADDR);
	return CAUSE_NONE;
}

/* Of an option or of the names: eight bytes at a time, the rest as one word with its length. */
static uint32_t bytes_hash(const uint8_t *bytes, size_t length)
{
	uint64_t hash = length, word;

	for (; length >= 8; bytes += 8, length -= 8) {
		memcpy(&word, bytes, 8);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	word = 0;
	memcpy(&word, bytes, length);
	hash = mix64(hash ^ word);
	return (uint32_t)(hash >> 32);
}

static bool four(uint8_t length, const uint8_t *content, bool *has, uint32_t *value)
{
	if (length != 4)
		return false;
	*has = true;
	*value = get32(content);
	return true;
}

/* One option; false where its length is wrong. */
static bool option_read(uint8_t code, uint8_t length, const uint8_t *content, struct reply *reply)
{
	reply->agent_last = false;
	switch (code) {
	case OPTION_TYPE:
		if (length != 1)
			return false;
		reply->type = content[0];
		return true;
	case OPTION_SERVER_ID:
		return four(length, content, &reply->has_server_id, &reply->server_id);
	case OPTION_LEASE_TIME:
		return four(length, content, &reply->has_lease, &reply->lease);
	case OPTION_T1:
		return four(length, content, &reply->has_t1, &reply->t1);
	case OPTION_T2:
		return four(length, content, &reply->has_t2, &reply->t2);
	case OPTION_CLIENT_ID:
		reply->identity = content;
		reply->identity_length = length;
		return length >= 2;
	case OPTION_AGENT:
		reply->agent = content;
		reply->agent_length = length;
		reply->agent_last = true;
		return length >= 2;
	default:
		/* A sum, so that the order of options does not matter. */
		reply->content += bytes_hash(content - 2, length + 2U);
		return true;
	}
}

/* RFC 2132 section 2. No server that answers has a reason to overload or to split. */
static enum cause options_read(const uint8_t *options, size_t length, struct reply *reply)
{
	uint64_t seen[4] = {0};
	size_t at = 0;

	while (at < length && options[at] != OPTION_END) {
		uint8_t code = options[at++], size;

		if (code == OPTION_PAD)
			continue;
		if (at >= length || at + 1 + options[at] > length)
			return CAUSE_OPTIONS;
		if (seen[code / 64] & 1ULL << code % 64 || code == OPTION_OVERLOAD)
			return CAUSE_OPTIONS;
		seen[code / 64] |= 1ULL << code % 64;
		size = options[at++];
		if (!option_read(code, size, options + at, reply))
			return CAUSE_OPTIONS;
		at += size;
	}
	if (at >= length)
		return CAUSE_OPTIONS;
	while (++at < length)
		if (options[at])
			return CAUSE_PADDING;
	return CAUSE_NONE;
}

bool reply_finished(const uint8_t *frame, size_t length)
{
	const uint8_t *ip = frame + IP_AT, *udp = frame + UDP_AT;

	return length < BOOTP_AT || get16(udp + 6) != sum_fold(sum_pseudo(ip, get16(udp + 4)));
}

enum cause reply_read(const uint8_t *frame, size_t length, bool finished, struct reply *ret)
{
	const uint8_t *bootp = frame + BOOTP_AT;
	enum cause cause;

	*ret = (struct reply){0};
	cause = headers_read(frame, length, finished, ret);
	if (cause != CAUSE_NONE)
		return cause;
	cause = bootp_read(bootp, ret);
	if (cause != CAUSE_NONE)
		return cause;
	ret->content = bytes_hash(bootp + BOOTP_SIADDR, 4) +
		       bytes_hash(bootp + BOOTP_SNAME, BOOTP_COOKIE - BOOTP_SNAME);
	cause = options_read(bootp + BOOTP_OPTIONS, ret->datagram - 28U - BOOTP_OPTIONS, ret);
	if (!ret->content)
		ret->content = 1;
	return cause;
}

/* To 255.255.255.255. Kea sends it to the client's own MAC address, which the client hears, too. */
static enum cause broadcast_judge(bool to_all, bool nak, const struct expectation *expected)
{
	if (expected->lenient)
		return CAUSE_NONE;
	return to_all && (nak || !expected->ciaddr) ? CAUSE_NONE : CAUSE_ADDRESSING;
}

/* RFC 2131 section 4.1: where a reply is sent to. */
static enum cause addressing_judge(const struct reply *reply, const struct expectation *expected)
{
	static const uint8_t everyone[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	bool to_all = !memcmp(reply->destination_mac, everyone, 6);
	bool nak = reply->type == MESSAGE_NAK;

	if (!to_all && memcmp(reply->destination_mac, expected->link_mac, 6))
		return CAUSE_ADDRESSING;
	if (expected->relayed) {
		if (to_all || reply->destination != expected->giaddr || reply->port != PORT_SERVER)
			return CAUSE_ADDRESSING;
		return CAUSE_NONE;
	}
	if (reply->port != PORT_CLIENT)
		return CAUSE_ADDRESSING;
	if (reply->destination == ADDRESS_BROADCAST)
		return broadcast_judge(to_all, nak, expected);
	if (nak || to_all)
		return CAUSE_ADDRESSING;
	if (expected->ciaddr)
		return reply->destination == expected->ciaddr ? CAUSE_NONE : CAUSE_ADDRESSING;
	if (expected->broadcast || reply->destination != reply->yiaddr)
		return CAUSE_ADDRESSING;
	return CAUSE_NONE;
}

/* RFC 2131 table 3, the header's addresses. */
static enum cause header_judge(const struct reply *reply, const struct expectation *expected)
{
	bool nak = reply->type == MESSAGE_NAK;

	if (reply->giaddr != (expected->relayed ? expected->giaddr : 0))
		return CAUSE_GIADDR;
	if (reply->ciaddr && (nak || reply->ciaddr != expected->ciaddr))
		return CAUSE_CIADDR;
	if (nak)
		return reply->yiaddr ? CAUSE_YIADDR : CAUSE_NONE;
	if (!reply->yiaddr || (expected->address && reply->yiaddr != expected->address))
		return CAUSE_YIADDR;
	return CAUSE_NONE;
}

/* And its other columns: dhcpd leaves in secs what the client sent. */
static enum cause flags_judge(const struct reply *reply, const struct expectation *expected)
{
	bool nak = reply->type == MESSAGE_NAK, flag = reply->flags & FLAG_BROADCAST;

	if (reply->secs && !expected->lenient)
		return CAUSE_HEADER;
	if (!nak)
		return flag == expected->broadcast ? CAUSE_NONE : CAUSE_HEADER;
	/* Section 4.3.2: the relay is to broadcast a NAK. */
	return expected->relayed && !flag && !expected->lenient ? CAUSE_HEADER : CAUSE_NONE;
}

static enum cause echoes_judge(const struct reply *reply, const struct expectation *expected)
{
	if (reply->identity_length != expected->identity_length) {
		if (reply->identity_length || !expected->lenient)
			return CAUSE_CLIENT_ID;
	} else if (reply->identity_length &&
		   memcmp(reply->identity, expected->identity, expected->identity_length)) {
		return CAUSE_CLIENT_ID;
	}
	if (reply->agent_length != expected->agent_length)
		return CAUSE_AGENT;
	if (reply->agent_length &&
	    (memcmp(reply->agent, expected->agent, expected->agent_length) || !reply->agent_last))
		return CAUSE_AGENT;
	return CAUSE_NONE;
}

static enum cause times_judge(const struct reply *reply, const struct expectation *expected)
{
	if (reply->type == MESSAGE_NAK)
		return reply->has_lease || reply->has_t1 || reply->has_t2 ? CAUSE_LEASE_TIME
									  : CAUSE_NONE;
	if (!reply->has_lease || !reply->lease ||
	    (expected->lease && reply->lease != expected->lease))
		return CAUSE_LEASE_TIME;
	if (reply->has_t1 != reply->has_t2 && !expected->lenient)
		return CAUSE_TIMES;
	if (reply->lease == LEASE_INFINITE)
		return CAUSE_NONE;
	if (reply->has_t2 && reply->t2 >= reply->lease)
		return CAUSE_TIMES;
	if (reply->has_t1 && reply->t1 >= (reply->has_t2 ? reply->t2 : reply->lease))
		return CAUSE_TIMES;
	return CAUSE_NONE;
}

static enum cause type_judge(const struct reply *reply, const struct expectation *expected)
{
	if (reply->type == expected->type)
		return CAUSE_NONE;
	return reply->type == MESSAGE_NAK && expected->type == MESSAGE_ACK ? CAUSE_NONE
									   : CAUSE_TYPE;
}

static enum cause server_judge(const struct reply *reply, const struct expectation *expected)
{
	if (!reply->has_server_id || !reply->server_id)
		return CAUSE_SERVER_ID;
	if (expected->server_id && reply->server_id != expected->server_id)
		return CAUSE_SERVER_ID;
	return CAUSE_NONE;
}

static enum cause content_judge(const struct reply *reply, const struct expectation *expected)
{
	unsigned int most = expected->max_size ? expected->max_size : DATAGRAM_DEFAULT;

	if (reply->datagram > most)
		return CAUSE_LONG;
	if (expected->content && reply->type == MESSAGE_ACK && reply->content != expected->content)
		return CAUSE_CONTENT;
	return CAUSE_NONE;
}

bool cause_harmless(enum cause cause)
{
	return cause == CAUSE_NONE || cause == CAUSE_HEADER || cause == CAUSE_LONG ||
	       cause == CAUSE_CONTENT;
}

/* What a client would stumble over comes first. */
enum cause reply_judge(const struct reply *reply, const struct expectation *expected)
{
	static enum cause (*const judges[])(const struct reply *, const struct expectation *) = {
		type_judge,  addressing_judge, header_judge, server_judge,
		times_judge, echoes_judge,     flags_judge,  content_judge,
	};

	if (reply->chaddr != expected->mac)
		return CAUSE_CHADDR;
	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++) {
		enum cause cause = judges[i](reply, expected);

		if (cause != CAUSE_NONE)
			return cause;
	}
	return CAUSE_NONE;
}
