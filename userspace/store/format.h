/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is on disk, and why it may be trusted.
 *
 * A store is one directory:
 *
 *   lock              held (flock) by the instance that uses the store; its pid
 *   journal.GGGGGGGG  records in the order of commitment; generations 1, 2, 3 …
 *   snapshot          every address as of the start of one generation
 *   *.tmp             a journal or snapshot in the making; removed at start
 *
 * All numbers are big-endian, times are seconds since 1970 (UTC) as signed 64
 * bits. Both kinds of file begin with a header of 44 bytes:
 *
 *    0  8  "xdhcpjnl" or "xdhcpsnp"
 *    8  4  version of the format, 1
 *   12 16  identity of the store, random, the same in all its files
 *   28  8  generation
 *   36  4  reserved, 0
 *   40  4  CRC32C of bytes 0 to 39
 *
 * Records follow, one behind the other:
 *
 *    0  4  length of the payload, at most 262144
 *    4  1  type
 *    5  1  version of the type
 *    6  2  reserved, 0
 *    8  4  CRC32C of bytes 0 to 7 and the payload, started from the header's
 *          CRC: what was left by another file of the same blocks never fits
 *   12  …  payload
 *
 * Types:
 *
 *   1 GROUP  journal: a group begins here. 8 bytes: its number, one more than
 *            that of the group before, from 1 in each journal.
 *   2 LEASE  the full state of one address; the last one of an address counts.
 *            4 address, 1 state, 1 flags, 2 relation, 8 each: starts, ends,
 *            horizon, cltt, potential, acknowledged, received, known; 1 htype,
 *            1 hlen, hlen bytes of chaddr; 2 each and as many bytes: identity,
 *            option 82's value, host name. relation: whose potential, acknowledged,
 *            received and known are, by a number made of the failover
 *            relationship's name; 0: nobody's. Version 2; version 1 is without
 *            `known`, and its relation is read as 0.
 *   3 END    snapshot: the last record. 8 bytes: how many LEASE and NOTE records
 *            there are.
 *   4 ACK    journal: what the failover partner has acknowledged of the last
 *            LEASE record of an address, and counts for that one only. 4 address,
 *            1 flags, 8 each: acknowledged, known.
 *   5 NOTE   what is no lease; the last one of a name counts. 1 and as many bytes:
 *            name, without a zero; 2 and as many bytes: whatever its owner likes.
 *
 * Versions are 1 where nothing else is said. A type or version that is not known
 * stops the start: a newer program wrote it.
 *
 * Writing. A group is written behind what is there by one thread, and the next
 * one not before it was datasynced. So after a crash everything but the last
 * group of the last journal is there, and of that any sectors may be missing.
 * A bad record is therefore a torn tail where no GROUP follows it and either
 * no record at all follows it or a sector that it lies in was never written
 * (zeros). A torn tail is cut off, whole records before it stay: nobody was
 * told of them, and knowing more does no harm. Any other bad record is damage.
 *
 * New journal, at each step a crash leaves:
 *   1. journal.tmp written, datasynced      as before; the file is removed at start
 *   2. renamed to journal.(g+1)             as before, or an empty journal g+1 behind g
 *   3. directory synced                     an empty journal g+1 behind g
 *   4. appends go there
 * It happens with no group under way, so journal g is whole when g+1 exists.
 *
 * Snapshot of generation g, holding all that journals before g say, and maybe
 * more of what g says (the journal says it again):
 *   1. snapshot.tmp written, datasynced     as before; the file is removed at start
 *   2. renamed to snapshot                  as before, or the new one, older journals unused
 *   3. directory synced                     the new one, older journals unused
 *   4. journals before g unlinked           some unused ones left, removed at start
 *
 * Reading. The snapshot, if there is one, then every journal from its
 * generation on, in order and without a gap (from 1 where there is none). A
 * store without either is new. What was read is synced before anybody builds
 * on it: a killed daemon's last group may have been in the page cache only.
 */
#ifndef XDHCP_STORE_FORMAT_H
#define XDHCP_STORE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lease/record.h"
#include "store/store.h"

#define STORE_VERSION 1
#define STORE_HEADER 44
#define STORE_RECORD_HEADER 12
#define STORE_PAYLOAD_MAX 262144
#define STORE_NUMBER_RECORD (STORE_RECORD_HEADER + 8) /* GROUP and END */
#define STORE_ACK_RECORD (STORE_RECORD_HEADER + 21)

enum store_kind { STORE_JOURNAL, STORE_SNAPSHOT };

enum store_type {
	STORE_GROUP = 1,
	STORE_LEASE = 2,
	STORE_END = 3,
	STORE_ACK = 4,
	STORE_NOTE = 5,
};
#define STORE_LEASE_VERSION 2

struct store_header {
	uint8_t identity[STORE_IDENTITY];
	uint64_t generation;
	uint32_t seed; /* the header's CRC, from which its records' start */
};

/* Fills the bytes and header->seed. */
void store_header_encode(enum store_kind kind, struct store_header *header,
			 uint8_t bytes[STORE_HEADER]);
/* NULL, or what is wrong with it; static. */
const char *store_header_decode(enum store_kind kind, const uint8_t bytes[STORE_HEADER],
				struct store_header *ret_header);

struct store_record {
	uint32_t length; /* of the payload */
	uint8_t type, version;
	uint32_t crc;
};

/* Is it a type and version that this program writes, or did once? */
bool store_record_known(const struct store_record *record);

/* False where the bytes cannot begin a record. */
bool store_record_decode(const uint8_t bytes[STORE_RECORD_HEADER], struct store_record *ret_record);
/* Does the CRC fit? `bytes` are header and payload. */
bool store_record_check(uint32_t seed, const struct store_record *record, const uint8_t *bytes);

/* Gives records that lie one behind the other the CRCs of another file. */
void store_records_seal(uint32_t seed, uint8_t *bytes, size_t length);

/* Bytes on disk of a lease's record. */
size_t store_lease_size(const struct lease_record *record);
/*
 * Encodes store_lease_size() bytes, record header and all. What an acknowledgement
 * changes in a record may change meanwhile.
 */
void store_lease_encode(uint32_t seed, const struct lease_record *record, uint8_t *bytes,
			size_t size);
/* 0, -EBADMSG where the payload is none, or -ENOMEM. */
int store_lease_decode(uint8_t version, const uint8_t *payload, size_t length,
		       struct lease_record **ret_record);

void store_ack_encode(uint32_t seed, const struct store_acknowledgement *acknowledgement,
		      uint8_t bytes[STORE_ACK_RECORD]);
/* 0 or -EBADMSG. */
int store_ack_decode(const uint8_t *payload, size_t length,
		     struct store_acknowledgement *ret_acknowledgement);

struct store_note_view {
	char name[STORE_NOTE_NAME_MAX + 1];
	const uint8_t *bytes; /* in the payload */
	size_t length;
};

size_t store_note_size(const char *name, size_t length);
void store_note_encode(uint32_t seed, const char *name, const void *note, size_t length,
		       uint8_t *bytes, size_t size);
/* 0 or -EBADMSG. */
int store_note_decode(const uint8_t *payload, size_t length, struct store_note_view *ret_note);

/* GROUP and END. */
void store_number_encode(uint32_t seed, enum store_type type, uint64_t number,
			 uint8_t bytes[STORE_NUMBER_RECORD]);
/* 0 or -EBADMSG. */
int store_number_decode(const uint8_t *payload, size_t length, uint64_t *ret_number);

#endif
