/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What may be done with a BNDUPD (draft section 7.1.3), as dhcpd does it where
 * that is safe. dhcpd goes by the states alone: what it accepts against an
 * ACTIVE binding would take the address from a client that the kernel has
 * promised it to. Here the last promise decides, for both roles.
 *
 * When both servers have an update of one address in flight, exactly one of
 * them may be accepted. dhcpd accepts both where a secondary's ACTIVE meets a
 * primary's other state; here an own ACTIVE in flight is never given up for
 * another state, which the partner gives up for it.
 */
#include "failover/update_private.h"

#include <string.h>

#define IDENT_CLIENT_IDENTIFIER 61
#define IDENT_HARDWARE 0
/* One byte that says which of the two, and what DHCP's option 61 can hold. */
#define IDENT_MAX 256
/* Seconds by which the order of two clients' words is not known: rounding, and the way here. */
#define WORD_UNCERTAIN 2

static bool is_free(uint8_t state)
{
	return state == LEASE_FREE || state == LEASE_BACKUP;
}

/* What a message lacks, or has too much of: dhcpd's refusals, in its order. */
static uint8_t judge_form(const struct lease *lease, const struct failover_message *message)
{
	uint8_t status = message->status;
	bool hardware = failover_has(message, FAILOVER_CLIENT_HARDWARE);

	if (!failover_has(message, FAILOVER_ASSIGNED_ADDRESS))
		return FAILOVER_REJECT_MISSING_BINDING;
	if (!lease)
		return FAILOVER_REJECT_ILLEGAL_ADDRESS;
	if (!failover_has(message, FAILOVER_BINDING_STATUS) || status < LEASE_FREE ||
	    status > LEASE_BACKUP)
		return FAILOVER_REJECT_MISSING_BINDING;
	if (status == LEASE_ABANDONED &&
	    (hardware || failover_has(message, FAILOVER_CLIENT_IDENTIFIER)))
		return FAILOVER_REJECT_MISCELLANEOUS;
	if (!hardware &&
	    (status == LEASE_ACTIVE || status == LEASE_EXPIRED || status == LEASE_RELEASED))
		return FAILOVER_REJECT_MISSING_BINDING;
	if (hardware &&
	    (!message->hardware.length || message->hardware.length > FAILOVER_HARDWARE_MAX))
		return FAILOVER_REJECT_MISCELLANEOUS;
	if (failover_has(message, FAILOVER_CLIENT_IDENTIFIER) &&
	    message->client_identifier.length >= IDENT_MAX)
		return FAILOVER_REJECT_MISCELLANEOUS;
	return FAILOVER_REJECT_NONE;
}

/* An address of the own free state is reserved, or BOOTP's, by this server's word alone. */
static uint8_t judge_flags(const struct lease *lease, const struct lease_record *record,
			   const struct failover_message *message, bool primary)
{
	uint16_t flags = failover_has(message, FAILOVER_IP_FLAGS) ? message->ip_flags : 0;
	uint8_t own = record ? record->flags : 0;

	if ((record ? record->state : LEASE_FREE) != (primary ? LEASE_FREE : LEASE_BACKUP))
		return FAILOVER_REJECT_NONE;
	if (flags & FAILOVER_IP_RESERVED && !(own & LEASE_RESERVED) && !lease->reserved)
		return FAILOVER_REJECT_NOT_RESERVED;
	if (flags & FAILOVER_IP_BOOTP && !(own & LEASE_BOOTP))
		return FAILOVER_REJECT_MISCELLANEOUS;
	return FAILOVER_REJECT_NONE;
}

static uint32_t message_cltt(const struct failover_message *message)
{
	return failover_has(message, FAILOVER_CLTT) ? message->cltt : 0;
}

/* Both sides have an update in flight: whose goes first? */
static uint8_t judge_duel(const struct failover_update *own, const struct failover_message *message,
			  bool primary)
{
	uint32_t cltt = message_cltt(message);

	if (own->state != LEASE_ACTIVE)
		return message->status == LEASE_ACTIVE || !primary ? FAILOVER_REJECT_NONE
								   : FAILOVER_REJECT_LESS_CRITICAL;
	if (message->status != LEASE_ACTIVE || cltt < own->cltt || (cltt == own->cltt && primary))
		return FAILOVER_REJECT_LESS_CRITICAL;
	return FAILOVER_REJECT_NONE;
}

/* The identity that the message gives; its length, 0: none. */
static uint16_t message_ident(const struct failover_message *message, uint8_t ident[IDENT_MAX])
{
	const struct failover_bytes *value = &message->client_identifier;

	ident[0] = IDENT_CLIENT_IDENTIFIER;
	if (!failover_has(message, FAILOVER_CLIENT_IDENTIFIER) || !value->length) {
		if (!failover_has(message, FAILOVER_CLIENT_HARDWARE))
			return 0;
		value = &message->hardware;
		ident[0] = IDENT_HARDWARE;
	}
	memcpy(ident + 1, value->data, value->length);
	return (uint16_t)(value->length + 1);
}

static bool same_hardware(const struct lease_record *record, const struct failover_message *message)
{
	const struct failover_bytes *hardware = &message->hardware;

	return hardware->length == record->hlen + 1 && hardware->data[0] == record->htype &&
	       !memcmp(hardware->data + 1, record->chaddr, record->hlen);
}

/*
 * Is the client of the record the one that the message speaks of? A free
 * address keeps what is not said of its last client.
 */
static bool same_client(const struct lease_record *record, const struct failover_message *message)
{
	bool keeps = is_free(message->status) || message->status == LEASE_RESET;
	uint8_t ident[IDENT_MAX];
	uint16_t length;

	if (keeps && !failover_has(message, FAILOVER_CLIENT_IDENTIFIER) &&
	    (!failover_has(message, FAILOVER_CLIENT_HARDWARE) || same_hardware(record, message)))
		return true;
	length = message_ident(message, ident);
	return length == record->ident_length && !memcmp(lease_record_ident(record), ident, length);
}

/*
 * Nobody holds the address here. Outdated is an ACTIVE that ran out at the
 * partner too, so that the partner takes the expiry from here. That the client gave
 * it up here since is believed of no clock: bound for too long does no harm.
 */
static struct update_judgement judge_unheld(const struct lease_record *record,
					    const struct failover_message *message, int64_t now)
{
	struct update_judgement outdated = {UPDATE_REFUSE, FAILOVER_REJECT_OUTDATED};
	uint8_t state = record ? record->state : LEASE_FREE;

	if (is_free(message->status) && (state == LEASE_EXPIRED || state == LEASE_RESET) &&
	    message->potential_expiration > now + UPDATE_SLACK)
		return (struct update_judgement){UPDATE_REFUSE, FAILOVER_REJECT_FATAL_CONFLICT};
	if (message->status == LEASE_ACTIVE && state == LEASE_EXPIRED &&
	    same_client(record, message) && message_cltt(message) < record->cltt &&
	    message->lease_expiration <= message->time)
		return outdated;
	return (struct update_judgement){UPDATE_LEARN, FAILOVER_REJECT_NONE};
}

/*
 * The client's own word, if it is its last: where the partner has acknowledged
 * all that was committed here, it spoke later. Else only clocks could say so, and
 * whoever was set says anything: the client keeps what it may have come back to.
 */
static struct update_judgement judge_given_up(const struct lease_record *record)
{
	if (record->flags & LEASE_OWED)
		return (struct update_judgement){UPDATE_REFUSE, FAILOVER_REJECT_OUTDATED};
	return (struct update_judgement){UPDATE_TAKE, FAILOVER_REJECT_OUTDATED};
}

/*
 * Two clients: one of both servers has to yield (draft section 7.1.3, note 5), to
 * a lease that still runs by its server's clock and whose client spoke later, each
 * by the clock of its server; the secondary where that cannot be told. Who comes
 * back after it was declared down tells of clients that had the address long ago,
 * and what is said to lie ahead was written by a clock that has been set right since:
 * it tells nothing.
 */
static int64_t spoken(int64_t cltt, int64_t now)
{
	return cltt - now > WORD_UNCERTAIN ? INT64_MIN / 2 : cltt - now;
}

static bool yields(const struct lease_record *record, const struct failover_message *message,
		   bool primary, int64_t now)
{
	int64_t later = spoken(message_cltt(message), message->time) - spoken(record->cltt, now);

	/* What is rounded here, and meanwhile there, leaves no gap in which neither yields. */
	return message->lease_expiration > message->time &&
	       later > (primary ? WORD_UNCERTAIN : -2 * WORD_UNCERTAIN);
}

/* A client has the address here, as far as the record says. */
static struct update_judgement judge_held(const struct lease_record *record,
					  const struct failover_message *message, bool primary,
					  int64_t now)
{
	struct update_judgement later = {UPDATE_TAKE_LATER, FAILOVER_REJECT_OUTDATED};
	bool same = same_client(record, message);

	switch (message->status) {
	case LEASE_ACTIVE:
		if (same)
			return (struct update_judgement){UPDATE_LEARN, FAILOVER_REJECT_NONE};
		if (yields(record, message, primary, now))
			return (struct update_judgement){UPDATE_TAKE, FAILOVER_REJECT_NONE};
		if (primary)
			later.reason = FAILOVER_REJECT_FATAL_CONFLICT;
		return later;
	case LEASE_RELEASED:
		return same ? judge_given_up(record) : later;
	case LEASE_ABANDONED:
		return judge_given_up(record);
	case LEASE_FREE:
	case LEASE_BACKUP:
		if (message->potential_expiration > now + UPDATE_SLACK)
			return (struct update_judgement){UPDATE_REFUSE,
							 FAILOVER_REJECT_FATAL_CONFLICT};
		return later;
	default: /* EXPIRED, RESET */
		return later;
	}
}

struct update_judgement update_judge(const struct lease *lease,
				     const struct failover_message *message, bool primary,
				     int64_t now)
{
	const struct lease_record *record = lease ? lease_effective(lease) : NULL;
	const struct failover_update *own = lease ? update_in_flight(lease) : NULL;
	uint8_t reason = judge_form(lease, message);

	if (!reason)
		reason = judge_flags(lease, record, message, primary);
	if (!reason && own)
		reason = judge_duel(own, message, primary);
	if (reason)
		return (struct update_judgement){UPDATE_REFUSE, reason};
	if (record && record->state == LEASE_ACTIVE)
		return judge_held(record, message, primary, now);
	return judge_unheld(record, message, now);
}

static struct lease_record *record_of_client(const struct lease_record *before,
					     const struct failover_message *message, bool same)
{
	struct lease_record *record;
	uint8_t ident[IDENT_MAX];
	uint16_t length;

	if (before && same)
		return lease_record_copy(before);
	length = message_ident(message, ident);
	record = lease_record_new(ident, length, NULL, 0, NULL, 0);
	if (record && before)
		record->starts = before->starts;
	return record;
}

static void record_hardware(struct lease_record *record, const struct failover_message *message)
{
	const struct failover_bytes *hardware = &message->hardware;

	if (!failover_has(message, FAILOVER_CLIENT_HARDWARE))
		return;
	record->htype = hardware->data[0];
	record->hlen = (uint8_t)(hardware->length - 1);
	memset(record->chaddr, 0, sizeof(record->chaddr));
	memcpy(record->chaddr, hardware->data + 1, record->hlen);
}

/* What is not said stays as it was, as dhcpd has it. */
static void record_times(struct lease_record *record, const struct failover_message *message)
{
	bool active = message->status == LEASE_ACTIVE;
	int64_t told = active && record->state == LEASE_ACTIVE ? record->ends : 0;

	if (failover_has(message, FAILOVER_START_OF_STATE))
		record->starts = message->start_of_state;
	if (failover_has(message, FAILOVER_POTENTIAL_EXPIRATION))
		record->received = message->potential_expiration;
	if (failover_has(message, FAILOVER_LEASE_EXPIRATION)) {
		record->known = active ? message->lease_expiration : 0;
		record->ends = lease_later(message->lease_expiration, told);
	}
	record->cltt = lease_later(record->cltt, message_cltt(message));
	if (active) {
		/* So far the partner has to be told if it asks, which needs no journal then. */
		record->potential = lease_later(record->potential, record->ends);
		return;
	}
	record->horizon = 0;
	record->potential = 0;
	record->acknowledged = 0;
}

struct lease_record *update_record(const struct lease *lease,
				   const struct failover_message *message)
{
	const struct lease_record *before = lease_effective(lease);
	bool same = before && same_client(before, message);
	struct lease_record *record = record_of_client(before, message, same);
	uint16_t flags = failover_has(message, FAILOVER_IP_FLAGS) ? message->ip_flags : 0;

	if (!record)
		return NULL;
	record->address = lease->address;
	record_hardware(record, message);
	record_times(record, message);
	record->flags = flags & (FAILOVER_IP_RESERVED | FAILOVER_IP_BOOTP);
	record->state = message->status;
	/* Both servers agree with this: the address is free (draft section 7.1.4). */
	if (record->state == LEASE_EXPIRED || record->state == LEASE_RELEASED ||
	    record->state == LEASE_RESET)
		record->state = LEASE_FREE;
	return record;
}
