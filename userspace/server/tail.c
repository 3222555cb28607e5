// SPDX-License-Identifier: GPL-2.0-only
#include "server/tail.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/sum.h"

#define TAIL_UDP_OVERHEAD (WIRE_IPV4_HLEN + WIRE_UDP_HLEN)
#define TAIL_ETHERNET_PAYLOAD 1472
#define TAIL_OPT_ROUTERS 3

/* Option codes in the order in which a reply carries them, each once. */
struct tail_order {
	uint8_t codes[256];
	size_t count;
	bool seen[256];
};

/* In the head, echoed behind the tail, or a client's alone (RFC 2131 table 3). */
static bool tail_reserves(uint8_t code)
{
	switch (code) {
	case DHCP_OPT_PAD:
	case DHCP_OPT_REQUESTED_ADDRESS:
	case DHCP_OPT_LEASE_TIME:
	case DHCP_OPT_OVERLOAD:
	case DHCP_OPT_MESSAGE_TYPE:
	case DHCP_OPT_SERVER_ID:
	case DHCP_OPT_PARAMETER_REQUEST:
	case DHCP_OPT_MAX_SIZE:
	case DHCP_OPT_RENEWAL_TIME:
	case DHCP_OPT_REBINDING_TIME:
	case DHCP_OPT_CLIENT_ID:
	case DHCP_OPT_AGENT:
	case DHCP_OPT_SUBNET_SELECTION:
	case DHCP_OPT_END:
		return true;
	default:
		return false;
	}
}

static void tail_order_add(struct tail_order *order, uint8_t code)
{
	if (order->seen[code] || tail_reserves(code))
		return;
	order->seen[code] = true;
	order->codes[order->count++] = code;
}

static void tail_order_by_list(struct tail_order *order, const struct dhcp_option *list,
			       bool mask_always)
{
	bool mask = mask_always || memchr(list->data, DHCP_OPT_SUBNET_MASK, list->length);

	for (size_t i = 0; i < list->length; i++) {
		/* RFC 2132 section 3.3: the mask comes before the routers */
		if (list->data[i] == TAIL_OPT_ROUTERS && mask)
			tail_order_add(order, DHCP_OPT_SUBNET_MASK);
		tail_order_add(order, list->data[i]);
	}
	if (mask)
		tail_order_add(order, DHCP_OPT_SUBNET_MASK);
}

static void tail_order_by_code(struct tail_order *order, const struct server_scope *scope)
{
	struct server_scope_walk walk = {0};
	const struct conf_scope *at;
	bool said[256] = {[DHCP_OPT_SUBNET_MASK] = true};

	while ((at = server_scope_step(scope, &walk)))
		for (size_t i = 0; i < at->option_count; i++)
			said[at->options[i].code] = true;
	for (unsigned code = 0; code < 256; code++)
		if (said[code])
			tail_order_add(order, code);
}

static void tail_write_option(struct dhcp_option_writer *writer, const struct server_scope *scope,
			      uint8_t code)
{
	const struct conf_option *option = server_scope_option(scope, code);

	if (option) {
		dhcp_option_write(writer, code, option->data, option->length);
	} else if (code == DHCP_OPT_SUBNET_MASK && scope->subnet) {
		uint32_t mask = htonl(scope->subnet->mask);

		dhcp_option_write(writer, code, &mask, sizeof(mask));
	}
}

static void tail_write_head(struct dhcp_option_writer *writer, uint8_t type, uint32_t server_id,
			    bool timed)
{
	uint32_t identifier = htonl(server_id), later = 0;

	dhcp_option_write(writer, DHCP_OPT_MESSAGE_TYPE, &type, sizeof(type));
	dhcp_option_write(writer, DHCP_OPT_SERVER_ID, &identifier, sizeof(identifier));
	if (!timed)
		return;
	dhcp_option_write(writer, DHCP_OPT_LEASE_TIME, &later, sizeof(later));
	dhcp_option_write(writer, DHCP_OPT_RENEWAL_TIME, &later, sizeof(later));
	dhcp_option_write(writer, DHCP_OPT_REBINDING_TIME, &later, sizeof(later));
}

bool server_options_render(const struct server_scope *scope, const struct dhcp_message *request,
			   uint8_t type, uint32_t server_id, struct dhcp_option_writer *writer)
{
	const struct dhcp_option *list = dhcp_message_option(request, DHCP_OPT_PARAMETER_REQUEST);
	const struct dhcp_option *selection =
		dhcp_message_option(request, DHCP_OPT_SUBNET_SELECTION);
	bool inform = request->type == DHCP_INFORM;
	struct tail_order order = {.count = 0};

	tail_write_head(writer, type, server_id, !inform);
	/* RFC 3011 section 2: it is returned to who sent it */
	if (selection && selection->length == 4)
		dhcp_option_write(writer, DHCP_OPT_SUBNET_SELECTION, selection->data,
				  selection->length);
	if (list)
		tail_order_by_list(&order, list, !inform);
	else
		tail_order_by_code(&order, scope);
	for (size_t i = 0; i < order.count && !writer->full; i++)
		tail_write_option(writer, scope, order.codes[i]);
	return !writer->full;
}

bool server_names_render(const struct server_scope *scope, uint8_t sname[DHCP_SNAME_LEN],
			 uint8_t file[DHCP_FILE_LEN])
{
	const char *server_name = server_scope_server_name(scope);
	const char *filename = server_scope_filename(scope);

	memset(sname, 0, DHCP_SNAME_LEN);
	memset(file, 0, DHCP_FILE_LEN);
	if (server_name)
		memcpy(sname, server_name, strnlen(server_name, DHCP_SNAME_LEN));
	if (filename)
		memcpy(file, filename, strnlen(filename, DHCP_FILE_LEN));
	return sname[0] || file[0];
}

uint16_t server_reply_limit(const struct dhcp_message *request)
{
	const struct dhcp_option *size = dhcp_message_option(request, DHCP_OPT_MAX_SIZE);
	unsigned limit = DHCP_DATAGRAM_DEFAULT;

	/* RFC 2132 section 9.10: the least legal value is 576 */
	if (size && size->length == 2 && (size->data[0] << 8 | size->data[1]) > (int)limit)
		limit = size->data[0] << 8 | size->data[1];
	limit -= TAIL_UDP_OVERHEAD;
	return limit < TAIL_ETHERNET_PAYLOAD ? limit : TAIL_ETHERNET_PAYLOAD;
}

size_t server_options_room(const struct dhcp_message *request, size_t spare)
{
	size_t limit = server_reply_limit(request);

	if (limit < DHCP_FIXED_LEN + TAIL_HEAD_LEN + spare)
		return TAIL_HEAD_LEN;
	return limit - DHCP_FIXED_LEN - spare;
}

void server_tail_render(const struct server_scope *scope, const struct dhcp_message *request,
			uint8_t type, uint32_t server_id, size_t spare, struct xdhcp_tail *ret_tail,
			bool *ret_complete)
{
	size_t room = server_options_room(request, spare);
	struct dhcp_option_writer writer = {
		.bytes = ret_tail->options,
		.size = room < XDHCP_TAIL_OPTIONS ? room : XDHCP_TAIL_OPTIONS,
	};

	memset(ret_tail, 0, sizeof(*ret_tail));
	*ret_complete = server_options_render(scope, request, type, server_id, &writer);
	/* what is configured is the same on every link */
	ret_tail->server_id = server_scope_server_identifier(scope) ? 0 : server_id;
	ret_tail->t1 = server_scope_option_u32(scope, DHCP_OPT_RENEWAL_TIME);
	ret_tail->t2 = server_scope_option_u32(scope, DHCP_OPT_REBINDING_TIME);
	ret_tail->siaddr = htonl(server_scope_next_server(scope));
	ret_tail->length = writer.length;
	ret_tail->limit = server_reply_limit(request);
	ret_tail->sum = base_sum_fold(base_sum_add(0, ret_tail->options, writer.length));
	ret_tail->named = server_names_render(scope, ret_tail->sname, ret_tail->file);
	ret_tail->names_sum =
		base_sum_fold(base_sum_add(0, ret_tail->sname, DHCP_SNAME_LEN + DHCP_FILE_LEN));
}
