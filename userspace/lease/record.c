/* SPDX-License-Identifier: GPL-2.0-only */
#include "lease/record.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *append_bytes(uint8_t *at, const void *bytes, uint16_t length)
{
	if (length)
		memcpy(at, bytes, length);
	return at + length;
}

struct lease_record *lease_record_new(const void *ident, uint16_t ident_length, const void *agent,
				      uint16_t agent_length, const void *hostname,
				      uint16_t hostname_length)
{
	struct lease_record *record =
		calloc(1, sizeof(*record) + (size_t)ident_length + agent_length + hostname_length);
	uint8_t *at;

	if (!record)
		return NULL;
	record->ident_length = ident_length;
	record->agent_length = agent_length;
	record->hostname_length = hostname_length;
	at = append_bytes(record->bytes, ident, ident_length);
	at = append_bytes(at, agent, agent_length);
	append_bytes(at, hostname, hostname_length);
	return record;
}

struct lease_record *lease_record_copy(const struct lease_record *record)
{
	size_t size = lease_record_size(record);
	struct lease_record *copy = malloc(size);

	if (!copy)
		return NULL;
	memcpy(copy, record, size);
	return copy;
}

void lease_record_free(struct lease_record *record)
{
	free(record);
}

const char *lease_state_word(uint8_t state)
{
	static const char *const words[] = {
		[LEASE_FREE] = "free",		 [LEASE_ACTIVE] = "active",
		[LEASE_EXPIRED] = "expired",	 [LEASE_RELEASED] = "released",
		[LEASE_ABANDONED] = "abandoned", [LEASE_RESET] = "reset",
		[LEASE_BACKUP] = "backup",
	};

	return state < sizeof(words) / sizeof(words[0]) ? words[state] : NULL;
}
