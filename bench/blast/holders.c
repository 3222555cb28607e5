// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/holders.h"

#include <stdlib.h>

#include "bench/blast/bytes.h"

int holders_create(struct holders *holders, uint32_t expected)
{
	holders->used = 0;
	holders->size = 1024;
	while (holders->size < 2 * expected)
		holders->size *= 2;
	holders->table = calloc(holders->size, sizeof(*holders->table));
	return holders->table ? 0 : -1;
}

void holders_free(struct holders *holders)
{
	free(holders->table);
	holders->table = NULL;
}

/* Where the address is, or would be: linear probing, at most half full. */
static struct holder *place(const struct holders *holders, uint32_t address)
{
	uint32_t at = (uint32_t)mix64(address) & (holders->size - 1);

	while (holders->table[at].address && holders->table[at].address != address)
		at = (at + 1) & (holders->size - 1);
	return &holders->table[at];
}

/* An address once seen keeps its place; a pool larger than the population makes us grow. */
static void grow(struct holders *holders)
{
	struct holders larger;

	if (holders_create(&larger, holders->size))
		abort();
	for (uint32_t i = 0; i < holders->size; i++)
		if (holders->table[i].address)
			*place(&larger, holders->table[i].address) = holders->table[i];
	larger.used = holders->used;
	holders_free(holders);
	*holders = larger;
}

uint32_t holders_set(struct holders *holders, uint32_t address, uint32_t index)
{
	struct holder *holder = place(holders, address);
	uint32_t before = NOBODY;

	if (holder->address) {
		before = holder->index;
	} else {
		holder->address = address;
		holders->used++;
	}
	holder->index = index;
	if (2 * holders->used > holders->size)
		grow(holders);
	return before;
}

uint32_t holders_get(const struct holders *holders, uint32_t address)
{
	const struct holder *holder = place(holders, address);

	return holder->address ? holder->index : NOBODY;
}
