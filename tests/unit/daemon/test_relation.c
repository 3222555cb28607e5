/* SPDX-License-Identifier: GPL-2.0-only */
/* Leases whose pool another relationship has than before: after a start, a reload, an import. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <urcu.h>

#include "daemon/books.h"
#include "daemon/group.h"
#include "daemon/output.h"
#include "daemon/pair.h"
#include "daemon/reload.h"
#include "daemon/settle.h"
#include "daemon/verbs.h"
#include "sys/files.h"

/* One pool for the test, in a relationship or in none; each relationship has one for itself. */
static const char text[] =
	"failover peer \"a\" { primary; address 127.0.0.1; peer address 127.0.0.2; port %u;\n"
	"  peer port 1; mclt 60; split 128; max-response-delay 10; max-unacked-updates 10; }\n"
	"failover peer \"b\" { primary; address 127.0.0.1; peer address 127.0.0.3; port %u;\n"
	"  peer port 1; mclt 60; split 128; max-response-delay 10; max-unacked-updates 10; }\n"
	"subnet 10.0.0.0 netmask 255.254.0.0 {\n"
	"  pool { %s range 10.0.0.1 10.0.255.255; }\n"
	"  pool { failover peer \"a\"; range 10.1.1.0 10.1.1.9; }\n"
	"  pool { failover peer \"b\"; range 10.1.2.0 10.1.2.9; } }\n";
#define IN_A "failover peer \"a\";"
#define IN_B "failover peer \"b\";"
#define IN_NONE ""

#define ADDRESS 0x0a000001

struct house {
	struct daemon daemon;
	char directory[32], leases[48], configuration[48], foreign[48];
};

static int64_t now(void)
{
	return pair_now().wall;
}

/* Of this process alone: tests run side by side. */
static unsigned port(void)
{
	return 30000 + (unsigned)getpid() % 10000;
}

static void configure(struct house *house, const char *relation)
{
	FILE *file = fopen(house->configuration, "w");

	assert_non_null(file);
	fprintf(file, text, port(), port(), relation);
	fclose(file);
}

static struct conf *conf_read(struct house *house)
{
	struct options options = {.configuration = house->configuration};
	char why[512] = "";
	struct conf *conf = NULL;

	if (reload_read(&options, &conf, why, sizeof(why)))
		fail_msg("%s", why);
	return conf;
}

static int restore_lease(void *context, struct lease_record *record)
{
	struct daemon *daemon = context;

	return lease_commit_restore(daemon->commit, record);
}

static int restore_acknowledgement(void *context, const struct store_acknowledgement *of)
{
	struct daemon *daemon = context;

	lease_commit_restore_acknowledgement(daemon->commit, of->address, of->flags,
					     of->acknowledged, of->known);
	return 0;
}

static int restore_note(void *context, const char *name, const void *bytes, size_t length)
{
	return pairs_note(context, name, bytes, length);
}

/* As far as a start goes with the store. */
static void start(struct house *house)
{
	static const uint8_t seed[16] = "relation";
	struct daemon *daemon = &house->daemon;
	struct lease_verbs verbs = verbs_of(daemon);
	const struct store_visitors visitors = {
		.context = daemon,
		.lease = restore_lease,
		.acknowledgement = restore_acknowledgement,
		.note = restore_note,
	};
	struct store_error error = {""};

	daemon->conf = conf_read(house);
	assert_int_equal(lease_table_new(daemon->conf, seed, &daemon->table), 0);
	lease_table_policies(daemon->table, daemon->policies);
	assert_int_equal(lease_commit_new(daemon->table, &verbs, &daemon->commit), 0);
	if (store_open_on(sys_files_system(), house->leases, &visitors, &daemon->restored,
			  &daemon->store, &error))
		fail_msg("%s", error.text);
	assert_int_equal(settle_relations(daemon), 0);
}

/* As killed: what waits for the disk is lost. */
static void stop(struct house *house)
{
	struct daemon *daemon = &house->daemon;

	pairs_free(daemon); /* what the store had of them */
	lease_commit_free(daemon->commit);
	lease_table_free(daemon->table);
	store_close(daemon->store);
	conf_free(daemon->conf);
	daemon->commit = NULL;
	daemon->table = NULL;
	daemon->store = NULL;
	daemon->conf = NULL;
}

static void restart(struct house *house, const char *relation)
{
	stop(house);
	configure(house, relation);
	start(house);
}

static int setup(void **state)
{
	struct house *house = calloc(1, sizeof(*house));

	strcpy(house->directory, "/tmp/xdhcp-relation-XXXXXX");
	assert_non_null(mkdtemp(house->directory));
	snprintf(house->leases, sizeof(house->leases), "%s/leases", house->directory);
	snprintf(house->configuration, sizeof(house->configuration), "%s/conf", house->directory);
	snprintf(house->foreign, sizeof(house->foreign), "%s/dhcpd.leases", house->directory);
	*state = house;
	return 0;
}

static int teardown(void **state)
{
	struct house *house = *state;
	char command[64];

	stop(house);
	snprintf(command, sizeof(command), "rm -r %s", house->directory);
	assert_int_equal(system(command), 0);
	free(house);
	return 0;
}

static struct lease *lease_of(struct house *house)
{
	struct lease *lease = lease_table_find(house->daemon.table, ADDRESS);

	assert_non_null(lease);
	return lease;
}

static void flush(struct daemon *daemon)
{
	struct store_error error;

	assert_true(store_flush_begin(daemon->store));
	assert_int_equal(store_flush(daemon->store, &error), 0);
	lease_commit_durable(daemon->commit, store_flush_end(daemon->store));
}

static void grant(struct house *house, uint32_t address)
{
	struct daemon *daemon = &house->daemon;
	struct lease_record *record = lease_record_new(&address, sizeof(address), NULL, 0, NULL, 0);

	record->state = LEASE_ACTIVE;
	record->starts = record->cltt = now();
	record->ends = now() + 600;
	record->horizon = now() + 1200;
	assert_int_not_equal(lease_commit_grant(daemon->commit,
						lease_table_find(daemon->table, address), record,
						NULL),
			     0);
}

/* The partner has agreed; it is on disk. */
static void acknowledge(struct house *house)
{
	struct daemon *daemon = &house->daemon;
	struct lease *lease = lease_of(house);
	struct lease_acknowledgement acknowledgement = {.state = LEASE_ACTIVE, .settled = true};

	if (lease_commit_potential(daemon->commit, lease))
		flush(daemon);
	acknowledgement.potential = lease->current->potential;
	acknowledgement.ends = lease->current->ends;
	assert_true(acknowledgement.potential > now());
	lease_commit_acknowledged(daemon->commit, lease, &acknowledgement, now());
	flush(daemon);
	assert_true(lease->current->acknowledged > now());
}

static void assert_known(struct house *house)
{
	const struct lease_record *record = lease_of(house)->current;

	assert_true(record->acknowledged > now());
	assert_true(record->known > now());
	assert_false(record->flags & LEASE_OWED);
}

static void assert_forgotten(struct house *house, bool owed)
{
	const struct lease_record *record = lease_of(house)->current;

	assert_int_equal(record->state, LEASE_ACTIVE);
	assert_int_equal(record->acknowledged, 0);
	assert_int_equal(record->received, 0);
	assert_int_equal(record->known, 0);
	assert_int_equal(record->flags & LEASE_OWED, owed ? LEASE_OWED : 0);
}

static void same_relation(void **state)
{
	struct house *house = *state;

	configure(house, IN_A);
	start(house);
	grant(house, ADDRESS);
	flush(&house->daemon);
	acknowledge(house);
	restart(house, IN_A);
	assert_known(house);
}

/* What the first one acknowledged is in the journal still, and what the second one will be, too. */
static void another_relation(void **state)
{
	struct house *house = *state;

	configure(house, IN_A);
	start(house);
	grant(house, ADDRESS);
	flush(&house->daemon);
	acknowledge(house);
	restart(house, IN_B);
	assert_forgotten(house, true);
	restart(house, IN_B);
	assert_forgotten(house, true);
	acknowledge(house);
	restart(house, IN_B);
	assert_known(house);
	restart(house, IN_NONE);
	assert_forgotten(house, false);
	restart(house, IN_B);
	assert_forgotten(house, true);
}

/* More than one group of the journal, each on disk before the next one is made. */
static void many(void **state)
{
	struct house *house = *state;
	struct daemon *daemon = &house->daemon;
	const uint32_t count = 50000;
	uint64_t size;

	configure(house, IN_NONE);
	start(house);
	for (uint32_t i = 0; i < count; i++)
		grant(house, ADDRESS + i);
	flush(daemon);
	size = store_journal_size(daemon->store);
	assert_true(size > 4 << 20);
	restart(house, IN_A);
	assert_true(store_journal_size(daemon->store) > 2 * size - 4096);
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(lease_table_find(daemon->table, ADDRESS + i)->current->flags,
				 LEASE_OWED);
	size = store_journal_size(daemon->store);
	restart(house, IN_A);
	assert_int_equal(store_journal_size(daemon->store), size);
}

static void pairs_begin(struct house *house)
{
	struct daemon *daemon = &house->daemon;

	uv_loop_init(&daemon->loop);
	assert_int_equal(output_new(NULL, &daemon->output), 0);
	assert_int_equal(group_new(daemon, &daemon->group), 0);
	assert_int_equal(pairs_make(daemon), 0);
	assert_int_equal(pairs_start(daemon), 0);
	daemon->phase = DAEMON_SERVING;
	daemon->options.configuration = house->configuration;
	pairs_turn(daemon);
}

static void pairs_end(struct house *house)
{
	struct daemon *daemon = &house->daemon;

	daemon->phase = DAEMON_STARTING; /* nobody connects any more */
	pairs_close(daemon);
	uv_run(&daemon->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&daemon->loop), 0);
	pairs_free(daemon);
	output_free(daemon->output);
	group_free(daemon->group);
}

/* By the daemon's own reload, until it is on disk. */
static void reload_into(struct house *house, const char *relation)
{
	struct daemon *daemon = &house->daemon;
	char why[512] = "";

	configure(house, relation);
	if (reload(daemon, why, sizeof(why)))
		fail_msg("%s", why);
	while (lease_of(house)->pending)
		uv_run(&daemon->loop, UV_RUN_ONCE);
}

static uint64_t owed(struct house *house, uint8_t relation)
{
	struct failover_status status;
	struct failover_now at = pair_now();

	failover_peer_status(pairs_of(&house->daemon, relation)->peer, &at, &status);
	return status.updates.owed;
}

static void reloaded(void **state)
{
	struct house *house = *state;

	configure(house, IN_NONE);
	start(house);
	pairs_begin(house);
	grant(house, ADDRESS);
	flush(&house->daemon);
	reload_into(house, IN_A);
	assert_forgotten(house, true);
	assert_int_equal(owed(house, 1), 1);
	acknowledge(house);
	reload_into(house, IN_B);
	assert_forgotten(house, true);
	assert_int_equal(owed(house, 1), 0);
	assert_int_equal(owed(house, 2), 1);
	acknowledge(house);
	reload_into(house, IN_NONE);
	assert_forgotten(house, false);
	assert_int_equal(owed(house, 2), 0);
	pairs_end(house);
	restart(house, IN_NONE);
	assert_forgotten(house, false);
}

/* Does the file that dhcpd would go on with say what its partner knows? */
static bool exported_known(struct house *house)
{
	struct options options = {.leases = house->leases, .export = house->foreign};
	struct conf *conf = conf_read(house);
	char bytes[4096] = "";
	FILE *file;

	unlink(house->foreign);
	rcu_unregister_thread(); /* it has the process for itself, as an import has */
	assert_int_equal(export_run(&options, conf), 0);
	rcu_register_thread();
	conf_free(conf);
	file = fopen(house->foreign, "r");
	assert_non_null(file);
	assert_true(fread(bytes, 1, sizeof(bytes) - 1, file));
	fclose(file);
	assert_non_null(strstr(bytes, "lease 10.0.0.1 {"));
	return strstr(bytes, "tsfp");
}

/* What dhcpd's file says of a partner is of the one that the configuration names. */
static void imported(void **state)
{
	static const struct {
		const char *relation;
		bool known;
	} rows[] = {{IN_A, true}, {IN_B, false}};
	struct house *house = *state;
	struct options options = {.leases = house->leases,
				  .import = house->foreign,
				  .configuration = house->configuration};
	FILE *file = fopen(house->foreign, "w");
	struct conf *conf;

	fputs("lease 10.0.0.1 {\n  starts epoch 2000000000;\n  ends epoch 2000000600;\n"
	      "  tstp epoch 2000001200;\n  tsfp epoch 2000001200;\n  atsfp epoch 2000001200;\n"
	      "  binding state active;\n  hardware ethernet 02:00:00:00:00:01;\n}\n",
	      file);
	fclose(file);
	configure(house, IN_A);
	conf = conf_read(house);
	rcu_unregister_thread(); /* it has the process for itself */
	assert_int_equal(import_run(&options, conf), 0);
	rcu_register_thread();
	conf_free(conf);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		configure(house, rows[i].relation);
		assert_int_equal(exported_known(house), rows[i].known);
		start(house);
		if (rows[i].known)
			assert_known(house);
		else
			assert_forgotten(house, true);
		stop(house);
	}
	start(house);
}

static int thread_setup(void **state)
{
	(void)state;
	rcu_register_thread();
	return 0;
}

static int thread_teardown(void **state)
{
	(void)state;
	rcu_unregister_thread();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_relation, setup, teardown),
		cmocka_unit_test_setup_teardown(another_relation, setup, teardown),
		cmocka_unit_test_setup_teardown(many, setup, teardown),
		cmocka_unit_test_setup_teardown(reloaded, setup, teardown),
		cmocka_unit_test_setup_teardown(imported, setup, teardown),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
