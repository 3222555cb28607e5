/* SPDX-License-Identifier: GPL-2.0-only */
/* What a BNDUPD says of each kind of lease, option by option. */
#include "update_fixture.h"

#define ALWAYS \
	(BIT(ASSIGNED_ADDRESS) | BIT(BINDING_STATUS) | BIT(LEASE_EXPIRATION) | \
	 BIT(POTENTIAL_EXPIRATION) | BIT(START_OF_STATE))
#define CLIENT (BIT(CLIENT_IDENTIFIER) | BIT(CLIENT_HARDWARE) | BIT(CLTT))

/* The update of address 1, whatever is known of it: as the answer to UPDREQALL. */
static struct failover_message sent(struct pair *pair)
{
	const struct failover_message request = {.type = FAILOVER_UPDREQALL, .xid = 5};
	struct side *side = &pair->primary;
	struct failover_message message;
	const char *why;
	int length;

	side_durable(side);
	side_told(pair, side, &request);
	side_turn(pair, side);
	length = failover_wire_length(side->bytes, side->length);
	assert_true(length > 0);
	assert_int_equal(failover_wire_decode(side->bytes, (size_t)length, &message, &why), 0);
	assert_int_equal(message.type, FAILOVER_BNDUPD);
	assert_int_equal(message.address, ADDRESS(1));
	return message;
}

static void test_active(void **state)
{
	struct pair *pair = *state;
	struct failover_message message;

	side_grant(&pair->primary, 1, "abc", -5, 60);
	message = sent(pair);
	assert_int_equal(message.present, ALWAYS | CLIENT);
	assert_int_equal(message.status, LEASE_ACTIVE);
	assert_int_equal(message.lease_expiration, NOW + 60);
	assert_int_equal(message.potential_expiration, NOW + 125);
	assert_int_equal(message.start_of_state, NOW - 5);
	assert_int_equal(message.cltt, NOW - 5);
	assert_int_equal(message.client_identifier.length, 3);
	assert_memory_equal(message.client_identifier.data, "abc", 3);
	assert_int_equal(message.hardware.length, 7);
	assert_memory_equal(message.hardware.data,
			    "\x01"
			    "abc\0\0\0",
			    7);
}

/* Three zeros, as dhcpd says it. */
static void test_never_used(void **state)
{
	struct failover_message message = sent(*state);

	assert_int_equal(message.present, ALWAYS);
	assert_int_equal(message.status, LEASE_FREE);
	assert_int_equal(message.lease_expiration, 0);
	assert_int_equal(message.potential_expiration, 0);
	assert_int_equal(message.start_of_state, 0);
}

/* dhcpd refuses an ABANDONED that names a client. */
static void test_abandoned(void **state)
{
	struct pair *pair = *state;
	struct failover_message message;

	side_has(&pair->primary, 1, LEASE_ABANDONED, "a", 86400);
	message = sent(pair);
	assert_int_equal(message.present, ALWAYS | BIT(CLTT));
	assert_int_equal(message.status, LEASE_ABANDONED);
	assert_int_equal(message.lease_expiration, NOW + 86400);
}

/* What is not bound any more has no potential expiry in the future: another client may follow. */
static void test_ended(void **state)
{
	static const uint8_t states[] = {LEASE_FREE, LEASE_EXPIRED, LEASE_RELEASED, LEASE_RESET,
					 LEASE_BACKUP};

	for (size_t i = 0; i < sizeof(states); i++) {
		struct pair *pair = sides_new(1);
		struct failover_message message;

		side_has(&pair->primary, 1, states[i], "a", 500);
		message = sent(pair);
		assert_int_equal(message.present, ALWAYS | CLIENT);
		assert_int_equal(message.status, states[i]);
		assert_int_equal(message.lease_expiration, NOW - 100);
		assert_int_equal(message.potential_expiration, NOW - 100);
		assert_int_equal(message.start_of_state, NOW - 100);
		sides_free(pair);
	}
	(void)state;
}

/* A client without option 61 has no client identifier; ACTIVE has a CLTT even where none is known. */
static void test_by_hardware(void **state)
{
	struct pair *pair = *state;
	static const uint8_t ident[] = {0, 1, 2, 3, 4, 5, 6, 7};
	struct lease_record *record = lease_record_new(ident, sizeof(ident), "x", 1, "y", 1);
	struct failover_message message;

	record->state = LEASE_ACTIVE;
	record->address = ADDRESS(1);
	record->htype = 1;
	record->hlen = 6;
	memcpy(record->chaddr, ident + 2, 6);
	record->flags = LEASE_RESERVED | LEASE_BOOTP | LEASE_OWED;
	lease_commit_restore(pair->primary.commit, record);
	message = sent(pair);
	assert_int_equal(message.present,
			 ALWAYS | BIT(CLIENT_HARDWARE) | BIT(CLTT) | BIT(IP_FLAGS));
	assert_int_equal(message.cltt, 0);
	assert_int_equal(message.ip_flags, FAILOVER_IP_RESERVED | FAILOVER_IP_BOOTP);
	assert_memory_equal(message.hardware.data, ident + 1, 7);
}

/* No number of 32 bits says "for ever" but dhcpd's. */
static void test_never_ends(void **state)
{
	struct pair *pair = *state;
	struct failover_message message;
	struct lease_record *record;

	side_has(&pair->primary, 1, LEASE_ACTIVE, "a", 60);
	record = lease_record_copy(side_lease(&pair->primary, 1)->current);
	record->ends = LEASE_HORIZON_NEVER;
	record->potential = LEASE_HORIZON_NEVER;
	lease_commit_restore(pair->primary.commit, record);
	message = sent(pair);
	assert_int_equal(message.lease_expiration, FAILOVER_NEVER);
	assert_int_equal(message.potential_expiration, FAILOVER_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		sides_test(test_active),      sides_test(test_never_used),
		sides_test(test_abandoned),   cmocka_unit_test(test_ended),
		sides_test(test_by_hardware), sides_test(test_never_ends),
	};

	return cmocka_run_group_tests(tests, sides_thread_setup, sides_thread_teardown);
}
