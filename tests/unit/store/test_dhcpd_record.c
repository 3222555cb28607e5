/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries of dhcpd.leases ↔ records: what is promised, known, and owed. */
#include "dhcpd.h"

static struct lease_record *record_of(const struct dhcpd_lease *lease, bool failover)
{
	struct lease_record *record;

	assert_int_equal(store_dhcpd_record(lease, failover, &record), 0);
	return record;
}

static const struct dhcpd_lease bound = {
	.address = 0x0a000001,
	.state = LEASE_ACTIVE,
	.flags = LEASE_RESERVED,
	.starts = 100,
	.ends = 160,
	.tstp = 730,
	.tsfp = 700,
	.atsfp = 730,
	.cltt = 99,
	.htype = 1,
	.hlen = 6,
	.chaddr = {2, 0xaa, 0, 0, 0, 1},
	.uid = {3, "\1ab"},
	.agent = {4, "\1\2cx"},
	.hostname = {4, "host"},
};

static void test_bound(void **state)
{
	struct lease_record *record = record_of(&bound, true);

	(void)state;
	assert_int_equal(record->address, 0x0a000001);
	assert_int_equal(record->state, LEASE_ACTIVE);
	assert_int_equal(record->flags, LEASE_RESERVED);
	assert_int_equal(record->starts, 100);
	assert_int_equal(record->ends, 160);
	assert_int_equal(record->horizon, 160);
	assert_int_equal(record->cltt, 99);
	assert_int_equal(record->potential, 730);
	assert_int_equal(record->acknowledged, 700);
	assert_int_equal(record->received, 700);
	assert_int_equal(record->known, 160);
	assert_int_equal(record->htype, 1);
	assert_int_equal(record->hlen, 6);
	assert_memory_equal(record->chaddr, bound.chaddr, sizeof(bound.chaddr));
	assert_int_equal(record->ident_length, 4);
	assert_memory_equal(lease_record_ident(record), "\x3d\1ab", 4);
	assert_int_equal(record->agent_length, 4);
	assert_memory_equal(lease_record_agent(record), "\1\2cx", 4);
	assert_int_equal(record->hostname_length, 4);
	assert_memory_equal(lease_record_hostname(record), "host", 4);
	lease_record_free(record);
}

/* The identity that a client without option 61 has for the server. */
static void test_bound_by_hardware(void **state)
{
	struct dhcpd_lease lease = bound;
	struct lease_record *record;

	(void)state;
	lease.uid.length = 0;
	record = record_of(&lease, true);
	assert_int_equal(record->ident_length, 8);
	assert_memory_equal(lease_record_ident(record), "\0\1\2\xaa\0\0\0\1", 8);
	lease_record_free(record);
	lease.hlen = 0;
	record = record_of(&lease, true);
	assert_int_equal(record->ident_length, 0);
	lease_record_free(record);
}

struct row {
	const char *name;
	uint8_t state;
	int64_t ends, tstp, tsfp, atsfp; /* of the entry */
	bool owed; /* of the record */
	int64_t potential, acknowledged, received, known;
};

/* The columns: entry; owed, P, A, R, T. */
static const struct row rows[] = {
	{"acknowledged", LEASE_ACTIVE, 160, 730, 730, 730, false, 730, 730, 730, 160},
	{"owed: the partner's T is not known", LEASE_ACTIVE, 160, 730, 500, 0, true, 730, 500, 500,
	 0},
	{"owed in part", LEASE_ACTIVE, 160, 730, 500, 500, true, 730, 500, 500, 0},
	{"never sent", LEASE_ACTIVE, 160, 0, 0, 0, true, 160, 0, 0, 0},
	{"the partner's word, later than ours", LEASE_ACTIVE, 300, 200, 900, 900, false, 300, 900,
	 900, 300},
	{"expired: the partner has to agree", LEASE_EXPIRED, 160, 730, 730, 730, true, 730, 730,
	 730, 0},
	{"released", LEASE_RELEASED, 160, 730, 730, 0, true, 730, 730, 730, 0},
	{"reset", LEASE_RESET, 160, 160, 160, 160, true, 160, 160, 160, 0},
	{"free, agreed", LEASE_FREE, 160, 160, 160, 160, false, 0, 0, 160, 0},
	{"free, owed", LEASE_FREE, 160, 170, 160, 160, true, 0, 0, 160, 0},
	{"free, given to the partner", LEASE_BACKUP, 0, 50, 0, 0, true, 0, 0, 0, 0},
	{"free, never used", LEASE_FREE, 0, 0, 0, 0, false, 0, 0, 0, 0},
	{"abandoned", LEASE_ABANDONED, 900, 100, 100, 100, false, 0, 0, 100, 0},
};

static void test_failover(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		const struct dhcpd_lease lease = {.state = row->state,
						  .ends = row->ends,
						  .tstp = row->tstp,
						  .tsfp = row->tsfp,
						  .atsfp = row->atsfp};
		struct lease_record *record = record_of(&lease, true);

		if (record->state != row->state || record->flags != (row->owed ? LEASE_OWED : 0) ||
		    record->potential != row->potential ||
		    record->acknowledged != row->acknowledged ||
		    record->received != row->received || record->known != row->known)
			fail_msg("%s: flags %x, P %d A %d R %d T %d", row->name, record->flags,
				 (int)record->potential, (int)record->acknowledged,
				 (int)record->received, (int)record->known);
		assert_int_equal(record->horizon, row->state == LEASE_ACTIVE ? row->ends : 0);
		lease_record_free(record);
	}
}

/* Without failover nothing waits for a partner, and no address is one's. */
static void test_alone(void **state)
{
	static const uint8_t alone[] = {
		[LEASE_FREE] = LEASE_FREE,	     [LEASE_ACTIVE] = LEASE_ACTIVE,
		[LEASE_EXPIRED] = LEASE_FREE,	     [LEASE_RELEASED] = LEASE_FREE,
		[LEASE_ABANDONED] = LEASE_ABANDONED, [LEASE_RESET] = LEASE_FREE,
		[LEASE_BACKUP] = LEASE_FREE,
	};

	(void)state;
	for (uint8_t i = LEASE_FREE; i <= LEASE_BACKUP; i++) {
		struct dhcpd_lease lease = bound;
		struct lease_record *record;

		lease.state = i;
		record = record_of(&lease, false);
		assert_int_equal(record->state, alone[i]);
		assert_int_equal(record->flags, LEASE_RESERVED);
		assert_int_equal(record->potential, 0);
		assert_int_equal(record->acknowledged, 0);
		assert_int_equal(record->received, 0);
		assert_int_equal(record->known, 0);
		lease_record_free(record);
	}
}

/* Before there were binding states a lease with an end was one. */
static void test_state_not_said(void **state)
{
	struct dhcpd_lease lease = bound;
	struct lease_record *record;

	(void)state;
	lease.state = 0;
	record = record_of(&lease, true);
	assert_int_equal(record->state, LEASE_ACTIVE);
	lease_record_free(record);
	lease.ends = 0;
	record = record_of(&lease, true);
	assert_int_equal(record->state, LEASE_FREE);
	lease_record_free(record);
}

static bool records_equal(const struct lease_record *a, const struct lease_record *b)
{
	size_t skip = offsetof(struct lease_record, address), size = lease_record_size(a);

	return size == lease_record_size(b) &&
	       !memcmp((const char *)a + skip, (const char *)b + skip, size - skip);
}

/* Out and in again: the same record, in each state, owed and not. */
static void test_there_and_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4 * LEASE_BACKUP; i++) {
		struct dhcpd_lease lease = bound, back;
		bool failover = i & 1, owed = i & 2;
		struct lease_record *record, *again;

		lease.state = (uint8_t)(LEASE_FREE + i / 4);
		lease.starts = lease.tstp = lease.atsfp = 730;
		if (owed)
			lease.atsfp = 0;
		record = record_of(&lease, failover);
		store_dhcpd_lease(record, failover, &back);
		again = record_of(&back, failover);
		if (!records_equal(record, again))
			fail_msg("%s, %s, %s", lease_state_word(lease.state),
				 failover ? "failover" : "alone", owed ? "owed" : "acknowledged");
		lease_record_free(record);
		lease_record_free(again);
	}
}

/* What may have been promised since the last record holds for dhcpd, too (invariant I1). */
static void test_out_holds_what_was_promised(void **state)
{
	struct lease_record *record = record_of(&bound, true);
	struct dhcpd_lease lease;

	(void)state;
	record->horizon = 1000;
	record->acknowledged = 800;
	record->received = 900;
	store_dhcpd_lease(record, true, &lease);
	assert_int_equal(lease.ends, 1000);
	assert_int_equal(lease.tstp, 1000);
	assert_int_equal(lease.tsfp, 900);
	assert_int_equal(lease.atsfp, 1000);
	store_dhcpd_lease(record, false, &lease);
	assert_int_equal(lease.ends, 1000);
	assert_int_equal(lease.tstp, 0);
	assert_int_equal(lease.tsfp, 0);
	assert_int_equal(lease.atsfp, 0);
	record->state = LEASE_FREE;
	store_dhcpd_lease(record, true, &lease);
	assert_int_equal(lease.ends, 160);
	assert_int_equal(lease.tstp, 100);
	lease_record_free(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_bound_by_hardware),
		cmocka_unit_test(test_failover),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_state_not_said),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_out_holds_what_was_promised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
