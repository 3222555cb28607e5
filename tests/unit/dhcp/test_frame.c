/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/dhcp/payload.h"

#include <errno.h>

#include "dhcp/frame.h"

#define IP_AT 14
#define UDP_AT 34

/* Ethernet, IPv4 and UDP header that systemd-networkd's "networkd-release" travelled in. */
static const uint8_t captured[DHCP_FRAME_OVERHEAD] = {
	0xf2, 0x6d, 0x74, 0x3d, 0xb2, 0x2b, 0x02, 0xc1, 0x1e, 0x00, 0x00, 0x01, 0x08, 0x00,
	0x45, 0xc0, 0x01, 0x25, 0x77, 0xfd, 0x40, 0x00, 0x40, 0x11, 0xdb, 0x52, 0xc0, 0xa8,
	0x32, 0x66, 0xc0, 0xa8, 0x32, 0x01, 0x00, 0x44, 0x00, 0x43, 0x01, 0x11, 0xb6, 0xd9,
};

static struct payload captured_frame(void)
{
	struct payload frame = {0}, payload = payload_load("networkd-release");

	payload_append(&frame, captured, sizeof(captured));
	payload_append(&frame, payload.bytes, payload.length);
	payload_free(&payload);
	return frame;
}

static void test_reads_a_captured_frame(void **state)
{
	struct payload bytes = captured_frame();
	struct dhcp_frame frame;

	(void)state;
	assert_int_equal(dhcp_frame_read(bytes.bytes, bytes.length, &frame), 0);
	assert_memory_equal(frame.destination_mac, captured, 6);
	assert_memory_equal(frame.source_mac, captured + 6, 6);
	assert_int_equal(frame.source, 0xc0a83266U);
	assert_int_equal(frame.destination, 0xc0a83201U);
	assert_int_equal(frame.source_port, 68);
	assert_int_equal(frame.destination_port, 67);
	assert_int_equal(frame.length, 265);
	assert_ptr_equal(frame.payload, bytes.bytes + sizeof(captured));
	payload_free(&bytes);
}

/* The client's kernel summed the same 265 bytes: an odd length, and a pseudo header. */
static void test_udp_checksum_of_a_captured_frame(void **state)
{
	struct payload bytes = captured_frame();
	struct dhcp_frame frame;
	uint8_t written[512];

	(void)state;
	assert_int_equal(dhcp_frame_read(bytes.bytes, bytes.length, &frame), 0);
	assert_int_equal(dhcp_frame_write(&frame, written, sizeof(written)), bytes.length);
	assert_memory_equal(written, bytes.bytes, IP_AT);
	assert_memory_equal(written + UDP_AT, bytes.bytes + UDP_AT, bytes.length - UDP_AT);
	payload_free(&bytes);
}

/* A header that is summed up in many textbooks: 115 bytes, identification 0, DF, TTL 64, UDP. */
static void test_ipv4_header(void **state)
{
	static const uint8_t expected[] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40,
					   0x00, 0x40, 0x11, 0xb8, 0x61, 0xc0, 0xa8,
					   0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
	static const uint8_t payload[87];
	struct dhcp_frame frame = {.source = 0xc0a80001U,
				   .destination = 0xc0a800c7U,
				   .payload = payload,
				   .length = sizeof(payload)};
	uint8_t written[129];

	(void)state;
	assert_int_equal(dhcp_frame_write(&frame, written, sizeof(written)), sizeof(written));
	assert_memory_equal(written + IP_AT, expected, sizeof(expected));
}

/* RFC 768: a sum of zero travels as ones, because zero says "not summed". */
static void test_zero_checksum(void **state)
{
	uint8_t payload[2] = {0}, written[44];
	struct dhcp_frame frame = {.source = 0x0a000001,
				   .destination = 0xffffffffU,
				   .source_port = 67,
				   .destination_port = 68,
				   .payload = payload,
				   .length = 2};

	(void)state;
	assert_int_equal(dhcp_frame_write(&frame, written, sizeof(written)), 44);
	memcpy(payload, written + UDP_AT + 6, 2);
	assert_int_equal(dhcp_frame_write(&frame, written, sizeof(written)), 44);
	assert_memory_equal(written + UDP_AT + 6, "\xff\xff", 2);
}

static void test_too_small_a_buffer(void **state)
{
	uint8_t payload[10] = {0}, written[53];
	struct dhcp_frame frame = {.payload = payload, .length = sizeof(payload)};

	(void)state;
	memset(written, 0xee, sizeof(written));
	for (size_t size = 0; size < 52; size++)
		assert_int_equal(dhcp_frame_write(&frame, written, size), 0);
	assert_int_equal(written[0], 0xee);
	assert_int_equal(dhcp_frame_write(&frame, written, 52), 52);
	assert_int_equal(written[52], 0xee);
	frame.length = 65536 - 28;
	assert_int_equal(dhcp_frame_write(&frame, written, SIZE_MAX), 0);
}

/* Padding of short Ethernet frames belongs to no datagram. */
static void test_padding_is_cut_off(void **state)
{
	uint8_t payload[3] = {1, 2, 3}, written[60] = {0};
	struct dhcp_frame frame = {.payload = payload, .length = 3}, read;

	(void)state;
	assert_int_equal(dhcp_frame_write(&frame, written, sizeof(written)), 45);
	assert_int_equal(dhcp_frame_read(written, sizeof(written), &read), 0);
	assert_int_equal(read.length, 3);
	assert_memory_equal(read.payload, payload, 3);
	written[UDP_AT + 5] += 1;
	assert_int_equal(dhcp_frame_read(written, sizeof(written), &read), -EBADMSG);
}

/* Sets the header's checksum right again, so that what was changed is the only fault. */
static void header_sum(uint8_t *header)
{
	int length = (header[0] & 15) * 4;
	uint32_t sum = 0;

	header[10] = header[11] = 0;
	for (int i = 0; i < length; i += 2)
		sum += (uint32_t)header[i] << 8 | header[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	header[10] = (uint8_t)(sum >> 8);
	header[11] = (uint8_t)sum;
}

static void test_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} rows[] = {
		{12, 0x81}, /* VLAN tag */
		{13, 0x06}, /* ARP */
		{IP_AT, 0x65}, /* version 6 */
		{IP_AT, 0x44}, /* header shorter than one */
		{IP_AT + 2, 0x02}, /* datagram longer than the frame */
		{IP_AT + 6, 0x20}, /* more fragments */
		{IP_AT + 7, 0x01}, /* a later fragment */
		{IP_AT + 9, 6}, /* TCP */
		{UDP_AT + 4, 0x02}, /* longer than the datagram */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct payload bytes = captured_frame();
		struct dhcp_frame frame = {.length = 99};

		bytes.bytes[rows[i].at] = rows[i].value;
		header_sum(bytes.bytes + IP_AT);
		assert_int_equal(dhcp_frame_read(bytes.bytes, bytes.length, &frame), -EBADMSG);
		assert_int_equal(frame.length, 99);
		payload_free(&bytes);
	}
}

/* A datagram shorter than its own header would leave a payload of almost everything. */
static void test_ipv4_shorter_than_itself(void **state)
{
	struct payload bytes = captured_frame();
	struct dhcp_frame frame;

	(void)state;
	bytes.bytes[IP_AT + 2] = 0;
	for (uint8_t length = 0; length < 28; length++) {
		bytes.bytes[IP_AT + 3] = length;
		header_sum(bytes.bytes + IP_AT);
		assert_int_equal(dhcp_frame_read(bytes.bytes, bytes.length, &frame), -EBADMSG);
	}
	payload_free(&bytes);
}

/* RFC 791 options are stepped over, and are part of what is summed. */
static void test_ipv4_options(void **state)
{
	struct payload bytes = captured_frame(), longer = {0};
	struct dhcp_frame frame;

	(void)state;
	bytes.bytes[IP_AT] = 0x46;
	bytes.bytes[IP_AT + 3] += 4;
	payload_append(&longer, bytes.bytes, UDP_AT);
	payload_append(&longer, "\x94\x04\x00\x00", 4);
	payload_append(&longer, bytes.bytes + UDP_AT, bytes.length - UDP_AT);
	header_sum(longer.bytes + IP_AT);
	assert_int_equal(dhcp_frame_read(longer.bytes, longer.length, &frame), 0);
	assert_ptr_equal(frame.payload, longer.bytes + DHCP_FRAME_OVERHEAD + 4);
	assert_int_equal(frame.length, 265);
	payload_free(&bytes);
	payload_free(&longer);
}

static void test_bad_header_checksum(void **state)
{
	struct payload bytes = captured_frame();
	struct dhcp_frame frame;

	(void)state;
	bytes.bytes[IP_AT + 10] ^= 1;
	assert_int_equal(dhcp_frame_read(bytes.bytes, bytes.length, &frame), -EBADMSG);
	payload_free(&bytes);
}

/* A UDP length below its own header would wrap to a huge payload. */
static void test_udp_shorter_than_itself(void **state)
{
	struct payload bytes = captured_frame();
	struct dhcp_frame frame;

	(void)state;
	bytes.bytes[UDP_AT + 4] = 0;
	for (uint8_t length = 0; length < 8; length++) {
		bytes.bytes[UDP_AT + 5] = length;
		assert_int_equal(dhcp_frame_read(bytes.bytes, bytes.length, &frame), -EBADMSG);
	}
	payload_free(&bytes);
}

static void test_every_cut_is_refused(void **state)
{
	struct payload bytes = captured_frame();
	struct dhcp_frame frame;

	(void)state;
	for (size_t length = 0; length < bytes.length; length++) {
		struct payload cut = {0};

		payload_append(&cut, bytes.bytes, length);
		assert_int_equal(dhcp_frame_read(cut.bytes, length, &frame), -EBADMSG);
		payload_free(&cut);
	}
	payload_free(&bytes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_a_captured_frame),
		cmocka_unit_test(test_udp_checksum_of_a_captured_frame),
		cmocka_unit_test(test_ipv4_header),
		cmocka_unit_test(test_zero_checksum),
		cmocka_unit_test(test_too_small_a_buffer),
		cmocka_unit_test(test_padding_is_cut_off),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_ipv4_shorter_than_itself),
		cmocka_unit_test(test_ipv4_options),
		cmocka_unit_test(test_bad_header_checksum),
		cmocka_unit_test(test_udp_shorter_than_itself),
		cmocka_unit_test(test_every_cut_is_refused),
	};

	return cmocka_run_group_tests_name("dhcp/frame", tests, NULL, NULL);
}
