/* SPDX-License-Identifier: GPL-2.0-only */
/* What the scopes around a pool come to: the innermost saying of each, and what holds where none says it. */
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "conf/common.h"
#include "dhcp/option.h"

/* dhcpd's, as server/ takes them. */
#define DEFAULT_LEASE_TIME 43200
#define MAX_LEASE_TIME 86400

struct effect {
	uint32_t usual, least, most; /* lease times; 0: unsaid */
	uint32_t next_server;
	bool authoritative;
	const char *filename, *server_name;
	const struct conf_option *options[256];
};

static void override(struct effect *effect, const struct conf_scope *scope)
{
	if (scope->has_default_lease_time)
		effect->usual = scope->default_lease_time;
	if (scope->has_min_lease_time)
		effect->least = scope->min_lease_time;
	if (scope->has_max_lease_time)
		effect->most = scope->max_lease_time;
	if (scope->has_next_server)
		effect->next_server = scope->next_server;
	if (scope->has_authoritative)
		effect->authoritative = scope->authoritative;
	if (scope->filename)
		effect->filename = scope->filename;
	if (scope->server_name)
		effect->server_name = scope->server_name;
	for (size_t i = 0; i < scope->option_count; i++)
		effect->options[scope->options[i].code] = &scope->options[i];
}

/* The scope and what is around it, outermost first, as far as `end`, which is left out. */
static void override_lineage(struct effect *effect, const struct conf_scope *scope,
			     const struct conf_scope *end)
{
	const struct conf_scope *chain[CONF_NESTING_MAX + 2];
	size_t depth = 0;

	for (; scope != end; scope = scope->parent)
		chain[depth++] = scope;
	while (depth)
		override(effect, chain[--depth]);
}

/* Where the two lineages meet. */
static const struct conf_scope *common_scope(const struct conf_scope *a, const struct conf_scope *b)
{
	for (; a; a = a->parent) {
		for (const struct conf_scope *at = b; at; at = at->parent) {
			if (at == a)
				return a;
		}
	}
	return NULL;
}

/* A pool's words beat its subnet's, and both those further out, as dhcpd has it. */
static void reckon(struct effect *effect, const struct conf_common_place *place)
{
	const struct conf_scope *pool = place->pool->scope, *subnet = place->subnet->scope;

	memset(effect, 0, sizeof(*effect));
	override_lineage(effect, subnet, NULL);
	override_lineage(effect, pool, common_scope(pool, subnet));
	if (!effect->usual)
		effect->usual = DEFAULT_LEASE_TIME;
	if (!effect->most)
		effect->most = effect->usual > MAX_LEASE_TIME ? effect->usual : MAX_LEASE_TIME;
	if (effect->usual > effect->most)
		effect->usual = effect->most;
	if (effect->usual < effect->least)
		effect->usual = effect->least;
}

static void say_seconds(struct conf_common *common, size_t place, const char *words,
			uint32_t seconds)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", seconds);
	conf_common_say(common, place, words, text);
}

static void say_text(struct conf_common *common, size_t place, const char *words, const char *value)
{
	char bytes[1024];
	struct base_text text = base_text_of(bytes, sizeof(bytes));

	if (!value)
		return;
	conf_text_format(&text, value, strlen(value));
	conf_common_say(common, place, words, bytes);
}

/* The server gives the subnet's mask where nothing is said of it. */
static bool is_own_mask(const struct conf_option *option, const struct conf_subnet *subnet)
{
	const uint32_t mask = subnet->mask;
	const uint8_t bytes[] = {(uint8_t)(mask >> 24), (uint8_t)(mask >> 16), (uint8_t)(mask >> 8),
				 (uint8_t)mask};

	return option->code == DHCP_OPT_SUBNET_MASK && option->length == sizeof(bytes) &&
	       !memcmp(option->data, bytes, sizeof(bytes));
}

static void say_option(struct conf_common *common, size_t place, const struct conf_option *option)
{
	const struct dhcp_option_info *info = dhcp_option_by_code(option->code);
	char words[80], bytes[CONF_OPTION_TEXT];
	struct base_text text = base_text_of(bytes, sizeof(bytes));

	if (is_own_mask(option, common->places[place].subnet))
		return;
	if (info)
		snprintf(words, sizeof(words), "option %s", info->name);
	else
		snprintf(words, sizeof(words), "option unknown-%u", option->code);
	conf_option_format(&text, option);
	conf_common_say(common, place, words, bytes);
}

static void say_permits(struct conf_common *common, size_t place)
{
	static const char *const clients[] = {
		[CONF_PERMIT_ALL] = "all clients",
		[CONF_PERMIT_KNOWN] = "known-clients",
		[CONF_PERMIT_UNKNOWN] = "unknown-clients",
		[CONF_PERMIT_DYNAMIC_BOOTP] = "dynamic bootp clients",
	};
	const struct conf_permits *permits = &common->places[place].pool->permits;
	char words[64];

	for (unsigned kind = 0; kind < sizeof(clients) / sizeof(*clients); kind++) {
		if (permits->allow & 1U << kind) {
			snprintf(words, sizeof(words), "allow %s", clients[kind]);
			conf_common_say(common, place, words, "");
		}
		if (permits->deny & 1U << kind) {
			snprintf(words, sizeof(words), "deny %s", clients[kind]);
			conf_common_say(common, place, words, "");
		}
	}
}

void conf_common_say_scopes(struct conf_common *common, size_t place)
{
	char address[BASE_IPV4_TEXT];
	struct effect effect;

	reckon(&effect, &common->places[place]);
	say_seconds(common, place, "default-lease-time", effect.usual);
	say_seconds(common, place, "max-lease-time", effect.most);
	say_seconds(common, place, "min-lease-time", effect.least);
	if (effect.authoritative)
		conf_common_say(common, place, "authoritative", "");
	if (effect.next_server)
		conf_common_say(common, place, "next-server",
				base_ipv4_format(effect.next_server, address));
	say_text(common, place, "filename", effect.filename);
	say_text(common, place, "server-name", effect.server_name);
	for (size_t code = 0; code < 256; code++) {
		if (effect.options[code])
			say_option(common, place, effect.options[code]);
	}
	say_permits(common, place);
}
