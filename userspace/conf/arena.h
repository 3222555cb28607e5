/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that goes all at once: what a configuration consists of, and what parsing it needs meanwhile. */
#ifndef XDHCP_CONF_ARENA_H
#define XDHCP_CONF_ARENA_H

#include <stddef.h>

struct conf_arena_chunk;

struct conf_arena {
	struct conf_arena_chunk *chunks; /* newest first */
};

/* Zeroed and aligned for anything; NULL: no memory. */
void *conf_arena_alloc(struct conf_arena *arena, size_t size);

/* A copy with a NUL behind it; NULL: no memory. */
char *conf_arena_copy(struct conf_arena *arena, const void *bytes, size_t length);

/*
 * Room for one more element behind `count` elements of `size` bytes at
 * *array, which is NULL at the start. Nothing else may grow the same array.
 * 0 or -ENOMEM.
 */
int conf_arena_grow(struct conf_arena *arena, void *array, size_t count, size_t size);

void conf_arena_free(struct conf_arena *arena);

#endif
