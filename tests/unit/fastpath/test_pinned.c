// SPDX-License-Identifier: GPL-2.0-only
/* What is in the kernel, seen and ended by somebody who is no daemon. */
#include "network.h"

#include <sys/stat.h>

static struct fastpath_pinned look(void)
{
	struct fastpath_pinned pinned;

	assert_int_equal(fastpath_pinned_read(fixture_bpffs, "test", &pinned), 0);
	return pinned;
}

static void expect_gates(double renew, double decide)
{
	struct fastpath_pinned pinned = look();

	assert_true(pinned.renew <= renew && pinned.renew >= renew - 1);
	assert_true(pinned.decide <= decide && pinned.decide >= decide - 1);
}

static void linger(double seconds)
{
	struct fastpath_pinned pinned;

	assert_int_equal(fastpath_pinned_linger(fixture_bpffs, "test", seconds, &pinned), 0);
	assert_true(pinned.there && pinned.renew <= seconds && pinned.decide == 0);
}

static void test_nothing(void **state)
{
	struct fastpath_pinned pinned = {.there = true};

	(void)state;
	fixture_done(fixture_fresh());
	assert_false(look().there);
	assert_int_equal(fastpath_pinned_read("/nonexistent", "test", &pinned), 0);
	assert_false(pinned.there);
	assert_int_equal(fastpath_pinned_linger(fixture_bpffs, "test", 5, &pinned), 0);
	assert_false(pinned.there);
	assert_int_equal(fastpath_pinned_read(fixture_bpffs, "../test", &pinned), -EINVAL);
}

static void test_names(void **state)
{
	static const char *const wrong[] = {"", "a-b", "a.b", "a/b", "..", "a b", "\xc3\xa4"};
	char longest[FASTPATH_INSTANCE_MOST + 2];
	struct fastpath_pinned pinned;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(fastpath_instance_valid(wrong[i]));
	assert_true(fastpath_instance_valid("Node_1"));
	memset(longest, 'a', sizeof(longest));
	longest[FASTPATH_INSTANCE_MOST + 1] = '\0';
	assert_false(fastpath_instance_valid(longest));
	assert_int_equal(fastpath_pinned_read(fixture_bpffs, longest, &pinned), -EINVAL);
	longest[FASTPATH_INSTANCE_MOST] = '\0';
	assert_true(fastpath_instance_valid(longest));
	assert_int_equal(fastpath_pinned_read(fixture_bpffs, longest, &pinned), 0);
}

static void test_gates(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct xdhcp_control before;
	double renew, decide;

	(void)state;
	expect_gates(0, 0);
	fastpath_gates_open(fastpath, 600, 20);
	before = *fastpath->control;
	expect_gates(600, 20);
	assert_memory_equal(&before, fastpath->control, sizeof(before));
	fastpath_gates_open(fastpath, 1e12, 20); /* never shut */
	assert_true(look().renew > 1e9);
	fastpath_close(fastpath);
	linger(5);
	expect_gates(5, 0);
	linger(2);
	expect_gates(2, 0);
	fastpath = fixture_open(true, true);
	fastpath_gates_read(fastpath, &renew, &decide);
	assert_true(renew <= 2 && renew > 1 && decide == 0);
	fastpath_close(fastpath);
	linger(0);
	assert_true(look().renew == 0);
	fixture_done(fixture_open(true, true));
}

/* A gate that shuts earlier by itself is not held open. */
static void test_linger_never_longer(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct fastpath_pinned pinned;

	(void)state;
	fastpath_gates_open(fastpath, 3, 1);
	assert_int_equal(fastpath_pinned_linger(fixture_bpffs, "test", 100, &pinned), 0);
	expect_gates(3, 0);
	fastpath_gates_shut(fastpath);
	assert_int_equal(fastpath_pinned_linger(fixture_bpffs, "test", 100, &pinned), 0);
	expect_gates(0, 0);
	fixture_done(fastpath);
}

static void attach(struct fastpath *fastpath, const char *interface)
{
	struct fastpath_error notice, error;
	enum fastpath_mode mode;

	if (fastpath_attach(fastpath, interface, FASTPATH_SKB, &mode, &notice, &error))
		fail_msg("%s", error.text);
}

static void test_links(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct network network = network_make(false);
	char path[PATH_MAX];

	(void)state;
	assert_int_equal(look().links, 0);
	attach(fastpath, "served");
	assert_int_equal(look().links, 1);
	fastpath_close(fastpath);
	assert_int_equal(look().links, 1);
	/* A program whose gates nobody can find: not known is not shut. */
	snprintf(path, sizeof(path), "%s/xdhcp/test-%d/control", fixture_bpffs, XDHCP_ABI);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(fastpath_pinned_read(fixture_bpffs, "test", &(struct fastpath_pinned){0}),
			 -ENOENT);
	/* Its interface is gone, and with it whom it could answer. */
	network_end(&network);
	assert_int_equal(look().links, 0);
	assert_true(fastpath_remove(fixture_bpffs, "test") > 0);
}

/* The gates of another version lie in the same place. */
static void test_other_abi(void **state)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	struct fastpath *fastpath = fixture_fresh();
	uint64_t gates[4] = {UINT64_MAX, UINT64_MAX};
	uint32_t zero = 0;
	char path[PATH_MAX];
	int map;

	(void)state;
	map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "control", sizeof(zero), sizeof(gates), 1,
			     &options);
	assert_true(map >= 0);
	assert_int_equal(bpf_map_update_elem(map, &zero, gates, BPF_ANY), 0);
	snprintf(path, sizeof(path), "%s/xdhcp/test-1000", fixture_bpffs);
	assert_int_equal(mkdir(path, 0700), 0);
	strcat(path, "/control");
	assert_int_equal(bpf_obj_pin(map, path), 0);
	assert_true(look().renew > 1e9 && look().decide > 1e9);
	linger(5);
	assert_int_equal(bpf_map_lookup_elem(map, &zero, gates), 0);
	assert_true(gates[0] < fastpath_clock_now() + 5000000001 && !gates[1]);
	close(map);
	fastpath_close(fastpath);
	assert_int_equal(fastpath_remove(fixture_bpffs, "test"), MAP_MAX + 1);
	assert_false(look().there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_names),
		cmocka_unit_test(test_gates),	cmocka_unit_test(test_linger_never_longer),
		cmocka_unit_test(test_links),	cmocka_unit_test(test_other_abi),
	};

	return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
