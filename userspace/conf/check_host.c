/* SPDX-License-Identifier: GPL-2.0-only */
/* What must hold across hosts, and names; ranges and subnets are in order by now. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "conf/parse.h"

struct named {
	const char *name;
	size_t order; /* index of its record */
};

static int compare_named(const void *a, const void *b)
{
	const struct named *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	if (order)
		return order;
	return left->order < right->order ? -1 : left->order > right->order;
}

/* The first name that is there twice, in alphabetical order; false: none is. */
static bool find_twice(struct named *names, size_t count, size_t *ret_a, size_t *ret_b)
{
	if (count)
		qsort(names, count, sizeof(*names), compare_named);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(names[i - 1].name, names[i].name) != 0)
			continue;
		*ret_a = names[i - 1].order;
		*ret_b = names[i].order;
		return true;
	}
	return false;
}

static int check_host_names(struct conf_parser *parser)
{
	struct named *names =
		conf_arena_alloc(&parser->scratch, parser->host_count * sizeof(*names));
	char place[CONF_PLACE_TEXT];
	size_t a, b;

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < parser->host_count; i++)
		names[i] = (struct named){parser->hosts[i]->host->name, i};
	if (!find_twice(names, parser->host_count, &a, &b))
		return 0;
	return conf_fail(parser, parser->hosts[b]->at,
			 "there is a host `%.64s` already, at %s; name this one differently",
			 parser->hosts[b]->host->name,
			 conf_place_format(parser->hosts[a]->at, place));
}

static int check_network_names(struct conf_parser *parser)
{
	struct named *names =
		conf_arena_alloc(&parser->scratch, parser->network_count * sizeof(*names));
	char place[CONF_PLACE_TEXT];
	size_t a, b;

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < parser->network_count; i++)
		names[i] = (struct named){parser->networks[i].network->name, i};
	if (!find_twice(names, parser->network_count, &a, &b))
		return 0;
	return conf_fail(parser, parser->networks[b].at,
			 "there is a network `%.64s` already, at %s; name this one differently",
			 parser->networks[b].network->name,
			 conf_place_format(parser->networks[a].at, place));
}

static int compare_hardware(const void *a, const void *b)
{
	const struct conf_host_record *const *left = a, *const *right = b;
	const struct conf_host *one = (*left)->host, *other = (*right)->host;
	int order = memcmp(one->hardware, other->hardware, sizeof(one->hardware));

	/* Records come from one arena, but not from one array: their order in it is not the text's. */
	if (order)
		return order;
	return (*left)->order < (*right)->order ? -1 : (*left)->order > (*right)->order;
}

static int check_hardware(struct conf_parser *parser)
{
	char hardware[BASE_HARDWARE_TEXT], place[CONF_PLACE_TEXT];
	struct conf_host_record **hosts = parser->hosts;

	if (parser->host_count)
		qsort(hosts, parser->host_count, sizeof(*hosts), compare_hardware);
	for (size_t i = 1; i < parser->host_count; i++) {
		const struct conf_host *host = hosts[i]->host;

		if (memcmp(hosts[i - 1]->host->hardware, host->hardware, sizeof(host->hardware)))
			continue;
		return conf_fail(
			parser, hosts[i]->hardware_at,
			"%s is host `%.64s` at %s already; a host takes several addresses: "
			"`fixed-address A, B;`",
			base_hardware_format(host->hardware, host->hlen, hardware),
			hosts[i - 1]->host->name, conf_place_format(hosts[i - 1]->at, place));
	}
	return 0;
}

/* An address that is both fixed and dynamic could be given to two clients. */
static int check_fixed(struct conf_parser *parser, const struct conf_fixed_record *fixed)
{
	const struct conf *conf = &parser->whole->conf;
	const struct conf_subnet *subnet = conf_subnet_of(conf, fixed->address);
	char text[BASE_IPV4_TEXT];

	base_ipv4_format(fixed->address, text);
	if (!subnet)
		return conf_fail(parser, fixed->at,
				 "%s is in no declared subnet, so it could never be given; declare "
				 "its subnet",
				 text);
	if (conf_pool_of(conf, fixed->address))
		return conf_fail(
			parser, fixed->at,
			"%s is in a dynamic range too, and could be given to somebody else; "
			"take it out of the range",
			text);
	return conf_check_usable(parser, fixed->at, subnet, fixed->address, fixed->address);
}

static int compare_fixed(const void *a, const void *b)
{
	const struct conf_fixed_record *left = a, *right = b;

	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

static int check_all_fixed(struct conf_parser *parser)
{
	struct conf_fixed_record *fixed = parser->fixed;
	char text[BASE_IPV4_TEXT], place[CONF_PLACE_TEXT];

	for (size_t i = 0; i < parser->fixed_count; i++) {
		int error = check_fixed(parser, &fixed[i]);

		if (error)
			return error;
	}
	if (parser->fixed_count)
		qsort(fixed, parser->fixed_count, sizeof(*fixed), compare_fixed);
	for (size_t i = 1; i < parser->fixed_count; i++) {
		if (fixed[i - 1].address == fixed[i].address)
			return conf_fail(
				parser, fixed[i].at, "%s is fixed for host `%.64s` already, at %s",
				base_ipv4_format(fixed[i].address, text), fixed[i - 1].host->name,
				conf_place_format(fixed[i - 1].at, place));
	}
	return 0;
}

int conf_check_hosts(struct conf_parser *parser)
{
	int error = check_network_names(parser);

	if (!error)
		error = check_host_names(parser);
	if (!error)
		error = check_hardware(parser);
	return error ? error : check_all_fixed(parser);
}
