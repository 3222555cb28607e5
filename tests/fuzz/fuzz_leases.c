/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dhcpd.leases of any bytes. Beyond "no crash": what is refused has a place
 * inside the file; what is accepted, written again, reads as the same; and a
 * record made of it comes out and in again as it was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/dhcpd.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void require(bool condition)
{
	if (!condition)
		abort();
}

struct again {
	struct dhcpd_lease lease;
	struct dhcpd_relation relation;
	unsigned count;
};

static int again_lease(void *context, const struct dhcpd_lease *lease)
{
	struct again *again = context;

	again->lease = *lease;
	again->count++;
	return 0;
}

static int again_relation(void *context, const struct dhcpd_relation *relation)
{
	struct again *again = context;

	again->relation = *relation;
	again->count++;
	return 0;
}

static int nothing_left_out(void *context, const char *what, unsigned line)
{
	(void)context;
	(void)what;
	(void)line;
	abort();
}

static void read_again(const struct base_text *text, struct again *again)
{
	const struct dhcpd_visitors visitors = {again, again_lease, again_relation,
						nothing_left_out};
	struct dhcpd_error error;

	require(!text->truncated);
	again->count = 0;
	require(!store_dhcpd_read(text->bytes, text->length, &visitors, &error));
	require(again->count == 1);
}

static bool same_bytes(const struct dhcpd_bytes *a, const struct dhcpd_bytes *b)
{
	return a->length == b->length && !memcmp(a->data, b->data, a->length);
}

/* But for empty sub-options of option 82, which dhcpd cannot write. */
static void lease_write(const struct dhcpd_lease *lease, bool failover, struct again *again)
{
	const size_t from = offsetof(struct dhcpd_lease, address);
	char bytes[DHCPD_ENTRY_MAX];
	struct base_text text = base_text_of(bytes, sizeof(bytes));

	store_dhcpd_write_lease(lease, failover, &text);
	read_again(&text, again);
	require(!memcmp((const char *)lease + from, (const char *)&again->lease + from,
			offsetof(struct dhcpd_lease, uid) - from));
	require(same_bytes(&lease->uid, &again->lease.uid));
	require(same_bytes(&lease->hostname, &again->lease.hostname));
	require(again->lease.agent.length <= lease->agent.length);
}

static bool same_record(const struct lease_record *a, const struct lease_record *b)
{
	const size_t from = offsetof(struct lease_record, address), size = lease_record_size(a);

	return size == lease_record_size(b) &&
	       !memcmp((const char *)a + from, (const char *)b + from, size - from);
}

static void record_check(const struct dhcpd_lease *lease, bool failover)
{
	struct lease_record *record, *before;
	struct dhcpd_lease out;
	struct again again;

	require(!store_dhcpd_record(lease, failover, &record));
	require(record->horizon >= (record->state == LEASE_ACTIVE ? record->ends : 0));
	require(record->known <= record->ends);
	store_dhcpd_lease(record, failover, &out);
	lease_write(&out, failover, &again);
	before = record;
	require(!store_dhcpd_record(&again.lease, failover, &record));
	/* What was sent of a free address is not kept: once around it stands. */
	store_dhcpd_lease(record, failover, &out);
	lease_record_free(before);
	before = record;
	lease_write(&out, failover, &again);
	require(!store_dhcpd_record(&again.lease, failover, &record));
	require(same_record(before, record));
	lease_record_free(before);
	lease_record_free(record);
}

static int take_lease(void *context, const struct dhcpd_lease *lease)
{
	struct dhcpd_lease said = *lease;
	struct again again;

	(void)context;
	require(lease->hlen <= sizeof(lease->chaddr));
	if (!said.state)
		said.state = LEASE_FREE;
	lease_write(&said, true, &again);
	record_check(lease, false);
	record_check(lease, true);
	return 0;
}

static int take_relation(void *context, const struct dhcpd_relation *relation)
{
	struct dhcpd_relation said = *relation;
	char bytes[2048];
	struct base_text text = base_text_of(bytes, sizeof(bytes));
	struct again again;

	(void)context;
	require(*relation->name && relation->line && relation->column);
	if (!*said.own)
		strcpy(said.own, "normal");
	if (!*said.partner)
		strcpy(said.partner, "normal");
	store_dhcpd_write_relation(&said, &text);
	read_again(&text, &again);
	require(!strcmp(said.name, again.relation.name));
	require(!strcmp(said.own, again.relation.own));
	require(!strcmp(said.partner, again.relation.partner));
	require(said.own_since == again.relation.own_since);
	require(said.partner_since == again.relation.partner_since);
	require(said.has_mclt == again.relation.has_mclt && said.mclt == again.relation.mclt);
	return 0;
}

static int take_left_out(void *context, const char *what, unsigned line)
{
	(void)context;
	require(*what && line);
	for (; *what; what++)
		require(*what >= ' ' && *what <= '~');
	return 0;
}

static void error_check(const struct dhcpd_error *error, const uint8_t *bytes, size_t length)
{
	unsigned lines = 1;

	for (size_t i = 0; i < length; i++)
		lines += bytes[i] == '\n';
	require(error->line >= 1 && error->line <= lines);
	require(error->column >= 1 && error->column <= length + 1);
	require(*error->text);
	for (const char *at = error->text; *at; at++)
		require(*at >= ' ' && *at <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const struct dhcpd_visitors visitors = {NULL, take_lease, take_relation, take_left_out};
	struct dhcpd_error error;
	int code = store_dhcpd_read((const char *)bytes, length, &visitors, &error);

	require(!code || code == -EBADMSG);
	if (code)
		error_check(&error, bytes, length);
	return 0;
}
