/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A house to test the lease room in: two networks, three pools, and verbs that
 * write down what they are called for, in order:
 *
 *   close(5)  append(5,active,100)  publish(5,active,stamp 7)  drop(7)
 *   acknowledged(5,200,150)  announce(5,active)
 *
 * where 5 is the last octet of the address, 100 the told end, 7 the tail, 200
 * and 150 A and T, with "owed" behind them where the record is.
 */
#ifndef XDHCP_TESTS_LEASE_FIXTURE_H
#define XDHCP_TESTS_LEASE_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <urcu.h>

#include "lease/commit.h"
#include "lease/pool.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))
#define NET(d) IP(10, 0, 0, d)
#define NOW 1000000

struct house {
	struct conf_range ranges[3][2];
	struct conf_pool pools[3], *pool_list[3];
	struct conf_network networks[2], *network_list[2];
	struct conf_host host, *host_list[1];
	uint32_t fixed;
	struct conf conf;
	struct lease_table *table;
	struct lease_commit *commit;
	uint64_t group;
	int64_t promise; /* that close returns */
	struct lease_policy policies[LEASE_RELATIONS];
	char log[4096];
};

__attribute__((format(printf, 2, 3))) static inline void house_note(struct house *house,
								    const char *format, ...)
{
	size_t length = strlen(house->log);
	va_list list;

	va_start(list, format);
	vsnprintf(house->log + length, sizeof(house->log) - length, format, list);
	va_end(list);
}

static inline int64_t house_close(void *context, uint32_t address)
{
	struct house *house = context;

	house_note(house, "close(%u) ", address & 255);
	return house->promise;
}

static inline uint64_t house_append(void *context, const struct lease_record *record)
{
	struct house *house = context;

	house_note(house, "append(%u,%s,%lld) ", record->address & 255,
		   lease_state_word(record->state), (long long)record->ends);
	return house->group;
}

static inline void house_publish(void *context, const struct lease *lease,
				 const struct lease_stamp *stamp)
{
	struct house *house = context;

	if (stamp)
		house_note(house, "publish(%u,%s,stamp %u) ", lease->address & 255,
			   lease_state_word(lease->current->state), stamp->tail);
	else
		house_note(house, "publish(%u,%s) ", lease->address & 255,
			   lease_state_word(lease->current->state));
}

static inline void house_drop(void *context, const struct lease_stamp *stamp)
{
	house_note(context, "drop(%u) ", stamp->tail);
}

static inline void house_acknowledged(void *context, const struct lease_record *record)
{
	house_note(context, "acknowledged(%u,%lld,%lld%s) ", record->address & 255,
		   (long long)record->acknowledged, (long long)record->known,
		   record->flags & LEASE_OWED ? ",owed" : "");
}

static inline void house_announce(void *context, struct lease *lease)
{
	assert_true(lease->current->flags & LEASE_OWED);
	house_note(context, "announce(%u,%s) ", lease->address & 255,
		   lease_state_word(lease->current->state));
}

/* The log since the last look is exactly this. */
static inline void house_expect(struct house *house, const char *log)
{
	assert_string_equal(house->log, log);
	house->log[0] = 0;
}

/* Network 1: pools 0 (10.0.0.10-12, .20-21) and 1 (10.0.0.30-31); network 2: pool 2 (10.1.0.254-10.1.1.1). */
static inline void house_configure(struct house *house)
{
	static const struct conf_range ranges[3][2] = {
		{{NET(10), NET(12)}, {NET(20), NET(21)}},
		{{NET(30), NET(31)}, {0, 0}},
		{{IP(10, 1, 0, 254), IP(10, 1, 1, 1)}, {0, 0}},
	};

	memcpy(house->ranges, ranges, sizeof(ranges));
	for (uint16_t i = 0; i < 3; i++) {
		house->pools[i] = (struct conf_pool){
			.network = &house->networks[i / 2],
			.ranges = house->ranges[i],
			.range_count = i ? 1 : 2,
			.number = i,
		};
		house->pool_list[i] = &house->pools[i];
	}
	for (uint32_t i = 0; i < 2; i++) {
		house->networks[i] = (struct conf_network){
			.number = i + 1,
			.pools = &house->pool_list[2 * i],
			.pool_count = 2 - i,
		};
		house->network_list[i] = &house->networks[i];
	}
	house->host_list[0] = &house->host;
	house->conf = (struct conf){
		.networks = house->network_list,
		.network_count = 2,
		.pools = house->pool_list,
		.pool_count = 3,
		.hosts = house->host_list,
	};
}

static inline int house_setup(void **state)
{
	static const uint8_t seed[16] = "0123456789abcde";
	struct house *house = calloc(1, sizeof(*house));
	struct lease_verbs verbs = {
		.context = house,
		.close = house_close,
		.append = house_append,
		.publish = house_publish,
		.drop = house_drop,
		.acknowledged = house_acknowledged,
		.announce = house_announce,
	};

	*state = house;
	house->group = 1;
	house_configure(house);
	return lease_table_new(&house->conf, seed, &house->table) ||
	       lease_commit_new(house->table, &verbs, &house->commit);
}

static inline int house_teardown(void **state)
{
	struct house *house = *state;

	lease_commit_free(house->commit);
	lease_table_free(house->table);
	free(house);
	return 0;
}

static inline int thread_setup(void **state)
{
	(void)state;
	rcu_register_thread();
	return 0;
}

static inline int thread_teardown(void **state)
{
	(void)state;
	rcu_unregister_thread();
	return 0;
}

static inline struct dhcp_ident client(const char *name)
{
	struct dhcp_ident ident = {.length = (uint16_t)(strlen(name) + 1)};

	ident.bytes[0] = 61;
	memcpy(ident.bytes + 1, name, strlen(name));
	return ident;
}

static inline struct lease *at(struct house *house, uint32_t address)
{
	struct lease *lease = lease_table_find(house->table, address);

	assert_non_null(lease);
	return lease;
}

static inline struct lease_record *bound(const char *name, int64_t starts, int64_t ends)
{
	struct dhcp_ident ident = client(name);
	struct lease_record *record =
		lease_record_new(ident.bytes, ident.length, "agent", 5, "host", 4);

	record->state = LEASE_ACTIVE;
	record->starts = starts;
	record->ends = ends;
	record->horizon = ends < INT64_MAX - 100 ? ends + 100 : ends;
	record->cltt = starts;
	return record;
}

/* Bound, durable and published; nothing of it in the log. */
static inline struct lease *bind(struct house *house, uint32_t address, const char *name,
				 int64_t ends)
{
	struct lease *lease = at(house, address);

	lease_commit_grant(house->commit, lease, bound(name, NOW, ends), NULL);
	lease_commit_durable(house->commit, house->group++);
	house->log[0] = 0;
	return lease;
}

/* Given back at a time; durable. */
static inline void release(struct house *house, struct lease *lease, int64_t when)
{
	int64_t promise;

	lease_commit_revoke(house->commit, lease, LEASE_RELEASED, when, 0, &promise);
	lease_commit_durable(house->commit, house->group++);
	house->log[0] = 0;
}

/*
 * Pools 0 and 1 get relationship 1, of which this server is the primary in
 * NORMAL: it serves, expires and sends; MCLT 60, the partner's clock within 5 s.
 */
static inline struct lease_policy *pair(struct house *house)
{
	house->pools[0].relation = 1;
	house->pools[1].relation = 1;
	assert_int_equal(lease_table_reload(house->table, &house->conf), 0);
	lease_table_policies(house->table, house->policies);
	house->policies[1] = (struct lease_policy){
		.serves = true,
		.expires = true,
		.sends = true,
		.mclt = 60,
		.slack = 5,
	};
	return &house->policies[1];
}

/* The partner is down since `entered`. */
static inline void partner_down(struct lease_policy *policy, int64_t entered)
{
	policy->partner_down = true;
	policy->expires = true;
	policy->sends = false;
	policy->entered = entered;
}

/* The partner acknowledges what is durable. */
static inline void acknowledge(struct house *house, struct lease *lease)
{
	const struct lease_acknowledgement acknowledgement = {
		.state = lease->current->state,
		.potential = lease->current->potential,
		.ends = lease->current->ends,
		.settled = true,
	};

	lease_commit_acknowledged(house->commit, lease, &acknowledgement, NOW);
	lease_commit_durable(house->commit, house->group++);
	house->log[0] = 0;
}

/* The partner says so, and it is durable; `name` NULL: nobody's. */
static inline struct lease *learn(struct house *house, uint32_t address, const char *name,
				  uint8_t state)
{
	struct lease *lease = at(house, address);
	struct lease_record *record =
		name ? bound(name, NOW, NOW + 60) : lease_record_new(NULL, 0, NULL, 0, NULL, 0);

	record->state = state;
	record->starts = NOW;
	if (state == LEASE_ACTIVE)
		record->received = NOW + 300;
	lease_commit_close(house->commit, lease);
	lease_commit_learn(house->commit, lease, record);
	lease_commit_durable(house->commit, house->group++);
	house->log[0] = 0;
	return lease;
}

static inline struct lease *choose(struct house *house, const char *name, uint32_t wanted)
{
	struct dhcp_ident ident = client(name);

	return lease_pool_choose(house->table, &house->networks[0], &ident, false, wanted, NOW);
}

static inline void offer(struct house *house, struct lease *lease, const char *name, int64_t until)
{
	struct dhcp_ident ident = client(name);

	assert_int_equal(lease_pool_offer(house->table, lease, &ident, until), 0);
}

static inline struct lease_counts counts(struct house *house)
{
	struct lease_counts result;

	lease_table_counts(house->table, &result);
	return result;
}

#define assert_counts(house, t, a, f, b, o) \
	do { \
		struct lease_counts now_ = counts(house); \
		assert_int_equal(now_.total, t); \
		assert_int_equal(now_.active, a); \
		assert_int_equal(now_.free, f); \
		assert_int_equal(now_.abandoned, b); \
		assert_int_equal(now_.offered, o); \
	} while (0)

#define house_test(function) cmocka_unit_test_setup_teardown(function, house_setup, house_teardown)

#endif
