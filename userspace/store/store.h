/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * store/: the truth on disk. One directory: an append-only journal and a
 * snapshot; their format is the opening comment of format.h. The loop thread
 * appends and starts flushes; a flush writes and datasyncs on a worker thread
 * (the caller's business: store_flush() is the blocking part and touches only
 * what store_flush_begin() handed over). A snapshot is written by its caller's
 * thread from records read under RCU.
 *
 * Torn tails are cut at the first bad record and reported. Anything worse
 * stops the start with what is wrong and how to recover. The directory is
 * locked (flock) against a second instance.
 *
 *   format.h   what is on disk, and why it may be trusted
 *   store.c    open and close: directory, lock
 *   journal.c  append, group commit, rotate
 *   recover.c  what a directory holds: which files, in which order, in what shape
 *   replay.c   one file's records; torn tail or damage
 *   snapshot.c compaction
 *   note.c     what is no lease, and goes into every snapshot
 *   private.h  the room's own
 */
#ifndef XDHCP_STORE_STORE_H
#define XDHCP_STORE_STORE_H

#include "lease/record.h"

struct sys_files;
struct store;

struct store_report {
	uint64_t records; /* read */
	uint64_t torn_bytes; /* cut off at the end of the journal */
	bool created; /* the store is new */
};

/* Where something is wrong: file, byte offset, cause and remedy, one line. */
struct store_error {
	char text[768];
};

/* What is acknowledged of the address's last record (lease/record.h). */
struct store_acknowledgement {
	uint32_t address;
	uint8_t flags;
	int64_t acknowledged, known;
};

/*
 * Called for what is read, oldest first; the last record of an address, the
 * last note of a name count; an acknowledgement is of the address's last
 * record before it, and over with the next one. `lease` takes the record. A
 * note is for what is no lease (a failover relationship's state); its bytes
 * are the visitor's during the call only. A negative errno ends the replay and
 * is what open returns. NULL: nobody looks at these.
 */
struct store_visitors {
	void *context;
	int (*lease)(void *context, struct lease_record *record);
	int (*acknowledgement)(void *context, const struct store_acknowledgement *acknowledgement);
	int (*note)(void *context, const char *name, const void *bytes, size_t length);
};
#define STORE_NOTE_NAME_MAX 255
#define STORE_NOTE_MAX 4096

/*
 * Opens or makes the directory (mode 0750), locks it, replays snapshot and
 * journals through `visitors`, cuts a torn tail, and is ready to append. 0, or
 * a negative code and *ret_error: -ENOTDIR (a regular file), -EWOULDBLOCK
 * (another instance), -EBADMSG (damaged), or the system's.
 */
int store_open(const char *directory, const struct store_visitors *visitors,
	       struct store_report *ret_report, struct store **ret_store,
	       struct store_error *ret_error);
/* The same on another disk (sys/files.h), which outlives the store. */
int store_open_on(const struct sys_files *files, const char *directory,
		  const struct store_visitors *visitors, struct store_report *ret_report,
		  struct store **ret_store, struct store_error *ret_error);
/*
 * Reads what a directory holds and changes nothing; a daemon may be writing
 * there: it is as of some moment since the call began. Where files come and go
 * meanwhile, it is told again from the beginning. `torn_bytes` of the report are
 * left where they are. Codes as above; -ENOENT: there is no store.
 */
#define STORE_IDENTITY 16
int store_read(const char *directory, const struct store_visitors *visitors,
	       struct store_report *ret_report, uint8_t ret_identity[STORE_IDENTITY],
	       struct store_error *ret_error);
int store_read_on(const struct sys_files *files, const char *directory,
		  const struct store_visitors *visitors, struct store_report *ret_report,
		  uint8_t ret_identity[STORE_IDENTITY], struct store_error *ret_error);
/* What is appended and not flushed is lost: flush first. No snapshot may be open. */
void store_close(struct store *store);

/* STORE_IDENTITY random bytes, made with the store. */
const uint8_t *store_identity(const struct store *store);

/*
 * Copies a record into the running group; returns its number (1… since the
 * start). Without memory the group is spoilt and its flush fails with -ENOMEM.
 */
uint64_t store_append(struct store *store, const struct lease_record *record);
/* The same of what the partner acknowledged, behind the record that it is of. */
uint64_t store_append_acknowledgement(struct store *store,
				      const struct store_acknowledgement *acknowledgement);
/* The same of a note; name (not empty) and bytes within the limits above. Takes the place of the name's last one. */
uint64_t store_append_note(struct store *store, const char *name, const void *bytes, size_t length);
/* Bytes and records waiting in the running group. */
size_t store_waiting(const struct store *store, size_t *ret_records);

/*
 * Group commit. begin: closes the running group and takes it; false where it
 * is empty or a flush is under way. flush: writes and datasyncs, on any
 * thread; 0 or a negative errno with *ret_error. end: back on the loop; returns the
 * number of the newest group that is durable now, 0: none. After a failed flush
 * what the disk holds is unknown: the store flushes, rotates and snapshots no more.
 */
bool store_flush_begin(struct store *store);
int store_flush(struct store *store, struct store_error *ret_error);
uint64_t store_flush_end(struct store *store);

/* Size of the running journal in bytes: compact when it is past the caller's limit. */
uint64_t store_journal_size(const struct store *store);

/*
 * Compaction. rotate: on the loop, with no flush under way and every durable
 * group made current (lease_commit_durable()): groups go to a new journal from
 * now on, the running one too. Then, on any thread, snapshot_open,
 * snapshot_add for every current record, and snapshot_finish, which syncs,
 * renames, syncs the directory and removes what the snapshot replaces. Each 0
 * or a negative errno; -EBUSY: a flush or a snapshot is under way. A rotate or
 * snapshot that fails for want of room leaves the store as it was. finish and
 * abandon end the snapshot in any case.
 */
struct store_snapshot;
int store_rotate(struct store *store, struct store_error *ret_error);
int store_snapshot_open(struct store *store, struct store_snapshot **ret_snapshot,
			struct store_error *ret_error);
int store_snapshot_add(struct store_snapshot *snapshot, const struct lease_record *record);
/* The store keeps every name's last note in memory and puts it into the snapshot by itself. */
int store_snapshot_finish(struct store_snapshot *snapshot, struct store_error *ret_error);
void store_snapshot_abandon(struct store_snapshot *snapshot);

#endif
