// SPDX-License-Identifier: GPL-2.0-only
#include "server/reply.h"

#include <arpa/inet.h>
#include <string.h>

#include "dhcp/option.h"

#define REPLY_BROADCAST 0xffffffffU
#define REPLY_HTYPE_ETHERNET 1
#define REPLY_OPT_HOST_NAME 12

/* Bytes that an option takes on the wire, split as RFC 3396 has it. */
static size_t reply_echo_length(const struct dhcp_option *option)
{
	if (!option->data)
		return 0;
	return option->length + 2 * (option->length > 255 ? (option->length + 254) / 255 : 1);
}

/* What follows the tail: options 61 and 82, END. */
static size_t reply_spare(const struct dhcp_message *message)
{
	return reply_echo_length(&message->options[DHCP_OPT_CLIENT_ID]) +
	       reply_echo_length(&message->options[DHCP_OPT_AGENT]) + 1;
}

static bool reply_gives_address(enum server_action action)
{
	return action == SERVER_OFFER || action == SERVER_OFFER_STATIC || action == SERVER_GRANT ||
	       action == SERVER_STATIC;
}

static bool reply_is_offer(enum server_action action)
{
	return action == SERVER_OFFER || action == SERVER_OFFER_STATIC;
}

/*
 * A relay cannot find a client by an address that a reply does not carry:
 * RFC 2131 section 4.3.2 asks for the flag in NAK; an INFORM without ciaddr is the same case.
 */
static bool reply_needs_broadcast_flag(const struct server_request *request,
				       const struct server_verdict *verdict)
{
	if (!request->message.giaddr)
		return false;
	return verdict->action == SERVER_NAK ||
	       (verdict->action == SERVER_INFORM && !request->message.ciaddr);
}

/* RFC 2131 section 4.3.1, table 3. */
static void reply_write_fixed(const struct server_request *request,
			      const struct server_verdict *verdict, struct server_reply *reply)
{
	const struct dhcp_message *message = &request->message;
	const struct server_scope *scope = &verdict->scope;
	uint16_t flags = message->flags;
	struct wire_bootp fixed = {
		.op = DHCP_OP_REPLY,
		.htype = message->htype,
		.hlen = message->hlen,
		.xid = htonl(message->xid),
		.giaddr = htonl(message->giaddr),
		.cookie = htonl(DHCP_COOKIE),
	};

	if (reply_needs_broadcast_flag(request, verdict))
		flags |= DHCP_FLAG_BROADCAST;
	fixed.flags = htons(flags);
	memcpy(fixed.chaddr, message->chaddr, sizeof(fixed.chaddr));
	if (verdict->action != SERVER_NAK) {
		if (!reply_is_offer(verdict->action))
			fixed.ciaddr = htonl(message->ciaddr);
		fixed.yiaddr = htonl(verdict->address);
		fixed.siaddr = htonl(server_scope_next_server(scope));
		server_names_render(scope, fixed.sname, fixed.file);
	}
	memcpy(reply->bytes, &fixed, sizeof(fixed));
}

static void reply_write_time(uint8_t *at, uint32_t seconds)
{
	uint32_t wire = htonl(seconds);

	memcpy(at, &wire, sizeof(wire));
}

static void reply_write_times(uint8_t *options, const struct xdhcp_tail *tail, uint32_t given)
{
	uint32_t t2 = dhcp_t2(given, tail->t2);

	reply_write_time(options + TAIL_LEASE_TIME_AT, given);
	reply_write_time(options + TAIL_T1_AT, dhcp_t1(given, tail->t1, t2));
	reply_write_time(options + TAIL_T2_AT, t2);
}

/* The tail where it holds everything, else as much as the client takes. */
static size_t reply_write_lease_options(const struct server_request *request,
					const struct server_verdict *verdict,
					struct server_reply *reply, struct xdhcp_tail *ret_tail,
					bool *ret_complete)
{
	const struct dhcp_message *message = &request->message;
	uint8_t type = reply_is_offer(verdict->action) ? DHCP_OFFER : DHCP_ACK;
	size_t spare = reply_spare(message);
	struct dhcp_option_writer writer = {
		.bytes = reply->bytes + DHCP_FIXED_LEN,
		.size = server_options_room(message, spare),
	};

	server_tail_render(&verdict->scope, message, type, verdict->server_id, spare, ret_tail,
			   ret_complete);
	if (*ret_complete) {
		memcpy(writer.bytes, ret_tail->options, ret_tail->length);
		writer.length = ret_tail->length;
	} else {
		server_options_render(&verdict->scope, message, type, verdict->server_id, &writer);
	}
	reply_write_times(writer.bytes, ret_tail, verdict->lease_time);
	return writer.length;
}

static size_t reply_write_inform_options(const struct server_request *request,
					 const struct server_verdict *verdict,
					 struct server_reply *reply)
{
	struct dhcp_option_writer writer = {
		.bytes = reply->bytes + DHCP_FIXED_LEN,
		.size = server_options_room(&request->message, reply_spare(&request->message)),
	};

	server_options_render(&verdict->scope, &request->message, DHCP_ACK, verdict->server_id,
			      &writer);
	return writer.length;
}

/* RFC 2131 section 4.3.1, table 3: a NAK carries next to nothing. */
static size_t reply_write_nak_options(const struct server_verdict *verdict,
				      struct server_reply *reply)
{
	struct dhcp_option_writer writer = {
		.bytes = reply->bytes + DHCP_FIXED_LEN,
		.size = SERVER_REPLY_MAX - DHCP_FIXED_LEN,
	};
	uint32_t server_id = htonl(verdict->server_id);

	dhcp_option_write(&writer, DHCP_OPT_MESSAGE_TYPE, &(uint8_t){DHCP_NAK}, 1);
	dhcp_option_write(&writer, DHCP_OPT_SERVER_ID, &server_id, sizeof(server_id));
	dhcp_option_write(&writer, DHCP_OPT_MESSAGE, verdict->message, strlen(verdict->message));
	return writer.length;
}

/*
 * Option 61 as it came (RFC 6842), then option 82 as the last (RFC 3046
 * section 2.2), END, and zeroes up to what RFC 1542 section 2.1 has for the least. A reply
 * without room for either is not sent at all.
 */
static void reply_write_end(const struct dhcp_message *message, size_t options,
			    struct server_reply *reply)
{
	const struct dhcp_option *client = &message->options[DHCP_OPT_CLIENT_ID];
	const struct dhcp_option *agent = &message->options[DHCP_OPT_AGENT];
	struct dhcp_option_writer writer = {
		.bytes = reply->bytes + DHCP_FIXED_LEN,
		.size = SERVER_REPLY_MAX - DHCP_FIXED_LEN - 1,
		.length = options,
	};

	if (client->data)
		dhcp_option_write(&writer, DHCP_OPT_CLIENT_ID, client->data, client->length);
	if (agent->data)
		dhcp_option_write(&writer, DHCP_OPT_AGENT, agent->data, agent->length);
	if (writer.full)
		return;
	writer.bytes[writer.length++] = DHCP_OPT_END;
	reply->length = DHCP_FIXED_LEN + writer.length;
	if (reply->length < DHCP_REPLY_MIN) {
		memset(reply->bytes + reply->length, 0, DHCP_REPLY_MIN - reply->length);
		reply->length = DHCP_REPLY_MIN;
	}
}

static void reply_to(struct server_reply *reply, uint32_t address, uint16_t port)
{
	reply->destination = address;
	reply->destination_port = port;
}

static void reply_to_all(struct server_reply *reply)
{
	reply_to(reply, REPLY_BROADCAST, DHCP_PORT_CLIENT);
	reply->by_hardware = true;
	memset(reply->hardware, 0xff, sizeof(reply->hardware));
}

static void reply_to_hardware(const struct dhcp_message *message, uint32_t address,
			      struct server_reply *reply)
{
	if (message->htype != REPLY_HTYPE_ETHERNET || message->hlen != sizeof(reply->hardware)) {
		reply_to_all(reply);
		return;
	}
	reply_to(reply, address, DHCP_PORT_CLIENT);
	reply->by_hardware = true;
	memcpy(reply->hardware, message->chaddr, sizeof(reply->hardware));
}

/* A client that has the address, but may not answer for it before it is bound again. */
static void reply_to_holder(const struct server_request *request, uint32_t address,
			    struct server_reply *reply)
{
	if (request->source)
		reply_to(reply, address, DHCP_PORT_CLIENT);
	else
		reply_to_hardware(&request->message, address, reply);
}

/* RFC 2131 section 4.1, and 4.3.5: an INFORM's ciaddr comes before its relay. */
static void reply_address(const struct server_request *request,
			  const struct server_verdict *verdict, struct server_reply *reply)
{
	const struct dhcp_message *message = &request->message;

	if (verdict->action == SERVER_INFORM && message->ciaddr)
		reply_to_holder(request, message->ciaddr, reply);
	else if (message->giaddr)
		reply_to(reply, message->giaddr, DHCP_PORT_SERVER);
	else if (verdict->action == SERVER_NAK)
		reply_to_all(reply);
	else if (verdict->action == SERVER_INFORM)
		reply_to(reply, request->source, DHCP_PORT_CLIENT);
	else if (message->ciaddr && !reply_is_offer(verdict->action))
		reply_to_holder(request, message->ciaddr, reply);
	else if (message->flags & DHCP_FLAG_BROADCAST)
		reply_to_all(reply);
	else
		reply_to_hardware(message, verdict->address, reply);
}

static void reply_source(const struct server_request *request, const struct server_verdict *verdict,
			 struct server_reply *reply)
{
	reply->ifindex = request->ifindex;
	if (request->to_us)
		reply->source = request->destination;
	else if (request->link_address)
		reply->source = request->link_address;
	else
		reply->source = verdict->server_id;
}

/*
 * The program repeats an ACK of an address, whole, to who asks alike. What RFC 3011's option
 * adds is for this request alone.
 */
static bool reply_is_repeatable(const struct server_request *request,
				const struct server_verdict *verdict, bool complete)
{
	return complete && !reply_is_offer(verdict->action) &&
	       !dhcp_message_option(&request->message, DHCP_OPT_SUBNET_SELECTION);
}

void server_reply_build(const struct server_request *request, const struct server_verdict *verdict,
			struct server_reply *ret_reply, struct xdhcp_tail *ret_tail,
			bool *ret_stampable)
{
	size_t options;
	bool complete;

	memset(ret_reply, 0, offsetof(struct server_reply, bytes));
	*ret_stampable = false;
	if (reply_gives_address(verdict->action)) {
		options =
			reply_write_lease_options(request, verdict, ret_reply, ret_tail, &complete);
		*ret_stampable = reply_is_repeatable(request, verdict, complete);
	} else if (verdict->action == SERVER_INFORM) {
		options = reply_write_inform_options(request, verdict, ret_reply);
	} else if (verdict->action == SERVER_NAK) {
		options = reply_write_nak_options(verdict, ret_reply);
	} else {
		return;
	}
	reply_write_fixed(request, verdict, ret_reply);
	reply_write_end(&request->message, options, ret_reply);
	reply_address(request, verdict, ret_reply);
	reply_source(request, verdict, ret_reply);
}

static bool reply_record_is_clients(const struct lease_record *record,
				    const struct server_request *request)
{
	return record &&
	       dhcp_ident_equal(&request->ident, lease_record_ident(record), record->ident_length);
}

struct lease_record *server_record_of(const struct server_request *request,
				      const struct server_verdict *verdict, int64_t horizon)
{
	const struct dhcp_message *message = &request->message;
	const struct dhcp_option *name = &message->options[REPLY_OPT_HOST_NAME];
	struct dhcp_option agent = message->options[DHCP_OPT_AGENT];
	const struct lease_record *old = lease_effective(verdict->lease);
	struct lease_record *record;

	if (!reply_record_is_clients(old, request))
		old = NULL;
	if (!agent.data && old)
		agent = (struct dhcp_option){lease_record_agent(old), old->agent_length};
	record =
		lease_record_new(request->ident.bytes, request->ident.length, agent.data,
				 agent.length, name->data, name->length > 255 ? 255 : name->length);
	if (!record)
		return NULL;
	record->address = verdict->address;
	record->state = LEASE_ACTIVE;
	record->starts = record->cltt = request->now;
	/* Up: `now` is a second that has begun, and the client counts from within it. */
	record->ends = request->now + 1 + verdict->lease_time;
	record->horizon = horizon;
	record->htype = message->htype;
	record->hlen = message->hlen;
	memcpy(record->chaddr, message->chaddr, sizeof(record->chaddr));
	if (old)
		record->flags = old->flags;
	/* Until this record is in its slot, the program promises up to the older H. */
	if (old && old->state == LEASE_ACTIVE && old->horizon > horizon)
		record->horizon = old->horizon;
	return record;
}
