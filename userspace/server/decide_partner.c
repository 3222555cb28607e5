/* SPDX-License-Identifier: GPL-2.0-only */
/* What the other half of the pair has to do with a request. */
#include "server/decision.h"

const struct failover_view *server_decision_view(const struct decision *decision,
						 const struct lease *lease)
{
	return lease->relation ? &decision->views[lease->relation] : NULL;
}

bool server_decision_bound(struct decision *decision)
{
	struct server_verdict *verdict = &decision->verdict;
	const struct lease *lease = verdict->lease;
	const struct failover_view *view = server_decision_view(decision, lease);
	int64_t known = 0;

	if (!view)
		return true;
	if (server_decision_lease_is_clients(decision, lease))
		known = lease_policy_known(lease_table_policy(decision->table, lease->relation),
					   lease_effective(lease));
	verdict->lease_time = failover_view_seconds(view, known, verdict->lease_wanted);
	if (!verdict->lease_time)
		server_decision_silence(decision, SERVER_SILENT_FAILOVER);
	return verdict->lease_time;
}

/* Option 61's value, else the hardware address without its type (RFC 3074 section 6). */
static bool is_ours_to_offer(const struct decision *decision, const struct failover_view *view)
{
	const struct dhcp_message *message = &decision->request->message;
	const struct dhcp_option *identifier = &message->options[DHCP_OPT_CLIENT_ID];

	if (identifier->length)
		return failover_view_ours(view, identifier->data, identifier->length,
					  message->secs);
	return failover_view_ours(view, message->chaddr, message->hlen, message->secs);
}

/* Has the partner nothing to give in this network? Then all clients are ours. */
static bool partner_is_dry(const struct decision *decision)
{
	const struct conf_network *network = decision->verdict.network;

	for (size_t i = 0; i < network->pool_count; i++) {
		const struct conf_pool *pool = network->pools[i];
		struct lease_counts counts;

		if (!pool->relation)
			continue;
		lease_table_pool_counts(decision->table, pool->number, &counts);
		if (decision->views[pool->relation].primary ? counts.backup : counts.free)
			return false;
	}
	return true;
}

/* dhcpd balances DISCOVER alone, also those of clients that hold a lease. */
bool server_decision_is_partners(const struct decision *decision, const struct failover_view *view)
{
	return view && view->balances && !is_ours_to_offer(decision, view) &&
	       !partner_is_dry(decision);
}

enum server_silence server_decision_why_none(const struct decision *decision)
{
	const struct conf_network *network = decision->verdict.network;

	for (size_t i = 0; i < network->pool_count; i++) {
		const struct conf_pool *pool = network->pools[i];

		if (!conf_permits_client(&pool->permits, decision->host))
			continue;
		if (pool->relation && !decision->views[pool->relation].serves)
			return SERVER_SILENT_FAILOVER;
	}
	for (size_t i = 0; i < network->pool_count; i++)
		if (conf_permits_client(&network->pools[i]->permits, decision->host))
			return SERVER_SILENT_NO_ADDRESS;
	return network->pool_count ? SERVER_SILENT_PERMIT : SERVER_SILENT_NO_ADDRESS;
}

bool server_decision_by_partner(struct decision *decision, const struct lease *lease)
{
	const struct failover_view *view = server_decision_view(decision, lease);
	const struct lease_record *record = lease_effective(lease);

	if (!view)
		return false;
	if (!view->serves) {
		server_decision_silence(decision, SERVER_SILENT_FAILOVER);
		return true;
	}
	if (server_decision_available(decision, lease) ||
	    (record && (record->state == LEASE_ACTIVE || record->state == LEASE_ABANDONED) &&
	     !lease->yielding))
		return false;
	server_decision_silence(decision, SERVER_SILENT_PARTNERS_ADDRESS);
	return true;
}
