/* SPDX-License-Identifier: GPL-2.0-only */
/* One line in, one line out, whatever comes. */
#include "fixture.h"

static void commands_answered(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);

	(void)state;
	assert_int_equal(client_ask(client, "{\"command\":\"status\"}\n"), CTL_STATUS);
	assert_int_equal(client_ask(client, "{\"command\":\"check\"}\n"), CTL_HEALTHY);
	assert_int_equal(client_ask(client, "{\"command\":\"reload\"}\n"), CTL_RELOADED);
	assert_int_equal(client_ask(client, "{\"command\":\"leases\"}\n"), CTL_LEASES);
	assert_int_equal(fixture->stopped, 0);
	assert_int_equal(client_ask(client, "{\"command\":\"stop\"}\n"), CTL_STOPPING);
	assert_int_equal(fixture->stopped, 1);
	/* The fixture's daemon has no such verb. */
	assert_int_equal(client_ask(client, "{\"command\":\"detach\"}\n"), CTL_NOT_SERVING);
	client_shut(client);
	fixture_shut(fixture);
}

static void status_carried(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	json_t *reply;

	(void)state;
	client_send(client, "{\"command\":\"status\"}\n");
	reply = client_reply(client, NULL);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(reply, "status"), "phase")),
		"serving");
	json_decref(reply);
	client_shut(client);
	fixture_shut(fixture);
}

static json_t *counter_find(const json_t *reply, const char *group, const char *word)
{
	json_t *counter;
	size_t i;

	json_array_foreach(json_object_get(reply, "counters"), i, counter)
	{
		if (!strcmp(json_string_value(json_object_get(counter, "group")), group) &&
		    !strcmp(json_string_value(json_object_get(counter, "word")), word))
			return counter;
	}
	fail_msg("no counter %s %s", group, word);
	return NULL;
}

static void stats_carried(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	json_t *reply, *counter;

	(void)state;
	client_send(client, "{\"command\":\"stats\"}\n");
	reply = client_reply(client, NULL);
	assert_int_equal(json_array_size(json_object_get(reply, "counters")),
			 XDHCP_COUNTER_MAX + 1);
	counter = counter_find(reply, "kernel", "punt-limit");
	assert_int_equal(json_integer_value(json_object_get(counter, "value")), 17);
	assert_string_equal(json_string_value(json_object_get(counter, "text")),
			    "lease end past the limit");
	counter = counter_find(reply, "net", "received");
	assert_int_equal(json_integer_value(json_object_get(counter, "value")), INT64_C(1) << 40);
	json_decref(reply);
	client_shut(client);
	fixture_shut(fixture);
}

static void findings_carried(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	json_t *reply, *finding;

	(void)state;
	fixture->finding = CTL_NOTE_SKB;
	assert_int_equal(client_ask(client, "{\"command\":\"check\"}\n"), CTL_HEALTHY);
	fixture->finding = CTL_SICK_INTERFACE;
	client_send(client, "{\"command\":\"check\"}\n");
	reply = client_reply(client, NULL);
	assert_int_equal(json_integer_value(json_object_get(reply, "code")), CTL_UNHEALTHY);
	assert_string_equal(json_string_value(json_object_get(reply, "text")), "eth7 is down");
	finding = json_array_get(json_object_get(reply, "findings"), 0);
	assert_int_equal(json_integer_value(json_object_get(finding, "code")), CTL_SICK_INTERFACE);
	json_decref(reply);
	client_shut(client);
	fixture_shut(fixture);
}

/* The same findings under numbers of its own: a test that failed is no sick daemon yet. */
static void self_test_told(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	json_t *reply;

	(void)state;
	assert_int_equal(client_ask(client, "{\"command\":\"self-test\"}\n"), CTL_SELF_TEST_PASSED);
	fixture->finding = CTL_NOTE_POOL_FULL;
	assert_int_equal(client_ask(client, "{\"command\":\"self-test\"}\n"), CTL_SELF_TEST_PASSED);
	fixture->finding = CTL_SICK_DETACHED;
	client_send(client, "{\"command\":\"self-test\"}\n");
	reply = client_reply(client, NULL);
	assert_int_equal(json_integer_value(json_object_get(reply, "code")), CTL_SICK_SELF_TEST);
	assert_string_equal(json_string_value(json_object_get(reply, "text")), "eth7 is down");
	assert_int_equal(json_array_size(json_object_get(reply, "findings")), 1);
	json_decref(reply);
	fixture->stopped = 1;
	assert_int_equal(client_ask(client, "{\"command\":\"self-test\"}\n"), CTL_NOT_SERVING);
	client_shut(client);
	fixture_shut(fixture);
}

static void reload_refused(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	json_t *reply;

	(void)state;
	fixture->reload_result = -EINVAL;
	client_send(client, "{\"command\":\"reload\"}\n");
	reply = client_reply(client, NULL);
	assert_int_equal(json_integer_value(json_object_get(reply, "code")), CTL_BAD_CONFIGURATION);
	/* What is no UTF-8 does not cost the reply. */
	assert_string_equal(json_string_value(json_object_get(reply, "text")),
			    "dhcpd.conf:3:1: what is \"fo?o\"?");
	json_decref(reply);
	fixture->reload_result = -EIO;
	assert_int_equal(client_ask(client, "{\"command\":\"reload\"}\n"), CTL_FAILED);
	client_shut(client);
	fixture_shut(fixture);
}

static void help_complete(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	json_t *reply, *command;
	size_t i;

	(void)state;
	client_send(client, "{\"command\":\"help\"}\n");
	reply = client_reply(client, NULL);
	assert_int_equal(json_integer_value(json_object_get(reply, "protocol")), CTL_PROTOCOL);
	json_array_foreach(json_object_get(reply, "commands"), i, command)
	{
		const char *name = json_string_value(json_object_get(command, "name"));

		assert_non_null(ctl_command_find(name));
		assert_ptr_equal(ctl_command_find(name), ctl_command_at(i));
	}
	assert_null(ctl_command_at(i));
	assert_true(i >= 8);
	json_decref(reply);
	client_shut(client);
	fixture_shut(fixture);
}

/* Each is refused by its number, and the connection goes on. */
static void garbage_refused(void **state)
{
	static const struct {
		const char *line;
		int code;
	} rows[] = {
		{"\n", CTL_BAD_JSON},
		{"status\n", CTL_BAD_JSON},
		{"\xff\xfe\x01\x02\n", CTL_BAD_JSON},
		{"{\"command\":\"status\"\n", CTL_BAD_JSON},
		{"{\"command\":\"status\",\"command\":\"stop\"}\n", CTL_BAD_JSON},
		{"{\"command\":\"status\"} {\"command\":\"stop\"}\n", CTL_BAD_JSON},
		{"[]\n", CTL_BAD_JSON},
		{"\"status\"\n", CTL_BAD_JSON},
		{"{}\n", CTL_NO_COMMAND},
		{"{\"command\":7}\n", CTL_NO_COMMAND},
		{"{\"command\":\"destroy\"}\n", CTL_UNKNOWN_COMMAND},
		{"{\"command\":\"\"}\n", CTL_UNKNOWN_COMMAND},
		{"{\"command\":\"stop\",\"now\":true}\n", CTL_BAD_ARGUMENT},
		{"{\"command\":\"leases\",\"ip\":\"10.0.0\"}\n", CTL_BAD_ARGUMENT},
		{"{\"command\":\"leases\",\"ip\":1}\n", CTL_BAD_ARGUMENT},
		{"{\"command\":\"leases\",\"mac\":\"nonsense\"}\n", CTL_BAD_ARGUMENT},
		{"{\"command\":\"leases\",\"client_id\":\"0x1\"}\n", CTL_BAD_ARGUMENT},
		{"{\"command\":\"leases\",\"client_id\":\"\"}\n", CTL_BAD_ARGUMENT},
		{"{\"command\":\"leases\",\"state\":\"dead\"}\n", CTL_BAD_ARGUMENT},
	};
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int code = client_ask(client, rows[i].line);

		if (code != rows[i].code)
			fail_msg("%s: %d, not %d", rows[i].line, code, rows[i].code);
	}
	client_send_bytes(client, "{\"command\":\"sta\0tus\"}\n", 22);
	assert_int_equal(client_ask(client, ""), CTL_BAD_JSON);
	assert_int_equal(client_ask(client, "{\"command\":\"status\"}\n"), CTL_STATUS);
	assert_int_equal(fixture->stopped, 0);
	client_shut(client);
	fixture_shut(fixture);
}

static void nesting_refused(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	static char deep[60001];

	(void)state;
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\n';
	client_send_bytes(client, deep, sizeof(deep));
	assert_int_equal(client_ask(client, ""), CTL_BAD_JSON);
	client_shut(client);
	fixture_shut(fixture);
}

/* A request byte by byte, and several at once. */
static void pieces_joined(void **state)
{
	static const char request[] = "{\"command\":\"status\"}\n";
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(request); i++)
		client_send_bytes(client, request + i, 1);
	assert_int_equal(client_ask(client, ""), CTL_STATUS);
	client_send(client, "{\"command\":\"status\"}\n{\"command\":\"check\"}\nnonsense\n{\"comm");
	assert_int_equal(client_ask(client, ""), CTL_STATUS);
	assert_int_equal(client_ask(client, ""), CTL_HEALTHY);
	assert_int_equal(client_ask(client, ""), CTL_BAD_JSON);
	assert_int_equal(client_ask(client, "and\":\"status\"}\n"), CTL_STATUS);
	client_shut(client);
	fixture_shut(fixture);
}

static void length_bounded(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	char *line = malloc(2 * CTL_REQUEST_MAX);
	static const char head[] = "{\"command\":\"status\"";

	(void)state;
	/* Just what is allowed: blanks up to the last byte. */
	memset(line, ' ', 2 * CTL_REQUEST_MAX);
	memcpy(line, head, sizeof(head) - 1);
	line[CTL_REQUEST_MAX - 2] = '}';
	line[CTL_REQUEST_MAX - 1] = '\n';
	client_send_bytes(client, line, CTL_REQUEST_MAX);
	assert_int_equal(client_ask(client, ""), CTL_STATUS);
	/* One byte more. */
	line[CTL_REQUEST_MAX - 2] = ' ';
	line[CTL_REQUEST_MAX - 1] = '}';
	line[CTL_REQUEST_MAX] = '\n';
	client_send_bytes(client, line, CTL_REQUEST_MAX + 1);
	assert_int_equal(client_ask(client, ""), CTL_TOO_LONG);
	assert_null(client_line(client));
	free(line);
	client_shut(client);
	fixture_shut(fixture);
}

/* "printf … | nc -U": the reply comes although the client has nothing more to say. */
static void half_closed(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);

	(void)state;
	leases_add(fixture, 3000);
	client_send(client, "{\"command\":\"leases\"}\n");
	shutdown(client->fd, SHUT_WR);
	assert_int_equal(client_ask(client, ""), CTL_LEASES);
	assert_null(client_line(client));
	client_shut(client);
	fixture_shut(fixture);
}

static void codes_derived(void **state)
{
	(void)state;
	assert_int_equal(ctl_code_exit(CTL_OK), 0);
	assert_int_equal(ctl_code_exit(CTL_HEALTHY), 0);
	assert_int_equal(ctl_code_exit(CTL_NOTE_SKB), 0);
	assert_int_equal(ctl_code_exit(CTL_BAD_ARGUMENT), 3);
	assert_int_equal(ctl_code_exit(CTL_NOT_SERVING), 1);
	assert_int_equal(ctl_code_exit(CTL_UNHEALTHY), 1);
	assert_int_equal(ctl_code_exit(CTL_NO_DAEMON), 2);
	assert_int_equal(ctl_code_exit(CTL_BROKEN_REPLY), 2);
	assert_int_equal(ctl_code_exit(CTL_BAD_USAGE), 3);
	assert_string_equal(ctl_code_word(CTL_SICK_GATE), "sick-gate");
	assert_null(ctl_code_word(599));
	assert_null(ctl_code_text(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_answered), cmocka_unit_test(status_carried),
		cmocka_unit_test(stats_carried),     cmocka_unit_test(findings_carried),
		cmocka_unit_test(self_test_told),    cmocka_unit_test(reload_refused),
		cmocka_unit_test(help_complete),     cmocka_unit_test(garbage_refused),
		cmocka_unit_test(nesting_refused),   cmocka_unit_test(pieces_joined),
		cmocka_unit_test(length_bounded),    cmocka_unit_test(half_closed),
		cmocka_unit_test(codes_derived),
	};

	return cmocka_run_group_tests(tests, reader_enter, reader_leave);
}
