// SPDX-License-Identifier: GPL-2.0-only
/* On real interfaces: modes, links that outlive the daemon, tags that must be seen. */
#include "network.h"

static uint64_t counted(const struct fastpath *fastpath, enum xdhcp_counter counter)
{
	struct xdhcp_counters sum;

	fastpath_counters(fastpath, &sum);
	return sum.count[counter];
}

static void attach(struct fastpath *fastpath, const char *interface, enum fastpath_mode wanted,
		   enum fastpath_mode expected, const char *notice)
{
	struct fastpath_error said = {""}, error = {""};
	enum fastpath_mode mode;

	if (fastpath_attach(fastpath, interface, wanted, &mode, &said, &error))
		fail_msg("%s", error.text);
	assert_int_equal(mode, expected);
	assert_true(fastpath_attached(fastpath, interface));
	if (!strstr(said.text, notice))
		fail_msg("\"%s\" does not say \"%s\"", said.text, notice);
}

static void expect_refusal(struct fastpath *fastpath, const char *interface,
			   enum fastpath_mode wanted, const char *text)
{
	struct fastpath_error said = {""}, error = {""};
	enum fastpath_mode mode = FASTPATH_NATIVE;

	assert_true(fastpath_attach(fastpath, interface, wanted, &mode, &said, &error) < 0);
	assert_int_equal(mode, FASTPATH_OFF);
	if (!strstr(error.text, text))
		fail_msg("\"%s\" does not say \"%s\"", error.text, text);
}

static void frame_await(const struct fastpath *fastpath, const struct network *network,
			uint16_t tag, enum xdhcp_counter counter)
{
	uint64_t before = counted(fastpath, counter);

	for (int i = 0; i < 200; i++) {
		frame_send(network, tag); /* a bridge port learns first, for some moments */
		usleep(10000);
		if (counted(fastpath, counter) > before)
			return;
	}
	for (int i = 0; i < XDHCP_COUNTER_MAX; i++) {
		if (counted(fastpath, i))
			print_message("# %s: %llu\n", fastpath_counter_word(i),
				      (unsigned long long)counted(fastpath, i));
	}
	fail_msg("%s was not counted", fastpath_counter_word(counter));
}

/*
 * A tag that the bridge has taken out travels beside the frame where peer
 * allows it. The program must take no such frame for an untagged one.
 */
static void tags_seen(bool apart, enum fastpath_mode mode)
{
	struct fastpath *fastpath = fixture_fresh();
	struct network network = network_make(apart);

	if (mode == FASTPATH_NATIVE)
		peer_pass(&network);
	attach(fastpath, "served", mode, mode, "");
	frame_await(fastpath, &network, 5, XDHCP_PUNT_TAGGED);
	assert_int_equal(counted(fastpath, XDHCP_PUNT_SHORT), 0);
	frame_await(fastpath, &network, 0, XDHCP_PUNT_SHORT);
	network_end(&network);
	fixture_done(fastpath);
}

static void test_tags_native(void **state)
{
	(void)state;
	tags_seen(false, FASTPATH_NATIVE);
}

static void test_tags_native_apart(void **state)
{
	(void)state;
	tags_seen(true, FASTPATH_NATIVE);
}

static void test_tags_skb(void **state)
{
	(void)state;
	tags_seen(false, FASTPATH_SKB);
}

static void test_tags_skb_apart(void **state)
{
	(void)state;
	tags_seen(true, FASTPATH_SKB);
}

/* Native mode would lose every reply. */
static void test_peer_without_program(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct network network = network_make(true);

	(void)state;
	attach(fastpath, "served", FASTPATH_NATIVE, FASTPATH_SKB, "peer has no native XDP program");
	network_end(&network);
	fixture_done(fastpath);
}

static void test_busy(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct network network = network_make(false);

	(void)state;
	peer_pass(&network);
	pass_attach("served", "stranger");
	expect_refusal(fastpath, "served", FASTPATH_NATIVE, "\"stranger\"");
	expect_refusal(fastpath, "served", FASTPATH_SKB, "\"stranger\"");
	assert_false(fastpath_attached(fastpath, "served"));
	network_end(&network);
	fixture_done(fastpath);
}

static void test_refused(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct network network = network_make(false);

	(void)state;
	expect_refusal(fastpath, "nowhere", FASTPATH_NATIVE, "no such interface");
	expect_refusal(fastpath, "bridge", FASTPATH_NATIVE, "is a bridge");
	expect_refusal(fastpath, "bridge", FASTPATH_SKB, "cannot see VLAN tags");
	network_end(&network);
	fixture_done(fastpath);
}

static uint32_t link_id(const struct fastpath *fastpath, const char *interface)
{
	struct bpf_link_info info = {0};
	__u32 length = sizeof(info);
	char path[PATH_MAX];
	int fd;

	assert_int_equal(fastpath_pin_path(fastpath->directory, "link-", interface, path), 0);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return 0;
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &length), 0);
	close(fd);
	return info.id;
}

/* A frame that no client sent, through the program that is attached, and no other. */
static void runs(enum fastpath_mode mode)
{
	struct fastpath *fastpath = fixture_fresh();
	struct network network = network_make(false);
	uint8_t frame[300] = {[12] = 0x81, [14] = 0, [15] = 5};
	struct fastpath_run run = {.frame = frame, .length = sizeof(frame), .answered = true};
	struct fastpath_error error;
	char pin[PATH_MAX];

	peer_pass(&network);
	assert_int_equal(fastpath_run(fastpath, "served", &run, &error), -ENOLINK);
	attach(fastpath, "served", mode, mode, "");
	assert_int_equal(fastpath_run(fastpath, "served", &run, &error), 0);
	assert_false(run.answered);
	assert_int_equal(run.reply_length, sizeof(frame));
	assert_memory_equal(run.reply, frame, sizeof(frame));
	assert_int_equal(counted(fastpath, XDHCP_PUNT_TAGGED), 1);
	assert_int_equal(fastpath_pin_path(fastpath->directory, FASTPATH_LINK, "served", pin), 0);
	assert_int_equal(fastpath_pin_remove(pin), 0);
	assert_int_equal(fastpath_run(fastpath, "served", &run, &error), -ENOLINK);
	assert_non_null(strstr(error.text, "no program is attached"));
	pass_attach("served", "stranger");
	assert_int_equal(fastpath_run(fastpath, "served", &run, &error), -ENOLINK);
	assert_non_null(strstr(error.text, "another XDP program"));
	assert_int_equal(counted(fastpath, XDHCP_PUNT_TAGGED), 1);
	network_end(&network);
	fixture_done(fastpath);
}

static void test_run_native(void **state)
{
	(void)state;
	runs(FASTPATH_NATIVE);
}

static void test_run_skb(void **state)
{
	(void)state;
	runs(FASTPATH_SKB);
}

/* The link stays when the daemon goes; the next one's program comes behind the same link. */
static void restarts(enum fastpath_mode mode)
{
	struct fastpath *fastpath = fixture_fresh();
	struct network network = network_make(false);
	uint32_t id;

	peer_pass(&network);
	attach(fastpath, "served", mode, mode, "");
	id = link_id(fastpath, "served");
	assert_true(id);
	fastpath_close(fastpath);
	fastpath = fixture_open(true, true);
	frame_await(fastpath, &network, 0, XDHCP_PUNT_SHORT);
	assert_false(fastpath_attached(fastpath, "served"));
	attach(fastpath, "served", FASTPATH_NATIVE, mode, "");
	assert_int_equal(link_id(fastpath, "served"), id);
	attach(fastpath, "served", FASTPATH_SKB, FASTPATH_SKB, "");
	assert_int_equal(fastpath_detach(fastpath, "served"), 0);
	assert_false(fastpath_attached(fastpath, "served"));
	pass_attach("served", "stranger"); /* at once */
	network_end(&network);
	fixture_done(fastpath);
}

static void test_restart_native(void **state)
{
	(void)state;
	restarts(FASTPATH_NATIVE);
}

static void test_restart_skb(void **state)
{
	(void)state;
	restarts(FASTPATH_SKB);
}

/* An interface that was made anew has another number; the old link is worth nothing. */
static void test_interface_made_anew(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct network network = network_make(false);

	(void)state;
	attach(fastpath, "served", FASTPATH_SKB, FASTPATH_SKB, "");
	network_end(&network);
	assert_false(fastpath_attached(fastpath, "served"));
	network = network_make(false);
	assert_false(fastpath_attached(fastpath, "served"));
	attach(fastpath, "served", FASTPATH_SKB, FASTPATH_SKB, "");
	network_end(&network);
	fixture_done(fastpath);
}

static bool link_known(const struct fastpath *fastpath, uint32_t ifindex)
{
	struct xdhcp_link_key key = {.ifindex = ifindex};
	struct xdhcp_link link;

	return !bpf_map_lookup_elem(fastpath->maps[MAP_LINKS], &key, &link);
}

static void test_interfaces_keep(void **state)
{
	static const char *const kept[] = {"served.5"};
	static const uint8_t mac[6] = {2};
	struct fastpath *fastpath = fixture_fresh();
	struct network network = network_make(false);
	uint32_t served = if_nametoindex("served"), dotted;

	(void)state;
	assert_int_equal(ip_try("link add served.5 type veth peer name served.6"), 0);
	dotted = if_nametoindex("served.5");
	attach(fastpath, "served", FASTPATH_SKB, FASTPATH_SKB, "");
	attach(fastpath, "served.5", FASTPATH_SKB, FASTPATH_SKB, "");
	assert_int_equal(fastpath_link_set(fastpath, served, 1, 2, mac), 0);
	assert_int_equal(fastpath_link_set(fastpath, dotted, 1, 2, mac), 0);
	fastpath_close(fastpath);
	fastpath = fixture_open(true, true);
	assert_int_equal(fastpath_interfaces_keep(fastpath, kept, 1), 0);
	assert_false(link_id(fastpath, "served"));
	assert_true(link_id(fastpath, "served.5"));
	assert_false(link_known(fastpath, served));
	assert_true(link_known(fastpath, dotted));
	assert_int_equal(fastpath_link_remove(fastpath, dotted), 0);
	assert_false(link_known(fastpath, dotted));
	ip_try("link del served.5");
	network_end(&network);
	fixture_done(fastpath);
}

/* Without a daemon: nothing is left, and nothing is attached. */
static void test_remove(void **state)
{
	struct fastpath *fastpath = fixture_fresh();
	struct network network = network_make(false);
	uint32_t id = 1;

	(void)state;
	attach(fastpath, "served", FASTPATH_SKB, FASTPATH_SKB, "");
	fastpath_close(fastpath);
	assert_int_equal(fastpath_remove(fixture_bpffs, "test"), MAP_MAX + 1);
	assert_int_equal(bpf_xdp_query_id(if_nametoindex("served"), 0, &id), 0);
	assert_int_equal(id, 0);
	assert_int_equal(fastpath_remove(fixture_bpffs, "test"), 0);
	network_end(&network);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tags_native),
		cmocka_unit_test(test_tags_native_apart),
		cmocka_unit_test(test_tags_skb),
		cmocka_unit_test(test_tags_skb_apart),
		cmocka_unit_test(test_peer_without_program),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_run_native),
		cmocka_unit_test(test_run_skb),
		cmocka_unit_test(test_restart_native),
		cmocka_unit_test(test_restart_skb),
		cmocka_unit_test(test_interface_made_anew),
		cmocka_unit_test(test_interfaces_keep),
		cmocka_unit_test(test_remove),
	};

	return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
