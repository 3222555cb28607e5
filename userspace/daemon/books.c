// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/random.h>
#include <urcu.h>

#include "daemon/books.h"
#include "lease/table.h"

int books_open(const struct conf *conf, struct books *ret_books)
{
	/* Nothing is committed through it: no verb is called. */
	const struct lease_verbs verbs = {0};
	struct books books = {.conf = conf};
	uint8_t seed[16];
	int code;

	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return -EIO;
	code = lease_table_new(conf, seed, &books.table);
	if (!code)
		code = lease_commit_new(books.table, &verbs, &books.commit);
	if (code) {
		lease_table_free(books.table);
		return code;
	}
	*ret_books = books;
	return 0;
}

void books_close(struct books *books)
{
	lease_commit_free(books->commit);
	lease_table_free(books->table);
}

const struct lease *books_next(const struct books *books, uint64_t *at)
{
	const struct lease *lease;

	while ((lease = lease_table_at_or_after(books->table, *at))) {
		*at = (uint64_t)lease->address + 1;
		if (lease->current)
			return lease;
	}
	return NULL;
}

const struct conf_relation *books_relation(const struct conf *conf, const struct conf_pool *pool)
{
	return pool && pool->relation ? conf->relations[pool->relation - 1] : NULL;
}
