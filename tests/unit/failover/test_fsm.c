/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state machine as a whole: what holds for every state and event, and what
 * becomes of every pair of servers, whatever comes first (pairs.h). What single
 * events do is told by the stories.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "failover/wire.h"
#include "pairs.h"

#define NOW 1000
#define MCLT 60
#define ENTRIES(array) (sizeof(array) / sizeof(array[0]))

/* What may be on disk; partners may be UNKNOWN, too. */
static const uint8_t held[] = {
	FAILOVER_NORMAL,
	FAILOVER_COMMUNICATIONS_INTERRUPTED,
	FAILOVER_PARTNER_DOWN,
	FAILOVER_POTENTIAL_CONFLICT,
	FAILOVER_RESOLUTION_INTERRUPTED,
	FAILOVER_CONFLICT_DONE,
	FAILOVER_RECOVER,
	FAILOVER_RECOVER_WAIT,
	FAILOVER_RECOVER_DONE,
	FAILOVER_SHUTDOWN,
	FAILOVER_PAUSED,
	FAILOVER_UNKNOWN,
};
#define PARTNERS ENTRIES(held)
#define HELD (PARTNERS - 1)

/* --- dhcpd's table, and where we leave it --- */

enum who { DHCPD = 1, XDHCP = 2, BOTH = 3 };

static const struct departure {
	uint8_t own, partner;
	enum who who; /* what the partner is */
	uint8_t state;
} departures[] = {
	/* dhcpd stops itself for good, or ends */
	{FAILOVER_NORMAL, FAILOVER_POTENTIAL_CONFLICT, BOTH, FAILOVER_POTENTIAL_CONFLICT},
	{FAILOVER_NORMAL, FAILOVER_RESOLUTION_INTERRUPTED, BOTH, FAILOVER_POTENTIAL_CONFLICT},
	{FAILOVER_NORMAL, FAILOVER_CONFLICT_DONE, BOTH, FAILOVER_POTENTIAL_CONFLICT},
	{FAILOVER_POTENTIAL_CONFLICT, FAILOVER_NORMAL, BOTH, FAILOVER_POTENTIAL_CONFLICT},
	{FAILOVER_CONFLICT_DONE, FAILOVER_COMMUNICATIONS_INTERRUPTED, BOTH,
	 FAILOVER_POTENTIAL_CONFLICT},
	{FAILOVER_CONFLICT_DONE, FAILOVER_PARTNER_DOWN, BOTH, FAILOVER_POTENTIAL_CONFLICT},
	{FAILOVER_CONFLICT_DONE, FAILOVER_CONFLICT_DONE, BOTH, FAILOVER_CONFLICT_DONE},
	{FAILOVER_CONFLICT_DONE, FAILOVER_RECOVER, BOTH, FAILOVER_CONFLICT_DONE},
	{FAILOVER_CONFLICT_DONE, FAILOVER_RECOVER_WAIT, BOTH, FAILOVER_CONFLICT_DONE},
	{FAILOVER_CONFLICT_DONE, FAILOVER_RECOVER_DONE, BOTH, FAILOVER_NORMAL},
	{FAILOVER_CONFLICT_DONE, FAILOVER_SHUTDOWN, BOTH, FAILOVER_PARTNER_DOWN},
	{FAILOVER_CONFLICT_DONE, FAILOVER_PAUSED, BOTH, FAILOVER_CONFLICT_DONE},
	{FAILOVER_CONFLICT_DONE, FAILOVER_UNKNOWN, BOTH, FAILOVER_CONFLICT_DONE},
	/* PARTNER-DOWN by certainty only */
	{FAILOVER_NORMAL, FAILOVER_RECOVER, XDHCP, FAILOVER_COMMUNICATIONS_INTERRUPTED},
	{FAILOVER_COMMUNICATIONS_INTERRUPTED, FAILOVER_RECOVER, XDHCP,
	 FAILOVER_COMMUNICATIONS_INTERRUPTED},
	/* no half of the clients for who is silent */
	{FAILOVER_NORMAL, FAILOVER_RECOVER_WAIT, BOTH, FAILOVER_COMMUNICATIONS_INTERRUPTED},
	{FAILOVER_COMMUNICATIONS_INTERRUPTED, FAILOVER_RECOVER_WAIT, BOTH,
	 FAILOVER_COMMUNICATIONS_INTERRUPTED},
	/* who has not everything stays silent */
	{FAILOVER_RECOVER, FAILOVER_NORMAL, BOTH, FAILOVER_RECOVER},
	{FAILOVER_RECOVER, FAILOVER_SHUTDOWN, BOTH, FAILOVER_RECOVER},
	/* two xdhcp do not swap RECOVER and POTENTIAL-CONFLICT for ever */
	{FAILOVER_RECOVER, FAILOVER_POTENTIAL_CONFLICT, XDHCP, FAILOVER_RECOVER},
	{FAILOVER_RECOVER, FAILOVER_RESOLUTION_INTERRUPTED, XDHCP, FAILOVER_RECOVER},
	{FAILOVER_RESOLUTION_INTERRUPTED, FAILOVER_RECOVER, XDHCP, FAILOVER_RECOVER},
	/* nobody waits for who waits for him */
	{FAILOVER_RECOVER_WAIT, FAILOVER_RECOVER, DHCPD, FAILOVER_RECOVER},
	{FAILOVER_RECOVER_WAIT, FAILOVER_CONFLICT_DONE, DHCPD, FAILOVER_POTENTIAL_CONFLICT},
	{FAILOVER_RECOVER_DONE, FAILOVER_RECOVER, DHCPD, FAILOVER_PARTNER_DOWN},
	{FAILOVER_RECOVER_DONE, FAILOVER_POTENTIAL_CONFLICT, BOTH, FAILOVER_POTENTIAL_CONFLICT},
	{FAILOVER_RECOVER_DONE, FAILOVER_CONFLICT_DONE, BOTH, FAILOVER_NORMAL},
};

static const struct departure *departure_of(uint8_t own, uint8_t partner, bool dhcpd)
{
	for (size_t i = 0; i < ENTRIES(departures); i++) {
		if (departures[i].own == own && departures[i].partner == partner &&
		    departures[i].who & (dhcpd ? DHCPD : XDHCP))
			return &departures[i];
	}
	return NULL;
}

static void check_cell(uint8_t own, uint8_t partner, bool dhcpd, bool startup)
{
	struct failover_fsm fsm = {.kept = {.state = own, .proven = true},
				   .linked = true,
				   .isc = dhcpd,
				   .startup = startup,
				   .mclt = MCLT};
	struct failover_event event = {FAILOVER_EVENT_STATE, .state = partner, .now = NOW};
	const struct departure *departure = departure_of(own, partner, dhcpd);
	struct failover_step step;
	int next = dhcpd_meets(own, partner, startup);
	uint8_t expected = next == DHCPD_STAY || next == DHCPD_ASK || next == DHCPD_FETCH
				   ? own
				   : (uint8_t)next;

	/* Running, it has heard another state before. */
	fsm.heard = !startup;
	fsm.kept.partner = partner == FAILOVER_UNKNOWN ? FAILOVER_PAUSED : FAILOVER_UNKNOWN;
	step = failover_fsm_step(&fsm, &event);
	if (departure) {
		assert_true(next == DHCPD_EXIT || expected != departure->state || startup);
		expected = departure->state;
	}
	/* A start in CONFLICT-DONE, and what the link is closed for, stay as they are. */
	if (step.actions & FAILOVER_DO_CLOSE)
		expected = own;
	if (step.after.kept.state != expected)
		fail_msg("%s, partner %s (%s), %s: %s", failover_state_word(own),
			 failover_state_word(partner), dhcpd ? "dhcpd" : "xdhcp",
			 startup ? "in startup" : "running",
			 failover_state_word(step.after.kept.state));
}

static void test_dhcpds_table_but_for_the_departures(void **state)
{
	(void)state;
	for (size_t own = 0; own < HELD; own++) {
		for (size_t partner = 0; partner < PARTNERS; partner++) {
			for (int how = 0; how < 4; how++) {
				/* A start is no SHUTDOWN and no PAUSED any more. */
				if (how & 1 && (held[own] == FAILOVER_SHUTDOWN ||
						held[own] == FAILOVER_PAUSED))
					continue;
				check_cell(held[own], held[partner], how & 2, how & 1);
			}
		}
	}
}

/* --- every state, event and mark --- */

static const struct failover_event events[] = {
	{.kind = FAILOVER_EVENT_LINKED},
	{.kind = FAILOVER_EVENT_LOST},
	{.kind = FAILOVER_EVENT_UPDDONE},
	{.kind = FAILOVER_EVENT_STARTUP_OVER},
	{.kind = FAILOVER_EVENT_WAIT_OVER},
	{.kind = FAILOVER_EVENT_ALONE},
	{.kind = FAILOVER_EVENT_PARTNER_DOWN},
	{.kind = FAILOVER_EVENT_SHUTDOWN},
	{.kind = FAILOVER_EVENT_INIT},
	{.kind = FAILOVER_EVENT_STORE_LOST},
	{.kind = FAILOVER_EVENT_OUTDATED},
#define STATE_EVENT(number, name, word) {.kind = FAILOVER_EVENT_STATE, .state = number},
	FAILOVER_STATES(STATE_EVENT)
#undef STATE_EVENT
		{.kind = FAILOVER_EVENT_STATE, .state = 77}, /* none */
};

static bool sound(const struct failover_fsm *fsm)
{
	if ((fsm->heard || fsm->asked || fsm->updated) && !fsm->linked)
		return false;
	if (fsm->startup && (fsm->asked || fsm->updated))
		return false;
	if ((fsm->asked && fsm->updated) ||
	    (fsm->kept.state == FAILOVER_NORMAL && !fsm->kept.proven))
		return false;
	if (fsm->kept.lost && fsm->kept.state != FAILOVER_RECOVER &&
	    fsm->kept.state != FAILOVER_RECOVER_WAIT &&
	    fsm->kept.state != FAILOVER_POTENTIAL_CONFLICT)
		return false;
	if (fsm->updated && !fsm->kept.lost)
		return false;
	if (fsm->kept.dead && (fsm->linked || fsm->kept.state != FAILOVER_RECOVER))
		return false;
	return !fsm->kept.clean || (fsm->kept.state == FAILOVER_RECOVER && !fsm->kept.lost);
}

#define HOLDS(claim) \
	do { \
		if (!(claim)) \
			complain(#claim, before, event, step); \
	} while (0)

static void complain(const char *claim, const struct failover_fsm *before,
		     const struct failover_event *event, const struct failover_step *step)
{
	fail_msg("%s: %s (partner %s)%s%s%s%s%s%s%s%s, event %d %u: %s, actions %x", claim,
		 failover_state_word(before->kept.state), failover_state_word(before->kept.partner),
		 before->startup ? " startup" : "", before->linked ? " linked" : "",
		 before->heard ? " heard" : "", before->isc ? " isc" : "",
		 before->kept.lost ? " lost" : "", before->kept.initial ? " initial" : "",
		 before->kept.dead ? " dead" : "", before->updated ? " updated" : "", event->kind,
		 event->state, failover_state_word(step->after.kept.state), step->actions);
}

static bool is_stopped(uint8_t state)
{
	return state == FAILOVER_SHUTDOWN || state == FAILOVER_PAUSED;
}

/* A dhcpd in the state that its partner knows of lives on after hearing this. */
static bool harmless(uint8_t said, uint8_t heard_by)
{
	int next = dhcpd_meets(heard_by, said, false);

	if (said == FAILOVER_SHUTDOWN)
		return heard_by == FAILOVER_NORMAL ||
		       heard_by == FAILOVER_COMMUNICATIONS_INTERRUPTED ||
		       heard_by == FAILOVER_RECOVER_DONE;
	return next != DHCPD_EXIT && next != FAILOVER_SHUTDOWN;
}

static void check_words(const struct failover_fsm *before, const struct failover_event *event,
			const struct failover_step *step)
{
	const struct failover_fsm *after = &step->after;
	unsigned asks = step->actions & (FAILOVER_DO_UPDREQ | FAILOVER_DO_UPDREQALL);
	unsigned spoken = asks | (step->actions & (FAILOVER_DO_STATE | FAILOVER_DO_BALANCE |
						   FAILOVER_DO_OWED_FIRST | FAILOVER_DO_CLOSE));

	HOLDS(after->linked || !spoken);
	HOLDS(asks != (FAILOVER_DO_UPDREQ | FAILOVER_DO_UPDREQALL));
	HOLDS(!asks || after->asked);
	HOLDS(!(asks & FAILOVER_DO_UPDREQ) || !after->kept.lost);
	HOLDS(!(step->actions & FAILOVER_DO_CLOSE) || !(step->actions & FAILOVER_DO_STATE));
	if (after->kept.state != before->kept.state && after->linked && !after->startup &&
	    event->kind != FAILOVER_EVENT_STARTUP_OVER && (after->heard || !after->isc))
		HOLDS(step->actions & FAILOVER_DO_STATE);
	if (!(step->actions & FAILOVER_DO_STATE))
		return;
	HOLDS(!before->isc || after->heard);
	HOLDS(!before->isc || harmless(after->kept.state, after->kept.partner));
	HOLDS(!is_stopped(after->kept.state) || event->kind == FAILOVER_EVENT_SHUTDOWN);
}

/* May a lost store be forgotten? MCLT is over, or nobody can have a lease. */
static bool lost_no_more(const struct failover_fsm *before, const struct failover_event *event)
{
	bool fresh = before->kept.initial && !before->kept.proven;

	if (event->kind == FAILOVER_EVENT_INIT)
		fresh = !before->kept.proven;
	if (event->kind == FAILOVER_EVENT_PARTNER_DOWN)
		return fresh;
	if (event->now < before->kept.since + MCLT && !fresh)
		return false;
	switch (before->kept.state) {
	case FAILOVER_RECOVER:
		return before->kept.dead || before->updated ||
		       (before->asked && event->kind == FAILOVER_EVENT_UPDDONE);
	case FAILOVER_POTENTIAL_CONFLICT:
		return before->updated || event->kind == FAILOVER_EVENT_UPDDONE;
	default:
		return before->kept.state == FAILOVER_RECOVER_WAIT;
	}
}

static void check_store(const struct failover_fsm *before, const struct failover_event *event,
			const struct failover_step *step)
{
	const struct failover_fsm *after = &step->after;

	HOLDS(!after->kept.lost || !failover_state_serves(after->kept.state));
	HOLDS(after->kept.lost || !before->kept.lost || lost_no_more(before, event));
	HOLDS(after->kept.lost == before->kept.lost || !after->kept.lost ||
	      event->kind == FAILOVER_EVENT_STORE_LOST);
	HOLDS(after->kept.proven || !before->kept.proven);
	HOLDS(after->kept.proven || after->kept.state != FAILOVER_NORMAL || after->startup);
	HOLDS(after->kept.since == before->kept.since || after->kept.since == event->now);
	/* MCLT counts on, whatever comes between; only a word, or another loss, sets it anew. */
	HOLDS(!before->kept.lost || !after->kept.lost || after->kept.since == before->kept.since ||
	      after->kept.dead || event->kind == FAILOVER_EVENT_STORE_LOST);
	HOLDS(after->kept.state != before->kept.state || after->kept.since == before->kept.since ||
	      after->kept.dead || event->kind == FAILOVER_EVENT_STORE_LOST ||
	      event->kind == FAILOVER_EVENT_OUTDATED);
}

/* What a partner that died gave last such a server does not know. */
static bool is_behind(const struct failover_fsm *fsm)
{
	return fsm->kept.state == FAILOVER_RECOVER || fsm->kept.state == FAILOVER_RECOVER_WAIT ||
	       fsm->kept.state == FAILOVER_RECOVER_DONE;
}

static bool is_new(const struct failover_fsm *fsm)
{
	return fsm->kept.initial && !fsm->kept.proven && !failover_state_serves(fsm->kept.partner);
}

static void check_state(const struct failover_fsm *before, const struct failover_event *event,
			const struct failover_step *step)
{
	const struct failover_fsm *after = &step->after;
	uint8_t state = after->kept.state;
	bool entered = state != before->kept.state;

	HOLDS(state != FAILOVER_UNKNOWN && state != FAILOVER_STARTUP && failover_state_word(state));
	HOLDS(after->kept.partner != FAILOVER_STARTUP);
	HOLDS(event->kind != FAILOVER_EVENT_OUTDATED ||
	      (state == FAILOVER_RECOVER && !after->kept.clean && !after->kept.dead));
	HOLDS(!is_stopped(before->kept.state) || before->startup || !entered ||
	      event->kind == FAILOVER_EVENT_STORE_LOST);
	HOLDS(!is_stopped(state) || !after->startup);
	HOLDS(!entered || state != FAILOVER_NORMAL || after->linked);
	HOLDS(!entered || step->why);
	HOLDS(!after->startup || before->startup);
	HOLDS(!after->heard || after->linked);
	HOLDS(sound(after));
	if (!entered || state != FAILOVER_PARTNER_DOWN)
		return;
	HOLDS(event->kind == FAILOVER_EVENT_PARTNER_DOWN || event->kind == FAILOVER_EVENT_ALONE ||
	      before->kept.dead || after->kept.partner == FAILOVER_SHUTDOWN ||
	      (before->isc && after->kept.partner == FAILOVER_RECOVER));
	HOLDS(event->kind != FAILOVER_EVENT_ALONE ||
	      before->kept.state == FAILOVER_COMMUNICATIONS_INTERRUPTED);
	HOLDS(event->kind != FAILOVER_EVENT_PARTNER_DOWN || !is_behind(before) || is_new(before));
	HOLDS(!before->kept.dead || event->now >= before->kept.since + MCLT);
	HOLDS(!after->linked || event->kind == FAILOVER_EVENT_STATE ||
	      event->kind == FAILOVER_EVENT_WAIT_OVER || event->kind == FAILOVER_EVENT_UPDDONE);
}

static void check_refusal(const struct failover_fsm *before, const struct failover_event *event,
			  const struct failover_step *step)
{
	if (before->linked && event->kind == FAILOVER_EVENT_PARTNER_DOWN)
		HOLDS(step->refused);
	if (before->kept.proven && event->kind == FAILOVER_EVENT_INIT)
		HOLDS(step->refused);
	if (!step->refused)
		return;
	HOLDS(event->kind == FAILOVER_EVENT_PARTNER_DOWN || event->kind == FAILOVER_EVENT_INIT);
	HOLDS(!step->actions);
	HOLDS(is_stopped(before->kept.state) || !memcmp(&step->after, before, sizeof(*before)));
}

/* Every event, now and after MCLT. */
static void check_events(const struct failover_fsm *fsm)
{
	for (size_t i = 0; i < ENTRIES(events); i++) {
		for (int how = 0; how < 4; how++) {
			struct failover_event event = events[i];
			struct failover_step step;

			if (how & 2 && event.kind != FAILOVER_EVENT_STATE)
				break;
			if (event.kind == FAILOVER_EVENT_OUTDATED && (!fsm->startup || fsm->linked))
				break; /* before all others */
			event.flags = how & 2 ? FAILOVER_FLAG_STARTUP : 0;
			event.now = how & 1 ? NOW + MCLT : NOW + 1;
			step = failover_fsm_step(fsm, &event);
			check_words(fsm, &event, &step);
			check_store(fsm, &event, &step);
			check_state(fsm, &event, &step);
			check_refusal(fsm, &event, &step);
		}
	}
}

static void test_every_event_in_every_state(void **state)
{
	size_t checked = 0;

	(void)state;
	for (size_t i = 0; i < HELD * PARTNERS * 4096; i++) {
		unsigned bits = i % 4096;
		struct failover_fsm fsm;

		memset(&fsm, 0, sizeof(fsm));
		fsm.kept.state = held[i / 4096 % HELD];
		fsm.kept.partner = held[i / 4096 / HELD];
		fsm.kept.since = NOW;
		fsm.kept.lost = bits & 1;
		fsm.kept.proven = bits & 2;
		fsm.kept.initial = bits & 4;
		fsm.kept.clean = bits & 8;
		fsm.kept.dead = bits & 16;
		fsm.startup = bits & 32;
		fsm.linked = bits & 64;
		fsm.heard = bits & 128;
		fsm.primary = bits & 256;
		fsm.isc = bits & 512;
		fsm.asked = bits & 1024;
		fsm.updated = bits & 2048;
		fsm.mclt = MCLT;
		if (!sound(&fsm))
			continue;
		check_events(&fsm);
		checked++;
	}
	assert_true(checked > 10000);
}

/* Whatever does not serve, or serves alone, says what would end that. */
static void test_a_remedy_for_every_state(void **state)
{
	struct failover_fsm waits = {.kept.state = FAILOVER_RECOVER_WAIT};

	(void)state;
	for (size_t i = 0; i < HELD; i++) {
		for (int linked = 0; linked < 2; linked++) {
			struct failover_fsm fsm = {.kept.state = held[i], .linked = linked};
			const char *remedy = failover_fsm_remedy(&fsm);

			if (held[i] == FAILOVER_NORMAL)
				assert_null(remedy);
			else
				assert_true(remedy && strlen(remedy) > 10);
			fsm.startup = true;
			assert_non_null(failover_fsm_remedy(&fsm));
		}
	}
	/* Who was only stopped has lost nothing. */
	assert_null(strstr(failover_fsm_remedy(&waits), "lost"));
	waits.kept.lost = true;
	assert_non_null(strstr(failover_fsm_remedy(&waits), "since the leases were lost"));
}

/* A secondary that lost its store before a primary told it MCLT again waits for long. */
static void test_an_untold_mclt_is_an_hour(void **state)
{
	struct failover_fsm fsm = {.kept = {.state = FAILOVER_RECOVER, .since = NOW, .lost = true}};
	struct failover_event event = {.kind = FAILOVER_EVENT_PARTNER_DOWN, .now = NOW + 5};

	(void)state;
	fsm = failover_fsm_step(&fsm, &event).after;
	assert_int_equal(failover_fsm_wait_until(&fsm), NOW + 5 + 3600);
	fsm.mclt = MCLT;
	assert_int_equal(failover_fsm_wait_until(&fsm), NOW + 5 + MCLT);
}

/* --- every pair --- */

enum { STARTING_0 = 1, STARTING_1 = 2, LOST_0 = 4, LONG_0 = 8, LONG_1 = 16, HOWS = 32 };

static void fill(struct pair_server *server, uint8_t state, bool starting, bool since_long)
{
	server->fsm.kept.state = state;
	server->fsm.kept.since = since_long ? 0 : NOW;
	server->fsm.kept.proven = true;
	server->fsm.startup = starting;
	server->fsm.mclt = MCLT;
}

/* States that only a start has, or only a primary, or that dhcpd does not leave. */
static bool possible(uint8_t state, bool starting, bool primary, bool dhcpd)
{
	if (is_stopped(state))
		return starting && !dhcpd;
	if (state == FAILOVER_NORMAL || state == FAILOVER_POTENTIAL_CONFLICT)
		return starting;
	return state != FAILOVER_CONFLICT_DONE || primary;
}

static bool begin(struct pair *pair, uint8_t first, uint8_t second, unsigned how, bool primary,
		  bool dhcpd)
{
	memset(pair, 0, sizeof(*pair));
	fill(&pair->servers[0], first, how & STARTING_0, how & LONG_0);
	fill(&pair->servers[1], second, how & STARTING_1, how & LONG_1);
	pair->servers[0].fsm.primary = primary;
	pair->servers[1].fsm.primary = !primary;
	pair->servers[0].fsm.isc = pair->servers[1].dhcpd = dhcpd;
	if (how & LOST_0) {
		pair->servers[0].fsm.kept.lost = true;
		pair->servers[0].fsm.kept.proven = false;
		if (first != FAILOVER_RECOVER && first != FAILOVER_RECOVER_WAIT)
			return false;
	}
	return possible(first, how & STARTING_0, primary, false) &&
	       possible(second, how & STARTING_1, !primary, dhcpd);
}

static bool settled(const struct pair *pair)
{
	return pair->linked && pair->servers[0].fsm.kept.state == FAILOVER_NORMAL &&
	       pair->servers[1].fsm.kept.state == FAILOVER_NORMAL &&
	       !pair->servers[0].fsm.startup && !pair->servers[1].fsm.startup;
}

static void explain(const struct pair_graph *graph, size_t index, const char *what)
{
	pair_graph_explain(graph, index);
	fail_msg("%s: see above", what);
}

/* From wherever a pair may come, NORMAL on both sides can be reached. */
static void check_settles(const struct pair_graph *graph)
{
	size_t count = pair_graph_size(graph);
	bool *good = calloc(count, 1), changed = true;

	while (changed) {
		changed = false;
		for (size_t i = count; i-- > 0;) {
			size_t edge, end = pair_graph_edges(graph, i, &edge);
			bool now = settled(pair_graph_at(graph, i));

			for (; edge < end && !now; edge++)
				now = good[pair_graph_next(graph, edge)];
			if (now && !good[i])
				changed = good[i] = true;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (!good[i])
			explain(graph, i, "never NORMAL");
	}
	free(good);
}

/*
 * Without a broken link, no order of events goes round in circles: taking away
 * what leads nowhere any more, again and again, leaves nothing.
 */
static void check_ends(const struct pair_graph *graph)
{
	size_t count = pair_graph_size(graph);
	bool *ends = calloc(count, 1), changed = true;

	while (changed) {
		changed = false;
		for (size_t i = count; i-- > 0;) {
			size_t edge, end = pair_graph_edges(graph, i, &edge);
			bool open = false;

			for (; edge < end && !open; edge++)
				open = !ends[pair_graph_next(graph, edge)];
			if (!open && !ends[i])
				changed = ends[i] = true;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (!ends[i])
			explain(graph, i, "for ever");
	}
	free(ends);
}

static void check_alive(const struct pair_graph *graph)
{
	for (size_t i = 0; i < pair_graph_size(graph); i++) {
		const struct pair *pair = pair_graph_at(graph, i);

		if (pair->servers[1].dead)
			explain(graph, i, "dhcpd stopped");
		for (int side = 0; side < 2; side++) {
			const struct failover_fsm *fsm = &pair->servers[side].fsm;

			if (fsm->kept.lost && failover_state_serves(fsm->kept.state))
				explain(graph, i, "serves without its store");
		}
	}
}

static void check_pair(const struct pair *pair, bool breaks)
{
	struct pair_graph *graph = pair_graph_new(pair, breaks);

	check_alive(graph);
	check_settles(graph);
	if (!breaks)
		check_ends(graph);
	pair_graph_free(graph);
}

static void check_pairs(bool dhcpd, bool breaks)
{
	for (size_t i = 0; i < HELD * HELD * HOWS * 2; i++) {
		struct pair pair;

		if (begin(&pair, held[i / 64 % HELD], held[i / 64 / HELD], i / 2 % HOWS, i & 1,
			  dhcpd))
			check_pair(&pair, breaks);
	}
}

static void test_two_xdhcp_always_come_to_normal(void **state)
{
	(void)state;
	check_pairs(false, false);
}

static void test_xdhcp_and_dhcpd_always_come_to_normal(void **state)
{
	(void)state;
	check_pairs(true, false);
}

static void test_two_xdhcp_over_a_bad_wire(void **state)
{
	(void)state;
	check_pairs(false, true);
}

static void test_no_dhcpd_is_stopped_over_a_bad_wire(void **state)
{
	(void)state;
	check_pairs(true, true);
}

/* --- two empty stores --- */

static void begin_empty(struct pair *pair, bool dhcpd, bool init_0, bool init_1)
{
	begin(pair, FAILOVER_RECOVER, FAILOVER_RECOVER, STARTING_0 | STARTING_1, true, dhcpd);
	for (int side = 0; side < 2; side++) {
		struct failover_kept *kept = &pair->servers[side].fsm.kept;

		kept->lost = !pair->servers[side].dhcpd;
		kept->proven = false;
		kept->initial = side ? init_1 : init_0;
	}
}

static void test_two_empty_stores_stay_silent(void **state)
{
	struct pair pair;
	struct pair_graph *graph;

	(void)state;
	begin_empty(&pair, false, false, false);
	graph = pair_graph_new(&pair, true);
	for (size_t i = 0; i < pair_graph_size(graph); i++) {
		const struct pair *now = pair_graph_at(graph, i);

		assert_int_equal(now->servers[0].fsm.kept.state, FAILOVER_RECOVER);
		assert_int_equal(now->servers[1].fsm.kept.state, FAILOVER_RECOVER);
	}
	pair_graph_free(graph);
}

static void test_a_new_pair_that_was_said_to_be_one(void **state)
{
	struct pair pair;
	struct pair_graph *graph;

	(void)state;
	/* Said to one of them: the other waits for MCLT. */
	begin_empty(&pair, false, true, false);
	check_pair(&pair, false);
	begin_empty(&pair, false, false, true);
	check_pair(&pair, false);
	/* To both: nobody waits. */
	begin_empty(&pair, false, true, true);
	check_pair(&pair, false);
	graph = pair_graph_new(&pair, false);
	for (size_t i = 0; i < pair_graph_size(graph); i++) {
		const struct pair *now = pair_graph_at(graph, i);

		assert_int_not_equal(now->servers[0].fsm.kept.state, FAILOVER_RECOVER_WAIT);
		assert_int_not_equal(now->servers[1].fsm.kept.state, FAILOVER_RECOVER_WAIT);
	}
	pair_graph_free(graph);
}

static void test_a_new_pair_with_dhcpd(void **state)
{
	struct pair pair;

	(void)state;
	begin_empty(&pair, true, false, false);
	check_pair(&pair, true);
	check_pair(&pair, false);
	begin_empty(&pair, true, true, false);
	check_pair(&pair, true);
	check_pair(&pair, false);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dhcpds_table_but_for_the_departures),
		cmocka_unit_test(test_every_event_in_every_state),
		cmocka_unit_test(test_a_remedy_for_every_state),
		cmocka_unit_test(test_an_untold_mclt_is_an_hour),
		cmocka_unit_test(test_two_xdhcp_always_come_to_normal),
		cmocka_unit_test(test_xdhcp_and_dhcpd_always_come_to_normal),
		cmocka_unit_test(test_two_xdhcp_over_a_bad_wire),
		cmocka_unit_test(test_no_dhcpd_is_stopped_over_a_bad_wire),
		cmocka_unit_test(test_two_empty_stores_stay_silent),
		cmocka_unit_test(test_a_new_pair_that_was_said_to_be_one),
		cmocka_unit_test(test_a_new_pair_with_dhcpd),
	};

	return cmocka_run_group_tests_name("failover-fsm", tests, NULL, NULL);
}
