/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any words in any state: a partner that says everything that can be said, and
 * some that cannot, a slow disk, a kernel that takes its time, a person who
 * says things. Beyond "no crash" the pair's own checks hold (peer_fixture.c):
 * what is announced is on disk, the kernel silent where it must be, and it
 * comes to rest. A seed that fails names itself. SEEDS=1000 in the environment
 * tries so many.
 */
#include "peer_fixture.h"

#define SEEDS 25 /* or what the environment says */
#define STEPS 150

struct noise {
	struct script script;
	struct node *node;
	uint64_t random;
	bool up;
};

static uint32_t draw(struct noise *noise, uint32_t below)
{
	noise->random = noise->random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(noise->random >> 33) % below;
}

static void connects(struct noise *noise)
{
	bool primary = noise->node->relation.primary;
	struct failover_message shake =
		script_handshake(primary ? FAILOVER_CONNECTACK : FAILOVER_CONNECT);
	/* Our store's identity as the script knows it, and a boot number. */
	uint8_t vendor[] = {2, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3,
			    8, 0,  0, 0, 0, 0, 0, 0, 0, 4, 8, 1, 1, 1, 1, 1, 1, 1, 1};

	while (!failover_peer_accepts(noise->node->peer))
		pair_run(noise->script.pair, 1);
	script_connect(&noise->script);
	if (primary && script_hear(&noise->script))
		shake.xid = noise->script.message.xid;
	if (draw(noise, 2)) {
		memset(vendor + 2, draw(noise, 4) ? noise->node->store[0] : 'z', 16);
		vendor[20] = (uint8_t)(1 + draw(noise, 200));
		shake.vendor_class = (struct failover_bytes){(const uint8_t *)"xdhcp", 5};
		shake.vendor_options = (struct failover_bytes){vendor, sizeof(vendor)};
		shake.present |= 1U << FAILOVER_VENDOR_OPTIONS;
	}
	script_say(&noise->script, &shake);
	noise->up = !script_closed(&noise->script);
}

static void says_state(struct noise *noise)
{
	static const uint8_t states[] = {0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 254, 1, 77};
	struct failover_message message =
		script_state(states[draw(noise, sizeof(states))], draw(noise, 4) == 0);

	script_say(&noise->script, &message);
}

static void says_binding(struct noise *noise)
{
	static const uint8_t hardware[] = {1, 2, 0, 0, 0, 0, 1};
	int64_t now = node_now(noise->node).wall;
	struct failover_message message = {
		.type = FAILOVER_BNDUPD,
		.present = 1U << FAILOVER_ASSIGNED_ADDRESS | 1U << FAILOVER_BINDING_STATUS |
			   1U << FAILOVER_LEASE_EXPIRATION | 1U << FAILOVER_POTENTIAL_EXPIRATION |
			   1U << FAILOVER_START_OF_STATE | 1U << FAILOVER_CLTT |
			   1U << FAILOVER_CLIENT_HARDWARE,
		.address = 0x0a000008 + draw(noise, 50),
		.status = (uint8_t)draw(noise, 9),
		.hardware = {hardware, sizeof(hardware)},
		.lease_expiration = (uint32_t)(now + draw(noise, 2000) - 500),
		.potential_expiration = (uint32_t)(now + draw(noise, 4000) - 500),
		.start_of_state = (uint32_t)(now - draw(noise, 100)),
		.cltt = (uint32_t)(now - draw(noise, 100)),
	};

	script_say(&noise->script, &message);
}

/* Header only, of any type, the answers with xids that fit now and then. */
static void says_anything(struct noise *noise)
{
	static const uint8_t types[] = {1, 2, 3, 4, 7, 8, 8, 9, 11, 128, 13, 200};
	struct failover_message message = {.type = types[draw(noise, sizeof(types))]};

	message.xid = 1 + draw(noise, 60);
	script_say(&noise->script, &message);
}

/* What it was asked is answered; what it was told acknowledged. */
static void answers(struct noise *noise)
{
	while (!script_closed(&noise->script) && script_hear(&noise->script)) {
		struct failover_message answer = {.xid = noise->script.message.xid};

		switch (noise->script.message.type) {
		case FAILOVER_BNDUPD:
			answer.type = FAILOVER_BNDACK;
			answer.present = 1U << FAILOVER_ASSIGNED_ADDRESS;
			answer.address = noise->script.message.address;
			break;
		case FAILOVER_UPDREQ:
		case FAILOVER_UPDREQALL:
			answer.type = FAILOVER_UPDDONE;
			break;
		default:
			continue;
		}
		script_say(&noise->script, &answer);
	}
}

static void says_garbage(struct noise *noise)
{
	uint8_t bytes[64] = {0, (uint8_t)(12 + draw(noise, 50)), (uint8_t)draw(noise, 14), 12};

	for (size_t i = 4; i < sizeof(bytes); i++)
		bytes[i] = draw(noise, 3) ? 0 : (uint8_t)draw(noise, 30);
	script_bytes(&noise->script, bytes, 1 + draw(noise, sizeof(bytes)));
}

static void person_says(struct noise *noise)
{
	struct failover_now now = node_now(noise->node);
	const char *why = NULL;

	if (draw(noise, 2))
		failover_peer_init(noise->node->peer, &now, &why);
	else
		failover_peer_partner_down(noise->node->peer, draw(noise, 2), &now, &why);
	pair_run(noise->script.pair, 0);
}

static void restarts(struct noise *noise)
{
	node_kill(noise->node, draw(noise, 2));
	noise->up = false;
	noise->node->options.adopted = draw(noise, 2);
	node_start(noise->node);
	pair_run(noise->script.pair, 0);
}

static void step(struct noise *noise)
{
	static const double pauses[] = {0.01, 0.5, 3, 16, 70, 700};
	uint32_t what = draw(noise, 100);

	noise->up = noise->up && !script_closed(&noise->script);
	if (what < 4)
		restarts(noise);
	else if (what < 10)
		person_says(noise);
	else if (what < 25)
		pair_run(noise->script.pair, pauses[draw(noise, 6)]);
	else if (what < 30)
		noise->node->hold_disk = draw(noise, 3) == 0;
	else if (what < 35)
		noise->node->hold_silence = draw(noise, 3) == 0;
	else if (what < 38)
		noise->node->ahead += ((int64_t)draw(noise, 400) - 200) * (int64_t)SECOND;
	else if (!noise->up)
		connects(noise);
	else if (what < 55)
		says_state(noise);
	else if (what < 70)
		says_binding(noise);
	else if (what < 85)
		answers(noise);
	else if (what < 95)
		says_anything(noise);
	else if (what < 97)
		script_hang_up(&noise->script);
	else
		says_garbage(noise);
}

static void run_seed(unsigned seed, unsigned ours)
{
	void *state;
	struct pair *pair;
	struct noise noise = {.random = seed};

	pair_setup(&state);
	pair = state;
	noise.node = &pair->nodes[ours];
	noise.script = script_of(pair, !ours);
	node_start(noise.node);
	for (unsigned i = 0; i < STEPS; i++) {
		step(&noise);
		trace_clear(noise.node);
	}
	/* And it still stops when it is told to. */
	noise.node->hold_disk = noise.node->hold_silence = false;
	pair_run(pair, 1);
	{
		struct failover_now now = node_now(noise.node);

		failover_peer_stop(noise.node->peer, &now);
	}
	pair_run(pair, 20);
	assert_true(failover_peer_stopped(noise.node->peer));
	pair_teardown(&state);
}

struct progress {
	unsigned seed, ours;
	bool done;
};

static int progress_setup(void **state)
{
	*state = calloc(1, sizeof(struct progress));
	return *state ? 0 : -1;
}

static int progress_teardown(void **state)
{
	const struct progress *progress = *state;

	if (!progress->done)
		print_message("seed %u, %s\n", progress->seed,
			      progress->ours ? "secondary" : "primary");
	free(*state);
	return 0;
}

static void anything_in_any_state(void **state)
{
	const char *wanted = getenv("SEEDS");
	unsigned seeds = wanted ? (unsigned)strtoul(wanted, NULL, 10) : SEEDS;
	struct progress *progress = *state;

	for (progress->seed = 1; progress->seed <= seeds; progress->seed++)
		for (progress->ours = 0; progress->ours < 2; progress->ours++)
			run_seed(progress->seed, progress->ours);
	progress->done = true;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
		anything_in_any_state, progress_setup, progress_teardown)};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
