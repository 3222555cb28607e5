/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The configuration parser on any bytes. A line of the input "%%% NAME" opens
 * a further file, which `include "NAME";` finds. Beyond "no crash": what is
 * refused has a place inside the file that it names and formats to text; what
 * is accepted is in order, is found by the lookups, and gives the same digest
 * when it is read again.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

#define MARK "%%% "
#define MAIN "main.conf"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct input {
	const char *bytes;
	size_t length;
};

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* The line's end, or the input's. */
static const char *line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline ? newline : end;
}

static const char *next_mark(const char *at, const char *end)
{
	while (at < end) {
		if ((size_t)(end - at) >= strlen(MARK) && !memcmp(at, MARK, strlen(MARK)))
			return at;
		at = line_end(at, end);
		at += at < end;
	}
	return end;
}

static int give(const char *from, const char *to, char **ret_text, size_t *ret_length)
{
	size_t length = (size_t)(to - from);
	char *text = malloc(length ? length : 1);

	if (!text)
		return -ENOMEM;
	memcpy(text, from, length);
	*ret_text = text;
	*ret_length = length;
	return 0;
}

static int load(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	const struct input *input = context;
	const char *end = input->bytes + input->length;
	const char *at = next_mark(input->bytes, end);

	if (!strcmp(name, MAIN))
		return give(input->bytes, at, ret_text, ret_length);
	while (at < end) {
		const char *text = line_end(at, end), *next;
		size_t length = (size_t)(text - at) - strlen(MARK);
		bool found = strlen(name) == length && !memcmp(at + strlen(MARK), name, length);

		text += text < end;
		next = next_mark(text, end);
		if (found)
			return give(text, next, ret_text, ret_length);
		at = next;
	}
	return -ENOENT;
}

static void error_check(const struct conf_error *error)
{
	char text[2048];

	require(error->line > 0 && error->column > 0);
	require(*error->file && *error->text);
	require(!strchr(error->source, '\n') && !strchr(error->text, '\n'));
	conf_error_format(error, text, sizeof(text));
	require(strlen(text) && text[strlen(text) - 1] == '\n');
}

static void scope_check(const struct conf *conf, const struct conf_scope *scope)
{
	for (size_t i = 0; i < scope->option_count; i++) {
		require(scope->options[i].data);
		require(!i || scope->options[i - 1].code < scope->options[i].code);
	}
	require(!scope->filename || strlen(scope->filename) <= 128);
	require(!scope->server_name || strlen(scope->server_name) <= 64);
	while (scope->parent)
		scope = scope->parent;
	require(scope == conf->global);
}

static void networks_check(const struct conf *conf)
{
	require(conf->network_count && conf->subnet_count);
	for (size_t i = 0; i < conf->network_count; i++) {
		require(conf->networks[i]->number == i + 1 && *conf->networks[i]->name);
		require(conf->networks[i]->subnet_count);
		scope_check(conf, conf->networks[i]->scope);
	}
	for (size_t i = 0; i < conf->subnet_count; i++) {
		const struct conf_subnet *subnet = conf->subnets[i];

		require(conf_subnet_of(conf, subnet->address) == subnet);
		require(conf_subnet_of(conf, subnet->address | ~subnet->mask) == subnet);
		require(!i || conf->subnets[i - 1]->address < subnet->address);
		scope_check(conf, subnet->scope);
	}
}

static void pools_check(const struct conf *conf)
{
	for (size_t i = 0; i < conf->pool_count; i++) {
		const struct conf_pool *pool = conf->pools[i];

		require(pool->number == i && pool->range_count);
		scope_check(conf, pool->scope);
		for (size_t j = 0; j < pool->range_count; j++) {
			const struct conf_range *range = &pool->ranges[j];
			const struct conf_subnet *subnet = conf_subnet_of(conf, range->first);

			require(range->first <= range->last);
			require(!j || pool->ranges[j - 1].last < range->first);
			require(conf_pool_of(conf, range->first) == pool);
			require(conf_pool_of(conf, range->last) == pool);
			require(subnet && subnet->network == pool->network);
		}
	}
}

static void relations_check(const struct conf *conf)
{
	size_t used[256] = {0};

	for (size_t i = 0; i < conf->pool_count; i++) {
		require(conf->pools[i]->relation <= conf->relation_count);
		used[conf->pools[i]->relation]++;
	}
	for (size_t i = 0; i < conf->relation_count; i++) {
		const struct conf_relation *relation = conf->relations[i];

		require(relation->number == i + 1 && used[i + 1]);
		require(!i || strcmp(conf->relations[i - 1]->name, relation->name) < 0);
		require(conf_relation_named(conf, relation->name) == relation);
		require(relation->address && relation->peer_address);
		require(relation->port && relation->peer_port);
		require(relation->primary == (relation->mclt > 0));
		require(relation->max_response_delay >= 3 && relation->max_unacked_updates);
		require(relation->max_lease_misbalance <= 100);
	}
}

/* Lines in order, each once, and the same from the same file; a line for each range at least. */
static void common_check(const struct conf *conf, const struct conf *again)
{
	for (size_t i = 0; i < conf->relation_count; i++) {
		char *text = conf_common_text(conf, conf->relations[i]);
		char *same = conf_common_text(again, again->relations[i]);
		const char *before = NULL;

		require(text && same && !strcmp(text, same));
		require(*text == '!');
		for (char *line = text; *line;) {
			char *end = strchr(line, '\n');

			require(end && end > line);
			*end = 0;
			require(!before || strcmp(before, line) < 0);
			before = line;
			line = end + 1;
		}
		free(text);
		free(same);
	}
}

static void hosts_check(const struct conf *conf)
{
	for (size_t i = 0; i < conf->host_count; i++) {
		const struct conf_host *host = conf->hosts[i];

		require(conf_host_by_hardware(conf, host->htype, host->hlen, host->hardware) ==
			host);
		scope_check(conf, host->scope);
		for (size_t j = 0; j < host->fixed_address_count; j++) {
			require(conf_host_by_address(conf, host->fixed_addresses[j]) == host);
			require(!conf_pool_of(conf, host->fixed_addresses[j]));
		}
	}
}

static void text_check(const struct conf_terms *terms, struct input *input)
{
	struct conf_error error = {.line = 0};
	struct conf *conf, *again;
	int result = conf_load_by(terms, MAIN, load, input, &conf, &error);

	require(!result || result == -EINVAL);
	if (result) {
		error_check(&error);
		return;
	}
	scope_check(conf, conf->global);
	networks_check(conf);
	pools_check(conf);
	relations_check(conf);
	hosts_check(conf);
	require(!conf_load_by(terms, MAIN, load, input, &again, &error));
	require(!memcmp(conf->digest, again->digest, sizeof(conf->digest)));
	common_check(conf, again);
	conf_free(conf);
	conf_free(again);
}

/* By what a command line may say of it, where it has what that is about. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct conf_terms terms[] = {
		{.role = CONF_ROLE_UNSAID},
		{.role = CONF_ROLE_PRIMARY},
		{.role = CONF_ROLE_SECONDARY, .cluster = true},
	};
	struct input input = {(const char *)bytes, length};
	size_t count = length && memmem(bytes, length, "failover", 8) ? 3 : 1;

	for (size_t i = 0; i < count; i++)
		text_check(&terms[i], &input);
	return 0;
}
