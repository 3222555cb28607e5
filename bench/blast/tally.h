/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happened, in the second under way and in all, and how it is said: a
 * line a second and a summary, for people or (--json) one object a line.
 */
#ifndef BLAST_TALLY_H
#define BLAST_TALLY_H

#include "bench/blast/check.h"
#include "bench/blast/histogram.h"
#include "bench/blast/port.h"

#define COUNTS(X) \
	X(SENT, sent) \
	X(REPLIES, replies) \
	X(OFFERS, offers) \
	X(ACKS, acks) \
	X(NAKS, naks) \
	X(LEASED, leased) \
	X(RENEWED, renewals) \
	X(EXPIRED, expired) \
	X(RELEASED, released) \
	X(RETRANSMITTED, retransmissions) \
	X(UNANSWERED, unanswered) \
	X(LATE, late) \
	X(FOREIGN, foreign) \
	X(UNFINISHED, unfinished) \
	X(SKIPPED, skipped)

enum count {
#define COUNT_ENUM(name, word) COUNT_##name,
	COUNTS(COUNT_ENUM)
#undef COUNT_ENUM
		COUNT_COUNT
};

enum latency { LATENCY_OFFER, LATENCY_LEASE, LATENCY_RENEWAL, LATENCY_COUNT };

struct counts {
	uint64_t of[COUNT_COUNT];
	uint64_t failures[CAUSE_COUNT];
	struct histogram answers; /* everything together */
	struct histogram latencies[LATENCY_COUNT];
};

struct tally {
	struct counts second, total;
	uint64_t began, next; /* next: when the second is over */
	uint64_t dropped; /* by our own ring, at the last line */
	bool json, dump;
	uint64_t asked; /* from `began` until the last newcomer had asked */
	unsigned int shown; /* failures that were described */
	struct {
		uint64_t sum, count;
	} halves[2]; /* latencies of what was sent in the first half of the time, and in the second */
};

void tally_begin(struct tally *tally, const struct settings *settings, uint64_t now);

static inline void tally_add(struct tally *tally, enum count count, uint64_t number)
{
	tally->second.of[count] += number;
}

static inline void tally_latency(struct tally *tally, enum latency latency, uint64_t ns)
{
	histogram_add(&tally->second.answers, ns);
	histogram_add(&tally->second.latencies[latency], ns);
}

/* Do answers come later and later? Then more was sent than is answered, and waits in a queue. */
static inline void tally_half(struct tally *tally, bool second, uint64_t ns)
{
	tally->halves[second].sum += ns;
	tally->halves[second].count++;
}

/* Counts a wrong reply, and describes the first few on stderr. */
void tally_failure(struct tally *tally, enum cause cause, const struct reply *reply,
		   const struct arrival *arrival);
uint64_t tally_failures(const struct tally *tally);

/* The line of the second that is over, and a new second. */
void tally_line(struct tally *tally, struct port *port, uint32_t clients, uint32_t bound,
		uint64_t now);
void tally_summary(struct tally *tally, struct port *port, uint32_t clients, uint32_t bound,
		   uint64_t now);

#endif
