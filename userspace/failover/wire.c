/* SPDX-License-Identifier: GPL-2.0-only */
#include "failover/wire.h"

#include <errno.h>

#include "base/cursor.h"

/* How a value stands on the wire, and in struct failover_message. */
enum kind {
	KIND_U8,
	KIND_U16,
	KIND_U32,
	KIND_BYTES,
	KIND_TEXT, /* bytes without a NUL */
	KIND_IDENTIFIER, /* bytes; none where there are none, as dhcpd cannot hash an empty one */
	KIND_HARDWARE, /* 1 to FAILOVER_HARDWARE_MAX bytes */
	KIND_BUCKETS, /* FAILOVER_HBA bytes */
	KIND_REFUSED, /* whatever it says */
};

#define MISFIT_U8 " is not one byte long"
#define MISFIT_U16 " is not two bytes long"
#define MISFIT_U32 " is not four bytes long"
#define MISFIT_BYTES ""
#define MISFIT_TEXT " contains a NUL"
#define MISFIT_IDENTIFIER ""
#define MISFIT_HARDWARE " is not 1 to 17 bytes long"
#define MISFIT_BUCKETS " is not 32 bytes long"
#define MISFIT_REFUSED " is not taken"

/* A bit for each message type that an option means something in. */
#define IN_POOLRESP (1U << FAILOVER_POOLRESP)
#define IN_BNDUPD (1U << FAILOVER_BNDUPD)
#define IN_BNDACK (1U << FAILOVER_BNDACK)
#define IN_CONNECT (1U << FAILOVER_CONNECT)
#define IN_CONNECTACK (1U << FAILOVER_CONNECTACK)
#define IN_STATE (1U << FAILOVER_STATE)
#define IN_DISCONNECT (1U << FAILOVER_DISCONNECT)
#define IN_COMMON (1U << (FAILOVER_DISCONNECT + 1))

#define IN_HANDSHAKE (IN_CONNECT | IN_CONNECTACK)
#define IN_BINDING (IN_BNDUPD | IN_BNDACK)
#define IN_REFUSAL (IN_BNDACK | IN_CONNECTACK | IN_DISCONNECT)

struct option {
	uint8_t code;
	enum kind kind;
	uint16_t field; /* of struct failover_message */
	uint32_t types; /* IN_… */
	const char *twice, *misfit;
};

/* clang-format off */
#define OPTION(number, word, how, member, where) \
	{.code = FAILOVER_##number, .kind = KIND_##how, \
	 .field = offsetof(struct failover_message, member), .types = (where), \
	 .twice = word " comes twice", .misfit = word MISFIT_##how}

/*
 * In the order in which dhcpd sends them, which is the same for all types. What
 * is not here, or not in a message's type, is skipped when it comes, as dhcpd
 * does it, and never sent.
 */
static const struct option table[] = {
	OPTION(RELATIONSHIP_NAME, "relationship-name", TEXT, relationship, IN_HANDSHAKE),
	OPTION(MAX_UNACKED, "max-unacked-bndupd", U32, max_unacked, IN_HANDSHAKE),
	OPTION(RECEIVE_TIMER, "receive-timer", U32, receive_timer, IN_HANDSHAKE),
	OPTION(VENDOR_CLASS, "vendor-class-identifier", BYTES, vendor_class, IN_HANDSHAKE),
	OPTION(PROTOCOL_VERSION, "protocol-version", U8, protocol_version, IN_HANDSHAKE),
	OPTION(TLS_REQUEST, "TLS-request", U8, tls_request, IN_CONNECT),
	OPTION(TLS_REPLY, "TLS-reply", U8, tls_reply, IN_CONNECTACK),
	OPTION(MCLT, "MCLT", U32, mclt, IN_CONNECT),
	OPTION(HASH_BUCKETS, "hash-bucket-assignment", BUCKETS, hash_buckets, IN_CONNECT),
	OPTION(SERVER_STATE, "server-state", U8, server_state, IN_STATE),
	OPTION(SERVER_FLAGS, "server-flags", U8, server_flags, IN_STATE),
	OPTION(ADDRESSES_TRANSFERRED, "addresses-transferred", U32, addresses_transferred, IN_POOLRESP),
	OPTION(ASSIGNED_ADDRESS, "assigned-IP-address", U32, address, IN_BINDING),
	OPTION(BINDING_STATUS, "binding-status", U8, status, IN_BINDING),
	OPTION(CLIENT_IDENTIFIER, "client-identifier", IDENTIFIER, client_identifier, IN_BINDING),
	OPTION(CLIENT_HARDWARE, "client-hardware-address", HARDWARE, hardware, IN_BINDING),
	OPTION(LEASE_EXPIRATION, "lease-expiration-time", U32, lease_expiration, IN_BINDING),
	OPTION(POTENTIAL_EXPIRATION, "potential-expiration-time", U32, potential_expiration, IN_BINDING),
	OPTION(START_OF_STATE, "start-time-of-state", U32, start_of_state, IN_BINDING | IN_STATE),
	OPTION(CLTT, "client-last-transaction-time", U32, cltt, IN_BINDING),
	OPTION(IP_FLAGS, "IP-flags", U16, ip_flags, IN_BINDING),
	OPTION(REJECT_REASON, "reject-reason", U8, reject, IN_REFUSAL),
	OPTION(TEXT, "message", TEXT, text, IN_REFUSAL | IN_COMMON),
	OPTION(VENDOR_OPTIONS, "vendor-specific-options", BYTES, vendor_options, IN_HANDSHAKE),
	/* As dhcpd does it: any DDNS option in a BNDUPD ends the connection. */
	OPTION(DDNS, "DDNS", REFUSED, type, IN_BNDUPD),
};
/* clang-format on */

#define OPTIONS (sizeof(table) / sizeof(table[0]))

static uint32_t type_bit(uint8_t type)
{
	if (type == FAILOVER_COMMON)
		return IN_COMMON;
	return type && type <= FAILOVER_DISCONNECT ? 1U << type : 0;
}

static const struct option *option_find(uint16_t code, uint32_t type)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (table[i].code == code)
			return table[i].types & type ? &table[i] : NULL;
	return NULL;
}

/* Bytes that a kind takes; 0: any number. */
static size_t kind_size(enum kind kind)
{
	switch (kind) {
	case KIND_U8:
		return 1;
	case KIND_U16:
		return 2;
	case KIND_U32:
		return 4;
	case KIND_BUCKETS:
		return FAILOVER_HBA;
	default:
		return 0;
	}
}

static bool bytes_fit(enum kind kind, const struct failover_bytes *bytes)
{
	switch (kind) {
	case KIND_TEXT:
		return !bytes->length || !memchr(bytes->data, '\0', bytes->length);
	case KIND_HARDWARE:
		return bytes->length >= 1 && bytes->length <= FAILOVER_HARDWARE_MAX;
	default:
		return true;
	}
}

/* The whole of `value` is the option's; false where it does not fit. */
static bool value_read(const struct option *option, struct base_cursor *value,
		       struct failover_message *message)
{
	void *field = (uint8_t *)message + option->field;
	size_t length = base_cursor_remaining(value);
	size_t size = kind_size(option->kind);
	struct failover_bytes *bytes = field;

	if (option->kind == KIND_REFUSED || (size && size != length))
		return false;
	switch (option->kind) {
	case KIND_U8:
		*(uint8_t *)field = base_cursor_u8(value);
		return true;
	case KIND_U16:
		*(uint16_t *)field = base_cursor_be16(value);
		return true;
	case KIND_U32:
		*(uint32_t *)field = base_cursor_be32(value);
		return true;
	case KIND_BUCKETS:
		*(const uint8_t **)field = base_cursor_bytes(value, length);
		return true;
	default:
		bytes->data = base_cursor_bytes(value, length);
		bytes->length = (uint16_t)length;
		return bytes_fit(option->kind, bytes);
	}
}

/* NULL, or why not. */
static const char *option_decode(struct base_cursor *cursor, struct failover_message *message)
{
	uint16_t code = base_cursor_be16(cursor), length = base_cursor_be16(cursor);
	const uint8_t *data = base_cursor_bytes(cursor, length);
	const struct option *option = option_find(code, type_bit(message->type));
	struct base_cursor value = base_cursor_of(data, length);

	if (!base_cursor_ok(cursor))
		return "an option goes past the end of the message";
	if (!option)
		return NULL;
	if (message->present & 1U << option->code)
		return option->twice;
	if (!value_read(option, &value, message))
		return option->misfit;
	message->present |= 1U << option->code;
	return NULL;
}

int failover_wire_length(const uint8_t *bytes, size_t available)
{
	struct base_cursor cursor = base_cursor_of(bytes, available);
	uint16_t length = base_cursor_be16(&cursor);

	if (!base_cursor_ok(&cursor))
		return 0;
	return length < FAILOVER_HEADER || length > FAILOVER_MESSAGE_MAX ? -EBADMSG : length;
}

/* The header (draft section 6.1); the cursor then stands at the options. NULL, or why not. */
static const char *header_decode(struct base_cursor *cursor, struct failover_message *message)
{
	size_t length = base_cursor_remaining(cursor);
	int expected = failover_wire_length(cursor->at, length);
	uint8_t offset;

	if (expected <= 0 || (size_t)expected != length)
		return "the message's length is not that of its header";
	base_cursor_skip(cursor, 2);
	message->type = base_cursor_u8(cursor);
	offset = base_cursor_u8(cursor);
	message->time = base_cursor_be32(cursor);
	message->xid = base_cursor_be32(cursor);
	if (offset < FAILOVER_HEADER)
		return "the payload offset lies inside of the header";
	base_cursor_skip(cursor, offset - FAILOVER_HEADER);
	return base_cursor_ok(cursor) ? NULL : "the payload offset lies past the end";
}

int failover_wire_decode(const uint8_t *bytes, size_t length, struct failover_message *ret_message,
			 const char **ret_why)
{
	struct base_cursor cursor = base_cursor_of(bytes, length);
	struct failover_message message = {0};
	const char *why = header_decode(&cursor, &message);
	bool known = type_bit(message.type);

	while (!why && known && base_cursor_remaining(&cursor))
		why = option_decode(&cursor, &message);
	if (why) {
		*ret_why = why;
		return -EBADMSG;
	}
	/* An empty identifier is none. */
	if (failover_has(&message, FAILOVER_CLIENT_IDENTIFIER) && !message.client_identifier.length)
		message.present &= ~(1U << FAILOVER_CLIENT_IDENTIFIER);
	*ret_message = message;
	return 0;
}

static bool value_write(const struct option *option, const struct failover_message *message,
			struct base_writer *writer)
{
	const void *field = (const uint8_t *)message + option->field;
	const struct failover_bytes *bytes = field;

	base_writer_be16(writer, option->code);
	if (kind_size(option->kind))
		base_writer_be16(writer, (uint16_t)kind_size(option->kind));
	switch (option->kind) {
	case KIND_U8:
		base_writer_u8(writer, *(const uint8_t *)field);
		return true;
	case KIND_U16:
		base_writer_be16(writer, *(const uint16_t *)field);
		return true;
	case KIND_U32:
		base_writer_be32(writer, *(const uint32_t *)field);
		return true;
	case KIND_BUCKETS:
		base_writer_bytes(writer, *(const uint8_t *const *)field, FAILOVER_HBA);
		return true;
	case KIND_REFUSED:
		return false;
	default:
		base_writer_be16(writer, bytes->length);
		base_writer_bytes(writer, bytes->data, bytes->length);
		return bytes_fit(option->kind, bytes);
	}
}

size_t failover_wire_encode(const struct failover_message *message, uint8_t *bytes, size_t size)
{
	struct base_writer writer =
		base_writer_of(bytes, size < FAILOVER_MESSAGE_MAX ? size : FAILOVER_MESSAGE_MAX);
	uint32_t left = message->present;

	/* An empty identifier is none. */
	if (!message->client_identifier.length)
		left &= ~(1U << FAILOVER_CLIENT_IDENTIFIER);
	base_writer_be16(&writer, 0);
	base_writer_u8(&writer, message->type);
	base_writer_u8(&writer, FAILOVER_HEADER);
	base_writer_be32(&writer, message->time);
	base_writer_be32(&writer, message->xid);
	for (size_t i = 0; i < OPTIONS; i++) {
		uint32_t bit = 1U << table[i].code;

		if (!(left & bit) || !(table[i].types & type_bit(message->type)))
			continue;
		if (!value_write(&table[i], message, &writer))
			return 0;
		left &= ~bit;
	}
	/* What the partner would skip is a mistake of the caller's. */
	if (left || !base_writer_ok(&writer))
		return 0;
	bytes[0] = (uint8_t)(writer.length >> 8);
	bytes[1] = (uint8_t)writer.length;
	return writer.length;
}

const char *failover_type_word(uint8_t type)
{
	static const char *const words[] = {
		[FAILOVER_POOLREQ] = "POOLREQ",	    [FAILOVER_POOLRESP] = "POOLRESP",
		[FAILOVER_BNDUPD] = "BNDUPD",	    [FAILOVER_BNDACK] = "BNDACK",
		[FAILOVER_CONNECT] = "CONNECT",	    [FAILOVER_CONNECTACK] = "CONNECTACK",
		[FAILOVER_UPDREQALL] = "UPDREQALL", [FAILOVER_UPDDONE] = "UPDDONE",
		[FAILOVER_UPDREQ] = "UPDREQ",	    [FAILOVER_STATE] = "STATE",
		[FAILOVER_CONTACT] = "CONTACT",	    [FAILOVER_DISCONNECT] = "DISCONNECT",
	};

	if (type == FAILOVER_COMMON)
		return "COMMON";
	return type && type <= FAILOVER_DISCONNECT ? words[type] : "message";
}

const char *failover_reject_word(uint8_t reason)
{
	switch (reason) {
#define WORD(number, name, word, text) \
	case number: \
		return word;
		FAILOVER_REJECTS(WORD)
#undef WORD
	}
	return "unknown";
}

const char *failover_reject_text(uint8_t reason)
{
	switch (reason) {
#define TEXT(number, name, word, text) \
	case number: \
		return text;
		FAILOVER_REJECTS(TEXT)
#undef TEXT
	}
	return failover_reject_text(FAILOVER_REJECT_UNKNOWN);
}
