/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <string.h>

#include "dhcp/option.h"
#include "store/dhcpd.h"

/* Option 61's value behind its code, else 0, type and address (dhcp/ident.h). */
static uint16_t ident_of(const struct dhcpd_lease *lease, uint8_t ident[1 + DHCPD_BYTES_MAX])
{
	if (lease->uid.length) {
		ident[0] = DHCP_OPT_CLIENT_ID;
		memcpy(ident + 1, lease->uid.data, lease->uid.length);
		return (uint16_t)(1 + lease->uid.length);
	}
	if (!lease->hlen)
		return 0;
	ident[0] = 0;
	ident[1] = lease->htype;
	memcpy(ident + 2, lease->chaddr, lease->hlen);
	return (uint16_t)(2 + lease->hlen);
}

/* Written before there were binding states: the daemon ends what has run out. */
static uint8_t state_of(const struct dhcpd_lease *lease)
{
	if (lease->state)
		return lease->state;
	return lease->ends ? LEASE_ACTIVE : LEASE_FREE;
}

static bool is_free(uint8_t state)
{
	return state == LEASE_FREE || state == LEASE_BACKUP || state == LEASE_ABANDONED;
}

/* Of both servers. */
static void record_failover(const struct dhcpd_lease *lease, struct lease_record *record)
{
	int64_t potential = lease->tstp ? lease->tstp : lease->ends;
	bool owed = lease->atsfp < potential ||
		    (!is_free(record->state) && record->state != LEASE_ACTIVE);

	record->flags = lease->flags | (owed ? LEASE_OWED : 0);
	record->received = lease->tsfp;
	if (is_free(record->state))
		return;
	record->potential = potential;
	record->acknowledged = lease->tsfp;
	if (record->state == LEASE_ACTIVE) {
		record->potential = lease_later(potential, lease->ends);
		record->known = owed ? 0 : lease->ends;
	}
}

/* Nobody has to agree: what waits for that is free, whoever would have given it. */
static uint8_t state_alone(uint8_t state)
{
	return state == LEASE_ACTIVE || state == LEASE_ABANDONED ? state : LEASE_FREE;
}

int store_dhcpd_record(const struct dhcpd_lease *lease, bool failover,
		       struct lease_record **ret_record)
{
	uint8_t ident[1 + DHCPD_BYTES_MAX];
	struct lease_record *record =
		lease_record_new(ident, ident_of(lease, ident), lease->agent.data,
				 lease->agent.length, lease->hostname.data, lease->hostname.length);

	if (!record)
		return -ENOMEM;
	record->address = lease->address;
	record->state = state_of(lease);
	record->flags = lease->flags;
	record->starts = lease->starts;
	record->ends = lease->ends;
	record->horizon = record->state == LEASE_ACTIVE ? lease->ends : 0;
	record->cltt = lease->cltt;
	record->htype = lease->htype;
	record->hlen = lease->hlen;
	memcpy(record->chaddr, lease->chaddr, sizeof(record->chaddr));
	if (failover)
		record_failover(lease, record);
	else
		record->state = state_alone(record->state);
	*ret_record = record;
	return 0;
}

static void bytes_set(struct dhcpd_bytes *bytes, const uint8_t *data, size_t length)
{
	/* What came in a message is no longer. */
	bytes->length = (uint8_t)(length < DHCPD_BYTES_MAX ? length : DHCPD_BYTES_MAX);
	memcpy(bytes->data, data, bytes->length);
}

/* What was sent of a state without a client is when it began. */
static void lease_failover(const struct lease_record *record, struct dhcpd_lease *lease)
{
	bool owed = record->flags & LEASE_OWED;

	lease->tstp = is_free(record->state) ? record->starts
					     : lease_later(record->potential, lease->ends);
	lease->tsfp = lease_later(record->acknowledged, record->received);
	lease->atsfp = owed ? 0 : lease->tstp;
}

void store_dhcpd_lease(const struct lease_record *record, bool failover,
		       struct dhcpd_lease *ret_lease)
{
	const uint8_t *ident = lease_record_ident(record);

	memset(ret_lease, 0, sizeof(*ret_lease));
	ret_lease->address = record->address;
	ret_lease->state = record->state;
	ret_lease->flags = record->flags & (LEASE_RESERVED | LEASE_BOOTP);
	ret_lease->starts = record->starts;
	ret_lease->ends = record->ends;
	if (record->state == LEASE_ACTIVE)
		ret_lease->ends = lease_later(record->ends, record->horizon);
	ret_lease->cltt = record->cltt;
	ret_lease->htype = record->htype;
	ret_lease->hlen = record->hlen;
	memcpy(ret_lease->chaddr, record->chaddr, sizeof(ret_lease->chaddr));
	if (record->ident_length > 1 && ident[0] == DHCP_OPT_CLIENT_ID)
		bytes_set(&ret_lease->uid, ident + 1, record->ident_length - 1U);
	bytes_set(&ret_lease->agent, lease_record_agent(record), record->agent_length);
	bytes_set(&ret_lease->hostname, lease_record_hostname(record), record->hostname_length);
	if (failover)
		lease_failover(record, ret_lease);
}
