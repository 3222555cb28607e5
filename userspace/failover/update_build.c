/* SPDX-License-Identifier: GPL-2.0-only */
/* What a BNDUPD says of a lease (draft section 7.1.1; the options that dhcpd sends). */
#include "failover/update_private.h"

#include <string.h>

/* Option 61's value follows this byte in an identity (dhcp/ident.h). */
#define IDENT_CLIENT_IDENTIFIER 61

static uint32_t wire_time(int64_t time)
{
	if (time <= 0)
		return 0;
	return time < FAILOVER_NEVER ? (uint32_t)time : FAILOVER_NEVER;
}

static void put(struct failover_message *message, enum failover_option option)
{
	message->present |= 1U << option;
}

/* Who has, or had, the address. dhcpd refuses an ABANDONED that says so. */
static void build_client(const struct lease_record *record, struct update_message *out)
{
	struct failover_message *message = &out->message;
	const uint8_t *ident = lease_record_ident(record);
	uint8_t hlen = record->hlen <= sizeof(record->chaddr) ? record->hlen : 0;
	bool bound = record->state == LEASE_ACTIVE || record->state == LEASE_EXPIRED ||
		     record->state == LEASE_RELEASED;

	if (record->state == LEASE_ABANDONED)
		return;
	if (record->ident_length > 1 && ident[0] == IDENT_CLIENT_IDENTIFIER) {
		message->client_identifier = (struct failover_bytes){
			.data = ident + 1,
			.length = (uint16_t)(record->ident_length - 1),
		};
		put(message, FAILOVER_CLIENT_IDENTIFIER);
	}
	if (!bound && !record->htype && !hlen)
		return;
	out->hardware[0] = record->htype;
	memcpy(out->hardware + 1, record->chaddr, hlen);
	message->hardware = (struct failover_bytes){
		.data = out->hardware,
		.length = (uint16_t)(hlen + 1),
	};
	put(message, FAILOVER_CLIENT_HARDWARE);
}

/*
 * An ACTIVE binding has a potential expiry; any other is over, at the latest
 * when the state began. A partner that forgets potential expiries
 * (dhcpd in PARTNER-DOWN goes by the lease end) is told the same as lease end.
 */
static void build_times(const struct lease_record *record, const struct failover_terms *terms,
			struct failover_message *message)
{
	int64_t ends = record->ends;

	if (record->state == LEASE_ACTIVE) {
		message->potential_expiration = wire_time(record->potential);
		if (terms->strict)
			ends = lease_later(ends, record->potential);
	} else {
		message->potential_expiration = wire_time(record->starts);
		if (record->state != LEASE_ABANDONED && ends > record->starts)
			ends = record->starts;
	}
	message->lease_expiration = wire_time(ends);
	message->start_of_state = wire_time(record->starts);
	message->cltt = wire_time(record->cltt);
	if (message->cltt || record->state == LEASE_ACTIVE)
		put(message, FAILOVER_CLTT);
	message->ip_flags = record->flags & (LEASE_RESERVED | LEASE_BOOTP);
	if (message->ip_flags)
		put(message, FAILOVER_IP_FLAGS);
}

void update_build(const struct lease *lease, const struct failover_terms *terms,
		  struct update_message *ret_message)
{
	const struct lease_record *record = lease->current;
	struct failover_message *message = &ret_message->message;

	memset(ret_message, 0, sizeof(*ret_message));
	message->type = FAILOVER_BNDUPD;
	message->address = lease->address;
	message->status = LEASE_FREE;
	put(message, FAILOVER_ASSIGNED_ADDRESS);
	put(message, FAILOVER_BINDING_STATUS);
	put(message, FAILOVER_LEASE_EXPIRATION);
	put(message, FAILOVER_POTENTIAL_EXPIRATION);
	put(message, FAILOVER_START_OF_STATE);
	if (!record)
		return;
	message->status = record->state;
	build_client(record, ret_message);
	build_times(record, terms, message);
}

bool update_potential_suffices(const struct lease_record *record)
{
	return record->state != LEASE_ACTIVE || record->potential >= record->ends;
}
