// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/images.h"

#include <poll.h>
#include <stdio.h>

#include "bench/blast/bytes.h"
#include "bench/blast/dhcp.h"
#include "bench/blast/expect.h"
#include "bench/blast/kinds.h"

#define TRIES 5
#define TRY_MS 500

_Static_assert(SERIAL_SHIFT == 20 && CLIENTS_MAX == 1U << SERIAL_SHIFT, "an index fits an xid");

static enum sort_way way_of(const struct client *client)
{
	if (!(client->flags & CLIENT_RELAYED))
		return WAY_DIRECT;
	return client->flags & CLIENT_INTERCEPTED ? WAY_RELAYED : WAY_ROUTED;
}

uint8_t sort_of(const struct population *population, uint32_t index)
{
	const struct client *client = &population->clients[index];

	return (uint8_t)(client->kind * WAY_COUNT + way_of(client));
}

static size_t renewal_write(const struct population *population, uint32_t index, uint32_t xid,
			    uint8_t frame[FRAME_MAX], struct marks *ret_marks)
{
	struct request request = {
		.form = FORM_RENEWING,
		.index = index,
		.xid = xid,
		.address = population->clients[index].address,
	};

	return request_write(population, &request, frame, ret_marks);
}

void sort_client(const struct population *population, uint32_t index, struct blast_client *ret)
{
	uint8_t frame[FRAME_MAX];

	renewal_write(population, index, 0, frame, NULL);
	*ret = (struct blast_client){.sort = sort_of(population, index)};
	put48(ret->mac, population_mac(population, index));
	put32((uint8_t *)&ret->address, population->clients[index].address);
	put32((uint8_t *)&ret->circuit, index);
	memcpy(&ret->ip_checksum, frame + IP_AT + 10, 2);
	ret->udp_sum = (uint16_t)~get16(frame + UDP_AT + 6);
}

/* Where the values lie that differ from reply to reply. */
static void options_find(struct blast_sort *sort, const struct marks *request)
{
	size_t at = BOOTP_AT + BOOTP_OPTIONS;

	while (sort->reply[at] != OPTION_END) {
		uint8_t code = sort->reply[at], length = sort->reply[at + 1];
		uint16_t value = (uint16_t)(at + 2);

		at++;
		if (code == OPTION_PAD)
			continue;
		at += 1U + length;
		if (code == OPTION_LEASE_TIME)
			sort->lease_at = value;
		else if (code == OPTION_T1)
			sort->t1_at = value;
		else if (code == OPTION_T2)
			sort->t2_at = value;
		else if (code == OPTION_CLIENT_ID && request->identity_mac)
			sort->reply_mac_at = (uint16_t)(at - 6);
		else if (code == OPTION_AGENT && request->circuit)
			sort->reply_circuit_at = (uint16_t)(value + AGENT_NUMBER_AT);
	}
}

static void mask_clear(struct blast_sort *sort, size_t at, size_t length)
{
	if (at)
		memset(sort->mask + at, 0, length);
}

static void mask_fill(struct blast_sort *sort)
{
	memset(sort->mask, 0, sizeof(sort->mask));
	memset(sort->mask + IMAGE_WORDS_AT, 0xff, sort->reply_length - IMAGE_WORDS_AT);
	mask_clear(sort, IP_AT + 16, 4);
	mask_clear(sort, UDP_AT + 6, 2);
	mask_clear(sort, BOOTP_AT + BOOTP_XID, 4);
	mask_clear(sort, BOOTP_AT + BOOTP_CIADDR, 4);
	mask_clear(sort, BOOTP_AT + BOOTP_YIADDR, 4);
	mask_clear(sort, BOOTP_AT + BOOTP_CHADDR, 6);
	mask_clear(sort, sort->reply_mac_at, 6);
	mask_clear(sort, sort->reply_circuit_at, 4);
	mask_clear(sort, sort->lease_at, 4);
	mask_clear(sort, sort->t1_at, 4);
	mask_clear(sort, sort->t2_at, 4);
}

static int image_fill(struct blast_sort *sort, const struct arrival *arrival,
		      const struct reply *reply, const struct marks *marks)
{
	size_t length = IP_AT + reply->datagram;

	if (length > IMAGE_BYTES) {
		fprintf(stderr, "blast: replies of %zu bytes; the kernel's judge takes %d\n",
			length, IMAGE_BYTES);
		return -1;
	}
	memcpy(sort->reply, arrival->frame, length);
	sort->reply_length = (uint16_t)length;
	sort->has_ciaddr = reply->ciaddr != 0;
	sort->lease = reply->lease;
	options_find(sort, marks);
	mask_fill(sort);
	return 0;
}

/* The reply to `xid`, waited for; CAUSE_FOREIGN: none came. */
static enum cause reply_wait(struct session *session, uint32_t index, uint32_t xid,
			     struct reply *reply, struct arrival *arrival)
{
	struct pollfd waiting = {.fd = session->port.wakes, .events = POLLIN};
	uint64_t until = clock_now() + TRY_MS * NS_PER_MS;
	struct expectation expected;
	enum cause cause;

	expectation_fill(session->settings, &session->population, index, FORM_RENEWING, &expected);
	while (clock_now() < until) {
		poll(&waiting, 1, 10);
		while (port_receive(&session->port, arrival)) {
			if (!neighbour_receive(&session->port, &session->population,
					       &session->holders, arrival, clock_now())) {
				cause = reply_read(arrival->frame, arrival->length,
						   arrival->finished, reply);
				if (cause != CAUSE_FOREIGN && reply->xid == xid)
					return cause ? cause : reply_judge(reply, &expected);
			}
			port_release(&session->port);
		}
		port_flush(&session->port);
	}
	return CAUSE_FOREIGN;
}

/* `blast null` sends back what it gets: nothing to ask for, and little to compare. */
static int echo_fill(const struct population *population, uint32_t index, struct blast_sort *ret)
{
	uint8_t frame[FRAME_MAX];
	struct marks marks;

	ret->length = (uint16_t)renewal_write(population, index, 0, frame, &marks);
	memcpy(ret->request, frame, ret->length);
	ret->way = way_of(&population->clients[index]);
	ret->mac_at = marks.identity_mac;
	ret->circuit_at = marks.circuit;
	ret->reply_length = ret->length;
	return 0;
}

int sort_fill(struct session *session, uint32_t index, struct blast_sort *ret)
{
	const struct population *population = &session->population;
	const char *kind = kinds[population->clients[index].kind].name;
	struct arrival arrival;
	struct marks marks;
	struct reply reply;
	enum cause cause = CAUSE_FOREIGN;
	int result;

	if (session->settings->echoed)
		return echo_fill(population, index, ret);
	for (int i = 0; i < TRIES && cause == CAUSE_FOREIGN; i++) {
		uint32_t xid = (uint32_t)dice(&session->dice);
		uint8_t *frame = port_buffer(&session->port);

		ret->length = (uint16_t)renewal_write(population, index, xid, frame, &marks);
		memcpy(ret->request, frame, ret->length);
		port_queue(&session->port, ret->length);
		port_flush(&session->port);
		cause = reply_wait(session, index, xid, &reply, &arrival);
	}
	if (cause == CAUSE_FOREIGN) {
		fprintf(stderr,
			"blast: no reply to a renewal of a %s client: is the server there, "
			"and does it know the leases of the state file?\n",
			kind);
		return -1;
	}
	ret->way = way_of(&population->clients[index]);
	ret->mac_at = marks.identity_mac;
	ret->circuit_at = marks.circuit;
	if (cause == CAUSE_NONE && reply.type == MESSAGE_NAK)
		cause = CAUSE_NAK;
	if (cause == CAUSE_NONE) {
		result = image_fill(ret, &arrival, &reply, &marks);
	} else {
		tally_failure(&session->tally, cause, &reply, &arrival);
		result = -1;
	}
	port_release(&session->port);
	return result;
}
