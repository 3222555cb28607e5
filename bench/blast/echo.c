// SPDX-License-Identifier: GPL-2.0-only
/*
 * The least that a server in userspace can do: whatever a direct client asks
 * for it gets, without a table, a disk or a thought; DISCOVER gets the address
 * that the MAC address stands for. How fast this is on a machine is what any
 * server in userspace is to be compared with there.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/blast/bytes.h"
#include "bench/blast/dhcp.h"
#include "bench/blast/session.h"

#define REPLY_LENGTH (BOOTP_AT + BOOTP_MIN)
#define TURN_MAX 64

struct asked {
	uint8_t type;
	uint32_t address;
	const uint8_t *identity; /* code and length in front */
};

static bool request_read(const uint8_t *frame, size_t length, struct asked *ret)
{
	size_t at = BOOTP_AT + BOOTP_OPTIONS;

	*ret = (struct asked){.address = 0};
	if (length < REPLY_LENGTH - 60 || get16(frame + 12) != ETHERTYPE_IPV4 ||
	    frame[BOOTP_AT] != 1 || get32(frame + BOOTP_AT + BOOTP_GIADDR))
		return false;
	while (at + 1 < length && frame[at] != OPTION_END) {
		if (frame[at] == OPTION_PAD) {
			at++;
			continue;
		}
		if (at + 2U + frame[at + 1] > length)
			return false;
		if (frame[at] == OPTION_TYPE)
			ret->type = frame[at + 2];
		else if (frame[at] == OPTION_ADDRESS)
			ret->address = get32(frame + at + 2);
		else if (frame[at] == OPTION_CLIENT_ID)
			ret->identity = frame + at;
		at += 2U + frame[at + 1];
	}
	return ret->type == MESSAGE_DISCOVER || ret->type == MESSAGE_REQUEST;
}

static size_t number_write(uint8_t *options, size_t at, uint8_t code, uint32_t value)
{
	options[at] = code;
	options[at + 1] = 4;
	put32(options + at + 2, value);
	return at + 6;
}

static void options_write(uint8_t *options, const struct settings *settings,
			  const struct asked *asked)
{
	uint32_t lease = (uint32_t)settings->lease;
	size_t at = 3;

	options[0] = OPTION_TYPE;
	options[1] = 1;
	options[2] = asked->type == MESSAGE_DISCOVER ? MESSAGE_OFFER : MESSAGE_ACK;
	at = number_write(options, at, OPTION_SERVER_ID, settings->server);
	at = number_write(options, at, OPTION_LEASE_TIME, lease);
	if (asked->identity && asked->identity[1] + 2 + at < BOOTP_MIN - BOOTP_OPTIONS) {
		memcpy(options + at, asked->identity, asked->identity[1] + 2U);
		at += asked->identity[1] + 2U;
	}
	options[at] = OPTION_END;
}

/* RFC 2131 section 4.1: to the address it has, to all where it asks for that, else to the new one. */
static void reply_address(uint8_t *reply, const uint8_t *request, uint32_t source, uint32_t yiaddr)
{
	const uint8_t *bootp = request + BOOTP_AT;
	bool to_all = !get32(bootp + BOOTP_CIADDR) && get16(bootp + BOOTP_FLAGS) & FLAG_BROADCAST;
	uint8_t *ip = reply + IP_AT;

	memcpy(reply, request + 6, 6);
	if (to_all)
		memset(reply, 0xff, 6);
	put16(reply + 12, ETHERTYPE_IPV4);
	ip[0] = 0x45;
	put16(ip + 2, REPLY_LENGTH - IP_AT);
	ip[8] = 64;
	ip[9] = 17;
	put32(ip + 12, source);
	put32(ip + 16, to_all ? ADDRESS_BROADCAST : yiaddr);
	put16(ip + 10, (uint16_t)~sum_fold(sum_add(0, ip, 20)));
	put16(reply + UDP_AT, PORT_SERVER);
	put16(reply + UDP_AT + 2, PORT_CLIENT);
	put16(reply + UDP_AT + 4, REPLY_LENGTH - UDP_AT);
}

static void reply_write(uint8_t *reply, const uint8_t *request, const struct settings *settings,
			const struct asked *asked)
{
	uint32_t ciaddr = get32(request + BOOTP_AT + BOOTP_CIADDR), address = asked->address;
	uint8_t *bootp = reply + BOOTP_AT;

	if (ciaddr)
		address = ciaddr;
	if (!address)
		address = settings->first_address +
			  (uint32_t)(get48(request + BOOTP_AT + BOOTP_CHADDR) & (CLIENTS_MAX - 1));
	memset(reply, 0, REPLY_LENGTH);
	memcpy(bootp, request + BOOTP_AT, BOOTP_SNAME);
	bootp[BOOTP_OP] = 2;
	put16(bootp + BOOTP_SECS, 0);
	put32(bootp + BOOTP_YIADDR, address);
	put32(bootp + BOOTP_COOKIE, COOKIE);
	options_write(bootp + BOOTP_OPTIONS, settings, asked);
	reply_address(reply, request, settings->server, address);
}

static void frames_answer(struct port *port, const struct settings *settings)
{
	struct arrival arrival;
	struct asked asked;

	for (unsigned int i = 0; i < TURN_MAX && port_receive(port, &arrival); i++) {
		if (!arrival.outgoing && request_read(arrival.frame, arrival.length, &asked)) {
			uint8_t *reply = port_buffer(port);

			reply_write(reply, arrival.frame, settings, &asked);
			memcpy(reply + 6, port->mac, 6);
			port_queue(port, REPLY_LENGTH);
		}
		port_release(port);
	}
	port_flush(port);
}

int echo_run(const struct settings *settings)
{
	struct settings complete = *settings;
	struct session session = {.port.fd = -1, .signals = -1};
	int result = EXIT_SETUP;

	if (!complete.lease)
		complete.lease = 3600;
	if (!complete.first_address || !complete.server) {
		fprintf(stderr, "blast: echo needs --server and --first-address\n");
		return EXIT_SETUP;
	}
	session.signals = signals_open();
	if (!port_open(&session.port, &complete)) {
		struct pollfd files[] = {{.fd = session.port.wakes, .events = POLLIN},
					 {.fd = session.signals, .events = POLLIN}};

		printf("answering on %s\n", complete.interface);
		fflush(stdout);
		while (!session_stopped(&session)) {
			poll(files, 2, -1);
			frames_answer(&session.port, &complete);
		}
		port_close(&session.port);
		result = EXIT_FINE;
	}
	return result;
}
