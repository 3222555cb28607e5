// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/verbs.h"

#include "daemon/pair.h"
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

static void verb_acknowledged(void *context, const struct lease_record *record)
{
	const struct store_acknowledgement acknowledgement = {
		.address = record->address,
		.flags = record->flags,
		.acknowledged = record->acknowledged,
		.known = record->known,
	};
	struct daemon *daemon = context;

	store_append_acknowledgement(daemon->store, &acknowledgement);
}

static void verb_announce(void *context, struct lease *lease)
{
	struct pair *pair = pairs_of(context, lease->relation);

	if (pair)
		failover_peer_owe(pair->peer, lease);
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
static struct fastpath_slot slot_of(const struct daemon *daemon, const struct lease *lease,
				    const struct lease_stamp *stamp)
{
	const struct lease_record *record = lease->current;
	struct fastpath_slot slot = {.network = network_number(daemon->conf, record->address)};

	if (record->state != LEASE_ACTIVE)
		return slot;
	slot.key = dhcp_ident_key(fastpath_seed(daemon->fastpath), lease_record_ident(record),
				  record->ident_length);
	slot.relation = lease->relation;
	slot.told = record->ends;
	slot.horizon = record->horizon;
	/* On its way to another relationship, its record is the one's before. */
	if (lease->relation && record->relation == lease_table_tag(daemon->table, lease->relation))
		slot.acknowledged = lease_policy_known(&daemon->policies[lease->relation], record);
	if (stamp) {
		slot.signature = stamp->signature;
		slot.tail = stamp->tail;
		slot.lease = stamp->lease;
	}
	return slot;
}

/* Nothing but H and K rise for a client that stays: plain stores, and the stamp is kept. */
static bool raise_only(struct daemon *daemon, const struct lease *lease)
{
	struct fastpath_slot now, wanted = slot_of(daemon, lease, NULL);
	bool open;

	if (!fastpath_slot_read(daemon->fastpath, lease->address, &now, &open) || !open ||
	    now.key != wanted.key || now.network != wanted.network || !wanted.key ||
	    now.relation != wanted.relation || now.horizon > wanted.horizon ||
	    now.acknowledged > wanted.acknowledged)
		return false;
	fastpath_slot_raise(daemon->fastpath, lease->address, wanted.horizon, wanted.acknowledged);
	return true;
}

void verbs_publish(void *context, const struct lease *lease, const struct lease_stamp *stamp)
{
	struct daemon *daemon = context;
	struct fastpath_slot slot;

	if (!daemon->fastpath)
		return;
	if (!stamp && raise_only(daemon, lease))
		return;
	if (fastpath_slot_ensure(daemon->fastpath, lease->address)) {
		if (stamp)
			verb_drop(daemon, stamp);
		return;
	}
	slot = slot_of(daemon, lease, stamp);
	if (stamp && !slot.key)
		verb_drop(daemon, stamp);
	fastpath_slot_publish(daemon->fastpath, lease->address, &slot);
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
		.acknowledged = verb_acknowledged,
		.announce = verb_announce,
	};
}
