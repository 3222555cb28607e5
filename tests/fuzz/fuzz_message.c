/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The message parser and what reads a parsed message, on any bytes. Beyond
 * "no crash": options lie in the input or in `joined`, an accepted message
 * has an identity, and its options written and parsed again are the same,
 * with the same identity and signature.
 */
#include <stdlib.h>
#include <string.h>

#include "dhcp/ident.h"
#include "dhcp/option.h"
#include "xdp/shared/abi.h"

#define SEED 0x0123456789abcdefULL
#define REWRITTEN_MAX (DHCP_FIXED_LEN + 65536)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static bool lies_in(const struct dhcp_option *option, const uint8_t *start, size_t length)
{
	return option->data >= start && option->data + option->length <= start + length;
}

static void options_check(const struct dhcp_message *message, const uint8_t *bytes, size_t length)
{
	uint32_t value;

	for (unsigned code = 0; code < 256; code++) {
		const struct dhcp_option *option = dhcp_message_option(message, (uint8_t)code);

		if (!option)
			continue;
		require(code != DHCP_OPT_PAD && code != DHCP_OPT_END);
		require(lies_in(option, bytes, length) ||
			lies_in(option, message->joined, message->joined_length));
		require(dhcp_message_u32(message, (uint8_t)code, &value) == (option->length == 4));
	}
}

static void agent_check(struct dhcp_option agent)
{
	for (unsigned code = 0; code < 256; code++) {
		struct dhcp_option found = dhcp_agent_option(agent, (uint8_t)code);

		require(!found.data || (found.data >= agent.data + 2 &&
					lies_in(&found, agent.data, agent.length)));
	}
}

static bool option_same(const struct dhcp_option *a, const struct dhcp_option *b)
{
	return !a->data == !b->data && a->length == b->length &&
	       (!a->length || !memcmp(a->data, b->data, a->length));
}

/* Writes the options anew, without overload, and parses that. */
static void again_check(const struct dhcp_message *message, const uint8_t *bytes,
			const struct dhcp_ident *ident, const uint8_t *roles)
{
	static uint8_t rewritten[REWRITTEN_MAX];
	static struct dhcp_message again;
	struct dhcp_option_writer writer = {.bytes = rewritten, .size = sizeof(rewritten)};
	struct dhcp_ident other;

	memcpy(rewritten, bytes, DHCP_FIXED_LEN);
	writer.length = DHCP_FIXED_LEN;
	for (unsigned code = 1; code < 255; code++) {
		const struct dhcp_option *option = dhcp_message_option(message, (uint8_t)code);

		if (option && code != DHCP_OPT_OVERLOAD)
			dhcp_option_write(&writer, (uint8_t)code, option->data, option->length);
	}
	require(!writer.full);
	rewritten[writer.length++] = DHCP_OPT_END;
	require(!dhcp_message_parse(rewritten, writer.length, &again));
	for (unsigned code = 0; code < 256; code++)
		require(code == DHCP_OPT_OVERLOAD ||
			option_same(&message->options[code], &again.options[code]));
	require(dhcp_ident_of(&again, &other));
	require(dhcp_ident_equal(ident, other.bytes, other.length));
	require(dhcp_signature(SEED, roles, message) == dhcp_signature(SEED, roles, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct dhcp_message message;
	struct dhcp_ident ident;
	uint8_t roles[256];

	if (length > UINT16_MAX)
		return 0;
	memset(&message, 0xee, sizeof(message));
	if (dhcp_message_parse(bytes, length, &message))
		return 0;
	options_check(&message, bytes, length);
	agent_check(message.options[DHCP_OPT_AGENT]);
	require(dhcp_ident_of(&message, &ident));
	require(dhcp_ident_key(SEED, ident.bytes, ident.length) != 0);
	dhcp_option_roles(roles);
	roles[60] = XDHCP_ROLE_TRACK;
	again_check(&message, bytes, &ident, roles);
	return 0;
}
