/* SPDX-License-Identifier: GPL-2.0-only */
#include "dhcp/message.h"

#include <string.h>

#include "base/cursor.h"

/* RFC 2132 section 9.3. */
#define OVERLOAD_FILE 1
#define OVERLOAD_SNAME 2

const char *dhcp_refusal_word(enum dhcp_refusal refusal)
{
	static const char *const words[DHCP_REFUSE_MAX] = {[DHCP_REFUSE_NONE] = "none",
#define DHCP_REFUSAL_WORD(name, word, text) [DHCP_##name] = word,
							   DHCP_REFUSALS(DHCP_REFUSAL_WORD)
#undef DHCP_REFUSAL_WORD
	};

	return refusal < DHCP_REFUSE_MAX ? words[refusal] : "unknown";
}

/* Puts bytes behind the joined ones; false where there is no room. */
static bool joined_append(struct dhcp_message *message, const uint8_t *data, size_t length)
{
	if (length > DHCP_JOINED_MAX - message->joined_length)
		return false;
	memcpy(message->joined + message->joined_length, data, length);
	message->joined_length += length;
	return true;
}

/* RFC 3396 section 7: a repeated option continues the one before it. */
static bool option_join(struct dhcp_message *message, struct dhcp_option *option,
			const uint8_t *data, size_t length)
{
	const uint8_t *end = message->joined + message->joined_length;

	if (option->data + option->length != end) {
		if (!joined_append(message, option->data, option->length))
			return false;
		option->data = end;
	}
	if (!joined_append(message, data, length))
		return false;
	option->length += (uint16_t)length;
	return true;
}

/* RFC 2132 section 2: one field of options, up to its END. */
static enum dhcp_refusal options_parse(struct dhcp_message *message, struct base_cursor field)
{
	while (base_cursor_remaining(&field)) {
		uint8_t code = base_cursor_u8(&field);
		struct dhcp_option *option = &message->options[code];
		const uint8_t *data;
		uint8_t length;

		if (code == DHCP_OPT_PAD)
			continue;
		if (code == DHCP_OPT_END)
			return DHCP_REFUSE_NONE;
		length = base_cursor_u8(&field);
		data = base_cursor_bytes(&field, length);
		if (!data)
			return DHCP_REFUSE_OPTION_LENGTH;
		message->present[code / 64] |= 1ULL << code % 64;
		if (!option->data)
			*option = (struct dhcp_option){.data = data, .length = length};
		else if (!option_join(message, option, data, length))
			return DHCP_REFUSE_TOO_MANY;
	}
	return DHCP_REFUSE_NO_END;
}

/* RFC 2132 section 9.3, in the order of RFC 3396 section 5: file, then sname. */
static enum dhcp_refusal overload_parse(struct dhcp_message *message, struct base_cursor sname,
					struct base_cursor file)
{
	const struct dhcp_option *option = dhcp_message_option(message, DHCP_OPT_OVERLOAD);
	enum dhcp_refusal refusal = DHCP_REFUSE_NONE;
	uint8_t fields;

	if (!option)
		return DHCP_REFUSE_NONE;
	if (option->length != 1)
		return DHCP_REFUSE_BAD_OPTION;
	fields = option->data[0];
	if (!fields || fields > (OVERLOAD_FILE | OVERLOAD_SNAME))
		return DHCP_REFUSE_BAD_OPTION;
	if (fields & OVERLOAD_FILE)
		refusal = options_parse(message, file);
	if (!refusal && fields & OVERLOAD_SNAME)
		refusal = options_parse(message, sname);
	return refusal;
}

/* Absent, or of a length between the two. */
static bool option_fits(const struct dhcp_message *message, uint8_t code, uint16_t least,
			uint16_t most)
{
	const struct dhcp_option *option = dhcp_message_option(message, code);

	return !option || (option->length >= least && option->length <= most);
}

/*
 * RFC 2132 chapter 9. An identifier of one byte is taken, although section
 * 9.14 asks for two: such clients exist. One of more than 255 is nobody's:
 * the tables could only keep a part of it.
 */
static enum dhcp_refusal options_check(struct dhcp_message *message)
{
	const struct dhcp_option *type = dhcp_message_option(message, DHCP_OPT_MESSAGE_TYPE);

	if (!type)
		return DHCP_REFUSE_NO_TYPE;
	if (!option_fits(message, DHCP_OPT_MESSAGE_TYPE, 1, 1) ||
	    !option_fits(message, DHCP_OPT_OVERLOAD, 1, 1) ||
	    !option_fits(message, DHCP_OPT_REQUESTED_ADDRESS, 4, 4) ||
	    !option_fits(message, DHCP_OPT_LEASE_TIME, 4, 4) ||
	    !option_fits(message, DHCP_OPT_SERVER_ID, 4, 4) ||
	    !option_fits(message, DHCP_OPT_MAX_SIZE, 2, 2) ||
	    !option_fits(message, DHCP_OPT_CLIENT_ID, 1, 255))
		return DHCP_REFUSE_BAD_OPTION;
	message->type = type->data[0];
	if (message->type < DHCP_DISCOVER || message->type > DHCP_INFORM)
		return DHCP_REFUSE_NO_TYPE;
	if (!message->hlen && !dhcp_message_option(message, DHCP_OPT_CLIENT_ID))
		return DHCP_REFUSE_NO_CLIENT;
	return DHCP_REFUSE_NONE;
}

/* RFC 2131 figure 1, from xid to chaddr. */
static void fixed_parse(struct dhcp_message *message, struct base_cursor *cursor)
{
	message->xid = base_cursor_be32(cursor);
	message->secs = base_cursor_be16(cursor);
	message->flags = base_cursor_be16(cursor);
	message->ciaddr = base_cursor_be32(cursor);
	message->yiaddr = base_cursor_be32(cursor);
	message->siaddr = base_cursor_be32(cursor);
	message->giaddr = base_cursor_be32(cursor);
	base_cursor_copy(cursor, message->chaddr, DHCP_CHADDR_LEN);
}

enum dhcp_refusal dhcp_message_parse(const uint8_t *bytes, size_t length,
				     struct dhcp_message *ret_message)
{
	struct base_cursor cursor = base_cursor_of(bytes, length), sname, file;
	struct dhcp_message *message = ret_message;
	enum dhcp_refusal refusal;

	if (length < DHCP_FIXED_LEN)
		return DHCP_REFUSE_SHORT;
	message->op = base_cursor_u8(&cursor);
	message->htype = base_cursor_u8(&cursor);
	message->hlen = base_cursor_u8(&cursor);
	message->hops = base_cursor_u8(&cursor);
	if (message->op != DHCP_OP_REQUEST)
		return DHCP_REFUSE_OP;
	if (message->hlen > DHCP_CHADDR_LEN)
		return DHCP_REFUSE_HLEN;
	fixed_parse(message, &cursor);
	sname = base_cursor_of(base_cursor_bytes(&cursor, DHCP_SNAME_LEN), DHCP_SNAME_LEN);
	file = base_cursor_of(base_cursor_bytes(&cursor, DHCP_FILE_LEN), DHCP_FILE_LEN);
	if (base_cursor_be32(&cursor) != DHCP_COOKIE)
		return DHCP_REFUSE_COOKIE;
	memset(message->options, 0, sizeof(message->options));
	memset(message->present, 0, sizeof(message->present));
	message->joined_length = 0;
	refusal = options_parse(message, cursor);
	if (!refusal)
		refusal = overload_parse(message, sname, file);
	if (!refusal)
		refusal = options_check(message);
	return refusal;
}

bool dhcp_message_u32(const struct dhcp_message *message, uint8_t code, uint32_t *ret_value)
{
	const struct dhcp_option *option = dhcp_message_option(message, code);
	struct base_cursor cursor;

	if (!option || option->length != 4)
		return false;
	cursor = base_cursor_of(option->data, option->length);
	*ret_value = base_cursor_be32(&cursor);
	return true;
}

struct dhcp_option dhcp_agent_option(struct dhcp_option agent, uint8_t code)
{
	struct base_cursor cursor = base_cursor_of(agent.data, agent.data ? agent.length : 0);
	struct dhcp_option found = {0};

	while (base_cursor_remaining(&cursor)) {
		uint8_t at = base_cursor_u8(&cursor);
		uint8_t length = base_cursor_u8(&cursor);
		const uint8_t *data = base_cursor_bytes(&cursor, length);

		if (!data)
			return (struct dhcp_option){0};
		if (at == code && !found.data)
			found = (struct dhcp_option){.data = data, .length = length};
	}
	return found;
}
