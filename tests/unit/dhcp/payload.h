/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Payloads for the tests of dhcp/: made up piece by piece, or read from the
 * captured ones in tests/fuzz/corpus/message. Each lies in memory of exactly
 * its length, so that the address sanitizer sees a read past its end.
 */
#ifndef XDHCP_TESTS_UNIT_DHCP_PAYLOAD_H
#define XDHCP_TESTS_UNIT_DHCP_PAYLOAD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dhcp/message.h"

struct payload {
	uint8_t *bytes; /* the payload's own */
	size_t length;
};

static inline void payload_free(struct payload *payload)
{
	free(payload->bytes);
	payload->bytes = NULL;
}

static inline void payload_append(struct payload *payload, const void *bytes, size_t length)
{
	payload->bytes = realloc(payload->bytes, payload->length + length);
	assert_non_null(payload->bytes);
	memcpy(payload->bytes + payload->length, bytes, length);
	payload->length += length;
}

/* RFC 2131 figure 1 for a client 02:00:00:00:00:01 on Ethernet, cookie included, no options. */
static inline struct payload payload_begin(void)
{
	static const uint8_t start[] = {1, 1, 6, 0, 0xa1, 0xa2, 0xa3, 0xa4, 0, 7, 0x80, 0};
	static const uint8_t chaddr[] = {2, 0, 0, 0, 0, 1};
	static const uint8_t cookie[] = {99, 130, 83, 99};
	uint8_t fixed[DHCP_FIXED_LEN] = {0};
	struct payload payload = {0};

	memcpy(fixed, start, sizeof(start));
	memcpy(fixed + 28, chaddr, sizeof(chaddr));
	memcpy(fixed + 236, cookie, sizeof(cookie));
	payload_append(&payload, fixed, sizeof(fixed));
	return payload;
}

static inline void payload_option(struct payload *payload, uint8_t code, const void *data,
				  uint8_t length)
{
	uint8_t head[2] = {code, length};

	payload_append(payload, head, sizeof(head));
	payload_append(payload, data, length);
}

static inline void payload_end(struct payload *payload)
{
	payload_append(payload, "\xff", 1);
}

/* A message of a type, its options still open. */
static inline struct payload payload_of_type(uint8_t type)
{
	struct payload payload = payload_begin();

	payload_option(&payload, DHCP_OPT_MESSAGE_TYPE, &type, 1);
	return payload;
}

/* Ends it, parses it, and expects it to be refused so; frees it. */
static inline void payload_expect(struct payload *payload, enum dhcp_refusal refusal)
{
	struct dhcp_message message;

	payload_end(payload);
	assert_string_equal(
		dhcp_refusal_word(dhcp_message_parse(payload->bytes, payload->length, &message)),
		dhcp_refusal_word(refusal));
	payload_free(payload);
}

static inline struct payload payload_load(const char *name)
{
	struct payload payload = {0};
	uint8_t bytes[2048];
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "tests/fuzz/corpus/message/%s", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	payload_append(&payload, bytes, fread(bytes, 1, sizeof(bytes), file));
	fclose(file);
	return payload;
}

#endif
