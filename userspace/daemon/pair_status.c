// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/pair_control_private.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "ctl/json.h"
#include "failover/kept.h"

/* NULL of ctl_json_text() is null here. */
static json_t *text_or_null(const char *text)
{
	return text && *text ? ctl_json_text(text, strlen(text)) : json_null();
}

static json_t *time_or_null(int64_t when)
{
	return when ? json_integer(when) : json_null();
}

/* A moment to come, and how many seconds are left until then; both null where there is none. */
static void set_countdown(json_t *object, const char *name, const char *name_left, int64_t when,
			  int64_t now)
{
	json_object_set_new(object, name, time_or_null(when));
	json_object_set_new(object, name_left,
			    when ? json_integer(when > now ? when - now : 0) : json_null());
}

static const char *state_of(const struct failover_status *status)
{
	return status->startup ? failover_state_word(FAILOVER_STARTUP)
			       : failover_state_word(status->kept.state);
}

#define IDENTITY_TEXT (2 * STORE_ID + 1)

static json_t *partner_status(const struct pair *pair, const struct failover_status *status)
{
	char address[BASE_IPV4_TEXT], store[IDENTITY_TEXT];

	base_ipv4_format(pair->conf->peer_address, address);
	return json_pack("{s:s, s:s, s:o, s:o, s:s*}", "address", address, "state",
			 failover_state_word(status->kept.partner), "since",
			 time_or_null(status->kept.partner_since), "software",
			 text_or_null(status->partner_software), "store",
			 status->has_partner_store
				 ? base_hex_format(status->partner_store, STORE_ID, store)
				 : NULL);
}

static json_t *link_status(const struct failover_status *status, int64_t now)
{
	json_t *link = json_pack("{s:b, s:o, s:b, s:o}", "up", status->linked, "since",
				 time_or_null(status->linked_since), "tls", status->tls, "last_end",
				 text_or_null(status->refused));

	if (link)
		set_countdown(link, "next_connect", "next_connect_left", status->next_connect, now);
	return link;
}

static json_t *pools_status(const struct pair *pair)
{
	const struct daemon *daemon = pair->daemon;
	json_t *list = json_array();

	for (size_t i = 0; i < daemon->conf->pool_count; i++) {
		const struct conf_pool *pool = daemon->conf->pools[i];
		struct lease_counts counts;

		if (pool->relation != pair->conf->number)
			continue;
		lease_table_pool_counts(daemon->table, pool->number, &counts);
		json_array_append_new(
			list,
			json_pack("{s:o, s:I, s:I, s:I, s:I, s:I}", "network",
				  ctl_json_text(pool->network->name, strlen(pool->network->name)),
				  "total", (json_int_t)counts.total, "free",
				  (json_int_t)counts.free, "backup", (json_int_t)counts.backup,
				  "active", (json_int_t)counts.active, "ending",
				  (json_int_t)counts.ending));
	}
	return list;
}

/* By word; a type that has none was never sent. */
static json_t *messages_status(const uint64_t counts[16])
{
	json_t *object = json_object();

	for (uint8_t type = 1; type <= FAILOVER_DISCONNECT; type++)
		json_object_set_new(object, failover_type_word(type),
				    json_integer((json_int_t)counts[type]));
	return object;
}

/* Only reasons that were given: there are many, and hardly any ever is. */
static json_t *rejects_status(const uint64_t counts[256])
{
	json_t *object = json_object();

	for (unsigned reason = 1; reason < 256; reason++) {
		const char *word = failover_reject_word((uint8_t)reason);
		json_int_t before = json_integer_value(json_object_get(object, word));

		if (counts[reason])
			json_object_set_new(object, word,
					    json_integer(before + (json_int_t)counts[reason]));
	}
	return object;
}

static json_t *counters_status(const struct failover_status *status)
{
	const struct failover_update_counters *counters = &status->updates.counters;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}",
			 "sent", (json_int_t)counters->sent, "acknowledged",
			 (json_int_t)counters->acknowledged, "rejected",
			 (json_int_t)counters->rejected, "received", (json_int_t)counters->received,
			 "accepted", (json_int_t)counters->accepted, "refused",
			 (json_int_t)counters->refused, "stray", (json_int_t)counters->stray,
			 "malformed", (json_int_t)status->malformed, "connections",
			 (json_int_t)status->connections, "refused_connections",
			 (json_int_t)status->refused_connections, "messages_in",
			 messages_status(status->messages_in), "messages_out",
			 messages_status(status->messages_out), "rejects_in",
			 rejects_status(counters->rejects_in), "rejects_out",
			 rejects_status(counters->rejects_out));
}

static void set_state(json_t *object, const struct failover_status *status, int64_t now)
{
	json_object_set_new(object, "state", json_string(state_of(status)));
	json_object_set_new(object, "held", json_string(failover_state_word(status->kept.state)));
	json_object_set_new(object, "since", time_or_null(status->kept.since));
	json_object_set_new(object, "why", text_or_null(status->why));
	json_object_set_new(object, "remedy", text_or_null(status->remedy));
	json_object_set_new(object, "serves", json_boolean(status->serves));
	json_object_set_new(object, "balances", json_boolean(status->balances));
	json_object_set_new(object, "fenced", json_boolean(status->fenced));
	json_object_set_new(object, "dead", json_boolean(status->kept.dead));
	json_object_set_new(object, "proven", json_boolean(status->kept.proven));
	json_object_set_new(object, "lost", json_boolean(status->kept.lost));
	set_countdown(object, "startup_until", "startup_left", status->startup_until, now);
	set_countdown(object, "wait_until", "wait_left", status->wait_until, now);
	set_countdown(object, "alone_at", "alone_left", status->alone_at, now);
	set_countdown(object, "takeover_at", "takeover_left", status->takeover_at, now);
	set_countdown(object, "balance_at", "balance_left", status->next_balance, now);
}

static void set_updates(json_t *object, const struct failover_status *status, int64_t now)
{
	const struct failover_updates_status *updates = &status->updates;
	const char *serving = updates->serving_all ? "all" : updates->serving ? "owed" : NULL;

	json_object_set_new(object, "owed", json_integer((json_int_t)updates->owed));
	json_object_set_new(object, "unacked", json_integer((json_int_t)updates->in_flight));
	json_object_set_new(object, "window",
			    status->partner_unacked ? json_integer(status->partner_unacked)
						    : json_null());
	json_object_set_new(
		object, "oldest_unacked_seconds",
		updates->oldest ? json_integer(now > updates->oldest ? now - updates->oldest : 0)
				: json_null());
	json_object_set_new(object, "withheld", json_integer((json_int_t)updates->withheld));
	json_object_set_new(object, "waiting_acks",
			    json_integer((json_int_t)updates->waiting_acks));
	json_object_set_new(object, "serving_request", text_or_null(serving));
	json_object_set_new(object, "served", json_integer((json_int_t)updates->served));
}

static void set_agreement(json_t *object, const struct failover_status *status)
{
	json_object_set_new(object, "mclt",
			    status->mclt ? json_integer(status->mclt) : json_null());
	json_object_set_new(object, "skew",
			    status->skew_known ? json_real(status->skew) : json_null());
	json_object_set_new(object, "strict", json_boolean(status->strict));
	json_object_set_new(object, "common",
			    json_pack("{s:b, s:b}", "known", status->digest_known, "same",
				      status->digest_known && status->digest_same));
	json_object_set_new(object, "last_reject",
			    status->last_reject
				    ? json_string(failover_reject_word(status->last_reject))
				    : json_null());
}

static json_t *pair_status(const struct pair *pair, const struct failover_now *now)
{
	struct failover_status status;
	char store[IDENTITY_TEXT];
	json_t *object = json_object();

	failover_peer_status(pair->peer, now, &status);
	json_object_set_new(object, "name",
			    ctl_json_text(pair->conf->name, strlen(pair->conf->name)));
	json_object_set_new(object, "role", json_string(status.primary ? "primary" : "secondary"));
	json_object_set_new(
		object, "store",
		json_string(base_hex_format(store_identity(pair->daemon->store), STORE_ID, store)));
	set_state(object, &status, now->wall);
	json_object_set_new(object, "partner", partner_status(pair, &status));
	json_object_set_new(object, "link", link_status(&status, now->wall));
	set_updates(object, &status, now->wall);
	set_agreement(object, &status);
	json_object_set_new(object, "pools", pools_status(pair));
	json_object_set_new(object, "counters", counters_status(&status));
	return object;
}

json_t *pair_status_all(void *context)
{
	const struct daemon *daemon = context;
	struct failover_now now = pair_now();
	json_t *list = json_array();

	for (size_t i = 0; i < daemon->pair_count; i++)
		json_array_append_new(list, pair_status(&daemon->pairs[i], &now));
	return list;
}

json_t *pair_control_summary(const struct daemon *daemon)
{
	struct failover_now now = pair_now();
	struct failover_status status;
	json_t *list = json_array();

	for (size_t i = 0; i < daemon->pair_count; i++) {
		const struct pair *pair = &daemon->pairs[i];

		failover_peer_status(pair->peer, &now, &status);
		json_array_append_new(
			list,
			json_pack("{s:o, s:s, s:s, s:b, s:s, s:b, s:I, s:I}", "name",
				  ctl_json_text(pair->conf->name, strlen(pair->conf->name)), "role",
				  status.primary ? "primary" : "secondary", "state",
				  state_of(&status), "serves", status.serves, "partner",
				  failover_state_word(status.kept.partner), "linked", status.linked,
				  "unacked", (json_int_t)status.updates.in_flight, "owed",
				  (json_int_t)status.updates.owed));
	}
	return list;
}
