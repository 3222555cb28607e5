/* SPDX-License-Identifier: GPL-2.0-only */
/* Two texts of what both servers must have in common (conf_common_text()), line by line. */
#ifndef XDHCP_FAILOVER_COMPARE_H
#define XDHCP_FAILOVER_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

/* `grave`: an address could be given twice. `text`: the statement, and its value on each side. */
typedef void (*failover_difference_visitor)(void *context, bool grave, const char *text);

/*
 * Visits what differs, grave ones first; returns how many. Lines with the same
 * statement are one difference; what only the primary says counts only where
 * both say it. Each text is sorted, as conf_common_text() is; of one that is not,
 * more is found.
 */
size_t failover_compare(const char *ours, const char *theirs, failover_difference_visitor visit,
			void *context);

#endif
