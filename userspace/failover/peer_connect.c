/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The handshake (draft sections 7.8, 8.1 to 8.3, as dhcpd does it): the primary
 * sends CONNECT on each connection, the secondary judges it and answers
 * CONNECTACK, the primary judges that. The first whose answer is good is the
 * link. A refusal carries the relationship's name: without it dhcpd reports
 * another cause.
 *
 * Between two xdhcp a partner that was started anew replaces its old
 * connection at once; with dhcpd the old one has to fall silent first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failover/peer_private.h"

static struct failover_bytes bytes_of(const char *text)
{
	return (struct failover_bytes){(const uint8_t *)text, (uint16_t)strlen(text)};
}

static uint32_t announced_delay(const struct failover_peer *peer)
{
	uint32_t seconds = peer->options.conf->max_response_delay;

	return seconds < SHORTEST_DELAY ? SHORTEST_DELAY : seconds;
}

static void add(struct failover_message *message, enum failover_option option)
{
	message->present |= 1U << option;
}

/* What CONNECT and CONNECTACK have in common; `vendor`: room for option 29. */
static void introduce(const struct failover_peer *peer, struct failover_message *message,
		      uint8_t vendor[VENDOR_MAX])
{
	struct failover_vendor ours = {
		.has_store = true,
		/* A store that was set aside has no say in who is who. */
		.has_known = peer->record.has_partner_store && !peer->fsm.kept.lost,
		.epoch = peer->fsm.kept.lost ? 0 : peer->record.epoch,
		.has_digest = peer->options.common,
		.boot = peer->boot,
		.digest = peer->common.digest,
	};

	memcpy(ours.store, peer->options.store, STORE_ID);
	memcpy(ours.known, peer->record.partner_store, STORE_ID);
	message->relationship = bytes_of(peer->options.conf->name);
	message->max_unacked = peer->options.conf->max_unacked_updates;
	message->receive_timer = announced_delay(peer);
	message->vendor_class = bytes_of(peer->options.software);
	message->protocol_version = FAILOVER_VERSION;
	message->vendor_options =
		(struct failover_bytes){vendor, (uint16_t)failover_vendor_encode(&ours, vendor)};
	add(message, FAILOVER_RELATIONSHIP_NAME);
	add(message, FAILOVER_MAX_UNACKED);
	add(message, FAILOVER_RECEIVE_TIMER);
	add(message, FAILOVER_VENDOR_CLASS);
	add(message, FAILOVER_PROTOCOL_VERSION);
	add(message, FAILOVER_VENDOR_OPTIONS);
}

void failover_connect_begin(struct failover_peer *peer, struct failover_link *link)
{
	struct failover_message message = {.type = FAILOVER_CONNECT};
	uint8_t vendor[VENDOR_MAX];

	if (!peer->options.conf->primary)
		return;
	introduce(peer, &message, vendor);
	message.mclt = peer->options.conf->mclt;
	message.hash_buckets = peer->options.conf->hba;
	add(&message, FAILOVER_TLS_REQUEST);
	add(&message, FAILOVER_MCLT);
	add(&message, FAILOVER_HASH_BUCKETS);
	failover_link_send(peer, link, &message);
}

static void acknowledge(struct failover_peer *peer, struct failover_link *link,
			const struct failover_message *connect)
{
	struct failover_message message = {.type = FAILOVER_CONNECTACK, .xid = connect->xid};
	uint8_t vendor[VENDOR_MAX];

	introduce(peer, &message, vendor);
	if (failover_has(connect, FAILOVER_TLS_REQUEST))
		add(&message, FAILOVER_TLS_REPLY);
	failover_link_send(peer, link, &message);
}

/* CONNECTACK with the reason to a primary, DISCONNECT to a secondary; then it is closed. */
static void refuse(struct failover_peer *peer, struct failover_link *link,
		   const struct failover_message *to, uint8_t reason, const char *text)
{
	struct failover_message message = {.type = FAILOVER_DISCONNECT};
	uint8_t vendor[VENDOR_MAX];
	/* Two connections at one time are nothing that a person must see to. */
	enum failover_level level = reason == FAILOVER_REJECT_DUPLICATE_CONNECTION
					    ? FAILOVER_LOG_INFO
					    : FAILOVER_LOG_WARNING;

	if (to->type == FAILOVER_CONNECT) {
		message.type = FAILOVER_CONNECTACK;
		message.xid = to->xid;
		introduce(peer, &message, vendor);
		if (failover_has(to, FAILOVER_TLS_REQUEST))
			add(&message, FAILOVER_TLS_REPLY);
	}
	message.reject = reason;
	message.text = bytes_of(text);
	add(&message, FAILOVER_REJECT_REASON);
	add(&message, FAILOVER_TEXT);
	failover_link_send(peer, link, &message);
	/* The one that is there may be dead already: then its system says so. */
	if (reason == FAILOVER_REJECT_DUPLICATE_CONNECTION)
		failover_link_say(peer, FAILOVER_CONTACT, 0);
	peer->refused_connections++;
	if (!peer->link)
		peer->last_reject = reason;
	failover_link_drop(peer, link, level, "the partner's %s was refused: %s: %s",
			   failover_type_word(to->type), failover_reject_word(reason), text);
}

/* False: what xdhcp adds is malformed. */
static bool partner_read(const struct failover_peer *peer, const struct failover_message *message,
			 struct failover_partner *ret_partner)
{
	struct failover_partner partner = peer->partner;
	static const char ours[] = "xdhcp";

	partner.isc = message->vendor_class.length < sizeof(ours) - 1 ||
		      memcmp(message->vendor_class.data, ours, sizeof(ours) - 1) != 0;
	failover_text_print(&message->vendor_class, partner.software, sizeof(partner.software));
	/* What is not said stays as it was said last, at first 0: nothing is sent then, as dhcpd has it. */
	if (failover_has(message, FAILOVER_MAX_UNACKED))
		partner.max_unacked = message->max_unacked;
	if (failover_has(message, FAILOVER_RECEIVE_TIMER))
		partner.receive_timer = message->receive_timer;
	partner.vendor = (struct failover_vendor){0};
	if (!partner.isc && failover_has(message, FAILOVER_VENDOR_OPTIONS) &&
	    failover_vendor_decode(&message->vendor_options, &partner.vendor))
		return false;
	*ret_partner = partner;
	return true;
}

static bool name_is_ours(const struct failover_peer *peer, const struct failover_message *message)
{
	const char *name = peer->options.conf->name;

	return message->relationship.length == strlen(name) &&
	       !memcmp(message->relationship.data, name, message->relationship.length);
}

static bool same_store(const struct failover_vendor *a, const struct failover_vendor *b)
{
	return a->has_store && b->has_store && !memcmp(a->store, b->store, STORE_ID);
}

/* The link is one of a partner that has been started anew since. */
static bool link_is_stale(const struct failover_peer *peer, const struct failover_partner *partner)
{
	return same_store(&partner->vendor, &peer->partner.vendor) && partner->vendor.boot &&
	       partner->vendor.boot != peer->partner.vendor.boot;
}

/* What both judge; 0, or the reason and a text for both sides. */
static uint8_t judge_common(struct failover_peer *peer, const struct failover_message *message,
			    const struct failover_partner *partner, char *text, size_t size)
{
	long long ahead = (long long)message->time - peer->now.wall;
	int limit = partner->isc ? CLOCKS_ISC_SECONDS : CLOCKS_SECONDS;

	if (!name_is_ours(peer, message)) {
		char theirs[64];

		failover_text_print(&message->relationship, theirs, sizeof(theirs));
		snprintf(text, size, "the relationship is \"%s\" here and \"%s\" there",
			 peer->options.conf->name, theirs);
		return FAILOVER_REJECT_INVALID_PARTNER;
	}
	if (llabs(ahead) > limit) {
		snprintf(text, size,
			 "the partner's clock is %lld s %s ours, more than %d: set it right",
			 llabs(ahead), ahead > 0 ? "ahead of" : "behind", limit);
		return FAILOVER_REJECT_TIME_MISMATCH;
	}
	if (failover_has(message, FAILOVER_PROTOCOL_VERSION) &&
	    message->protocol_version != FAILOVER_VERSION) {
		snprintf(text, size, "protocol version %u, not %d", message->protocol_version,
			 FAILOVER_VERSION);
		return FAILOVER_REJECT_VERSION_MISMATCH;
	}
	if (partner->vendor.has_store &&
	    !memcmp(partner->vendor.store, peer->options.store, STORE_ID)) {
		snprintf(text, size,
			 "both servers have the same lease store: one is a copy, "
			 "set it aside and start without");
		return FAILOVER_REJECT_INVALID_PARTNER;
	}
	if (peer->link && !link_is_stale(peer, partner)) {
		snprintf(text, size, "there is a connection already");
		return FAILOVER_REJECT_DUPLICATE_CONNECTION;
	}
	return 0;
}

/* In dhcpd's order, so that the same mistake has the same name at both kinds of partner. */
static uint8_t judge_connect(struct failover_peer *peer, const struct failover_message *connect,
			     const struct failover_partner *partner, char *text, size_t size)
{
	uint8_t reason;

	if (peer->options.conf->primary) {
		snprintf(text, size, "both servers are configured as the primary");
		return FAILOVER_REJECT_INVALID_PARTNER;
	}
	if (!connect->relationship.length) {
		snprintf(text, size, "no relationship name");
		return FAILOVER_REJECT_INVALID_PARTNER;
	}
	reason = judge_common(peer, connect, partner, text, size);
	if (reason && reason != FAILOVER_REJECT_DUPLICATE_CONNECTION)
		return reason;
	if (failover_has(connect, FAILOVER_TLS_REQUEST) && connect->tls_request == 2 &&
	    !peer->options.tls) {
		snprintf(text, size, "the partner demands TLS, and none is configured here");
		return FAILOVER_REJECT_TLS_UNCONFIGURED;
	}
	if (!failover_has(connect, FAILOVER_HASH_BUCKETS)) {
		snprintf(text, size, "no hash buckets");
		return FAILOVER_REJECT_HASH_BUCKETS;
	}
	if (reason)
		return reason;
	if (!failover_has(connect, FAILOVER_MCLT) || !connect->mclt) {
		snprintf(text, size, "no MCLT, or an MCLT of 0");
		return FAILOVER_REJECT_INVALID_MCLT;
	}
	return 0;
}

/* A store that is not the one which the partner knows of our role is set aside, before anything is said. */
static bool set_aside(struct failover_peer *peer, struct failover_link *link,
		      const struct failover_partner *partner)
{
	const struct failover_vendor *vendor = &partner->vendor;

	if (!vendor->has_known || !memcmp(vendor->known, peer->options.store, STORE_ID))
		return false;
	/* One that was away is not to be believed: it hears of us what it sets its own aside by. */
	if (vendor->epoch < peer->record.epoch && !peer->fsm.kept.lost)
		return false;
	/* Lost and not heard of since: there is nothing to begin anew. */
	if (link->told || (peer->fsm.kept.lost && peer->fsm.kept.partner == FAILOVER_UNKNOWN))
		return false;
	link->told = true;
	failover_peer_log(peer, FAILOVER_LOG_WARNING,
			  "the partner knows another lease store in our place: what is here is "
			  "set aside, everything comes from the partner");
	failover_peer_event(peer, FAILOVER_EVENT_STORE_LOST);
	return true;
}

static void store_warn(struct failover_peer *peer, const struct failover_partner *partner)
{
	if (peer->record.has_partner_store && partner->vendor.has_store &&
	    memcmp(peer->record.partner_store, partner->vendor.store, STORE_ID) != 0)
		failover_peer_log(peer, FAILOVER_LOG_WARNING,
				  "the partner has another lease store than before: it sets that "
				  "aside and takes everything from here");
}

static void clocks_warn(struct failover_peer *peer, const struct failover_message *message)
{
	long long ahead = (long long)message->time - peer->now.wall;

	if (llabs(ahead) < FAILOVER_SKEW_WARN)
		return;
	failover_peer_log(peer, FAILOVER_LOG_WARNING,
			  "the partner's clock is about %lld s %s ours: synchronise both",
			  llabs(ahead), ahead > 0 ? "ahead of" : "behind");
}

/* The greater of what both said in the handshake. */
static uint64_t epoch_said(const struct failover_peer *peer, const struct failover_partner *partner)
{
	uint64_t own = peer->fsm.kept.lost ? 0 : peer->record.epoch;

	return own > partner->vendor.epoch ? own : partner->vendor.epoch;
}

/* The handshake is done: `message` is the CONNECT or CONNECTACK that did it. */
static void establish(struct failover_peer *peer, struct failover_link *link,
		      const struct failover_message *message,
		      const struct failover_partner *partner)
{
	struct failover_fsm fsm = peer->fsm;

	/* Another machine's clock is another one: both count, until the one before is forgotten. */
	peer->link = link;
	peer->received_at = peer->sent_at = peer->writable_at = peer->now.monotonic;
	peer->linked_since = peer->now.wall;
	peer->partner = *partner;
	peer->partner.epoch = 1 + epoch_said(peer, partner);
	peer->acks_at = peer->now.monotonic;
	peer->refused[0] = 0;
	peer->last_reject = 0;
	memcpy(peer->hba,
	       message->type == FAILOVER_CONNECT ? message->hash_buckets : peer->options.conf->hba,
	       FAILOVER_HBA);
	peer->has_hba = true;
	fsm.mclt = message->type == FAILOVER_CONNECT ? message->mclt : peer->options.conf->mclt;
	fsm.isc = partner->isc;
	failover_peer_log(peer, FAILOVER_LOG_NOTICE, "connected to the partner (%s)",
			  partner->software[0] ? partner->software : "it does not say what it is");
	clocks_warn(peer, message);
	store_warn(peer, partner);
	if (!partner->max_unacked)
		failover_peer_log(peer, FAILOVER_LOG_WARNING,
				  "the partner takes no updates: its max-unacked-updates is 0");
	if (message->type == FAILOVER_CONNECT)
		acknowledge(peer, link, message);
	failover_peer_step(peer, &fsm, (struct failover_event){.kind = FAILOVER_EVENT_LINKED},
			   false);
	failover_common_linked(peer);
}

static bool welcome(struct failover_peer *peer, struct failover_link *link,
		    const struct failover_message *message, const struct failover_partner *partner)
{
	if (peer->link) {
		failover_link_drop(peer, peer->link, FAILOVER_LOG_NOTICE,
				   "the partner was started anew and has connected again");
		return false;
	}
	if (set_aside(peer, link, partner))
		return false;
	establish(peer, link, message, partner);
	return true;
}

static bool connect_came(struct failover_peer *peer, struct failover_link *link,
			 const struct failover_message *message,
			 const struct failover_partner *partner)
{
	char text[FAILOVER_SAID];
	uint8_t reason = judge_connect(peer, message, partner, text, sizeof(text));

	if (!reason)
		return welcome(peer, link, message, partner);
	refuse(peer, link, message, reason, text);
	return true;
}

/* The secondary refuses us: its reason is for a person to see. */
static void refused_came(struct failover_peer *peer, struct failover_link *link,
			 const struct failover_message *message)
{
	char said[FAILOVER_SAID];
	uint8_t reason = message->reject;
	const char *text = failover_reject_text(reason);
	bool duplicate = reason == FAILOVER_REJECT_DUPLICATE_CONNECTION;

	failover_text_print(&message->text, said, sizeof(said));
	if (!strcmp(said, text))
		said[0] = '\0';
	peer->refused_connections++;
	/* Of two connections at one time one is refused: the other is what counts. */
	if (!peer->link)
		peer->last_reject = reason;
	failover_link_drop(peer, link, duplicate ? FAILOVER_LOG_INFO : FAILOVER_LOG_WARNING,
			   "refused by the partner: %s: %s%s%s", failover_reject_word(reason), text,
			   said[0] ? ": " : "", said);
	/* What the partner takes for a connection is none, and ends now that it says CONTACT on it. */
	if (duplicate && !peer->link)
		peer->next_connect = peer->now.monotonic + SECOND;
}

static bool connectack_came(struct failover_peer *peer, struct failover_link *link,
			    const struct failover_message *message,
			    const struct failover_partner *partner)
{
	char text[FAILOVER_SAID];
	uint8_t reason;

	if (!peer->options.conf->primary) {
		snprintf(text, sizeof(text), "both servers are configured as the secondary");
		refuse(peer, link, message, FAILOVER_REJECT_INVALID_PARTNER, text);
		return true;
	}
	if (!message->relationship.length) {
		refuse(peer, link, message, FAILOVER_REJECT_INVALID_PARTNER,
		       "no relationship name");
		return true;
	}
	if (failover_has(message, FAILOVER_REJECT_REASON)) {
		refused_came(peer, link, message);
		return true;
	}
	reason = judge_common(peer, message, partner, text, sizeof(text));
	if (!reason)
		return welcome(peer, link, message, partner);
	refuse(peer, link, message, reason, text);
	return true;
}

bool failover_connect_message(struct failover_peer *peer, struct failover_link *link,
			      const struct failover_message *message)
{
	struct failover_partner partner;

	switch (message->type) {
	case FAILOVER_CONNECT:
	case FAILOVER_CONNECTACK:
		break;
	case FAILOVER_DISCONNECT:
		refused_came(peer, link, message);
		return true;
	default:
		/* dhcpd lets a STATE before the handshake drive it; that is no example. */
		failover_link_drop(peer, link, FAILOVER_LOG_WARNING,
				   "the partner sent %s before the handshake",
				   failover_type_word(message->type));
		return true;
	}
	if (!partner_read(peer, message, &partner)) {
		peer->malformed++;
		failover_link_drop(peer, link, FAILOVER_LOG_WARNING,
				   "malformed vendor-specific-options from the partner");
		return true;
	}
	return message->type == FAILOVER_CONNECT ? connect_came(peer, link, message, &partner)
						 : connectack_came(peer, link, message, &partner);
}
