/* SPDX-License-Identifier: GPL-2.0-only */
/* Values → text, letter by letter as dhcpd 4.4.3 writes it. */
#include "dhcpd.h"

struct written {
	char bytes[DHCPD_ENTRY_MAX];
	struct base_text text;
};

static const char *write_lease(struct written *written, const struct dhcpd_lease *lease,
			       bool failover)
{
	written->text = base_text_of(written->bytes, sizeof(written->bytes));
	store_dhcpd_write_lease(lease, failover, &written->text);
	assert_false(written->text.truncated);
	return written->bytes;
}

/* Lines that say what is not taken over, or what dhcpd escapes without need. */
static bool is_line_ours(const char *line)
{
	static const char *const words[] = {"  set ", "  rewind ", "  option agent.circuit-id "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strncmp(line, words[i], strlen(words[i])))
			return false;
	return true;
}

/* The entry that begins at `at`, without the lines above. */
static void genuine_entry(const char *at, char *entry)
{
	const char *end = strstr(at, "\n}\n");

	assert_non_null(end);
	while (at < end + 3) {
		size_t length = (size_t)(strchr(at, '\n') + 1 - at);

		if (is_line_ours(at)) {
			memcpy(entry, at, length);
			entry += length;
		}
		at += length;
	}
	*entry = 0;
}

/* Each entry that dhcpd wrote, read and written again, is what dhcpd wrote. */
static void test_as_dhcpd(void **state)
{
	static const char *const names[] = {"tests/data/dhcpd_primary.leases",
					    "tests/data/dhcpd_secondary.leases",
					    "tests/data/dhcpd_options.leases"};
	struct written written;
	char wanted[DHCPD_ENTRY_MAX];
	unsigned entries = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length;
		char *text = dhcpd_file_text(names[i], &length);

		for (const char *at = strstr(text, "\nlease "); at; at = strstr(at, "\nlease ")) {
			struct dhcpd_file file = {0};

			genuine_entry(++at, wanted);
			assert_int_equal(dhcpd_file_read(&file, wanted, strlen(wanted)), 0);
			assert_string_equal(write_lease(&written, &file.lease, true), wanted);
			entries++;
		}
		free(text);
	}
	assert_int_equal(entries, 79);
}

static void test_relation_as_dhcpd(void **state)
{
	static const char *const names[] = {"tests/data/dhcpd_primary.leases",
					    "tests/data/dhcpd_secondary.leases"};
	char bytes[1024], *end;
	unsigned relations = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length;
		char *text = dhcpd_file_text(names[i], &length);

		for (char *at = strstr(text, "\nfailover "); at; at = strstr(end, "\nfailover ")) {
			struct base_text out = base_text_of(bytes, sizeof(bytes));
			struct dhcpd_file file = {0};

			end = strstr(++at, "\n}\n") + 2;
			*end = 0;
			assert_int_equal(dhcpd_file_read(&file, at, (size_t)(end - at)), 0);
			store_dhcpd_write_relation(&file.relation, &out);
			assert_int_equal(out.length, end - at + 1);
			assert_memory_equal(bytes, at, end - at);
			*end = '\n';
			relations++;
		}
		free(text);
	}
	assert_int_equal(relations, 10);
}

/* Whatever bytes a client sends: dhcpd's reader gets them back. */
static void test_any_bytes(void **state)
{
	struct dhcpd_lease lease = {.address = 1,
				    .state = LEASE_ACTIVE,
				    .uid.length = 255,
				    .hostname.length = 255,
				    .agent.length = 255};
	struct dhcpd_file file = {0};
	struct written written;

	(void)state;
	lease.agent.data[0] = 1;
	lease.agent.data[1] = 253;
	for (unsigned i = 0; i < 255; i++) {
		lease.uid.data[i] = (uint8_t)(255 - i);
		lease.hostname.data[i] = (uint8_t)i;
		if (i > 1)
			lease.agent.data[i] = (uint8_t)i;
	}
	write_lease(&written, &lease, false);
	assert_int_equal(dhcpd_file_read(&file, written.bytes, written.text.length), 0);
	assert_int_equal(file.lease.uid.length, 255);
	assert_memory_equal(file.lease.uid.data, lease.uid.data, 255);
	assert_int_equal(file.lease.hostname.length, 255);
	assert_memory_equal(file.lease.hostname.data, lease.hostname.data, 255);
	assert_int_equal(file.lease.agent.length, 255);
	assert_memory_equal(file.lease.agent.data, lease.agent.data, 255);
}

/* What is no option 82 cannot be said sub-option by sub-option. */
static void test_malformed_agent(void **state)
{
	static const struct dhcpd_bytes agents[] = {
		{1, "\1"}, {4, "\1\3ab"}, {3, "\3\1a"}, {4, "\1\0\2\1"}, {3, "\0\1a"},
	};
	struct written written;

	(void)state;
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		struct dhcpd_lease lease = {.state = LEASE_FREE, .agent = agents[i]};

		assert_null(strstr(write_lease(&written, &lease, false), "agent"));
	}
}

static void test_what_follows(void **state)
{
	static const struct {
		uint8_t state;
		bool failover;
		const char *line;
	} rows[] = {
		{LEASE_FREE, true, NULL},
		{LEASE_BACKUP, true, NULL},
		{LEASE_ACTIVE, true, "next binding state expired;"},
		{LEASE_ACTIVE, false, "next binding state free;"},
		{LEASE_EXPIRED, true, "next binding state free;"},
		{LEASE_RELEASED, true, "next binding state free;"},
		{LEASE_RESET, true, "next binding state free;"},
		{LEASE_ABANDONED, false, "next binding state free;"},
	};
	struct written written;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dhcpd_lease lease = {.state = rows[i].state};
		const char *text = write_lease(&written, &lease, rows[i].failover);

		assert_non_null(strstr(text, lease_state_word(rows[i].state)));
		if (rows[i].line)
			assert_non_null(strstr(text, rows[i].line));
		else
			assert_null(strstr(text, "next"));
	}
}

/* Every day until dhcpd's last: there and back, the weekday counted on. */
static void test_dates(void **state)
{
	(void)state;
	for (int64_t day = 1; day < 24837; day++) {
		struct dhcpd_lease lease = {.state = LEASE_FREE, .starts = day * 86400 + day};
		struct dhcpd_file file = {0};
		struct written written;
		char weekday[16];

		write_lease(&written, &lease, false);
		snprintf(weekday, sizeof(weekday), "starts %d ", (int)((day + 4) % 7));
		assert_non_null(strstr(written.bytes, weekday));
		assert_int_equal(dhcpd_file_read(&file, written.bytes, written.text.length), 0);
		assert_int_equal(file.lease.starts, lease.starts);
	}
}

static void test_head(void **state)
{
	char bytes[512];
	struct base_text text = base_text_of(bytes, sizeof(bytes));
	struct dhcpd_file file = {0};

	(void)state;
	store_dhcpd_write_head("xdhcp-1", &text);
	assert_non_null(strstr(bytes, "# This lease file was written by xdhcp-1\n"));
	assert_int_equal(dhcpd_file_read(&file, bytes, text.length), 0);
	assert_int_equal(file.leases, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_dhcpd),     cmocka_unit_test(test_relation_as_dhcpd),
		cmocka_unit_test(test_any_bytes),    cmocka_unit_test(test_malformed_agent),
		cmocka_unit_test(test_what_follows), cmocka_unit_test(test_dates),
		cmocka_unit_test(test_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
