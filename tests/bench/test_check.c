// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge of replies: one good ACK, and each way in which it can be wrong.
 * Whoever takes a check out of the judge, or makes it blind, sees a row fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench/blast/bytes.h"
#include "bench/blast/check.h"
#include "bench/blast/dhcp.h"

#define CLIENT 0x0a000164U
#define ROUTER 0x0a0000feU
#define SERVER 0x0a000001U
#define MAC 0x02b1a5000007ULL
#define TAG 0x01020304U

static const uint8_t identity[] = {1, 2, 0xb1, 0xa5, 0, 0, 7};
static const uint8_t agent[] = {1, 2, 'p', '1'};

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t length;
	size_t options; /* where the next option goes */
	bool relayed;
};

static void option(struct frame *frame, uint8_t code, const void *content, size_t length)
{
	frame->bytes[frame->options] = code;
	frame->bytes[frame->options + 1] = (uint8_t)length;
	memcpy(frame->bytes + frame->options + 2, content, length);
	frame->options += 2 + length;
}

static void number(struct frame *frame, uint8_t code, uint32_t value)
{
	uint8_t bytes[4];

	put32(bytes, value);
	option(frame, code, bytes, 4);
}

/* Lengths and checksums as they have to be; who wants them wrong spoils them afterwards. */
static void finish(struct frame *frame)
{
	uint8_t *ip = frame->bytes + IP_AT, *udp = frame->bytes + UDP_AT;
	uint16_t length;

	put16(ip + 2, (uint16_t)(frame->length - IP_AT));
	put16(ip + 10, 0);
	put16(ip + 10, (uint16_t)~sum_fold(sum_add(0, ip, 20)));
	length = (uint16_t)(frame->length - UDP_AT);
	put16(udp + 4, length);
	put16(udp + 6, 0);
	put16(udp + 6, (uint16_t)~sum_fold(sum_add(sum_pseudo(ip, length), udp, length)));
}

static void head_write(struct frame *frame)
{
	uint8_t *bytes = frame->bytes, *ip = bytes + IP_AT, *bootp = bytes + BOOTP_AT;

	put48(bytes, frame->relayed ? 0x060a0000feULL : MAC);
	put16(bytes + 12, ETHERTYPE_IPV4);
	ip[0] = 0x45;
	ip[8] = 64;
	ip[9] = 17;
	put32(ip + 12, SERVER);
	put32(ip + 16, frame->relayed ? ROUTER : CLIENT);
	put16(bytes + UDP_AT, PORT_SERVER);
	put16(bytes + UDP_AT + 2, frame->relayed ? PORT_SERVER : PORT_CLIENT);
	bootp[BOOTP_OP] = 2;
	bootp[BOOTP_HTYPE] = 1;
	bootp[BOOTP_HLEN] = 6;
	put32(bootp + BOOTP_XID, TAG);
	put32(bootp + BOOTP_CIADDR, CLIENT);
	put32(bootp + BOOTP_YIADDR, CLIENT);
	put32(bootp + BOOTP_GIADDR, frame->relayed ? ROUTER : 0);
	put48(bootp + BOOTP_CHADDR, MAC);
	put32(bootp + BOOTP_COOKIE, COOKIE);
}

/* The ACK of a renewal. `without`: an option that is left out. */
static void ack_write(struct frame *frame, bool relayed, uint8_t without)
{
	uint8_t type = MESSAGE_ACK;

	*frame = (struct frame){.relayed = relayed, .options = BOOTP_AT + BOOTP_OPTIONS};
	head_write(frame);
	option(frame, OPTION_TYPE, &type, 1);
	if (without != OPTION_SERVER_ID)
		number(frame, OPTION_SERVER_ID, SERVER);
	if (without != OPTION_LEASE_TIME)
		number(frame, OPTION_LEASE_TIME, 3600);
	if (without != OPTION_T1)
		number(frame, OPTION_T1, 1800);
	number(frame, OPTION_T2, 3150);
	if (without != OPTION_CLIENT_ID)
		option(frame, OPTION_CLIENT_ID, identity, sizeof(identity));
	if (relayed && without != OPTION_AGENT)
		option(frame, OPTION_AGENT, agent, sizeof(agent));
	frame->bytes[frame->options] = OPTION_END;
	frame->length = BOOTP_AT + BOOTP_MIN;
	finish(frame);
}

static struct expectation expected(bool relayed)
{
	struct expectation wanted = {
		.mac = MAC,
		.type = MESSAGE_ACK,
		.relayed = relayed,
		.giaddr = relayed ? ROUTER : 0,
		.ciaddr = CLIENT,
		.address = CLIENT,
		.server_id = SERVER,
		.lease = 3600,
		.identity_length = sizeof(identity),
		.agent_length = relayed ? sizeof(agent) : 0,
	};

	put48(wanted.link_mac, relayed ? 0x060a0000feULL : MAC);
	memcpy(wanted.identity, identity, sizeof(identity));
	memcpy(wanted.agent, agent, sizeof(agent));
	return wanted;
}

static enum cause judged(const struct frame *frame, bool relayed)
{
	struct expectation wanted = expected(relayed);
	struct reply reply;
	enum cause cause = reply_read(frame->bytes, frame->length, true, &reply);

	return cause ? cause : reply_judge(&reply, &wanted);
}

static void good_ones_pass(void **state)
{
	struct frame frame;

	(void)state;
	ack_write(&frame, false, 0);
	assert_int_equal(judged(&frame, false), CAUSE_NONE);
	ack_write(&frame, true, 0);
	assert_int_equal(judged(&frame, true), CAUSE_NONE);
}

/* Every bit of what a reply has in its headers is somebody's: none may be turned unseen. */
static void no_bit_turns_unseen(void **state)
{
	struct frame good, frame;

	(void)state;
	ack_write(&good, true, 0);
	for (size_t at = IP_AT; at < good.options; at++) {
		for (unsigned int bit = 0; bit < 8; bit++) {
			frame = good;
			frame.bytes[at] ^= (uint8_t)(1U << bit);
			if (judged(&frame, true) == CAUSE_NONE)
				fail_msg("byte %zu, bit %u: not seen", at, bit);
		}
	}
}

struct row {
	const char *what;
	size_t at; /* in the frame */
	uint8_t value;
	enum cause cause;
};

/* One byte wrong, with checksums that are right for it. */
static void wrong_fields_are_named(void **state)
{
	static const struct row rows[] = {
		{"another station's frame", 5, 0x55, CAUSE_ADDRESSING},
		{"fragment", IP_AT + 6, 0x20, CAUSE_IP_HEADER},
		{"time to live", IP_AT + 8, 0, CAUSE_IP_HEADER},
		{"another address", IP_AT + 19, 0x11, CAUSE_ADDRESSING},
		{"from another port", UDP_AT + 1, 68, CAUSE_ADDRESSING},
		{"hardware type", BOOTP_AT + BOOTP_HTYPE, 6, CAUSE_HEADER},
		{"secs", BOOTP_AT + BOOTP_SECS + 1, 1, CAUSE_HEADER},
		{"flags", BOOTP_AT + BOOTP_FLAGS, 0x80, CAUSE_HEADER},
		{"ciaddr", BOOTP_AT + BOOTP_CIADDR + 3, 1, CAUSE_CIADDR},
		{"yiaddr", BOOTP_AT + BOOTP_YIADDR + 3, 1, CAUSE_YIADDR},
		{"giaddr", BOOTP_AT + BOOTP_GIADDR + 3, 1, CAUSE_GIADDR},
		{"chaddr", BOOTP_AT + BOOTP_CHADDR + 5, 1, CAUSE_CHADDR},
		{"behind chaddr", BOOTP_AT + BOOTP_CHADDR + 9, 1, CAUSE_CHADDR},
		{"cookie", BOOTP_AT + BOOTP_COOKIE, 0, CAUSE_HEADER},
		{"message type", BOOTP_AT + BOOTP_OPTIONS + 2, MESSAGE_OFFER, CAUSE_TYPE},
		{"server identifier", BOOTP_AT + BOOTP_OPTIONS + 8, 9, CAUSE_SERVER_ID},
		{"lease time", BOOTP_AT + BOOTP_OPTIONS + 14, 1, CAUSE_LEASE_TIME},
		{"T1 behind T2", BOOTP_AT + BOOTP_OPTIONS + 17, 1, CAUSE_TIMES},
		{"client identifier", BOOTP_AT + BOOTP_OPTIONS + 31, 1, CAUSE_CLIENT_ID},
		{"option that overruns", BOOTP_AT + BOOTP_OPTIONS + 28, 200, CAUSE_OPTIONS},
		{"behind END", BOOTP_AT + BOOTP_MIN - 1, 1, CAUSE_PADDING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame frame;
		enum cause cause;

		ack_write(&frame, false, 0);
		frame.bytes[rows[i].at] = rows[i].value;
		finish(&frame);
		cause = judged(&frame, false);
		if (cause != rows[i].cause)
			fail_msg("%s: %s, not %s", rows[i].what, cause_words[cause],
				 cause_words[rows[i].cause]);
	}
}

static void wrong_sums_are_named(void **state)
{
	struct frame frame;

	(void)state;
	ack_write(&frame, false, 0);
	frame.bytes[IP_AT + 10] ^= 1;
	assert_int_equal(judged(&frame, false), CAUSE_IP_CHECKSUM);
	ack_write(&frame, false, 0);
	frame.bytes[UDP_AT + 6] ^= 1;
	assert_int_equal(judged(&frame, false), CAUSE_UDP_CHECKSUM);
}

static void missing_options_are_named(void **state)
{
	static const struct {
		uint8_t code;
		enum cause cause;
	} rows[] = {
		{OPTION_SERVER_ID, CAUSE_SERVER_ID},
		{OPTION_LEASE_TIME, CAUSE_LEASE_TIME},
		{OPTION_T1, CAUSE_TIMES},
		{OPTION_CLIENT_ID, CAUSE_CLIENT_ID},
		{OPTION_AGENT, CAUSE_AGENT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame frame;

		ack_write(&frame, true, rows[i].code);
		assert_int_equal(judged(&frame, true), rows[i].cause);
	}
}

/* RFC 3046 section 2.2: what the relay sent comes last. */
static void agent_goes_last(void **state)
{
	struct frame frame;
	uint8_t vendor = 0;

	(void)state;
	ack_write(&frame, true, 0);
	option(&frame, OPTION_VENDOR_CLASS, &vendor, 1);
	frame.bytes[frame.options] = OPTION_END;
	finish(&frame);
	assert_int_equal(judged(&frame, true), CAUSE_AGENT);
}

/* Of the sums that a frame may hold, one alone is excused: that which a socket leaves to the hardware. */
static void unfinished_sums_are_told(void **state)
{
	struct frame frame;
	uint8_t *ip = frame.bytes + IP_AT, *udp = frame.bytes + UDP_AT;
	uint16_t right;

	(void)state;
	ack_write(&frame, false, 0);
	finish(&frame);
	right = get16(udp + 6);
	assert_true(reply_finished(frame.bytes, frame.length));
	put16(udp + 6, right ^ 1);
	assert_true(reply_finished(frame.bytes, frame.length));
	put16(udp + 6, sum_fold(sum_pseudo(ip, get16(udp + 4))));
	assert_false(reply_finished(frame.bytes, frame.length));
	assert_true(reply_finished(frame.bytes, BOOTP_AT - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_pass),
		cmocka_unit_test(no_bit_turns_unseen),
		cmocka_unit_test(wrong_fields_are_named),
		cmocka_unit_test(wrong_sums_are_named),
		cmocka_unit_test(unfinished_sums_are_told),
		cmocka_unit_test(missing_options_are_named),
		cmocka_unit_test(agent_goes_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
