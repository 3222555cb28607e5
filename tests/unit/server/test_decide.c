// SPDX-License-Identifier: GPL-2.0-only
/* RFC 2131 section 4.3 row by row: table, request → verdict. Client 1 is "mine", 2 the other one. */
#include "fixture.h"

#define CONF_BODY \
	"default-lease-time 600; max-lease-time 7200; min-lease-time 60;\n" \
	"subnet 10.1.0.0 netmask 255.255.255.0 {\n" \
	"  range 10.1.0.10 10.1.0.12;\n" \
	"}\n" \
	"subnet 10.2.0.0 netmask 255.255.255.0 {\n" \
	"  server-identifier 10.2.0.2;\n" \
	"  range 10.2.0.10 10.2.0.12;\n" \
	"}\n" \
	"host fixed { hardware ethernet 02:00:00:00:00:07;\n" \
	"             fixed-address 10.1.0.100, 10.1.0.101, 10.3.0.100; }\n" \
	"host known { hardware ethernet 02:00:00:00:00:08; default-lease-time 700; }\n" \
	"subnet 10.3.0.0 netmask 255.255.255.0 { range 10.3.0.10 10.3.0.10; }\n"

static const char *const loud = "authoritative;\n" CONF_BODY;
static const char *const meek = CONF_BODY;

struct preset {
	const char *address;
	uint8_t client;
	uint8_t state; /* 0: held for the client by an OFFER */
};

struct row {
	const char *name;
	struct ask ask;
	struct preset before[3];
	enum server_action action; /* of the authoritative server */
	enum server_silence silence;
	const char *address;
	const char *message; /* of a NAK */
	/* Where the meek server says something else: its silence. */
	enum server_silence meek;
	uint32_t lease_time; /* 0: not looked at */
	const char *previous; /* that ends */
	const char *lease; /* of OTHER_SERVER: the offer that ends */
};

#define SELECTING(address) \
	{ \
		.type = DHCP_REQUEST, .client = 1, .requested = address, .server_id = "10.1.0.1" \
	}
#define REBOOT(address) \
	{ \
		.type = DHCP_REQUEST, .client = 1, .requested = address \
	}
#define RENEW(address) \
	{ \
		.type = DHCP_REQUEST, .client = 1, .ciaddr = address, .destination = "10.1.0.1" \
	}
#define REBIND(address) \
	{ \
		.type = DHCP_REQUEST, .client = 1, .ciaddr = address, .source = "0.0.0.0" \
	}

#define OURS(address, state_) \
	{ \
		{ \
			address, 1, state_ \
		} \
	}
#define THEIRS(address, state_) \
	{ \
		{ \
			address, 2, state_ \
		} \
	}

/* clang-format off */
static const struct row rows[] = {
	/* section 4.3.1 */
	{"discover, first", {.type = DHCP_DISCOVER, .client = 1},
	 .action = SERVER_OFFER, .lease_time = 600},
	{"discover, wanted", {.type = DHCP_DISCOVER, .client = 1, .requested = "10.1.0.12"},
	 .action = SERVER_OFFER, .address = "10.1.0.12"},
	{"discover, wanted is taken", {.type = DHCP_DISCOVER, .client = 1, .requested = "10.1.0.12"},
	 {{"10.1.0.12", 2, LEASE_ACTIVE}, {"10.1.0.11", 3, LEASE_ACTIVE}},
	 .action = SERVER_OFFER, .address = "10.1.0.10"},
	{"discover, remembered", {.type = DHCP_DISCOVER, .client = 1},
	 OURS("10.1.0.11", LEASE_FREE), .action = SERVER_OFFER, .address = "10.1.0.11"},
	{"discover, bound", {.type = DHCP_DISCOVER, .client = 1, .requested = "10.1.0.12"},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_OFFER, .address = "10.1.0.11"},
	{"discover, time asked", {.type = DHCP_DISCOVER, .client = 1, .lease_time = 1000},
	 .action = SERVER_OFFER, .lease_time = 1000},
	{"discover, all taken", {.type = DHCP_DISCOVER, .client = 1},
	 {{"10.1.0.10", 2, LEASE_ACTIVE}, {"10.1.0.11", 3, LEASE_ABANDONED}, {"10.1.0.12", 4, LEASE_ACTIVE}},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_NO_ADDRESS},
	{"discover, fixed", {.type = DHCP_DISCOVER, .client = 7},
	 .action = SERVER_OFFER_STATIC, .address = "10.1.0.100", .lease_time = 600},
	{"discover, fixed, another bound there", {.type = DHCP_DISCOVER, .client = 7},
	 THEIRS("10.1.0.100", LEASE_ACTIVE), .action = SERVER_OFFER_STATIC, .address = "10.1.0.101"},
	{"discover, fixed, others bound there", {.type = DHCP_DISCOVER, .client = 7},
	 {{"10.1.0.100", 2, LEASE_ACTIVE}, {"10.1.0.101", 3, LEASE_ACTIVE}},
	 .action = SERVER_OFFER, .address = "10.1.0.10"},
	{"discover, fixed, another had it", {.type = DHCP_DISCOVER, .client = 7},
	 THEIRS("10.1.0.100", LEASE_FREE), .action = SERVER_OFFER_STATIC, .address = "10.1.0.100"},
	{"discover, fixed, elsewhere", {.type = DHCP_DISCOVER, .client = 7, .giaddr = "10.3.0.1"},
	 .action = SERVER_OFFER_STATIC, .address = "10.3.0.100"},
	{"discover, fixed, but not here", {.type = DHCP_DISCOVER, .client = 7, .giaddr = "10.2.0.1"},
	 .action = SERVER_OFFER},
	{"discover, host without address", {.type = DHCP_DISCOVER, .client = 8},
	 .action = SERVER_OFFER, .lease_time = 700},
	{"discover, no network", {.type = DHCP_DISCOVER, .client = 1, .giaddr = "172.16.0.1"},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_NO_NETWORK},

	/* section 4.3.2, SELECTING */
	{"selecting, offered", SELECTING("10.1.0.11"),
	 OURS("10.1.0.11", 0), .action = SERVER_GRANT, .address = "10.1.0.11", .lease_time = 600},
	{"selecting, offered to another", SELECTING("10.1.0.11"),
	 THEIRS("10.1.0.11", 0), .action = SERVER_NAK, .message = SERVER_NAK_ADDRESS},
	{"selecting, not offered, free", SELECTING("10.1.0.11"),
	 .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"selecting, another's", SELECTING("10.1.0.11"),
	 THEIRS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_NAK, .message = SERVER_NAK_ADDRESS},
	{"selecting, another had it", SELECTING("10.1.0.11"),
	 THEIRS("10.1.0.11", LEASE_FREE), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"selecting, abandoned", SELECTING("10.1.0.11"),
	 OURS("10.1.0.11", LEASE_ABANDONED), .action = SERVER_NAK, .message = SERVER_NAK_ADDRESS},
	{"selecting, in no range", SELECTING("10.1.0.50"),
	 .action = SERVER_NAK, .message = SERVER_NAK_ADDRESS},
	{"selecting, wrong network", SELECTING("10.2.0.11"), .action = SERVER_NAK,
	 .message = SERVER_NAK_NETWORK, .meek = SERVER_SILENT_UNKNOWN},
	{"selecting, bound already", SELECTING("10.1.0.11"),
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"selecting, bound elsewhere", SELECTING("10.1.0.11"),
	 OURS("10.1.0.12", LEASE_ACTIVE), .action = SERVER_GRANT, .address = "10.1.0.11",
	 .previous = "10.1.0.12"},
	{"selecting, bound in another network", SELECTING("10.1.0.11"),
	 OURS("10.2.0.12", LEASE_ACTIVE), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"selecting, another server", {.type = DHCP_REQUEST, .client = 1, .requested = "10.1.0.11",
				       .server_id = "10.1.0.99"},
	 OURS("10.1.0.11", 0), .action = SERVER_IGNORE, .silence = SERVER_SILENT_OTHER_SERVER,
	 .lease = "10.1.0.11"},
	{"selecting, another server, bound here", {.type = DHCP_REQUEST, .client = 1,
						   .requested = "10.1.0.77", .server_id = "10.1.0.99"},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_IGNORE,
	 .silence = SERVER_SILENT_OTHER_SERVER},
	{"selecting, configured identifier", {.type = DHCP_REQUEST, .client = 1, .giaddr = "10.2.0.1",
					      .requested = "10.2.0.11", .server_id = "10.2.0.2"},
	 .action = SERVER_GRANT, .address = "10.2.0.11"},
	{"selecting, by the address that we are spoken to", {.type = DHCP_REQUEST, .client = 1,
		.giaddr = "10.2.0.1", .requested = "10.2.0.11", .server_id = "10.1.0.5",
		.destination = "10.1.0.5"},
	 .action = SERVER_GRANT, .address = "10.2.0.11"},
	{"selecting, time below the least", {.type = DHCP_REQUEST, .client = 1, .lease_time = 5,
					     .requested = "10.1.0.11", .server_id = "10.1.0.1"},
	 .action = SERVER_GRANT, .lease_time = 60},
	{"selecting, time beyond the most", {.type = DHCP_REQUEST, .client = 1, .lease_time = 0xffffffff,
					     .requested = "10.1.0.11", .server_id = "10.1.0.1"},
	 .action = SERVER_GRANT, .lease_time = 7200},
	{"selecting, fixed", {.type = DHCP_REQUEST, .client = 7, .requested = "10.1.0.101",
			      .server_id = "10.1.0.1"},
	 .action = SERVER_STATIC, .address = "10.1.0.101", .lease_time = 600},
	{"selecting, fixed, bound before", {.type = DHCP_REQUEST, .client = 7,
					    .requested = "10.1.0.100", .server_id = "10.1.0.1"},
	 {{"10.1.0.10", 7, LEASE_ACTIVE}},
	 .action = SERVER_STATIC, .address = "10.1.0.100", .previous = "10.1.0.10"},
	{"selecting, fixed to another", {.type = DHCP_REQUEST, .client = 7, .requested = "10.1.0.10",
					 .server_id = "10.1.0.1"},
	 .action = SERVER_NAK, .message = SERVER_NAK_STATIC},

	/* section 4.3.2, INIT-REBOOT */
	{"reboot, bound", REBOOT("10.1.0.11"),
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"reboot, remembered", REBOOT("10.1.0.11"),
	 OURS("10.1.0.11", LEASE_FREE), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"reboot, never used", REBOOT("10.1.0.11"), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"reboot, another had it", REBOOT("10.1.0.11"), THEIRS("10.1.0.11", LEASE_FREE),
	 .action = SERVER_NAK, .message = SERVER_NAK_ADDRESS, .meek = SERVER_SILENT_UNKNOWN},
	{"reboot, another's", REBOOT("10.1.0.11"), THEIRS("10.1.0.11", LEASE_ACTIVE),
	 .action = SERVER_NAK, .message = SERVER_NAK_ADDRESS},
	{"reboot, offered to another", REBOOT("10.1.0.11"), THEIRS("10.1.0.11", 0),
	 .action = SERVER_NAK, .message = SERVER_NAK_ADDRESS},
	{"reboot, in no range", REBOOT("10.1.0.50"),
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_UNKNOWN},
	{"reboot, wrong network", REBOOT("10.2.0.11"),
	 .action = SERVER_NAK, .message = SERVER_NAK_NETWORK, .meek = SERVER_SILENT_UNKNOWN},
	{"reboot, unknown network", REBOOT("192.168.1.11"),
	 .action = SERVER_NAK, .message = SERVER_NAK_NETWORK, .meek = SERVER_SILENT_UNKNOWN},
	{"reboot, wrong network, bound there", REBOOT("10.2.0.11"),
	 OURS("10.2.0.11", LEASE_ACTIVE), .action = SERVER_NAK, .message = SERVER_NAK_NETWORK,
	 .meek = SERVER_SILENT_UNKNOWN},
	{"reboot, fixed", {.type = DHCP_REQUEST, .client = 7, .requested = "10.1.0.100"},
	 .action = SERVER_STATIC, .address = "10.1.0.100"},
	{"reboot, fixed, others bound there", {.type = DHCP_REQUEST, .client = 7, .requested = "10.1.0.100"},
	 {{"10.1.0.100", 2, LEASE_ACTIVE}, {"10.1.0.101", 3, LEASE_ACTIVE}},
	 .action = SERVER_NAK, .message = SERVER_NAK_ADDRESS, .meek = SERVER_SILENT_UNKNOWN},
	{"reboot, fixed, dynamic before", {.type = DHCP_REQUEST, .client = 7, .requested = "10.1.0.10"},
	 {{"10.1.0.10", 7, LEASE_ACTIVE}}, .action = SERVER_NAK, .message = SERVER_NAK_STATIC},
	{"reboot, fixed, but not here", {.type = DHCP_REQUEST, .client = 7, .requested = "10.1.0.100",
					 .giaddr = "10.2.0.1"},
	 .action = SERVER_NAK, .message = SERVER_NAK_NETWORK, .meek = SERVER_SILENT_UNKNOWN},

	/* section 4.3.2, RENEWING and REBINDING */
	{"renewing", RENEW("10.1.0.11"),
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"renewing, behind a relay", RENEW("10.2.0.11"),
	 OURS("10.2.0.11", LEASE_ACTIVE), .action = SERVER_GRANT, .address = "10.2.0.11"},
	{"renewing, run out", RENEW("10.1.0.11"),
	 OURS("10.1.0.11", LEASE_FREE), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"renewing, never ours", RENEW("10.1.0.11"), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"renewing, another had it since", RENEW("10.1.0.11"),
	 THEIRS("10.1.0.11", LEASE_FREE), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"renewing, another has it", RENEW("10.1.0.11"),
	 THEIRS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_NAK, .message = SERVER_NAK_ADDRESS},
	{"renewing, abandoned", RENEW("10.1.0.11"),
	 OURS("10.1.0.11", LEASE_ABANDONED), .action = SERVER_NAK, .message = SERVER_NAK_ADDRESS},
	{"renewing, in no range", RENEW("10.1.0.50"),
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_UNKNOWN},
	{"renewing, no network", RENEW("172.16.0.1"),
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_NO_NETWORK},
	{"renewing, moved", RENEW("10.1.0.11"),
	 {{"10.1.0.11", 1, LEASE_FREE}, {"10.1.0.12", 1, LEASE_ACTIVE}},
	 .action = SERVER_GRANT, .address = "10.1.0.11", .previous = "10.1.0.12"},
	{"renewing, with our identifier", {.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.1.0.11",
					   .destination = "10.1.0.1", .server_id = "10.1.0.1"},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"renewing, with another's identifier", {.type = DHCP_REQUEST, .client = 1,
						 .ciaddr = "10.1.0.11", .server_id = "10.1.0.99"},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_IGNORE,
	 .silence = SERVER_SILENT_OTHER_SERVER},
	{"renewing, asks for the same", {.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.1.0.11",
					 .requested = "10.1.0.11"},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"renewing, asks for another", {.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.1.0.11",
					.requested = "10.1.0.12"},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_IGNORE, .silence = SERVER_SILENT_MALFORMED},
	{"request for nothing", {.type = DHCP_REQUEST, .client = 1, .server_id = "10.1.0.1"},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_MALFORMED},
	{"rebinding", REBIND("10.1.0.11"),
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_GRANT, .address = "10.1.0.11"},
	{"rebinding, relayed", {.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.2.0.11",
				.giaddr = "10.2.0.1", .destination = "10.1.0.1"},
	 OURS("10.2.0.11", LEASE_ACTIVE), .action = SERVER_GRANT, .address = "10.2.0.11"},
	{"rebinding, wrong network", REBIND("10.2.0.11"),
	 OURS("10.2.0.11", LEASE_ACTIVE), .action = SERVER_NAK, .message = SERVER_NAK_NETWORK,
	 .meek = SERVER_SILENT_UNKNOWN},
	{"renewing, fixed", {.type = DHCP_REQUEST, .client = 7, .ciaddr = "10.1.0.100",
			     .destination = "10.1.0.1"},
	 .action = SERVER_STATIC, .address = "10.1.0.100"},
	{"renewing, fixed meanwhile", {.type = DHCP_REQUEST, .client = 7, .ciaddr = "10.1.0.10",
				       .destination = "10.1.0.1"},
	 {{"10.1.0.10", 7, LEASE_ACTIVE}}, .action = SERVER_NAK, .message = SERVER_NAK_STATIC},

	/* section 4.3.4 */
	{"release", {.type = DHCP_RELEASE, .client = 1, .ciaddr = "10.1.0.11",
		     .destination = "10.1.0.1", .server_id = "10.1.0.1"},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_RELEASE, .address = "10.1.0.11"},
	{"release that waited: there is no partner", {.type = DHCP_RELEASE, .client = 1,
						    .ciaddr = "10.1.0.11", .stale = true},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_RELEASE, .address = "10.1.0.11"},
	{"release without identifier", {.type = DHCP_RELEASE, .client = 1, .ciaddr = "10.1.0.11"},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_RELEASE, .address = "10.1.0.11"},
	{"release to another server", {.type = DHCP_RELEASE, .client = 1, .ciaddr = "10.1.0.11",
				       .server_id = "10.1.0.99"},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_IGNORE,
	 .silence = SERVER_SILENT_OTHER_SERVER},
	{"release of another's", {.type = DHCP_RELEASE, .client = 1, .ciaddr = "10.1.0.11"},
	 THEIRS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_IGNORE,
	 .silence = SERVER_SILENT_NOT_BOUND},
	{"release twice", {.type = DHCP_RELEASE, .client = 1, .ciaddr = "10.1.0.11"},
	 OURS("10.1.0.11", LEASE_FREE), .action = SERVER_IGNORE, .silence = SERVER_SILENT_NOT_BOUND},
	{"release of nothing", {.type = DHCP_RELEASE, .client = 1},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_MALFORMED},
	{"release, fixed", {.type = DHCP_RELEASE, .client = 7, .ciaddr = "10.1.0.100"},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_STATIC},
	{"release, fixed meanwhile", {.type = DHCP_RELEASE, .client = 7, .ciaddr = "10.1.0.10"},
	 {{"10.1.0.10", 7, LEASE_ACTIVE}}, .action = SERVER_RELEASE, .address = "10.1.0.10"},

	/* section 4.3.3 */
	{"decline", {.type = DHCP_DECLINE, .client = 1, .requested = "10.1.0.11",
		     .server_id = "10.1.0.1"},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_DECLINE, .address = "10.1.0.11"},
	{"decline to another server", {.type = DHCP_DECLINE, .client = 1, .requested = "10.1.0.11",
				       .server_id = "10.1.0.99"},
	 OURS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_IGNORE,
	 .silence = SERVER_SILENT_OTHER_SERVER},
	{"decline of another's", {.type = DHCP_DECLINE, .client = 1, .requested = "10.1.0.11"},
	 THEIRS("10.1.0.11", LEASE_ACTIVE), .action = SERVER_IGNORE,
	 .silence = SERVER_SILENT_NOT_BOUND},
	{"decline of an offer", {.type = DHCP_DECLINE, .client = 1, .requested = "10.1.0.11"},
	 OURS("10.1.0.11", 0), .action = SERVER_IGNORE, .silence = SERVER_SILENT_NOT_BOUND},
	{"decline of nothing", {.type = DHCP_DECLINE, .client = 1},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_MALFORMED},
	{"decline, fixed", {.type = DHCP_DECLINE, .client = 7, .requested = "10.1.0.100"},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_STATIC},

	/* section 4.3.5 */
	{"inform", {.type = DHCP_INFORM, .client = 1, .ciaddr = "10.1.0.60"},
	 .action = SERVER_INFORM, .meek = SERVER_SILENT_UNKNOWN},
	{"inform by source", {.type = DHCP_INFORM, .client = 1, .source = "10.1.0.60"},
	 .action = SERVER_INFORM, .meek = SERVER_SILENT_UNKNOWN},
	{"inform by relay", {.type = DHCP_INFORM, .client = 1, .giaddr = "10.2.0.1"},
	 .action = SERVER_INFORM, .meek = SERVER_SILENT_UNKNOWN},
	{"inform by nobody", {.type = DHCP_INFORM, .client = 1},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_MALFORMED},

	{"an offer", {.type = DHCP_OFFER, .client = 1},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_TYPE},
	{"a nak", {.type = DHCP_NAK, .client = 1},
	 .action = SERVER_IGNORE, .silence = SERVER_SILENT_TYPE},
};
/* clang-format on */

static void preset(struct fixture *fixture, const struct preset *preset)
{
	struct asked client;
	struct lease *lease;

	ask_write(&client, &(struct ask){.type = DHCP_DISCOVER, .client = preset->client});
	if (preset->state) {
		fixture_record(fixture, &client, preset->address, preset->state);
		return;
	}
	lease = lease_table_find(fixture->table, ip(preset->address));
	assert_non_null(lease);
	assert_int_equal(lease_pool_offer(fixture->table, lease, &client.request.ident,
					  NOW + SERVER_OFFER_HOLD),
			 0);
}

static bool gives_lease(enum server_action action)
{
	return action == SERVER_OFFER || action == SERVER_GRANT || action == SERVER_RELEASE ||
	       action == SERVER_DECLINE;
}

static void check_details(const struct row *row, const struct server_verdict *verdict)
{
	if (row->address && verdict->address != ip(row->address))
		fail_msg("%s: address %08x", row->name, verdict->address);
	if (row->lease_time && verdict->lease_time != row->lease_time)
		fail_msg("%s: %u seconds", row->name, verdict->lease_time);
	if (verdict->action == SERVER_NAK && strcmp(verdict->message, row->message))
		fail_msg("%s: NAK says %s", row->name, verdict->message);
	if (gives_lease(verdict->action) &&
	    (!verdict->lease || verdict->lease->address != verdict->address))
		fail_msg("%s: not the lease of the address", row->name);
	if (verdict->action == SERVER_IGNORE &&
	    (row->lease ? !verdict->lease || verdict->lease->address != ip(row->lease)
			: !!verdict->lease))
		fail_msg("%s: offer to give up", row->name);
	if (verdict->moved != !!row->previous ||
	    (row->previous && verdict->previous->address != ip(row->previous)))
		fail_msg("%s: previous lease", row->name);
}

static void check(const struct row *row, const char *conf, bool is_meek)
{
	enum server_action action = is_meek && row->meek ? SERVER_IGNORE : row->action;
	enum server_silence silence = is_meek && row->meek ? row->meek : row->silence;
	struct server_verdict verdict;
	struct fixture fixture;
	struct asked asked;

	fixture_open(&fixture, conf);
	for (size_t i = 0; i < 3 && row->before[i].address; i++)
		preset(&fixture, &row->before[i]);
	ask_write(&asked, &row->ask);
	verdict = fixture_decide(&fixture, &asked);
	if (verdict.action != action || verdict.silence != silence)
		fail_msg("%s (%s): action %d, silence %s", row->name, is_meek ? "meek" : "loud",
			 verdict.action, server_silence_word(verdict.silence));
	if (!is_meek || !row->meek)
		check_details(row, &verdict);
	fixture_shut(&fixture);
}

static void authoritative(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i], loud, false);
}

static void not_authoritative(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i], meek, true);
}

/* The offer ends, so that the address is another's to have. */
static void an_offer_runs_out(void **state)
{
	struct server_verdict verdict;
	struct fixture fixture;
	struct asked asked;

	(void)state;
	fixture_open(&fixture, loud);
	preset(&fixture, &(struct preset){"10.1.0.11", 2, 0});
	ask_write(&asked, &(struct ask)SELECTING("10.1.0.11"));
	asked.request.now = NOW + SERVER_OFFER_HOLD - 1;
	assert_int_equal(fixture_decide(&fixture, &asked).action, SERVER_NAK);
	asked.request.now = NOW + SERVER_OFFER_HOLD + 1;
	verdict = fixture_decide(&fixture, &asked);
	assert_int_equal(verdict.action, SERVER_GRANT);
	assert_int_equal(verdict.address, ip("10.1.0.11"));
	fixture_shut(&fixture);
}

/* An offer that has run out is nothing to give up. */
static void an_old_offer_is_none(void **state)
{
	struct server_verdict verdict;
	struct fixture fixture;
	struct asked asked;

	(void)state;
	fixture_open(&fixture, loud);
	preset(&fixture, &(struct preset){"10.1.0.11", 1, LEASE_FREE});
	preset(&fixture, &(struct preset){"10.1.0.11", 1, 0});
	ask_write(&asked, &(struct ask){.type = DHCP_REQUEST,
					.client = 1,
					.requested = "10.1.0.11",
					.server_id = "10.1.0.99"});
	verdict = fixture_decide(&fixture, &asked);
	assert_int_equal(verdict.silence, SERVER_SILENT_OTHER_SERVER);
	assert_int_equal(verdict.lease->address, ip("10.1.0.11"));
	asked.request.now = NOW + SERVER_OFFER_HOLD + 1;
	verdict = fixture_decide(&fixture, &asked);
	assert_int_equal(verdict.silence, SERVER_SILENT_OTHER_SERVER);
	assert_null(verdict.lease);
	fixture_shut(&fixture);
}

/* An address whose range is gone from the configuration is renewed for nobody. */
static void a_range_is_gone(void **state)
{
	struct server_verdict verdict;
	struct conf *later = fixture_conf("subnet 10.1.0.0 netmask 255.255.255.0 {\n"
					  "  range 10.1.0.20 10.1.0.21; }\n");
	struct fixture fixture;
	struct asked asked;

	(void)state;
	fixture_open(&fixture, meek);
	preset(&fixture, &(struct preset){"10.1.0.11", 1, LEASE_ACTIVE});
	assert_int_equal(lease_table_reload(fixture.table, later), 0);
	conf_free(fixture.conf);
	fixture.conf = later;
	ask_write(&asked, &(struct ask)RENEW("10.1.0.11"));
	verdict = fixture_decide(&fixture, &asked);
	assert_int_equal(verdict.action, SERVER_NAK);
	ask_write(&asked, &(struct ask){.type = DHCP_REQUEST,
					.client = 2,
					.ciaddr = "10.1.0.11",
					.destination = "10.1.0.1"});
	verdict = fixture_decide(&fixture, &asked);
	assert_int_equal(verdict.action, SERVER_IGNORE);
	assert_int_equal(verdict.silence, SERVER_SILENT_UNKNOWN);
	ask_write(&asked, &(struct ask){.type = DHCP_RELEASE, .client = 1, .ciaddr = "10.1.0.11"});
	assert_int_equal(fixture_decide(&fixture, &asked).action, SERVER_RELEASE);
	fixture_shut(&fixture);
}

/* Option 61 makes the client, not the hardware address (RFC 2131 section 4.2). */
static void identity_is_the_identifier(void **state)
{
	struct fixture fixture;
	struct asked first, second, third;

	(void)state;
	fixture_open(&fixture, loud);
	ask_write(&first, &(struct ask){.type = DHCP_REQUEST,
					.client = 1,
					.ciaddr = "10.1.0.11",
					.identifier = "me",
					.destination = "10.1.0.1"});
	ask_write(&second, &(struct ask){.type = DHCP_REQUEST,
					 .client = 2,
					 .ciaddr = "10.1.0.11",
					 .identifier = "me",
					 .destination = "10.1.0.1"});
	ask_write(&third, &(struct ask)RENEW("10.1.0.11"));
	fixture_record(&fixture, &first, "10.1.0.11", LEASE_ACTIVE);
	assert_int_equal(fixture_decide(&fixture, &first).action, SERVER_GRANT);
	assert_int_equal(fixture_decide(&fixture, &second).action, SERVER_GRANT);
	assert_int_equal(fixture_decide(&fixture, &third).action, SERVER_NAK);
	fixture_shut(&fixture);
}

/* Which identifier and scope a verdict carries. */
static void scopes_and_identifiers(void **state)
{
	struct server_verdict verdict;
	struct fixture fixture;
	struct asked asked;

	(void)state;
	fixture_open(&fixture, loud);
	ask_write(&asked, &(struct ask){.type = DHCP_DISCOVER, .client = 1});
	verdict = fixture_decide(&fixture, &asked);
	assert_int_equal(verdict.server_id, ip("10.1.0.1"));
	assert_ptr_equal(verdict.scope.subnet, conf_subnet_of(fixture.conf, ip("10.1.0.1")));
	ask_write(&asked, &(struct ask){.type = DHCP_DISCOVER, .client = 1, .giaddr = "10.2.0.1"});
	verdict = fixture_decide(&fixture, &asked);
	assert_int_equal(verdict.server_id, ip("10.2.0.2"));
	ask_write(&asked, &(struct ask){.type = DHCP_REQUEST,
					.client = 1,
					.giaddr = "10.2.0.1",
					.requested = "10.1.0.10"});
	verdict = fixture_decide(&fixture, &asked);
	assert_int_equal(verdict.action, SERVER_NAK);
	assert_int_equal(verdict.server_id, ip("10.2.0.2"));
	ask_write(&asked, &(struct ask){.type = DHCP_INFORM, .client = 1, .ciaddr = "10.2.0.60"});
	verdict = fixture_decide(&fixture, &asked);
	assert_int_equal(verdict.server_id, ip("10.2.0.2"));
	assert_ptr_equal(verdict.scope.subnet, conf_subnet_of(fixture.conf, ip("10.2.0.1")));
	assert_int_equal(verdict.address, 0);
	ask_write(&asked, &(struct ask){.type = DHCP_DISCOVER, .client = 8});
	verdict = fixture_decide(&fixture, &asked);
	assert_string_equal(verdict.host->name, "known");
	ask_write(&asked, &(struct ask){.type = DHCP_DISCOVER, .client = 7, .giaddr = "10.2.0.1"});
	verdict = fixture_decide(&fixture, &asked);
	assert_null(verdict.host);
	fixture_shut(&fixture);
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(server_silence_word(SERVER_SILENT_NO_NETWORK), "no-network");
	assert_string_equal(server_silence_word(SERVER_SILENT_TYPE), "type");
	assert_string_equal(server_silence_word(SERVER_SILENT_NONE), "none");
	assert_string_equal(server_silence_word(SERVER_SILENT_MAX), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(authoritative),
		cmocka_unit_test(not_authoritative),
		cmocka_unit_test(an_offer_runs_out),
		cmocka_unit_test(an_old_offer_is_none),
		cmocka_unit_test(a_range_is_gone),
		cmocka_unit_test(identity_is_the_identifier),
		cmocka_unit_test(scopes_and_identifiers),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
