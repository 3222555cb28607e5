/* SPDX-License-Identifier: GPL-2.0-only */
/* What is accepted of the partner's updates, by the draft's tables and dhcpd's; and what is made of it. */
#include "update_fixture.h"

#include "failover/update_private.h"

static const uint8_t states[] = {
	LEASE_FREE,	 LEASE_ACTIVE, LEASE_EXPIRED, LEASE_RELEASED,
	LEASE_ABANDONED, LEASE_RESET,  LEASE_BACKUP,
};

static void tell(struct pair *pair, struct side *side, struct failover_message message,
		 const char *words)
{
	side_told(pair, side, &message);
	side_said(side, words);
}

/* The same, of what has to reach the disk first. */
static void tell_durable(struct pair *pair, struct side *side, struct failover_message message,
			 const char *words)
{
	tell(pair, side, message, "");
	side_durable(side);
	side_said(side, words);
}

/*
 * Row: what is known here. Column, in the order of states[]: what comes; client
 * and CLTT are the same, and a second newer. "ok", the refusal's number, "later":
 * withheld until the promise has passed.
 */
struct row {
	uint8_t state;
	int ends; /* of the last promise */
	int potential; /* of the update */
	const char *answers[7];
};

static const char *answer_of(bool primary, const struct row *row, uint8_t status)
{
	struct pair *pair = sides_new(3);
	struct side *side = primary ? &pair->primary : &pair->secondary;
	bool client = status != LEASE_ABANDONED;
	struct failover_message update =
		update_of(1, status, client ? "a" : NULL, -99, -1, row->potential);
	struct failover_updates_status counts;
	static char text[8];

	side_has(side, 1, row->state, "a", row->ends);
	side_told(pair, side, &update);
	failover_updates_status(side->updates, &counts);
	snprintf(text, sizeof(text), "%s", counts.withheld ? "later" : "ok");
	for (unsigned i = 0; i < 256; i++)
		if (counts.counters.rejects_out[i])
			snprintf(text, sizeof(text), "%u", i);
	assert_int_equal(counts.waiting_acks, !strcmp(text, "ok"));
	sides_free(pair);
	return text;
}

/*
 * dhcpd goes by the state alone: as primary it refuses FREE, EXPIRED, RESET and
 * BACKUP against ACTIVE with 2, as secondary it accepts them. Here both accept
 * when the last promise has passed; where the partner waits for the answer it
 * waits for that up to 65 s; else, and beyond, they refuse (15). The other rows
 * are dhcpd's.
 */
static void test_matrix(void **state)
{
	static const struct row rows[] = {
		/* FREE, ACTIVE, EXPIRED, RELEASED, ABANDONED, RESET, BACKUP */
		{LEASE_ACTIVE, 600, 0, {"15", "ok", "15", "ok", "ok", "15", "15"}},
		{LEASE_ACTIVE, 66, 0, {"15", "ok", "15", "ok", "ok", "15", "15"}},
		{LEASE_ACTIVE, 65, 0, {"15", "ok", "later", "ok", "ok", "later", "15"}},
		{LEASE_ACTIVE, 1, 0, {"15", "ok", "later", "ok", "ok", "later", "15"}},
		{LEASE_ACTIVE, 0, 0, {"ok", "ok", "ok", "ok", "ok", "ok", "ok"}},
		{LEASE_ACTIVE, 0, 66, {"2", "ok", "ok", "ok", "ok", "ok", "2"}},
		{LEASE_EXPIRED, -9, 65, {"ok", "ok", "ok", "ok", "ok", "ok", "ok"}},
		{LEASE_EXPIRED, -9, 66, {"2", "ok", "ok", "ok", "ok", "ok", "2"}},
		{LEASE_RESET, -9, 0, {"ok", "ok", "ok", "ok", "ok", "ok", "ok"}},
		{LEASE_RESET, -9, 66, {"2", "ok", "ok", "ok", "ok", "ok", "2"}},
		{LEASE_FREE, -9, 66, {"ok", "ok", "ok", "ok", "ok", "ok", "ok"}},
		{LEASE_RELEASED, -9, 66, {"ok", "ok", "ok", "ok", "ok", "ok", "ok"}},
		{LEASE_ABANDONED, -9, 66, {"ok", "ok", "ok", "ok", "ok", "ok", "ok"}},
		{LEASE_BACKUP, -9, 66, {"ok", "ok", "ok", "ok", "ok", "ok", "ok"}},
	};

	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i / 2];

		for (size_t j = 0; j < 7; j++) {
			const char *answer = answer_of(i & 1, row, states[j]);

			if (strcmp(answer, row->answers[j]))
				fail_msg("%s: %s (%+d) gets %s (%+d): %s, not %s",
					 i & 1 ? "primary" : "secondary",
					 lease_state_word(row->state), row->ends,
					 lease_state_word(states[j]), row->potential, answer,
					 row->answers[j]);
		}
	}
	(void)state;
}

/* Of two updates in flight exactly one is accepted. */
static void test_duels(void **state)
{
	static const struct {
		uint8_t own;
		int own_cltt;
		uint8_t status;
		int cltt;
		const char *primary, *secondary;
	} rows[] = {
		{LEASE_ACTIVE, -50, LEASE_ACTIVE, -49, "", ""},
		{LEASE_ACTIVE, -50, LEASE_ACTIVE, -51, "BNDACK 1 less-critical",
		 "BNDACK 1 less-critical"},
		{LEASE_ACTIVE, -50, LEASE_ACTIVE, -50, "BNDACK 1 less-critical", ""},
		{LEASE_ACTIVE, -50, LEASE_ACTIVE, -NOW, "BNDACK 1 less-critical",
		 "BNDACK 1 less-critical"},
		{LEASE_ACTIVE, -50, LEASE_EXPIRED, 0, "BNDACK 1 less-critical",
		 "BNDACK 1 less-critical"},
		{LEASE_ACTIVE, -50, LEASE_RELEASED, 0, "BNDACK 1 less-critical",
		 "BNDACK 1 less-critical"},
		{LEASE_ACTIVE, -50, LEASE_FREE, 0, "BNDACK 1 less-critical",
		 "BNDACK 1 less-critical"},
		{LEASE_RELEASED, -50, LEASE_ACTIVE, 1, "", ""},
		{LEASE_FREE, -50, LEASE_ACTIVE, -60, "", ""},
		{LEASE_FREE, -50, LEASE_BACKUP, 0, "BNDACK 1 less-critical", ""},
		{LEASE_RELEASED, -50, LEASE_EXPIRED, 0, "BNDACK 1 less-critical", ""},
		{LEASE_BACKUP, -50, LEASE_ABANDONED, 0, "BNDACK 1 less-critical", ""},
	};

	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		struct pair *pair = sides_new(1);
		struct side *side = i & 1 ? &pair->primary : &pair->secondary;
		bool client = rows[i / 2].status != LEASE_ABANDONED;

		if (rows[i / 2].own == LEASE_ACTIVE)
			side_grant(side, 1, "a", rows[i / 2].own_cltt, -1);
		else
			side_has(side, 1, rows[i / 2].own, "a", -1);
		lease_commit_owe(side->commit, side_lease(side, 1));
		side_durable(side);
		side_turn(pair, side);
		side->text[0] = 0;
		tell(pair, side,
		     update_of(1, rows[i / 2].status, client ? "a" : NULL, rows[i / 2].cltt, 0, 0),
		     i & 1 ? rows[i / 2].primary : rows[i / 2].secondary);
		sides_free(pair);
	}
	(void)state;
}

static struct failover_message without(struct failover_message message, uint32_t options)
{
	message.present &= ~options;
	return message;
}

/* Refusals for what the message lacks; nothing here changes, and nothing waits for the disk. */
static void test_form(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;
	struct failover_message update = update_of(1, LEASE_ACTIVE, "a", 0, 60, 120);

	tell(pair, side, without(update, BIT(ASSIGNED_ADDRESS)), "BNDACK missing-binding");
	tell(pair, side, without(update, BIT(BINDING_STATUS)), "BNDACK 1 missing-binding");
	tell(pair, side, without(update, BIT(CLIENT_HARDWARE)), "BNDACK 1 missing-binding");
	update.status = LEASE_EXPIRED;
	tell(pair, side, without(update, BIT(CLIENT_HARDWARE)), "BNDACK 1 missing-binding");
	update.status = LEASE_RELEASED;
	tell(pair, side, without(update, BIT(CLIENT_HARDWARE)), "BNDACK 1 missing-binding");
	update.status = 0;
	tell(pair, side, update, "BNDACK 1 missing-binding");
	update.status = 8;
	tell(pair, side, update, "BNDACK 1 missing-binding");
	update.status = LEASE_ABANDONED;
	tell(pair, side, without(update, BIT(CLIENT_HARDWARE)), "BNDACK 1 miscellaneous");
	tell(pair, side, without(update, BIT(CLIENT_IDENTIFIER)), "BNDACK 1 miscellaneous");
	update = update_of(11, LEASE_ACTIVE, "a", 0, 60, 120);
	tell(pair, side, update, "BNDACK 11 illegal-address");
	assert_int_equal(side->appended, 0);
	side_knows(side, 1, "never");
}

static void test_client_identifier_too_long(void **state)
{
	struct pair *pair = *state;
	static char name[257];
	struct failover_message update = update_of(1, LEASE_ACTIVE, "a", 0, 60, 120);

	memset(name, 'x', 256);
	update.client_identifier = (struct failover_bytes){(const uint8_t *)name, 256};
	tell(pair, &pair->primary, update, "BNDACK 1 miscellaneous");
	update.client_identifier.length = 255;
	tell_durable(pair, &pair->primary, update, "BNDACK 1");
	assert_int_equal(side_lease(&pair->primary, 1)->current->ident_length, 256);
}

/* An address of another relationship's pool. */
static void test_other_relationship(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side->pool.relation = 2;
	assert_int_equal(lease_table_reload(side->table, &side->conf), 0);
	tell(pair, side, update_of(1, LEASE_ACTIVE, "a", 0, 60, 120), "BNDACK 1 illegal-address");
}

/* The own free state is reserved by this server's word alone (dhcpd's 19 and 6). */
static void test_flags(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;
	struct failover_message update = update_of(1, LEASE_ACTIVE, "a", 0, 60, 120);

	update.present |= BIT(IP_FLAGS);
	update.ip_flags = FAILOVER_IP_RESERVED;
	tell(pair, side, update, "BNDACK 1 not-reserved");
	update.ip_flags = FAILOVER_IP_BOOTP;
	tell(pair, side, update, "BNDACK 1 miscellaneous");
	side_has(side, 1, LEASE_BACKUP, NULL, 0);
	update.ip_flags = FAILOVER_IP_RESERVED;
	tell_durable(pair, side, update, "BNDACK 1");
	assert_int_equal(side_lease(side, 1)->current->flags, LEASE_RESERVED);
	update.ip_flags = 0;
	tell_durable(pair, side, update, "BNDACK 1");
	assert_int_equal(side_lease(side, 1)->current->flags, 0);
	side_lease(side, 2)->reserved = true;
	update.address = ADDRESS(2);
	update.ip_flags = FAILOVER_IP_RESERVED;
	tell_durable(pair, side, update, "BNDACK 2");
}

/*
 * The client gave it up later than the partner heard of it; or its lease, known
 * here to have ended, is over at the partner too.
 */
static void test_outdated(void **state)
{
	struct failover_message update;
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side_has(side, 1, LEASE_RELEASED, "a", -1);
	tell(pair, side, update_of(1, LEASE_EXPIRED, "a", -200, -1, 0), "");
	side_has(side, 2, LEASE_RELEASED, "a", -1);
	tell(pair, side, update_of(2, LEASE_ACTIVE, "a", -101, 60, 120), "");
	side_has(side, 3, LEASE_EXPIRED, "a", -1);
	tell(pair, side, update_of(3, LEASE_ACTIVE, "a", -101, 0, 120), "BNDACK 3 outdated");
	tell(pair, side, update_of(3, LEASE_ACTIVE, "a", -101, 1, 120), "");
	side_has(side, 4, LEASE_EXPIRED, "a", -1);
	tell(pair, side, update_of(4, LEASE_ACTIVE, "a", -100, 0, 120), "");
	side_has(side, 5, LEASE_EXPIRED, "a", -1);
	tell(pair, side, update_of(5, LEASE_ACTIVE, "b", -200, -5, 0), "");
	/* By its own clock, which is hours behind: it would refuse that it has ended, for ever. */
	side_has(side, 6, LEASE_EXPIRED, "a", -1);
	update = update_of(6, LEASE_ACTIVE, "a", -9101, -9000, -8900);
	update.time = NOW - 9001;
	tell(pair, side, update, "");
}

/*
 * A release is taken for what it is where the partner had acknowledged all
 * that is known here; else the client may have come back since, whatever clocks
 * say. dhcpd notes it as lease end and potential expiry alone.
 */
static void test_release(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side_has(side, 1, LEASE_ACTIVE, "a", 600);
	tell_durable(pair, side, update_of(1, LEASE_RELEASED, "a", -200, -150, -150), "BNDACK 1");
	side_knows(side, 1, "free a");
	assert_int_equal(side->closes, 1);
	side_has(side, 2, LEASE_ACTIVE, "a", 600);
	side_lease(side, 2)->current->flags = LEASE_OWED;
	tell(pair, side, update_of(2, LEASE_RELEASED, "a", -200, -100, -100), "BNDACK 2 outdated");
	tell(pair, side, update_of(2, LEASE_RELEASED, "a", 0, 600, 0), "BNDACK 2 outdated");
	tell(pair, side, update_of(2, LEASE_ABANDONED, NULL, 0, 900, 0), "BNDACK 2 outdated");
	assert_int_equal(side->closes, 1);
	side_has(side, 3, LEASE_ACTIVE, "a", 600);
	tell_durable(pair, side, update_of(3, LEASE_ABANDONED, NULL, -200, 900, 0), "BNDACK 3");
}

/* The kernel has answered the client since it was swept last: the release is older, or may be. */
static void test_renewed_unseen(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side_has(side, 1, LEASE_ACTIVE, "a", 60);
	side->promises[0] = NOW + 61;
	tell(pair, side, update_of(1, LEASE_RELEASED, "a", 0, 0, 0), "BNDACK 1 outdated");
	side_durable(side);
	assert_false(side_lease(side, 1)->closed);
	side_turn(pair, side);
	side_said(side, "BNDUPD 1 active ends +61 potential +160");
	side_has(side, 2, LEASE_ACTIVE, "a", 60);
	side->promises[1] = NOW + 61;
	tell(pair, side, update_of(2, LEASE_ABANDONED, NULL, 0, 0, 0), "BNDACK 2 outdated");
}

/*
 * Two clients have one address: who spoke later has it, if its lease still runs;
 * where that cannot be told the secondary yields, and the primary does not, unless
 * its own client is gone.
 */
static void test_two_clients(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary, *primary = &pair->primary;

	side_has(secondary, 1, LEASE_ACTIVE, "a", 600);
	tell(pair, secondary, update_of(1, LEASE_ACTIVE, "b", -105, 60, 120), "BNDACK 1 outdated");
	side_turn(pair, secondary);
	side_said(secondary, "BNDUPD 1 active ends +600 potential +700");
	side_has(secondary, 2, LEASE_ACTIVE, "a", 600);
	tell(pair, secondary, update_of(2, LEASE_ACTIVE, "b", 0, 0, 120), "BNDACK 2 outdated");
	side_has(secondary, 3, LEASE_ACTIVE, "a", 600);
	secondary->closes = 0;
	tell_durable(pair, secondary, update_of(3, LEASE_ACTIVE, "b", -100, 60, 120), "BNDACK 3");
	side_knows(secondary, 3, "active b ends +60 R +120 A 0 T +60");
	assert_int_equal(secondary->closes, 1);

	side_has(primary, 1, LEASE_ACTIVE, "a", 600);
	tell(pair, primary, update_of(1, LEASE_ACTIVE, "b", -100, 60, 120),
	     "BNDACK 1 fatal-conflict");
	assert_false(side_lease(primary, 1)->closed);
	side_turn(pair, primary);
	side_said(primary, "BNDUPD 1 active ends +600 potential +700");
	side_has(primary, 2, LEASE_ACTIVE, "a", 0);
	tell_durable(pair, primary, update_of(2, LEASE_ACTIVE, "b", -200, 60, 120), "BNDACK 2");
	side_has(primary, 3, LEASE_ACTIVE, "a", 600);
	tell_durable(pair, primary, update_of(3, LEASE_ACTIVE, "b", 0, 60, 120), "BNDACK 3");
	side_knows(primary, 3, "active b ends +60 R +120 A 0 T +60");
}

/* By whatever seconds they spoke apart, and are rounded, and pass: not both insist. */
static void test_two_clients_at_a_time(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary, *primary = &pair->primary;
	struct lease *ours = side_lease(primary, 1), *theirs = side_lease(secondary, 1);

	side_has(primary, 1, LEASE_ACTIVE, "a", 600);
	side_has(secondary, 1, LEASE_ACTIVE, "b", 600);
	for (int i = 0; i < 27; i++) {
		int apart = i / 3 - 4, late = i % 3 - 1;
		struct failover_message a = update_of(1, LEASE_ACTIVE, "a", -100, 600, 600);
		struct failover_message b = update_of(1, LEASE_ACTIVE, "b", apart - 100, 600, 600);

		theirs->current->cltt = NOW - 100 + apart;
		a.time = NOW + (uint32_t)late;
		b.time = NOW;
		assert_true(update_judge(ours, &b, true, NOW).verdict == UPDATE_TAKE ||
			    update_judge(theirs, &a, false, NOW).verdict == UPDATE_TAKE);
	}
}

/* A clock was hours ahead when one of them spoke, and is right now: that one spoke who knows when. */
static void test_two_clients_by_a_wrong_clock(void **state)
{
	struct pair *pair = *state;
	struct side *secondary = &pair->secondary, *primary = &pair->primary;

	side_has(secondary, 1, LEASE_ACTIVE, "a", 600);
	tell(pair, secondary, update_of(1, LEASE_ACTIVE, "b", 9000, 9600, 9600),
	     "BNDACK 1 outdated");
	side_has(primary, 1, LEASE_ACTIVE, "a", 600);
	tell(pair, primary, update_of(1, LEASE_ACTIVE, "b", 9000, 9600, 9600),
	     "BNDACK 1 fatal-conflict");
	side_has(primary, 2, LEASE_ACTIVE, "a", 600);
	side_lease(primary, 2)->current->cltt = NOW + 9000;
	tell_durable(pair, primary, update_of(2, LEASE_ACTIVE, "b", -200, 60, 120), "BNDACK 2");
	side_has(primary, 3, LEASE_ACTIVE, "a", 600);
	side_lease(primary, 3)->current->cltt = NOW + 9000;
	tell(pair, primary, update_of(3, LEASE_ACTIVE, "b", 9500, 9600, 9600),
	     "BNDACK 3 fatal-conflict");
}

/* What another client gave up is not this one's. */
static void test_release_of_another(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->secondary;

	side_has(side, 1, LEASE_ACTIVE, "a", 600);
	tell(pair, side, update_of(1, LEASE_RELEASED, "b", 0, 60, 0), "BNDACK 1 outdated");
	side_knows(side, 1, "active a owed ends +600 R 0 A 0 T 0");
}

/* The same client goes on: what it was told here stands, and the partner is told so where that is news. */
static void test_same_client(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;

	side_grant(side, 1, "a", 0, 60);
	side_durable(side);
	side_turn(pair, side);
	side->text[0] = 0;
	tell_durable(pair, side, update_of(1, LEASE_ACTIVE, "a", 1, 30, 40), "BNDACK 1");
	assert_int_equal(side->closes, 0);
	side_knows(side, 1, "active a owed ends +60 R +40 A 0 T +30");
	assert_int_equal(side_lease(side, 1)->current->cltt, NOW + 1);
	tell_durable(pair, side, update_of(1, LEASE_ACTIVE, "a", -50, 30, 40), "BNDACK 1");
	assert_int_equal(side_lease(side, 1)->current->cltt, NOW + 1);
	side_turn(pair, side);
	side_said(side, "BNDUPD 1 active ends +60 potential +120");
	tell_durable(pair, side, update_of(1, LEASE_ACTIVE, "a", 2, 90, 150), "BNDACK 1");
	side_knows(side, 1, "active a ends +90 R +150 A 0 T +90");
	side_turn(pair, side);
	side_said(side, "");
}

/* Only what was acknowledged of this client's binding counts for it. */
static void test_client_changes(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->secondary;
	struct lease_record *record;

	side_has(side, 1, LEASE_ACTIVE, "a", 0);
	record = side_lease(side, 1)->current;
	record->acknowledged = NOW + 500;
	record->potential = NOW + 500;
	record->horizon = NOW + 500;
	tell_durable(pair, side, update_of(1, LEASE_ACTIVE, "b", 0, 60, 120), "BNDACK 1");
	side_knows(side, 1, "active b ends +60 R +120 A 0 T +60");
	record = side_lease(side, 1)->current;
	assert_int_equal(record->horizon, 0);
	assert_int_equal(record->potential, NOW + 60);
	assert_int_equal(record->cltt, NOW);
	assert_int_equal(record->chaddr[0], 'b');
}

/* What is not said stays: dhcpd does not repeat the client of what is free. */
static void test_not_said(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;
	const struct lease_record *record;

	side_has(side, 1, LEASE_ACTIVE, "a", -1);
	tell_durable(pair, side,
		     without(update_of(1, LEASE_FREE, NULL, 0, 0, 0),
			     BIT(LEASE_EXPIRATION) | BIT(START_OF_STATE)),
		     "BNDACK 1");
	side_knows(side, 1, "free a");
	record = side_lease(side, 1)->current;
	assert_int_equal(record->ends, NOW - 1);
	assert_int_equal(record->starts, NOW - 100);
	assert_int_equal(record->chaddr[0], 'a');
	tell_durable(pair, side, update_of(1, LEASE_ABANDONED, NULL, 0, 86400, 0), "BNDACK 1");
	side_knows(side, 1, "abandoned -");
}

/* EXPIRED, RELEASED and RESET: both agree, so it is free at once, and of nobody's knowledge. */
static void test_ends_as_free(void **state)
{
	static const uint8_t ends[] = {LEASE_EXPIRED, LEASE_RELEASED, LEASE_RESET};

	for (size_t i = 0; i < sizeof(ends); i++) {
		struct pair *pair = sides_new(1);
		struct side *side = &pair->primary;
		const struct lease_record *record;

		side_has(side, 1, LEASE_ACTIVE, "a", 0);
		side_lease(side, 1)->current->acknowledged = NOW + 100;
		side_lease(side, 1)->current->known = NOW + 100;
		tell_durable(pair, side, update_of(1, ends[i], "a", 0, 500, 300), "BNDACK 1");
		side_knows(side, 1, "free a");
		record = side_lease(side, 1)->current;
		assert_int_equal(record->potential, 0);
		assert_int_equal(record->acknowledged, 0);
		assert_int_equal(record->known, 0);
		assert_int_equal(record->received, NOW + 300);
		sides_free(pair);
	}
	(void)state;
}

/* An address by its hardware, where option 61 was not sent. */
static void test_by_hardware(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;
	const struct lease_record *record;

	tell_durable(pair, side,
		     without(update_of(1, LEASE_ACTIVE, "abc", 0, 60, 120), BIT(CLIENT_IDENTIFIER)),
		     "BNDACK 1");
	record = side_lease(side, 1)->current;
	assert_int_equal(record->ident_length, 8);
	assert_memory_equal(lease_record_ident(record), "\0\1abc\0\0\0", 8);
	assert_int_equal(record->htype, 1);
	assert_int_equal(record->hlen, 6);
}

/* What the disk says already is acknowledged at once, and not written again. */
static void test_known_already(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->primary;
	struct failover_message fresh = update_of(2, LEASE_FREE, NULL, -NOW, -NOW, -NOW);
	struct failover_message update = update_of(1, LEASE_ACTIVE, "a", 0, 60, 120);

	tell(pair, side, fresh, "BNDACK 2");
	assert_int_equal(side->appended, 0);
	side_knows(side, 2, "never");
	tell_durable(pair, side, update, "BNDACK 1");
	assert_int_equal(side->appended, 1);
	tell(pair, side, update, "BNDACK 1");
	assert_int_equal(side->appended, 1);
	update.potential_expiration++;
	tell_durable(pair, side, update, "BNDACK 1");
	assert_int_equal(side->appended, 2);
	update.potential_expiration++;
	tell(pair, side, update, "");
	update.potential_expiration--;
	tell_durable(pair, side, update, "BNDACK 1; BNDACK 1");
	side_knows(side, 1, "active a ends +60 R +121 A 0 T +60");
}

/* Never before the disk; and each with its group. */
static void test_durable_first(void **state)
{
	struct pair *pair = *state;
	struct side *side = &pair->secondary;

	tell(pair, side, update_of(1, LEASE_ACTIVE, "a", 0, 60, 120), "");
	side->group = 2;
	tell(pair, side, update_of(2, LEASE_ACTIVE, "b", 0, 60, 120), "");
	tell(pair, side, update_of(12, LEASE_ACTIVE, "b", 0, 60, 120), "BNDACK 12 illegal-address");
	failover_updates_durable(side->updates, 0);
	side_said(side, "");
	failover_updates_durable(side->updates, 1);
	side_said(side, "BNDACK 1");
	failover_updates_durable(side->updates, 2);
	side_said(side, "BNDACK 2");
	failover_updates_durable(side->updates, 3);
	side_said(side, "");
}

/* The answers' ring grows while it wraps around. */
static void test_many_wait(void **state)
{
	struct pair *pair = sides_new(99);
	struct side *side = &pair->secondary;
	uint32_t heard = 0;

	for (uint32_t i = 1; i <= 99; i++) {
		struct failover_message update = update_of(i, LEASE_ACTIVE, "a", 0, 60, 120);

		side->group = i;
		side_told(pair, side, &update);
		if (i == 40) {
			failover_updates_durable(side->updates, 30);
			side_said(side, "BNDACK 1; BNDACK 2; BNDACK 3; BNDACK 4; BNDACK 5; "
					"BNDACK 6; BNDACK 7; BNDACK 8; BNDACK 9; BNDACK 10; "
					"BNDACK 11; BNDACK 12; BNDACK 13; BNDACK 14; BNDACK 15; "
					"BNDACK 16; BNDACK 17; BNDACK 18; BNDACK 19; BNDACK 20; "
					"BNDACK 21; BNDACK 22; BNDACK 23; BNDACK 24; BNDACK 25; "
					"BNDACK 26; BNDACK 27; BNDACK 28; BNDACK 29; BNDACK 30");
		}
		heard = i;
	}
	for (uint32_t i = 31; i <= heard; i++) {
		char words[32];

		snprintf(words, sizeof(words), "BNDACK %u", i);
		failover_updates_durable(side->updates, i);
		side_said(side, words);
	}
	sides_free(pair);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_duels),
		sides_test(test_form),
		sides_test(test_client_identifier_too_long),
		sides_test(test_other_relationship),
		sides_test(test_flags),
		sides_test(test_outdated),
		sides_test(test_release),
		sides_test(test_renewed_unseen),
		sides_test(test_two_clients),
		sides_test(test_two_clients_at_a_time),
		sides_test(test_two_clients_by_a_wrong_clock),
		sides_test(test_release_of_another),
		sides_test(test_same_client),
		sides_test(test_client_changes),
		sides_test(test_not_said),
		cmocka_unit_test(test_ends_as_free),
		sides_test(test_by_hardware),
		sides_test(test_known_already),
		sides_test(test_durable_first),
		cmocka_unit_test(test_many_wait),
	};

	return cmocka_run_group_tests(tests, sides_thread_setup, sides_thread_teardown);
}
