/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What both servers of a relationship must have in common, as text that
 * depends on the meaning only. What more than half of several places say is
 * said once, of "all pools", and what the others say or leave out instead is
 * said of each: so a change further out shows as one line, and a change of one
 * pool of three or more too.
 */
#include "conf/common.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"

#define SUBNET_TEXT (BASE_IPV4_TEXT + 4)
#define HOSTS_NAMED 256 /* more fixed addresses go into one line */

static void add_line(struct conf_common *common, const char *line)
{
	const char *copy = conf_arena_copy(&common->arena, line, strlen(line));

	if (!copy || conf_arena_grow(&common->arena, &common->lines, common->line_count,
				     sizeof(*common->lines)))
		common->failed = true;
	else
		common->lines[common->line_count++] = copy;
}

void conf_common_line(struct conf_common *common, const char *format, ...)
{
	char line[CONF_COMMON_LINE];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	add_line(common, line);
}

void conf_common_say(struct conf_common *common, size_t place, const char *words, const char *value)
{
	struct conf_common_statement statement = {
		.words = conf_arena_copy(&common->arena, words, strlen(words)),
		.value = conf_arena_copy(&common->arena, value, strlen(value)),
		.place = place,
	};

	if (!statement.words || !statement.value ||
	    conf_arena_grow(&common->arena, &common->statements, common->statement_count,
			    sizeof(*common->statements)))
		common->failed = true;
	else
		common->statements[common->statement_count++] = statement;
}

static const char *subnet_format(const struct conf_subnet *subnet, char text[SUBNET_TEXT])
{
	char address[BASE_IPV4_TEXT];

	snprintf(text, SUBNET_TEXT, "%s/%d", base_ipv4_format(subnet->address, address),
		 base_ipv4_prefix(subnet->mask));
	return text;
}

static void add_place(struct conf_common *common, const struct conf_pool *pool,
		      const struct conf_subnet *subnet)
{
	if (conf_arena_grow(&common->arena, &common->places, common->place_count,
			    sizeof(*common->places)))
		common->failed = true;
	else
		common->places[common->place_count++] =
			(struct conf_common_place){.pool = pool, .subnet = subnet};
}

static uint32_t last_of(const struct conf_subnet *subnet)
{
	return subnet->address | ~subnet->mask;
}

/* Ranges ascend, so a pool's addresses in one subnet come in a row; small subnets may share a range. */
static void add_places(struct conf_common *common, const struct conf_pool *pool)
{
	const struct conf_subnet *subnet = NULL;

	for (size_t i = 0; i < pool->range_count; i++) {
		uint32_t address = pool->ranges[i].first;

		for (;;) {
			if (!subnet || address > last_of(subnet)) {
				subnet = conf_subnet_of(common->conf, address);
				add_place(common, pool, subnet);
			}
			if (last_of(subnet) >= pool->ranges[i].last)
				break;
			address = last_of(subnet) + 1;
		}
	}
}

static int compare_places(const void *a, const void *b)
{
	const struct conf_common_place *left = a, *right = b;

	if (left->subnet != right->subnet)
		return left->subnet->address < right->subnet->address ? -1 : 1;
	return left->pool->number < right->pool->number ? -1 : 1;
}

/* "pool 10.0.0.0/24", and for further pools of the same subnet "pool 10.0.0.0/24 (2)" … */
static void name_places(struct conf_common *common)
{
	char subnet[SUBNET_TEXT], text[SUBNET_TEXT + 24];
	unsigned ordinal = 0;

	for (size_t i = 0; i < common->place_count; i++) {
		struct conf_common_place *place = &common->places[i];

		ordinal = i && place[-1].subnet == place->subnet ? ordinal + 1 : 1;
		subnet_format(place->subnet, subnet);
		if (ordinal > 1)
			snprintf(text, sizeof(text), "pool %s (%u)", subnet, ordinal);
		else
			snprintf(text, sizeof(text), "pool %s", subnet);
		place->name = conf_arena_copy(&common->arena, text, strlen(text));
		if (!place->name)
			common->failed = true;
	}
}

static void find_places(struct conf_common *common)
{
	const struct conf *conf = common->conf;

	for (size_t i = 0; i < conf->pool_count && !common->failed; i++) {
		if (conf->pools[i]->relation == common->relation->number)
			add_places(common, conf->pools[i]);
	}
	if (common->place_count)
		qsort(common->places, common->place_count, sizeof(*common->places), compare_places);
	name_places(common);
}

static void add_ranges(struct conf_common *common, const struct conf_common_place *place)
{
	char first_text[BASE_IPV4_TEXT], last_text[BASE_IPV4_TEXT];
	uint32_t lowest = place->subnet->address, highest = last_of(place->subnet);

	for (size_t i = 0; i < place->pool->range_count; i++) {
		uint32_t first = place->pool->ranges[i].first, last = place->pool->ranges[i].last;

		if (last < lowest || first > highest)
			continue;
		first = first < lowest ? lowest : first;
		last = last > highest ? highest : last;
		conf_common_line(common, "!%s: range %s %s", place->name,
				 base_ipv4_format(first, first_text),
				 base_ipv4_format(last, last_text));
	}
}

/* By words, then value, then place. */
static int compare_statements(const void *a, const void *b)
{
	const struct conf_common_statement *left = a, *right = b;
	int order = strcmp(left->words, right->words);

	if (!order)
		order = strcmp(left->value, right->value);
	if (order)
		return order;
	return left->place < right->place ? -1 : left->place > right->place;
}

static void add_statement(struct conf_common *common, const char *place, const char *words,
			  const char *value)
{
	conf_common_line(common, "%s: %s%s%s", place, words, *value ? " " : "", value);
}

/* The value that more than half of all places have, of statements with the same words; NULL: none. */
static const char *usual_value(const struct conf_common *common,
			       const struct conf_common_statement *statements, size_t count)
{
	size_t run = 0;

	for (size_t i = 0; i < count && common->place_count > 1; i++) {
		run = i && !strcmp(statements[i - 1].value, statements[i].value) ? run + 1 : 1;
		if (2 * run > common->place_count)
			return statements[i].value;
	}
	return NULL;
}

/* Statements with the same words. */
static void add_alike(struct conf_common *common, const struct conf_common_statement *statements,
		      size_t count)
{
	const char *usual = usual_value(common, statements, count), *words = statements->words;
	bool *said = conf_arena_alloc(&common->arena, common->place_count);

	if (!said) {
		common->failed = true;
		return;
	}
	if (usual)
		add_statement(common, "all pools", words, usual);
	for (size_t i = 0; i < count; i++) {
		said[statements[i].place] = true;
		if (!usual || strcmp(statements[i].value, usual) != 0)
			add_statement(common, common->places[statements[i].place].name, words,
				      statements[i].value);
	}
	for (size_t i = 0; i < common->place_count && usual; i++) {
		if (!said[i])
			conf_common_line(common, "%s: no %s", common->places[i].name, words);
	}
}

static void add_statements(struct conf_common *common)
{
	struct conf_common_statement *statements = common->statements;
	size_t count;

	if (common->failed)
		return;
	qsort(statements, common->statement_count, sizeof(*statements), compare_statements);
	for (size_t i = 0; i < common->statement_count; i += count) {
		for (count = 1; i + count < common->statement_count &&
				!strcmp(statements[i].words, statements[i + count].words);)
			count++;
		add_alike(common, &statements[i], count);
	}
}

/* Networks with a pool of the relationship, by number. */
static void find_networks(struct conf_common *common)
{
	common->networks = conf_arena_alloc(&common->arena, common->conf->network_count + 1);
	if (!common->networks)
		common->failed = true;
	for (size_t i = 0; i < common->place_count && !common->failed; i++)
		common->networks[common->places[i].subnet->network->number] = true;
}

/* Which subnets are one network decides where a client of one may go on with the address of another. */
static void add_networks(struct conf_common *common)
{
	char first[SUBNET_TEXT], subnet[SUBNET_TEXT];

	for (size_t i = 0; i < common->conf->network_count; i++) {
		const struct conf_network *network = common->conf->networks[i];

		if (!common->networks[network->number])
			continue;
		for (size_t j = 1; j < network->subnet_count; j++)
			conf_common_line(common, "shared-network %s: subnet %s",
					 subnet_format(network->subnets[0], first),
					 subnet_format(network->subnets[j], subnet));
	}
}

/* The first of several fixed addresses in a network is the one that is given: their order counts. */
static void add_host(struct conf_common *common, const struct conf_host *host)
{
	char hardware[BASE_HARDWARE_TEXT], address[BASE_IPV4_TEXT], bytes[CONF_OPTION_TEXT];
	struct base_text text = base_text_of(bytes, sizeof(bytes));

	for (size_t i = 0; i < host->fixed_address_count; i++) {
		uint32_t fixed = host->fixed_addresses[i];

		if (common->networks[conf_subnet_of(common->conf, fixed)->network->number])
			base_text_append(&text, "%s%s", text.length ? ", " : "",
					 base_ipv4_format(fixed, address));
	}
	if (text.length)
		conf_common_line(common, "!host %s: fixed-address %s",
				 base_hardware_format(host->hardware, host->hlen, hardware), bytes);
}

/* In place of many lines a digest of them, which says no more than that they differ. */
static void fold_lines(struct conf_common *common, size_t from)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t digest[32];
	char text[2 * sizeof(digest) + 1];
	bool fine = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL);

	for (size_t i = from; fine && i < common->line_count; i++)
		fine = EVP_DigestUpdate(context, common->lines[i], strlen(common->lines[i]) + 1);
	if (fine && EVP_DigestFinal_ex(context, digest, NULL)) {
		base_hex_format(digest, sizeof(digest), text);
		conf_common_line(common, "!hosts: fixed-address of %zu hosts, SHA-256 %s",
				 common->line_count - from, text);
		common->lines[from] = common->lines[common->line_count - 1];
		common->line_count = from + 1;
	} else {
		common->failed = true;
	}
	EVP_MD_CTX_free(context);
}

static void add_hosts(struct conf_common *common)
{
	size_t from = common->line_count;

	for (size_t i = 0; i < common->conf->host_count && !common->failed; i++)
		add_host(common, common->conf->hosts[i]);
	if (common->line_count - from > HOSTS_NAMED && !common->failed)
		fold_lines(common, from);
}

static void add_failover(struct conf_common *common)
{
	const struct conf_relation *relation = common->relation;
	char hba[3 * sizeof(relation->hba)];
	const struct {
		const char *words;
		uint32_t value;
	} values[] = {
		{"max-response-delay", relation->max_response_delay},
		{"max-unacked-updates", relation->max_unacked_updates},
		{"load balance max seconds", relation->load_balance_max_seconds},
		{"auto-partner-down", relation->auto_partner_down},
		{"max-lease-misbalance", relation->max_lease_misbalance},
		{"max-lease-ownership", relation->max_lease_ownership},
		{"min-balance", relation->min_balance},
		{"max-balance", relation->max_balance},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		conf_common_line(common, "failover: %s %u", values[i].words, values[i].value);
	if (!relation->primary)
		return;
	for (size_t i = 0; i < sizeof(relation->hba); i++)
		snprintf(&hba[3 * i], sizeof(hba) - 3 * i, "%02x:", relation->hba[i]);
	hba[sizeof(hba) - 1] = 0;
	conf_common_line(common, "primary failover: mclt %u", relation->mclt);
	conf_common_line(common, "primary failover: hba %s", hba);
}

static void add_server(struct conf_common *common)
{
	const struct conf *conf = common->conf;

	conf_common_line(common, "server: abandon-lease-time %u", conf->abandon_lease_time);
	conf_common_line(common, "server: check-secs-byte-order %s",
			 conf->check_secs_byte_order ? "on" : "off");
	conf_common_line(common, "server: server-id-check %s",
			 conf->server_id_check ? "on" : "off");
}

static int compare_lines(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

static char *join_lines(struct conf_common *common)
{
	size_t size = 1;
	char *text, *at;

	if (common->failed)
		return NULL;
	qsort(common->lines, common->line_count, sizeof(*common->lines), compare_lines);
	for (size_t i = 0; i < common->line_count; i++)
		size += strlen(common->lines[i]) + 1;
	text = malloc(size);
	if (!text)
		return NULL;
	at = text;
	for (size_t i = 0; i < common->line_count; i++) {
		at = stpcpy(at, common->lines[i]);
		*at++ = '\n';
	}
	*at = 0;
	return text;
}

char *conf_common_text(const struct conf *conf, const struct conf_relation *relation)
{
	struct conf_common common = {.conf = conf, .relation = relation};
	char *text;

	find_places(&common);
	find_networks(&common);
	for (size_t i = 0; i < common.place_count && !common.failed; i++) {
		add_ranges(&common, &common.places[i]);
		conf_common_say_scopes(&common, i);
	}
	if (!common.failed) {
		add_statements(&common);
		add_networks(&common);
		add_hosts(&common);
		add_failover(&common);
		add_server(&common);
	}
	text = join_lines(&common);
	conf_arena_free(&common.arena);
	return text;
}
