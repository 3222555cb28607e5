/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who sees to the servers: a cluster, or a person. It restarts what died, says
 * partner-down of what is dead and of nothing else, fences, moves a role to
 * the third node, which begins with an empty store, and keeps the marks: a
 * server that was declared down starts with --recover until it was NORMAL.
 */
#ifndef SIM_CLUSTER_H
#define SIM_CLUSTER_H

#include "tests/sim/plan.h"

void cluster_begin(const struct plan *plan);
/* The daemon is to be back after so long, on its node or on the third one. */
void cluster_restart(struct node *node, uint64_t delay);
/* Everything that has a role runs again at once. */
void cluster_heal(void);
/* Does it start with --recover? */
bool cluster_is_marked(const struct node *node);
/* A clock that is off by hours, until somebody sets it right. */
void cluster_far(const struct node *node, bool far);
bool cluster_is_far(const struct node *node);

/* How often a role has moved, and partner-down was said. */
void cluster_count(uint64_t *ret_moved, uint64_t *ret_down);

#endif
