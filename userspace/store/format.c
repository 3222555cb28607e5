/* SPDX-License-Identifier: GPL-2.0-only */
#include "store/format.h"

#include <errno.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/cursor.h"

#define MAGIC_LENGTH 8

static const char *magic_of(enum store_kind kind)
{
	return kind == STORE_JOURNAL ? "xdhcpjnl" : "xdhcpsnp";
}

void store_header_encode(enum store_kind kind, struct store_header *header,
			 uint8_t bytes[STORE_HEADER])
{
	struct base_writer writer = base_writer_of(bytes, STORE_HEADER);

	base_writer_bytes(&writer, magic_of(kind), MAGIC_LENGTH);
	base_writer_be32(&writer, STORE_VERSION);
	base_writer_bytes(&writer, header->identity, STORE_IDENTITY);
	base_writer_be64(&writer, header->generation);
	base_writer_be32(&writer, 0);
	header->seed = base_crc32c(0, bytes, writer.length);
	base_writer_be32(&writer, header->seed);
}

const char *store_header_decode(enum store_kind kind, const uint8_t bytes[STORE_HEADER],
				struct store_header *ret_header)
{
	struct base_cursor cursor = base_cursor_of(bytes, STORE_HEADER);
	const uint8_t *magic = base_cursor_bytes(&cursor, MAGIC_LENGTH);
	uint32_t version = base_cursor_be32(&cursor);
	struct store_header header;

	base_cursor_copy(&cursor, header.identity, STORE_IDENTITY);
	header.generation = base_cursor_be64(&cursor);
	base_cursor_skip(&cursor, 4);
	header.seed = base_cursor_be32(&cursor);
	if (memcmp(magic, magic_of(kind), MAGIC_LENGTH))
		return "it does not begin as such a file does";
	if (header.seed != base_crc32c(0, bytes, STORE_HEADER - 4))
		return "the checksum of its header is wrong";
	if (version != STORE_VERSION)
		return "a newer xdhcpd wrote it";
	*ret_header = header;
	return NULL;
}

bool store_record_decode(const uint8_t bytes[STORE_RECORD_HEADER], struct store_record *ret_record)
{
	struct base_cursor cursor = base_cursor_of(bytes, STORE_RECORD_HEADER);
	struct store_record record = {.length = base_cursor_be32(&cursor)};
	uint16_t reserved;

	record.type = base_cursor_u8(&cursor);
	record.version = base_cursor_u8(&cursor);
	reserved = base_cursor_be16(&cursor);
	record.crc = base_cursor_be32(&cursor);
	if (!record.type || reserved || record.length > STORE_PAYLOAD_MAX)
		return false;
	*ret_record = record;
	return true;
}

static uint32_t record_crc(uint32_t seed, const uint8_t *bytes, size_t payload)
{
	uint32_t crc = base_crc32c(seed, bytes, 8);

	return base_crc32c(crc, bytes + STORE_RECORD_HEADER, payload);
}

bool store_record_check(uint32_t seed, const struct store_record *record, const uint8_t *bytes)
{
	return record_crc(seed, bytes, record->length) == record->crc;
}

/* The newest version of a type; 0: none is known. */
static uint8_t type_version(uint8_t type)
{
	if (type == STORE_LEASE)
		return STORE_LEASE_VERSION;
	return type >= STORE_GROUP && type <= STORE_NOTE;
}

bool store_record_known(const struct store_record *record)
{
	return record->version && record->version <= type_version(record->type);
}

/* Before the payload. */
static void record_begin(struct base_writer *writer, enum store_type type, size_t size)
{
	base_writer_be32(writer, (uint32_t)(size - STORE_RECORD_HEADER));
	base_writer_u8(writer, type);
	base_writer_u8(writer, type_version(type));
	base_writer_be16(writer, 0);
	base_writer_be32(writer, 0);
}

/* Behind the payload. */
static void record_end(uint32_t seed, uint8_t *bytes, size_t size)
{
	struct base_writer writer = base_writer_of(bytes + 8, 4);

	base_writer_be32(&writer, record_crc(seed, bytes, size - STORE_RECORD_HEADER));
}

void store_records_seal(uint32_t seed, uint8_t *bytes, size_t length)
{
	struct store_record record;

	while (length && store_record_decode(bytes, &record)) {
		size_t size = STORE_RECORD_HEADER + (size_t)record.length;

		record_end(seed, bytes, size);
		bytes += size;
		length -= size;
	}
}

static uint8_t hardware_length(const struct lease_record *record)
{
	return record->hlen < sizeof(record->chaddr) ? record->hlen : sizeof(record->chaddr);
}

size_t store_lease_size(const struct lease_record *record)
{
	return STORE_RECORD_HEADER + 8 + 8 * 8 + 2 + hardware_length(record) + 3 * 2 +
	       (size_t)record->ident_length + record->agent_length + record->hostname_length;
}

static void string_encode(struct base_writer *writer, const uint8_t *bytes, uint16_t length)
{
	base_writer_be16(writer, length);
	base_writer_bytes(writer, bytes, length);
}

void store_lease_encode(uint32_t seed, const struct lease_record *record, uint8_t *bytes,
			size_t size)
{
	const int64_t times[] = {
		record->starts,	   record->ends,
		record->horizon,   record->cltt,
		record->potential, __atomic_load_n(&record->acknowledged, __ATOMIC_RELAXED),
		record->received,  __atomic_load_n(&record->known, __ATOMIC_RELAXED),
	};
	struct base_writer writer = base_writer_of(bytes, size);

	record_begin(&writer, STORE_LEASE, size);
	base_writer_be32(&writer, record->address);
	base_writer_u8(&writer, record->state);
	base_writer_u8(&writer, __atomic_load_n(&record->flags, __ATOMIC_RELAXED));
	base_writer_be16(&writer, record->relation);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		base_writer_be64(&writer, (uint64_t)times[i]);
	base_writer_u8(&writer, record->htype);
	base_writer_u8(&writer, hardware_length(record));
	base_writer_bytes(&writer, record->chaddr, hardware_length(record));
	string_encode(&writer, lease_record_ident(record), record->ident_length);
	string_encode(&writer, lease_record_agent(record), record->agent_length);
	string_encode(&writer, lease_record_hostname(record), record->hostname_length);
	record_end(seed, bytes, size);
}

struct string {
	uint16_t length;
	const uint8_t *bytes;
};

static struct string string_decode(struct base_cursor *cursor)
{
	struct string string = {.length = base_cursor_be16(cursor)};

	string.bytes = base_cursor_bytes(cursor, string.length);
	return string;
}

static void times_decode(struct base_cursor *cursor, uint8_t version, struct lease_record *record)
{
	int64_t *const times[] = {&record->starts,  &record->ends,	&record->horizon,
				  &record->cltt,    &record->potential, &record->acknowledged,
				  &record->received};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		*times[i] = (int64_t)base_cursor_be64(cursor);
	if (version >= 2)
		record->known = (int64_t)base_cursor_be64(cursor);
}

int store_lease_decode(uint8_t version, const uint8_t *payload, size_t length,
		       struct lease_record **ret_record)
{
	struct base_cursor cursor = base_cursor_of(payload, length);
	struct lease_record fixed = {.address = base_cursor_be32(&cursor)};
	uint16_t relation;
	struct string ident, agent, hostname;
	struct lease_record *record;

	fixed.state = base_cursor_u8(&cursor);
	fixed.flags = base_cursor_u8(&cursor);
	relation = base_cursor_be16(&cursor);
	fixed.relation = version >= 2 ? relation : 0;
	times_decode(&cursor, version, &fixed);
	fixed.htype = base_cursor_u8(&cursor);
	fixed.hlen = base_cursor_u8(&cursor);
	if (fixed.hlen > sizeof(fixed.chaddr) || !lease_state_word(fixed.state))
		return -EBADMSG;
	base_cursor_copy(&cursor, fixed.chaddr, fixed.hlen);
	ident = string_decode(&cursor);
	agent = string_decode(&cursor);
	hostname = string_decode(&cursor);
	if (!base_cursor_ok(&cursor) || base_cursor_remaining(&cursor))
		return -EBADMSG;
	record = lease_record_new(ident.bytes, ident.length, agent.bytes, agent.length,
				  hostname.bytes, hostname.length);
	if (!record)
		return -ENOMEM;
	fixed.ident_length = ident.length;
	fixed.agent_length = agent.length;
	fixed.hostname_length = hostname.length;
	memcpy(record, &fixed, offsetof(struct lease_record, bytes));
	*ret_record = record;
	return 0;
}

void store_ack_encode(uint32_t seed, const struct store_acknowledgement *acknowledgement,
		      uint8_t bytes[STORE_ACK_RECORD])
{
	struct base_writer writer = base_writer_of(bytes, STORE_ACK_RECORD);

	record_begin(&writer, STORE_ACK, STORE_ACK_RECORD);
	base_writer_be32(&writer, acknowledgement->address);
	base_writer_u8(&writer, acknowledgement->flags);
	base_writer_be64(&writer, (uint64_t)acknowledgement->acknowledged);
	base_writer_be64(&writer, (uint64_t)acknowledgement->known);
	record_end(seed, bytes, STORE_ACK_RECORD);
}

int store_ack_decode(const uint8_t *payload, size_t length,
		     struct store_acknowledgement *ret_acknowledgement)
{
	struct base_cursor cursor = base_cursor_of(payload, length);

	if (length != STORE_ACK_RECORD - STORE_RECORD_HEADER)
		return -EBADMSG;
	ret_acknowledgement->address = base_cursor_be32(&cursor);
	ret_acknowledgement->flags = base_cursor_u8(&cursor);
	ret_acknowledgement->acknowledged = (int64_t)base_cursor_be64(&cursor);
	ret_acknowledgement->known = (int64_t)base_cursor_be64(&cursor);
	return 0;
}

size_t store_note_size(const char *name, size_t length)
{
	return STORE_RECORD_HEADER + 1 + strlen(name) + 2 + length;
}

void store_note_encode(uint32_t seed, const char *name, const void *note, size_t length,
		       uint8_t *bytes, size_t size)
{
	struct base_writer writer = base_writer_of(bytes, size);

	record_begin(&writer, STORE_NOTE, size);
	base_writer_u8(&writer, (uint8_t)strlen(name));
	base_writer_bytes(&writer, name, strlen(name));
	base_writer_be16(&writer, (uint16_t)length);
	base_writer_bytes(&writer, note, length);
	record_end(seed, bytes, size);
}

int store_note_decode(const uint8_t *payload, size_t length, struct store_note_view *ret_note)
{
	struct base_cursor cursor = base_cursor_of(payload, length);
	struct store_note_view note = {.length = 0};
	uint8_t name_length = base_cursor_u8(&cursor);

	base_cursor_copy(&cursor, (uint8_t *)note.name, name_length);
	note.length = base_cursor_be16(&cursor);
	note.bytes = base_cursor_bytes(&cursor, note.length);
	if (!base_cursor_ok(&cursor) || base_cursor_remaining(&cursor) ||
	    strlen(note.name) != name_length || note.length > STORE_NOTE_MAX)
		return -EBADMSG;
	*ret_note = note;
	return 0;
}

void store_number_encode(uint32_t seed, enum store_type type, uint64_t number,
			 uint8_t bytes[STORE_NUMBER_RECORD])
{
	struct base_writer writer = base_writer_of(bytes, STORE_NUMBER_RECORD);

	record_begin(&writer, type, STORE_NUMBER_RECORD);
	base_writer_be64(&writer, number);
	record_end(seed, bytes, STORE_NUMBER_RECORD);
}

int store_number_decode(const uint8_t *payload, size_t length, uint64_t *ret_number)
{
	struct base_cursor cursor = base_cursor_of(payload, length);

	if (length != 8)
		return -EBADMSG;
	*ret_number = base_cursor_be64(&cursor);
	return 0;
}
