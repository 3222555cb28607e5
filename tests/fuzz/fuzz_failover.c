/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream of the failover link, any bytes: cut into messages and decoded as a
 * partner's would be. Beyond "no crash": what a message points to lies in it,
 * and an accepted message of a known type, encoded and decoded again, is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "failover/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void lies_in(const struct failover_bytes *part, const uint8_t *start, size_t length)
{
	require(!part->data || (part->data >= start && part->length <= length &&
				part->data + part->length <= start + length));
}

static void bytes_same(const struct failover_bytes *a, const struct failover_bytes *b)
{
	require(a->length == b->length);
	require(!a->length || !memcmp(a->data, b->data, a->length));
}

static void numbers_same(const struct failover_message *a, const struct failover_message *b)
{
	require(a->type == b->type && a->time == b->time && a->xid == b->xid);
	require(a->present == b->present);
	require(a->addresses_transferred == b->addresses_transferred);
	require(a->address == b->address && a->status == b->status);
	require(a->cltt == b->cltt && a->ip_flags == b->ip_flags);
	require(a->lease_expiration == b->lease_expiration);
	require(a->potential_expiration == b->potential_expiration);
	require(a->max_unacked == b->max_unacked && a->mclt == b->mclt);
	require(a->receive_timer == b->receive_timer);
	require(a->protocol_version == b->protocol_version && a->reject == b->reject);
	require(a->server_flags == b->server_flags && a->server_state == b->server_state);
	require(a->start_of_state == b->start_of_state);
	require(a->tls_reply == b->tls_reply && a->tls_request == b->tls_request);
}

/* Texts were judged: nobody prints half of one. */
static void text_check(const struct failover_bytes *text)
{
	require(!text->length || !memchr(text->data, '\0', text->length));
}

static void pointers_check(const struct failover_message *message, const uint8_t *bytes,
			   size_t length)
{
	struct failover_bytes buckets = {message->hash_buckets, FAILOVER_HBA};

	lies_in(&message->client_identifier, bytes, length);
	lies_in(&message->hardware, bytes, length);
	lies_in(&message->text, bytes, length);
	lies_in(&message->relationship, bytes, length);
	lies_in(&message->vendor_class, bytes, length);
	lies_in(&message->vendor_options, bytes, length);
	lies_in(&buckets, bytes, length);
	text_check(&message->text);
	text_check(&message->relationship);
	require(!failover_has(message, FAILOVER_CLIENT_HARDWARE) ||
		(message->hardware.length && message->hardware.length <= FAILOVER_HARDWARE_MAX));
}

static void again_check(const struct failover_message *message)
{
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	struct failover_message again;
	const char *why;
	size_t length = failover_wire_encode(message, bytes, sizeof(bytes));

	require(length >= FAILOVER_HEADER);
	require(failover_wire_length(bytes, length) == (int)length);
	require(!failover_wire_decode(bytes, length, &again, &why));
	numbers_same(message, &again);
	bytes_same(&message->client_identifier, &again.client_identifier);
	bytes_same(&message->hardware, &again.hardware);
	bytes_same(&message->text, &again.text);
	bytes_same(&message->relationship, &again.relationship);
	bytes_same(&message->vendor_class, &again.vendor_class);
	bytes_same(&message->vendor_options, &again.vendor_options);
	require(!message->hash_buckets == !again.hash_buckets);
	require(!message->hash_buckets ||
		!memcmp(message->hash_buckets, again.hash_buckets, FAILOVER_HBA));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	while (length) {
		struct failover_message message;
		const char *why = NULL;
		int whole = failover_wire_length(bytes, length);

		if (whole <= 0 || (size_t)whole > length)
			return 0;
		memset(&message, 0xee, sizeof(message));
		if (failover_wire_decode(bytes, (size_t)whole, &message, &why)) {
			require(why && message.type == 0xee);
			return 0;
		}
		pointers_check(&message, bytes, (size_t)whole);
		again_check(&message);
		bytes += whole;
		length -= (size_t)whole;
	}
	return 0;
}
