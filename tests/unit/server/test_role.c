// SPDX-License-Identifier: GPL-2.0-only
/*
 * --role: the address of the role is the server identifier of what is given
 * under it, on every link, until configuration says another one. The link's
 * own address here is 10.1.0.9.
 */
#include <urcu.h>

#include "fixture.h"

#include "server/reply.h"

#define LINK .link = "10.1.0.9"
#define ROLE_ADDRESS "10.1.0.1" /* of the primary; the secondary's is 10.1.0.2 */
#define MINE "10.1.0.10"

static const char *const pair_conf =
	"failover peer \"p\" { primary; mclt 60; split 128; address 10.1.0.1; peer address "
	"10.1.0.2; }\n"
	"failover peer \"p\" { secondary; address 10.1.0.2; peer address 10.1.0.1; }\n"
	"authoritative;\n"
	"subnet 10.1.0.0 netmask 255.255.255.0 {\n"
	"  pool { failover peer \"p\"; range 10.1.0.10 10.1.0.12; }\n"
	"  pool { range 10.1.0.20; }\n"
	"  pool { failover peer \"p\"; server-identifier 192.0.2.7; range 10.1.0.30; }\n"
	"}\n"
	"host fixed { hardware ethernet 02:00:00:00:00:05; fixed-address 10.1.0.40; }\n";

struct world {
	struct fixture fixture;
	struct failover_view views[FAILOVER_VIEWS];
	struct lease_policy policies[LEASE_RELATIONS];
};

static void world_make(struct world *world, enum conf_role role, const char *conf)
{
	memset(world, 0, sizeof(*world));
	fixture_open_by(&world->fixture, &(struct conf_terms){.role = role}, conf);
	world->policies[1] = (struct lease_policy){
		.serves = true, .mclt = 60, .secondary = role == CONF_ROLE_SECONDARY};
	lease_table_policies(world->fixture.table, world->policies);
	world->views[1] = (struct failover_view){
		.serves = true,
		.primary = role == CONF_ROLE_PRIMARY,
		.reference = NOW - 1000,
		.lead = 60,
		.alone = 1060,
		.from = 1000,
	};
}

static struct server_verdict world_ask(struct world *world, const struct ask *ask,
				       struct asked *ret_asked)
{
	memset(ret_asked, 0, sizeof(*ret_asked));
	ask_write(ret_asked, ask);
	return server_decide(world->fixture.conf, world->fixture.table, world->views,
			     &ret_asked->request);
}

struct row {
	const char *name;
	struct ask ask;
	enum server_action action;
	const char *server_id; /* of the reply */
	bool anywhere; /* the tail says that on every link */
};

/* clang-format off */
static const struct row rows[] = {
	{"offer", {.type = DHCP_DISCOVER, .client = 1, .requested = MINE, LINK},
	 SERVER_OFFER, ROLE_ADDRESS, true},
	{"offer through a relay", {.type = DHCP_DISCOVER, .client = 1, .requested = MINE,
	 .giaddr = "10.1.0.254", .destination = "10.1.0.1", LINK}, SERVER_OFFER, ROLE_ADDRESS, true},
	{"taken: the client names the role", {.type = DHCP_REQUEST, .client = 1, .requested = MINE,
	 .server_id = ROLE_ADDRESS, LINK}, SERVER_GRANT, ROLE_ADDRESS, true},
	{"taken: it names the link's address, as before", {.type = DHCP_REQUEST, .client = 1,
	 .requested = MINE, .server_id = "10.1.0.9", LINK}, SERVER_GRANT, ROLE_ADDRESS, true},
	{"taken: it names the other role", {.type = DHCP_REQUEST, .client = 1, .requested = MINE,
	 .server_id = "10.1.0.2", LINK}, SERVER_IGNORE, NULL, false},
	{"renewal sent to the role", {.type = DHCP_REQUEST, .client = 1, .ciaddr = MINE,
	 .destination = "10.1.0.1", LINK}, SERVER_GRANT, ROLE_ADDRESS, true},
	{"renewal sent to the other role, whose address is held here", {.type = DHCP_REQUEST,
	 .client = 1, .ciaddr = MINE, .destination = "10.1.0.2", LINK},
	 SERVER_GRANT, ROLE_ADDRESS, true},
	{"NAK of what the role may not give this client", {.type = DHCP_REQUEST, .client = 2,
	 .requested = MINE, .server_id = ROLE_ADDRESS, LINK}, SERVER_NAK, ROLE_ADDRESS, false},
	{"configured beats the role", {.type = DHCP_REQUEST, .client = 1, .requested = "10.1.0.30",
	 .server_id = "192.0.2.7", LINK}, SERVER_GRANT, "192.0.2.7", true},
	{"without a relationship: the link's", {.type = DHCP_REQUEST, .client = 1,
	 .requested = "10.1.0.20", .server_id = "10.1.0.9", LINK}, SERVER_GRANT, "10.1.0.9", false},
	{"a fixed address: the link's", {.type = DHCP_DISCOVER, .client = 5, LINK},
	 SERVER_OFFER_STATIC, "10.1.0.9", false},
};
/* clang-format on */

static uint32_t told_id(const struct server_reply *reply)
{
	struct server_request read;
	uint32_t id = 0;
	uint8_t bytes[SERVER_REPLY_MAX];

	memcpy(bytes, reply->bytes, reply->length);
	bytes[0] = DHCP_OP_REQUEST; /* to be read as if it came in */
	assert_int_equal(server_request_parse(bytes, reply->length, &read), DHCP_REFUSE_NONE);
	assert_true(dhcp_message_u32(&read.message, DHCP_OPT_SERVER_ID, &id));
	return id;
}

static void row_check(const struct row *row)
{
	struct world *world = calloc(1, sizeof(*world));
	struct server_verdict verdict;
	struct server_reply reply;
	struct xdhcp_tail tail;
	struct asked asked = {0};
	bool stampable;

	assert_non_null(world);
	world_make(world, CONF_ROLE_PRIMARY, pair_conf);
	ask_write(&asked, &(struct ask){.type = DHCP_DISCOVER, .client = 1});
	fixture_record(&world->fixture, &asked, MINE, LEASE_ACTIVE);
	verdict = world_ask(world, &row->ask, &asked);
	if (verdict.action != row->action)
		fail_msg("%s: action %d (%s)", row->name, verdict.action,
			 server_silence_word(verdict.silence));
	server_reply_build(&asked.request, &verdict, &reply, &tail, &stampable);
	if (row->server_id && told_id(&reply) != ip(row->server_id))
		fail_msg("%s: another server identifier", row->name);
	if (row->server_id && row->action != SERVER_NAK && !tail.server_id != row->anywhere)
		fail_msg("%s: the tail is good on %s", row->name,
			 row->anywhere ? "one link only" : "every link");
	fixture_shut(&world->fixture);
	free(world);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		row_check(&rows[i]);
}

static void test_secondary(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct server_verdict verdict;
	struct asked asked;

	(void)state;
	assert_non_null(world);
	world_make(world, CONF_ROLE_SECONDARY, pair_conf);
	memset(&asked, 0, sizeof(asked));
	ask_write(&asked, &(struct ask){.type = DHCP_DISCOVER, .client = 1});
	fixture_record(&world->fixture, &asked, MINE, LEASE_ACTIVE);
	verdict = world_ask(world, &(struct ask){.type = DHCP_REQUEST, .client = 1, .ciaddr = MINE},
			    &asked);
	assert_int_equal(verdict.action, SERVER_GRANT);
	assert_int_equal(verdict.server_id, ip("10.1.0.2"));
	fixture_shut(&world->fixture);
	free(world);
}

/* A declaration that needs no choice changes nothing of what clients are told. */
static void test_no_choice(void **state)
{
	const char *alone = strchr(strchr(pair_conf, '\n') + 1, '\n') + 1;
	struct world *world = calloc(1, sizeof(*world));
	struct server_verdict verdict;
	struct asked asked;
	char conf[1024];

	(void)state;
	assert_non_null(world);
	snprintf(conf, sizeof(conf), "%.*s\n%s", (int)strcspn(pair_conf, "\n"), pair_conf, alone);
	world_make(world, CONF_ROLE_PRIMARY, conf);
	verdict = world_ask(
		world, &(struct ask){.type = DHCP_DISCOVER, .client = 1, .requested = MINE, LINK},
		&asked);
	assert_int_equal(verdict.action, SERVER_OFFER);
	assert_int_equal(verdict.server_id, ip("10.1.0.9"));
	fixture_shut(&world->fixture);
	free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_secondary),
		cmocka_unit_test(test_no_choice),
	};

	rcu_register_thread();
	return cmocka_run_group_tests_name("server/role", tests, NULL, NULL);
}
