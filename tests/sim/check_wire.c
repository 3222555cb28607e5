// SPDX-License-Identifier: GPL-2.0-only
/* What servers say to each other (draft section 6), read as it is sent and as it arrives. */
#include <stdlib.h>
#include <string.h>

#include "dhcp/ident.h"
#include "tests/sim/check.h"

#define UPDATES_A_MINUTE 20 /* of one address at most */
#define UPDATES 65536 /* in flight at one time; numbered by xid */
#define CLOCKS 16 /* of one sender, that its messages under way were written by */

enum type {
	BNDUPD = 3,
	BNDACK = 4,
	UPDREQALL = 7,
	UPDDONE = 8,
	STATE = 10,
	CONTACT = 11,
};

struct message {
	uint8_t type;
	uint32_t xid, address, client; /* + 1 */
	uint8_t binding, reject, flags, state;
	int64_t ends, potential;
};

struct update {
	uint32_t xid; /* + 1; 0: none */
	uint64_t at; /* when it was sent */
	struct message message;
};

/* Bytes until they are a whole message. */
struct partial {
	uint8_t bytes[4096];
	size_t length;
};

struct check_stream {
	int from, to;
	struct check_stream *other;
	bool spoke; /* its sender said STATE: it has taken the connection for the link */
	bool came; /* something with a time was received of it */
	struct partial sent, received;
	uint64_t sent_count, received_count; /* messages */
	struct {
		uint64_t from; /* of this message on */
		int64_t offset; /* of the sender's wall clock */
	} clocks[CLOCKS];
	unsigned clock_first, clock_count;
	struct update updates[UPDATES]; /* BNDUPDs sent this way */
};

static uint32_t be(const uint8_t *at, size_t length)
{
	uint32_t value = 0;

	while (length--)
		value = value << 8 | *at++;
	return value;
}

static void option_read(struct message *message, uint32_t code, const uint8_t *value, size_t length)
{
	switch (code) {
	case 2:
		message->address = be(value, length);
		break;
	case 3:
		message->binding = value[0];
		break;
	case 5:
		if (length == 7 && be(value + 1, 2) == 0x02cc)
			message->client = be(value + 3, 4) + 1;
		break;
	case 13:
		message->ends = be(value, length);
		break;
	case 18:
		message->potential = be(value, length);
		break;
	case 21:
		message->reject = value[0];
		break;
	case 23:
		message->flags = value[0];
		break;
	case 24:
		message->state = value[0];
		break;
	}
}

/* Takes one message from the front; false: it is not whole yet. */
static bool message_take(struct partial *partial, struct message *ret_message)
{
	const uint8_t *bytes = partial->bytes;
	size_t length = partial->length < 2 ? SIZE_MAX : be(bytes, 2), at = 12;
	struct message message = {0};

	if (length > partial->length)
		return false;
	message.type = bytes[2];
	message.xid = be(bytes + 8, 4);
	while (at + 4 <= length) {
		size_t size = be(bytes + at + 2, 2);

		if (at + 4 + size > length || !size)
			break;
		option_read(&message, be(bytes + at, 2), bytes + at + 4, size);
		at += 4 + size;
	}
	if (length < 12 || at != length)
		sim_fail("a failover message of type %u that cannot be read", message.type);
	memmove(partial->bytes, bytes + length, partial->length - length);
	partial->length -= length;
	*ret_message = message;
	return true;
}

static uint64_t client_key(uint64_t seed, uint32_t client)
{
	uint8_t bytes[8] = {0, 1};
	bool named = client % 3 == 0; /* wire.c: by option 61 */

	bytes[0] = named ? 61 : 0;
	wire_mac(client, bytes + 2);
	return dhcp_ident_key(seed, bytes, sizeof(bytes));
}

/* Invariant I6: the kernel promises nothing any more to whom the address was taken from. */
static void closed_check(const struct node *node, uint32_t address)
{
	const struct check_fact *fact = &check_nodes[node->index].facts[check_place(address)];
	const struct xdhcp_slot *slot = kernel_slot(&node->kernel, address);

	if (!slot || XDHCP_WORD_HELD(slot->word) || !slot->key)
		return;
	if (fact->state != CHECK_ACTIVE ||
	    slot->key != client_key(node->kernel.native.control.seed, fact->client - 1))
		sim_fail("%c agrees that %s is %s, and its kernel still promises it",
			 'A' + node->index, check_address(address),
			 check_binding_word(fact->state));
}

/* What was agreed to is on disk, or was, and something newer is by now. */
static void durable_check(const struct node *node, const struct update *agreed)
{
	const struct message *update = &agreed->message;
	const struct check_fact *fact =
		&check_nodes[node->index].facts[check_place(update->address)];
	bool holds = fact->state == CHECK_ACTIVE;

	if (update->binding == CHECK_ACTIVE)
		holds = holds ? fact->client == update->client && fact->received
			      : fact->freed >= agreed->at;
	else
		holds = !holds || fact->freed >= agreed->at;
	if (!holds)
		sim_fail("%c agrees that %s is %s (client %d), and its disk says %s (client %d)",
			 'A' + node->index, check_address(update->address),
			 check_binding_word(update->binding), (int)update->client - 1,
			 check_binding_word(fact->state), (int)fact->client - 1);
}

/* Both agree about this update. What was known of a binding is forgotten with it. */
static void agree(int node, const struct message *update)
{
	struct check_fact *fact = &check_nodes[node].facts[check_place(update->address)];

	if (update->binding != CHECK_ACTIVE)
		fact->known = 0;
	else if (fact->client == update->client && fact->known < update->potential)
		fact->known = update->potential;
}

static void state_check(const struct node *node, const struct message *message)
{
	struct check_node *known = &check_nodes[node->index];
	bool startup = message->flags & 1;

	sim_note(node->index, "says %s%s", check_state_word(message->state),
		 startup ? ", starting" : "");
	if (message->state != known->kept &&
	    !(known->kept == CHECK_UNKNOWN && message->state == CHECK_RECOVER && startup))
		sim_fail("%c says %s, and its disk says %s", 'A' + node->index,
			 check_state_word(message->state), check_state_word(known->kept));
	if (!startup && !check_state_serves(message->state) && known->open)
		sim_fail("%c says %s, and its kernel serves%s", 'A' + node->index,
			 check_state_word(message->state),
			 node->kernel.native.relations[1].serve
				 ? ""
				 : ", for all that is known: no grace period has passed");
	known->announced = message->state;
	known->startup = startup;
}

static struct update *update_of(struct check_stream *stream, uint32_t xid)
{
	struct update *update = stream ? &stream->updates[xid % UPDATES] : NULL;

	return update && update->xid == xid + 1 ? update : NULL;
}

/* Two servers that contradict each other do so in peace: what was just answered does not go round. */
static void pace_check(const struct check_stream *stream, const struct message *message)
{
	struct check_fact *fact = &check_nodes[stream->from].facts[check_place(message->address)];
	uint64_t minute = sim.now / (60 * SIM_SECOND);

	if (fact->minute != minute)
		fact->updates = 0;
	fact->minute = minute;
	if (++fact->updates == UPDATES_A_MINUTE)
		sim_fail("%c has sent %u updates of %s within a minute, the last: %s",
			 'A' + stream->from, fact->updates, check_address(message->address),
			 check_binding_word(message->binding));
}

static void update_sent(struct check_stream *stream, const struct message *message)
{
	const struct check_fact *fact =
		&check_nodes[stream->from].facts[check_place(message->address)];

	pace_check(stream, message);
	stream->updates[message->xid % UPDATES] =
		(struct update){.xid = message->xid + 1, .at = sim.now, .message = *message};
	if (message->binding == CHECK_ACTIVE && fact->state == CHECK_ACTIVE &&
	    message->potential > fact->potential && message->potential < INT32_MAX)
		sim_fail("%c says a potential expiry of %lld for %s, and its disk says %lld",
			 'A' + stream->from, (long long)message->potential,
			 check_address(message->address), (long long)fact->potential);
}

static void trace(int node, const char *verb, const struct message *message)
{
	if (sim.traced && message->address == sim.traced)
		sim_note(node, "%s %s %u: %s, client %d, ends %lld, potential %lld, reject %u",
			 verb, message->type == BNDUPD ? "BNDUPD" : "BNDACK", message->xid,
			 check_binding_word(message->binding), (int)message->client - 1,
			 (long long)message->ends, (long long)message->potential, message->reject);
}

/* The clock by which the next message is written. */
static void clock_write(struct check_stream *stream)
{
	int64_t offset = node_wall(&sim.nodes[stream->from]) - (int64_t)sim.now;
	unsigned last = (stream->clock_first + stream->clock_count + CLOCKS - 1) % CLOCKS;

	stream->sent_count++;
	if (stream->clock_count &&
	    llabs(offset - stream->clocks[last].offset) < (int64_t)SIM_SECOND / 100)
		return;
	if (stream->clock_count == CLOCKS)
		stream->clock_first = (stream->clock_first + 1) % CLOCKS;
	else
		stream->clock_count++;
	last = (stream->clock_first + stream->clock_count - 1) % CLOCKS;
	stream->clocks[last].from = stream->sent_count;
	stream->clocks[last].offset = offset;
}

/* That by which the one was written that was received last. */
static int64_t clock_read(struct check_stream *stream)
{
	unsigned second = (stream->clock_first + 1) % CLOCKS;

	while (stream->clock_count > 1 && stream->clocks[second].from <= stream->received_count) {
		stream->clock_first = second;
		stream->clock_count--;
		second = (second + 1) % CLOCKS;
	}
	return stream->clocks[stream->clock_first].offset;
}

/* The partner's clock is known from now on, as it was when this was sent. */
static void clock_hear(struct check_stream *stream)
{
	struct check_node *known = &check_nodes[stream->to];
	int64_t offset = clock_read(stream);

	if (!known->heard || llabs(offset - known->partner_offset) > (int64_t)SIM_SECOND / 10) {
		known->partner_before = known->heard ? known->partner_offset : offset;
		known->partner_news = sim.now;
	}
	known->partner_offset = offset;
	known->heard = true;
}

/* What the partner tells is on its disk, and binds it, whether it hears the answer or not. */
static void told(int node, const struct message *update)
{
	struct check_fact *fact = &check_nodes[node].facts[check_place(update->address)];

	fact->told = update->binding == CHECK_ACTIVE ? update->potential : 0;
	fact->told_client = update->client;
}

/* What comes by a connection counts from when the receiver has taken it for the link. */
static void link_taken(struct check_stream *stream)
{
	if (!stream->spoke && stream->other && stream->other->came)
		clock_hear(stream->other);
	stream->spoke = true;
}

static void sent(struct check_stream *stream, const struct message *message)
{
	struct node *node = &sim.nodes[stream->from];
	const struct update *update;

	clock_write(stream);
	trace(stream->from, "sends", message);
	switch (message->type) {
	case STATE:
		link_taken(stream);
		state_check(node, message);
		break;
	case UPDREQALL:
		check_nodes[stream->from].asked = true;
		break;
	case BNDUPD:
		update_sent(stream, message);
		break;
	case BNDACK:
		update = update_of(stream->other, message->xid);
		if (message->reject || !update)
			break;
		durable_check(node, update);
		closed_check(node, update->message.address);
		agree(stream->from, &update->message);
		break;
	}
}

static void received(struct check_stream *stream, const struct message *message)
{
	struct check_node *known = &check_nodes[stream->to];
	const struct update *update;

	stream->received_count++;
	trace(stream->to, "receives", message);
	if (message->type == STATE || message->type == CONTACT || message->type == BNDUPD) {
		stream->came = true;
		if (stream->other && stream->other->spoke)
			clock_hear(stream);
	}
	if (message->type == STATE && known->kept != CHECK_PARTNER_DOWN)
		known->said_down = 0;
	if (message->type == BNDUPD)
		told(stream->to, message);
	if (message->type == UPDDONE && known->asked)
		known->updated = true;
	if (message->type != BNDACK || message->reject)
		return;
	update = update_of(stream->other, message->xid);
	if (update)
		agree(stream->to, &update->message);
}

struct check_stream *check_stream_new(int from, int to, struct check_stream *other)
{
	struct check_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		abort();
	stream->from = from;
	stream->to = to;
	stream->other = other;
	if (other)
		other->other = stream;
	return stream;
}

void check_stream_free(struct check_stream *stream)
{
	free(stream);
}

static void feed(struct check_stream *stream, struct partial *partial, const uint8_t *bytes,
		 size_t length,
		 void (*take)(struct check_stream *stream, const struct message *message))
{
	struct message message;

	while (length) {
		size_t room = sizeof(partial->bytes) - partial->length;
		size_t part = length < room ? length : room;

		memcpy(partial->bytes + partial->length, bytes, part);
		partial->length += part;
		bytes += part;
		length -= part;
		while (message_take(partial, &message))
			take(stream, &message);
	}
}

void check_stream_sent(struct check_stream *stream, const uint8_t *bytes, size_t length)
{
	feed(stream, &stream->sent, bytes, length, sent);
}

void check_stream_received(struct check_stream *stream, const uint8_t *bytes, size_t length)
{
	feed(stream, &stream->received, bytes, length, received);
}

void check_grace(struct node *node)
{
	if (!node->kernel.native.relations[1].serve)
		check_nodes[node->index].open = false;
}

void check_kernel_gone(struct node *node)
{
	check_nodes[node->index].open = false;
}

void check_beat(struct node *node)
{
	struct check_node *known = &check_nodes[node->index];

	known->beat = sim.now;
	known->open |= node->kernel.native.relations[1].serve != 0;
}

/* The transition table, and what an operator's word, a start and a clock bring about. */
bool check_state_follows(uint8_t before, uint8_t after)
{
	static const struct {
		uint8_t before, after[10];
	} rows[] = {
		{CHECK_NORMAL,
		 {CHECK_INTERRUPTED, CHECK_PARTNER_DOWN, CHECK_CONFLICT, CHECK_RECOVER}},
		{CHECK_INTERRUPTED,
		 {CHECK_NORMAL, CHECK_PARTNER_DOWN, CHECK_CONFLICT, CHECK_RECOVER}},
		{CHECK_PARTNER_DOWN, {CHECK_NORMAL, CHECK_CONFLICT, CHECK_RECOVER}},
		{CHECK_CONFLICT,
		 {CHECK_NORMAL, CHECK_CONFLICT_DONE, CHECK_RESOLUTION, CHECK_PARTNER_DOWN,
		  CHECK_RECOVER}},
		{CHECK_RESOLUTION, {CHECK_CONFLICT, CHECK_PARTNER_DOWN}},
		{CHECK_CONFLICT_DONE, {CHECK_NORMAL, CHECK_CONFLICT, CHECK_PARTNER_DOWN}},
		/* RECOVER-DONE is skipped where the partner is in it already. */
		{CHECK_RECOVER,
		 {CHECK_RECOVER_WAIT, CHECK_RECOVER_DONE, CHECK_NORMAL, CHECK_CONFLICT,
		  CHECK_PARTNER_DOWN}},
		{CHECK_RECOVER_WAIT,
		 {CHECK_RECOVER_DONE, CHECK_NORMAL, CHECK_PARTNER_DOWN, CHECK_RECOVER}},
		{CHECK_RECOVER_DONE, {CHECK_NORMAL, CHECK_PARTNER_DOWN, CHECK_RECOVER}},
		{CHECK_SHUTDOWN, {CHECK_RECOVER, CHECK_PARTNER_DOWN}},
		{CHECK_UNKNOWN, {CHECK_RECOVER, CHECK_PARTNER_DOWN}},
	};

	if (after == CHECK_SHUTDOWN)
		return before == CHECK_NORMAL || before == CHECK_INTERRUPTED ||
		       before == CHECK_RECOVER_DONE || before == CHECK_PARTNER_DOWN;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].before == before)
			return memchr(rows[i].after, after, sizeof(rows[i].after));
	}
	return false;
}
