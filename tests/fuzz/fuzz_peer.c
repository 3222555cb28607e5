/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole relationship under any bytes in any state: connections come and go,
 * messages are whole, torn or nonsense, time passes, the disk and the kernel
 * answer when they like, an operator says things. The input is a list of steps
 * (enum step), each with its arguments. Beyond "no crash": what is sent is
 * always a message that decodes; a STATE is what the journal says, and one of
 * a state that does not serve leaves only when the kernel is silent; nobody is
 * acknowledged before the disk has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <urcu.h>

#include "dhcp/ident.h"
#include "failover/peer.h"
#include "failover/wire.h"
#include "lease/pool.h"

#define FIRST 0x0a010000U
#define ADDRESSES 8
#define WALL 1800000000
#define SECOND UINT64_C(1000000000)
#define STEPS 300
#define MCLT 60

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum step {
	STEP_ACCEPT,
	STEP_CONNECTED,
	STEP_REFUSED,
	STEP_BYTES, /* count, bytes: as they are */
	STEP_MESSAGE, /* type, xid, count, options: in a frame that is right */
	STEP_HANDSHAKE, /* bits: dhcpd or xdhcp, of the other store */
	STEP_STATE, /* state, flags */
	STEP_BNDUPD, /* address, status, client, times */
	STEP_BNDACK, /* back: which of the newest BNDUPDs; reason */
	STEP_CLOSE,
	STEP_WAIT, /* tenths of a second */
	STEP_WAIT_LONG, /* tens of seconds */
	STEP_DURABLE,
	STEP_SILENT,
	STEP_GRANT, /* address, client */
	STEP_EXPIRE,
	STEP_PARTNER_DOWN,
	STEP_INIT,
	STEP_STOP,
	STEP_CLOCK, /* signed hours */
	STEP_MAX
};

#define XIDS 8

struct house {
	const uint8_t *input, *end;
	struct conf_range range;
	struct conf_pool pool, *pools[1];
	struct conf_network network, *networks[1];
	struct conf_relation relation, *relations[1];
	struct conf conf;
	struct lease_policy policies[LEASE_RELATIONS];
	struct lease_table *table;
	struct lease_commit *commit;
	struct failover_peer *peer;
	struct failover_now now;
	uint64_t group, durable;
	uint64_t kept_group; /* that the newest kept state is in */
	bool silent, wants_silence, connecting;
	uint32_t links, open; /* the newest connection, 0: none */
	uint32_t xid; /* of the request that the peer sent last */
	uint32_t updates[XIDS]; /* BNDUPD: their xids and addresses */
	uint32_t addresses[XIDS];
	unsigned update_count;
	uint64_t answers[ADDRESSES]; /* group of what was learned of each address */
};

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "fuzz_peer: %s\n", what);
	abort();
}

static uint8_t take(struct house *house)
{
	return house->input < house->end ? *house->input++ : 0;
}

static void verb_connect(void *context)
{
	((struct house *)context)->connecting = true;
}

static void state_check(const struct house *house, const struct failover_message *message)
{
	require(house->kept_group <= house->durable, "a STATE left before the disk had it");
	require(failover_state_serves(message->server_state) || house->silent,
		"a state that does not serve was said before the kernel was silent");
}

static void ack_check(const struct house *house, const struct failover_message *message)
{
	uint32_t index = message->address - FIRST;

	if (failover_has(message, FAILOVER_REJECT_REASON) || index >= ADDRESSES)
		return;
	require(house->answers[index] <= house->durable, "acknowledged before it was on disk");
}

static void message_check(struct house *house, const struct failover_message *message)
{
	switch (message->type) {
	case FAILOVER_STATE:
		state_check(house, message);
		break;
	case FAILOVER_BNDACK:
		ack_check(house, message);
		break;
	case FAILOVER_BNDUPD:
		house->updates[house->update_count % XIDS] = message->xid;
		house->addresses[house->update_count++ % XIDS] = message->address;
		break;
	default:
		house->xid = message->xid;
	}
}

static void verb_send(void *context, uint32_t link, const void *bytes, size_t length)
{
	struct house *house = context;
	const uint8_t *at = bytes;

	require(link && link <= house->links, "sent on a connection that never was");
	while (length) {
		struct failover_message message;
		const char *why;
		int whole = failover_wire_length(at, length);

		require(whole > 0 && (size_t)whole <= length, "sent what is no message");
		require(!failover_wire_decode(at, (size_t)whole, &message, &why),
			"sent what does not decode");
		message_check(house, &message);
		at += whole;
		length -= (size_t)whole;
	}
}

static bool verb_writable(void *context, uint32_t link)
{
	(void)context;
	(void)link;
	return true;
}

static void verb_close(void *context, uint32_t link)
{
	struct house *house = context;

	if (house->open == link)
		house->open = 0;
}

static uint64_t verb_keep(void *context, const void *bytes, size_t length)
{
	struct house *house = context;

	(void)bytes;
	require(length <= 4096, "the kept state is too long");
	house->kept_group = ++house->group;
	return house->group;
}

static void verb_silence(void *context)
{
	((struct house *)context)->wants_silence = true;
}

static void verb_changed(void *context)
{
	struct house *house = context;

	if (!house->peer)
		return;
	failover_peer_policy(house->peer, &house->policies[1]);
	if (house->policies[1].serves)
		house->silent = false;
}

static void verb_log(void *context, enum failover_level level, const char *text)
{
	(void)context;
	(void)level;
	require(strlen(text) < 2048, "a line without end");
}

static int64_t lease_close(void *context, uint32_t address)
{
	(void)context;
	(void)address;
	return 0;
}

static uint64_t lease_append(void *context, const struct lease_record *record)
{
	struct house *house = context;
	uint32_t index = record->address - FIRST;

	house->group++;
	if (index < ADDRESSES)
		house->answers[index] = house->group;
	return house->group;
}

static void lease_publish(void *context, const struct lease *lease, const struct lease_stamp *stamp)
{
	(void)context;
	(void)lease;
	(void)stamp;
}

static void lease_drop(void *context, const struct lease_stamp *stamp)
{
	(void)context;
	(void)stamp;
}

static void lease_acknowledged(void *context, const struct lease_record *record)
{
	(void)context;
	(void)record;
}

static void lease_announce(void *context, struct lease *lease)
{
	failover_peer_owe(((struct house *)context)->peer, lease);
}

static void conf_make(struct house *house, bool primary)
{
	house->range = (struct conf_range){FIRST, FIRST + ADDRESSES - 1};
	house->pool = (struct conf_pool){.network = &house->network,
					 .ranges = &house->range,
					 .range_count = 1,
					 .relation = 1};
	house->pools[0] = &house->pool;
	house->network = (struct conf_network){
		.name = "n", .number = 1, .pools = house->pools, .pool_count = 1};
	house->networks[0] = &house->network;
	house->relation = (struct conf_relation){
		.name = "p",
		.number = 1,
		.primary = primary,
		.address = 0x0a000001,
		.peer_address = 0x0a000002,
		.mclt = primary ? MCLT : 0,
		.max_response_delay = 20,
		.max_unacked_updates = 10,
		.load_balance_max_seconds = 3,
		.max_lease_misbalance = 15,
		.max_lease_ownership = 10,
		.min_balance = 60,
		.max_balance = 3600,
	};
	memset(house->relation.hba, 0xff, sizeof(house->relation.hba) / 2);
	house->relations[0] = &house->relation;
	house->conf = (struct conf){
		.networks = house->networks,
		.network_count = 1,
		.pools = house->pools,
		.pool_count = 1,
		.relations = house->relations,
		.relation_count = 1,
	};
}

static void house_make(struct house *house, uint8_t bits)
{
	static const uint8_t seed[16], store[16] = {1};
	const struct lease_verbs verbs = {
		.context = house,
		.close = lease_close,
		.append = lease_append,
		.publish = lease_publish,
		.drop = lease_drop,
		.acknowledged = lease_acknowledged,
		.announce = lease_announce,
	};
	const struct failover_peer_verbs peer_verbs = {
		.context = house,
		.connect = verb_connect,
		.send = verb_send,
		.writable = verb_writable,
		.close = verb_close,
		.keep = verb_keep,
		.silence = verb_silence,
		.changed = verb_changed,
		.log = verb_log,
	};
	struct failover_peer_options options = {
		.conf = &house->relation,
		.common = "!pool n: range a b\n",
		.store = store,
		.software = "xdhcp-fuzz",
		.strict = (int)(bits >> 1 & 1) - 1,
		.reference = WALL - 1000,
		.adopted = bits & 4,
		.seed = bits,
	};

	conf_make(house, bits & 1);
	house->now = (struct failover_now){WALL, WALL * (int64_t)SECOND, 1000 * SECOND};
	require(!lease_table_new(&house->conf, seed, &house->table), "no table");
	lease_table_policies(house->table, house->policies);
	require(!lease_commit_new(house->table, &verbs, &house->commit), "no commit");
	options.table = house->table;
	options.commit = house->commit;
	require(!failover_peer_new(&options, &peer_verbs, NULL, 0, &house->peer), "no peer");
	house->silent = !options.adopted;
	failover_peer_start(house->peer, &house->now);
}

static void hear(struct house *house, const void *bytes, size_t length)
{
	if (house->open && failover_peer_reads(house->peer))
		failover_peer_bytes(house->peer, house->open, bytes, length, &house->now);
}

static void say(struct house *house, struct failover_message *message)
{
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	size_t length;

	message->time = (uint32_t)house->now.wall;
	length = failover_wire_encode(message, bytes, sizeof(bytes));
	if (length)
		hear(house, bytes, length);
}

static void step_bytes(struct house *house)
{
	size_t count = take(house), left = (size_t)(house->end - house->input);

	count = count < left ? count : left;
	hear(house, house->input, count);
	house->input += count;
}

static void step_message(struct house *house)
{
	uint8_t bytes[FAILOVER_HEADER + 255] = {0};
	size_t count, left;
	uint32_t time = (uint32_t)house->now.wall;

	bytes[2] = take(house);
	bytes[3] = FAILOVER_HEADER;
	for (int i = 0; i < 4; i++)
		bytes[4 + i] = (uint8_t)(time >> (24 - 8 * i));
	bytes[11] = take(house);
	count = take(house);
	left = (size_t)(house->end - house->input);
	count = count < left ? count : left;
	memcpy(bytes + FAILOVER_HEADER, house->input, count);
	house->input += count;
	bytes[1] = (uint8_t)(FAILOVER_HEADER + count);
	bytes[0] = (uint8_t)((FAILOVER_HEADER + count) >> 8);
	hear(house, bytes, FAILOVER_HEADER + count);
}

static void step_handshake(struct house *house)
{
	uint8_t bits = take(house);
	bool xdhcp = bits & 1;
	/* tag, length, value: the store's identity (peer_vendor.c) */
	uint8_t vendor[18] = {1, 16, 2 + (bits >> 1 & 1)};
	struct failover_message message = {
		.type = house->relation.primary ? FAILOVER_CONNECTACK : FAILOVER_CONNECT,
		.xid = house->xid,
		.present = 1U << FAILOVER_RELATIONSHIP_NAME | 1U << FAILOVER_MAX_UNACKED |
			   1U << FAILOVER_RECEIVE_TIMER | 1U << FAILOVER_VENDOR_CLASS |
			   1U << FAILOVER_PROTOCOL_VERSION |
			   (xdhcp ? 1U << FAILOVER_VENDOR_OPTIONS : 0),
		.relationship = {(const uint8_t *)"p", 1},
		.max_unacked = 1 + (bits >> 2 & 7),
		.receive_timer = 30,
		.vendor_class = {(const uint8_t *)(xdhcp ? "xdhcp-1" : "isc-4.4.3"), xdhcp ? 7 : 9},
		.protocol_version = 1,
		.mclt = MCLT,
		.hash_buckets = house->relation.hba,
		.vendor_options = {vendor, sizeof(vendor)},
	};

	if (!house->relation.primary)
		message.present |= 1U << FAILOVER_MCLT | 1U << FAILOVER_HASH_BUCKETS |
				   1U << FAILOVER_TLS_REQUEST;
	say(house, &message);
}

static void step_state(struct house *house)
{
	struct failover_message message = {
		.type = FAILOVER_STATE,
		.xid = 7,
		.present = 1U << FAILOVER_SERVER_STATE | 1U << FAILOVER_SERVER_FLAGS |
			   1U << FAILOVER_START_OF_STATE,
		.server_state = take(house),
		.start_of_state = (uint32_t)house->now.wall,
	};

	message.server_flags = take(house) & 1;
	say(house, &message);
}

static void step_bndupd(struct house *house)
{
	uint8_t address = take(house), status = take(house), client = take(house);
	uint8_t hardware[7] = {1, 2, 0, 0, 0, 0, client};
	uint32_t now = (uint32_t)house->now.wall;
	struct failover_message message = {
		.type = FAILOVER_BNDUPD,
		.xid = 100U + address,
		.present = 1U << FAILOVER_ASSIGNED_ADDRESS | 1U << FAILOVER_BINDING_STATUS |
			   1U << FAILOVER_LEASE_EXPIRATION | 1U << FAILOVER_POTENTIAL_EXPIRATION |
			   1U << FAILOVER_START_OF_STATE | 1U << FAILOVER_CLTT,
		.address = FIRST + address % (ADDRESSES + 1),
		.status = status & 15,
		.hardware = {hardware, sizeof(hardware)},
		.lease_expiration = now + (uint32_t)((int8_t)take(house) * 10),
		.potential_expiration = now + (uint32_t)((int8_t)take(house) * 10),
		.start_of_state = now,
		.cltt = now - (status >> 4),
	};

	if (client)
		message.present |= 1U << FAILOVER_CLIENT_HARDWARE;
	say(house, &message);
}

static void step_bndack(struct house *house)
{
	unsigned back = take(house) % XIDS;
	uint8_t reason = take(house);
	struct failover_message message = {.type = FAILOVER_BNDACK,
					   .present = 1U << FAILOVER_ASSIGNED_ADDRESS};

	if (back >= house->update_count)
		return;
	message.xid = house->updates[(house->update_count - 1 - back) % XIDS];
	message.address = house->addresses[(house->update_count - 1 - back) % XIDS];
	if (reason) {
		message.present |= 1U << FAILOVER_REJECT_REASON;
		message.reject = reason;
	}
	say(house, &message);
}

static void step_wait(struct house *house, uint64_t nanoseconds)
{
	house->now.monotonic += nanoseconds;
	house->now.wall_ns += (int64_t)nanoseconds;
	house->now.wall = house->now.wall_ns / (int64_t)SECOND;
	failover_peer_heartbeat(house->peer, &house->now);
	verb_changed(house);
}

static void step_durable(struct house *house)
{
	house->durable = house->group;
	lease_commit_durable(house->commit, house->durable);
	failover_peer_durable(house->peer, house->durable, &house->now);
}

static void step_silent(struct house *house)
{
	if (!house->wants_silence)
		return;
	house->wants_silence = false;
	house->silent = true;
	failover_peer_silent(house->peer, &house->now);
}

static void step_grant(struct house *house)
{
	struct lease *lease = lease_table_find(house->table, FIRST + take(house) % ADDRESSES);
	struct dhcp_ident ident = {.length = 8, .bytes = {0, 1, 2, 0, 0, 0, 0, take(house)}};
	struct lease_record *record;

	if (!house->policies[1].serves ||
	    !lease_pool_available(house->table, lease, &ident, house->now.wall))
		return;
	record = lease_record_new(ident.bytes, ident.length, NULL, 0, NULL, 0);
	record->state = LEASE_ACTIVE;
	record->starts = record->cltt = house->now.wall;
	record->ends = record->horizon = house->now.wall + MCLT;
	record->htype = 1;
	record->hlen = 6;
	memcpy(record->chaddr, ident.bytes + 2, 6);
	lease_commit_grant(house->commit, lease, record, NULL);
}

static void step_opened(struct house *house, bool outgoing)
{
	if (outgoing ? !house->connecting : !failover_peer_accepts(house->peer))
		return;
	if (outgoing)
		house->connecting = false;
	house->open = ++house->links;
	failover_peer_opened(house->peer, house->open, outgoing, &house->now);
}

static void step_closed(struct house *house)
{
	uint32_t link = house->open;

	house->open = 0;
	if (link)
		failover_peer_closed(house->peer, link, "the partner closed it", &house->now);
}

static void step_refused(struct house *house)
{
	if (house->connecting)
		failover_peer_failed(house->peer, "refused", &house->now);
	house->connecting = false;
}

static void step_clock(struct house *house)
{
	house->now.wall_ns += (int8_t)take(house) * (int64_t)(3600 * SECOND);
	house->now.wall = house->now.wall_ns / (int64_t)SECOND;
}

static void step_accept(struct house *house)
{
	step_opened(house, false);
}

static void step_connected(struct house *house)
{
	step_opened(house, true);
}

static void step_wait_short(struct house *house)
{
	step_wait(house, take(house) * (SECOND / 10));
}

static void step_wait_long(struct house *house)
{
	step_wait(house, take(house) * 10 * SECOND);
}

static void step_expire(struct house *house)
{
	lease_commit_expire(house->commit, house->now.wall, 100);
}

static void step_partner_down(struct house *house)
{
	const char *why;

	failover_peer_partner_down(house->peer, false, &house->now, &why);
}

static void step_init(struct house *house)
{
	const char *why;

	failover_peer_init(house->peer, &house->now, &why);
}

static void step_stop(struct house *house)
{
	failover_peer_stop(house->peer, &house->now);
}

static void (*const steps[STEP_MAX])(struct house *house) = {
	[STEP_ACCEPT] = step_accept,
	[STEP_CONNECTED] = step_connected,
	[STEP_REFUSED] = step_refused,
	[STEP_BYTES] = step_bytes,
	[STEP_MESSAGE] = step_message,
	[STEP_HANDSHAKE] = step_handshake,
	[STEP_STATE] = step_state,
	[STEP_BNDUPD] = step_bndupd,
	[STEP_BNDACK] = step_bndack,
	[STEP_CLOSE] = step_closed,
	[STEP_WAIT] = step_wait_short,
	[STEP_WAIT_LONG] = step_wait_long,
	[STEP_DURABLE] = step_durable,
	[STEP_SILENT] = step_silent,
	[STEP_GRANT] = step_grant,
	[STEP_EXPIRE] = step_expire,
	[STEP_PARTNER_DOWN] = step_partner_down,
	[STEP_INIT] = step_init,
	[STEP_STOP] = step_stop,
	[STEP_CLOCK] = step_clock,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static bool registered;
	struct house *house;

	if (!registered) {
		rcu_register_thread();
		/* Else each input waits for the timer of the thread that frees. */
		set_thread_call_rcu_data(create_call_rcu_data(URCU_CALL_RCU_RT, -1));
	}
	registered = true;
	if (!length)
		return 0;
	house = calloc(1, sizeof(*house));
	require(house, "no memory");
	house->input = bytes + 1;
	house->end = bytes + length;
	house_make(house, bytes[0]);
	for (int i = 0; i < STEPS && house->input < house->end; i++) {
		steps[take(house) % STEP_MAX](house);
		failover_peer_turn(house->peer, &house->now);
		verb_changed(house);
	}
	failover_peer_free(house->peer);
	lease_commit_free(house->commit);
	lease_table_free(house->table);
	free(house);
	return 0;
}
