/* SPDX-License-Identifier: GPL-2.0-only */
#include "peer_fixture.h"

struct script script_of(struct pair *pair, unsigned index)
{
	pair->nodes[index].scripted = true;
	return (struct script){.pair = pair, .node = &pair->nodes[index]};
}

static struct end *script_end(const struct script *script)
{
	assert_non_null(script->wire);
	return &script->wire->ends[script->wire->ends[1].node == script->node];
}

void script_connect(struct script *script)
{
	struct node *other = other_of(script->node);
	struct failover_now now = node_now(other);

	assert_true(failover_peer_accepts(other->peer));
	script->wire = wire_new(script->pair, script->node, other);
	failover_peer_opened(other->peer, script->wire->ends[1].number, false, &now);
	pair_run(script->pair, 0);
}

void script_accept(struct script *script)
{
	struct wire *newest = NULL;

	pair_run(script->pair, 0);
	for (unsigned i = 0; i < script->pair->wire_count; i++)
		if (script->pair->wires[i].ends[1].node == script->node &&
		    (!newest || script->pair->wires[i].ends[1].number > newest->ends[1].number))
			newest = &script->pair->wires[i];
	if (!newest || newest->ends[1].number == script->accepted)
		fail_msg("no new connection came");
	script->wire = newest;
	script->accepted = newest->ends[1].number;
}

void script_bytes(struct script *script, const void *bytes, size_t length)
{
	struct end *end = script_end(script);

	end_append(end == &script->wire->ends[0] ? &script->wire->ends[1] : &script->wire->ends[0],
		   bytes, length);
	pair_run(script->pair, 0);
}

void script_say(struct script *script, struct failover_message *message)
{
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	size_t length;

	if (!message->xid)
		message->xid = ++script->xid;
	if (!message->time)
		message->time = (uint32_t)node_now(script->node).wall;
	length = failover_wire_encode(message, bytes, sizeof(bytes));
	assert_true(length > 0);
	script_bytes(script, bytes, length);
}

bool script_hear(struct script *script)
{
	struct end *end = script_end(script);
	int length = end->length ? failover_wire_length(end->bytes, end->length) : 0;
	const char *why = NULL;

	assert_true(length >= 0);
	if (!length || (size_t)length > end->length)
		return false;
	memcpy(script->last, end->bytes, (size_t)length);
	end->length -= (size_t)length;
	memmove(end->bytes, end->bytes + length, end->length);
	assert_int_equal(failover_wire_decode(script->last, (size_t)length, &script->message, &why),
			 0);
	return true;
}

void script_expect(struct script *script, enum failover_type type)
{
	while (script_hear(script))
		if (script->message.type == type)
			return;
	fail_msg("no %s came", failover_type_word((uint8_t)type));
}

bool script_closed(const struct script *script)
{
	return script_end(script)->ended;
}

void script_hang_up(struct script *script)
{
	struct end *end = script_end(script);

	end_close(end,
		  end == &script->wire->ends[0] ? &script->wire->ends[1] : &script->wire->ends[0]);
	pair_run(script->pair, 0);
}

static struct failover_bytes bytes_of(const char *text)
{
	return (struct failover_bytes){(const uint8_t *)text, (uint16_t)strlen(text)};
}

struct failover_message script_handshake(enum failover_type type)
{
	struct failover_message message = {
		.type = (uint8_t)type,
		.present = 1U << FAILOVER_RELATIONSHIP_NAME | 1U << FAILOVER_MAX_UNACKED |
			   1U << FAILOVER_RECEIVE_TIMER | 1U << FAILOVER_VENDOR_CLASS |
			   1U << FAILOVER_PROTOCOL_VERSION,
		.relationship = bytes_of("pair"),
		.max_unacked = 10,
		.receive_timer = 30,
		.vendor_class = bytes_of("isc-4.4.3-P1"),
		.protocol_version = 1,
		.mclt = MCLT,
		.hash_buckets = hba_half,
	};

	if (type == FAILOVER_CONNECT)
		message.present |= 1U << FAILOVER_TLS_REQUEST | 1U << FAILOVER_MCLT |
				   1U << FAILOVER_HASH_BUCKETS;
	else
		message.present |= 1U << FAILOVER_TLS_REPLY;
	return message;
}

void script_drop(struct failover_message *message, enum failover_option option)
{
	message->present &= ~(1U << option);
}

struct failover_message script_state(enum failover_state state, uint8_t flags)
{
	return (struct failover_message){
		.type = FAILOVER_STATE,
		.present = 1U << FAILOVER_SERVER_STATE | 1U << FAILOVER_SERVER_FLAGS |
			   1U << FAILOVER_START_OF_STATE,
		.server_state = (uint8_t)state,
		.server_flags = flags,
		.start_of_state = WALL,
	};
}
