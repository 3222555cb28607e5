// SPDX-License-Identifier: GPL-2.0-only
#include "server/decision.h"

const char *server_silence_word(enum server_silence silence)
{
	static const char *const words[] = {"none",
#define SERVER_SILENCE_WORD(name, word, text) word,
					    SERVER_SILENCES(SERVER_SILENCE_WORD)
#undef SERVER_SILENCE_WORD
	};

	return silence < SERVER_SILENT_MAX ? words[silence] : "none";
}

void server_decision_silence(struct decision *decision, enum server_silence silence)
{
	decision->verdict.action = SERVER_IGNORE;
	decision->verdict.silence = silence;
}

static uint32_t decide_server_id(const struct decision *decision, const struct server_scope *scope)
{
	uint32_t configured = server_scope_server_identifier(scope);

	return configured ? configured : decision->request->link_address;
}

static bool decide_authoritative(const struct decision *decision)
{
	struct server_scope scope = server_scope_of_network(decision->verdict.network);

	return server_scope_authoritative(&scope);
}

/* The client goes by who offered the address that it asks for. */
static uint32_t decide_nak_role(const struct decision *decision)
{
	const struct dhcp_message *message = &decision->request->message;
	uint32_t address = message->ciaddr;

	if (!address)
		dhcp_message_u32(message, DHCP_OPT_REQUESTED_ADDRESS, &address);
	return server_scope_of(decision->conf, NULL, address).role_address;
}

static void decide_nak(struct decision *decision, const char *message)
{
	struct server_verdict *verdict = &decision->verdict;

	verdict->action = SERVER_NAK;
	verdict->message = message;
	verdict->scope = server_scope_of_network(verdict->network);
	verdict->scope.role_address = decide_nak_role(decision);
	verdict->server_id = decide_server_id(decision, &verdict->scope);
}

/* Who says no without being sure of it must have been given the authority. */
static void decide_nak_if_authoritative(struct decision *decision, const char *message)
{
	if (decide_authoritative(decision))
		decide_nak(decision, message);
	else
		server_decision_silence(decision, SERVER_SILENT_UNKNOWN);
}

static void decide_address(struct decision *decision, enum server_action action, uint32_t address)
{
	struct server_verdict *verdict = &decision->verdict;
	uint32_t seconds = 0;
	bool asked = dhcp_message_u32(&decision->request->message, DHCP_OPT_LEASE_TIME, &seconds);

	verdict->action = action;
	verdict->address = address;
	verdict->scope = server_scope_of(decision->conf, verdict->host, address);
	verdict->server_id = decide_server_id(decision, &verdict->scope);
	verdict->lease_wanted = server_scope_lease_time(&verdict->scope, asked, seconds);
	verdict->lease_time = verdict->lease_wanted;
}

static bool decide_record_is_clients(const struct decision *decision, const struct lease *lease)
{
	const struct lease_record *record = lease_effective(lease);

	return record && dhcp_ident_equal(&decision->request->ident, lease_record_ident(record),
					  record->ident_length);
}

bool server_decision_lease_is_clients(const struct decision *decision, const struct lease *lease)
{
	return decide_record_is_clients(decision, lease) &&
	       lease_effective(lease)->state == LEASE_ACTIVE;
}

/* Somebody who was bound before configuration fixed the address for this client. */
static bool decide_held_by_another(const struct decision *decision, uint32_t address)
{
	const struct lease *lease = lease_table_find(decision->table, address);

	return lease && lease_effective(lease) && lease_effective(lease)->state == LEASE_ACTIVE &&
	       !decide_record_is_clients(decision, lease);
}

/*
 * The client's own statement, as dhcpd applies it: one that fixes addresses
 * counts where one of them lies in the client's network, one that fixes none
 * counts everywhere. Returns the fixed address here, 0: none, or not yet.
 */
static uint32_t decide_host(struct decision *decision)
{
	const struct dhcp_message *message = &decision->request->message;
	const struct conf_host *host = conf_host_by_hardware(decision->conf, message->htype,
							     message->hlen, message->chaddr);

	decision->host = host;
	if (!host)
		return 0;
	for (size_t i = 0; i < host->fixed_address_count; i++) {
		if (server_network_of_address(decision->conf, host->fixed_addresses[i]) !=
		    decision->verdict.network)
			continue;
		decision->verdict.host = host;
		if (!decide_held_by_another(decision, host->fixed_addresses[i]))
			return host->fixed_addresses[i];
	}
	if (!host->fixed_address_count)
		decision->verdict.host = host;
	return 0;
}

static bool decide_offered_to_client(const struct decision *decision, const struct lease *lease)
{
	return lease->offered_to && lease->offered_until > decision->request->now &&
	       dhcp_ident_equal(&decision->request->ident, lease->offered_to->bytes,
				lease->offered_to->length);
}

/* The client's active lease in this network that is not `address`: it ends when that is given. */
static void decide_previous(struct decision *decision, uint32_t address)
{
	const struct dhcp_ident *ident = &decision->request->ident;
	struct server_verdict *verdict = &decision->verdict;
	struct lease *lease = NULL;

	while ((lease = lease_table_next_of_client(decision->table, ident->bytes, ident->length,
						   lease))) {
		if (lease->address == address ||
		    !server_decision_lease_is_clients(decision, lease) ||
		    server_network_of_address(decision->conf, lease->address) != verdict->network)
			continue;
		verdict->moved = true;
		verdict->previous = lease;
		return;
	}
}

static void decide_grant(struct decision *decision, struct lease *lease)
{
	decision->verdict.lease = lease;
	decide_address(decision, SERVER_GRANT, lease->address);
	if (server_decision_bound(decision))
		decide_previous(decision, lease->address);
}

/* RFC 2131 section 4.3.1. */
static void decide_discover(struct decision *decision)
{
	const struct server_request *request = decision->request;
	struct server_verdict *verdict = &decision->verdict;
	uint32_t wanted = 0, fixed = decide_host(decision);

	if (fixed) {
		decide_address(decision, SERVER_OFFER_STATIC, fixed);
		return;
	}
	dhcp_message_u32(&request->message, DHCP_OPT_REQUESTED_ADDRESS, &wanted);
	verdict->lease = lease_pool_choose(decision->table, verdict->network, &request->ident,
					   decision->host, wanted, request->now);
	if (!verdict->lease) {
		server_decision_silence(decision, server_decision_why_none(decision));
		return;
	}
	if (server_decision_is_partners(decision, server_decision_view(decision, verdict->lease))) {
		server_decision_silence(decision, SERVER_SILENT_PARTNER);
		return;
	}
	decide_address(decision, SERVER_OFFER, verdict->lease->address);
	server_decision_bound(decision);
}

/*
 * What holds for every REQUEST before the lease is looked at. True where the
 * verdict has been given.
 */
static bool decide_by_place(struct decision *decision, uint32_t address)
{
	uint32_t fixed = decide_host(decision);

	if (fixed) {
		if (!server_host_fixes(decision->verdict.host, address) ||
		    server_network_of_address(decision->conf, address) !=
			    decision->verdict.network) {
			decide_nak(decision, SERVER_NAK_STATIC);
			return true;
		}
		decide_address(decision, SERVER_STATIC, address);
		decide_previous(decision, address);
		return true;
	}
	if (server_network_of_address(decision->conf, address) != decision->verdict.network) {
		decide_nak_if_authoritative(decision, SERVER_NAK_NETWORK);
		return true;
	}
	return false;
}

/*
 * The lease of an address that this server may still give; NULL with the verdict
 * given. One of the client's own network that is and was in none of our pools may
 * be another server's, in a ring of pairs a neighbour's: silence, as of dhcpd.
 */
static struct lease *decide_find(struct decision *decision, uint32_t address)
{
	struct lease *lease = lease_table_find(decision->table, address);

	if (lease && lease->pool != LEASE_POOL_NONE)
		return lease;
	if (!lease)
		server_decision_silence(decision, SERVER_SILENT_UNKNOWN);
	else if (decide_record_is_clients(decision, lease))
		decide_nak(decision, SERVER_NAK_ADDRESS);
	else
		decide_nak_if_authoritative(decision, SERVER_NAK_ADDRESS);
	return NULL;
}

static bool decide_permitted(const struct decision *decision, const struct lease *lease)
{
	const struct conf_pool *pool = conf_pool_of(decision->conf, lease->address);

	return !pool || conf_permits_client(&pool->permits, decision->host);
}

bool server_decision_available(const struct decision *decision, const struct lease *lease)
{
	return decide_permitted(decision, lease) &&
	       lease_pool_available(decision->table, lease, &decision->request->ident,
				    decision->request->now);
}

/* RFC 2131 section 4.3.2, SELECTING: the client took our offer. */
static void decide_selecting(struct decision *decision, uint32_t address)
{
	struct lease *lease;

	if (decide_by_place(decision, address))
		return;
	lease = lease_table_find(decision->table, address);
	if (lease && server_decision_by_partner(decision, lease))
		return;
	if (lease && server_decision_available(decision, lease))
		decide_grant(decision, lease);
	else
		decide_nak(decision, SERVER_NAK_ADDRESS);
}

/*
 * RFC 2131 section 4.3.2, INIT-REBOOT: the client remembers an address. One
 * that another client had last is no memory of ours.
 */
static void decide_init_reboot(struct decision *decision, uint32_t address)
{
	struct lease *lease;

	if (decide_by_place(decision, address))
		return;
	lease = decide_find(decision, address);
	if (!lease || server_decision_by_partner(decision, lease))
		return;
	if (!server_decision_available(decision, lease))
		decide_nak(decision, SERVER_NAK_ADDRESS);
	else if (lease_effective(lease) && !decide_record_is_clients(decision, lease))
		decide_nak_if_authoritative(decision, SERVER_NAK_ADDRESS);
	else
		decide_grant(decision, lease);
}

/* RFC 2131 section 4.3.2, RENEWING and REBINDING: the client uses the address. */
static void decide_renewing(struct decision *decision, uint32_t address)
{
	struct lease *lease;

	if (decide_by_place(decision, address))
		return;
	lease = decide_find(decision, address);
	if (!lease || server_decision_by_partner(decision, lease))
		return;
	if (server_decision_available(decision, lease))
		decide_grant(decision, lease);
	else
		decide_nak(decision, SERVER_NAK_ADDRESS);
}

/* Is this server identifier one that a reply of ours may have carried for this address? */
static bool decide_is_ours(const struct decision *decision, uint32_t server_id, uint32_t address)
{
	const struct server_request *request = decision->request;
	struct server_scope scope = server_scope_of(decision->conf, decision->host, address);

	return server_id == decide_server_id(decision, &scope) ||
	       server_id == request->link_address ||
	       (request->to_us && server_id == request->destination);
}

static bool decide_for_another(const struct decision *decision, uint32_t address)
{
	uint32_t server_id;

	return dhcp_message_u32(&decision->request->message, DHCP_OPT_SERVER_ID, &server_id) &&
	       !decide_is_ours(decision, server_id, address);
}

/* The client chose another server's offer: ours is held for nobody. */
static void decide_other_server(struct decision *decision)
{
	const struct server_request *request = decision->request;
	struct lease *lease = lease_pool_choose(decision->table, decision->verdict.network,
						&request->ident, decision->host, 0, request->now);

	if (lease && decide_offered_to_client(decision, lease))
		decision->verdict.lease = lease;
	server_decision_silence(decision, SERVER_SILENT_OTHER_SERVER);
}

/*
 * RFC 2131 section 4.3.2 and table 4. Tolerated: option 54 or 50 beside
 * ciaddr, where they say nothing new.
 */
static void decide_request(struct decision *decision)
{
	const struct dhcp_message *message = &decision->request->message;
	uint32_t requested = 0, ciaddr = message->ciaddr;

	dhcp_message_u32(message, DHCP_OPT_REQUESTED_ADDRESS, &requested);
	if ((requested && ciaddr && requested != ciaddr) || (!requested && !ciaddr))
		server_decision_silence(decision, SERVER_SILENT_MALFORMED);
	else if (decide_for_another(decision, ciaddr ? ciaddr : requested))
		decide_other_server(decision);
	else if (ciaddr)
		decide_renewing(decision, ciaddr);
	else if (dhcp_message_option(message, DHCP_OPT_SERVER_ID))
		decide_selecting(decision, requested);
	else
		decide_init_reboot(decision, requested);
}

/* RELEASE and DECLINE of `address`: only of a lease that is this client's. */
static void decide_give_back(struct decision *decision, enum server_action action, uint32_t address)
{
	struct server_verdict *verdict = &decision->verdict;
	struct lease *lease = lease_table_find(decision->table, address);
	bool bound = lease && server_decision_lease_is_clients(decision, lease);
	const struct failover_view *view = bound ? server_decision_view(decision, lease) : NULL;

	decide_host(decision);
	if (!address) {
		server_decision_silence(decision, SERVER_SILENT_MALFORMED);
	} else if (decide_for_another(decision, address)) {
		server_decision_silence(decision, SERVER_SILENT_OTHER_SERVER);
	} else if (view && !view->serves) {
		server_decision_silence(decision, SERVER_SILENT_FAILOVER);
	} else if (view && decision->request->stale) {
		server_decision_silence(decision, SERVER_SILENT_STALE);
	} else if (bound) {
		verdict->action = action;
		verdict->lease = lease;
		verdict->address = address;
	} else if (decision->host && server_host_fixes(decision->host, address)) {
		server_decision_silence(decision, SERVER_SILENT_STATIC);
	} else {
		server_decision_silence(decision, SERVER_SILENT_NOT_BOUND);
	}
}

/* RFC 2131 section 4.3.4: the address is in ciaddr. */
static void decide_release(struct decision *decision)
{
	decide_give_back(decision, SERVER_RELEASE, decision->request->message.ciaddr);
}

/* RFC 2131 section 4.3.3: the address is in option 50. */
static void decide_decline(struct decision *decision)
{
	uint32_t address = 0;

	dhcp_message_u32(&decision->request->message, DHCP_OPT_REQUESTED_ADDRESS, &address);
	decide_give_back(decision, SERVER_DECLINE, address);
}

/* RFC 2131 section 4.3.5. Clients that leave ciaddr 0 are known by their source address. */
static void decide_inform(struct decision *decision)
{
	const struct server_request *request = decision->request;
	const struct dhcp_message *message = &request->message;
	struct server_verdict *verdict = &decision->verdict;
	uint32_t address = message->ciaddr;

	if (!address)
		address = message->giaddr ? message->giaddr : request->source;
	if (!address) {
		server_decision_silence(decision, SERVER_SILENT_MALFORMED);
		return;
	}
	if (server_network_of_address(decision->conf, address))
		verdict->network = server_network_of_address(decision->conf, address);
	if (!decide_authoritative(decision)) {
		server_decision_silence(decision, SERVER_SILENT_UNKNOWN);
		return;
	}
	decide_host(decision);
	verdict->action = SERVER_INFORM;
	verdict->scope = server_network_of_address(decision->conf, address)
				 ? server_scope_of(decision->conf, verdict->host, address)
				 : server_scope_of_network(verdict->network);
	verdict->server_id = decide_server_id(decision, &verdict->scope);
}

/* RFC 2131 section 4.3: by message type. */
static void decide_by_type(struct decision *decision)
{
	switch (decision->request->message.type) {
	case DHCP_DISCOVER:
		decide_discover(decision);
		break;
	case DHCP_REQUEST:
		decide_request(decision);
		break;
	case DHCP_DECLINE:
		decide_decline(decision);
		break;
	case DHCP_RELEASE:
		decide_release(decision);
		break;
	case DHCP_INFORM:
		decide_inform(decision);
		break;
	default:
		server_decision_silence(decision, SERVER_SILENT_TYPE);
	}
}

struct server_verdict server_decide(const struct conf *conf, struct lease_table *table,
				    const struct failover_view *views,
				    const struct server_request *request)
{
	struct decision decision = {
		.conf = conf,
		.table = table,
		.views = views,
		.request = request,
		.verdict.network = server_network_of(conf, request),
	};

	if (!decision.verdict.network)
		server_decision_silence(&decision, SERVER_SILENT_NO_NETWORK);
	else
		decide_by_type(&decision);
	return decision.verdict;
}
