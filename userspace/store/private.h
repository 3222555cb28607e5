/* SPDX-License-Identifier: GPL-2.0-only */
/* store/: the room's own. */
#ifndef XDHCP_STORE_PRIVATE_H
#define XDHCP_STORE_PRIVATE_H

#include <stdatomic.h>

#include "store/format.h"
#include "store/store.h"
#include "sys/files.h"

#define STORE_PATH 4096

/* Fills the text where `error` is not NULL; returns `code`. */
__attribute__((format(printf, 3, 4))) int store_fail(struct store_error *error, int code,
						     const char *format, ...);

/* Encoded records on their way to the disk. */
struct store_buffer {
	uint8_t *bytes;
	size_t length, size;
	size_t records;
};

/* Room for `length` more bytes behind what is there; NULL without memory. */
uint8_t *store_buffer_room(struct store_buffer *buffer, size_t length);

struct store_note;

struct store {
	const struct sys_files *files;
	bool reading; /* by store_read(): nothing is changed, nothing stays open */
	char *directory;
	uint8_t identity[STORE_IDENTITY];
	int lock; /* descriptors */
	int journal;
	uint64_t generation; /* of the running journal */
	uint64_t first; /* oldest generation that has a journal on disk */
	uint32_t seed; /* of the running journal's records */
	uint64_t size; /* of the running journal, flushed */
	uint64_t sequence; /* of the newest GROUP in it */
	struct store_buffer running, flushing;
	uint64_t group; /* number of the running group */
	uint64_t durable;
	bool busy; /* between flush_begin and flush_end */
	bool spoilt; /* a record was lost for want of memory */
	struct store_note *notes; /* the last one of each name */
	struct store_buffer
		frozen; /* records of the notes as of the running journal's start, or newer */
	atomic_int failed; /* the code of a failure that nothing may follow, 0: none */
	atomic_bool snapshot; /* one is open */
};

/* DIRECTORY/NAME, DIRECTORY/journal.GENERATION; 0 or -ENAMETOOLONG. */
int store_path(const char *directory, const char *name, char path[STORE_PATH]);
int store_journal_path(const char *directory, uint64_t generation, char path[STORE_PATH]);

/*
 * Makes the file of a header under its temporary name. Returns an open
 * descriptor, or a negative errno and *ret_error, and the file is gone.
 */
int store_file_new(const struct sys_files *files, const char *path, enum store_kind kind,
		   struct store_header *header, struct store_error *ret_error);

/* A new journal, durable under its name, empty. Returns its descriptor. *ret_named: it may have its
 * name although it failed. */
int store_journal_new(const struct store *store, struct store_header *header, bool *ret_named,
		      struct store_error *ret_error);

/* note.c: takes the place of the name's note before; 0 or -ENOMEM. */
int store_note_keep(struct store *store, const char *name, const void *bytes, size_t length);
/* All notes as records that have to be sealed; 0 or -ENOMEM. */
int store_notes_freeze(const struct store *store, struct store_buffer *ret_buffer);
void store_notes_free(struct store *store);

/* replay.c: one file, read from its beginning. */
struct store_replay {
	const struct sys_files *files;
	const char *path;
	int fd;
	enum store_kind kind;
	bool last; /* the last journal: its tail may be torn */
	struct store *store; /* keeps the notes */
	const struct store_visitors *visitors;
	/* results */
	struct store_header header;
	uint64_t records; /* but GROUP and END */
	uint64_t sequence; /* of the newest GROUP */
	uint64_t end; /* behind the last good record */
	uint64_t torn; /* bytes behind it */
};

/* 0; -EBADMSG where it is damaged; another negative errno; then *ret_error says where. */
int store_replay(struct store_replay *replay, struct store_error *ret_error);

/*
 * recover.c: replays the directory, cuts a torn tail, syncs, opens the last
 * journal and fills identity, journal, generation, first, seed, size and
 * sequence; *ret_report->created where there was nothing.
 */
int store_recover(struct store *store, const struct store_visitors *visitors,
		  struct store_report *ret_report, struct store_error *ret_error);
/* Removes journals from store->first up to, not including, `generation`. Best effort: they are ignored when left. */
void store_forget(struct store *store, uint64_t generation);

#endif
