/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of server/ share: a configuration from text, a lease table
 * with records put into it, and requests written from a description.
 */
#ifndef XDHCP_TESTS_SERVER_FIXTURE_H
#define XDHCP_TESTS_SERVER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dhcp/option.h"
#include "lease/commit.h"
#include "server/reply.h"

#define NOW 1800000000

/* Addresses as people read them, in host byte order. */
static inline uint32_t ip(const char *text)
{
	struct in_addr address;

	if (!text)
		return 0;
	assert_int_equal(inet_pton(AF_INET, text, &address), 1);
	return ntohl(address.s_addr);
}

static inline int fixture_load(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	if (strcmp(name, "test.conf"))
		return -ENOENT;
	*ret_text = strdup(context);
	*ret_length = strlen(context);
	return *ret_text ? 0 : -ENOMEM;
}

static inline struct conf *fixture_conf_by(const struct conf_terms *terms, const char *text)
{
	struct conf_error error = {0};
	struct conf *conf = NULL;

	if (conf_load_by(terms, "test.conf", fixture_load, (void *)text, &conf, &error))
		fail_msg("%u:%u: %s\n%s", error.line, error.column, error.text, error.source);
	return conf;
}

static inline struct conf *fixture_conf(const char *text)
{
	return fixture_conf_by(&(struct conf_terms){0}, text);
}

/* A server: configuration, table, and the door to it, with a disk that is always there. */
struct fixture {
	struct conf *conf;
	struct lease_table *table;
	struct lease_commit *commit;
	uint64_t group;
};

static inline int64_t fixture_close(void *context, uint32_t address)
{
	(void)context;
	(void)address;
	return 0;
}

static inline uint64_t fixture_append(void *context, const struct lease_record *record)
{
	(void)record;
	return ++((struct fixture *)context)->group;
}

static inline void fixture_publish(void *context, const struct lease *lease,
				   const struct lease_stamp *stamp)
{
	(void)context;
	(void)lease;
	(void)stamp;
}

static inline void fixture_drop(void *context, const struct lease_stamp *stamp)
{
	(void)context;
	(void)stamp;
}

static inline void fixture_open_by(struct fixture *fixture, const struct conf_terms *terms,
				   const char *text)
{
	static const uint8_t seed[16] = "server fixtures";
	struct lease_verbs verbs = {
		.context = fixture,
		.close = fixture_close,
		.append = fixture_append,
		.publish = fixture_publish,
		.drop = fixture_drop,
	};

	memset(fixture, 0, sizeof(*fixture));
	fixture->conf = fixture_conf_by(terms, text);
	assert_int_equal(lease_table_new(fixture->conf, seed, &fixture->table), 0);
	assert_int_equal(lease_commit_new(fixture->table, &verbs, &fixture->commit), 0);
}

static inline void fixture_open(struct fixture *fixture, const char *text)
{
	fixture_open_by(fixture, &(struct conf_terms){0}, text);
}

static inline void fixture_shut(struct fixture *fixture)
{
	lease_commit_free(fixture->commit);
	lease_table_free(fixture->table);
	conf_free(fixture->conf);
}

/* A request as a test describes it; what is NULL or 0 is not there. */
struct ask {
	uint8_t type;
	uint8_t hlen, htype; /* 0: 6 and 1, of Ethernet */
	uint8_t client; /* last byte of the hardware address */
	uint16_t flags;
	const char *ciaddr, *giaddr, *source, *destination;
	const char *requested, *server_id, *selection;
	uint32_t lease_time;
	uint16_t max_size;
	const char *parameters, *identifier, *hostname, *agent;
	size_t agent_length; /* 0: of a string */
	size_t identifier_length;
	const char *link; /* our address there; NULL: 10.1.0.1 */
	bool stale;
};

struct asked {
	struct server_request request;
	uint8_t bytes[DHCP_FIXED_LEN + 2048];
	size_t length;
};

static inline void ask_option(struct asked *asked, uint8_t code, const void *data, size_t length)
{
	struct dhcp_option_writer writer = {
		.bytes = asked->bytes, .size = sizeof(asked->bytes), .length = asked->length};

	dhcp_option_write(&writer, code, data, length);
	assert_false(writer.full);
	asked->length = writer.length;
}

static inline void ask_text(struct asked *asked, uint8_t code, const char *text, size_t length)
{
	if (text)
		ask_option(asked, code, text, length ? length : strlen(text));
}

static inline void ask_address(struct asked *asked, uint8_t code, const char *text)
{
	uint32_t wire = htonl(ip(text));

	if (text)
		ask_option(asked, code, &wire, sizeof(wire));
}

static inline void ask_options(struct asked *asked, const struct ask *ask)
{
	uint32_t lease_time = htonl(ask->lease_time);
	uint16_t max_size = htons(ask->max_size);

	ask_option(asked, DHCP_OPT_MESSAGE_TYPE, &ask->type, 1);
	ask_text(asked, DHCP_OPT_CLIENT_ID, ask->identifier, ask->identifier_length);
	ask_address(asked, DHCP_OPT_REQUESTED_ADDRESS, ask->requested);
	ask_address(asked, DHCP_OPT_SERVER_ID, ask->server_id);
	if (ask->lease_time)
		ask_option(asked, DHCP_OPT_LEASE_TIME, &lease_time, sizeof(lease_time));
	if (ask->max_size)
		ask_option(asked, DHCP_OPT_MAX_SIZE, &max_size, sizeof(max_size));
	ask_text(asked, DHCP_OPT_PARAMETER_REQUEST, ask->parameters, 0);
	ask_text(asked, 12, ask->hostname, 0);
	ask_address(asked, DHCP_OPT_SUBNET_SELECTION, ask->selection);
	ask_text(asked, DHCP_OPT_AGENT, ask->agent, ask->agent_length);
	asked->bytes[asked->length++] = DHCP_OPT_END;
}

/* Unicast to us where a destination is given, broadcast without; source: ciaddr if not given. */
static inline void ask_place(struct asked *asked, const struct ask *ask)
{
	struct server_request *request = &asked->request;

	request->source = ip(ask->source ? ask->source : ask->ciaddr);
	request->destination = ask->destination ? ip(ask->destination) : 0xffffffff;
	request->to_us = ask->destination;
	request->stale = ask->stale;
	request->link_address = ip(ask->link ? ask->link : "10.1.0.1");
	request->ifindex = 7;
	request->now = NOW;
}

static inline void ask_write(struct asked *asked, const struct ask *ask)
{
	struct wire_bootp fixed = {
		.op = DHCP_OP_REQUEST,
		.htype = ask->htype ? ask->htype : 1,
		.hlen = ask->hlen ? ask->hlen : 6,
		.hops = 1,
		.xid = htonl(0x12345678),
		.secs = htons(9),
		.flags = htons(ask->flags),
		.ciaddr = htonl(ip(ask->ciaddr)),
		.giaddr = htonl(ip(ask->giaddr)),
		.chaddr = {2, 0, 0, 0, 0, ask->client},
		.cookie = htonl(DHCP_COOKIE),
	};

	memcpy(asked->bytes, &fixed, sizeof(fixed));
	asked->length = DHCP_FIXED_LEN;
	ask_options(asked, ask);
	assert_int_equal(server_request_parse(asked->bytes, asked->length, &asked->request),
			 DHCP_REFUSE_NONE);
	ask_place(asked, ask);
}

/* Puts a record of the client of `asked` on an address. */
static inline struct lease *fixture_record(struct fixture *fixture, const struct asked *asked,
					   const char *address, uint8_t state)
{
	const struct dhcp_ident *ident = &asked->request.ident;
	struct lease_record *record =
		lease_record_new(ident->bytes, ident->length, "circuit", 7, "old-name", 8);

	assert_non_null(record);
	record->address = ip(address);
	record->state = state;
	record->starts = record->cltt = NOW - 100;
	record->ends = state == LEASE_FREE ? NOW - 50 : NOW + 500;
	record->horizon = record->ends;
	record->htype = asked->request.message.htype;
	record->hlen = asked->request.message.hlen;
	memcpy(record->chaddr, asked->request.message.chaddr, sizeof(record->chaddr));
	assert_int_equal(lease_commit_restore(fixture->commit, record), 0);
	return lease_table_find(fixture->table, ip(address));
}

static inline struct server_verdict fixture_decide(struct fixture *fixture,
						   const struct asked *asked)
{
	return server_decide(fixture->conf, fixture->table, NULL, &asked->request);
}

/* An option of a reply or tail; options from `at` to `end`. NULL: not there. */
static inline const uint8_t *option_in(const uint8_t *at, const uint8_t *end, uint8_t code,
				       uint8_t *ret_length)
{
	while (at < end && *at != DHCP_OPT_END) {
		if (*at == DHCP_OPT_PAD) {
			at++;
			continue;
		}
		assert_true(at + 2 <= end && at + 2 + at[1] <= end);
		if (*at == code) {
			*ret_length = at[1];
			return at + 2;
		}
		at += 2 + at[1];
	}
	return NULL;
}

/* The codes of an options part as text, "53 54 51"; END as "end". */
static inline const char *codes_of(const uint8_t *at, const uint8_t *end, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	while (at < end) {
		if (*at == DHCP_OPT_END) {
			snprintf(text + used, size - used, "%send", used ? " " : "");
			break;
		}
		used += snprintf(text + used, size - used, "%s%u", used ? " " : "", *at);
		assert_true(*at != DHCP_OPT_PAD && at + 2 <= end && at + 2 + at[1] <= end);
		assert_true(used < size);
		at += 2 + at[1];
	}
	return text;
}

#endif
