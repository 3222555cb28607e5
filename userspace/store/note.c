/* SPDX-License-Identifier: GPL-2.0-only */
/* Notes: the last one of each name, kept as the record that a snapshot is given. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/private.h"

struct store_note {
	struct store_note *next;
	size_t size;
	uint8_t record[]; /* header and payload; sealed for no file */
};

static bool is_named(const struct store_note *note, const char *name)
{
	struct store_note_view view;

	return !store_note_decode(note->record + STORE_RECORD_HEADER,
				  note->size - STORE_RECORD_HEADER, &view) &&
	       !strcmp(view.name, name);
}

/* The link that points to the note of this name, or to the end. */
static struct store_note **link_of(struct store *store, const char *name)
{
	struct store_note **link = &store->notes;

	while (*link && !is_named(*link, name))
		link = &(*link)->next;
	return link;
}

int store_note_keep(struct store *store, const char *name, const void *bytes, size_t length)
{
	struct store_note **link = link_of(store, name);
	size_t size = store_note_size(name, length);
	struct store_note *note = malloc(sizeof(*note) + size);

	if (!note)
		return -ENOMEM;
	note->size = size;
	store_note_encode(0, name, bytes, length, note->record, size);
	note->next = *link ? (*link)->next : NULL;
	free(*link);
	*link = note;
	return 0;
}

int store_notes_freeze(const struct store *store, struct store_buffer *ret_buffer)
{
	struct store_buffer buffer = {0};

	for (const struct store_note *note = store->notes; note; note = note->next) {
		uint8_t *bytes = store_buffer_room(&buffer, note->size);

		if (!bytes) {
			free(buffer.bytes);
			return -ENOMEM;
		}
		memcpy(bytes, note->record, note->size);
		buffer.records++;
	}
	*ret_buffer = buffer;
	return 0;
}

void store_notes_free(struct store *store)
{
	while (store->notes) {
		struct store_note *note = store->notes;

		store->notes = note->next;
		free(note);
	}
}
