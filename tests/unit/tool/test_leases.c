// SPDX-License-Identifier: GPL-2.0-only
/* What xdhcpctl says of a lease directory, on real files: nobody's, a pair's, a damaged one's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failover/kept.h"
#include "store/store.h"
#include "tool/ask.h"
#include "tool/leases.h"

#define JOURNAL "journal.00000001"

struct folder {
	char root[64];
	char path[80]; /* of the lease directory */
	struct store *store;
};

static int setup(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	strcpy(folder->root, "/tmp/xdhcp-leases-XXXXXX");
	*state = folder;
	if (!mkdtemp(folder->root))
		return -1;
	snprintf(folder->path, sizeof(folder->path), "%s/leases", folder->root);
	return 0;
}

static int teardown(void **state)
{
	struct folder *folder = *state;
	char command[128];
	int status;

	store_close(folder->store);
	snprintf(command, sizeof(command), "rm -rf %s", folder->root);
	status = system(command);
	free(folder);
	return status;
}

static int skip_lease(void *context, struct lease_record *record)
{
	(void)context;
	lease_record_free(record);
	return 0;
}

static int skip_ack(void *context, const struct store_acknowledgement *acknowledgement)
{
	(void)context, (void)acknowledgement;
	return 0;
}

static int skip_note(void *context, const char *name, const void *bytes, size_t length)
{
	(void)context, (void)name, (void)bytes, (void)length;
	return 0;
}

static void open_store(struct folder *folder)
{
	const struct store_visitors visitors = {
		.lease = skip_lease, .acknowledgement = skip_ack, .note = skip_note};
	struct store_report report;
	struct store_error error;

	if (store_open(folder->path, &visitors, &report, &folder->store, &error))
		fail_msg("%s", error.text);
}

static void close_store(struct folder *folder)
{
	store_close(folder->store);
	folder->store = NULL;
}

static void flush(struct folder *folder)
{
	assert_true(store_flush_begin(folder->store));
	assert_int_equal(store_flush(folder->store, NULL), 0);
	store_flush_end(folder->store);
}

static void keep(struct folder *folder, const char *name, bool primary, bool proven, uint8_t state,
		 int64_t since)
{
	const struct failover_fsm fsm = {
		.kept = {.state = state, .since = since, .proven = proven, .lost = !proven}};
	const struct failover_record record = {.primary = primary};
	uint8_t bytes[KEPT_MAX];
	size_t length = failover_kept_encode(&fsm, &record, bytes);

	store_append_note(folder->store, name, bytes, length);
	flush(folder);
}

/* Takes nothing; the reply is the caller's. */
static json_t *ask(const struct folder *folder, bool create, enum ctl_code code)
{
	json_t *reply = tool_leases_store(folder->path, create);

	if (tool_reply_code(reply) != (int)code)
		fail_msg("%d: %s", tool_reply_code(reply),
			 json_string_value(json_object_get(reply, "text")));
	return reply;
}

static void expect_text(json_t *reply, const char *part)
{
	const char *text = json_string_value(json_object_get(reply, "text"));

	if (!strstr(text, part))
		fail_msg("\"%s\" does not say \"%s\"", text, part);
	json_decref(reply);
}

static void expect_identity(json_t *reply, const struct folder *folder)
{
	const char *hex = json_string_value(json_object_get(reply, "identity"));
	const uint8_t *identity = store_identity(folder->store);

	assert_int_equal(strlen(hex), 32);
	for (int i = 0; i < STORE_IDENTITY; i++) {
		char byte[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

		assert_int_equal(strtol(byte, NULL, 16), identity[i]);
	}
	json_decref(reply);
}

static void test_none(void **state)
{
	struct folder *folder = *state;

	expect_text(ask(folder, false, CTL_NOT_FOUND), folder->path);
	assert_int_equal(access(folder->path, F_OK), -1);
	assert_int_equal(mkdir(folder->path, 0750), 0);
	expect_text(ask(folder, false, CTL_NOT_FOUND), "no lease store");
}

/* The identity can be told before the first start, and is the same afterwards. */
static void test_create(void **state)
{
	struct folder *folder = *state;
	json_t *made = ask(folder, true, CTL_STORE), *again = ask(folder, true, CTL_STORE);

	assert_true(json_equal(made, again));
	assert_int_equal(json_array_size(json_object_get(made, "relations")), 0);
	open_store(folder);
	expect_identity(made, folder);
	json_decref(again);
}

static void test_create_refused(void **state)
{
	struct folder *folder = *state;
	char path[128];
	int lock;

	/* Somebody who makes one just now. */
	assert_int_equal(mkdir(folder->path, 0750), 0);
	snprintf(path, sizeof(path), "%s/lock", folder->path);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	expect_text(ask(folder, true, CTL_BUSY), "another instance");
	close(lock);
	unlink(path);
	rmdir(folder->path);
	close(creat(folder->path, 0640));
	expect_text(ask(folder, true, CTL_FAILED), folder->path);
}

static void expect_relation(const json_t *relation, const char *name, const char *role,
			    const char *state, int64_t since, bool proven)
{
	json_t *wanted =
		json_pack("{s:s, s:s, s:s, s:I, s:b, s:b}", "name", name, "role", role, "state",
			  state, "since", (json_int_t)since, "proven", proven, "lost", !proven);

	if (!json_equal(relation, wanted))
		fail_msg("%s", json_dumps(relation, 0));
	json_decref(wanted);
}

/* While a daemon writes to it. */
static void test_relations(void **state)
{
	struct folder *folder = *state;
	json_t *reply, *list;

	open_store(folder);
	keep(folder, "failover/north", true, false, FAILOVER_RECOVER, 1000);
	keep(folder, "failover/south", false, true, FAILOVER_COMMUNICATIONS_INTERRUPTED, 2000);
	store_append_note(folder->store, "something else", "x", 1);
	keep(folder, "failover/north", true, true, FAILOVER_NORMAL, 3000);
	reply = ask(folder, false, CTL_STORE);
	list = json_object_get(reply, "relations");
	assert_int_equal(json_array_size(list), 2);
	expect_relation(json_array_get(list, 0), "north", "primary", "normal", 3000, true);
	expect_relation(json_array_get(list, 1), "south", "secondary", "communications-interrupted",
			2000, true);
	expect_identity(reply, folder);
	keep(folder, "failover/north", true, false, FAILOVER_RECOVER, 4000);
	reply = ask(folder, true, CTL_STORE);
	expect_relation(json_array_get(json_object_get(reply, "relations"), 0), "north", "primary",
			"recover", 4000, false);
	json_decref(reply);
}

static void test_not_understood(void **state)
{
	struct folder *folder = *state;

	open_store(folder);
	store_append_note(folder->store, "failover/north", "nonsense", 8);
	flush(folder);
	expect_text(ask(folder, false, CTL_FAILED), "not understood");
}

static void byte_flip(const struct folder *folder, off_t at)
{
	char path[128], byte;
	int fd;

	snprintf(path, sizeof(path), "%s/" JOURNAL, folder->path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

/* It is told where, nothing is repaired, and none is made in its place. */
static void test_damaged(void **state)
{
	struct folder *folder = *state;

	open_store(folder);
	keep(folder, "failover/north", true, true, FAILOVER_NORMAL, 1000);
	keep(folder, "failover/north", true, true, FAILOVER_NORMAL, 2000);
	close_store(folder);
	byte_flip(folder, 90);
	expect_text(ask(folder, true, CTL_FAILED), JOURNAL ": byte ");
	byte_flip(folder, 90);
	json_decref(ask(folder, false, CTL_STORE));
	byte_flip(folder, 20);
	expect_text(ask(folder, false, CTL_FAILED), "restore the directory");
}

#define leases_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		leases_test(test_none),		  leases_test(test_create),
		leases_test(test_create_refused), leases_test(test_relations),
		leases_test(test_not_understood), leases_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
