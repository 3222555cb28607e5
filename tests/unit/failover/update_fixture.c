/* SPDX-License-Identifier: GPL-2.0-only */
#include "update_fixture.h"

#define BYTES_LEAST 65536

static int64_t slot_close(void *context, uint32_t address)
{
	struct side *side = context;

	side->closes++;
	return side->promises[address - FIRST];
}

static uint64_t journal_append(void *context, const struct lease_record *record)
{
	struct side *side = context;

	(void)record;
	side->appended++;
	return side->group;
}

/* A slot that was closed begins with what its client was told; an open one keeps its promise. */
static void slot_publish(void *context, const struct lease *lease, const struct lease_stamp *stamp)
{
	struct side *side = context;
	int64_t *promise = &side->promises[lease->address - FIRST];

	(void)stamp;
	if (lease->current->state != LEASE_ACTIVE)
		*promise = 0;
	else if (lease->closed || lease->current->ends > *promise)
		*promise = lease->current->ends;
}

static void stamp_drop(void *context, const struct lease_stamp *stamp)
{
	(void)context;
	(void)stamp;
}

static void journal_note(void *context, const struct lease_record *record)
{
	struct side *side = context;

	(void)record;
	side->notes++;
}

static void announce(void *context, struct lease *lease)
{
	struct side *side = context;

	failover_updates_owe(side->updates, lease);
}

__attribute__((format(printf, 3, 4))) static void say(char *text, size_t size, const char *format,
						      ...)
{
	size_t length = strlen(text);
	va_list list;

	va_start(list, format);
	vsnprintf(text + length, size - length, format, list);
	va_end(list);
}

static const char *when(int64_t time, char *buffer, size_t size)
{
	if (time == 0)
		return "0";
	if (time == FAILOVER_NEVER)
		return "never";
	snprintf(buffer, size, "%+lld", (long long)(time - NOW));
	return buffer;
}

static void say_update(struct side *side, const struct failover_message *message)
{
	char ends[32], potential[32];

	say(side->text, sizeof(side->text), "BNDUPD %u %s ends %s potential %s",
	    message->address - FIRST + 1, lease_state_word(message->status),
	    when(message->lease_expiration, ends, sizeof(ends)),
	    when(message->potential_expiration, potential, sizeof(potential)));
}

static void say_message(struct side *side, const struct failover_message *message)
{
	if (side->text[0])
		say(side->text, sizeof(side->text), "; ");
	if (message->type == FAILOVER_BNDUPD) {
		say_update(side, message);
		return;
	}
	say(side->text, sizeof(side->text), "%s", failover_type_word(message->type));
	if (message->type == FAILOVER_UPDDONE)
		say(side->text, sizeof(side->text), " %u", message->xid);
	else if (failover_has(message, FAILOVER_ASSIGNED_ADDRESS))
		say(side->text, sizeof(side->text), " %u", message->address - FIRST + 1);
	if (failover_has(message, FAILOVER_REJECT_REASON))
		say(side->text, sizeof(side->text), " %s", failover_reject_word(message->reject));
}

static uint32_t wire_send(void *context, struct failover_message *message)
{
	struct side *side = context;
	size_t length;

	if (side->cut)
		return 0;
	if (!message->xid)
		message->xid = ++side->xid;
	while (side->length + FAILOVER_MESSAGE_MAX > side->size) {
		side->size = side->size ? 2 * side->size : BYTES_LEAST;
		side->bytes = realloc(side->bytes, side->size);
	}
	length = failover_wire_encode(message, side->bytes + side->length, FAILOVER_MESSAGE_MAX);
	assert_true(length > 0);
	side->length += length;
	if (side->count < 100)
		say_message(side, message);
	return message->xid;
}

static bool wire_writable(void *context)
{
	const struct side *side = context;

	return !side->full;
}

static void side_configure(struct side *side, uint32_t count)
{
	side->range = (struct conf_range){.first = FIRST, .last = FIRST + count - 1};
	side->pool = (struct conf_pool){
		.network = &side->network,
		.ranges = &side->range,
		.range_count = 1,
		.relation = 1,
	};
	side->pools[0] = &side->pool;
	side->network = (struct conf_network){
		.number = 1,
		.pools = side->pools,
		.pool_count = 1,
	};
	side->networks[0] = &side->network;
	side->conf = (struct conf){
		.networks = side->networks,
		.network_count = 1,
		.pools = side->pools,
		.pool_count = 1,
	};
}

static void side_open(struct side *side, uint32_t count, bool primary)
{
	static const uint8_t seed[16] = "0123456789abcde";
	const struct lease_verbs verbs = {
		.context = side,
		.close = slot_close,
		.append = journal_append,
		.publish = slot_publish,
		.drop = stamp_drop,
		.acknowledged = journal_note,
		.announce = announce,
	};
	const struct failover_updates_verbs out = {
		.context = side,
		.send = wire_send,
		.writable = wire_writable,
	};

	side->group = 1;
	side->count = count;
	side->promises = calloc(count, sizeof(*side->promises));
	side->policies[1] = (struct lease_policy){
		.serves = true,
		.secondary = !primary,
		.expires = true,
		.sends = true,
		.mclt = 30,
	};
	side_configure(side, count);
	assert_int_equal(lease_table_new(&side->conf, seed, &side->table), 0);
	lease_table_policies(side->table, side->policies);
	assert_int_equal(lease_commit_new(side->table, &verbs, &side->commit), 0);
	assert_int_equal(
		failover_updates_new(side->table, side->commit, 1, primary, &out, &side->updates),
		0);
	side->terms = (struct failover_terms){.sending = true, .normal = true, .window = 100};
	side_terms(side);
}

static void side_close(struct side *side)
{
	failover_updates_free(side->updates);
	lease_commit_free(side->commit);
	lease_table_free(side->table);
	free(side->promises);
	free(side->bytes);
}

struct pair *sides_new(uint32_t count)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	pair->now = NOW;
	side_open(&pair->primary, count, true);
	side_open(&pair->secondary, count, false);
	return pair;
}

void sides_free(struct pair *pair)
{
	side_close(&pair->primary);
	side_close(&pair->secondary);
	free(pair);
}

int sides_setup(void **state)
{
	*state = sides_new(10);
	return 0;
}

int sides_teardown(void **state)
{
	sides_free(*state);
	return 0;
}

int sides_thread_setup(void **state)
{
	(void)state;
	rcu_register_thread();
	return 0;
}

int sides_thread_teardown(void **state)
{
	(void)state;
	rcu_unregister_thread();
	return 0;
}

void side_terms(struct side *side)
{
	failover_updates_terms(side->updates, &side->terms);
}

void side_durable(struct side *side)
{
	lease_commit_durable(side->commit, side->group);
	failover_updates_durable(side->updates, side->group);
	side->group++;
}

static void side_take(struct pair *pair, struct side *side, const uint8_t *bytes, size_t length)
{
	struct failover_message message;
	const char *why = "";

	if (failover_wire_decode(bytes, length, &message, &why))
		fail_msg("not decoded: %s", why);
	if (message.type == FAILOVER_BNDUPD)
		failover_updates_bndupd(side->updates, &message, pair->now);
	else if (message.type == FAILOVER_BNDACK)
		failover_updates_bndack(side->updates, &message, pair->now);
	else if (message.type == FAILOVER_UPDREQ || message.type == FAILOVER_UPDREQALL)
		failover_updates_request(side->updates, message.xid,
					 message.type == FAILOVER_UPDREQALL);
}

void side_hear(struct pair *pair, struct side *side)
{
	struct side *other = side == &pair->primary ? &pair->secondary : &pair->primary;

	while (other->read < other->length) {
		int length = failover_wire_length(other->bytes + other->read,
						  other->length - other->read);

		assert_true(length > 0);
		side_take(pair, side, other->bytes + other->read, (size_t)length);
		other->read += (size_t)length;
	}
	other->read = other->length = 0;
}

bool side_turn(struct pair *pair, struct side *side)
{
	return failover_updates_turn(side->updates, pair->now);
}

void sides_settle(struct pair *pair)
{
	for (unsigned i = 0, quiet = 0; quiet < 3; i++) {
		bool busy = side_turn(pair, &pair->primary);

		assert_true(i < 100000);
		busy |= side_turn(pair, &pair->secondary);
		busy |= pair->primary.length || pair->secondary.length;
		side_hear(pair, &pair->primary);
		side_hear(pair, &pair->secondary);
		side_durable(&pair->primary);
		side_durable(&pair->secondary);
		quiet = busy ? 0 : quiet + 1;
	}
}

struct lease *side_lease(struct side *side, uint32_t number)
{
	struct lease *lease = lease_table_find(side->table, ADDRESS(number));

	assert_non_null(lease);
	return lease;
}

static struct lease_record *record_of(const char *client)
{
	uint8_t ident[64] = {61};
	size_t length = client ? strlen(client) : 0;
	struct lease_record *record;

	memcpy(ident + 1, client ? client : "", length);
	record = lease_record_new(ident, client ? (uint16_t)(length + 1) : 0, NULL, 0, NULL, 0);
	if (client) {
		record->htype = 1;
		record->hlen = 6;
		memcpy(record->chaddr, client, length < 6 ? length : 6);
	}
	return record;
}

void side_grant(struct side *side, uint32_t number, const char *client, int cltt, int ends)
{
	struct lease_record *record = record_of(client);

	record->state = LEASE_ACTIVE;
	record->starts = NOW + cltt;
	record->cltt = NOW + cltt;
	record->ends = NOW + ends;
	record->horizon = NOW + 2 * ends - cltt;
	assert_true(lease_commit_grant(side->commit, side_lease(side, number), record, NULL) > 0);
	side->promises[number - 1] = NOW + ends;
}

void side_has(struct side *side, uint32_t number, uint8_t state, const char *client, int ends)
{
	struct lease_record *record = record_of(client);

	record->address = ADDRESS(number);
	record->state = state;
	record->starts = NOW - 100;
	record->cltt = client ? NOW - 100 : 0;
	record->ends = NOW + ends;
	record->potential = state == LEASE_ACTIVE ? NOW + ends + 100 : 0;
	record->horizon = record->potential;
	assert_int_equal(lease_commit_restore(side->commit, record), 0);
	side->promises[number - 1] = state == LEASE_ACTIVE ? NOW + ends : 0;
}

void side_revoke(struct pair *pair, struct side *side, uint32_t number, uint8_t state)
{
	int64_t promise;

	assert_true(lease_commit_revoke(side->commit, side_lease(side, number), state, pair->now, 0,
					&promise) > 0);
}

static uint8_t hardware[64][7];

struct failover_message update_of(uint32_t number, uint8_t status, const char *client, int cltt,
				  int ends, int potential)
{
	struct failover_message message = {
		.type = FAILOVER_BNDUPD,
		.xid = 77,
		.present = BIT(ASSIGNED_ADDRESS) | BIT(BINDING_STATUS) | BIT(LEASE_EXPIRATION) |
			   BIT(POTENTIAL_EXPIRATION) | BIT(START_OF_STATE),
		.address = ADDRESS(number),
		.status = status,
		.cltt = (uint32_t)(NOW + cltt),
		.lease_expiration = (uint32_t)(NOW + ends),
		.potential_expiration = (uint32_t)(NOW + potential),
		.start_of_state = (uint32_t)(NOW + cltt),
	};
	uint8_t *bytes = client ? hardware[client[0] & 63] : NULL;

	if (!client)
		return message;
	bytes[0] = 1;
	memcpy(bytes + 1, client, strlen(client) < 6 ? strlen(client) : 6);
	message.hardware = (struct failover_bytes){.data = bytes, .length = 7};
	message.client_identifier = (struct failover_bytes){
		.data = (const uint8_t *)client,
		.length = (uint16_t)strlen(client),
	};
	message.present |= BIT(CLIENT_HARDWARE) | BIT(CLIENT_IDENTIFIER) | BIT(CLTT);
	return message;
}

void side_told(struct pair *pair, struct side *side, const struct failover_message *message)
{
	struct failover_message sent = *message;
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	size_t length;

	if (!sent.time)
		sent.time = (uint32_t)pair->now;
	length = failover_wire_encode(&sent, bytes, sizeof(bytes));
	assert_true(length > 0);
	side_take(pair, side, bytes, length);
}

void side_said(struct side *side, const char *words)
{
	assert_string_equal(side->text, words);
	side->text[0] = 0;
}

void side_knows(struct side *side, uint32_t number, const char *words)
{
	const struct lease_record *record = lease_effective(side_lease(side, number));
	char text[256] = "never", ends[32], received[32], acknowledged[32], known[32];

	if (record)
		snprintf(text, sizeof(text), "%s %.*s%s%s", lease_state_word(record->state),
			 record->ident_length ? record->ident_length - 1 : 1,
			 record->ident_length ? (const char *)lease_record_ident(record) + 1 : "-",
			 record->flags & LEASE_OWED ? " owed" : "", "");
	if (record && record->state == LEASE_ACTIVE)
		say(text, sizeof(text), " ends %s R %s A %s T %s",
		    when(record->ends, ends, sizeof(ends)),
		    when(record->received, received, sizeof(received)),
		    when(record->acknowledged, acknowledged, sizeof(acknowledged)),
		    when(record->known, known, sizeof(known)));
	assert_string_equal(text, words);
}
