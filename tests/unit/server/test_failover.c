// SPDX-License-Identifier: GPL-2.0-only
/*
 * What failover makes of a request: who answers, which address, for how long.
 * One row: state of the relationship, what the table holds, request → verdict.
 * Client 1 is "mine" (RFC 3074 bucket 133), 2 the other one.
 */
#include <urcu.h>

#include "fixture.h"

#define FROM 1000 /* seconds of the slots' clock */
#define REFERENCE (NOW - FROM) /* its second 0 by the wall */
#define MCLT 60

static const char *const pair_conf =
	"failover peer \"p\" { %s; address 10.1.0.1; peer address 10.1.0.2; %s\n"
	"  load balance max seconds 3; }\n"
	"default-lease-time 600; max-lease-time 600; authoritative;\n"
	"subnet 10.1.0.0 netmask 255.255.255.0 {\n"
	"  pool { failover peer \"p\"; range 10.1.0.10 10.1.0.12; }\n"
	"}\n"
	"subnet 10.2.0.0 netmask 255.255.255.0 {\n"
	"  pool { failover peer \"p\"; deny unknown-clients; range 10.2.0.10 10.2.0.12; }\n"
	"}\n";

struct preset {
	const char *address;
	uint8_t client, state;
	int64_t known; /* A, from now; 0: nothing */
};

struct row {
	const char *name;
	struct ask ask;
	bool secondary, silent, normal, partner_down;
	unsigned split; /* buckets of the primary, in NORMAL */
	int64_t entered; /* PARTNER-DOWN, before now */
	struct preset before[4];
	enum server_action action;
	enum server_silence silence;
	const char *address;
	uint32_t lease_time, wanted;
};

#define DISCOVER .ask = {.type = DHCP_DISCOVER, .client = 1}
#define RENEW(at) \
	.ask = {.type = DHCP_REQUEST, .client = 1, .ciaddr = at, .destination = "10.1.0.1"}
#define REBOOT(at) .ask = {.type = DHCP_REQUEST, .client = 1, .requested = at}
#define RELEASE(at) \
	.ask = {.type = DHCP_RELEASE, .client = 1, .ciaddr = at, .destination = "10.1.0.1"}

/* clang-format off */
static const struct row rows[] = {
	{"a new client gets MCLT", DISCOVER, .action = SERVER_OFFER, .lease_time = MCLT, .wanted = 600},
	{"a state that does not serve offers nothing", DISCOVER, .silent = true,
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_FAILOVER},
	{"the secondary has nothing of its own", DISCOVER, .secondary = true,
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_NO_ADDRESS},
	{"the secondary gives what is backup", DISCOVER, .secondary = true,
	 .before = {{"10.1.0.11", 2, LEASE_BACKUP}},
	 .action = SERVER_OFFER, .address = "10.1.0.11", .lease_time = MCLT, .wanted = 600},
	{"the primary does not give what is backup", DISCOVER,
	 .before = {{"10.1.0.10", 2, LEASE_BACKUP}, {"10.1.0.11", 2, LEASE_BACKUP}, {"10.1.0.12", 2, LEASE_BACKUP}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_NO_ADDRESS},
	{"partner-down, within MCLT", DISCOVER, .partner_down = true, .entered = MCLT - 1,
	 .before = {{"10.1.0.10", 2, LEASE_BACKUP}, {"10.1.0.11", 2, LEASE_BACKUP}, {"10.1.0.12", 2, LEASE_BACKUP}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_NO_ADDRESS},
	{"partner-down, MCLT over", DISCOVER, .partner_down = true, .entered = MCLT,
	 .before = {{"10.1.0.10", 2, LEASE_BACKUP}, {"10.1.0.11", 2, LEASE_BACKUP}, {"10.1.0.12", 2, LEASE_BACKUP}},
	 .action = SERVER_OFFER, .lease_time = MCLT, .wanted = 600},

	{"load balancing: the partner's client", DISCOVER, .normal = true, .split = 133,
	 .before = {{"10.1.0.12", 2, LEASE_BACKUP}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_PARTNER},
	{"load balancing: also with a lease", DISCOVER, .normal = true, .split = 133,
	 .before = {{"10.1.0.11", 1, LEASE_ACTIVE}, {"10.1.0.12", 2, LEASE_BACKUP}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_PARTNER},
	{"load balancing: ours", DISCOVER, .normal = true, .split = 134,
	 .before = {{"10.1.0.12", 2, LEASE_BACKUP}},
	 .action = SERVER_OFFER, .lease_time = MCLT, .wanted = 600},
	{"load balancing: the partner has no address left", DISCOVER, .normal = true, .split = 133,
	 .action = SERVER_OFFER, .lease_time = MCLT, .wanted = 600},
	{"load balancing is not for renewals", RENEW("10.1.0.11"), .normal = true, .split = 133,
	 .before = {{"10.1.0.11", 1, LEASE_ACTIVE}, {"10.1.0.12", 2, LEASE_BACKUP}},
	 .action = SERVER_GRANT, .address = "10.1.0.11", .lease_time = MCLT, .wanted = 600},

	{"renewal: the partner knows enough", RENEW("10.1.0.11"),
	 .before = {{"10.1.0.11", 1, LEASE_ACTIVE, 600}},
	 .action = SERVER_GRANT, .address = "10.1.0.11", .lease_time = 600, .wanted = 600},
	{"renewal: as far as the partner knows, and MCLT", RENEW("10.1.0.11"),
	 .before = {{"10.1.0.11", 1, LEASE_ACTIVE, 433}},
	 .action = SERVER_GRANT, .address = "10.1.0.11", .lease_time = 493, .wanted = 600},
	{"renewal in a state that does not serve", RENEW("10.1.0.11"), .silent = true,
	 .before = {{"10.1.0.11", 1, LEASE_ACTIVE, 600}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_FAILOVER},
	{"no NAK in a state that does not serve", RENEW("10.1.0.11"), .silent = true,
	 .before = {{"10.1.0.11", 2, LEASE_ACTIVE}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_FAILOVER},
	{"another's address: NAK", RENEW("10.1.0.11"),
	 .before = {{"10.1.0.11", 2, LEASE_ACTIVE}}, .action = SERVER_NAK},
	{"the partner's free address: silence", REBOOT("10.1.0.11"),
	 .before = {{"10.1.0.11", 1, LEASE_BACKUP}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_PARTNERS_ADDRESS},
	{"expired, the partner has not agreed: silence", RENEW("10.1.0.11"),
	 .before = {{"10.1.0.11", 1, LEASE_EXPIRED}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_PARTNERS_ADDRESS},
	{"a binding that begins anew: MCLT", REBOOT("10.1.0.11"),
	 .before = {{"10.1.0.11", 1, LEASE_FREE, 600}},
	 .action = SERVER_GRANT, .address = "10.1.0.11", .lease_time = MCLT, .wanted = 600},

	{"release", RELEASE("10.1.0.11"), .before = {{"10.1.0.11", 1, LEASE_ACTIVE}},
	 .action = SERVER_RELEASE, .address = "10.1.0.11"},
	{"release that waited while its client may have gone to the partner",
	 .ask = {.type = DHCP_RELEASE, .client = 1, .ciaddr = "10.1.0.11", .stale = true},
	 .before = {{"10.1.0.11", 1, LEASE_ACTIVE}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_STALE},
	{"decline, the same",
	 .ask = {.type = DHCP_DECLINE, .client = 1, .requested = "10.1.0.11", .stale = true},
	 .before = {{"10.1.0.11", 1, LEASE_ACTIVE}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_STALE},
	{"release in a state that does not serve", RELEASE("10.1.0.11"), .silent = true,
	 .before = {{"10.1.0.11", 1, LEASE_ACTIVE}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_FAILOVER},

	{"a pool for known clients only",
	 .ask = {.type = DHCP_DISCOVER, .client = 1, .giaddr = "10.2.0.1"},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_PERMIT},
	{"a pool for known clients only: renewal",
	 .ask = {.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.2.0.10", .giaddr = "10.2.0.1"},
	 .before = {{"10.2.0.10", 1, LEASE_ACTIVE}}, .action = SERVER_NAK},
};
/* clang-format on */

struct house {
	struct fixture fixture;
	struct lease_policy policies[LEASE_RELATIONS];
	struct failover_view views[FAILOVER_VIEWS];
};

static void house_state(struct house *house, const struct row *row)
{
	struct failover_view *view = &house->views[1];

	house->policies[1] = (struct lease_policy){
		.serves = !row->silent,
		.secondary = row->secondary,
		.mclt = MCLT,
		.partner_down = row->partner_down,
		.entered = NOW - row->entered,
	};
	*view = (struct failover_view){
		.serves = !row->silent,
		.primary = !row->secondary,
		.balances = row->normal,
		.balance_seconds = 30,
		.reference = REFERENCE,
		.lead = MCLT,
		.alone = FROM + MCLT,
		.from = FROM,
	};
	for (unsigned i = 0; i < row->split; i++)
		view->hba[i / 8] |= 1U << (i % 8);
}

static void house_presets(struct house *house, const struct row *row)
{
	for (size_t i = 0; i < 4 && row->before[i].address; i++) {
		const struct preset *preset = &row->before[i];
		struct asked owner = {0};
		struct lease *lease;

		ask_write(&owner, &(struct ask){.type = DHCP_DISCOVER, .client = preset->client});
		lease = fixture_record(&house->fixture, &owner, preset->address, preset->state);
		lease->current->potential = preset->known;
		lease->current->acknowledged = preset->known ? NOW + preset->known : 0;
	}
}

static void row_check(const struct row *row)
{
	struct house *house = calloc(1, sizeof(*house));
	struct server_verdict verdict;
	struct asked asked = {0};
	char conf[1024];

	assert_non_null(house);
	snprintf(conf, sizeof(conf), pair_conf, row->secondary ? "secondary" : "primary",
		 row->secondary ? "" : "mclt 60; split 128;");
	fixture_open(&house->fixture, conf);
	lease_table_policies(house->fixture.table, house->policies);
	house_state(house, row);
	house_presets(house, row);
	ask_write(&asked, &row->ask);
	verdict = server_decide(house->fixture.conf, house->fixture.table, house->views,
				&asked.request);
	if (verdict.action != row->action ||
	    (verdict.action == SERVER_IGNORE && verdict.silence != row->silence))
		fail_msg("%s: action %d (%s)", row->name, verdict.action,
			 server_silence_word(verdict.silence));
	if (row->address && verdict.address != ip(row->address))
		fail_msg("%s: another address", row->name);
	if (verdict.action == SERVER_OFFER || verdict.action == SERVER_GRANT) {
		if (verdict.lease_time != row->lease_time || verdict.lease_wanted != row->wanted)
			fail_msg("%s: %u of %u seconds", row->name, verdict.lease_time,
				 verdict.lease_wanted);
	}
	fixture_shut(&house->fixture);
	free(house);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		row_check(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	rcu_register_thread();
	return cmocka_run_group_tests_name("server/failover", tests, NULL, NULL);
}
