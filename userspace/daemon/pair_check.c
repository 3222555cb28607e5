// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/pair_control_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "failover/compare.h"
#include "failover/skew.h"
#include "net/stream.h"

#define DIFFERENCES_MOST 32 /* that are named; of the rest only their number */
#define TEXT_MAX 1280

struct differences {
	const struct pair *pair;
	size_t count;
	char first[TEXT_MAX];
	ctl_finding_visitor visit; /* NULL: they are only counted */
	void *visitor;
};

static void difference_found(void *context, bool grave, const char *text)
{
	struct differences *found = context;
	char line[TEXT_MAX];

	snprintf(line, sizeof(line), "%s: %s", found->pair->conf->name, text);
	if (!found->count++)
		snprintf(found->first, sizeof(found->first), "%s", line);
	if (found->visit && found->count <= DIFFERENCES_MOST)
		found->visit(found->visitor, grave ? CTL_SICK_COMMON : CTL_NOTE_COMMON, line);
}

static void differences_find(struct differences *found, const struct failover_status *status)
{
	const char *theirs = failover_peer_common(found->pair->peer);

	if (status->digest_known && !status->digest_same && theirs)
		failover_compare(found->pair->common, theirs, difference_found, found);
}

static void common_check(const struct pair *pair, const struct failover_status *status,
			 ctl_finding_visitor visit, void *visitor)
{
	struct differences found = {.pair = pair, .visit = visit, .visitor = visitor};
	char text[TEXT_MAX];

	differences_find(&found, status);
	if (found.count > DIFFERENCES_MOST)
		snprintf(text, sizeof(text), "%s: %zu more differences between the configurations",
			 pair->conf->name, found.count - DIFFERENCES_MOST);
	else if (status->digest_known && !status->digest_same && !found.count)
		snprintf(text, sizeof(text),
			 "%s: the configurations differ; the partner has not told its own yet, or "
			 "it is too long",
			 pair->conf->name);
	else
		return;
	visit(visitor, CTL_NOTE_COMMON, text);
}

static void state_check(const struct pair *pair, const struct failover_status *status,
			ctl_finding_visitor visit, void *visitor)
{
	const char *word =
		failover_state_word(status->startup ? FAILOVER_STARTUP : status->kept.state);
	bool stopping = pair->daemon->pairs_stopped || pair->daemon->phase == DAEMON_STOPPING;
	char text[TEXT_MAX];

	if (status->serves && status->kept.state == FAILOVER_NORMAL)
		return;
	if (stopping)
		snprintf(text, sizeof(text), "%s: %s, handing over", pair->conf->name, word);
	else
		snprintf(text, sizeof(text), "%s: %s%s%s; %s", pair->conf->name, word,
			 status->why ? ": " : "", status->why ? status->why : "",
			 status->remedy ? status->remedy : "a transition is under way");
	/* STARTUP is over after some seconds, whatever happens. */
	visit(visitor,
	      status->serves || status->startup || stopping ? CTL_NOTE_FAILOVER : CTL_SICK_FAILOVER,
	      text);
}

static void skew_check(const struct pair *pair, const struct failover_status *status,
		       ctl_finding_visitor visit, void *visitor)
{
	char text[TEXT_MAX];

	if (!status->skew_known || fabs(status->skew) < FAILOVER_SKEW_WARN)
		return;
	snprintf(text, sizeof(text), "%s: the partner's clock is %.1f s %s ours: set both by NTP",
		 pair->conf->name, fabs(status->skew), status->skew > 0 ? "ahead of" : "behind");
	visit(visitor, CTL_NOTE_SKEW, text);
}

void pair_check_all(void *context, ctl_finding_visitor visit, void *visitor)
{
	const struct daemon *daemon = context;
	struct failover_now now = pair_now();
	struct failover_status status;

	for (size_t i = 0; i < daemon->pair_count; i++) {
		const struct pair *pair = &daemon->pairs[i];

		failover_peer_status(pair->peer, &now, &status);
		state_check(pair, &status, visit, visitor);
		skew_check(pair, &status, visit, visitor);
		common_check(pair, &status, visit, visitor);
	}
}

/* What `stats` says of all relationships together. */
struct sums {
	struct failover_update_counters updates;
	uint64_t malformed, connections, refused_connections, turned_away;
	uint64_t owed, unacked, not_normal, skew_ms, differences;
	char first[TEXT_MAX]; /* difference */
};

static void sum_updates(struct failover_update_counters *sum,
			const struct failover_update_counters *of)
{
	sum->sent += of->sent;
	sum->acknowledged += of->acknowledged;
	sum->rejected += of->rejected;
	sum->received += of->received;
	sum->accepted += of->accepted;
	sum->refused += of->refused;
	sum->stray += of->stray;
	for (unsigned i = 0; i < 256; i++) {
		sum->rejects_in[i] += of->rejects_in[i];
		sum->rejects_out[i] += of->rejects_out[i];
	}
}

static void sum_pair(struct sums *sums, const struct pair *pair,
		     const struct failover_status *status)
{
	struct differences found = {.pair = pair};
	uint64_t skew = status->skew_known ? (uint64_t)(fabs(status->skew) * 1000) : 0;

	sum_updates(&sums->updates, &status->updates.counters);
	sums->malformed += status->malformed;
	sums->connections += status->connections;
	sums->refused_connections += status->refused_connections;
	if (pair->listener)
		sums->turned_away += net_listener_refused(pair->listener);
	sums->owed += status->updates.owed;
	sums->unacked += status->updates.in_flight;
	sums->not_normal += status->startup || status->kept.state != FAILOVER_NORMAL;
	sums->skew_ms = skew > sums->skew_ms ? skew : sums->skew_ms;
	differences_find(&found, status);
	if (found.count && !sums->differences)
		snprintf(sums->first, sizeof(sums->first), "%s", found.first);
	sums->differences += found.count;
}

static void rejects_visit(const struct sums *sums, ctl_counter_visitor visit, void *visitor)
{
	static const struct {
		uint8_t number;
		const char *in, *out, *text;
	} rows[] = {
#define REJECT(number, name, word, text) {number, "rejected-" word, "refused-" word, text},
		FAILOVER_REJECTS(REJECT)
#undef REJECT
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		visit(visitor, &(struct ctl_counter){"failover", rows[i].in, rows[i].text,
						     sums->updates.rejects_in[rows[i].number]});
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		visit(visitor, &(struct ctl_counter){"failover", rows[i].out, rows[i].text,
						     sums->updates.rejects_out[rows[i].number]});
}

static void sums_visit(const struct sums *sums, ctl_counter_visitor visit, void *visitor)
{
	const struct failover_update_counters *updates = &sums->updates;
	const struct ctl_counter counters[] = {
		{"failover", "sent", "updates sent to a partner", updates->sent},
		{"failover", "acknowledged", "of these acknowledged", updates->acknowledged},
		{"failover", "rejected", "of these rejected by the partner", updates->rejected},
		{"failover", "received", "updates of a partner", updates->received},
		{"failover", "accepted", "of these accepted", updates->accepted},
		{"failover", "refused", "of these refused", updates->refused},
		{"failover", "stray", "acknowledgements of nothing in flight", updates->stray},
		{"failover", "malformed", "messages that closed their connection", sums->malformed},
		{"failover", "connections", "connections that became a link", sums->connections},
		{"failover", "refused-connections", "connections that did not",
		 sums->refused_connections},
		{"failover", "turned-away",
		 "connections closed unheard: from no partner's address, or too many at a time",
		 sums->turned_away},
		{"failover", "owed", "updates that a partner has yet to be sent, now", sums->owed},
		{"failover", "unacked", "updates in flight, now", sums->unacked},
		{"failover", "not-normal", "relationships that are not in normal, now",
		 sums->not_normal},
		{"failover", "skew-ms", "greatest difference of a partner's clock, ms, now",
		 sums->skew_ms},
		{"failover", "common-differs",
		 sums->differences ? sums->first : "differences between the configurations, now",
		 sums->differences},
	};

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		visit(visitor, &counters[i]);
}

void pair_control_counters(const struct daemon *daemon, ctl_counter_visitor visit, void *visitor)
{
	struct failover_now now = pair_now();
	struct failover_status status;
	struct sums sums = {0};

	for (size_t i = 0; i < daemon->pair_count; i++) {
		failover_peer_status(daemon->pairs[i].peer, &now, &status);
		sum_pair(&sums, &daemon->pairs[i], &status);
	}
	if (!daemon->pair_count)
		return;
	sums_visit(&sums, visit, visitor);
	rejects_visit(&sums, visit, visitor);
}
