/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * abi.h: what the XDP program and the daemon hold in common.
 *
 * Every map, who writes which field, and every number by which a packet is
 * counted. Maps outlive the daemon: whoever changes a layout or a meaning here
 * raises XDHCP_ABI, and a new daemon then does not adopt the old maps.
 *
 *   control      array[1]      daemon writes; gates, seed, identity, option roles
 *   relations    array[256]    daemon writes; what failover lets us promise
 *   links        hash          (interface, VLAN tags) → network, MAC, server identifier
 *   addresses    hash          IPv4 addresses that are ours
 *   relays       hash          giaddr → network, of relays that had a grant through them
 *   directory    array[65536]  upper 16 bits of an address → page number by third octet
 *   banks        array of maps, each array[XDHCP_BANK_PAGES] of xdhcp_page
 *   tails        array         rendered options
 *   counters     per-CPU       one u64 a reason
 *   scratch      per-CPU       the program's own
 *
 * Times are seconds of the kernel's coarse monotonic clock, gates nanoseconds
 * of it. Addresses are in host byte order unless the type says __be32.
 */
#ifndef XDHCP_SHARED_ABI_H
#define XDHCP_SHARED_ABI_H

#include <linux/types.h>

#define XDHCP_ABI 4

#define XDHCP_PAGE_SLOTS 256 /* one page a /24 */
#define XDHCP_BANK_PAGES 64 /* 16,384 slots, 1 MiB a bank */
#define XDHCP_BANKS 1024 /* 16.7 million addresses at the most */
#define XDHCP_TAILS 4096
#define XDHCP_TAIL_OPTIONS 784
#define XDHCP_LINKS 4096
#define XDHCP_ADDRESSES 1024
#define XDHCP_RELAYS 65536
#define XDHCP_RELATIONS 256
#define XDHCP_AREA_MAX 1280 /* bytes of options that the program reads */
#define XDHCP_ECHO_MAX 448 /* options 61, 82 and END, as pasted */

#define XDHCP_NEVER 0xffffffffU /* H of an address that configuration fixes */

/*
 * The self-test's own binding, answered like any, counted by itself. No
 * configuration gives this address (RFC 919) or numbers a network like this,
 * so that no client's broadcast and no relay comes near it.
 */
#define XDHCP_SELF_TEST_ADDRESS 0xffffffffU
#define XDHCP_SELF_TEST_NETWORK 0xffffffffU

/*
 * Word 0 of a slot, shared by compare-and-swap: promised-until in the upper
 * half, generation in the lower. An odd generation: the daemon holds the slot.
 */
#define XDHCP_WORD(promise, generation) (((__u64)(promise) << 32) | (__u32)(generation))
#define XDHCP_WORD_PROMISE(word) ((__u32)((word) >> 32))
#define XDHCP_WORD_GENERATION(word) ((__u32)(word))
#define XDHCP_WORD_HELD(word) ((word)&1)

/* One address: one cache line. key 0: nobody's. */
struct xdhcp_slot {
	__u64 word; /* both, by compare-and-swap */
	__u64 key; /* daemon: client key (dhcp/ident.h) */
	__u64 signature; /* daemon: the request that `tail` was rendered for; 0: none */
	__u32 horizon; /* daemon: H, on this server's disk */
	__u32 acknowledged; /* daemon: K, from the partner, less `reference` of the control record */
	__u32 network; /* daemon: which network the address is of */
	__u32 lease; /* daemon: seconds to give where nothing binds */
	__u32 tail; /* daemon: index; 0: none, serve in userspace */
	__u16 relation; /* daemon: failover relationship; 0: none */
	__u16 places; /* program: length bytes of options 61 and 82 in that area; 0: not there */
	__u64 area; /* program: hash of the option area that was judged last, 0: none */
	__u32 seen; /* program: when the client was last answered */
	__u32 renewals; /* program: how often, wraps */
};

struct xdhcp_page {
	struct xdhcp_slot slots[XDHCP_PAGE_SLOTS];
	__u64 dirty[XDHCP_PAGE_SLOTS / 64]; /* program sets, daemon exchanges for 0 */
	__u64 reserved[4];
};

/* Page numbers of the 256 /24s of a /16; 0: no page. Page n is in bank n / XDHCP_BANK_PAGES. */
struct xdhcp_directory {
	__u16 page[256];
};

/* What an option code means to the program. Filled from options.def and the configuration. */
enum xdhcp_role {
	XDHCP_ROLE_NONE, /* the reply does not depend on it */
	XDHCP_ROLE_TRACK, /* looked at or signed: one occurrence only */
	XDHCP_ROLE_REFUSE, /* its presence is the slow path's business */
};

/* The two gates keep their places in every ABI: who shuts what another version left finds them there. */
struct xdhcp_control {
	__u64 renew_until; /* daemon: gate of renewals */
	__u64 decide_until; /* daemon: gate of what needs current knowledge */
	__u64 seed; /* daemon: of every hash */
	__u32 abi;
	__u32 reserved;
	__u8 store[16]; /* identity of the lease store that these maps serve */
	__s64 reference; /* wall clock of second 0 when the maps were made: K is converted with it */
	__u8 pad[8]; /* the gates keep a cache line to themselves and what never changes */
	__u8 digest[32]; /* of the configuration that the tails were rendered from */
	__u8 roles[256]; /* enum xdhcp_role by option code */
};

/* What the failover protocol allows: limit = min(H, max(K + lead, alone)). Relation 0 is not asked. */
struct xdhcp_relation {
	__u32 serve; /* 0: answer nothing of this relationship */
	__s32 lead; /* MCLT less the partner's clock lead */
	__u32 alone; /* last heartbeat + MCLT */
	__u32 reserved;
};

struct xdhcp_link_key {
	__u32 ifindex;
	__u16 outer; /* VLAN identifier, 0: untagged */
	__u16 inner;
};

struct xdhcp_link {
	__u32 network; /* of clients without a relay; 0: none declared for it */
	__u32 server_id; /* our address on it: source of replies, and option 54 where none is configured */
	__u8 mac[6];
	__u8 reserved[2];
};

/* The options part of a reply, rendered with all times 0 (wire.h: TAIL_*). */
struct xdhcp_tail {
	__u32 server_id; /* our address on the link, where option 54 is that; 0: configured, true anywhere */
	__u32 t1; /* configured seconds, 0: the usual fraction */
	__u32 t2;
	__be32 siaddr;
	__u16 length; /* of options, END and echoes not in it */
	__u16 limit; /* most bytes of UDP payload that the client takes */
	__u16 sum; /* folded ones' complement sum of options, of even position */
	__u16 names_sum; /* the same of sname and file */
	__u32 named; /* sname or file say something */
	__u32 reserved;
	__u8 sname[64];
	__u8 file[128];
	__u8 options[XDHCP_TAIL_OPTIONS];
	__u8 slack[16];
};

/*
 * What became of a packet. The first four were answered; COUNT_OTHER is
 * traffic that is none of our business; the rest went up with a reason.
 */
#define XDHCP_COUNTERS(X) \
	X(COUNT_RENEWING, "renewing", "renewed in the kernel, unicast") \
	X(COUNT_REBINDING, "rebinding", "renewed in the kernel, broadcast") \
	X(COUNT_RELAYED, "relayed", "renewed in the kernel, through a relay") \
	X(COUNT_SELF_TEST, "self-test", "answers that the daemon asked for itself") \
	X(COUNT_GREW_HEAD, "grew-head", "replies that needed room in front of the frame") \
	X(COUNT_SHORTENED, "shortened", \
	  "replies with less time than configured: the partner's bound") \
	X(COUNT_OTHER, "other", "not DHCP, passed") \
	X(PUNT_TAGGED, "punt-tagged", "VLAN tag") \
	X(PUNT_NOT_OURS, "punt-not-ours", "frame or datagram for another station") \
	X(PUNT_IP_OPTIONS, "punt-ip-options", "IP options") \
	X(PUNT_FRAGMENT, "punt-fragment", "IP fragment") \
	X(PUNT_SHORT, "punt-short", "truncated, inconsistent lengths or a bad header checksum") \
	X(PUNT_SOURCE, "punt-source", "source address or port that does not fit the message") \
	X(PUNT_HEADER, "punt-header", \
	  "BOOTP header that is not a client's or has fields it must not have") \
	X(PUNT_OPTIONS, "punt-options", "option layout not understood, or too many options") \
	X(PUNT_REPEATED, "punt-repeated", "an option that matters came twice") \
	X(PUNT_OVERLOAD, "punt-overload", "options in sname or file") \
	X(PUNT_TYPE, "punt-type", "not a request, or one that needs a decision") \
	X(PUNT_REFUSED, "punt-refused", "an option that the slow path must judge") \
	X(PUNT_AGENT, "punt-agent", "relay agent information that selects link or server") \
	X(PUNT_NO_LINK, "punt-no-link", "interface or relay without a known network") \
	X(PUNT_GATE, "punt-gate", "gate shut: no daemon for too long, or none yet") \
	X(PUNT_NO_SLOT, "punt-no-slot", "address without a slot") \
	X(PUNT_HELD, "punt-held", "slot held by the daemon") \
	X(PUNT_CLIENT, "punt-client", "another client's address, or nobody's") \
	X(PUNT_NETWORK, "punt-network", "address of another network") \
	X(PUNT_SIGNATURE, "punt-signature", "request changed since its reply was rendered") \
	X(PUNT_NO_TAIL, "punt-no-tail", "no rendered reply") \
	X(PUNT_SERVER_ID, "punt-server-id", "reply would name another server identifier") \
	X(PUNT_SILENT, "punt-silent", "failover state that does not serve") \
	X(PUNT_LIMIT, "punt-limit", "lease end past the limit") \
	X(PUNT_RACE, "punt-race", "slot changed under way") \
	X(PUNT_SIZE, "punt-size", "reply larger than the client or the program takes") \
	X(PUNT_ROOM, "punt-room", "no room in the frame's buffer")

enum xdhcp_counter {
#define XDHCP_COUNTER_ENUM(name, word, text) XDHCP_##name,
	XDHCP_COUNTERS(XDHCP_COUNTER_ENUM)
#undef XDHCP_COUNTER_ENUM
		XDHCP_COUNTER_MAX
};

struct xdhcp_counters {
	__u64 count[XDHCP_COUNTER_MAX];
};

#define XDHCP_AT(type, field, at) \
	_Static_assert(__builtin_offsetof(struct type, field) == (at), #type "." #field)

XDHCP_AT(xdhcp_slot, key, 8);
XDHCP_AT(xdhcp_slot, signature, 16);
XDHCP_AT(xdhcp_slot, horizon, 24);
XDHCP_AT(xdhcp_slot, acknowledged, 28);
XDHCP_AT(xdhcp_slot, network, 32);
XDHCP_AT(xdhcp_slot, lease, 36);
XDHCP_AT(xdhcp_slot, tail, 40);
XDHCP_AT(xdhcp_slot, relation, 44);
XDHCP_AT(xdhcp_slot, places, 46);
XDHCP_AT(xdhcp_slot, area, 48);
XDHCP_AT(xdhcp_slot, seen, 56);
XDHCP_AT(xdhcp_slot, renewals, 60);
_Static_assert(sizeof(struct xdhcp_slot) == 64, "a slot is a cache line");
XDHCP_AT(xdhcp_page, dirty, 16384);
_Static_assert(sizeof(struct xdhcp_page) % 64 == 0, "slots stay aligned to cache lines");
XDHCP_AT(xdhcp_control, renew_until, 0);
XDHCP_AT(xdhcp_control, decide_until, 8);
XDHCP_AT(xdhcp_control, seed, 16);
XDHCP_AT(xdhcp_control, store, 32);
XDHCP_AT(xdhcp_control, reference, 48);
XDHCP_AT(xdhcp_control, digest, 64);
XDHCP_AT(xdhcp_control, roles, 96);
XDHCP_AT(xdhcp_relation, lead, 4);
XDHCP_AT(xdhcp_relation, alone, 8);
XDHCP_AT(xdhcp_link, server_id, 4);
XDHCP_AT(xdhcp_link, mac, 8);
XDHCP_AT(xdhcp_tail, siaddr, 12);
XDHCP_AT(xdhcp_tail, length, 16);
XDHCP_AT(xdhcp_tail, sname, 32);
XDHCP_AT(xdhcp_tail, file, 96);
XDHCP_AT(xdhcp_tail, options, 224);
_Static_assert(sizeof(struct xdhcp_tail) == 1024, "a tail is a kibibyte");

#endif
