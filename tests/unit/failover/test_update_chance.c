/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Both servers in any order of events, by seed: clients get, renew, release
 * and decline leases at either server, the kernel renews unseen, leases end,
 * addresses change hands, messages and disks are late, the link breaks and
 * heals. At every grant: no other client was told that it has the address. In
 * the end, when nobody has more to say: both servers say the same.
 */
#include "update_fixture.h"

enum { ADDRESSES = 3, CLIENTS = 3, STEPS = 300, ROUNDS = 40, SEEDS = 60, LEASE = 60, MCLT = 30 };

static const char *const clients[CLIENTS] = {"a", "b", "c"};

struct chance {
	struct pair *pair;
	uint64_t random;
	unsigned seed;
	bool linked;
	int64_t told[ADDRESSES + 1]
		    [CLIENTS]; /* until when each client thinks that it has the address */
};

static unsigned draw(struct chance *chance, unsigned below)
{
	chance->random = chance->random * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(chance->random >> 33) % below;
}

static void side_states(struct side *side, bool linked)
{
	bool primary = !side->policies[1].secondary;

	side->terms.sending = side->terms.normal = linked;
	side->policies[1].sends = linked;
	side->policies[1].expires = primary || !linked;
	side_terms(side);
}

static void link_set(struct chance *chance, bool linked)
{
	struct side *sides[] = {&chance->pair->primary, &chance->pair->secondary};

	if (chance->linked == linked)
		return;
	chance->linked = linked;
	for (size_t i = 0; i < 2; i++) {
		if (!linked)
			failover_updates_unlinked(sides[i]->updates, chance->pair->now);
		sides[i]->length = sides[i]->read = 0;
		side_states(sides[i], linked);
		if (linked)
			failover_updates_owe_marked(sides[i]->updates);
	}
}

/* Potential expiries are worth nothing: both go by the lease end. */
static void strict_set(struct chance *chance, bool strict)
{
	struct side *sides[] = {&chance->pair->primary, &chance->pair->secondary};

	for (size_t i = 0; i < 2; i++) {
		sides[i]->terms.strict = strict;
		sides[i]->policies[1].strict = strict;
	}
}

static int client_of(const struct lease_record *record)
{
	return record && record->ident_length == 2 ? lease_record_ident(record)[1] - 'a' : -1;
}

static void tell_client(struct chance *chance, uint32_t number, int client, int64_t until)
{
	for (int i = 0; i < CLIENTS; i++)
		if (i != client && chance->told[number][i] > chance->pair->now)
			fail_msg("seed %u: address %u is told to %s until %+lld, now %+lld, "
				 "and %s has it until %+lld",
				 chance->seed, number, clients[client], (long long)(until - NOW),
				 (long long)(chance->pair->now - NOW), clients[i],
				 (long long)(chance->told[number][i] - NOW));
	if (chance->told[number][client] < until)
		chance->told[number][client] = until;
}

/* The latest that the client may be told now: what the partner knows, and MCLT. */
static int64_t limit(struct chance *chance, const struct side *side,
		     const struct lease_record *record)
{
	int64_t base = chance->pair->now;

	if (record && record->state == LEASE_ACTIVE)
		base = lease_later(base, lease_policy_known(&side->policies[1], record));
	base += MCLT;
	return base < chance->pair->now + LEASE ? base : chance->pair->now + LEASE;
}

static void get(struct chance *chance, struct side *side, uint32_t number, int client)
{
	const struct lease *lease = side_lease(side, number);
	const struct lease_record *record = lease_effective(lease);
	uint8_t state = record ? record->state : LEASE_FREE;
	int now = (int)(chance->pair->now - NOW);
	bool own = state == LEASE_ACTIVE && client_of(record) == client;
	int64_t until;

	if (lease->yielding || (!own && state != lease_policy_own_free(&side->policies[1])))
		return;
	until = limit(chance, side, own ? record : NULL);
	if (own && until < record->ends)
		return;
	tell_client(chance, number, client, until);
	side_grant(side, number, clients[client], now, (int)(until - NOW));
}

/* The client gives it up, to whichever server knows of it. */
static void give_up(struct chance *chance, struct side *side, uint32_t number, uint8_t state)
{
	struct lease *lease = side_lease(side, number);
	const struct lease_record *record = lease_effective(lease);
	int client = client_of(record);
	int64_t promise;

	if (!record || record->state != LEASE_ACTIVE ||
	    chance->told[number][client] <= chance->pair->now)
		return;
	chance->told[number][client] = 0;
	assert_true(lease_commit_revoke(side->commit, lease, state, chance->pair->now,
					chance->pair->now + 100, &promise) > 0);
}

/* The kernel answers a renewal by what its slot says. */
static void kernel(struct chance *chance, struct side *side, uint32_t number)
{
	const struct lease *lease = side_lease(side, number);
	const struct lease_record *record = lease->current;
	int64_t until, *promise = &side->promises[number - 1];

	if (!record || record->state != LEASE_ACTIVE || lease->closed ||
	    chance->told[number][client_of(record)] <= chance->pair->now)
		return;
	until = limit(chance, side, record);
	until = until < record->horizon ? until : record->horizon;
	if (until <= *promise)
		return;
	*promise = until;
	tell_client(chance, number, client_of(record), until);
}

static void sweep(struct chance *chance, struct side *side, uint32_t number)
{
	struct lease *lease = side_lease(side, number);
	int64_t promise = side->promises[number - 1];

	if (!lease->closed || lease->yielding)
		lease_commit_renewed(side->commit, lease, promise, chance->pair->now,
				     chance->pair->now + 2 * LEASE);
}

static void hand_over(struct chance *chance, struct side *side, uint32_t number)
{
	lease_commit_hand_over(side->commit, side_lease(side, number),
			       side->policies[1].secondary ? LEASE_FREE : LEASE_BACKUP,
			       chance->pair->now);
}

static void ask(struct chance *chance, struct side *side)
{
	const struct failover_message request = {
		.type = draw(chance, 2) ? FAILOVER_UPDREQ : FAILOVER_UPDREQALL,
		.xid = 1,
	};

	if (chance->linked)
		side_told(chance->pair, side, &request);
}

/* What a single seed is asked for. */
static void trace(struct chance *chance)
{
	struct pair *pair = chance->pair;

	if (getenv("XDHCP_SEED") && (pair->primary.text[0] || pair->secondary.text[0]))
		print_message("%+5lld P: %s S: %s\n", (long long)(pair->now - NOW),
			      pair->primary.text, pair->secondary.text);
	pair->primary.text[0] = pair->secondary.text[0] = 0;
}

static void step(struct chance *chance)
{
	struct pair *pair = chance->pair;
	struct side *side = draw(chance, 2) ? &pair->primary : &pair->secondary;
	uint32_t number = 1 + draw(chance, ADDRESSES);
	unsigned what = draw(chance, 100);

	if (what < 15)
		get(chance, side, number, (int)draw(chance, CLIENTS));
	else if (what < 25)
		kernel(chance, side, number);
	else if (what < 30)
		sweep(chance, side, number);
	else if (what < 34)
		give_up(chance, side, number, LEASE_RELEASED);
	else if (what < 35)
		give_up(chance, side, number, LEASE_ABANDONED);
	else if (what < 38)
		hand_over(chance, side, number);
	else if (what < 39)
		link_set(chance, !chance->linked);
	else if (what < 40)
		ask(chance, side);
	else if (what < 50)
		pair->now += draw(chance, 20);
	else if (what < 60)
		lease_commit_expire(side->commit, pair->now, 100);
	else if (what < 75)
		side_durable(side);
	else if (what < 90)
		side_turn(pair, side);
	else
		side_hear(pair, side);
}

static const char *described(struct side *side, uint32_t number, char *text, size_t size)
{
	const struct lease_record *record = lease_effective(side_lease(side, number));

	if (!record)
		return "never used";
	snprintf(text, size, "%s of %d%s, ends %+lld", lease_state_word(record->state),
		 client_of(record), record->flags & LEASE_OWED ? ", owed" : "",
		 (long long)(record->ends - NOW));
	return text;
}

static bool agrees(struct pair *pair, uint32_t number)
{
	const struct lease_record *a = lease_effective(side_lease(&pair->primary, number));
	const struct lease_record *b = lease_effective(side_lease(&pair->secondary, number));
	uint8_t state = a ? a->state : LEASE_FREE;

	if (state != (b ? b->state : LEASE_FREE) || (a && a->flags & LEASE_OWED) ||
	    (b && b->flags & LEASE_OWED))
		return false;
	return state != LEASE_ACTIVE || client_of(a) == client_of(b);
}

static void all_agree(struct chance *chance, const char *then)
{
	struct pair *pair = chance->pair;
	char a[128], b[128];

	sides_settle(pair);
	for (uint32_t i = 1; i <= ADDRESSES; i++)
		if (!agrees(pair, i))
			fail_msg("seed %u, %s: address %u is %s here, %s there", chance->seed, then,
				 i, described(&pair->primary, i, a, sizeof(a)),
				 described(&pair->secondary, i, b, sizeof(b)));
	assert_true(failover_updates_idle(pair->primary.updates));
	assert_true(failover_updates_idle(pair->secondary.updates));
}

/* What is withheld needs its minute; then everything ends. */
static void converge(struct chance *chance)
{
	struct pair *pair = chance->pair;

	link_set(chance, true);
	sides_settle(pair);
	for (unsigned i = 0; i < 3; i++) {
		pair->now += 70;
		sides_settle(pair);
	}
	all_agree(chance, "when all is said");
	for (unsigned i = 0; i < 10; i++) {
		pair->now += 101;
		lease_commit_expire(pair->primary.commit, pair->now, 100);
		lease_commit_expire(pair->secondary.commit, pair->now, 100);
		sides_settle(pair);
	}
	all_agree(chance, "when all is over");
	for (uint32_t i = 1; i <= ADDRESSES; i++) {
		const struct lease_record *record = lease_effective(side_lease(&pair->primary, i));

		assert_true(!record || record->state == LEASE_FREE ||
			    record->state == LEASE_BACKUP);
	}
}

static void test_by_chance(void **state)
{
	const char *only = getenv("XDHCP_SEED");
	unsigned first = only ? (unsigned)atoi(only) : 1;

	for (unsigned seed = first; seed <= (only ? first : SEEDS); seed++) {
		struct chance chance = {
			.pair = sides_new(ADDRESSES),
			.random = seed * 0x9e3779b97f4a7c15U,
			.seed = seed,
		};

		strict_set(&chance, seed % 3 == 0);
		for (unsigned round = 0; round < ROUNDS; round++) {
			link_set(&chance, true);
			for (unsigned i = 0; i < STEPS; i++) {
				step(&chance);
				trace(&chance);
			}
			converge(&chance);
		}
		sides_free(chance.pair);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_chance),
	};

	return cmocka_run_group_tests(tests, sides_thread_setup, sides_thread_teardown);
}
