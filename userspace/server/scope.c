// SPDX-License-Identifier: GPL-2.0-only
#include "server/scope.h"

#define SCOPE_CHAINS (sizeof(((struct server_scope *)0)->chain) / sizeof(struct conf_scope *))

#define SCOPE_DEFAULT_LEASE_TIME 43200
#define SCOPE_MAX_LEASE_TIME 86400

/* The address that a relay or client names instead of giaddr (RFC 3527, RFC 3011). */
static bool scope_selected(const struct dhcp_message *message, uint32_t *ret_address)
{
	struct dhcp_option link =
		dhcp_agent_option(message->options[DHCP_OPT_AGENT], DHCP_AGENT_LINK_SELECTION);

	if (link.data && link.length == 4) {
		*ret_address = (uint32_t)link.data[0] << 24 | link.data[1] << 16 |
			       link.data[2] << 8 | link.data[3];
		return true;
	}
	return dhcp_message_u32(message, DHCP_OPT_SUBNET_SELECTION, ret_address);
}

const struct conf_network *server_network_of_address(const struct conf *conf, uint32_t address)
{
	const struct conf_subnet *subnet = conf_subnet_of(conf, address);

	return subnet ? subnet->network : NULL;
}

const struct conf_network *server_network_of(const struct conf *conf,
					     const struct server_request *request)
{
	const struct dhcp_message *message = &request->message;
	uint32_t selected;

	if (scope_selected(message, &selected))
		return server_network_of_address(conf, selected);
	if (message->giaddr)
		return server_network_of_address(conf, message->giaddr);
	if (request->to_us && message->ciaddr)
		return server_network_of_address(conf, message->ciaddr);
	return server_network_of_address(conf, request->link_address);
}

bool server_host_fixes(const struct conf_host *host, uint32_t address)
{
	for (size_t i = 0; i < host->fixed_address_count; i++)
		if (host->fixed_addresses[i] == address)
			return true;
	return false;
}

static uint32_t scope_role_address(const struct conf *conf, const struct conf_pool *pool)
{
	const struct conf_relation *relation =
		pool && pool->relation ? conf->relations[pool->relation - 1] : NULL;

	return relation && relation->chosen ? relation->address : 0;
}

struct server_scope server_scope_of(const struct conf *conf, const struct conf_host *host,
				    uint32_t address)
{
	struct server_scope scope = {.subnet = conf_subnet_of(conf, address)};
	const struct conf_pool *pool = conf_pool_of(conf, address);

	scope.chain[0] = host ? host->scope : NULL;
	scope.chain[1] = pool ? pool->scope : NULL;
	scope.chain[2] = scope.subnet ? scope.subnet->scope : conf->global;
	scope.role_address = scope_role_address(conf, pool);
	return scope;
}

struct server_scope server_scope_of_network(const struct conf_network *network)
{
	struct server_scope scope = {0};

	if (network->subnet_count == 1)
		scope.subnet = network->subnets[0];
	scope.chain[2] = scope.subnet ? scope.subnet->scope : network->scope;
	return scope;
}

static bool scope_said_further_out(const struct server_scope *scope, size_t chain,
				   const struct conf_scope *wanted)
{
	for (; chain < SCOPE_CHAINS; chain++)
		for (const struct conf_scope *at = scope->chain[chain]; at; at = at->parent)
			if (at == wanted)
				return true;
	return false;
}

const struct conf_scope *server_scope_step(const struct server_scope *scope,
					   struct server_scope_walk *walk)
{
	const struct conf_scope *at = walk->at ? walk->at->parent : NULL;

	while (!at || scope_said_further_out(scope, walk->next, at)) {
		if (walk->next == SCOPE_CHAINS)
			return NULL;
		at = scope->chain[walk->next++];
	}
	walk->at = at;
	return at;
}

static const struct conf_option *scope_option(const struct conf_scope *at, uint8_t code)
{
	for (size_t i = 0; i < at->option_count && at->options[i].code <= code; i++)
		if (at->options[i].code == code)
			return &at->options[i];
	return NULL;
}

const struct conf_option *server_scope_option(const struct server_scope *scope, uint8_t code)
{
	struct server_scope_walk walk = {0};
	const struct conf_option *option = NULL;
	const struct conf_scope *at;

	while (!option && (at = server_scope_step(scope, &walk)))
		option = scope_option(at, code);
	return option;
}

uint32_t server_scope_option_u32(const struct server_scope *scope, uint8_t code)
{
	const struct conf_option *option = server_scope_option(scope, code);

	if (!option || option->length != 4)
		return 0;
	return (uint32_t)option->data[0] << 24 | option->data[1] << 16 | option->data[2] << 8 |
	       option->data[3];
}

/* The innermost scope where `said` holds gives `field`; else `otherwise`. */
#define SCOPE_INNERMOST(scope, said, field, otherwise) \
	({ \
		struct server_scope_walk walk_ = {0}; \
		const struct conf_scope *at; \
\
		do \
			at = server_scope_step((scope), &walk_); \
		while (at && !at->said); \
		at ? at->field : (otherwise); \
	})

uint32_t server_scope_lease_time(const struct server_scope *scope, bool asked, uint32_t seconds)
{
	uint32_t usual = SCOPE_INNERMOST(scope, has_default_lease_time, default_lease_time,
					 SCOPE_DEFAULT_LEASE_TIME);
	uint32_t least = SCOPE_INNERMOST(scope, has_min_lease_time, min_lease_time, 0);
	uint32_t most =
		SCOPE_INNERMOST(scope, has_max_lease_time, max_lease_time,
				usual > SCOPE_MAX_LEASE_TIME ? usual : SCOPE_MAX_LEASE_TIME);
	uint32_t given = asked && seconds ? seconds : usual;

	if (given > most)
		given = most;
	return given < least ? least : given;
}

bool server_scope_authoritative(const struct server_scope *scope)
{
	return SCOPE_INNERMOST(scope, has_authoritative, authoritative, false);
}

uint32_t server_scope_next_server(const struct server_scope *scope)
{
	return SCOPE_INNERMOST(scope, has_next_server, next_server, 0);
}

const char *server_scope_filename(const struct server_scope *scope)
{
	return SCOPE_INNERMOST(scope, filename, filename, NULL);
}

const char *server_scope_server_name(const struct server_scope *scope)
{
	return SCOPE_INNERMOST(scope, server_name, server_name, NULL);
}

uint32_t server_scope_server_identifier(const struct server_scope *scope)
{
	uint32_t stated =
		SCOPE_INNERMOST(scope, has_server_identifier, server_identifier, (uint32_t)0);

	if (!stated)
		stated = server_scope_option_u32(scope, DHCP_OPT_SERVER_ID);
	return stated ? stated : scope->role_address;
}
