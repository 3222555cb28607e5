/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "failover/hash.h"
#include "failover/view.h"

#define REFERENCE 1700000000
#define FROM 5000
#define MCLT 60
#define NOW (REFERENCE + FROM)

/* A partner whose clock is ours, heard of at this moment. */
static struct failover_view view_at(int64_t from)
{
	return (struct failover_view){.serves = true,
				      .reference = REFERENCE,
				      .lead = MCLT,
				      .alone = from + MCLT,
				      .from = from};
}

/* The grants that dhcpd 4.4.3 gave in the same situations, MCLT 60, lease 600. */
static void test_grants_are_dhcpds(void **state)
{
	struct failover_view view = view_at(FROM);

	(void)state;
	assert_int_equal(failover_view_seconds(&view, 0, 600), 60); /* new client */
	assert_int_equal(failover_view_seconds(&view, NOW + 609, 600), 600); /* acknowledged */
	assert_int_equal(failover_view_seconds(&view, NOW + 433, 600), 493);
	assert_int_equal(failover_view_seconds(&view, NOW + 421, 600), 481);
	assert_int_equal(failover_view_seconds(&view, NOW + 97, 600), 157);
	assert_int_equal(failover_view_seconds(&view, NOW + 538, 600), 598);
	assert_int_equal(failover_view_seconds(&view, NOW, 600), 60);
	assert_int_equal(failover_view_seconds(&view, NOW - 1000, 600), 60);
	assert_int_equal(failover_view_seconds(&view, 0, 59), 59); /* no more than desired */
}

/* A partner whose clock is 7 s ahead ends K 7 s earlier; the daemon's own MCLT is not touched. */
static void test_lead_of_the_partners_clock(void **state)
{
	struct failover_view view = view_at(FROM);

	(void)state;
	view.lead = MCLT - 7;
	assert_int_equal(failover_view_seconds(&view, NOW + 433, 600), 486);
	assert_int_equal(failover_view_seconds(&view, NOW, 600), 60);
	view.lead = MCLT - 100; /* further ahead than MCLT */
	assert_int_equal(failover_view_seconds(&view, NOW + 433, 600), 393);
}

/* A daemon whose heart stopped promises no more than what it could have told before. */
static void test_without_a_heartbeat(void **state)
{
	struct failover_view view = view_at(FROM);

	(void)state;
	view.alone = FROM - 20 + MCLT;
	assert_int_equal(failover_view_seconds(&view, 0, 600), 40);
	view.alone = FROM + 1;
	assert_int_equal(failover_view_seconds(&view, 0, 600), 1);
	view.alone = FROM;
	assert_int_equal(failover_view_seconds(&view, 0, 600), 0);
	assert_int_equal(failover_view_seconds(&view, NOW - MCLT, 600), 0);
	assert_int_equal(failover_view_seconds(&view, NOW - MCLT + 1, 600), 1);
	view.alone = 0;
	assert_int_equal(failover_view_seconds(&view, 0, 600), 0);
	view.reference = NOW - 30; /* and not because the maps are young, either */
	view.from = 30;
	assert_int_equal(failover_view_seconds(&view, 0, 600), 0);
	view.reference = 0;
	assert_int_equal(failover_view_seconds(&view, 0, 600), 0);
}

/* Catches a sum that wraps: a promise for ever, or none. */
static void test_times_without_end(void **state)
{
	struct failover_view view = view_at(FROM);

	(void)state;
	assert_int_equal(failover_view_seconds(&view, INT64_MAX, UINT32_MAX), UINT32_MAX);
	assert_int_equal(failover_view_seconds(&view, UINT32_MAX, UINT32_MAX),
			 UINT32_MAX - NOW + MCLT);
	assert_int_equal(failover_view_seconds(&view, INT64_MIN, 600), 60);
	assert_int_equal(failover_view_seconds(&view, 1, 600), 60);
	view.alone = INT64_MAX;
	assert_int_equal(failover_view_seconds(&view, 0, 600), 600);
	view.from = -10;
	assert_int_equal(failover_view_seconds(&view, 0, 600), 600);
	view = view_at(FROM);
	view.lead = INT64_MIN;
	assert_int_equal(failover_view_seconds(&view, NOW + 600, 600), 60);
	assert_int_equal(failover_view_seconds(&view, REFERENCE - 5, 600), 60);
	view.reference = -10;
	view.lead = INT64_MAX;
	assert_int_equal(failover_view_seconds(&view, INT64_MAX, 600), 600);
}

static const uint8_t of_primary[] = {0x01, 'h', 'e', 'l', 'l', 'o'}; /* bucket 2 */
static const uint8_t of_secondary[] = {0x02, 0xaa, 0, 0, 0, 1}; /* bucket 204 */

static struct failover_view balancing(bool primary)
{
	struct failover_view view = view_at(FROM);

	view.balances = true;
	view.primary = primary;
	view.balance_seconds = 3;
	memset(view.hba, 0xff, sizeof(view.hba) / 2);
	return view;
}

/* Each client is exactly one server's while its secs are low. */
static void test_each_client_has_one_server(void **state)
{
	struct failover_view primary = balancing(true), secondary = balancing(false);
	unsigned count = 0;

	(void)state;
	assert_true(failover_view_ours(&primary, of_primary, sizeof(of_primary), 0));
	assert_false(failover_view_ours(&secondary, of_primary, sizeof(of_primary), 0));
	assert_false(failover_view_ours(&primary, of_secondary, sizeof(of_secondary), 0));
	assert_true(failover_view_ours(&secondary, of_secondary, sizeof(of_secondary), 0));
	for (unsigned i = 0; i < 4096; i++) {
		const uint8_t key[] = {2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};
		bool ours = failover_view_ours(&primary, key, sizeof(key), 3);

		assert_int_equal(failover_view_ours(&secondary, key, sizeof(key), 3), !ours);
		count += ours;
	}
	assert_in_range(count, 1800, 2300);
}

/* `load balance max seconds 3`: 3 is not enough, 4 is; 0 switches balancing off. */
static void test_a_client_that_waits(void **state)
{
	struct failover_view view = balancing(true);

	(void)state;
	assert_false(failover_view_ours(&view, of_secondary, sizeof(of_secondary), 3));
	assert_true(failover_view_ours(&view, of_secondary, sizeof(of_secondary), 4));
	view.balance_seconds = 0;
	assert_true(failover_view_ours(&view, of_secondary, sizeof(of_secondary), 0));
	view = balancing(true);
	view.balances = false; /* not NORMAL */
	assert_true(failover_view_ours(&view, of_secondary, sizeof(of_secondary), 0));
}

/* check-secs-byte-order: 0x0300 is 3 s of a client with the other byte order, 0x0301 is not. */
static void test_secs_of_the_other_byte_order(void **state)
{
	struct failover_view view = balancing(true);

	(void)state;
	assert_true(failover_view_ours(&view, of_secondary, sizeof(of_secondary), 0x0300));
	view.swap_secs = true;
	assert_false(failover_view_ours(&view, of_secondary, sizeof(of_secondary), 0x0300));
	assert_true(failover_view_ours(&view, of_secondary, sizeof(of_secondary), 0x0400));
	assert_true(failover_view_ours(&view, of_secondary, sizeof(of_secondary), 0x0301));
	assert_false(failover_view_ours(&view, of_secondary, sizeof(of_secondary), 0));
	assert_true(failover_view_ours(&view, of_secondary, sizeof(of_secondary), 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grants_are_dhcpds),
		cmocka_unit_test(test_lead_of_the_partners_clock),
		cmocka_unit_test(test_without_a_heartbeat),
		cmocka_unit_test(test_times_without_end),
		cmocka_unit_test(test_each_client_has_one_server),
		cmocka_unit_test(test_a_client_that_waits),
		cmocka_unit_test(test_secs_of_the_other_byte_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
