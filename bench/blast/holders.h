/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of our clients was told last that an address is its own. */
#ifndef BLAST_HOLDERS_H
#define BLAST_HOLDERS_H

#include "bench/blast/population.h"

struct holder {
	uint32_t address; /* 0: free */
	uint32_t index;
};

struct holders {
	struct holder *table;
	uint32_t size, used;
};

int holders_create(struct holders *holders, uint32_t expected);
void holders_free(struct holders *holders);

/* Makes `index` the holder; returns who it was before, or NOBODY. */
uint32_t holders_set(struct holders *holders, uint32_t address, uint32_t index);
uint32_t holders_get(const struct holders *holders, uint32_t address);

#endif
