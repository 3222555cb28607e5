/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known faults, brought back to show that the simulation sees them. Only its
 * own build with XDHCP_PLANT has them; everywhere else PLANTED() is false and
 * the compiler drops what it guards.
 *
 *   limit      the kernel's limit is ignored
 *   heartbeat  the bound of the last heartbeat is ignored
 *   skew       the partner's clock is taken for ours
 *   close      BNDACK leaves before the slot is closed
 *   disk       a state is announced before it is on disk
 *   kernel     a state that does not serve is announced before the kernel is silent
 *   mclt       PARTNER-DOWN takes the partner's addresses without waiting for MCLT
 *   mark       the mark of a lost store is cleared before MCLT has passed
 *   behind     PARTNER-DOWN of a server that was silent, without waiting for what the dead one gave last
 */
#ifndef XDHCP_BASE_PLANT_H
#define XDHCP_BASE_PLANT_H

#include <stdbool.h>

#ifdef XDHCP_PLANT
bool base_planted(const char *fault); /* the simulation's */
#define PLANTED(fault) base_planted(#fault)
#else
#define PLANTED(fault) false
#endif

#endif
