/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A BPF file system of the test's own, in a mount namespace of its own: what
 * is pinned there is gone with the process, however it ends. The network
 * namespace is its own, too.
 */
#ifndef XDHCP_TESTS_FASTPATH_FIXTURE_H
#define XDHCP_TESTS_FASTPATH_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "fastpath/state.h"

#define ADDRESS(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define SOME_ADDRESS ADDRESS(10, 0, 0, 7)

static char fixture_bpffs[32];
static char fixture_object[256];
static char fixture_lacks[512];

/* Seconds from now, by the wall. */
static inline int64_t soon(int seconds)
{
	return (int64_t)(fastpath_clock_now() / 1000000000) + fastpath_clock_offset() + seconds;
}

static inline struct fastpath_options fixture_options(void)
{
	static const uint8_t store[16] = {1, 2, 3}, digest[32] = {4, 5, 6}, roles[256] = {[55] = 1};

	return (struct fastpath_options){
		.object = fixture_object,
		.bpffs = fixture_bpffs,
		.instance = "test",
		.store = store,
		.digest = digest,
		.roles = roles,
	};
}

static inline int fixture_try(void)
{
	struct fastpath_options options = fixture_options();
	struct fastpath_error error;
	struct fastpath *fastpath;
	bool adopted, same;
	int code;

	if (unshare(CLONE_NEWNS | CLONE_NEWNET))
		return snprintf(fixture_lacks, sizeof(fixture_lacks), "no namespaces: %s",
				strerror(errno));
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (mount("bpf", fixture_bpffs, "bpf", 0, NULL))
		return snprintf(fixture_lacks, sizeof(fixture_lacks), "no BPF file system: %s",
				strerror(errno));
	if (access(fixture_object, R_OK))
		return snprintf(fixture_lacks, sizeof(fixture_lacks), "%s is not built",
				fixture_object);
	code = fastpath_open(&options, &fastpath, &adopted, &same, &error);
	if (code == -EPERM)
		return snprintf(fixture_lacks, sizeof(fixture_lacks), "%.500s", error.text);
	if (code)
		fail_msg("%s", error.text);
	fastpath_close(fastpath);
	fastpath_remove(fixture_bpffs, "test");
	return 0;
}

/* Group set-up and tear-down. */
static inline int fixture_begin(void **state)
{
	const char *build = getenv("BUILD");

	(void)state;
	snprintf(fixture_object, sizeof(fixture_object), "%s/xdhcp.bpf.o", build ? build : "build");
	strcpy(fixture_bpffs, "/tmp/xdhcp-test-XXXXXX");
	if (!mkdtemp(fixture_bpffs))
		return -1;
	fixture_try();
	return 0;
}

static inline int fixture_end(void **state)
{
	(void)state;
	umount2(fixture_bpffs, MNT_DETACH);
	rmdir(fixture_bpffs);
	return 0;
}

static inline struct fastpath *fixture_open(bool expect_adopted, bool expect_same)
{
	struct fastpath_options options = fixture_options();
	struct fastpath_error error = {""};
	struct fastpath *fastpath = NULL;
	bool adopted = !expect_adopted, same = !expect_same;

	if (fastpath_open(&options, &fastpath, &adopted, &same, &error))
		fail_msg("%s", error.text);
	assert_int_equal(adopted, expect_adopted);
	assert_int_equal(same, expect_same);
	return fastpath;
}

/* First in a test: fresh maps, or the test is skipped. */
static inline struct fastpath *fixture_fresh(void)
{
	if (fixture_lacks[0]) {
		print_message("# skip: %s\n", fixture_lacks);
		skip();
	}
	assert_true(fastpath_remove(fixture_bpffs, "test") >= 0);
	return fixture_open(false, true);
}

static inline void fixture_done(struct fastpath *fastpath)
{
	fastpath_close(fastpath);
	assert_true(fastpath_remove(fixture_bpffs, "test") > 0);
}

static inline struct fastpath_slot fixture_slot(uint64_t key)
{
	return (struct fastpath_slot){
		.key = key,
		.network = 3,
		.told = soon(60),
		.horizon = soon(120),
		.signature = 77,
		.lease = 60,
	};
}

#endif
