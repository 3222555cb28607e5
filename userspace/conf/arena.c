/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE 65536

struct conf_arena_chunk {
	struct conf_arena_chunk *next;
	size_t size, used;
	alignas(max_align_t) unsigned char bytes[];
};

static struct conf_arena_chunk *add_chunk(struct conf_arena *arena, size_t size)
{
	struct conf_arena_chunk *chunk;

	if (size < CHUNK_SIZE)
		size = CHUNK_SIZE;
	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = calloc(1, sizeof(*chunk) + size);
	if (!chunk)
		return NULL;
	chunk->size = size;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	return chunk;
}

void *conf_arena_alloc(struct conf_arena *arena, size_t size)
{
	struct conf_arena_chunk *chunk = arena->chunks;
	void *memory;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
	if (!chunk || size > chunk->size - chunk->used)
		chunk = add_chunk(arena, size);
	if (!chunk)
		return NULL;
	memory = chunk->bytes + chunk->used;
	chunk->used += size;
	return memory;
}

char *conf_arena_copy(struct conf_arena *arena, const void *bytes, size_t length)
{
	char *copy = conf_arena_alloc(arena, length + 1);

	if (copy && length)
		memcpy(copy, bytes, length);
	return copy;
}

int conf_arena_grow(struct conf_arena *arena, void *array, size_t count, size_t size)
{
	void *old, *larger;

	/* Room doubles at every power of two, so that the count alone says how much there is. */
	if (count & (count - 1))
		return 0;
	if (count > SIZE_MAX / 4 / size)
		return -ENOMEM;
	larger = conf_arena_alloc(arena, (count ? 2 * count : 1) * size);
	if (!larger)
		return -ENOMEM;
	memcpy(&old, array, sizeof(old));
	if (count)
		memcpy(larger, old, count * size);
	memcpy(array, &larger, sizeof(larger));
	return 0;
}

void conf_arena_free(struct conf_arena *arena)
{
	struct conf_arena_chunk *chunk;

	while ((chunk = arena->chunks)) {
		arena->chunks = chunk->next;
		free(chunk);
	}
}
