/* SPDX-License-Identifier: GPL-2.0-only */
/* What `leases` shows, and which. */
#include "fixture.h"

static void fields_shown(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);

	(void)state;
	leases_add(fixture, 300);
	client_send(client, "{\"command\":\"leases\",\"ip\":\"10.0.1.2\"}\n");
	assert_string_equal(
		client_line(client),
		"{\"address\":\"10.0.1.2\",\"state\":\"active\","
		"\"starts\":1800000000,\"starts_iso\":\"2027-01-15T08:00:00Z\","
		"\"ends\":1800000600,\"ends_iso\":\"2027-01-15T08:10:00Z\","
		"\"horizon\":1800001200,\"horizon_iso\":\"2027-01-15T08:20:00Z\","
		"\"cltt\":1800000000,\"cltt_iso\":\"2027-01-15T08:00:00Z\","
		"\"hardware\":\"02:00:0a:00:01:02\",\"htype\":1,"
		"\"client_id\":\"63:2d:32:35:38\",\"hostname\":\"host\\nname\","
		"\"agent\":\"01:03:61:62:63\",\"circuit_id\":\"61:62:63\",\"remote_id\":null,"
		"\"failover\":null}");
	assert_int_equal(client_ask(client, ""), CTL_LEASES);
	client_send(client, "{\"command\":\"leases\",\"ip\":\"10.0.0.0\"}\n");
	assert_non_null(strstr(client_line(client), "\"horizon\":null,\"horizon_iso\":\"never\""));
	assert_int_equal(client_ask(client, ""), CTL_LEASES);
	client_shut(client);
	fixture_shut(fixture);
}

/* Of an address that a partner has a share in: what it knows, and whether it knows all. */
static void partner_shown(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	struct lease_record *record;
	struct lease *lease;

	(void)state;
	leases_add(fixture, 2);
	lease = lease_table_find(fixture->table, FIRST);
	lease->relation = 1;
	record = lease->current;
	record->flags = LEASE_OWED;
	record->potential = 1800002000;
	record->acknowledged = 1800001400;
	record->received = 0;
	record->known = 1800000600;
	client_send(client, "{\"command\":\"leases\",\"ip\":\"10.0.0.0\"}\n");
	assert_non_null(
		strstr(client_line(client),
		       "\"failover\":{\"owed\":true,"
		       "\"potential\":1800002000,\"potential_iso\":\"2027-01-15T08:33:20Z\","
		       "\"acknowledged\":1800001400,\"acknowledged_iso\":\"2027-01-15T08:23:20Z\","
		       "\"received\":null,\"received_iso\":null,"
		       "\"known\":1800000600,\"known_iso\":\"2027-01-15T08:10:00Z\"}}"));
	assert_int_equal(client_ask(client, ""), CTL_LEASES);
	record->flags = 0;
	client_send(client, "{\"command\":\"leases\",\"ip\":\"10.0.0.0\"}\n");
	assert_non_null(strstr(client_line(client), "\"failover\":{\"owed\":false,"));
	assert_int_equal(client_ask(client, ""), CTL_LEASES);
	client_shut(client);
	fixture_shut(fixture);
}

/* Longest identity, agent data and host name of bytes that are no UTF-8. */
static void fields_extreme(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	struct lease_record *record;
	uint8_t bytes[4096];
	json_t *lease;

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	bytes[0] = 61;
	record = lease_record_new(bytes, 256, bytes + 1, 2048, bytes + 1, 255);
	record->address = FIRST + 5;
	record->state = LEASE_ACTIVE;
	record->ends = INT64_MAX - 1;
	record->hlen = 255;
	assert_int_equal(lease_commit_restore(fixture->commit, record), 0);
	client_send(client, "{\"command\":\"leases\"}\n");
	lease = json_loads(client_line(client), 0, NULL);
	assert_int_equal(json_string_length(json_object_get(lease, "client_id")), 255 * 3 - 1);
	assert_int_equal(json_string_length(json_object_get(lease, "agent")), 2048 * 3 - 1);
	assert_int_equal(json_string_length(json_object_get(lease, "hostname")), 255);
	assert_int_equal(json_string_length(json_object_get(lease, "hardware")), 16 * 3 - 1);
	assert_true(json_is_null(json_object_get(lease, "circuit_id")));
	json_decref(lease);
	assert_int_equal(client_ask(client, ""), CTL_LEASES);
	client_shut(client);
	fixture_shut(fixture);
}

static size_t leases_count(struct client *client, const char *arguments)
{
	char request[256];
	json_t *reply;
	size_t lines;

	snprintf(request, sizeof(request), "{\"command\":\"leases\"%s}\n", arguments);
	client_send(client, request);
	reply = client_reply(client, &lines);
	assert_int_equal(json_integer_value(json_object_get(reply, "code")), CTL_LEASES);
	assert_int_equal(json_integer_value(json_object_get(reply, "count")), lines);
	json_decref(reply);
	return lines;
}

static void filters_hold(void **state)
{
	static const struct {
		const char *arguments;
		size_t count;
	} rows[] = {
		{"", 5000},
		{",\"ip\":null", 5000},
		{",\"ip\":\"10.0.0.0\"", 1},
		{",\"ip\":\"10.0.19.135\"", 1},
		{",\"ip\":\"10.0.19.136\"", 0},
		{",\"ip\":\"255.255.255.255\"", 0},
		{",\"ip\":\"0.0.0.0\"", 0},
		{",\"mac\":\"02:00:0a:00:13:87\"", 1},
		{",\"mac\":\"2:0:A:0:13:87\"", 1},
		{",\"mac\":\"02:00:0a:00:13\"", 0},
		{",\"client_id\":\"c-4999\"", 1},
		{",\"client_id\":\"c-499\"", 1},
		{",\"client_id\":\"c-5000\"", 0},
		{",\"client_id\":\"63:2d:37\"", 1},
		{",\"client_id\":\"0x632d37\"", 1},
		{",\"client_id\":\"632d37\"", 0},
		{",\"state\":\"active\"", 4500},
		{",\"state\":\"free\"", 500},
		{",\"state\":\"abandoned\"", 0},
		{",\"state\":\"free\",\"client_id\":\"c-9\"", 1},
		{",\"state\":\"free\",\"client_id\":\"c-8\"", 0},
		{",\"ip\":\"10.0.0.8\",\"client_id\":\"c-9\"", 0},
	};
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);

	(void)state;
	leases_add(fixture, 5000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t count = leases_count(client, rows[i].arguments);

		if (count != rows[i].count)
			fail_msg("%s: %zu, not %zu", rows[i].arguments, count, rows[i].count);
	}
	client_shut(client);
	fixture_shut(fixture);
}

/* A text identifier is found with and without the type byte that RFC 2132 puts in front. */
static void text_with_type(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	struct lease_record *record = lease_record_new("\75\0modem", 7, NULL, 0, NULL, 0);

	(void)state;
	record->address = FIRST + 9;
	record->state = LEASE_ACTIVE;
	assert_int_equal(lease_commit_restore(fixture->commit, record), 0);
	assert_int_equal(leases_count(client, ",\"client_id\":\"modem\""), 1);
	assert_int_equal(leases_count(client, ",\"client_id\":\"00:6d:6f:64:65:6d\""), 1);
	assert_int_equal(leases_count(client, ",\"client_id\":\"6d:6f:64:65:6d\""), 0);
	client_shut(client);
	fixture_shut(fixture);
}

/* Every address once, in ascending order, over all borders of chunks. */
static void order_kept(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);

	(void)state;
	leases_add(fixture, 20000);
	client_send(client, "{\"command\":\"leases\"}\n");
	for (uint32_t i = 0; i < 20000; i++) {
		char wanted[64];

		snprintf(wanted, sizeof(wanted), "{\"address\":\"10.0.%u.%u\",", i >> 8, i & 255);
		if (strncmp(client_line(client), wanted, strlen(wanted)))
			fail_msg("%.60s, not %s", client->line, wanted);
	}
	assert_int_equal(client_ask(client, ""), CTL_LEASES);
	client_shut(client);
	fixture_shut(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_shown),	  cmocka_unit_test(partner_shown),
		cmocka_unit_test(fields_extreme), cmocka_unit_test(filters_hold),
		cmocka_unit_test(text_with_type), cmocka_unit_test(order_kept),
	};

	return cmocka_run_group_tests(tests, reader_enter, reader_leave);
}
