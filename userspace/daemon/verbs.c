// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/verbs.h"

#include "daemon/daemon.h"
#include "dhcp/ident.h"

static int64_t verb_close(void *context, uint32_t address)
{
	struct daemon *daemon = context;

	return daemon->fastpath ? fastpath_slot_close(daemon->fastpath, address) : 0;
}

static uint64_t verb_append(void *context, const struct lease_record *record)
{
	struct daemon *daemon = context;

	return store_append(daemon->store, record);
}

static void verb_drop(void *context, const struct lease_stamp *stamp)
{
	struct daemon *daemon = context;

	if (daemon->fastpath && stamp->tail)
		fastpath_tail_drop(daemon->fastpath, stamp->tail);
}

static uint32_t network_number(const struct conf *conf, uint32_t address)
{
	const struct conf_subnet *subnet = conf_subnet_of(conf, address);

	return subnet ? subnet->network->number : 0;
}

/* What a slot says for a record: its client's, or nobody's. */
static struct fastpath_slot slot_of(const struct daemon *daemon, const struct lease_record *record,
				    const struct lease_stamp *stamp)
{
	struct fastpath_slot slot = {.network = network_number(daemon->conf, record->address)};

	if (record->state != LEASE_ACTIVE)
		return slot;
	slot.key = dhcp_ident_key(fastpath_seed(daemon->fastpath), lease_record_ident(record),
				  record->ident_length);
	slot.relation = record->relation;
	slot.told = record->ends;
	slot.horizon = record->horizon;
	slot.acknowledged =
		record->acknowledged > record->received ? record->acknowledged : record->received;
	if (stamp) {
		slot.signature = stamp->signature;
		slot.tail = stamp->tail;
		slot.lease = stamp->lease;
	}
	return slot;
}

/* Nothing but H rises for a client that stays: a plain store, and the stamp is kept. */
static bool raise_only(struct daemon *daemon, const struct lease_record *record)
{
	struct fastpath_slot now, wanted = slot_of(daemon, record, NULL);
	bool open;

	if (!fastpath_slot_read(daemon->fastpath, record->address, &now, &open) || !open ||
	    now.key != wanted.key || now.network != wanted.network || !wanted.key ||
	    now.horizon > wanted.horizon)
		return false;
	fastpath_slot_raise(daemon->fastpath, record->address, wanted.horizon);
	return true;
}

void verbs_publish(void *context, const struct lease *lease, const struct lease_stamp *stamp)
{
	struct daemon *daemon = context;
	const struct lease_record *record = lease->current;
	struct fastpath_slot slot;

	if (!daemon->fastpath)
		return;
	if (!stamp && raise_only(daemon, record))
		return;
	if (fastpath_slot_ensure(daemon->fastpath, record->address)) {
		if (stamp)
			verb_drop(daemon, stamp);
		return;
	}
	slot = slot_of(daemon, record, stamp);
	if (stamp && !slot.key)
		verb_drop(daemon, stamp);
	fastpath_slot_publish(daemon->fastpath, record->address, &slot);
}

void verbs_publish_static(struct daemon *daemon, uint32_t address, const struct dhcp_ident *ident,
			  uint32_t network, int64_t told, const struct lease_stamp *stamp)
{
	struct fastpath_slot slot = {
		.network = network,
		.told = told,
		.horizon = LEASE_HORIZON_NEVER,
		.signature = stamp->signature,
		.tail = stamp->tail,
		.lease = stamp->lease,
	};

	if (fastpath_slot_ensure(daemon->fastpath, address)) {
		verb_drop(daemon, stamp);
		return;
	}
	slot.key = dhcp_ident_key(fastpath_seed(daemon->fastpath), ident->bytes, ident->length);
	fastpath_slot_publish(daemon->fastpath, address, &slot);
}

struct lease_verbs verbs_of(struct daemon *daemon)
{
	return (struct lease_verbs){
		.context = daemon,
		.close = verb_close,
		.append = verb_append,
		.publish = verbs_publish,
		.drop = verb_drop,
	};
}
