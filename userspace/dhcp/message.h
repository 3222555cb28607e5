/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dhcp/: bytes to values and back. What a DHCP message is (RFC 2131, RFC
 * 2132, RFC 3396, RFC 3046, RFC 6842), who its client is, and what frame it
 * travels in. No room here decides anything, keeps anything or calls the
 * system; input is never trusted and never written to.
 *
 *   message.h  a received message, parsed once, options found by code
 *   option.h   the option table (xdp/shared/options.def) and the writer of options parts
 *   ident.h    client identity, the program's client key, the signature
 *   frame.h    Ethernet, IPv4 and UDP around a payload, for packet sockets
 *
 * A parsed message borrows the bytes it was parsed from.
 */
#ifndef XDHCP_DHCP_MESSAGE_H
#define XDHCP_DHCP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xdp/shared/wire.h"

/* Why a datagram is no DHCP message that a server answers; each is a counter. */
#define DHCP_REFUSALS(X) \
	X(REFUSE_SHORT, "short", "shorter than the fixed part of RFC 2131 figure 1") \
	X(REFUSE_OP, "op", "op is not BOOTREQUEST") \
	X(REFUSE_HLEN, "hlen", "hardware address longer than chaddr") \
	X(REFUSE_COOKIE, "cookie", "no DHCP magic cookie: BOOTP, which is not served") \
	X(REFUSE_OPTION_LENGTH, "option-length", "an option runs past the end of its field") \
	X(REFUSE_NO_END, "no-end", "options without END") \
	X(REFUSE_TOO_MANY, "too-many", "more option bytes than a datagram can hold after joining") \
	X(REFUSE_NO_TYPE, "no-type", "no or bad message type: BOOTP, which is not served") \
	X(REFUSE_BAD_OPTION, "bad-option", "an option that we read has a wrong length") \
	X(REFUSE_NO_CLIENT, "no-client", "neither client identifier nor hardware address")

enum dhcp_refusal {
	DHCP_REFUSE_NONE,
#define DHCP_REFUSAL_ENUM(name, word, text) DHCP_##name,
	DHCP_REFUSALS(DHCP_REFUSAL_ENUM)
#undef DHCP_REFUSAL_ENUM
		DHCP_REFUSE_MAX
};

/* The word of a refusal ("short", …) for counters and logs; static. */
const char *dhcp_refusal_word(enum dhcp_refusal refusal);

struct dhcp_option {
	const uint8_t *data; /* NULL: absent */
	uint16_t length;
};

#define DHCP_JOINED_MAX 2048

struct dhcp_message {
	uint8_t op, htype, hlen, hops;
	uint8_t type; /* enum dhcp_type */
	uint32_t xid; /* host byte order, as all that follow */
	uint16_t secs, flags;
	uint32_t ciaddr, yiaddr, siaddr, giaddr;
	uint8_t chaddr[DHCP_CHADDR_LEN];
	struct dhcp_option options[256]; /* split options joined (RFC 3396) */
	uint64_t present[4]; /* a bit for each code that is there */
	uint8_t joined[DHCP_JOINED_MAX]; /* where joined ones lie */
	size_t joined_length;
};

/*
 * Parses a UDP payload. Returns DHCP_REFUSE_NONE and fills `ret_message`, or
 * the reason; then the message is not to be used. Overloaded sname and file
 * are read (RFC 2132 section 9.3). The options that the server reads by
 * themselves (50, 51, 53, 54, 57, 61) are checked for their lengths.
 */
enum dhcp_refusal dhcp_message_parse(const uint8_t *bytes, size_t length,
				     struct dhcp_message *ret_message);

static inline const struct dhcp_option *dhcp_message_option(const struct dhcp_message *message,
							    uint8_t code)
{
	return message->options[code].data ? &message->options[code] : NULL;
}

/* A four-byte option as a number in host byte order; false where it is absent or has another length. */
bool dhcp_message_u32(const struct dhcp_message *message, uint8_t code, uint32_t *ret_value);

/* A sub-option of option 82 (RFC 3046 section 2.0); data NULL where absent or malformed. */
struct dhcp_option dhcp_agent_option(struct dhcp_option agent, uint8_t code);

#endif
