/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools that come into a failover relationship, go from one to another, or out of it. */
#include "fixture.h"

#define NORTH 1
#define SOUTH 2

struct town {
	struct house *house;
	struct conf_relation relations[2], *list[2];
};

static int setup(void **state)
{
	struct town *town = calloc(1, sizeof(*town));

	house_setup((void **)&town->house);
	town->relations[0] = (struct conf_relation){.number = NORTH, .primary = true, .tag = 71};
	town->relations[1] = (struct conf_relation){.number = SOUTH, .primary = true, .tag = 72};
	town->list[0] = &town->relations[0];
	town->list[1] = &town->relations[1];
	town->house->conf.relations = town->list;
	town->house->conf.relation_count = 2;
	pair(town->house);
	town->house->policies[SOUTH] = town->house->policies[NORTH];
	*state = town;
	return 0;
}

static int teardown(void **state)
{
	struct town *town = *state;

	house_teardown((void **)&town->house);
	free(town);
	return 0;
}

/* The configuration has pools 0 and 1 there, 0: in none; nothing more than the table knows it. */
static void configure(struct town *town, uint8_t relation)
{
	struct house *house = town->house;

	house->pools[0].relation = relation;
	house->pools[1].relation = relation;
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
}

static void reload(struct town *town, uint8_t relation)
{
	configure(town, relation);
	assert_int_equal(lease_commit_move(town->house->commit), 0);
}

static void durable(struct town *town)
{
	lease_commit_durable(town->house->commit, town->house->group++);
}

/* A partner's free address here, and the other way round. */
static struct lease *handed_over(struct town *town, uint32_t address)
{
	struct lease *lease = bind(town->house, address, "b", NOW + 60);

	release(town->house, lease, NOW);
	acknowledge(town->house, lease);
	lease_commit_hand_over(town->house->commit, lease, LEASE_BACKUP, NOW);
	durable(town);
	acknowledge(town->house, lease);
	return lease;
}

static void role(struct town *town, uint8_t relation, bool primary)
{
	town->relations[relation - 1].primary = primary;
	town->house->policies[relation].secondary = !primary;
}

static void assert_unknown(const struct lease *lease, uint16_t tag, int64_t potential)
{
	const struct lease_record *record = lease_effective(lease);

	assert_int_equal(record->relation, tag);
	assert_int_equal(record->acknowledged, 0);
	assert_int_equal(record->received, 0);
	assert_int_equal(record->known, 0);
	assert_int_equal(record->potential, potential);
	assert_int_equal(record->flags & LEASE_OWED, tag ? LEASE_OWED : 0);
}

/* Leases of before are the new partner's business too: else it takes their addresses for free. */
static void test_into(void **state)
{
	struct town *town = *state;
	struct lease *lease;

	reload(town, 0);
	lease = bind(town->house, NET(10), "a", NOW + 60);
	assert_int_equal(lease->current->relation, 0);
	reload(town, NORTH);
	house_expect(town->house, "append(10,active,1000060) ");
	assert_unknown(lease, 71, NOW + 160);
	durable(town);
	house_expect(town->house, "publish(10,active) announce(10,active) ");
}

/* Where nothing can be sent, it is owed all the same; what will be sent is journaled then. */
static void test_into_while_nothing_is_sent(void **state)
{
	struct town *town = *state;
	struct lease *lease;

	reload(town, 0);
	lease = bind(town->house, NET(10), "a", NOW + 60);
	town->house->policies[NORTH].sends = false;
	reload(town, NORTH);
	assert_unknown(lease, 71, 0);
}

/* What one partner acknowledged, or said, another one does not honour (invariant I1). */
static void test_to_another(void **state)
{
	struct town *town = *state;
	struct lease *own = bind(town->house, NET(10), "a", NOW + 60), *partners;
	struct lease_policy *policy = &town->house->policies[SOUTH];

	acknowledge(town->house, own);
	assert_int_equal(lease_policy_known(policy, own->current), NOW + 160);
	partners = learn(town->house, NET(11), "b", LEASE_ACTIVE);
	assert_int_equal(lease_policy_known(policy, partners->current), NOW + 300);
	reload(town, SOUTH);
	house_expect(town->house, "append(10,active,1000060) append(11,active,1000060) ");
	for (int strict = 0; strict < 2; strict++) {
		policy->strict = strict;
		assert_int_equal(lease_policy_known(policy, own->pending), 0);
		assert_int_equal(lease_policy_known(policy, partners->pending), 0);
	}
	assert_unknown(own, 72, NOW + 160);
	assert_unknown(partners, 72, NOW + 300);
	durable(town);
	house_expect(town->house, "publish(10,active) announce(10,active) "
				  "publish(11,active) announce(11,active) ");
}

/* What is on its way to the disk is of the relationship before, and superseded. */
static void test_on_its_way(void **state)
{
	struct town *town = *state;
	struct lease *lease = bind(town->house, NET(10), "a", NOW + 60);

	acknowledge(town->house, lease);
	lease_commit_renewed(town->house->commit, lease, NOW + 70, NOW + 10, NOW + 170);
	assert_int_equal(lease->pending->acknowledged, NOW + 160);
	town->house->log[0] = 0;
	town->house->group++;
	reload(town, SOUTH);
	lease_commit_durable(town->house->commit, town->house->group - 1);
	house_expect(town->house, "append(10,active,1000070) ");
	durable(town);
	house_expect(town->house, "publish(10,active) announce(10,active) ");
	assert_unknown(lease, 72, NOW + 170);
}

/* There and back before the disk has it: what was known stays forgotten, as the journal has it. */
static void test_twice(void **state)
{
	struct town *town = *state;
	struct lease *lease = bind(town->house, NET(10), "a", NOW + 60);

	acknowledge(town->house, lease);
	reload(town, SOUTH);
	reload(town, NORTH);
	assert_unknown(lease, 71, NOW + 160);
	durable(town);
	assert_unknown(lease, 71, NOW + 160);
}

/* Bound here by the partner before, whose clients may have its promise still. */
static void test_ends_by_agreement_only(void **state)
{
	struct town *town = *state;
	struct lease *lease = learn(town->house, NET(10), "a", LEASE_ACTIVE);
	int64_t promise;

	town->house->policies[SOUTH].sends = false;
	reload(town, SOUTH);
	durable(town);
	lease_commit_revoke(town->house->commit, lease, LEASE_EXPIRED, NOW + 60, 0, &promise);
	durable(town);
	assert_int_equal(lease->current->state, LEASE_EXPIRED);
	partner_down(&town->house->policies[SOUTH], NOW + 10);
	assert_int_equal(lease_policy_free_at(&town->house->policies[SOUTH], lease->current),
			 NOW + 300 + 65);
}

/* Nobody is left who has to be told, or has to agree. */
static void test_out(void **state)
{
	struct town *town = *state;
	struct lease *bound_here = bind(town->house, NET(10), "a", NOW + 60);
	struct lease *backup = handed_over(town, NET(11)), *ending;

	acknowledge(town->house, bound_here);
	ending = bind(town->house, NET(12), "c", NOW + 60);
	acknowledge(town->house, ending);
	release(town->house, ending, NOW);
	assert_int_equal(ending->current->state, LEASE_RELEASED);
	assert_int_equal(counts(town->house).backup, 1);
	reload(town, 0);
	durable(town);
	assert_unknown(bound_here, 0, 0);
	assert_unknown(backup, 0, 0);
	assert_int_equal(counts(town->house).backup, 0);
	lease_commit_expire(town->house->commit, NOW + 1, 100);
	durable(town);
	assert_int_equal(ending->current->state, LEASE_FREE);
}

/* A pool that was taken out and comes back: the partner may still give what was its own. */
static void test_out_and_back(void **state)
{
	struct town *town = *state;
	struct lease *lease = handed_over(town, NET(10));

	reload(town, 0);
	durable(town);
	reload(town, NORTH);
	durable(town);
	assert_unknown(lease, 71, 0);
	assert_int_equal(lease->current->state, LEASE_BACKUP);
	assert_int_equal(counts(town->house).backup, 1);
}

/* A secondary gives nothing that this primary did not give it. */
static void test_secondary(void **state)
{
	struct town *town = *state;
	struct lease *lease = learn(town->house, NET(10), NULL, LEASE_BACKUP);

	role(town, SOUTH, false);
	reload(town, SOUTH);
	house_expect(town->house, "append(10,free,0) ");
	durable(town);
	assert_unknown(lease, 72, 0);
	assert_int_equal(counts(town->house).backup, 0);
	assert_null(choose(town->house, "b", 0));
}

/* Numbers are of one configuration. */
static void test_renumbered(void **state)
{
	struct town *town = *state;
	struct lease *lease = bind(town->house, NET(10), "a", NOW + 60);

	acknowledge(town->house, lease);
	town->relations[0].tag = 72;
	town->relations[1].tag = 71;
	reload(town, SOUTH);
	house_expect(town->house, "");
	assert_int_equal(lease->current->acknowledged, NOW + 160);
	reload(town, NORTH);
	house_expect(town->house, "append(10,active,1000060) ");
}

static struct lease *restored(struct town *town, uint32_t address, uint8_t state, uint16_t tag)
{
	struct lease_record *record = bound("a", NOW, NOW + 60);

	record->address = address;
	record->state = state;
	record->relation = tag;
	record->potential = NOW + 160;
	record->received = NOW + 170;
	assert_int_equal(lease_commit_restore(town->house->commit, record), 0);
	lease_commit_restore_acknowledgement(town->house->commit, address, 0, NOW + 160, NOW + 60);
	return at(town->house, address);
}

/* After a start: all stays with the same relationship, nothing of another one; once. */
static void test_restored(void **state)
{
	struct town *town = *state;
	struct lease *same = restored(town, NET(10), LEASE_ACTIVE, 71);
	struct lease *other = restored(town, NET(11), LEASE_ACTIVE, 72);
	struct lease *older = restored(town, NET(12), LEASE_ACTIVE, 0);
	struct lease *outside = restored(town, IP(192, 0, 2, 1), LEASE_ACTIVE, 71);
	struct lease *never = restored(town, IP(10, 1, 0, 254), LEASE_ACTIVE, 0);
	uint64_t address = 0;

	assert_ptr_equal(lease_commit_restore_move(town->house->commit, &address), other);
	assert_ptr_equal(lease_commit_restore_move(town->house->commit, &address), older);
	assert_ptr_equal(lease_commit_restore_move(town->house->commit, &address), outside);
	assert_null(lease_commit_restore_move(town->house->commit, &address));
	house_expect(town->house, "");
	assert_int_equal(same->current->acknowledged, NOW + 160);
	assert_int_equal(same->current->received, NOW + 170);
	assert_int_equal(same->current->known, NOW + 60);
	assert_int_equal(same->current->flags, 0);
	assert_unknown(other, 71, NOW + 170);
	assert_unknown(older, 71, NOW + 170);
	assert_unknown(outside, 0, 0);
	assert_int_equal(never->current->received, NOW + 170);
	address = 0;
	assert_null(lease_commit_restore_move(town->house->commit, &address));
}

/* In the queue that it is given from, too. */
static void test_restored_free(void **state)
{
	struct town *town = *state;
	struct lease *lease;
	uint64_t address = 0;

	role(town, NORTH, false);
	configure(town, NORTH);
	lease = restored(town, NET(10), LEASE_BACKUP, 0);
	assert_ptr_equal(choose(town->house, "b", 0), lease);
	assert_ptr_equal(lease_commit_restore_move(town->house->commit, &address), lease);
	assert_unknown(lease, 71, 0);
	assert_int_equal(lease->current->state, LEASE_FREE);
	assert_null(choose(town->house, "b", 0));
	assert_null(lease_pool_next_free(town->house->table, 0, LEASE_BACKUP, NULL));
	assert_int_equal(counts(town->house).backup, 0);
}

#define town_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		town_test(test_into),	    town_test(test_into_while_nothing_is_sent),
		town_test(test_to_another), town_test(test_on_its_way),
		town_test(test_twice),	    town_test(test_ends_by_agreement_only),
		town_test(test_out),	    town_test(test_out_and_back),
		town_test(test_secondary),  town_test(test_renumbered),
		town_test(test_restored),   town_test(test_restored_free),
	};

	return cmocka_run_group_tests(tests, thread_setup, thread_teardown);
}
