// SPDX-License-Identifier: GPL-2.0-only
#include "tests/bpf/world.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "dhcp/frame.h"
#include "dhcp/option.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static const uint8_t server_mac[6] = {0x02, 0, 0, 0, 0, 0x01};
static const uint8_t relay_mac[6] = {0x02, 0, 0, 0, 0, 0xfe};
static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static int text_load(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	(void)name;
	*ret_text = strdup(context);
	*ret_length = strlen(context);
	return 0;
}

/* The verbs of a world without disk and without kernel: everything is durable at once. */
static int64_t no_promise(void *context, uint32_t address)
{
	(void)context;
	(void)address;
	return 0;
}

static uint64_t group_one(void *context, const struct lease_record *record)
{
	(void)context;
	(void)record;
	return 1;
}

static void published(void *context, const struct lease *lease, const struct lease_stamp *stamp)
{
	(void)context;
	(void)lease;
	(void)stamp;
}

static void dropped(void *context, const struct lease_stamp *stamp)
{
	(void)context;
	(void)stamp;
}

static void acknowledged(void *context, const struct lease_record *record)
{
	(void)context;
	(void)record;
}

static void announced(void *context, struct lease *lease)
{
	(void)context;
	(void)lease;
}

struct option_cursor {
	uint8_t *at;
};

static void put(struct option_cursor *cursor, uint8_t code, const void *data, size_t length)
{
	*cursor->at++ = code;
	*cursor->at++ = (uint8_t)length;
	memcpy(cursor->at, data, length);
	cursor->at += length;
}

static void put_span(struct option_cursor *cursor, uint8_t code, const struct span *span)
{
	if (span->length)
		put(cursor, code, span->bytes, span->length);
}

static void put_u32(struct option_cursor *cursor, uint8_t code, uint32_t value)
{
	value = htonl(value);
	put(cursor, code, &value, sizeof(value));
}

/* A DHCPREQUEST; `selecting`: with options 50 and 54, without ciaddr. Written here, not by the server's codec. */
static size_t message_make(const struct world *world, bool selecting, bool relayed, uint8_t *bytes)
{
	const struct client *client = &world->client;
	struct wire_bootp *bootp = (struct wire_bootp *)bytes;
	struct option_cursor cursor = {.at = bytes + DHCP_FIXED_LEN};
	uint8_t type = DHCP_REQUEST;

	memset(bytes, 0, DHCP_FIXED_LEN);
	bootp->op = DHCP_OP_REQUEST;
	bootp->htype = 1;
	bootp->hlen = 6;
	bootp->xid = htonl(0xdeadbeef);
	bootp->secs = htons(3);
	bootp->hops = relayed ? 1 : 0;
	bootp->flags = htons(client->broadcast_flag ? DHCP_FLAG_BROADCAST : 0);
	bootp->ciaddr = selecting ? 0 : htonl(world->address);
	bootp->giaddr = relayed ? htonl(WORLD_RELAY) : 0;
	memcpy(bootp->chaddr, client->mac, 6);
	bootp->cookie = htonl(DHCP_COOKIE);
	put(&cursor, DHCP_OPT_MESSAGE_TYPE, &type, 1);
	if (selecting) {
		put_u32(&cursor, DHCP_OPT_REQUESTED_ADDRESS, world->address);
		put_u32(&cursor, DHCP_OPT_SERVER_ID, WORLD_SERVER);
	}
	put_span(&cursor, DHCP_OPT_CLIENT_ID, &client->identifier);
	if (client->vendor)
		put(&cursor, 60, client->vendor, strlen(client->vendor));
	if (client->max_size)
		put(&cursor, DHCP_OPT_MAX_SIZE, &(uint16_t){htons(client->max_size)}, 2);
	if (client->lease_time)
		put_u32(&cursor, DHCP_OPT_LEASE_TIME, client->lease_time);
	put_span(&cursor, DHCP_OPT_PARAMETER_REQUEST, &client->parameters);
	if (client->hostname)
		put(&cursor, 12, client->hostname, strlen(client->hostname));
	if (relayed)
		put_span(&cursor, DHCP_OPT_AGENT, &client->agent);
	*cursor.at++ = DHCP_OPT_END;
	return cursor.at - bytes;
}

static void request_read(const uint8_t *payload, size_t length, uint32_t source,
			 uint32_t destination, struct server_request *ret_request)
{
	assert_int_equal(server_request_parse(payload, length, ret_request), DHCP_REFUSE_NONE);
	ret_request->source = source;
	ret_request->destination = destination;
	ret_request->to_us = destination == WORLD_SERVER;
	ret_request->ifindex = WORLD_IFINDEX;
	ret_request->link_address = WORLD_SERVER;
	ret_request->now = WORLD_WALL;
}

/* Kernel maps have the same; the daemon's fastpath room writes them so. */
static void maps_fill(struct world *world)
{
	struct native *native = &world->native;

	native->control.renew_until = ~0ULL;
	native->control.decide_until = ~0ULL;
	native->control.seed = 0x1234567890abcdefULL;
	native->control.abi = XDHCP_ABI;
	memcpy(native->control.roles, world->roles, sizeof(world->roles));
	native->links[0].key.ifindex = WORLD_IFINDEX;
	native->links[0].link.network = 1;
	native->links[0].link.server_id = WORLD_SERVER;
	memcpy(native->links[0].link.mac, server_mac, 6);
	native->link_count = 1;
	native->addresses[0] = htonl(WORLD_SERVER);
	native->address_count = 1;
	native->relays[0].giaddr = htonl(WORLD_RELAY);
	native->relays[0].network = 1;
	native->relay_count = 1;
	native->clock = world->now * 1000000000ULL;
}

/* A failover relationship, for both paths alike. */
static void relation_fill(struct world *world)
{
	struct failover_view *view = &world->views[1];

	if (!world->conf->relation_count)
		return;
	world->policies[1] = (struct lease_policy){.serves = true, .mclt = WORLD_MCLT};
	lease_table_policies(world->table, world->policies);
	*view = (struct failover_view){
		.serves = true,
		.primary = true,
		.reference = WORLD_WALL - (int64_t)world->now,
		.lead = WORLD_MCLT,
		.alone = (int64_t)world->now + WORLD_MCLT,
		.from = (int64_t)world->now,
	};
	world->native.relations[1] = (struct xdhcp_relation){
		.serve = 1,
		.lead = (int32_t)view->lead,
		.alone = (uint32_t)view->alone,
	};
}

void world_acknowledge(struct world *world, uint32_t seconds)
{
	struct lease *lease = lease_table_find(world->table, world->address);

	lease->current->acknowledged = seconds ? WORLD_WALL + seconds : 0;
	world_slot(world)->acknowledged = seconds ? (uint32_t)world->now + seconds : 0;
}

static void slot_fill(struct world *world, const struct server_request *request, bool stampable)
{
	struct xdhcp_slot *slot = native_slot(&world->native, world->address);
	uint64_t seed = world->native.control.seed;

	assert_non_null(slot);
	slot->word = XDHCP_WORD(world->now + world->lease_time, 4);
	slot->key = dhcp_ident_key(seed, request->ident.bytes, request->ident.length);
	slot->signature = dhcp_signature(seed, world->roles, &request->message);
	slot->horizon = world->now + 2 * world->lease_time;
	slot->network = 1;
	slot->lease = world->lease_time;
	slot->relation = world->conf->relation_count ? 1 : 0;
	slot->tail = stampable ? 1 : 0;
}

void world_make(struct world *world, const char *text, const struct client *client, bool relayed,
		uint64_t now)
{
	static const uint8_t table_seed[16] = {1};
	struct lease_verbs verbs = {
		.close = no_promise,
		.append = group_one,
		.publish = published,
		.drop = dropped,
		.acknowledged = acknowledged,
		.announce = announced,
	};
	/* Where a text declares both; a relationship of one role goes by that. */
	const struct conf_terms terms = {.role = CONF_ROLE_PRIMARY};
	struct server_verdict verdict;
	struct server_request request;
	struct server_reply reply;
	struct conf_error error;
	uint8_t payload[1024];
	bool stampable;
	size_t length;

	memset(world, 0, sizeof(*world));
	world->client = *client;
	world->address = WORLD_CLIENT;
	world->now = now;
	dhcp_option_roles(world->roles);
	if (conf_load_by(&terms, "test.conf", text_load, (void *)text, &world->conf, &error))
		fail_msg("%s:%u: %s", error.file, error.line, error.text);
	assert_int_equal(lease_table_new(world->conf, table_seed, &world->table), 0);
	assert_int_equal(lease_commit_new(world->table, &verbs, &world->commit), 0);
	maps_fill(world);
	relation_fill(world);

	length = message_make(world, true, relayed, payload);
	request_read(payload, length, relayed ? WORLD_RELAY : 0,
		     relayed ? WORLD_SERVER : 0xffffffffU, &request);
	verdict = server_decide(world->conf, world->table, world->views, &request);
	assert_true(verdict.action == SERVER_GRANT || verdict.action == SERVER_STATIC);
	assert_int_equal(verdict.address, world->address);
	world->lease_time = verdict.lease_wanted;
	server_reply_build(&request, &verdict, &reply, &world->native.tails[1], &stampable);
	slot_fill(world, &request, stampable);
	if (verdict.action == SERVER_STATIC)
		return;
	lease_commit_grant(
		world->commit, verdict.lease,
		server_record_of(&request, &verdict, WORLD_WALL + 2 * verdict.lease_wanted), NULL);
	lease_commit_durable(world->commit, 1);
}

void world_free(struct world *world)
{
	lease_commit_free(world->commit);
	lease_table_free(world->table);
	conf_free(world->conf);
}

struct xdhcp_slot *world_slot(struct world *world)
{
	return native_slot(&world->native, world->address);
}

size_t world_renewal(const struct world *world, enum way way, uint8_t *frame, size_t size)
{
	uint8_t payload[1024];
	size_t length = message_make(world, false, way == WAY_RELAYED, payload);
	struct dhcp_frame parts = {
		.source = world->address,
		.destination = WORLD_SERVER,
		.source_port = DHCP_PORT_CLIENT,
		.destination_port = DHCP_PORT_SERVER,
		.payload = payload,
		.length = length,
	};

	memcpy(parts.destination_mac, server_mac, 6);
	memcpy(parts.source_mac, world->client.mac, 6);
	if (way == WAY_RELAYED) {
		parts.source = WORLD_RELAY;
		parts.source_port = DHCP_PORT_SERVER;
		memcpy(parts.source_mac, relay_mac, 6);
	} else if (way != WAY_UNICAST) {
		parts.destination = 0xffffffffU;
		memcpy(parts.destination_mac, everybody, 6);
		if (way == WAY_BROADCAST_UNCONFIGURED)
			parts.source = 0;
	}
	return dhcp_frame_write(&parts, frame, size);
}

bool world_slow_path(struct world *world, const uint8_t *frame, size_t length,
		     struct server_reply *ret_reply)
{
	struct server_verdict verdict;
	struct server_request request;
	struct xdhcp_tail tail;
	struct dhcp_frame parts;
	bool stampable;

	assert_int_equal(dhcp_frame_read(frame, length, &parts), 0);
	request_read(parts.payload, parts.length, parts.source, parts.destination, &request);
	verdict = server_decide(world->conf, world->table, world->views, &request);
	if (verdict.action != SERVER_GRANT && verdict.action != SERVER_STATIC)
		return false;
	server_reply_build(&request, &verdict, ret_reply, &tail, &stampable);
	return ret_reply->length != 0;
}
