/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * base/: what every room may lean on and what knows no DHCP. Pure: no system
 * call, no allocation, no state but what the caller passes in, so that any
 * thread may use any of it on its own objects.
 *
 *   cursor.h   reading and writing wire bytes, error kept for the end
 *   address.h  IPv4 and hardware addresses, prefixes: text and numbers
 *   crc32c.h   checksum of records on disk
 *   sum.h      the Internet checksum's sum
 *   siphash.h  keyed hash for tables that strangers may fill
 *   text.h     text put together in a buffer of fixed size
 *
 * Wire bytes are read through a cursor and written through a writer, never by
 * a cast. Both are sticky: once a step went past the end, that step and all
 * later ones do nothing and reads give 0, and the caller asks once, at the
 * end. Multi-byte values are big-endian on the wire, host order here.
 */
#ifndef XDHCP_BASE_CURSOR_H
#define XDHCP_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrows the bytes that it reads. */
struct base_cursor {
	const uint8_t *at, *end;
	bool failed;
};

static inline struct base_cursor base_cursor_of(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;

	return (struct base_cursor){.at = at, .end = at ? at + length : NULL};
}

static inline size_t base_cursor_remaining(const struct base_cursor *cursor)
{
	return cursor->failed ? 0 : (size_t)(cursor->end - cursor->at);
}

static inline bool base_cursor_ok(const struct base_cursor *cursor)
{
	return !cursor->failed;
}

/* The next `length` bytes, borrowed, or NULL where there are fewer. */
static inline const uint8_t *base_cursor_bytes(struct base_cursor *cursor, size_t length)
{
	const uint8_t *at = cursor->at;

	if (cursor->failed || length > (size_t)(cursor->end - at)) {
		cursor->failed = true;
		return NULL;
	}
	cursor->at = at ? at + length : NULL;
	return at;
}

static inline void base_cursor_skip(struct base_cursor *cursor, size_t length)
{
	base_cursor_bytes(cursor, length);
}

static inline uint8_t base_cursor_u8(struct base_cursor *cursor)
{
	const uint8_t *at = base_cursor_bytes(cursor, 1);

	return at ? at[0] : 0;
}

static inline uint16_t base_cursor_be16(struct base_cursor *cursor)
{
	const uint8_t *at = base_cursor_bytes(cursor, 2);

	return at ? (uint16_t)(at[0] << 8 | at[1]) : 0;
}

static inline uint32_t base_cursor_be32(struct base_cursor *cursor)
{
	const uint8_t *at = base_cursor_bytes(cursor, 4);

	return at ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]
		  : 0;
}

static inline uint64_t base_cursor_be64(struct base_cursor *cursor)
{
	uint64_t high = base_cursor_be32(cursor);

	return high << 32 | base_cursor_be32(cursor);
}

/* A copy of the next `length` bytes; `to` stays as it is where there are fewer. */
static inline void base_cursor_copy(struct base_cursor *cursor, void *to, size_t length)
{
	const uint8_t *at = base_cursor_bytes(cursor, length);

	if (at)
		memcpy(to, at, length);
}

/* Writes into the caller's buffer; `length` is what is there so far. */
struct base_writer {
	uint8_t *bytes;
	size_t size, length;
	bool full;
};

static inline struct base_writer base_writer_of(void *bytes, size_t size)
{
	return (struct base_writer){.bytes = bytes, .size = size};
}

static inline bool base_writer_ok(const struct base_writer *writer)
{
	return !writer->full;
}

/* Room for the next `length` bytes, the caller's to fill, or NULL where it is not there. */
static inline uint8_t *base_writer_room(struct base_writer *writer, size_t length)
{
	uint8_t *at;

	if (writer->full || length > writer->size - writer->length) {
		writer->full = true;
		return NULL;
	}
	at = writer->bytes + writer->length;
	writer->length += length;
	return at;
}

static inline void base_writer_bytes(struct base_writer *writer, const void *bytes, size_t length)
{
	uint8_t *at = base_writer_room(writer, length);

	if (at && length)
		memcpy(at, bytes, length);
}

static inline void base_writer_zero(struct base_writer *writer, size_t length)
{
	uint8_t *at = base_writer_room(writer, length);

	if (at && length)
		memset(at, 0, length);
}

static inline void base_writer_u8(struct base_writer *writer, uint8_t value)
{
	uint8_t *at = base_writer_room(writer, 1);

	if (at)
		at[0] = value;
}

static inline void base_writer_be16(struct base_writer *writer, uint16_t value)
{
	uint8_t *at = base_writer_room(writer, 2);

	if (!at)
		return;
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void base_writer_be32(struct base_writer *writer, uint32_t value)
{
	uint8_t *at = base_writer_room(writer, 4);

	if (!at)
		return;
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

/* All eight bytes or none. */
static inline void base_writer_be64(struct base_writer *writer, uint64_t value)
{
	uint8_t *at = base_writer_room(writer, 8);

	for (int i = 0; at && i < 8; i++)
		at[i] = (uint8_t)(value >> (56 - 8 * i));
}

#endif
