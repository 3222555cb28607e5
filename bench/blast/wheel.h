/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One timer a client, of a millisecond: a hashed wheel of lists through the
 * clients themselves. A timer farther away than the wheel goes round simply
 * stays where it is until its round has come.
 */
#ifndef BLAST_WHEEL_H
#define BLAST_WHEEL_H

#include "bench/blast/population.h"

struct wheel {
	struct client *clients;
	uint32_t *heads;
	uint64_t tick; /* next to be looked at */
};

int wheel_create(struct wheel *wheel, struct client *clients, uint32_t count, uint64_t now);
void wheel_free(struct wheel *wheel);

/* Sets or moves a client's timer. */
void wheel_set(struct wheel *wheel, uint32_t index, uint64_t due);
void wheel_cancel(struct wheel *wheel, uint32_t index);

/* Takes a client out whose timer is due, or NOBODY. */
uint32_t wheel_expire(struct wheel *wheel, uint64_t now);

#endif
