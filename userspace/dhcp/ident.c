/* SPDX-License-Identifier: GPL-2.0-only */
#include "dhcp/ident.h"

#include <string.h>

#include "xdp/shared/abi.h"
#include "xdp/shared/hash.h"

#define HASHED_MAX 256

/* hash_update() reads in words: gives it bytes with slack behind them. */
static uint64_t bytes_hash(uint64_t state, const uint8_t *bytes, size_t length)
{
	uint8_t padded[HASHED_MAX + sizeof(uint64_t)];
	size_t kept = length < HASHED_MAX ? length : HASHED_MAX;

	memcpy(padded, bytes, kept);
	memset(padded + kept, 0, sizeof(uint64_t));
	return hash_update(state, padded, (uint32_t)length, HASHED_MAX);
}

bool dhcp_ident_of(const struct dhcp_message *message, struct dhcp_ident *ret_ident)
{
	const struct dhcp_option *option = dhcp_message_option(message, DHCP_OPT_CLIENT_ID);

	if (option && option->length && option->length < DHCP_IDENT_MAX) {
		ret_ident->bytes[0] = DHCP_OPT_CLIENT_ID;
		memcpy(ret_ident->bytes + 1, option->data, option->length);
		ret_ident->length = (uint16_t)(1 + option->length);
		return true;
	}
	if (option || !message->hlen || message->hlen > DHCP_CHADDR_LEN)
		return false;
	ret_ident->bytes[0] = 0;
	ret_ident->bytes[1] = message->htype;
	memcpy(ret_ident->bytes + 2, message->chaddr, message->hlen);
	ret_ident->length = (uint16_t)(2 + message->hlen);
	return true;
}

bool dhcp_ident_equal(const struct dhcp_ident *a, const uint8_t *bytes, uint16_t length)
{
	return a->length == length && !memcmp(a->bytes, bytes, length);
}

uint64_t dhcp_ident_key(uint64_t seed, const uint8_t *bytes, uint16_t length)
{
	uint64_t state;

	if (length && bytes[0] == DHCP_OPT_CLIENT_ID) {
		state = hash_mix(seed, HASH_CLIENT_ID);
		return hash_finish(bytes_hash(state, bytes + 1, length - 1));
	}
	state = hash_mix(seed, HASH_HARDWARE);
	if (length < 2)
		return hash_finish(state);
	state = hash_mix(state, bytes[1]);
	return hash_finish(bytes_hash(state, bytes + 2, length - 2));
}

/* What counts by another way: the type by what is asked, the others by comparison or echo. */
static bool code_unsigned(unsigned code)
{
	switch (code) {
	case DHCP_OPT_REQUESTED_ADDRESS:
	case DHCP_OPT_MESSAGE_TYPE:
	case DHCP_OPT_SERVER_ID:
	case DHCP_OPT_CLIENT_ID:
	case DHCP_OPT_AGENT:
		return true;
	}
	return false;
}

uint64_t dhcp_signature(uint64_t seed, const uint8_t *roles, const struct dhcp_message *message)
{
	uint64_t state = hash_mix(seed, HASH_SIGNATURE);

	for (unsigned word = 0; word < 4; word++)
		for (uint64_t left = message->present[word]; left; left &= left - 1) {
			unsigned code = word * 64 + (unsigned)__builtin_ctzll(left);
			const struct dhcp_option *option = &message->options[code];

			if (roles[code] != XDHCP_ROLE_TRACK || code_unsigned(code))
				continue;
			state = hash_mix(state, code);
			state = bytes_hash(state, option->data, option->length);
		}
	state = hash_mix(state, dhcp_message_option(message, DHCP_OPT_CLIENT_ID) ? 1 : 2);
	state = hash_mix(state, message->htype);
	return hash_finish(bytes_hash(state, message->chaddr, message->hlen));
}
