// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/blast/bytes.h"

#define SHOWN_MAX 10
#define LINES_PER_HEAD 20

static const char *const count_words[COUNT_COUNT] = {
#define COUNT_WORD(name, word) [COUNT_##name] = #word,
	COUNTS(COUNT_WORD)
#undef COUNT_WORD
};

static const char *const latency_words[LATENCY_COUNT] = {"offer", "lease", "renewal"};

void tally_begin(struct tally *tally, const struct settings *settings, uint64_t now)
{
	memset(tally, 0, sizeof(*tally));
	tally->began = now;
	tally->next = now + NS_PER_SECOND;
	tally->json = settings->json;
	tally->dump = settings->dump;
}

static void frame_dump(const struct arrival *arrival)
{
	for (size_t i = 0; i < arrival->length; i++)
		fprintf(stderr, "%s%02x", i % 32 ? "" : "\n\t", arrival->frame[i]);
	fprintf(stderr, "\n");
}

void tally_failure(struct tally *tally, enum cause cause, const struct reply *reply,
		   const struct arrival *arrival)
{
	tally->second.failures[cause]++;
	if (tally->shown >= SHOWN_MAX)
		return;
	tally->shown++;
	fprintf(stderr,
		"blast: wrong reply (%s: %s): type %u, xid %08x, chaddr %012" PRIx64
		", ciaddr %08x, yiaddr %08x, server %08x, lease %u, T1 %u, T2 %u, %zu bytes%s\n",
		cause_words[cause], cause_texts[cause], reply->type, reply->xid, reply->chaddr,
		reply->ciaddr, reply->yiaddr, reply->server_id, reply->lease, reply->t1, reply->t2,
		arrival->length,
		tally->shown == SHOWN_MAX ? "; more are counted, not described" : "");
	if (tally->dump)
		frame_dump(arrival);
}

static uint64_t failures_of(const struct counts *counts)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < CAUSE_COUNT; i++)
		sum += counts->failures[i];
	return sum;
}

uint64_t tally_failures(const struct tally *tally)
{
	return failures_of(&tally->total) + failures_of(&tally->second);
}

static void histogram_merge(struct histogram *to, const struct histogram *from)
{
	if (!from->count)
		return;
	to->count += from->count;
	if (from->most > to->most)
		to->most = from->most;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->buckets[i] += from->buckets[i];
}

static void second_close(struct tally *tally)
{
	for (unsigned int i = 0; i < COUNT_COUNT; i++)
		tally->total.of[i] += tally->second.of[i];
	for (unsigned int i = 0; i < CAUSE_COUNT; i++)
		tally->total.failures[i] += tally->second.failures[i];
	histogram_merge(&tally->total.answers, &tally->second.answers);
	for (unsigned int i = 0; i < LATENCY_COUNT; i++)
		histogram_merge(&tally->total.latencies[i], &tally->second.latencies[i]);
	memset(&tally->second, 0, sizeof(tally->second));
}

static double microseconds(const struct histogram *histogram, double share)
{
	return (double)histogram_percentile(histogram, share) / 1000;
}

static void failures_print(const struct counts *counts, bool json)
{
	const char *comma = "";

	for (unsigned int i = 0; i < CAUSE_COUNT; i++) {
		if (!counts->failures[i])
			continue;
		printf(json ? "%s\"%s\":%" PRIu64 : "%s%s %" PRIu64, comma, cause_words[i],
		       counts->failures[i]);
		comma = json ? "," : ", ";
	}
}

static void latency_json(const struct histogram *histogram, const char *prefix)
{
	static const struct {
		const char *word;
		double share;
	} points[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		printf(",\"%s%s_us\":%.1f", prefix, points[i].word,
		       microseconds(histogram, points[i].share));
	printf(",\"%smax_us\":%.1f", prefix, (double)histogram->most / 1000);
}

/* By how much the second half of the requests waited longer than the first one, on average. */
static double drift_us(const struct tally *tally)
{
	if (!tally->halves[0].count || !tally->halves[1].count)
		return 0;
	return ((double)tally->halves[1].sum / (double)tally->halves[1].count -
		(double)tally->halves[0].sum / (double)tally->halves[0].count) /
	       1000;
}

/* `counts` of a second, or of all of it. */
static void print_json(const struct tally *tally, const struct counts *counts, const char *kind,
		       double seconds, uint32_t clients, uint32_t bound, uint64_t dropped)
{
	char prefix[32];

	printf("{\"kind\":\"%s\",\"time\":%.3f,\"seconds\":%.3f,\"clients\":%u,\"bound\":%u", kind,
	       (double)clock_read(CLOCK_REALTIME) / 1e9, seconds, clients, bound);
	for (unsigned int i = 0; i < COUNT_COUNT; i++)
		printf(",\"%s\":%" PRIu64, count_words[i], counts->of[i]);
	latency_json(&counts->answers, "");
	for (unsigned int i = 0; i < LATENCY_COUNT; i++) {
		snprintf(prefix, sizeof(prefix), "%s_", latency_words[i]);
		latency_json(&counts->latencies[i], prefix);
	}
	printf(",\"asked_seconds\":%.3f,\"drift_us\":%.1f,\"missed_by_us\":%" PRIu64
	       ",\"failed\":%" PRIu64 ",\"failures\":{",
	       (double)tally->asked / 1e9, drift_us(tally), dropped, failures_of(counts));
	failures_print(counts, true);
	printf("}}\n");
	fflush(stdout);
}

static void print_line(const struct tally *tally, uint32_t bound, uint64_t now, uint64_t dropped)
{
	const struct counts *counts = &tally->second;
	unsigned int second = (unsigned int)((now - tally->began) / NS_PER_SECOND);

	if (second % LINES_PER_HEAD == 1)
		printf("%6s %8s %8s %8s %8s %8s %7s %7s %9s %9s %7s\n", "second", "bound", "sent",
		       "replies", "leased", "renewed", "retried", "unansw.", "p50 us", "p99 us",
		       "failed");
	printf("%6u %8u %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %7" PRIu64 " %7" PRIu64
	       " %9.0f %9.0f %7" PRIu64,
	       second, bound, counts->of[COUNT_SENT], counts->of[COUNT_REPLIES],
	       counts->of[COUNT_LEASED], counts->of[COUNT_RENEWED], counts->of[COUNT_RETRANSMITTED],
	       counts->of[COUNT_UNANSWERED], microseconds(&counts->answers, 0.5),
	       microseconds(&counts->answers, 0.99), failures_of(counts));
	if (failures_of(counts)) {
		printf("  ");
		failures_print(counts, false);
	}
	if (dropped)
		printf("  (%" PRIu64 " replies missed by our own ring)", dropped);
	printf("\n");
	fflush(stdout);
}

void tally_line(struct tally *tally, struct port *port, uint32_t clients, uint32_t bound,
		uint64_t now)
{
	uint64_t dropped = port->dropped;

	port_count_drops(port);
	dropped = port->dropped - dropped;
	if (tally->json)
		print_json(tally, &tally->second, "second", (double)(now - tally->began) / 1e9,
			   clients, bound, dropped);
	else
		print_line(tally, bound, now, dropped);
	second_close(tally);
	while (tally->next <= now)
		tally->next += NS_PER_SECOND;
}

static void print_summary(const struct tally *tally, double seconds, uint32_t clients,
			  uint32_t bound)
{
	const struct counts *total = &tally->total;

	printf("\n%u of %u clients bound after %.1f s; %" PRIu64 " requests sent, %" PRIu64
	       " replies (%.0f/s), %" PRIu64 " leases, %" PRIu64 " renewals\n",
	       bound, clients, seconds, total->of[COUNT_SENT], total->of[COUNT_REPLIES],
	       (double)total->of[COUNT_REPLIES] / seconds, total->of[COUNT_LEASED],
	       total->of[COUNT_RENEWED]);
	printf("%" PRIu64 " retransmissions, %" PRIu64 " unanswered, %" PRIu64 " late, %" PRIu64
	       " NAKs, %" PRIu64 " expired, %" PRIu64 " released\n",
	       total->of[COUNT_RETRANSMITTED], total->of[COUNT_UNANSWERED], total->of[COUNT_LATE],
	       total->of[COUNT_NAKS], total->of[COUNT_EXPIRED], total->of[COUNT_RELEASED]);
	if (total->of[COUNT_SKIPPED])
		printf("%" PRIu64
		       " requests were due but not sent: the rate is more than this machine"
		       " gives us\n",
		       total->of[COUNT_SKIPPED]);
	for (unsigned int i = 0; i < LATENCY_COUNT; i++)
		if (total->latencies[i].count)
			printf("%s: p50 %.0f us, p99 %.0f us, longest %.0f us\n", latency_words[i],
			       microseconds(&total->latencies[i], 0.5),
			       microseconds(&total->latencies[i], 0.99),
			       (double)total->latencies[i].most / 1000);
	if (failures_of(total)) {
		printf("WRONG REPLIES: ");
		failures_print(total, false);
		printf("\n");
	} else {
		printf("no wrong reply\n");
	}
	fflush(stdout);
}

void tally_summary(struct tally *tally, struct port *port, uint32_t clients, uint32_t bound,
		   uint64_t now)
{
	double seconds = (double)(now - tally->began) / 1e9;

	second_close(tally);
	port_count_drops(port);
	if (tally->json)
		print_json(tally, &tally->total, "summary", seconds, clients, bound, port->dropped);
	else
		print_summary(tally, seconds, clients, bound);
	if (port->dropped)
		fprintf(stderr,
			"blast: %" PRIu64 " replies found our ring full: too fast for this tool "
			"on this machine, figures of unanswered requests are not the server's\n",
			port->dropped);
}
