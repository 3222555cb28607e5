/* SPDX-License-Identifier: GPL-2.0-only */
/* What is asked and said of failover: arguments reach the daemon, its number and text come back. */
#include "fixture.h"

static void relations_carried(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	json_t *reply;

	(void)state;
	client_send(client, "{\"command\":\"failover-status\"}\n");
	reply = client_reply(client, NULL);
	assert_int_equal(json_integer_value(json_object_get(reply, "code")), CTL_FAILOVER);
	assert_string_equal(
		json_string_value(json_object_get(
			json_array_get(json_object_get(reply, "relations"), 0), "name")),
		"pair");
	json_decref(reply);
	client_shut(client);
	fixture_shut(fixture);
}

/* Asks; the reply's code and text are the daemon's, and what reached it is this. */
static void expect_said(struct fixture *fixture, struct client *client, const char *request,
			const char *relation, bool fenced)
{
	int before = fixture->failover_said;
	json_t *reply;

	client_send(client, request);
	reply = client_reply(client, NULL);
	assert_int_equal(json_integer_value(json_object_get(reply, "code")),
			 fixture->failover_result);
	assert_string_equal(json_string_value(json_object_get(reply, "text")), "pair: as you say");
	json_decref(reply);
	assert_int_equal(fixture->failover_said, before + 1);
	assert_string_equal(fixture->relation, relation);
	assert_int_equal(fixture->fenced, fenced);
}

static void words_passed(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);

	(void)state;
	fixture->failover_result = CTL_PARTNER_DOWN;
	expect_said(fixture, client, "{\"command\":\"failover-partner-down\"}\n", "-", false);
	expect_said(fixture, client,
		    "{\"command\":\"failover-partner-down\",\"relation\":\"p\",\"fenced\":true}\n",
		    "p", true);
	expect_said(fixture, client,
		    "{\"command\":\"failover-partner-down\",\"relation\":null,\"fenced\":false}\n",
		    "-", false);
	fixture->failover_result = CTL_REFUSED;
	expect_said(fixture, client, "{\"command\":\"failover-init\",\"relation\":\"q\"}\n", "q",
		    false);
	fixture->failover_result = CTL_HANDING_OVER;
	expect_said(fixture, client, "{\"command\":\"failover-shutdown\"}\n", "-", false);
	client_shut(client);
	fixture_shut(fixture);
}

/* "fenced" in a wrong spelling must not be heard as its absence, nor as itself. */
static void wrong_words_refused(void **state)
{
	static const char *const requests[] = {
		"{\"command\":\"failover-partner-down\",\"fenced\":1}\n",
		"{\"command\":\"failover-partner-down\",\"fenced\":\"yes\"}\n",
		"{\"command\":\"failover-partner-down\",\"relation\":7}\n",
		"{\"command\":\"failover-partner-down\",\"force\":true}\n",
		"{\"command\":\"failover-init\",\"relation\":[\"p\"]}\n",
		"{\"command\":\"failover-init\",\"fenced\":true}\n",
		"{\"command\":\"failover-shutdown\",\"relation\":\"p\"}\n",
	};
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		assert_int_equal(client_ask(client, requests[i]), CTL_BAD_ARGUMENT);
	assert_int_equal(fixture->failover_said, 0);
	client_shut(client);
	fixture_shut(fixture);
}

/* A monitor that asks `check` alone hears of failover; `failover-check` leaves the rest out. */
static void findings_joined(void **state)
{
	struct fixture *fixture = fixture_open(NULL, 0);
	struct client *client = client_open(fixture);
	json_t *reply;

	(void)state;
	assert_int_equal(client_ask(client, "{\"command\":\"failover-check\"}\n"), CTL_HEALTHY);
	fixture->failover_finding = CTL_NOTE_COMMON;
	assert_int_equal(client_ask(client, "{\"command\":\"failover-check\"}\n"), CTL_HEALTHY);
	fixture->failover_finding = CTL_SICK_COMMON;
	assert_int_equal(client_ask(client, "{\"command\":\"failover-check\"}\n"), CTL_UNHEALTHY);
	fixture->finding = CTL_NOTE_SKB;
	client_send(client, "{\"command\":\"check\"}\n");
	reply = client_reply(client, NULL);
	assert_int_equal(json_integer_value(json_object_get(reply, "code")), CTL_UNHEALTHY);
	assert_string_equal(json_string_value(json_object_get(reply, "text")),
			    "pair: range: ours 1, theirs 2");
	assert_int_equal(json_array_size(json_object_get(reply, "findings")), 2);
	json_decref(reply);
	client_send(client, "{\"command\":\"failover-check\"}\n");
	reply = client_reply(client, NULL);
	assert_int_equal(json_array_size(json_object_get(reply, "findings")), 1);
	json_decref(reply);
	client_shut(client);
	fixture_shut(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relations_carried),
		cmocka_unit_test(words_passed),
		cmocka_unit_test(wrong_words_refused),
		cmocka_unit_test(findings_joined),
	};

	return cmocka_run_group_tests(tests, reader_enter, reader_leave);
}
