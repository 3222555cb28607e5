/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Deaths in turn, in the place of what fault.h has: one server dies and is said
 * to be down, comes back and fetches everything, hears no more of the survivor
 * from then on, and that one dies, too. What it gave last nobody else knows of.
 */
#ifndef SIM_TURN_H
#define SIM_TURN_H

#include "tests/sim/plan.h"

void turns_begin(void);
void turns_end(void);
/* How many deaths there were. */
uint64_t turns_count(void);

#endif
