// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invariant I2 on every kind of packet that the tests know, and every reason
 * to punt (I3): each row goes through the loaded object, through the native
 * build of the same source, and, where it is answered, through the slow path;
 * all replies are the same bytes. Needs bpf(), no interface.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/bpf/clients.h"
#include "dhcp/frame.h"
#include "tests/bpf/fixture.h"
#include "tests/bpf/punts.h"

static const char conf_failover[] = "failover peer \"p\" { primary; address 10.0.0.1; peer address "
				    "10.0.0.2; mclt 60; split 128; }\n"
				    "default-lease-time 600; max-lease-time 600;\n"
				    "subnet 10.0.0.0 netmask 255.255.255.0 {\n"
				    "  pool { failover peer \"p\"; range 10.0.0.100 10.0.0.200; }\n"
				    "}\n";
static const char conf_role[] =
	"failover peer \"p\" { primary; address 10.0.0.2; peer address 10.0.0.3; mclt 60; split "
	"128; }\n"
	"failover peer \"p\" { secondary; address 10.0.0.3; peer address 10.0.0.2; }\n"
	"default-lease-time 600; max-lease-time 600;\n"
	"subnet 10.0.0.0 netmask 255.255.255.0 {\n"
	"  pool { failover peer \"p\"; range 10.0.0.100 10.0.0.200; }\n"
	"}\n";
static const char conf_boot[] =
	"authoritative; default-lease-time 61; next-server 192.0.2.69;\n"
	"filename \"pxelinux.0\"; server-name \"boot\"; server-identifier 192.0.2.1;\n"
	"option dhcp-renewal-time 17; option dhcp-rebinding-time 43;\n"
	"subnet 10.0.0.0 netmask 255.255.255.0 {\n"
	"  option routers 10.0.0.1; range 10.0.0.100 10.0.0.200;\n}\n";
static const char conf_fixed[] =
	"default-lease-time 600;\n"
	"subnet 10.0.0.0 netmask 255.255.255.0 { option routers 10.0.0.1; range 10.0.0.150 "
	"10.0.0.200; }\n"
	"host box { hardware ethernet 02:c1:1e:00:00:01; fixed-address 10.0.0.100; }\n";

static uint32_t udp_sum(const struct dhcp_frame *frame)
{
	uint32_t sum = WIRE_IPPROTO_UDP + 2 * (frame->length + WIRE_UDP_HLEN);

	sum += (frame->source >> 16) + (frame->source & 0xffff) + (frame->destination >> 16) +
	       (frame->destination & 0xffff) + frame->source_port + frame->destination_port;
	for (size_t i = 0; i < frame->length; i++)
		sum += i % 2 ? frame->payload[i] : frame->payload[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* The frame as it must be: sums, ports, MAC addresses; then its payload against the slow path's. */
static void reply_check(const struct native_frame *frame, const struct server_reply *slow,
			const uint8_t *request)
{
	const uint8_t *bytes = frame->buffer + frame->at;
	struct dhcp_frame parts;
	uint32_t sum;

	assert_int_equal(dhcp_frame_read(bytes, frame->length, &parts), 0);
	assert_memory_equal(parts.destination_mac, request + 6, 6);
	assert_int_equal(parts.source, slow->source);
	assert_int_equal(parts.destination, slow->destination);
	assert_int_equal(parts.source_port, DHCP_PORT_SERVER);
	assert_int_equal(parts.destination_port, slow->destination_port);
	sum = udp_sum(&parts) + (bytes[40] << 8 | bytes[41]);
	assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
	assert_int_equal(parts.length, slow->length);
	assert_memory_equal(parts.payload, slow->bytes, slow->length);
	assert_int_equal(frame->length, DHCP_FRAME_OVERHEAD + slow->length);
}

static void promise_check(struct fixture *fixture, uint64_t seconds)
{
	struct world *world = &fixture->world;
	struct xdhcp_slot kernel;
	int dirty;

	kernel_slot(fixture->kernel, &world->native, world->address, &kernel, &dirty);
	assert_true(dirty);
	assert_in_range(XDHCP_WORD_PROMISE(kernel.word), world->now + seconds,
			world->now + seconds + 2);
	assert_int_equal(XDHCP_WORD_GENERATION(kernel.word), 4);
	assert_int_equal(kernel.renewals, 1);
	assert_int_equal(XDHCP_WORD_PROMISE(world_slot(world)->word), world->now + seconds);
}

/* One renewal through all three; returns the counter. */
static enum xdhcp_counter renew(struct fixture *fixture, const uint8_t *request, size_t length)
{
	struct world *world = &fixture->world;
	struct native_frame native, kernel;
	enum xdhcp_counter counter, other;
	struct server_reply slow;
	int verdict;

	native_frame_set(&native, request, length);
	native_frame_set(&kernel, request, length);
	kernel_fill(fixture->kernel, &world->native);
	verdict = native_run(&world->native, &native, WORLD_IFINDEX, &counter);
	assert_int_equal(kernel_run(fixture->kernel, &kernel, WORLD_IFINDEX, &other), verdict);
	assert_int_equal(other, counter);
	assert_int_equal(kernel.length, native.length);
	assert_memory_equal(kernel.buffer + kernel.at, native.buffer + native.at, native.length);
	if (verdict != NATIVE_TX) {
		assert_int_equal(verdict, NATIVE_PASS);
		assert_int_equal(native.length, length);
		assert_memory_equal(native.buffer + native.at, request, length);
		return counter;
	}
	assert_true(world_slow_path(world, request, length, &slow));
	reply_check(&kernel, &slow, request);
	promise_check(fixture, world->lease_time);
	return counter;
}

static void answered_row(void **state, const char *text, const struct named_client *named,
			 enum way way, bool relayed_first)
{
	static const enum xdhcp_counter expected[] = {
		[WAY_UNICAST] = XDHCP_COUNT_RENEWING,
		[WAY_BROADCAST] = XDHCP_COUNT_REBINDING,
		[WAY_BROADCAST_UNCONFIGURED] = XDHCP_COUNT_REBINDING,
		[WAY_RELAYED] = XDHCP_COUNT_RELAYED,
	};
	struct fixture *fixture = *state;
	enum xdhcp_counter counter;
	uint8_t frame[2048];
	size_t length;

	world_make(&fixture->world, text, &named->client, relayed_first, kernel_now());
	length = world_renewal(&fixture->world, way, frame, sizeof(frame));
	counter = renew(fixture, frame, length);
	if (counter != expected[way])
		print_message("%s, way %d, relayed first %d\n", named->name, way, relayed_first);
	assert_int_equal(counter, expected[way]);
	world_free(&fixture->world);
}

static void answered_all(void **state, const char *text)
{
	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		for (enum way way = WAY_UNICAST; way <= WAY_RELAYED; way++) {
			answered_row(state, text, &clients[i], way, false);
			answered_row(state, text, &clients[i], way, true);
		}
	}
}

static void test_answered_plain(void **state)
{
	answered_all(state, conf_plain);
}

static void test_answered_boot(void **state)
{
	answered_all(state, conf_boot);
}

static void test_answered_fixed(void **state)
{
	answered_all(state, conf_fixed);
}

static void punt_row(void **state, const struct punt *row)
{
	struct fixture *fixture = *state;
	enum xdhcp_counter reason;
	struct xdhcp_slot *slot;
	uint8_t frame[2048];
	uint64_t word;
	size_t length;

	world_make(&fixture->world, conf_plain, &plain_client, false, kernel_now());
	slot = world_slot(&fixture->world);
	length = world_renewal(&fixture->world, row->way, frame, sizeof(frame));
	row->spoil(&fixture->world, frame, &length);
	word = slot->word;
	reason = renew(fixture, frame, length);
	if (reason != row->reason)
		print_message("%s: reason %d, not %d\n", row->name, reason, row->reason);
	assert_int_equal(reason, row->reason);
	assert_true(slot->word == word);
	world_free(&fixture->world);
}

static void test_punts(void **state)
{
	for (size_t i = 0; i < sizeof(punts) / sizeof(punts[0]); i++)
		punt_row(state, &punts[i]);
}

/* A slot that the daemon closes between the program's first look and its promise (I6). */
static void close_under_way(struct native *native)
{
	native_slot(native, WORLD_CLIENT)->word |= 1;
}

static void test_race(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	struct native_frame frame;
	enum xdhcp_counter reason;
	uint8_t request[2048];
	size_t length;

	world_make(world, conf_plain, &plain_client, false, kernel_now());
	world->native.under_way = close_under_way;
	length = world_renewal(world, WAY_UNICAST, request, sizeof(request));
	native_frame_set(&frame, request, length);
	assert_int_equal(native_run(&world->native, &frame, WORLD_IFINDEX, &reason), NATIVE_PASS);
	assert_int_equal(reason, XDHCP_PUNT_RACE);
	assert_memory_equal(frame.buffer + frame.at, request, length);
	assert_int_equal(XDHCP_WORD_PROMISE(world_slot(world)->word),
			 world->now + world->lease_time);
	world_free(world);
}

/* The frame's buffer: tail, else head, else up with the request untouched and a harmless promise. */
static void room_row(void **state, size_t head, size_t tail, enum xdhcp_counter expected)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	struct native_frame frame;
	enum xdhcp_counter reason;
	struct server_reply slow;
	uint8_t request[2048];
	size_t length;

	world_make(world, conf_plain, &clients[2].client, false, kernel_now());
	length = world_renewal(world, WAY_UNICAST, request, sizeof(request));
	native_frame_set(&frame, request, length);
	frame.head_room = head;
	frame.tail_room = tail;
	native_run(&world->native, &frame, WORLD_IFINDEX, &reason);
	assert_int_equal(reason, expected);
	if (expected == XDHCP_PUNT_ROOM) {
		assert_int_equal(frame.length, length);
		assert_memory_equal(frame.buffer + frame.at, request, length);
	} else {
		assert_true(world_slow_path(world, request, length, &slow));
		reply_check(&frame, &slow, request);
	}
	assert_int_equal(world->native.counters.count[XDHCP_COUNT_GREW_HEAD], head && !tail);
	world_free(world);
}

static void test_room(void **state)
{
	room_row(state, 256, 256, XDHCP_COUNT_RENEWING);
	room_row(state, 0, 256, XDHCP_COUNT_RENEWING);
	room_row(state, 256, 0, XDHCP_COUNT_RENEWING);
	room_row(state, 0, 0, XDHCP_PUNT_ROOM);
}

/* Seconds of lease that a reply gives. */
static uint32_t given_in(const struct native_frame *frame)
{
	const uint8_t *time = frame->buffer + frame->at + AREA + TAIL_LEASE_TIME_AT;

	return (uint32_t)time[0] << 24 | time[1] << 16 | time[2] << 8 | time[3];
}

/* Failover's bound (I1): shorter than the lease, and never past what the partner knows. */
static void test_partner_bound(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	struct native_frame frame;
	enum xdhcp_counter reason;
	uint8_t request[2048];
	const uint8_t *time;
	size_t length;

	world_make(world, conf_plain, &plain_client, false, kernel_now());
	world_slot(world)->relation = 3;
	world_slot(world)->acknowledged = world->now + 40;
	world->native.relations[3] =
		(struct xdhcp_relation){.serve = 1, .lead = 60, .alone = world->now + 30};
	length = world_renewal(world, WAY_UNICAST, request, sizeof(request));
	native_frame_set(&frame, request, length);
	assert_int_equal(native_run(&world->native, &frame, WORLD_IFINDEX, &reason), NATIVE_TX);
	assert_int_equal(world->native.counters.count[XDHCP_COUNT_SHORTENED], 1);
	assert_int_equal(given_in(&frame), 100);
	time = frame.buffer + frame.at + AREA + TAIL_T1_AT;
	assert_int_equal(time[2] << 8 | time[3], 50);
	assert_int_equal(XDHCP_WORD_PROMISE(world_slot(world)->word),
			 world->now + world->lease_time);

	/* The partner's clock is ahead by more than MCLT, and what it knows is long ago. */
	world_slot(world)->acknowledged = 10;
	world->native.relations[3].lead = -60;
	native_frame_set(&frame, request, length);
	assert_int_equal(native_run(&world->native, &frame, WORLD_IFINDEX, &reason), NATIVE_TX);
	assert_int_equal(given_in(&frame), 30);
	world_free(world);
}

/*
 * I2 with a partner in the account: both paths come to the same seconds,
 * whatever it knows; and are both silent where the state does not serve.
 */
static void test_failover_alike(void **state)
{
	static const struct {
		uint32_t acknowledged, given;
	} rows[] = {{0, 60}, {1, 61}, {233, 293}, {540, 600}, {4000, 600}};
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	struct native_frame frame;
	struct server_reply slow;
	enum xdhcp_counter reason;
	uint8_t request[2048];
	size_t length;

	world_make(world, conf_failover, &plain_client, false, kernel_now());
	assert_int_equal(world->lease_time, 600);
	length = world_renewal(world, WAY_UNICAST, request, sizeof(request));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world_acknowledge(world, rows[i].acknowledged);
		native_frame_set(&frame, request, length);
		assert_int_equal(native_run(&world->native, &frame, WORLD_IFINDEX, &reason),
				 NATIVE_TX);
		assert_true(world_slow_path(world, request, length, &slow));
		reply_check(&frame, &slow, request);
		assert_int_equal(given_in(&frame), rows[i].given);
	}
	world->native.relations[1].serve = 0;
	world->views[1].serves = world->policies[1].serves = false;
	native_frame_set(&frame, request, length);
	assert_int_equal(native_run(&world->native, &frame, WORLD_IFINDEX, &reason), NATIVE_PASS);
	assert_int_equal(reason, XDHCP_PUNT_SILENT);
	assert_false(world_slow_path(world, request, length, &slow));
	world_free(world);
}

/*
 * The server identifier is the role's: whichever address the link has, as long as that is no
 * other's (a reply to a broadcast comes from there).
 */
static void test_answered_by_role(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	uint8_t frame[2048];
	size_t length;

	for (enum way way = WAY_UNICAST; way <= WAY_RELAYED; way++) {
		world_make(world, conf_role, &plain_client, false, kernel_now());
		world_acknowledge(world, 4000);
		if (way == WAY_UNICAST || way == WAY_RELAYED)
			world->native.links[0].link.server_id = WORLD_SERVER + 40;
		length = world_renewal(world, way, frame, sizeof(frame));
		if (renew(fixture, frame, length) > XDHCP_COUNT_RELAYED)
			fail_msg("way %d: not answered in the kernel", way);
		assert_memory_equal(world->native.tails[1].options + 5, "\x0a\0\0\x02", 4);
		world_free(world);
	}
}

/* The self-test's binding answers who asks this server for it, and nobody who asks around. */
static void test_self_test(void **state)
{
	static const struct {
		enum way way;
		enum xdhcp_counter counter;
	} ways[] = {
		{WAY_UNICAST, XDHCP_COUNT_SELF_TEST},
		{WAY_BROADCAST, XDHCP_PUNT_NETWORK},
		{WAY_BROADCAST_UNCONFIGURED, XDHCP_PUNT_NETWORK},
		{WAY_RELAYED, XDHCP_PUNT_NETWORK},
	};
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		uint8_t request[2048];
		size_t length;

		world_make(world, conf_plain, &plain_client, ways[i].way == WAY_RELAYED,
			   kernel_now());
		world_slot(world)->network = XDHCP_SELF_TEST_NETWORK;
		length = world_renewal(world, ways[i].way, request, sizeof(request));
		assert_int_equal(renew(fixture, request, length), ways[i].counter);
		world_free(world);
	}
}

/* A promise is never lowered, a mark that is set stays set. */
static void test_promise_never_lowered(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	uint8_t request[2048];
	size_t length;

	world_make(world, conf_plain, &plain_client, false, kernel_now());
	length = world_renewal(world, WAY_UNICAST, request, sizeof(request));
	world_slot(world)->word = XDHCP_WORD(world->now + 10 * world->lease_time, 8);
	for (int i = 0; i < 2; i++) {
		struct native_frame frame;
		enum xdhcp_counter reason;

		native_frame_set(&frame, request, length);
		assert_int_equal(native_run(&world->native, &frame, WORLD_IFINDEX, &reason),
				 NATIVE_TX);
		assert_true(world_slot(world)->word ==
			    XDHCP_WORD(world->now + 10 * world->lease_time, 8));
	}
	assert_int_equal(world->native.pages[1].dirty[WORLD_CLIENT % 256 / 64],
			 1ULL << (WORLD_CLIENT % 64));
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answered_plain),
		cmocka_unit_test(test_answered_boot),
		cmocka_unit_test(test_answered_fixed),
		cmocka_unit_test(test_punts),
		cmocka_unit_test(test_race),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_failover_alike),
		cmocka_unit_test(test_answered_by_role),
		cmocka_unit_test(test_self_test),
		cmocka_unit_test(test_partner_bound),
		cmocka_unit_test(test_promise_never_lowered),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
