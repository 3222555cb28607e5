// SPDX-License-Identifier: GPL-2.0-only
/*
 * A request that a slot remembers is answered without the walk over its
 * options (xdp/known.h), and never otherwise than the walk would have it: each
 * bit of remembered requests turned, and each way to spoil frame or world.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/bpf/fixture.h"
#include "tests/bpf/punts.h"

/* A slot that has answered this client's renewal once, and remembers what it asked. */
static size_t warm_up(struct fixture *fixture, const struct client *client, enum way way,
		      uint8_t *request, size_t size)
{
	struct world *world = &fixture->world;
	struct native_frame frame;
	enum xdhcp_counter counter;
	size_t length;

	world_make(world, conf_plain, client, way == WAY_RELAYED, kernel_now());
	length = world_renewal(world, way, request, size);
	native_frame_set(&frame, request, length);
	assert_int_equal(native_run(&world->native, &frame, WORLD_IFINDEX, &counter), NATIVE_TX);
	assert_true(world_slot(world)->area != 0);
	/* As before for promise and count; what is remembered stays. */
	world_slot(world)->word = XDHCP_WORD(world->now + world->lease_time, 4);
	world_slot(world)->renewals = 0;
	return length;
}

/* How the loaded object and the native build count this frame, which they agree on. */
static enum xdhcp_counter counted(struct fixture *fixture, const uint8_t *request, size_t length)
{
	struct world *world = &fixture->world;
	struct xdhcp_slot before = *world_slot(world);
	struct native_frame native, kernel;
	enum xdhcp_counter counter, other;

	kernel_fill(fixture->kernel, &world->native);
	native_frame_set(&native, request, length);
	native_frame_set(&kernel, request, length);
	native_run(&world->native, &native, WORLD_IFINDEX, &counter);
	kernel_run(fixture->kernel, &kernel, WORLD_IFINDEX, &other);
	assert_int_equal(other, counter);
	assert_int_equal(kernel.length, native.length);
	assert_memory_equal(kernel.buffer + kernel.at, native.buffer + native.at, native.length);
	*world_slot(world) = before;
	return counter;
}

/* The walk is left out: what only the walk would stumble over does not matter. */
static void test_known_is_not_walked(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	uint8_t request[2048];
	size_t length;

	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		for (enum way way = WAY_UNICAST; way <= WAY_RELAYED; way++) {
			length =
				warm_up(fixture, &clients[i].client, way, request, sizeof(request));
			world->native.control.roles[DHCP_OPT_MESSAGE_TYPE] = XDHCP_ROLE_REFUSE;
			if (counted(fixture, request, length) > XDHCP_COUNT_RELAYED)
				fail_msg("%s, way %d: walked", clients[i].name, way);
			world_slot(world)->area = 0;
			assert_int_equal(counted(fixture, request, length), XDHCP_PUNT_REFUSED);
			world_free(world);
		}
	}
}

/* The same frame for a slot that remembers, and for one that does not: one verdict, one reply. */
static void known_alike(struct fixture *fixture, const uint8_t *frame, size_t length,
			const char *what, unsigned int which)
{
	struct world *world = &fixture->world;
	struct xdhcp_slot *slot = world_slot(world), before = *slot;
	enum xdhcp_counter counters[2];
	struct native_frame frames[2];
	int verdicts[2];

	for (int cold = 0; cold < 2; cold++) {
		*slot = before;
		if (cold)
			slot->area = 0;
		native_frame_set(&frames[cold], frame, length);
		verdicts[cold] =
			native_run(&world->native, &frames[cold], WORLD_IFINDEX, &counters[cold]);
	}
	*slot = before;
	if (verdicts[0] != verdicts[1] || counters[0] != counters[1] ||
	    frames[0].length != frames[1].length ||
	    memcmp(frames[0].buffer + frames[0].at, frames[1].buffer + frames[1].at,
		   frames[0].length))
		fail_msg("%s, %u: %d (%d) by what is remembered, %d (%d) by the walk", what, which,
			 verdicts[0], counters[0], verdicts[1], counters[1]);
}

/* Whatever of a remembered request changes: each of its bits, and each way to spoil it or the world. */
static void test_known_alike(void **state)
{
	struct fixture *fixture = *state;
	uint8_t request[2048];
	size_t length;

	for (enum way way = WAY_UNICAST; way <= WAY_RELAYED; way++) {
		for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
			length =
				warm_up(fixture, &clients[i].client, way, request, sizeof(request));
			for (unsigned int bit = 0; bit < 8 * length; bit++) {
				request[bit / 8] ^= (uint8_t)(1U << bit % 8);
				known_alike(fixture, request, length, clients[i].name, bit);
				request[bit / 8] ^= (uint8_t)(1U << bit % 8);
			}
			world_free(&fixture->world);
		}
	}
	for (size_t i = 0; i < sizeof(punts) / sizeof(punts[0]); i++) {
		length = warm_up(fixture, &plain_client, punts[i].way, request, sizeof(request));
		punts[i].spoil(&fixture->world, request, &length);
		known_alike(fixture, request, length, punts[i].name, 0);
		world_free(&fixture->world);
	}
}

/* Another generation, another seed, other places: what was remembered is nothing then. */
static void test_known_forgets(void **state)
{
	struct fixture *fixture = *state;
	struct world *world = &fixture->world;
	uint8_t request[2048];
	size_t length;

	for (int change = 0; change < 4; change++) {
		length =
			warm_up(fixture, &clients[0].client, WAY_UNICAST, request, sizeof(request));
		world->native.control.roles[DHCP_OPT_MESSAGE_TYPE] = XDHCP_ROLE_REFUSE;
		if (change == 0)
			world_slot(world)->word += 2;
		else if (change == 1)
			world->native.control.seed++;
		else if (change == 2)
			world_slot(world)->places ^= 1;
		else
			world_slot(world)->area ^= 1;
		assert_int_equal(counted(fixture, request, length), XDHCP_PUNT_REFUSED);
		world_free(world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_is_not_walked),
		cmocka_unit_test(test_known_alike),
		cmocka_unit_test(test_known_forgets),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
