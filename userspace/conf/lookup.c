/* SPDX-License-Identifier: GPL-2.0-only */
/* What each packet asks: binary search in what conf_build() sorted; relationships are few. */
#include <stddef.h>
#include <string.h>

#include "conf/parse.h"

/* conf_load() gives out the front of a conf_whole only. */
static const struct conf_whole *whole_of(const struct conf *conf)
{
	return (const struct conf_whole *)((const char *)conf - offsetof(struct conf_whole, conf));
}

const struct conf_relation *conf_relation_named(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->relation_count; i++) {
		if (!strcmp(conf->relations[i]->name, name))
			return conf->relations[i];
	}
	return NULL;
}

const struct conf_subnet *conf_subnet_of(const struct conf *conf, uint32_t address)
{
	size_t low = 0, high = conf->subnet_count;
	const struct conf_subnet *subnet;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (conf->subnets[middle]->address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	subnet = conf->subnets[low - 1];
	return (address & subnet->mask) == subnet->address ? subnet : NULL;
}

const struct conf_pool *conf_pool_of(const struct conf *conf, uint32_t address)
{
	const struct conf_whole *whole = whole_of(conf);
	size_t low = 0, high = whole->range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (whole->ranges[middle].first <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address <= whole->ranges[low - 1].last ? whole->ranges[low - 1].pool : NULL;
}

static int compare_hardware(const struct conf_host *host, uint8_t htype, uint8_t hlen,
			    const uint8_t *hardware)
{
	if (host->htype != htype)
		return host->htype < htype ? -1 : 1;
	if (host->hlen != hlen)
		return host->hlen < hlen ? -1 : 1;
	return memcmp(host->hardware, hardware, hlen);
}

const struct conf_host *conf_host_by_hardware(const struct conf *conf, uint8_t htype, uint8_t hlen,
					      const uint8_t *hardware)
{
	size_t low = 0, high = conf->host_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_hardware(conf->hosts[middle], htype, hlen, hardware);

		if (!order)
			return conf->hosts[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct conf_host *conf_host_by_address(const struct conf *conf, uint32_t address)
{
	const struct conf_whole *whole = whole_of(conf);
	size_t low = 0, high = whole->fixed_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (whole->fixed[middle].address == address)
			return whole->fixed[middle].host;
		if (whole->fixed[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
