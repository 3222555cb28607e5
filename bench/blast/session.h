/* SPDX-License-Identifier: GPL-2.0-only */
/* What every run on a raw socket has: built up, and taken down, in one place. */
#ifndef BLAST_SESSION_H
#define BLAST_SESSION_H

#include "bench/blast/ledger.h"
#include "bench/blast/neighbour.h"
#include "bench/blast/tally.h"
#include "bench/blast/wheel.h"

struct session {
	const struct settings *settings;
	struct population population;
	struct port port;
	struct wheel wheel;
	struct holders holders;
	struct ledger ledger;
	struct tally tally;
	uint64_t now; /* this turn of the loop */
	uint64_t began; /* when the first request left */
	uint64_t dice;
	uint32_t bound; /* clients that hold a lease */
	uint32_t busy; /* clients on the way to their first */
	uint32_t *queue; /* clients that wait for their turn to begin, a ring */
	uint32_t queue_first, queued;
	int signals;
};

/* 0, or -1 after saying why. Loads the state file where there is one. */
int session_open(struct session *session, const struct settings *settings);
void session_close(struct session *session);

/* SIGINT and SIGTERM become readable instead of ending the process. */
int signals_open(void);

/* SIGINT or SIGTERM came. */
bool session_stopped(const struct session *session);

/* Prints the summary, saves the state, and says what the process returns. */
int session_finish(struct session *session);

#endif
