// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/control.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "daemon/compact.h"
#include "daemon/daemon.h"
#include "daemon/links.h"
#include "daemon/pair_control.h"
#include "daemon/reload.h"
#include "daemon/restart.h"
#include "sys/clock.h"

static const char *const mode_words[] = {"native", "skb", "off"};

static json_t *links_status(const struct daemon *daemon)
{
	json_t *list = json_array();

	for (size_t i = 0; i < daemon->link_count; i++) {
		const struct link *link = &daemon->links[i];
		char address[16];

		base_ipv4_format(link->address, address);
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:i, s:s, s:b}", "name", link->name,
						"address", address, "network", (int)link->network,
						"xdp", mode_words[link->mode], "up", link->up));
	}
	return list;
}

static json_t *counts_status(const struct daemon *daemon, const struct lease_counts *counts)
{
	json_t *object =
		json_pack("{s:I, s:I, s:I, s:I, s:I}", "total", (json_int_t)counts->total, "active",
			  (json_int_t)counts->active, "free", (json_int_t)counts->free, "abandoned",
			  (json_int_t)counts->abandoned, "offered", (json_int_t)counts->offered);

	if (daemon->pair_count) {
		json_object_set_new(object, "backup", json_integer((json_int_t)counts->backup));
		json_object_set_new(object, "ending", json_integer((json_int_t)counts->ending));
	}
	return object;
}

static json_t *leases_status(const struct daemon *daemon)
{
	struct lease_counts counts;

	lease_table_counts(daemon->table, &counts);
	return counts_status(daemon, &counts);
}

static json_t *pools_status(const struct daemon *daemon)
{
	json_t *list = json_array();

	for (size_t i = 0; i < daemon->conf->pool_count; i++) {
		struct lease_counts counts;
		json_t *pool;

		lease_table_pool_counts(daemon->table, (uint16_t)i, &counts);
		pool = counts_status(daemon, &counts);
		json_object_set_new(pool, "network",
				    json_string(daemon->conf->pools[i]->network->name));
		json_array_append_new(list, pool);
	}
	return list;
}

static json_t *journal_status(const struct daemon *daemon)
{
	struct group_statistics group;

	group_statistics(daemon->group, &group);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:b}", "bytes",
			 (json_int_t)store_journal_size(daemon->store), "groups",
			 (json_int_t)group.flushes, "records", (json_int_t)group.records,
			 "group_size", (json_int_t)group.last_records, "waiting_replies",
			 (json_int_t)group.waiting_replies, "sync_ms", group.last_milliseconds,
			 "compacting", compact_busy(daemon->compact));
}

static json_t *fastpath_status(const struct daemon *daemon)
{
	struct fastpath_usage usage;
	double renew, decide;

	if (!daemon->fastpath)
		return json_pack("{s:b, s:s}", "on", 0, "why", daemon->fastpath_why);
	fastpath_gates_read(daemon->fastpath, &renew, &decide);
	fastpath_usage(daemon->fastpath, &usage);
	return json_pack("{s:b, s:b, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "on", 1,
			 "adopted", daemon->adopted, "renew_gate", renew, "decide_gate", decide,
			 "recovered", (json_int_t)daemon->recovered, "pages",
			 (json_int_t)usage.pages, "pages_most", (json_int_t)usage.pages_most,
			 "tails", (json_int_t)usage.tails, "tails_most",
			 (json_int_t)usage.tails_most, "relays", (json_int_t)usage.relays,
			 "relays_most", (json_int_t)usage.relays_most);
}

static json_t *status(void *context)
{
	static const char *const phases[] = {"starting", "serving", "stopping", "restarting"};
	const struct daemon *daemon = context;
	json_t *object =
		json_pack("{s:s, s:I, s:s, s:s}", "phase", phases[daemon->phase], "since",
			  (json_int_t)daemon->started, "configuration",
			  daemon->options.configuration, "lease_directory", daemon->options.leases);

	if (!object)
		return NULL;
	json_object_set_new(object, "interfaces", links_status(daemon));
	json_object_set_new(object, "leases", leases_status(daemon));
	json_object_set_new(object, "pools", pools_status(daemon));
	if (daemon->pair_count)
		json_object_set_new(object, "failover", pair_control_summary(daemon));
	json_object_set_new(object, "journal", journal_status(daemon));
	json_object_set_new(object, "fastpath", fastpath_status(daemon));
	return object;
}

/* The words of the three tables of userspace counters. */
static const struct {
	const char *word, *text;
} daemon_words[] =
	{
#define CONTROL_WORD(name, word, text) {word, text},
		DAEMON_COUNTERS(CONTROL_WORD)},
  refusal_words[] = {{NULL, NULL}, DHCP_REFUSALS(CONTROL_WORD)},
  silence_words[] = {{NULL, NULL}, SERVER_SILENCES(CONTROL_WORD)
#undef CONTROL_WORD
};

static void counters(void *context, ctl_counter_visitor visit, void *visitor)
{
	const struct daemon *daemon = context;

	for (int i = 0; i < DAEMON_COUNTER_MAX; i++)
		visit(visitor, &(struct ctl_counter){"server", daemon_words[i].word,
						     daemon_words[i].text, daemon->counters[i]});
	for (int i = 1; i < SERVER_SILENT_MAX; i++)
		visit(visitor, &(struct ctl_counter){"silent", silence_words[i].word,
						     silence_words[i].text, daemon->silences[i]});
	for (int i = 1; i < DHCP_REFUSE_MAX; i++)
		visit(visitor, &(struct ctl_counter){"refused", refusal_words[i].word,
						     refusal_words[i].text, daemon->refusals[i]});
	for (int i = 0; i < NET_COUNTER_MAX; i++)
		visit(visitor,
		      &(struct ctl_counter){"net", net_counter_word(i), net_counter_text(i),
					    net_port_counter(daemon->port, i)});
	pair_control_counters(daemon, visit, visitor);
}

static bool kernel(void *context, struct xdhcp_counters *ret_sum)
{
	const struct daemon *daemon = context;

	if (!daemon->fastpath)
		return false;
	fastpath_counters(daemon->fastpath, ret_sum);
	return true;
}

static int control_reload(void *context, char *text, size_t size)
{
	return reload(context, text, size);
}

static void stop(void *context)
{
	daemon_stop(context);
}

static void link_check(const struct daemon *daemon, const struct link *link,
		       ctl_finding_visitor visit, void *visitor)
{
	char text[128];

	if (!link->ifindex || !link->up) {
		snprintf(text, sizeof(text), "%s is %s", link->name,
			 link->ifindex ? "down" : "gone");
		visit(visitor, CTL_SICK_INTERFACE, text);
	} else if (daemon->fastpath && link->mode != FASTPATH_OFF &&
		   !fastpath_attached(daemon->fastpath, link->name)) {
		snprintf(text, sizeof(text), "the program is not attached to %s any more",
			 link->name);
		visit(visitor, CTL_SICK_DETACHED, text);
	} else if (daemon->fastpath && link->mode == FASTPATH_SKB) {
		snprintf(text, sizeof(text), "%s is served in skb mode", link->name);
		visit(visitor, CTL_NOTE_SKB, text);
	} else if (daemon->fastpath && link->mode == FASTPATH_OFF) {
		visit(visitor, CTL_NOTE_XDP_OFF, daemon->fastpath_why);
	}
}

/* A role's address may come later, and one that was there may go: the daemon waits for it. */
static void served_check(const struct daemon *daemon, ctl_finding_visitor visit, void *visitor)
{
	char text[PATH_MAX + 256];

	if (links_serve(daemon))
		return;
	if (daemon->options.interface_count)
		snprintf(text, sizeof(text),
			 "none of the interfaces named at the start is there: nobody is served "
			 "before one comes back");
	else
		snprintf(text, sizeof(text),
			 "no interface has an address in a declared subnet: nobody is served "
			 "before one comes; give one such an address, or declare its subnet in %s",
			 daemon->options.configuration);
	visit(visitor, CTL_SICK_UNSERVED, text);
}

/*
 * Of a failover pool this server gives its own half only; balance moves addresses between the
 * two. While the relationship gives nothing away, what there is to give is no matter.
 */
static void pool_check(const struct daemon *daemon, const struct conf_pool *pool,
		       ctl_finding_visitor visit, void *visitor)
{
	const struct lease_policy *policy = &daemon->policies[pool->relation];
	bool secondary = pool->relation && policy->secondary;
	struct lease_counts counts;
	uint64_t others;
	char text[256];

	if (pool->relation && !policy->serves)
		return;
	lease_table_pool_counts(daemon->table, pool->number, &counts);
	others = secondary ? counts.free : counts.backup;
	if ((secondary ? counts.backup : counts.free) || !counts.total)
		return;
	if (others)
		snprintf(text, sizeof(text),
			 "no free address of ours in network %s: the partner has %" PRIu64
			 ", and balance shares them while both are in NORMAL",
			 pool->network->name, others);
	else
		snprintf(text, sizeof(text), "no free address in network %s", pool->network->name);
	visit(visitor, CTL_NOTE_POOL_FULL, text);
}

static void pools_check(const struct daemon *daemon, ctl_finding_visitor visit, void *visitor)
{
	for (size_t i = 0; i < daemon->conf->pool_count; i++)
		pool_check(daemon, daemon->conf->pools[i], visit, visitor);
}

static void check(void *context, ctl_finding_visitor visit, void *visitor)
{
	const struct daemon *daemon = context;
	double renew = 1, decide = 1;

	if (daemon->failed)
		visit(visitor, CTL_SICK_STORE, "a write to the lease directory failed");
	served_check(daemon, visit, visitor);
	for (size_t i = 0; i < daemon->link_count; i++)
		link_check(daemon, &daemon->links[i], visit, visitor);
	if (daemon->fastpath) {
		fastpath_gates_read(daemon->fastpath, &renew, &decide);
		if (renew <= 0 || decide <= 0)
			visit(visitor, CTL_SICK_GATE, "a gate of the fast path is shut");
	} else {
		visit(visitor, CTL_NOTE_XDP_OFF, daemon->fastpath_why);
	}
	pools_check(daemon, visit, visitor);
}

static int detach(void *context, char *text, size_t size)
{
	struct daemon *daemon = context;
	int code = 0;

	if (!daemon->fastpath)
		return 0;
	for (size_t i = 0; i < daemon->link_count; i++) {
		code = fastpath_detach(daemon->fastpath, daemon->links[i].name);
		if (code)
			snprintf(text, size, "%s: %s", daemon->links[i].name, strerror(-code));
		daemon->links[i].mode = FASTPATH_OFF;
	}
	snprintf(daemon->fastpath_why, sizeof(daemon->fastpath_why), "detached by xdhcpctl");
	daemon->options.xdp = FASTPATH_OFF;
	return code;
}

static struct lease_table *table(void *context)
{
	const struct daemon *daemon = context;

	return daemon->table;
}

struct ctl_verbs control_verbs(struct daemon *daemon)
{
	struct ctl_verbs verbs = {
		.context = daemon,
		.status = status,
		.counters = counters,
		.kernel = kernel,
		.reload = control_reload,
		.stop = stop,
		.restart = restart_asked,
		.check = check,
		.self_test = self_test,
		.detach = detach,
		.table = table,
	};

	pair_control_verbs(&verbs);
	return verbs;
}
