// SPDX-License-Identifier: GPL-2.0-only
/* Maps that outlive a daemon: who may go on with them, and what is removed. */
#include "fixture.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <sys/stat.h>

static bool pinned(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/xdhcp/%s", fixture_bpffs, name);
	return !access(path, F_OK);
}

static uint32_t take(struct fastpath *fastpath, uint32_t number)
{
	struct xdhcp_tail tail = {.t1 = number};
	uint32_t index = 0;

	assert_int_equal(fastpath_tail_take(fastpath, &tail, &index), 0);
	return index;
}

static size_t tails_used(const struct fastpath *fastpath)
{
	struct fastpath_usage usage;

	fastpath_usage(fastpath, &usage);
	return usage.tails;
}

/* Killed and started again: slots, seed, gates, tails and their references are there. */
static void test_adopted(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_slot slot = fixture_slot(9), read;
	uint64_t seed = fastpath_seed(fastpath);
	double renew, decide;
	bool open;

	(void)state;
	slot.tail = take(fastpath, 1);
	take(fastpath, 2); /* nobody's when the daemon is gone */
	fastpath_slot_ensure(fastpath, SOME_ADDRESS);
	fastpath_slot_ensure(fastpath, ADDRESS(192, 0, 2, 1));
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	fastpath_slot_publish(fastpath, ADDRESS(192, 0, 2, 1), &slot);
	fastpath->nodes[slot.tail].references++; /* the second slot's */
	fastpath_slot_close(fastpath, ADDRESS(192, 0, 2, 1));
	fastpath_gates_open(fastpath, 600, 2);
	fastpath_close(fastpath);

	fastpath = fixture_open(true, true);
	assert_true(fastpath_seed(fastpath) == seed);
	assert_true(fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open));
	assert_true(open);
	assert_int_equal(read.key, 9);
	assert_int_equal(read.tail, slot.tail);
	assert_in_range(read.told, slot.told, slot.told + 1);
	assert_true(fastpath_slot_read(fastpath, ADDRESS(192, 0, 2, 1), &read, &open));
	assert_false(open);
	fastpath_gates_read(fastpath, &renew, &decide);
	assert_true(renew > 590 && renew <= 600 && decide > 0 && decide <= 2);
	assert_int_equal(tails_used(fastpath), 1);
	assert_int_equal(take(fastpath, 1), slot.tail);
	fastpath_tail_drop(fastpath, slot.tail);
	fastpath_tail_drop(fastpath, slot.tail);
	fastpath_grace_begin(fastpath);
	fastpath_tails_reclaim(fastpath);
	assert_int_equal(tails_used(fastpath), 1);
	assert_int_equal(fastpath_slot_ensure(fastpath, ADDRESS(192, 0, 3, 1)), 0);
	assert_int_equal(fastpath->pages, 3);
	fixture_done(fastpath);
}

static void test_other_digest(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_options options = fixture_options();
	struct fastpath_slot slot = fixture_slot(9), read;
	struct fastpath_error error;
	struct fastpath_usage usage;
	uint8_t digest[32] = {99};
	bool open, adopted, same;

	(void)state;
	slot.tail = take(fastpath, 1);
	fastpath_slot_ensure(fastpath, SOME_ADDRESS);
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	assert_int_equal(fastpath_relay_learn(fastpath, ADDRESS(10, 9, 0, 1), 2), 0);
	fastpath_close(fastpath);
	options.digest = digest;
	assert_int_equal(fastpath_open(&options, &fastpath, &adopted, &same, &error), 0);
	assert_true(adopted);
	assert_false(same);
	fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open);
	assert_true(open);
	assert_int_equal(read.tail, 0);
	assert_int_equal(read.key, 9);
	fastpath_usage(fastpath, &usage); /* the same number may be another network now */
	assert_int_equal(usage.relays, 0);
	fastpath_close(fastpath);
	assert_int_equal(fastpath_open(&options, &fastpath, &adopted, &same, &error), 0);
	assert_true(adopted && same);
	fixture_done(fastpath);
}

/* Other roles make other signatures, whatever the digest says. */
static void test_configure(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_options options = fixture_options();
	uint8_t roles[256] = {[60] = 1};
	bool same = false;

	(void)state;
	assert_int_equal(fastpath_configure(fastpath, options.digest, options.roles, &same), 0);
	assert_true(same);
	assert_int_equal(fastpath_configure(fastpath, options.digest, roles, &same), 0);
	assert_false(same);
	assert_memory_equal(fastpath->control->roles, roles, 256);
	fixture_done(fastpath);
}

static void test_other_store(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_options options = fixture_options();
	struct fastpath_slot slot = fixture_slot(9), read;
	struct fastpath_error error;
	uint8_t store[16] = {99};
	bool open, adopted, same;

	(void)state;
	fastpath_slot_ensure(fastpath, SOME_ADDRESS);
	fastpath_slot_publish(fastpath, SOME_ADDRESS, &slot);
	fastpath_close(fastpath);
	options.store = store;
	assert_int_equal(fastpath_open(&options, &fastpath, &adopted, &same, &error), 0);
	assert_false(adopted);
	assert_true(same);
	assert_false(fastpath_slot_read(fastpath, SOME_ADDRESS, &read, &open));
	fixture_done(fastpath);
}

/* A start that was killed before the maps were complete, or before they had an identity. */
static void test_half_made(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	char path[128];

	(void)state;
	fastpath->control->abi = 0;
	fastpath_close(fastpath);
	fastpath_close(fixture_open(false, true));
	snprintf(path, sizeof(path), "%s/xdhcp/test-%u/tails", fixture_bpffs, XDHCP_ABI);
	assert_int_equal(unlink(path), 0);
	fastpath_close(fixture_open(false, true));
	snprintf(path, sizeof(path), "%s/xdhcp/test-%u/control", fixture_bpffs, XDHCP_ABI);
	assert_int_equal(unlink(path), 0);
	fixture_done(fixture_open(false, true));
}

/* What another version left goes, what is another instance's stays. */
static void test_other_abi(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	char path[128];

	(void)state;
	fastpath_close(fastpath);
	snprintf(path, sizeof(path), "%s/xdhcp/test-999", fixture_bpffs);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/xdhcp/test_other-999", fixture_bpffs);
	assert_int_equal(mkdir(path, 0700), 0);
	fastpath = fixture_open(true, true);
	assert_false(pinned("test-999"));
	assert_true(pinned("test_other-999"));
	fastpath_close(fastpath);
	assert_true(fastpath_remove(fixture_bpffs, "test") > 0);
	assert_true(pinned("test_other-999"));
	assert_int_equal(fastpath_remove(fixture_bpffs, "test_other"), 0);
	assert_false(pinned(""));
}

/* Over several banks, and the program finds each page where the directory says. */
static void test_growth(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_slot slot = fixture_slot(9), read;
	const uint32_t pages = 9 * XDHCP_BANK_PAGES + 5;
	struct fastpath_usage usage;
	bool open;

	(void)state;
	for (uint32_t i = 0; i < pages; i++) {
		uint32_t address = ADDRESS(10, 0, 0, 0) + i * 256 * 3 + i % 256;

		assert_int_equal(fastpath_slot_ensure(fastpath, address), 0);
		slot.key = address;
		fastpath_slot_publish(fastpath, address, &slot);
	}
	fastpath_close(fastpath);
	fastpath = fixture_open(true, true);
	fastpath_usage(fastpath, &usage);
	assert_int_equal(usage.pages, pages);
	for (uint32_t i = 0; i < pages; i++) {
		uint32_t address = ADDRESS(10, 0, 0, 0) + i * 256 * 3 + i % 256;
		uint16_t number = fastpath->pages_of[address >> 16].page[address >> 8 & 255];

		assert_int_equal(number, i + 1);
		assert_true(fastpath_slot_read(fastpath, address, &read, &open));
		assert_int_equal(read.key, address);
	}
	fixture_done(fastpath);
}

static bool address_known(const struct fastpath *fastpath, uint32_t address)
{
	uint32_t key = htonl(address), value;

	return !bpf_map_lookup_elem(fastpath->maps[MAP_ADDRESSES], &key, &value);
}

static void test_addresses(void **state)
{
	static const uint32_t first[] = {ADDRESS(10, 0, 0, 1), ADDRESS(10, 0, 0, 2)};
	static const uint32_t second[] = {ADDRESS(10, 0, 0, 2), ADDRESS(10, 0, 0, 3)};
	struct fastpath *fastpath = fixture_fresh();

	(void)state;
	assert_int_equal(fastpath_addresses_set(fastpath, first, 2), 0);
	assert_int_equal(fastpath_addresses_set(fastpath, second, 2), 0);
	assert_false(address_known(fastpath, first[0]));
	assert_true(address_known(fastpath, second[0]));
	assert_true(address_known(fastpath, second[1]));
	fastpath_addresses_set(fastpath, NULL, 0);
	assert_false(address_known(fastpath, second[1]));
	fixture_done(fastpath);
}

static size_t relays(const struct fastpath *fastpath)
{
	struct fastpath_usage usage;

	fastpath_usage(fastpath, &usage);
	return usage.relays;
}

static void test_relays(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	uint32_t key = htonl(ADDRESS(10, 0, 0, 1)), network = 0;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(fastpath_relay_learn(fastpath, ADDRESS(10, 0, 0, i), 1), 0);
	assert_int_equal(fastpath_relay_learn(fastpath, ADDRESS(10, 0, 0, 1), 2), 0);
	assert_int_equal(bpf_map_lookup_elem(fastpath->maps[MAP_RELAYS], &key, &network), 0);
	assert_int_equal(network, 2);
	fastpath_close(fastpath);
	fastpath = fixture_open(true, true);
	assert_int_equal(relays(fastpath), 100);
	fastpath_relays_forget(fastpath);
	assert_int_equal(relays(fastpath), 0);
	assert_int_not_equal(bpf_map_lookup_elem(fastpath->maps[MAP_RELAYS], &key, &network), 0);
	fixture_done(fastpath);
}

/* A grant through a relay costs no system call where the map has it; after a reload it has none. */
static void test_relay_known(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	uint32_t key = htonl(ADDRESS(10, 0, 0, 1)), network = 0;
	int map = fastpath->maps[MAP_RELAYS];

	(void)state;
	assert_int_equal(fastpath_relay_learn(fastpath, ADDRESS(10, 0, 0, 1), 1), 0);
	assert_int_equal(bpf_map_delete_elem(map, &key), 0);
	assert_int_equal(fastpath_relay_learn(fastpath, ADDRESS(10, 0, 0, 1), 1), 0);
	assert_int_not_equal(bpf_map_lookup_elem(map, &key, &network), 0);
	fastpath_relays_forget(fastpath);
	assert_int_equal(fastpath_relay_learn(fastpath, ADDRESS(10, 0, 0, 1), 1), 0);
	assert_int_equal(bpf_map_lookup_elem(map, &key, &network), 0);
	assert_int_equal(network, 1);
	assert_int_equal(relays(fastpath), 1);
	fixture_done(fastpath);
}

static void test_gates(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	double renew, decide;

	(void)state;
	fastpath_gates_read(fastpath, &renew, &decide);
	assert_true(renew == 0 && decide == 0);
	fastpath_gates_open(fastpath, 1e30, -1);
	fastpath_gates_read(fastpath, &renew, &decide);
	assert_true(renew > 1e9 && decide == 0);
	fastpath_gates_shut(fastpath);
	assert_int_equal(fastpath_grace(), 0);
	fastpath_gates_read(fastpath, &renew, &decide);
	assert_true(renew == 0 && decide == 0);
	fixture_done(fastpath);
}

static void expect_refusal(const struct fastpath_options *options, const char *text)
{
	struct fastpath *fastpath = NULL;
	struct fastpath_error error = {""};
	bool adopted, same;

	assert_true(fastpath_open(options, &fastpath, &adopted, &same, &error) < 0);
	assert_null(fastpath);
	if (!strstr(error.text, text))
		fail_msg("\"%s\" does not say \"%s\"", error.text, text);
}

static void test_refusals(void **state)
{
	struct fastpath_options options = fixture_options();

	(void)state;
	fixture_done(fixture_fresh());
	options.bpffs = "/tmp";
	expect_refusal(&options, "mount -t bpf bpf /tmp");
	options.bpffs = "/nowhere/at/all";
	expect_refusal(&options, "--bpffs DIR");
	options = fixture_options();
	options.object = "/nowhere/xdhcp.bpf.o";
	expect_refusal(&options, "/nowhere/xdhcp.bpf.o");
	options = fixture_options();
	options.instance = "../../etc";
	expect_refusal(&options, "instance");
	assert_int_equal(fastpath_remove(fixture_bpffs, ".."), -EINVAL);
	fastpath_remove(fixture_bpffs, "test");
}

/* The default directory is made a BPF file system where it is none. */
static void test_mounts_the_default(void **state)
{
	struct fastpath_options options = fixture_options();
	struct fastpath_error error = {""};
	struct fastpath *fastpath;
	bool adopted, same;

	(void)state;
	fixture_done(fixture_fresh());
	if (access("/sys/fs/bpf", F_OK)) {
		print_message("# skip: there is no /sys/fs/bpf\n");
		skip();
	}
	while (!umount2("/sys/fs/bpf", MNT_DETACH))
		;
	options.bpffs = "/sys/fs/bpf";
	if (fastpath_open(&options, &fastpath, &adopted, &same, &error))
		fail_msg("%s", error.text);
	fastpath_close(fastpath);
	assert_true(fastpath_remove("/sys/fs/bpf", "test") > 0);
}

/* Each reason has a word of its own and a sentence. */
static void test_counter_words(void **state)
{
	(void)state;
	for (int i = 0; i < XDHCP_COUNTER_MAX; i++) {
		assert_true(strlen(fastpath_counter_word(i)) > 0);
		assert_true(strlen(fastpath_counter_text(i)) > 0);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(fastpath_counter_word(i), fastpath_counter_word(j));
	}
	assert_string_equal(fastpath_counter_word(XDHCP_PUNT_LIMIT), "punt-limit");
	assert_string_equal(fastpath_counter_word(XDHCP_COUNTER_MAX), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adopted),	      cmocka_unit_test(test_other_digest),
		cmocka_unit_test(test_configure),     cmocka_unit_test(test_other_store),
		cmocka_unit_test(test_half_made),     cmocka_unit_test(test_other_abi),
		cmocka_unit_test(test_growth),	      cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_relays),	      cmocka_unit_test(test_relay_known),
		cmocka_unit_test(test_gates),	      cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_counter_words), cmocka_unit_test(test_mounts_the_default),
	};

	return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
