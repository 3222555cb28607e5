/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Leases without a server around them, from ISC's dhcpd.leases to the lease
 * directory and back, while no daemon has it (the store's lock sees to that).
 *
 *   books.c   a table that no commit reaches
 *   import.c  xdhcpd --import FILE
 *   export.c  xdhcpd --export FILE
 */
#ifndef XDHCP_DAEMON_BOOKS_H
#define XDHCP_DAEMON_BOOKS_H

#include "conf/conf.h"
#include "daemon/options.h"
#include "lease/commit.h"

struct books {
	const struct conf *conf;
	struct lease_table *table;
	struct lease_commit *commit;
};

/* The calling thread is registered with liburcu. 0 or a negative errno. */
int books_open(const struct conf *conf, struct books *ret_books);
void books_close(struct books *books);
/* The next lease with a record, NULL at the end; `*at`: where to go on, first 0. */
const struct lease *books_next(const struct books *books, uint64_t *at);
/* The relationship of an address's pool; NULL: none. */
const struct conf_relation *books_relation(const struct conf *conf, const struct conf_pool *pool);

/* Each says what it did or what is wrong; returns the process's exit status. */
int import_run(const struct options *options, const struct conf *conf);
int export_run(const struct options *options, const struct conf *conf);

#endif
