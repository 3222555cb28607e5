/* SPDX-License-Identifier: GPL-2.0-only */
/* RFC 2131 section 4.3: what a request deserves. Pure; the caller carries it out. */
#ifndef XDHCP_SERVER_DECIDE_H
#define XDHCP_SERVER_DECIDE_H

#include "failover/view.h"
#include "lease/pool.h"
#include "server/scope.h"

/* Why nothing is sent; each is a counter. */
#define SERVER_SILENCES(X) \
	X(SILENT_NO_NETWORK, "no-network", "from a link or relay that no subnet is declared for") \
	X(SILENT_NO_ADDRESS, "no-address", "every address of the network is taken") \
	X(SILENT_OTHER_SERVER, "other-server", "the client chose another server") \
	X(SILENT_UNKNOWN, "unknown", "not our client, and not authoritative enough to say no") \
	X(SILENT_NOT_BOUND, "not-bound", \
	  "RELEASE or DECLINE of an address that is not this client's") \
	X(SILENT_STALE, "stale", \
	  "RELEASE or DECLINE that waited for long before it was read: the client may hold the " \
	  "address again, of the partner") \
	X(SILENT_STATIC, "static", \
	  "RELEASE or DECLINE of an address that configuration fixes: nothing to take away") \
	X(SILENT_MALFORMED, "malformed", "fields that RFC 2131 table 5 forbids or demands") \
	X(SILENT_TYPE, "type", "a message type that is a server's") \
	X(SILENT_FAILOVER, "failover", \
	  "the failover state does not serve, or allows no promise now") \
	X(SILENT_PARTNER, "partner", "load balancing leaves the client to the partner") \
	X(SILENT_PARTNERS_ADDRESS, "partners-address", \
	  "the address is the partner's to give, or it has not yet agreed that it is free") \
	X(SILENT_PERMIT, "permit", "no pool of the network permits this client")

enum server_silence {
	SERVER_SILENT_NONE,
#define SERVER_SILENCE_ENUM(name, word, text) SERVER_##name,
	SERVER_SILENCES(SERVER_SILENCE_ENUM)
#undef SERVER_SILENCE_ENUM
		SERVER_SILENT_MAX
};

const char *server_silence_word(enum server_silence silence);

enum server_action {
	SERVER_IGNORE, /* nothing; `silence` says why */
	SERVER_OFFER, /* hold `lease` for the client, send OFFER */
	SERVER_GRANT, /* commit, then ACK */
	SERVER_STATIC, /* ACK of an address that configuration fixes: no lease, nothing to commit */
	SERVER_OFFER_STATIC,
	SERVER_INFORM, /* ACK without an address (RFC 2131 section 4.3.5) */
	SERVER_NAK,
	SERVER_RELEASE, /* take the address away, send nothing */
	SERVER_DECLINE, /* take it away and abandon it, send nothing */
};

struct server_verdict {
	enum server_action action;
	enum server_silence silence;
	const struct conf_network *network;
	const struct conf_host *host; /* NULL: the client is none of the configuration's */
	/* Of SERVER_OFFER, GRANT, RELEASE, DECLINE; with SILENT_OTHER_SERVER the one that is held
	 * for this client in vain (lease_pool_offer() until 0 ends that), or NULL. */
	struct lease *lease;
	uint32_t address; /* yiaddr */
	uint32_t server_id;
	uint32_t lease_time; /* seconds to give: what was wanted, or less by failover's bound */
	uint32_t lease_wanted; /* seconds that configuration and client come to */
	struct server_scope scope;
	const char *message; /* of a NAK: option 56; static */
	/* GRANT, STATIC: the client's old lease elsewhere in this network (`previous`) ends. */
	bool moved;
	struct lease *previous;
};

/* What a NAK says to the person who reads the client's log (option 56). */
#define SERVER_NAK_NETWORK "wrong network"
#define SERVER_NAK_ADDRESS "address not available"
#define SERVER_NAK_STATIC "another address is fixed for this client"

/* Seconds that an offered address is held. */
#define SERVER_OFFER_HOLD 120

/*
 * The ladder of RFC 2131 section 4.3. Where dhcpd and the RFC leave room:
 * a NAK for an address outside of the client's network, or of none of our
 * ranges, or that another client had last, needs `authoritative` of the
 * network; a NAK for an address of our ranges that is taken needs none, and
 * neither does one for a client that configuration or a record knows. INFORM
 * is answered by authoritative servers only, as dhcpd does it. `views`:
 * FAILOVER_VIEWS of them, by relationship; NULL
 * where the configuration has none.
 */
struct server_verdict server_decide(const struct conf *conf, struct lease_table *table,
				    const struct failover_view *views,
				    const struct server_request *request);

#endif
