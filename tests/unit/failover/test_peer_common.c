/* SPDX-License-Identifier: GPL-2.0-only */
/* What two xdhcp say beyond dhcpd: configurations compared, and what outlives a daemon, as bytes. */
#include "peer_fixture.h"

#include "failover/peer_private.h"

#define PRIMARY(pair) (&(pair)->nodes[0])
#define SECONDARY(pair) (&(pair)->nodes[1])

static void same_configuration(void **state)
{
	struct pair *pair = *state;

	PRIMARY(pair)->options.common = "primary: no line of this kind\nrange: 1 2\n"
					"primary split 128\n!primary mclt 600\n";
	SECONDARY(pair)->options.common = "primary: no line of this kind\nrange: 1 2\n";
	pair_become_normal(pair);
	for (unsigned n = 0; n < 2; n++) {
		assert_true(node_status(&pair->nodes[n]).digest_known);
		assert_true(node_status(&pair->nodes[n]).digest_same);
		assert_null(failover_peer_common(pair->nodes[n].peer));
		assert_no_trace(&pair->nodes[n], "send(COMMON)");
	}
}

static void other_configuration_is_told(void **state)
{
	struct pair *pair = *state;
	char *many = calloc(1, 100001);

	assert_non_null(many);
	for (unsigned i = 0; i < 10000; i++)
		memcpy(many + 10 * i, "line 0123\n", 10);
	PRIMARY(pair)->options.common = many;
	pair_become_normal(pair);
	pair_run(pair, 1);
	assert_true(node_status(PRIMARY(pair)).digest_known);
	assert_false(node_status(PRIMARY(pair)).digest_same);
	assert_false(node_status(SECONDARY(pair)).digest_same);
	assert_string_equal(failover_peer_common(PRIMARY(pair)->peer),
			    SECONDARY(pair)->options.common);
	assert_string_equal(failover_peer_common(SECONDARY(pair)->peer), many);
	node_kill(PRIMARY(pair), false);
	pair_run(pair, 1);
	assert_null(failover_peer_common(SECONDARY(pair)->peer));
	assert_false(node_status(SECONDARY(pair)).digest_known);
	free(many);
}

static void reload_compares_anew(void **state)
{
	struct pair *pair = *state;
	struct failover_peer_options options = SECONDARY(pair)->options;
	struct failover_now now;

	pair_become_normal(pair);
	assert_true(node_status(PRIMARY(pair)).digest_same);
	options.common = "range: 10.0.0.10 10.0.0.50\n";
	now = node_now(SECONDARY(pair));
	failover_peer_reconfigure(SECONDARY(pair)->peer, &options, &now);
	pair_run(pair, 1);
	for (unsigned n = 0; n < 2; n++) {
		assert_true(node_status(&pair->nodes[n]).linked);
		assert_false(node_status(&pair->nodes[n]).digest_same);
	}
	assert_string_equal(failover_peer_common(PRIMARY(pair)->peer), options.common);
	assert_string_equal(failover_peer_common(SECONDARY(pair)->peer),
			    PRIMARY(pair)->options.common);
	options = PRIMARY(pair)->options;
	options.common = "range: 10.0.0.10 10.0.0.50\n";
	failover_peer_reconfigure(PRIMARY(pair)->peer, &options, &now);
	pair_run(pair, 1);
	assert_true(node_status(PRIMARY(pair)).digest_same);
	assert_true(node_status(SECONDARY(pair)).digest_same);
}

/* dhcpd says nothing of it, and is sent nothing of it. */
static void dhcpd_is_not_asked(void **state)
{
	struct pair *pair = *state;
	struct script script = script_of(pair, 0);
	struct failover_message connect = script_handshake(FAILOVER_CONNECT);
	struct failover_message common = {.type = FAILOVER_COMMON};

	node_start(SECONDARY(pair));
	script_accept(&script);
	script_say(&script, &connect);
	script_say(&script, &common);
	assert_false(script_closed(&script));
	assert_false(node_status(SECONDARY(pair)).digest_known);
	pair_run(pair, 5);
	assert_no_trace(SECONDARY(pair), "send(COMMON)");
}

/* An xdhcp as the script: the handshake with option 29. */
static void say_connect(struct script *script, const void *vendor, size_t length)
{
	struct failover_message connect = script_handshake(FAILOVER_CONNECT);

	connect.vendor_class = (struct failover_bytes){(const uint8_t *)"xdhcp-9", 7};
	connect.vendor_options = (struct failover_bytes){vendor, (uint16_t)length};
	connect.present |= 1U << FAILOVER_VENDOR_OPTIONS;
	script_accept(script);
	script_say(script, &connect);
}

static void endless_text_is_refused(void **state)
{
	static const uint8_t vendor[] = {4, 8, 1, 2, 3, 4, 5, 6, 7, 8, 200, 1, 0};
	struct pair *pair = *state;
	struct script script = script_of(pair, 0);
	char piece[1800];
	unsigned pieces = 0;

	node_start(SECONDARY(pair));
	say_connect(&script, vendor, sizeof(vendor));
	assert_true(node_status(SECONDARY(pair)).digest_known);
	memset(piece, 'x', sizeof(piece));
	while (!script_closed(&script) && pieces < 1000) {
		struct failover_message message = {
			.type = FAILOVER_COMMON,
			.present = 1U << FAILOVER_TEXT,
			.text = {(const uint8_t *)piece, sizeof(piece)},
		};

		script_say(&script, &message);
		pieces++;
	}
	assert_in_range(pieces, 140, 150); /* 256 KiB */
	assert_true(script_closed(&script));
	assert_int_equal(node_status(SECONDARY(pair)).malformed, 1);
}

static void malformed_vendor_options(void **state)
{
	static const uint8_t wrong[][11] = {
		{1, 2, 0, 0}, {3, 9}, {4}, {250, 8}, {3, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0}};
	struct pair *pair = *state;
	struct script script = script_of(pair, 0);

	node_start(SECONDARY(pair));
	for (size_t i = 0; i < 5; i++) {
		say_connect(&script, wrong[i], i == 2 ? 1 : i < 4 ? 4 : 11);
		assert_true(script_closed(&script));
		assert_int_equal(node_status(SECONDARY(pair)).malformed, i + 1);
		pair_run(pair, 6);
	}
}

/* Told once that its store is not the one: told again it does not begin to wait anew. */
static void lost_store_is_told_again(void **state)
{
	static const uint8_t vendor[] = {2,   16,  'z', 'z', 'z', 'z', 'z', 'z', 'z',
					 'z', 'z', 'z', 'z', 'z', 'z', 'z', 'z', 'z'};
	struct pair *pair = *state;
	struct script script = script_of(pair, 0);
	int64_t since;

	node_start(SECONDARY(pair));
	pair_run(pair, 100);
	since = node_status(SECONDARY(pair)).kept.since;
	for (unsigned i = 0; i < 3; i++) {
		say_connect(&script, vendor, sizeof(vendor));
		assert_true(node_status(SECONDARY(pair)).linked);
		script_hang_up(&script);
		pair_run(pair, 10);
	}
	assert_int_equal(node_status(SECONDARY(pair)).kept.since, since);
	assert_true(node_status(SECONDARY(pair)).kept.lost);
}

static void kept_comes_back_as_it_was(void **state)
{
	struct failover_fsm fsm = {.kept = {.state = FAILOVER_RECOVER_WAIT,
					    .partner = FAILOVER_NORMAL,
					    .since = 1800000000,
					    .partner_since = 1800000001},
				   .mclt = 3600},
			    back;
	struct failover_record record = {.epoch = 77}, record_back;
	bool *flags[] = {
		&fsm.kept.lost, &fsm.kept.proven,	  &fsm.kept.initial, &fsm.kept.clean,
		&fsm.kept.dead, &fsm.kept.doubtful,	  &fsm.isc,	     &record.primary,
		&record.fenced, &record.has_partner_store};
	uint8_t bytes[KEPT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		size_t length;

		*flags[i] = true;
		if (flags[i] == &record.has_partner_store)
			memset(record.partner_store, 7, STORE_ID);
		memset(&back, 0, sizeof(back));
		length = failover_kept_encode(&fsm, &record, bytes);
		assert_int_equal(failover_kept_decode(bytes, length, &back, &record_back), 0);
		assert_int_equal(back.kept.state, fsm.kept.state);
		assert_int_equal(back.kept.partner, fsm.kept.partner);
		assert_int_equal(back.kept.since, fsm.kept.since);
		assert_int_equal(back.kept.partner_since, fsm.kept.partner_since);
		assert_int_equal(back.mclt, fsm.mclt);
		assert_memory_equal(&record_back, &record, sizeof(record));
		assert_int_equal(back.isc, fsm.isc);
		assert_int_equal(back.kept.lost, fsm.kept.lost);
		assert_int_equal(back.kept.proven, fsm.kept.proven);
		assert_int_equal(back.kept.initial, fsm.kept.initial);
		assert_int_equal(back.kept.clean, fsm.kept.clean);
		assert_int_equal(back.kept.dead, fsm.kept.dead);
		assert_int_equal(back.kept.doubtful, fsm.kept.doubtful);
		*flags[i] = false;
	}
}

static void damaged_kept_stops_the_start(void **state)
{
	struct pair *pair = *state;
	struct node *node = PRIMARY(pair);
	struct failover_peer_verbs verbs = {0};
	struct failover_peer *peer = NULL;
	static const struct {
		size_t at;
		uint8_t value;
	} damage[] = {{0, 1}, {3, 0}, {3, 1}, {3, 77}, {4, 1}, {4, 77}, {1, 0xfe}};
	size_t length;

	pair_become_normal(pair);
	node_kill(node, false);
	length = node->disk_length;
	for (size_t cut = 1; cut < length; cut++)
		assert_int_equal(failover_peer_new(&node->options, &verbs, node->disk, cut, &peer),
				 -EBADMSG);
	assert_int_equal(failover_peer_new(&node->options, &verbs, node->disk, length + 1, &peer),
			 -EBADMSG);
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		uint8_t was = node->disk[damage[i].at];

		node->disk[damage[i].at] = damage[i].value;
		assert_int_equal(
			failover_peer_new(&node->options, &verbs, node->disk, length, &peer),
			-EBADMSG);
		node->disk[damage[i].at] = was;
	}
	assert_null(peer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		TEST(same_configuration),	    TEST(other_configuration_is_told),
		TEST(reload_compares_anew),	    TEST(dhcpd_is_not_asked),
		TEST(endless_text_is_refused),	    TEST(malformed_vendor_options),
		TEST(lost_store_is_told_again),	    cmocka_unit_test(kept_comes_back_as_it_was),
		TEST(damaged_kept_stops_the_start),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
