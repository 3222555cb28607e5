/* SPDX-License-Identifier: GPL-2.0-only */
/* The door to the truth where a partner stands beside it: who is told, and what its word changes. */
#include "fixture.h"

static const struct lease_stamp stamp7 = {.signature = 7, .tail = 7, .lease = 60};

/* An acknowledgement of ACTIVE with A = NOW + 500 and T = NOW + 60, nothing newer. */
static const struct lease_acknowledgement told = {
	.state = LEASE_ACTIVE,
	.potential = NOW + 150,
	.ends = NOW + 60,
	.settled = true,
};

static void assert_times(const struct lease_record *record, int64_t potential, int64_t acknowledged,
			 int64_t received, int64_t known)
{
	assert_int_equal(record->potential, potential);
	assert_int_equal(record->acknowledged, acknowledged);
	assert_int_equal(record->received, received);
	assert_int_equal(record->known, known);
}

static bool owed(const struct lease_record *record)
{
	return record->flags & LEASE_OWED;
}

/* What will be sent is in the journal first, and announced when slot and disk agree. */
static void test_grant_is_owed(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));

	pair(house);
	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 60), &stamp7);
	house_expect(house, "append(10,active,1000060) ");
	assert_times(lease->pending, NOW + 160, 0, 0, 0);
	assert_true(owed(lease->pending));
	lease_commit_durable(house->commit, 1);
	house_expect(house, "publish(10,active,stamp 7) announce(10,active) ");
}

static void test_grant_while_nothing_is_sent(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house)->sends = false;
	lease = bind(house, NET(10), "a", NOW + 60);
	assert_times(lease->current, 0, 0, 0, 0);
	assert_true(owed(lease->current));
	assert_int_equal(lease_commit_potential(house->commit, lease), house->group);
	house_expect(house, "append(10,active,1000060) ");
	lease_commit_durable(house->commit, house->group++);
	house_expect(house, "publish(10,active) announce(10,active) ");
	assert_times(lease->current, NOW + 160, 0, 0, 0);
	assert_int_equal(lease_commit_potential(house->commit, lease), 0);
	assert_int_equal(lease_commit_potential(house->commit, at(house, NET(11))), 0);
	house_expect(house, "");
}

static void test_no_relation_owes_nobody(void **state)
{
	struct house *house = *state;
	struct lease_record *record = bound("a", NOW, NOW + 60);
	struct lease *lease = at(house, IP(10, 1, 1, 0));

	pair(house);
	record->flags = LEASE_OWED | LEASE_BOOTP;
	record->acknowledged = NOW + 7;
	lease_commit_grant(house->commit, lease, record, NULL);
	lease_commit_durable(house->commit, 1);
	house_expect(house, "append(0,active,1000060) publish(0,active) ");
	assert_int_equal(lease->current->flags, LEASE_BOOTP);
	assert_times(lease->current, 0, 0, 0, 0);
	lease_commit_owe(house->commit, lease);
	assert_int_equal(lease_commit_hand_over(house->commit, at(house, IP(10, 1, 1, 1)),
						LEASE_BACKUP, NOW),
			 0);
	house_expect(house, "");
}

/* What the partner knows goes with the client; the caller's word for it counts nothing. */
static void test_binding_follows_its_client(void **state)
{
	struct house *house = *state;
	struct lease *lease;
	struct lease_record *record;

	pair(house);
	lease = learn(house, NET(10), "a", LEASE_ACTIVE);
	lease->current->known = NOW + 60;
	record = bound("a", NOW, NOW + 70);
	record->acknowledged = NOW + 9999;
	lease_commit_grant(house->commit, lease, record, NULL);
	assert_times(lease->pending, NOW + 170, 0, NOW + 300, NOW + 60);
	record = bound("b", NOW, NOW + 70);
	record->acknowledged = NOW + 9999;
	lease_commit_close(house->commit, lease);
	lease_commit_grant(house->commit, lease, record, NULL);
	assert_times(lease->pending, NOW + 170, 0, 0, 0);
}

/* What it tells of a free address, by a clock that may be anywhere, it does not honour. */
static void test_binding_begins_anew(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = learn(house, NET(10), "a", LEASE_FREE);
	lease->current->received = NOW + 9999;
	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 60), NULL);
	assert_times(lease->pending, NOW + 160, 0, 0, 0);
}

/* In place: no new record, the journal told in short, the slot with its new K and its old stamp. */
static void test_acknowledged_in_place(void **state)
{
	struct house *house = *state;
	struct lease_record *record;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	record = lease->current;
	lease_commit_acknowledged(house->commit, lease, &told, NOW);
	house_expect(house, "acknowledged(10,1000150,1000060) publish(10,active) ");
	assert_ptr_equal(lease->current, record);
	assert_times(record, NOW + 160, NOW + 150, 0, NOW + 60);
	assert_false(owed(record));
}

/* The newest acknowledgement counts, also where it says less. */
static void test_acknowledged_less(void **state)
{
	struct house *house = *state;
	struct lease_acknowledgement less = told;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	lease_commit_acknowledged(house->commit, lease, &told, NOW);
	less.potential = NOW + 100;
	less.ends = NOW + 50;
	less.settled = false;
	lease_commit_owe(house->commit, lease);
	house->log[0] = 0;
	lease_commit_acknowledged(house->commit, lease, &less, NOW);
	house_expect(house, "acknowledged(10,1000100,1000050,owed) publish(10,active) ");
}

/* A renewal is on its way to the disk: it knows too, and is owed still. */
static void test_acknowledged_with_newer_pending(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	lease_commit_renewed(house->commit, lease, NOW + 90, NOW + 30, NOW + 300);
	house->log[0] = 0;
	lease_commit_acknowledged(house->commit, lease, &told, NOW);
	house_expect(house, "acknowledged(10,1000150,1000060,owed) publish(10,active) ");
	assert_times(lease->current, NOW + 160, NOW + 150, 0, NOW + 60);
	assert_times(lease->pending, NOW + 300, NOW + 150, 0, NOW + 60);
	assert_true(owed(lease->current));
	lease_commit_durable(house->commit, house->group++);
	house_expect(house, "publish(10,active) announce(10,active) ");
	assert_times(lease->current, NOW + 300, NOW + 150, 0, NOW + 60);
}

/* What follows is the partner's own word: it is not owed, and the journal's last record of the address. */
static void test_acknowledged_with_learned_pending(void **state)
{
	struct house *house = *state;
	struct lease_record *record = bound("a", NOW, NOW + 90);
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	record->received = NOW + 400;
	lease_commit_learn(house->commit, lease, record);
	house->log[0] = 0;
	lease_commit_acknowledged(house->commit, lease, &told, NOW);
	house_expect(house, "acknowledged(10,1000150,1000060) publish(10,active) ");
	assert_times(lease->pending, NOW + 160, NOW + 150, NOW + 400, NOW + 60);
}

/* The address is about to be another client's: of that one the partner knows nothing. */
static void test_acknowledged_of_the_client_before(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	lease_commit_close(house->commit, lease);
	lease_commit_grant(house->commit, lease, bound("b", NOW, NOW + 70), NULL);
	house->log[0] = 0;
	lease_commit_acknowledged(house->commit, lease, &told, NOW);
	house_expect(house, "");
	assert_times(lease->pending, NOW + 170, 0, 0, 0);
	lease_commit_durable(house->commit, house->group++);
	house->log[0] = 0;
	/* Never sent of this binding. */
	lease_commit_acknowledged(
		house->commit, lease,
		&(struct lease_acknowledgement){LEASE_ACTIVE, NOW + 171, NOW + 70, true}, NOW);
	house_expect(house, "");
	assert_true(owed(lease->current));
}

static void test_acknowledged_while_it_ends(void **state)
{
	struct house *house = *state;
	struct lease *lease;
	int64_t promise;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	lease_commit_revoke(house->commit, lease, LEASE_RELEASED, NOW, 0, &promise);
	house->log[0] = 0;
	lease_commit_acknowledged(house->commit, lease, &told, NOW);
	house_expect(house, "");
	lease_commit_durable(house->commit, house->group++);
	house_expect(house, "publish(10,released) announce(10,released) ");
	lease_commit_acknowledged(house->commit, lease, &told, NOW);
	house_expect(house, "");
	assert_int_equal(lease->current->state, LEASE_RELEASED);
}

/* A slot that is closed for the partner is not opened by an acknowledgement. */
static void test_acknowledged_while_closed(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	lease_commit_close(house->commit, lease);
	house->log[0] = 0;
	lease_commit_acknowledged(house->commit, lease, &told, NOW);
	house_expect(house, "acknowledged(10,1000150,1000060) ");
	lease_commit_reopen(house->commit, lease, NOW + 60, NOW);
	house_expect(house, "publish(10,active) ");
}

/* Agreed: free for the primary, and nothing of the old binding is left, nor owed. */
static void test_ending_acknowledged(void **state)
{
	static const uint8_t states[] = {LEASE_EXPIRED, LEASE_RELEASED, LEASE_RESET};
	struct house *house = *state;
	int64_t promise;

	pair(house)->secondary = true;
	for (int i = 0; i < 3; i++) {
		struct lease *lease = learn(house, NET(10 + i), "a", LEASE_ACTIVE);
		struct lease_acknowledgement ack = {.state = states[i], .potential = NOW + 300};

		lease_commit_revoke(house->commit, lease, states[i], NOW + 60, 0, &promise);
		lease_commit_durable(house->commit, house->group++);
		assert_int_equal(lease->current->state, states[i]);
		assert_int_equal(lease->current->received, NOW + 300);
		house->log[0] = 0;
		lease_commit_acknowledged(house->commit, lease, &ack, NOW + 61);
		house_expect(house, "");
		ack.settled = true;
		lease_commit_acknowledged(house->commit, lease, &ack, NOW + 61);
		lease_commit_durable(house->commit, house->group++);
		assert_null(strstr(house->log, "announce"));
		assert_int_equal(lease->current->state, LEASE_FREE);
		assert_int_equal(lease->current->starts, NOW + 61);
		assert_times(lease->current, 0, 0, 0, 0);
		assert_false(owed(lease->current));
		assert_int_equal(lease->current->ident_length, 2);
	}
}

/* The partner has given it away again meanwhile: that is not undone. */
static void test_ending_acknowledged_too_late(void **state)
{
	struct house *house = *state;
	struct lease_acknowledgement ack = {.state = LEASE_RELEASED, .settled = true};
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	release(house, lease, NOW);
	lease_commit_learn(house->commit, lease, bound("b", NOW, NOW + 60));
	house->log[0] = 0;
	lease_commit_acknowledged(house->commit, lease, &ack, NOW);
	house_expect(house, "");
	lease_commit_durable(house->commit, house->group++);
	lease_commit_acknowledged(house->commit, lease, &ack, NOW);
	assert_int_equal(lease_effective(lease)->state, LEASE_ACTIVE);
}

static void test_free_acknowledged(void **state)
{
	static const uint8_t states[] = {LEASE_FREE, LEASE_BACKUP, LEASE_ABANDONED};
	struct house *house = *state;

	pair(house);
	for (int i = 0; i < 3; i++) {
		struct lease *lease = learn(house, NET(10 + i), NULL, states[i]);
		struct lease_acknowledgement ack = {.state = states[i]};

		lease_commit_owe(house->commit, lease);
		assert_true(owed(lease->current));
		assert_non_null(strstr(house->log, "announce"));
		house->log[0] = 0;
		lease_commit_acknowledged(house->commit, lease, &ack, NOW);
		house_expect(house, "");
		ack.settled = true;
		lease_commit_acknowledged(house->commit, lease, &ack, NOW);
		assert_non_null(strstr(house->log, ",0,0) "));
		assert_false(owed(lease->current));
		house->log[0] = 0;
	}
	lease_commit_acknowledged(house->commit, at(house, NET(20)), &told, NOW);
	house_expect(house, "");
}

/* The partner never heard of it: nobody has to agree, and whose it was it is. */
static void test_rewind(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);
	struct lease *lease;

	policy->sends = false;
	lease = bind(house, NET(10), "a", NOW + 60);
	release(house, lease, NOW + 5);
	assert_int_equal(lease->current->state, LEASE_FREE);
	policy->secondary = true;
	lease = bind(house, NET(11), "a", NOW + 60);
	lease_commit_expire(house->commit, NOW + 60, 100);
	lease_commit_durable(house->commit, house->group++);
	assert_int_equal(lease->current->state, LEASE_BACKUP);
	assert_ptr_equal(choose(house, "a", 0), lease);
	assert_true(owed(lease->current));
}

/* Told by us, or us by it, in whatever way: it has to agree. */
static void test_no_rewind_once_told(void **state)
{
	struct house *house = *state;
	struct lease_policy *policy = pair(house);

	policy->sends = false;
	for (int i = 0; i < 4; i++) {
		unsigned octets[] = {10, 11, 12, 20};
		struct lease *lease = bind(house, NET(octets[i]), "a", NOW + 60);
		struct lease_record *record = lease->current;

		*(&record->potential + i) = NOW + 1;
		release(house, lease, NOW + 5);
		assert_int_equal(lease->current->state, LEASE_RELEASED);
		assert_int_equal(*(&lease->current->potential + i), NOW + 1);
	}
}

static void test_declined_is_told(void **state)
{
	struct house *house = *state;
	struct lease *lease;
	int64_t promise;

	pair(house)->sends = false;
	lease = bind(house, NET(10), "a", NOW + 60);
	lease_commit_revoke(house->commit, lease, LEASE_ABANDONED, NOW, NOW + 500, &promise);
	lease_commit_durable(house->commit, house->group++);
	house_expect(house, "close(10) append(10,abandoned,1000500) publish(10,abandoned) "
			    "announce(10,abandoned) ");
}

/* Only the newest of a lease is announced. */
static void test_announced_once(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));

	pair(house);
	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 60), NULL);
	house->group = 2;
	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 70), NULL);
	house->log[0] = 0;
	lease_commit_durable(house->commit, 1);
	house_expect(house, "");
	lease_commit_durable(house->commit, 2);
	house_expect(house, "publish(10,active) announce(10,active) ");
}

static void test_reopen(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	acknowledge(house, lease);
	house->promise = NOW + 50;
	assert_int_equal(lease_commit_close(house->commit, lease), NOW + 60);
	assert_true(lease->closed);
	lease_commit_reopen(house->commit, lease, NOW + 60, NOW);
	house_expect(house, "close(10) publish(10,active) ");
	assert_false(lease->closed);
	assert_false(owed(lease->current));
}

/* The kernel promised more than was told: that is a renewal, which the partner has to hear of. */
static void test_reopen_with_a_later_promise(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	acknowledge(house, lease);
	house->promise = NOW + 200;
	assert_int_equal(lease_commit_close(house->commit, lease), NOW + 200);
	lease_commit_reopen(house->commit, lease, NOW + 200, NOW + 10);
	house_expect(house, "close(10) append(10,active,1000200) ");
	assert_true(lease->closed);
	lease_commit_durable(house->commit, house->group++);
	house_expect(house, "publish(10,active) announce(10,active) ");
	assert_false(lease->closed);
	assert_int_equal(lease->current->horizon, NOW + 200);
	assert_times(lease->current, NOW + 200, NOW + 160, 0, NOW + 60);
}

static void test_reopen_of_nothing(void **state)
{
	struct house *house = *state;
	struct lease *lease = at(house, NET(10));

	pair(house);
	assert_int_equal(lease_commit_close(house->commit, lease), 0);
	lease_commit_reopen(house->commit, lease, 0, NOW);
	house_expect(house, "close(10) ");
	lease = learn(house, NET(11), "a", LEASE_FREE);
	assert_int_equal(lease_commit_close(house->commit, lease), 0);
	lease_commit_reopen(house->commit, lease, 0, NOW);
	house_expect(house, "close(11) publish(11,free) ");
}

/* Closed for the partner: what a sweep notes of its client meanwhile opens nothing. */
static void test_yielding_stays_closed(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	lease_commit_close(house->commit, lease);
	lease->yielding = true;
	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 70), &stamp7);
	house->log[0] = 0;
	lease_commit_durable(house->commit, house->group++);
	house_expect(house, "drop(7) announce(10,active) ");
	assert_true(lease->closed);
	lease_commit_reopen(house->commit, lease, 0, NOW);
	house_expect(house, "publish(10,active) ");
	assert_false(lease->yielding);
	lease_commit_close(house->commit, lease);
	lease->yielding = true;
	learn(house, NET(10), "a", LEASE_FREE);
	assert_false(lease->closed);
	assert_false(lease->yielding);
}

/* An EXPIRED, a new client of the partner's: slot closed, record as it says, owed to nobody. */
static void test_learn(void **state)
{
	struct house *house = *state;
	struct dhcp_ident a = client("a"), b = client("b");
	struct lease_record *record;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	offer(house, lease, "a", NOW + 60);
	record = bound("b", NOW, NOW + 90);
	record->flags = LEASE_OWED | LEASE_RESERVED;
	record->received = NOW + 400;
	house->promise = NOW + 70;
	assert_int_equal(lease_commit_close(house->commit, lease), NOW + 70);
	assert_int_equal(lease_commit_learn(house->commit, lease, record), house->group);
	lease_commit_durable(house->commit, house->group++);
	house_expect(house, "close(10) append(10,active,1000090) publish(10,active) ");
	assert_int_equal(lease->current->flags, LEASE_RESERVED);
	assert_times(lease->current, 0, 0, NOW + 400, 0);
	assert_null(lease->offered_to);
	assert_null(lease_table_next_of_client(house->table, a.bytes, a.length, NULL));
	assert_ptr_equal(lease_table_next_of_client(house->table, b.bytes, b.length, NULL), lease);
}

/* A renewal with the partner, while the slot is open and a grant of ours is on its way. */
static void test_learn_of_the_same_client(void **state)
{
	struct house *house = *state;
	struct lease_record *record;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	acknowledge(house, lease);
	lease_commit_grant(house->commit, lease, bound("a", NOW, NOW + 500), &stamp7);
	record = bound("a", NOW, NOW + 90);
	record->received = NOW + 700;
	record->known = NOW + 90;
	house->log[0] = 0;
	lease_commit_learn(house->commit, lease, record);
	lease_commit_durable(house->commit, house->group++);
	house_expect(house, "append(10,active,1000090) publish(10,active,stamp 7) ");
	assert_int_equal(lease->current->horizon, NOW + 600);
	assert_times(lease->current, NOW + 600, NOW + 160, NOW + 700, NOW + 90);
}

/* It had expired here, and the partner did not agree: what we sent of it may still be promised there. */
static void test_learn_of_what_had_expired(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	acknowledge(house, lease);
	release(house, lease, NOW + 5);
	assert_int_equal(lease->current->state, LEASE_RELEASED);
	learn(house, NET(10), "a", LEASE_ACTIVE);
	assert_times(lease->current, NOW + 160, NOW + 160, NOW + 300, 0);
	release(house, lease, NOW + 5);
	acknowledge(house, lease);
	learn(house, NET(10), "a", LEASE_ACTIVE);
	assert_times(lease->current, 0, 0, NOW + 300, 0);
}

static void test_hand_over(void **state)
{
	struct house *house = *state;
	struct lease_counts pool;
	struct lease *lease;

	pair(house);
	lease = learn(house, NET(10), "a", LEASE_FREE);
	lease->current->received = NOW + 9;
	assert_int_equal(lease_commit_hand_over(house->commit, lease, LEASE_BACKUP, NOW + 3),
			 house->group);
	lease_commit_hand_over(house->commit, at(house, NET(11)), LEASE_BACKUP, NOW + 3);
	house_expect(house, "append(10,backup,1000060) append(11,backup,0) ");
	lease_table_pool_counts(house->table, 0, &pool);
	assert_int_equal(pool.free, 3);
	assert_int_equal(pool.backup, 2);
	assert_int_equal(choose(house, "a", NET(11))->address, NET(12));
	lease_commit_durable(house->commit, house->group++);
	house_expect(house, "publish(10,backup) announce(10,backup) "
			    "publish(11,backup) announce(11,backup) ");
	assert_int_equal(lease->current->starts, NOW + 3);
	assert_times(lease->current, 0, 0, 0, 0);
	assert_int_equal(lease->current->ident_length, 2);
}

static void test_hand_over_of_what_is_not_free(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	offer(house, at(house, NET(11)), "b", NOW + 60);
	learn(house, NET(12), "c", LEASE_EXPIRED);
	for (int i = 0; i < 3; i++)
		assert_int_equal(lease_commit_hand_over(house->commit, at(house, NET(10 + i)),
							LEASE_BACKUP, NOW),
				 0);
	house_expect(house, "");
	assert_int_equal(lease->current->state, LEASE_ACTIVE);
}

static void test_owe(void **state)
{
	struct house *house = *state;
	struct lease *lease;

	pair(house);
	lease = bind(house, NET(10), "a", NOW + 60);
	acknowledge(house, lease);
	lease_commit_owe(house->commit, lease);
	house_expect(house, "acknowledged(10,1000160,1000060,owed) announce(10,active) ");
	lease_commit_learn(house->commit, lease, bound("a", NOW, NOW + 70));
	house->log[0] = 0;
	lease_commit_owe(house->commit, lease);
	house_expect(house, "acknowledged(10,1000160,0,owed) ");
	lease_commit_durable(house->commit, house->group++);
	house_expect(house, "publish(10,active) announce(10,active) ");
	lease_commit_owe(house->commit, at(house, NET(11)));
	house_expect(house, "");
}

static void test_restore_acknowledgement(void **state)
{
	struct house *house = *state;
	struct lease_record *record = bound("a", NOW, NOW + 60);

	pair(house);
	record->address = NET(10);
	record->flags = LEASE_OWED;
	record->potential = NOW + 160;
	assert_int_equal(lease_commit_restore(house->commit, record), 0);
	lease_commit_restore_acknowledgement(house->commit, NET(10), 0, NOW + 160, NOW + 60);
	lease_commit_restore_acknowledgement(house->commit, NET(11), 0, NOW + 160, NOW + 60);
	lease_commit_restore_acknowledgement(house->commit, IP(192, 0, 2, 1), 0, 1, 1);
	house_expect(house, "");
	assert_int_equal(at(house, NET(10))->current->flags, 0);
	assert_times(at(house, NET(10))->current, NOW + 160, NOW + 160, 0, NOW + 60);
	assert_null(at(house, NET(11))->current);
}

/* How long ago the client spoke stays as it was, and what was said of the lease too. */
static void test_clock_set(void **state)
{
	struct house *house = *state;
	struct lease *lease, *free;

	pair(house);
	lease = learn(house, NET(10), "a", LEASE_ACTIVE);
	lease->current->cltt = NOW - 20;
	free = learn(house, NET(11), "b", LEASE_FREE);
	lease_commit_clock_set(house->commit, -9000);
	house_expect(house, "append(10,active,1000060) ");
	lease_commit_durable(house->commit, house->group++);
	house_expect(house, "publish(10,active) ");
	assert_int_equal(lease->current->cltt, NOW - 9020);
	assert_int_equal(lease->current->received, NOW + 300);
	assert_false(owed(lease->current));
	assert_null(free->pending);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		house_test(test_grant_is_owed),
		house_test(test_grant_while_nothing_is_sent),
		house_test(test_no_relation_owes_nobody),
		house_test(test_binding_follows_its_client),
		house_test(test_binding_begins_anew),
		house_test(test_acknowledged_in_place),
		house_test(test_acknowledged_less),
		house_test(test_acknowledged_with_newer_pending),
		house_test(test_acknowledged_with_learned_pending),
		house_test(test_acknowledged_of_the_client_before),
		house_test(test_acknowledged_while_it_ends),
		house_test(test_acknowledged_while_closed),
		house_test(test_ending_acknowledged),
		house_test(test_ending_acknowledged_too_late),
		house_test(test_free_acknowledged),
		house_test(test_rewind),
		house_test(test_no_rewind_once_told),
		house_test(test_declined_is_told),
		house_test(test_announced_once),
		house_test(test_reopen),
		house_test(test_reopen_with_a_later_promise),
		house_test(test_reopen_of_nothing),
		house_test(test_yielding_stays_closed),
		house_test(test_learn),
		house_test(test_learn_of_the_same_client),
		house_test(test_learn_of_what_had_expired),
		house_test(test_hand_over),
		house_test(test_hand_over_of_what_is_not_free),
		house_test(test_owe),
		house_test(test_restore_acknowledgement),
		house_test(test_clock_set),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
