/* SPDX-License-Identifier: GPL-2.0-only */
/* What a person, or a cluster for one, says to a daemon. */
#ifndef SIM_OPERATOR_H
#define SIM_OPERATOR_H

#include "tests/sim/node.h"

/* "The partner is dead": true where that is news. */
bool operator_partner_down(struct node *node, bool fenced);
/*
 * Sees to what waits for a person: two empty stores are a new pair. Where they
 * have not always been empty, that is true when the longest lease (ns) has run out.
 */
void operator_look(uint64_t longest);
/* Does it wait for that now? */
bool operator_waits(void);
/* From now on each daemon is asked every minute to test itself, and has to pass. */
void operator_ask_begin(void);
/* Is nothing owed, in flight or withheld, on either server? */
bool operators_idle(void);

#endif
