/* SPDX-License-Identifier: GPL-2.0-only */
/* Another configuration while relationships run: all go by it, whatever becomes of one of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <urcu.h>

#include "daemon/group.h"
#include "daemon/output.h"
#include "daemon/pair.h"
#include "daemon/verbs.h"
#include "sys/files.h"

/* Both listen at one place, if the first has the same address. */
static const char text[] =
	"failover peer \"a\" { primary; address %s; peer address 127.0.0.%u; port %u;\n"
	"  peer port 1; mclt 60; split 128; max-response-delay 10; max-unacked-updates 10; }\n"
	"failover peer \"b\" { secondary; address 127.0.0.1; peer address 127.0.0.3; port %u;\n"
	"  peer port 1; max-response-delay 10; max-unacked-updates 10; }\n"
	"subnet 10.0.0.0 netmask 255.255.0.0 {\n"
	"  pool { failover peer \"a\"; range 10.0.1.0 10.0.1.9; }\n"
	"  pool { failover peer \"b\"; range 10.0.2.0 10.0.2.19; } }\n";

struct house {
	struct daemon daemon;
	struct conf *before;
	char directory[32];
};

/* Of this process alone: tests run side by side. */
static unsigned port(void)
{
	return 20000 + (unsigned)getpid() % 10000;
}

static int load(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	(void)name;
	*ret_text = strdup(context);
	*ret_length = strlen(context);
	return 0;
}

static struct conf *conf_of(const char *address, unsigned partner)
{
	struct conf_error error;
	struct conf *conf;
	char filled[1024];

	snprintf(filled, sizeof(filled), text, address, partner, port(), port());
	assert_int_equal(conf_load("conf", load, filled, &conf, &error), 0);
	return conf;
}

static int setup(void **state)
{
	static const uint8_t seed[16] = "pair reload";
	struct house *house = calloc(1, sizeof(*house));
	struct daemon *daemon = &house->daemon;
	struct lease_verbs verbs = verbs_of(daemon);
	const struct store_visitors visitors = {.context = daemon};
	struct store_error error;

	strcpy(house->directory, "/tmp/xdhcp-reload-XXXXXX");
	assert_non_null(mkdtemp(house->directory));
	uv_loop_init(&daemon->loop);
	daemon->conf = house->before = conf_of("127.0.0.1", 2);
	assert_int_equal(store_open_on(sys_files_system(), house->directory, &visitors,
				       &daemon->restored, &daemon->store, &error),
			 0);
	assert_int_equal(lease_table_new(daemon->conf, seed, &daemon->table), 0);
	lease_table_policies(daemon->table, daemon->policies);
	assert_int_equal(lease_commit_new(daemon->table, &verbs, &daemon->commit), 0);
	assert_int_equal(output_new(NULL, &daemon->output), 0);
	assert_int_equal(group_new(daemon, &daemon->group), 0);
	assert_int_equal(pairs_make(daemon), 0);
	assert_int_equal(pairs_start(daemon), 0);
	daemon->phase = DAEMON_SERVING;
	pairs_turn(daemon);
	*state = house;
	return 0;
}

static void remove_files(const char *directory)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", directory);
	assert_int_equal(system(command), 0);
}

static int teardown(void **state)
{
	struct house *house = *state;
	struct daemon *daemon = &house->daemon;

	daemon->phase = DAEMON_STARTING; /* nobody connects any more */
	pairs_close(daemon);
	uv_run(&daemon->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&daemon->loop), 0);
	pairs_free(daemon);
	output_free(daemon->output);
	lease_commit_free(daemon->commit);
	lease_table_free(daemon->table);
	group_free(daemon->group);
	store_close(daemon->store);
	conf_free(daemon->conf);
	remove_files(house->directory);
	free(house);
	return 0;
}

static int reload(struct house *house, const char *address, unsigned partner)
{
	struct daemon *daemon = &house->daemon;
	struct conf *conf = conf_of(address, partner);
	int code;

	assert_int_equal(lease_table_reload(daemon->table, conf), 0);
	daemon->conf = conf;
	code = pairs_reload(daemon);
	memset(house->before->relations[1], 0xff, sizeof(*house->before->relations[1]));
	conf_free(house->before);
	house->before = conf;
	return code;
}

static bool listens(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port()),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool connected = !connect(fd, (struct sockaddr *)&at, sizeof(at));

	close(fd);
	return connected;
}

static int taken(uint32_t address)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(address),
		.sin_port = htons((uint16_t)port()),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* An address that somebody else listens on: one relationship is not reached, the other one goes on. */
static void one_fails(void **state)
{
	struct house *house = *state;
	struct daemon *daemon = &house->daemon;
	struct failover_now now = pair_now();
	struct failover_status status;
	int other = taken(0x7f000009);

	assert_true(listens());
	assert_int_equal(reload(house, "127.0.0.9", 2), -EADDRINUSE);
	close(other);
	assert_ptr_equal(daemon->pairs[1].conf, daemon->conf->relations[1]);
	failover_peer_status(daemon->pairs[1].peer, &now, &status);
	assert_false(status.primary);
	assert_true(listens());
	/* And back. */
	assert_int_equal(reload(house, "127.0.0.1", 2), 0);
	assert_true(listens());
}

/* An address that no interface has is waited for, and said to be missing, once. */
static void address_is_missing(void **state)
{
	struct house *house = *state;
	const struct pair *pair = &house->daemon.pairs[0];

	assert_true(pair->looked_for && pair->here);
	assert_int_equal(reload(house, "192.0.2.1", 2), 0);
	assert_true(pair->looked_for && !pair->here);
	assert_true(listens());
	assert_int_equal(reload(house, "127.0.0.1", 2), 0);
	assert_true(pair->here);
}

/* A connection on its way to the partner's old address is given up, and another one made. */
static void partner_moves(void **state)
{
	struct house *house = *state;
	const struct pair_stream *place = &house->daemon.pairs[0].streams[0];
	struct failover_now now = pair_now();
	struct failover_status status;

	assert_true(place->stream && place->outgoing);
	assert_int_equal(reload(house, "127.0.0.1", 4), 0);
	failover_peer_status(house->daemon.pairs[0].peer, &now, &status);
	assert_string_equal(status.refused, "the configuration has changed");
	/* Five seconds after a failure, as after any, or at once: but it is tried. */
	assert_true(place->stream || status.next_connect);
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
		cmocka_unit_test_setup_teardown(one_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(address_is_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(partner_moves, setup, teardown),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
