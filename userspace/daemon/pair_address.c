// SPDX-License-Identifier: GPL-2.0-only
/*
 * The address of a relationship may belong to a role rather than to this
 * machine, and come when the daemon runs already. Its listener waits for it
 * (net/stream.h); a connection that was refused for want of it is made at once,
 * and one that lived by it ends with it.
 */
#include "base/address.h"
#include "daemon/pair_private.h"
#include "net/interface.h"

/* All of a loopback interface's network is ours, not the one address alone. */
static bool interface_has(const struct net_interface *interface, uint32_t address)
{
	for (size_t i = 0; i < interface->address_count; i++) {
		const struct net_address *ours = &interface->addresses[i];
		uint32_t differs = ours->address ^ address;

		if (interface->flags & IFF_LOOPBACK && ours->prefix)
			differs >>= 32 - ours->prefix;
		if (!differs)
			return true;
	}
	return false;
}

static bool interfaces_have(const struct net_interfaces *interfaces, uint32_t address)
{
	for (size_t i = 0; i < interfaces->count; i++)
		if (interface_has(&interfaces->list[i], address))
			return true;
	return false;
}

static void pair_address(struct pair *pair, bool here)
{
	struct failover_now now = pair_now();
	char address[BASE_IPV4_TEXT];

	if (pair->looked_for && pair->here == here)
		return;
	base_ipv4_format(pair->conf->address, address);
	if (!here)
		sys_log(&pair->daemon->log, SYS_LOG_WARNING,
			"failover %s: its address %s is on no interface%s: the partner cannot be "
			"reached before it comes",
			pair->conf->name, address, pair->looked_for ? " any more" : "");
	else if (pair->looked_for)
		sys_log(&pair->daemon->log, SYS_LOG_NOTICE, "failover %s: its address %s has come",
			pair->conf->name, address);
	if (here && pair->looked_for)
		failover_peer_retry(pair->peer, &now);
	else if (!here)
		failover_peer_cut_off(pair->peer, "our address is gone", &now);
	pair->looked_for = true;
	pair->here = here;
}

void pairs_addresses(struct daemon *daemon)
{
	struct net_interfaces interfaces;

	if (!daemon->pair_count || net_interfaces_list(&interfaces))
		return;
	for (size_t i = 0; i < daemon->pair_count; i++)
		pair_address(&daemon->pairs[i],
			     interfaces_have(&interfaces, daemon->pairs[i].conf->address));
	net_interfaces_free(&interfaces);
	pairs_turn(daemon);
}
