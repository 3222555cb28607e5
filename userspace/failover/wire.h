/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * failover/: the DHCP failover protocol (draft-ietf-dhc-failover-12) as ISC
 * dhcpd 4.4 speaks it, one half of a pair. The room is pure: it takes bytes,
 * events and times, and returns bytes, states and deadlines; sockets, disk,
 * kernel and clock are daemon/'s, or the simulation's.
 *
 *   wire.h     bytes ↔ messages
 *   state.h    the states' numbers, words, and what each may do
 *   fsm.h      the state machine: one function, (state, event) → (state, actions)
 *   update.h   bindings to the partner and back: BNDUPD, BNDACK, UPDREQ, UPDDONE
 *   balance.h  who gets how many of the free addresses: POOLREQ, POOLRESP
 *   hash.h     which half of the clients is whose (RFC 3074)
 *   view.h     what server/decide may ask of a relationship
 *   skew.h     the partner's clock against ours
 *   compare.h  how what both must have in common differs
 *   peer.h     one relationship: connections, timers, and all of the above
 *
 * Data flows one way: link → wire → peer → fsm | update | balance → lease/commit,
 * and answers leave by the verbs that peer.h is given.
 *
 * Times on the wire are seconds since 1970 (UTC) of the sender's clock,
 * unsigned 32 bits; they are stored as received and never converted in place.
 */
#ifndef XDHCP_FAILOVER_WIRE_H
#define XDHCP_FAILOVER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAILOVER_PORT 647
#define FAILOVER_HEADER 12
#define FAILOVER_MESSAGE_MAX 2048
#define FAILOVER_VERSION 1
#define FAILOVER_HBA 32 /* bytes: one bit a bucket, set: the primary's (ISC's sense) */
#define FAILOVER_HARDWARE_MAX 17 /* ARP hardware type and chaddr */
#define FAILOVER_NEVER 0x7fffffffU /* dhcpd's "never" */

/* Message types (draft section 6.1; dhcpd's numbers). */
enum failover_type {
	FAILOVER_POOLREQ = 1,
	FAILOVER_POOLRESP = 2,
	FAILOVER_BNDUPD = 3,
	FAILOVER_BNDACK = 4,
	FAILOVER_CONNECT = 5,
	FAILOVER_CONNECTACK = 6,
	FAILOVER_UPDREQALL = 7,
	FAILOVER_UPDDONE = 8,
	FAILOVER_UPDREQ = 9,
	FAILOVER_STATE = 10,
	FAILOVER_CONTACT = 11,
	FAILOVER_DISCONNECT = 12,
	/* Between two xdhcp only, and only after both said so (peer.h): a piece of what both must
	 * have in common, as text in option MESSAGE; an empty one ends it. */
	FAILOVER_COMMON = 128,
};

/* Options (draft section 12): code, name in the code, wire type. */
enum failover_option {
	FAILOVER_ADDRESSES_TRANSFERRED = 1,
	FAILOVER_ASSIGNED_ADDRESS = 2,
	FAILOVER_BINDING_STATUS = 3,
	FAILOVER_CLIENT_IDENTIFIER = 4,
	FAILOVER_CLIENT_HARDWARE = 5,
	FAILOVER_CLTT = 6,
	FAILOVER_REPLY_OPTIONS = 7,
	FAILOVER_REQUEST_OPTIONS = 8,
	FAILOVER_DDNS = 9,
	FAILOVER_DELAYED_SERVICE = 10,
	FAILOVER_HASH_BUCKETS = 11,
	FAILOVER_IP_FLAGS = 12,
	FAILOVER_LEASE_EXPIRATION = 13,
	FAILOVER_MAX_UNACKED = 14,
	FAILOVER_MCLT = 15,
	FAILOVER_TEXT = 16,
	FAILOVER_DIGEST = 17,
	FAILOVER_POTENTIAL_EXPIRATION = 18,
	FAILOVER_RECEIVE_TIMER = 19,
	FAILOVER_PROTOCOL_VERSION = 20,
	FAILOVER_REJECT_REASON = 21,
	FAILOVER_RELATIONSHIP_NAME = 22,
	FAILOVER_SERVER_FLAGS = 23,
	FAILOVER_SERVER_STATE = 24,
	FAILOVER_START_OF_STATE = 25,
	FAILOVER_TLS_REPLY = 26,
	FAILOVER_TLS_REQUEST = 27,
	FAILOVER_VENDOR_CLASS = 28,
	FAILOVER_VENDOR_OPTIONS = 29,
	FAILOVER_OPTION_MAX
};

/* Reject reasons (draft section 12.21): number, word, what it means to a person. */
/* clang-format off */
#define FAILOVER_REJECTS(X) \
	X(1, ILLEGAL_ADDRESS, "illegal-address", "the address is in no pool of this relationship") \
	X(2, FATAL_CONFLICT, "fatal-conflict", "the address is in use by another client, or the transition is illegal") \
	X(3, MISSING_BINDING, "missing-binding", "binding information is missing") \
	X(4, TIME_MISMATCH, "time-mismatch", "the clocks differ by too much") \
	X(5, INVALID_MCLT, "invalid-mclt", "the MCLT is missing or not valid") \
	X(6, MISCELLANEOUS, "miscellaneous", "something is wrong with the message") \
	X(7, DUPLICATE_CONNECTION, "duplicate-connection", "there is a connection already") \
	X(8, INVALID_PARTNER, "invalid-partner", "the relationship's name, the address or the role does not fit") \
	X(9, TLS_UNSUPPORTED, "tls-unsupported", "TLS is not supported") \
	X(10, TLS_UNCONFIGURED, "tls-unconfigured", "TLS is not configured here") \
	X(11, TLS_REQUIRED, "tls-required", "TLS is required here") \
	X(12, DIGEST_UNSUPPORTED, "digest-unsupported", "message digests are not supported") \
	X(13, DIGEST_UNCONFIGURED, "digest-unconfigured", "message digests are not configured") \
	X(14, VERSION_MISMATCH, "version-mismatch", "the protocol version is another one") \
	X(15, OUTDATED, "outdated", "the binding here is newer") \
	X(16, LESS_CRITICAL, "less-critical", "an own update of the same address is in flight and goes first") \
	X(17, NO_TRAFFIC, "no-traffic", "nothing was heard within the time agreed") \
	X(18, HASH_BUCKETS, "hash-buckets", "the hash buckets are missing or do not fit") \
	X(19, NOT_RESERVED, "not-reserved", "the address is not reserved here") \
	X(20, DIGEST_WRONG, "digest-wrong", "the message digest is wrong") \
	X(21, DIGEST_MISSING, "digest-missing", "the message digest is missing") \
	X(254, UNKNOWN, "unknown", "a reason without a name")
/* clang-format on */

enum failover_reject {
	FAILOVER_REJECT_NONE = 0,
#define FAILOVER_REJECT_ENUM(number, name, word, text) FAILOVER_REJECT_##name = (number),
	FAILOVER_REJECTS(FAILOVER_REJECT_ENUM)
#undef FAILOVER_REJECT_ENUM
};

/* Words and sentences of a reason, "unknown" for what has none; static. */
const char *failover_reject_word(uint8_t reason);
const char *failover_reject_text(uint8_t reason);
/* "BNDUPD" and so on; "message" for a number that is none. */
const char *failover_type_word(uint8_t type);

/* Bytes inside of the message that they were decoded from. */
struct failover_bytes {
	const uint8_t *data;
	uint16_t length;
};

/* server-flags (option 23). */
#define FAILOVER_FLAG_STARTUP 0x01
/* IP-flags (option 12). */
#define FAILOVER_IP_RESERVED 0x0001
#define FAILOVER_IP_BOOTP 0x0002

/* One message. `present` has a bit for each option code that came, or that is to be sent. */
struct failover_message {
	uint8_t type;
	uint32_t time; /* the sender's clock */
	uint32_t xid;
	uint32_t present;

	uint32_t addresses_transferred; /* 1 */
	uint32_t address; /* 2, host byte order */
	uint8_t status; /* 3: enum lease_state */
	struct failover_bytes client_identifier; /* 4: the value of DHCP option 61 */
	struct failover_bytes hardware; /* 5: ARP hardware type, chaddr */
	uint32_t cltt; /* 6 */
	const uint8_t *hash_buckets; /* 11: FAILOVER_HBA bytes */
	uint16_t ip_flags; /* 12 */
	uint32_t lease_expiration; /* 13 */
	uint32_t max_unacked; /* 14 */
	uint32_t mclt; /* 15 */
	struct failover_bytes text; /* 16 */
	uint32_t potential_expiration; /* 18 */
	uint32_t receive_timer; /* 19 */
	uint8_t protocol_version; /* 20 */
	uint8_t reject; /* 21: enum failover_reject */
	struct failover_bytes relationship; /* 22 */
	uint8_t server_flags; /* 23 */
	uint8_t server_state; /* 24: enum failover_state */
	uint32_t start_of_state; /* 25 */
	uint8_t tls_reply, tls_request; /* 26, 27 */
	struct failover_bytes vendor_class; /* 28 */
	struct failover_bytes vendor_options; /* 29 */
};

static inline bool failover_has(const struct failover_message *message, enum failover_option option)
{
	return message->present & (1U << option);
}

/*
 * Length of the message that begins at `bytes`, of which `available` are
 * there: 0 where fewer than two are, -EBADMSG where it is less than a header
 * or more than FAILOVER_MESSAGE_MAX (draft section 6.2).
 */
int failover_wire_length(const uint8_t *bytes, size_t available);

/*
 * Decodes one whole message; what it points to are the bytes given. Unknown
 * options, and known ones that make no sense in this type, are skipped, as
 * dhcpd does it; an empty client identifier, which dhcpd cannot hash, is none.
 * Values are not judged: a state or status may be any number. -EBADMSG and
 * *ret_why (static, for the log and for the partner) for: a length that is not
 * the header's, an option twice, an option past the end, a fixed size that is
 * not kept, a payload offset below 12 or past the end, a text or name with a
 * NUL, hardware of no or of more than FAILOVER_HARDWARE_MAX bytes, a DDNS
 * option in a BNDUPD. A type that is none of enum failover_type is decoded as
 * header only: the caller ignores or refuses it.
 */
int failover_wire_decode(const uint8_t *bytes, size_t length, struct failover_message *ret_message,
			 const char **ret_why);

/*
 * Encodes what `present` names, in the order in which dhcpd sends it: CONNECT 22,
 * 14, 19, 28, 20, 27, 15, 11; CONNECTACK 22, 14, 19, 28, 20, 26, 21, 16; STATE 24,
 * 23, 25; BNDUPD 2, 3, 4, 5, 13, 18, 25, 6, 12; BNDACK 2, 21, 16; DISCONNECT 21, 16;
 * 29 last. An empty client identifier is left out. Returns the length; 0 where it
 * does not fit into `size` or into a message, for a text or name with a NUL, for
 * hardware of a length that decode would refuse, and for an option that means
 * nothing in a message of this type.
 */
size_t failover_wire_encode(const struct failover_message *message, uint8_t *bytes, size_t size);

#endif
