/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What clients were told, a line each, for tests that kill the server and then
 * ask whether it still knows:
 *
 *   TIME EVENT ADDRESS MAC CLIENT-ID END
 *
 * EVENT is `leased` (a new lease), `renewed`, `released` (the client gave it
 * back: END is when), `refused` (a NAK: likewise) or `expired`; CLIENT-ID is option 61 in hexadecimal, `-`
 * for clients without one; times are seconds of the wall clock. END is what
 * the client believes, which is never later than what the server said.
 */
#ifndef BLAST_LEDGER_H
#define BLAST_LEDGER_H

#include "bench/blast/population.h"

struct ledger {
	int fd; /* -1: nobody asked for it */
	size_t length;
	char text[1 << 16];
};

/* 0, or -1 after saying why. `path` NULL: lines go nowhere. */
int ledger_open(struct ledger *ledger, const char *path);
void ledger_write(struct ledger *ledger, const struct population *population, uint32_t index,
		  const char *event, uint64_t now, uint64_t end);

/* Called once a turn of the loop: what clients were told is then in the file. */
void ledger_flush(struct ledger *ledger);
void ledger_close(struct ledger *ledger);

#endif
