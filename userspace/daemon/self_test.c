// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/self_test.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/daemon.h"
#include "daemon/links.h"
#include "daemon/pair.h"
#include "dhcp/frame.h"
#include "sys/clock.h"

#define LEASE 3600 /* seconds that the self-test's own binding is given */
#define POOLS_MOST 64 /* that are asked until one offers an address */
#define XID_AT __builtin_offsetof(struct wire_bootp, xid)

/* One self-test under way. */
struct asking {
	struct daemon *daemon;
	ctl_finding_visitor visit;
	void *visitor;
};

__attribute__((format(printf, 3, 4))) static void found(const struct asking *asking,
							enum ctl_code code, const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	asking->visit(asking->visitor, code, text);
}

static bool client_make(struct self_test *test)
{
	struct server_probe client = {.hardware = {0x02}};

	if (test->known)
		return true;
	if (getrandom(client.hardware + 1, sizeof(client.hardware) - 1, 0) < 0 ||
	    getrandom(client.identifier + 1, sizeof(client.identifier) - 1, 0) < 0)
		return false;
	test->client = client;
	test->known = true;
	return true;
}

/* ----- the kernel's half */

/* What the slow path would answer to a renewal of the binding, and its tail. False: not repeatable. */
static bool answer_build(struct daemon *daemon, const struct server_request *request,
			 const struct conf_scope *scope, struct xdhcp_tail *ret_tail)
{
	const struct server_verdict verdict = {
		.action = SERVER_STATIC,
		.address = XDHCP_SELF_TEST_ADDRESS,
		.server_id = daemon->link_count ? daemon->links[0].address : 0,
		.lease_time = LEASE,
		.lease_wanted = LEASE,
		.scope = {.chain = {[2] = scope}},
	};
	bool stampable;

	server_reply_build(request, &verdict, &daemon->self_test.answer, ret_tail, &stampable);
	ret_tail->server_id = 0; /* the same on every link */
	return stampable;
}

/* The binding, as if its client had just been granted it. False: no room in the maps. */
static bool binding_write(struct daemon *daemon)
{
	struct self_test *test = &daemon->self_test;
	uint8_t bytes[SERVER_PROBE_MAX];
	struct fastpath_slot slot = {
		.network = XDHCP_SELF_TEST_NETWORK,
		.told = daemon->now + 1,
		.horizon = LEASE_HORIZON_NEVER,
		.lease = LEASE,
	};
	struct server_request request = {.source = XDHCP_SELF_TEST_ADDRESS, .to_us = true};
	struct xdhcp_tail tail;
	size_t length = server_probe_renewal(&test->client, 0, XDHCP_SELF_TEST_ADDRESS, bytes);

	if (server_request_parse(bytes, length, &request) != DHCP_REFUSE_NONE)
		return false;
	if (!answer_build(daemon, &request, daemon->conf->global, &tail) &&
	    !answer_build(daemon, &request, NULL, &tail))
		return false;
	slot.key = dhcp_ident_key(fastpath_seed(daemon->fastpath), request.ident.bytes,
				  request.ident.length);
	slot.signature =
		dhcp_signature(fastpath_seed(daemon->fastpath), daemon->roles, &request.message);
	if (fastpath_slot_ensure(daemon->fastpath, XDHCP_SELF_TEST_ADDRESS) ||
	    fastpath_tail_take(daemon->fastpath, &tail, &slot.tail))
		return false;
	fastpath_slot_publish(daemon->fastpath, XDHCP_SELF_TEST_ADDRESS, &slot);
	test->slot = slot;
	test->stamped = true;
	return true;
}

static size_t request_frame(const struct self_test *test, const struct link *link, uint32_t xid,
			    uint8_t *frame, size_t size)
{
	uint8_t payload[SERVER_PROBE_MAX];
	struct dhcp_frame parts = {
		.source = XDHCP_SELF_TEST_ADDRESS,
		.destination = link->address,
		.source_port = DHCP_PORT_CLIENT,
		.destination_port = DHCP_PORT_SERVER,
		.payload = payload,
		.length =
			server_probe_renewal(&test->client, xid, XDHCP_SELF_TEST_ADDRESS, payload),
	};

	memcpy(parts.destination_mac, link->mac, sizeof(parts.destination_mac));
	memcpy(parts.source_mac, test->client.hardware, sizeof(parts.source_mac));
	return dhcp_frame_write(&parts, frame, size);
}

/* The frame that the program has to make of it. */
static size_t answer_frame(const struct self_test *test, const struct link *link, uint32_t xid,
			   uint8_t *frame, size_t size)
{
	const uint32_t wire = htonl(xid);
	uint8_t payload[SERVER_REPLY_MAX];
	struct dhcp_frame parts = {
		.source = link->address,
		.destination = XDHCP_SELF_TEST_ADDRESS,
		.source_port = DHCP_PORT_SERVER,
		.destination_port = DHCP_PORT_CLIENT,
		.payload = payload,
		.length = test->answer.length,
	};

	memcpy(payload, test->answer.bytes, test->answer.length);
	memcpy(payload + XID_AT, &wire, sizeof(wire));
	memcpy(parts.destination_mac, test->client.hardware, sizeof(parts.destination_mac));
	memcpy(parts.source_mac, link->mac, sizeof(parts.source_mac));
	return dhcp_frame_write(&parts, frame, size);
}

/* The promise alone is the program's to change. */
static bool slot_is_as_written(const struct daemon *daemon)
{
	const struct fastpath_slot *written = &daemon->self_test.slot;
	struct fastpath_slot slot;
	bool open;

	return fastpath_slot_read(daemon->fastpath, XDHCP_SELF_TEST_ADDRESS, &slot, &open) &&
	       open && slot.key == written->key && slot.network == written->network &&
	       slot.relation == written->relation && slot.horizon == written->horizon &&
	       slot.acknowledged == written->acknowledged && slot.signature == written->signature &&
	       slot.tail == written->tail && slot.lease == written->lease;
}

/* Why the program left it to userspace, as far as it can be seen from here. */
static void unanswered_found(const struct asking *asking, const struct link *link)
{
	double renew, decide;

	fastpath_gates_read(asking->daemon->fastpath, &renew, &decide);
	if (renew <= 0) {
		found(asking, CTL_SICK_GATE, "the gate of renewals is shut");
		return;
	}
	found(asking, CTL_SICK_SELF_TEST,
	      "%s: the kernel does not answer a renewal of the self-test's own binding: %s",
	      link->name,
	      slot_is_as_written(asking->daemon) ? "it takes it for something else"
						 : "its slot is not as it was written");
}

static void link_ask(const struct asking *asking, const struct link *link)
{
	struct self_test *test = &asking->daemon->self_test;
	uint32_t xid = ++test->xids;
	uint8_t request[DHCP_FRAME_OVERHEAD + SERVER_PROBE_MAX];
	uint8_t expected[DHCP_FRAME_OVERHEAD + SERVER_REPLY_MAX];
	size_t length = answer_frame(test, link, xid, expected, sizeof(expected));
	struct fastpath_run run = {
		.frame = request,
		.length = request_frame(test, link, xid, request, sizeof(request)),
	};
	struct fastpath_error error;
	const char *wrong;
	int code = fastpath_run(asking->daemon->fastpath, link->name, &run, &error);

	if (code) {
		found(asking, code == -ENOLINK ? CTL_SICK_DETACHED : CTL_SICK_SELF_TEST, "%s",
		      error.text);
		return;
	}
	if (!run.answered) {
		unanswered_found(asking, link);
		return;
	}
	wrong = server_probe_frame_wrong(expected, length, run.reply, run.reply_length);
	if (!wrong)
		wrong = server_probe_sums_wrong(run.reply, run.reply_length);
	if (wrong)
		found(asking, CTL_SICK_SELF_TEST, "%s: the kernel's answer is wrong: %s",
		      link->name, wrong);
}

static void kernel_ask(const struct asking *asking)
{
	struct daemon *daemon = asking->daemon;

	if (!daemon->fastpath) {
		found(asking, CTL_NOTE_XDP_OFF, "%s", daemon->fastpath_why);
		return;
	}
	if (!daemon->self_test.stamped && !binding_write(daemon)) {
		found(asking, CTL_NOTE_OTHER,
		      "no room in the kernel's maps for the self-test's own binding");
		return;
	}
	for (size_t i = 0; i < daemon->link_count; i++) {
		const struct link *link = &daemon->links[i];

		if (!link->ifindex)
			found(asking, CTL_SICK_INTERFACE, "%s is gone", link->name);
		else if (link->mode == FASTPATH_OFF)
			found(asking, CTL_NOTE_XDP_OFF, "%s: %s", link->name, daemon->fastpath_why);
		else if (!link->address)
			found(asking, CTL_NOTE_OTHER, "%s has no address to renew at", link->name);
		else
			link_ask(asking, link);
	}
}

/* ----- the slow path's half */

/* A new client of a pool's network: on the link where that is, else through a relay. */
struct newcomer {
	const struct conf_pool *pool;
	struct server_request request;
	struct server_verdict verdict;
	struct server_reply reply;
};

static const struct link *link_of(const struct daemon *daemon, const struct conf_pool *pool,
				  bool *ret_direct)
{
	const struct link *other = NULL;

	for (size_t i = 0; i < daemon->link_count; i++) {
		const struct link *link = &daemon->links[i];

		if (!link->ifindex || !link->address)
			continue;
		*ret_direct = link->network == pool->network->number;
		if (*ret_direct)
			return link;
		other = link;
	}
	return other;
}

/* False: there is no interface that it could come in at. */
static bool newcomer_ask(struct daemon *daemon, struct newcomer *newcomer)
{
	struct self_test *test = &daemon->self_test;
	struct server_request *request = &newcomer->request;
	uint8_t bytes[SERVER_PROBE_MAX];
	struct xdhcp_tail tail;
	bool direct = false, stampable;
	const struct link *link = link_of(daemon, newcomer->pool, &direct);
	uint32_t giaddr = direct ? 0 : newcomer->pool->ranges[0].first;
	size_t length = server_probe_discover(&test->client, ++test->xids, giaddr, bytes);

	if (!link || server_request_parse(bytes, length, request) != DHCP_REFUSE_NONE)
		return false;
	request->source = giaddr;
	request->destination = direct ? 0xffffffffU : link->address;
	request->ifindex = link->ifindex;
	request->link_address = link->address;
	request->to_us = !direct;
	request->stale = false;
	request->now = daemon->now;
	newcomer->verdict = server_decide(daemon->conf, daemon->table, daemon->views, request);
	server_reply_build(request, &newcomer->verdict, &newcomer->reply, &tail, &stampable);
	return true;
}

/* What is said, sent as a frame, is what a client reads; NULL: it is. */
static const char *sums_wrong(const struct server_reply *reply)
{
	uint8_t frame[DHCP_FRAME_OVERHEAD + SERVER_REPLY_MAX];
	const struct dhcp_frame parts = {
		.source = reply->source,
		.destination = reply->destination,
		.source_port = DHCP_PORT_SERVER,
		.destination_port = reply->destination_port,
		.payload = reply->bytes,
		.length = reply->length,
	};

	return server_probe_sums_wrong(frame, dhcp_frame_write(&parts, frame, sizeof(frame)));
}

static const char *destination_wrong(const struct self_test *test, const struct newcomer *newcomer)
{
	const struct server_reply *reply = &newcomer->reply;
	uint32_t giaddr = newcomer->request.message.giaddr;
	bool right;

	if (giaddr)
		right = reply->destination == giaddr && reply->destination_port == DHCP_PORT_SERVER;
	else
		right = reply->destination_port == DHCP_PORT_CLIENT && reply->by_hardware &&
			!memcmp(reply->hardware, test->client.hardware, sizeof(reply->hardware));
	return right ? NULL : "where it goes";
}

/* Nobody's, and in a pool of the network that was asked in? */
static bool address_is_free(const struct daemon *daemon, const struct newcomer *newcomer)
{
	const struct server_verdict *verdict = &newcomer->verdict;
	const struct conf_pool *pool = conf_pool_of(daemon->conf, verdict->address);
	const struct lease *lease = lease_table_find(daemon->table, verdict->address);
	const struct lease_record *record = lease ? lease_effective(lease) : NULL;

	return pool && pool->network == newcomer->pool->network && lease &&
	       lease == verdict->lease && (!record || record->state != LEASE_ACTIVE);
}

static const char *offer_wrong(const struct daemon *daemon, const struct newcomer *newcomer)
{
	const struct self_test *test = &daemon->self_test;
	const struct server_verdict *verdict = &newcomer->verdict;
	const struct server_reply *reply = &newcomer->reply;
	struct server_probe_offer expected = {
		.xid = test->xids,
		.giaddr = newcomer->request.message.giaddr,
		.address = verdict->address,
		.server_id = verdict->server_id,
		.lease_time = verdict->lease_time,
	};
	const char *wrong;

	if (!address_is_free(daemon, newcomer))
		return "the address is not free to give";
	if (!verdict->server_id)
		return "server identifier";
	if (verdict->lease_wanted != server_scope_lease_time(&verdict->scope, false, 0) ||
	    verdict->lease_time > verdict->lease_wanted)
		return "lease time";
	expected.t2 = dhcp_t2(verdict->lease_time,
			      server_scope_option_u32(&verdict->scope, DHCP_OPT_REBINDING_TIME));
	expected.t1 = dhcp_t1(verdict->lease_time,
			      server_scope_option_u32(&verdict->scope, DHCP_OPT_RENEWAL_TIME),
			      expected.t2);
	wrong = server_probe_offer_wrong(&test->client, &expected, reply->bytes, reply->length);
	if (!wrong)
		wrong = destination_wrong(test, newcomer);
	return wrong ? wrong : sums_wrong(reply);
}

/* A note where it may be so with all in order; 0: it may not. */
static enum ctl_code silence_code(enum server_silence silence)
{
	switch (silence) {
	case SERVER_SILENT_NO_ADDRESS:
		return CTL_NOTE_POOL_FULL;
	case SERVER_SILENT_FAILOVER:
	case SERVER_SILENT_PARTNER:
	case SERVER_SILENT_PARTNERS_ADDRESS:
		return CTL_NOTE_FAILOVER;
	case SERVER_SILENT_PERMIT:
		return CTL_NOTE_OTHER;
	default:
		return CTL_OK;
	}
}

/* CTL_OK: it was offered an address as it should. */
static enum ctl_code pool_ask(struct daemon *daemon, const struct conf_pool *pool, char *text,
			      size_t size)
{
	struct newcomer newcomer = {.pool = pool};
	const struct server_verdict *verdict = &newcomer.verdict;
	const char *wrong;
	enum ctl_code note;

	if (!newcomer_ask(daemon, &newcomer)) {
		snprintf(text, size, "no interface that a new client could come in at");
		return CTL_NOTE_OTHER;
	}
	if (verdict->action == SERVER_OFFER) {
		wrong = offer_wrong(daemon, &newcomer);
		snprintf(text, size, "the OFFER to a new client in network %s is wrong: %s",
			 pool->network->name, wrong ? wrong : "");
		return wrong ? CTL_SICK_SELF_TEST : CTL_OK;
	}
	note = verdict->action == SERVER_IGNORE ? silence_code(verdict->silence) : CTL_OK;
	snprintf(text, size, "a new client in network %s would get no OFFER: %s",
		 pool->network->name,
		 verdict->action == SERVER_IGNORE ? server_silence_word(verdict->silence)
						  : "something else is said to it");
	return note ? note : CTL_SICK_SELF_TEST;
}

static void pools_ask(const struct asking *asking)
{
	struct daemon *daemon = asking->daemon;
	enum ctl_code code = CTL_NOTE_OTHER;
	char text[256] = "no pool that a new client could be given an address of";
	size_t asked = 0;

	for (size_t i = 0; i < daemon->conf->pool_count && asked < POOLS_MOST; i++) {
		const struct conf_pool *pool = daemon->conf->pools[i];

		if (!conf_permits_client(&pool->permits, false))
			continue;
		asked++;
		code = pool_ask(daemon, pool, text, sizeof(text));
		if (code == CTL_OK || code == CTL_SICK_SELF_TEST)
			break;
	}
	if (code != CTL_OK)
		found(asking, code, "%s", text);
}

bool self_test(void *context, ctl_finding_visitor visit, void *visitor)
{
	struct daemon *daemon = context;
	const struct asking asking = {daemon, visit, visitor};

	if (daemon->phase != DAEMON_SERVING)
		return false;
	daemon->now = sys_clock_wall();
	pairs_now(daemon);
	if (!client_make(&daemon->self_test)) {
		found(&asking, CTL_SICK_SELF_TEST, "no random numbers");
		return true;
	}
	kernel_ask(&asking);
	pools_ask(&asking);
	return true;
}

void self_test_forget(struct daemon *daemon)
{
	daemon->self_test.stamped = false;
}
