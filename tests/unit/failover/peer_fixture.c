/* SPDX-License-Identifier: GPL-2.0-only */
#include "peer_fixture.h"

const uint8_t hba_half[32] = {255, 255, 255, 255, 255, 255, 255, 255,
			      255, 255, 255, 255, 255, 255, 255, 255};

__attribute__((format(printf, 2, 3))) static void note(struct node *node, const char *format, ...)
{
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(node->trace + node->trace_length,
			   sizeof(node->trace) - node->trace_length, format, list);
	va_end(list);
	assert_in_range(length, 0, sizeof(node->trace) - node->trace_length - 1);
	node->trace_length += (size_t)length;
}

struct failover_now node_now(const struct node *node)
{
	int64_t wall = WALL * (int64_t)SECOND + (int64_t)node->pair->monotonic + node->ahead;

	return (struct failover_now){
		.wall = wall / (int64_t)SECOND,
		.wall_ns = wall,
		.monotonic = node->pair->monotonic,
	};
}

static struct end *end_of(struct node *node, uint32_t number, struct end **ret_other)
{
	for (unsigned i = 0; i < node->pair->wire_count; i++)
		for (unsigned side = 0; side < 2; side++) {
			struct end *end = &node->pair->wires[i].ends[side];

			if (end->node != node || end->number != number)
				continue;
			*ret_other = &node->pair->wires[i].ends[!side];
			return end;
		}
	fail_msg("no connection %u", number);
	return NULL;
}

void end_append(struct end *end, const void *bytes, size_t length)
{
	if (!end->open)
		return;
	end->bytes = realloc(end->bytes, end->length + length);
	assert_non_null(end->bytes);
	memcpy(end->bytes + end->length, bytes, length);
	end->length += length;
}

void end_close(struct end *end, struct end *other)
{
	end->open = false;
	end->length = 0;
	other->ended = true;
}

static void verb_connect(void *context)
{
	struct node *node = context;

	note(node, "connect ");
	assert_false(node->wants_connect);
	node->wants_connect = true;
}

static void note_message(struct node *node, const struct failover_message *message)
{
	note(node, "send(%s", failover_type_word(message->type));
	if (failover_has(message, FAILOVER_SERVER_STATE))
		note(node, " %s%s", failover_state_word(message->server_state),
		     message->server_flags ? " startup" : "");
	if (failover_has(message, FAILOVER_REJECT_REASON))
		note(node, " %u", message->reject);
	note(node, ") ");
}

/* Whatever happens: what is announced is on disk, and the kernel is silent where that is. */
static void check_state(const struct node *node, const struct failover_message *message)
{
	if (message->type != FAILOVER_STATE)
		return;
	assert_int_equal(message->server_state, node->disk[3]);
	if (!failover_state_serves(message->server_state))
		assert_true(node->silent);
}

static void verb_send(void *context, uint32_t link, const void *bytes, size_t length)
{
	struct node *node = context;
	struct failover_message message;
	const char *why = NULL;
	struct end *other, *end = end_of(node, link, &other);

	assert_true(end->open);
	assert_int_equal(failover_wire_decode(bytes, length, &message, &why), 0);
	note_message(node, &message);
	check_state(node, &message);
	end_append(other, bytes, length);
}

static bool verb_writable(void *context, uint32_t link)
{
	struct node *node = context;
	struct end *other, *end = end_of(node, link, &other);

	return end->open && !node->full && other->length < 1 << 20;
}

static void verb_close(void *context, uint32_t link)
{
	struct end *other, *end = end_of(context, link, &other);

	note(context, "close ");
	end_close(end, other);
}

static uint64_t verb_keep(void *context, const void *bytes, size_t length)
{
	struct node *node = context;

	assert_in_range(length, 1, sizeof(node->kept));
	memcpy(node->kept, bytes, length);
	node->kept_length = length;
	node->dirty = true;
	/* version, flags, own state */
	note(node, "keep(%s) ", failover_state_word(node->kept[3]));
	return node->group;
}

static void verb_silence(void *context)
{
	struct node *node = context;

	note(node, "silence ");
	assert_false(failover_peer_view(node->peer)->serves);
	node->wants_silence = true;
}

static void verb_changed(void *context)
{
	struct node *node = context;
	bool served = node->policies[1].serves;

	if (!node->peer)
		return;
	failover_peer_policy(node->peer, &node->policies[1]);
	assert_int_equal(node->policies[1].serves, failover_peer_view(node->peer)->serves);
	if (node->policies[1].serves) {
		assert_true(failover_state_serves(node->disk[3]));
		node->silent = false;
	}
	if (served != node->policies[1].serves)
		note(node, "serve(%d) ", node->policies[1].serves);
}

static void verb_log(void *context, enum failover_level level, const char *text)
{
	struct node *node = context;
	size_t length = strlen(node->log);

	assert_in_range(level, FAILOVER_LOG_INFO, FAILOVER_LOG_ERROR);
	snprintf(node->log + length, sizeof(node->log) - length, "%s\n", text);
}

static int64_t lease_close(void *context, uint32_t address)
{
	(void)context;
	(void)address;
	return 0;
}

static uint64_t lease_append(void *context, const struct lease_record *record)
{
	struct node *node = context;

	(void)record;
	node->dirty = true;
	return node->group;
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
	struct node *node = context;

	if (node->peer)
		failover_peer_owe(node->peer, lease);
}

static void node_configure(struct node *node, bool primary)
{
	node->range = (struct conf_range){0x0a00000a, 0x0a000031};
	node->pool = (struct conf_pool){
		.network = &node->network, .ranges = &node->range, .range_count = 1, .relation = 1};
	node->pool_list[0] = &node->pool;
	node->network =
		(struct conf_network){.number = 1, .pools = node->pool_list, .pool_count = 1};
	node->network_list[0] = &node->network;
	node->relation = (struct conf_relation){
		.name = "pair",
		.number = 1,
		.primary = primary,
		.address = primary ? 0x0a000001 : 0x0a000002,
		.peer_address = primary ? 0x0a000002 : 0x0a000001,
		.port = 647,
		.peer_port = 647,
		.mclt = primary ? MCLT : 0,
		.max_response_delay = 20,
		.load_balance_max_seconds = 3,
		.max_unacked_updates = 10,
		.max_lease_misbalance = 15,
		.max_lease_ownership = 10,
		.min_balance = 60,
		.max_balance = 3600,
	};
	if (primary)
		memcpy(node->relation.hba, hba_half, sizeof(hba_half));
	node->relation_list[0] = &node->relation;
	node->conf = (struct conf){
		.networks = node->network_list,
		.network_count = 1,
		.pools = node->pool_list,
		.pool_count = 1,
		.relations = node->relation_list,
		.relation_count = 1,
	};
}

static void node_leases(struct node *node)
{
	static const uint8_t seed[16] = "0123456789abcde";
	struct lease_verbs verbs = {
		.context = node,
		.close = lease_close,
		.append = lease_append,
		.publish = lease_publish,
		.drop = lease_drop,
		.acknowledged = lease_acknowledged,
		.announce = lease_announce,
	};

	assert_int_equal(lease_table_new(&node->conf, seed, &node->table), 0);
	lease_table_policies(node->table, node->policies);
	assert_int_equal(lease_commit_new(node->table, &verbs, &node->commit), 0);
	node->options.table = node->table;
	node->options.commit = node->commit;
}

void node_range(struct node *node, uint32_t first, uint32_t last)
{
	assert_null(node->peer);
	lease_commit_free(node->commit);
	lease_table_free(node->table);
	node->range = (struct conf_range){first, last};
	node_leases(node);
}

static void node_make(struct pair *pair, struct node *node, bool primary)
{
	node->pair = pair;
	node->group = 1;
	node_configure(node, primary);
	memset(node->store, primary ? 'a' : 'b', sizeof(node->store));
	node->options = (struct failover_peer_options){
		.conf = &node->relation,
		.common = "range: 10.0.0.10 10.0.0.49\n",
		.store = node->store,
		.software = "xdhcp-1.0",
		.strict = -1,
		.reference = WALL,
		.seed = primary ? 1000 : 2000,
	};
	node_leases(node);
}

int pair_setup(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	*state = pair;
	pair->monotonic = 1000 * SECOND;
	node_make(pair, &pair->nodes[0], true);
	node_make(pair, &pair->nodes[1], false);
	return 0;
}

int pair_teardown(void **state)
{
	struct pair *pair = *state;

	for (unsigned i = 0; i < 2; i++) {
		failover_peer_free(pair->nodes[i].peer);
		lease_commit_free(pair->nodes[i].commit);
		lease_table_free(pair->nodes[i].table);
	}
	for (unsigned i = 0; i < pair->wire_count; i++) {
		free(pair->wires[i].ends[0].bytes);
		free(pair->wires[i].ends[1].bytes);
	}
	free(pair);
	return 0;
}

int thread_setup(void **state)
{
	(void)state;
	rcu_register_thread();
	return 0;
}

int thread_teardown(void **state)
{
	(void)state;
	rcu_unregister_thread();
	return 0;
}

void node_start(struct node *node)
{
	struct failover_peer_verbs verbs = {
		.context = node,
		.connect = verb_connect,
		.send = verb_send,
		.writable = verb_writable,
		.close = verb_close,
		.keep = verb_keep,
		.silence = verb_silence,
		.changed = verb_changed,
		.log = verb_log,
	};
	struct failover_now now = node_now(node);

	assert_null(node->peer);
	node->options.seed++;
	node->wants_connect = node->wants_silence = node->dirty = node->hangs = false;
	assert_int_equal(failover_peer_new(&node->options, &verbs, node->disk, node->disk_length,
					   &node->peer),
			 0);
	node->policies[1] = (struct lease_policy){0};
	node->silent = !node->options.adopted;
	/* The daemon's heart beats before its relationships are at work. */
	failover_peer_heartbeat(node->peer, &now);
	failover_peer_start(node->peer, &now);
}

void node_kill(struct node *node, bool machine)
{
	for (unsigned i = 0; i < node->pair->wire_count; i++)
		for (unsigned side = 0; side < 2; side++) {
			struct end *end = &node->pair->wires[i].ends[side];

			if (end->node != node || !end->open)
				continue;
			end->open = false;
			end->length = 0;
			if (!machine)
				node->pair->wires[i].ends[!side].ended = true;
		}
	failover_peer_free(node->peer);
	node->peer = NULL;
	/* What was not synced is gone. */
	node->kept_length = node->disk_length;
	memcpy(node->kept, node->disk, sizeof(node->kept));
	node->dirty = node->wants_connect = node->wants_silence = false;
}

void node_lose_store(struct node *node, uint8_t identity)
{
	assert_null(node->peer);
	node->disk_length = 0;
	memset(node->store, identity, sizeof(node->store));
}

void node_grant(struct node *node)
{
	struct lease *lease = lease_table_find(node->table, 0x0a00000a);
	struct lease_record *record = lease_record_new("\1\2\3\4\5\6\7", 7, NULL, 0, NULL, 0);
	struct failover_now now = node_now(node);

	record->address = lease->address;
	record->state = LEASE_ACTIVE;
	record->starts = record->cltt = now.wall;
	record->ends = record->horizon = now.wall + 60;
	record->potential = now.wall + 90;
	record->htype = 1;
	record->hlen = 6;
	assert_true(lease_commit_grant(node->commit, lease, record, NULL) > 0);
}

struct failover_status node_status(const struct node *node)
{
	struct failover_now now = node_now(node);
	struct failover_status status;

	failover_peer_status(node->peer, &now, &status);
	return status;
}

/* A script hangs up by forgetting. */
static bool end_used(const struct end *end)
{
	return end->open && !(end->node->scripted && end->ended);
}

struct wire *wire_new(struct pair *pair, struct node *from, struct node *to)
{
	unsigned at = 0;
	struct wire *wire;

	/* What both ends have closed is used again, but not at once: a script may look at it yet. */
	if (pair->wire_count < WIRES)
		at = pair->wire_count++;
	while (at < WIRES &&
	       (end_used(&pair->wires[at].ends[0]) || end_used(&pair->wires[at].ends[1])))
		at++;
	assert_in_range(at, 0, WIRES - 1);
	wire = &pair->wires[at];
	free(wire->ends[0].bytes);
	free(wire->ends[1].bytes);
	wire->ends[0] = (struct end){.node = from, .number = ++from->numbers, .open = true};
	wire->ends[1] = (struct end){.node = to, .number = ++to->numbers, .open = true};
	return wire;
}

struct node *other_of(struct node *node)
{
	return &node->pair->nodes[node == node->pair->nodes];
}

static void node_connects(struct node *node)
{
	struct node *other = other_of(node);
	struct failover_now now = node_now(node), theirs = node_now(other);
	struct wire *wire;

	node->wants_connect = false;
	if (node->pair->cut || !(other->scripted || other->peer)) {
		failover_peer_failed(node->peer, "connection refused", &now);
		return;
	}
	if (other->peer && !failover_peer_accepts(other->peer)) {
		failover_peer_failed(node->peer, "connection reset", &now);
		return;
	}
	wire = wire_new(node->pair, node, other);
	note(node, "opened ");
	failover_peer_opened(node->peer, wire->ends[0].number, true, &now);
	if (other->peer) {
		note(other, "opened ");
		failover_peer_opened(other->peer, wire->ends[1].number, false, &theirs);
	}
}

static bool node_reads(struct node *node, struct end *end, struct end *other)
{
	struct failover_now now = node_now(node);
	uint8_t *bytes = end->bytes;
	size_t length = end->length;

	(void)other;
	if (!end->open || node->pair->cut || !failover_peer_reads(node->peer) || node->hangs)
		return false;
	if (length) {
		end->bytes = NULL;
		end->length = 0;
		failover_peer_bytes(node->peer, end->number, bytes, length, &now);
		free(bytes);
		return true;
	}
	if (!end->ended)
		return false;
	end->open = false;
	failover_peer_closed(node->peer, end->number, "the partner closed the connection", &now);
	return true;
}

static bool node_flush(struct node *node)
{
	struct failover_now now = node_now(node);
	uint64_t group = node->group;

	if (!node->dirty || node->hold_disk)
		return false;
	node->dirty = false;
	node->group++;
	memcpy(node->disk, node->kept, sizeof(node->disk));
	node->disk_length = node->kept_length;
	note(node, "synced ");
	lease_commit_durable(node->commit, group);
	failover_peer_durable(node->peer, group, &now);
	return true;
}

static bool node_moves(struct node *node)
{
	struct failover_now now = node_now(node);
	bool moved = false;

	if (node->hangs)
		return false;
	if (node->wants_connect) {
		node_connects(node);
		moved = true;
	}
	if (node->wants_silence && !node->hold_silence) {
		node->wants_silence = false;
		note(node, "silent ");
		node->silent = true;
		failover_peer_silent(node->peer, &now);
		moved = true;
	}
	for (unsigned i = 0; i < node->pair->wire_count; i++)
		for (unsigned side = 0; side < 2; side++)
			if (node->pair->wires[i].ends[side].node == node)
				moved |= node_reads(node, &node->pair->wires[i].ends[side],
						    &node->pair->wires[i].ends[!side]);
	moved |= node_flush(node);
	node->wake = failover_peer_turn(node->peer, &now);
	node->turns++;
	return moved || node->wants_connect || node->wake <= now.monotonic;
}

static void settle(struct pair *pair)
{
	bool moved = true;

	for (unsigned i = 0; moved; i++) {
		if (i >= 20000)
			fail_msg("it never comes to rest");
		moved = false;
		for (unsigned n = 0; n < 2; n++)
			if (pair->nodes[n].peer)
				moved |= node_moves(&pair->nodes[n]);
	}
}

static uint64_t next_event(const struct pair *pair, uint64_t until)
{
	uint64_t next = (pair->monotonic / SECOND + 1) * SECOND;

	next = until < next ? until : next;
	for (unsigned n = 0; n < 2; n++)
		if (pair->nodes[n].peer && !pair->nodes[n].hangs && pair->nodes[n].wake < next)
			next = pair->nodes[n].wake;
	return next;
}

void pair_run(struct pair *pair, double seconds)
{
	uint64_t until = pair->monotonic + (uint64_t)(seconds * (double)SECOND);

	pair->nodes[0].turns = pair->nodes[1].turns = 0;
	settle(pair);
	while (pair->monotonic < until) {
		pair->monotonic = next_event(pair, until);
		for (unsigned n = 0; n < 2 && pair->monotonic % SECOND == 0; n++) {
			struct failover_now now = node_now(&pair->nodes[n]);

			if (pair->nodes[n].peer && !pair->nodes[n].hangs &&
			    !pair->nodes[n].no_heartbeat)
				failover_peer_heartbeat(pair->nodes[n].peer, &now);
		}
		settle(pair);
	}
}

void pair_become_normal(struct pair *pair)
{
	for (unsigned n = 0; n < 2; n++) {
		struct failover_now now;
		const char *why = NULL;

		node_start(&pair->nodes[n]);
		pair_run(pair, 0);
		now = node_now(&pair->nodes[n]);
		assert_int_equal(failover_peer_init(pair->nodes[n].peer, &now, &why), 0);
	}
	pair_run(pair, 10);
	assert_state(&pair->nodes[0], NORMAL);
	assert_state(&pair->nodes[1], NORMAL);
}

void assert_order(const struct node *node, const char *first, const char *last)
{
	const char *a = strstr(node->trace, first), *b = strstr(node->trace, last);

	if (!a || !b || a >= b)
		fail_msg("not \"%s\" before \"%s\" in: %s", first, last, node->trace);
}

void assert_trace(const struct node *node, const char *word)
{
	if (!strstr(node->trace, word))
		fail_msg("no \"%s\" in: %s", word, node->trace);
}

void assert_no_trace(const struct node *node, const char *word)
{
	if (strstr(node->trace, word))
		fail_msg("\"%s\" in: %s", word, node->trace);
}

void trace_clear(struct node *node)
{
	node->trace_length = 0;
	node->trace[0] = node->log[0] = 0;
}
