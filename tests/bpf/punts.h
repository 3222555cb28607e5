/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the program must leave to the slow path: each row spoils the world or
 * the frame of a renewal that would be answered, and names the reason.
 */
#ifndef TESTS_BPF_PUNTS_H
#define TESTS_BPF_PUNTS_H

#include "tests/bpf/clients.h"
#include "tests/bpf/world.h"

#include <arpa/inet.h>
#include <string.h>

#include "dhcp/frame.h"
#include "xdp/shared/wire.h"

static const char conf_plain[] =
	"authoritative; default-lease-time 600; max-lease-time 7200;\n"
	"option domain-name \"example.net\"; option domain-name-servers 192.0.2.53, 192.0.2.54;\n"
	"option ntp-servers 192.0.2.123; option domain-search \"example.net\", "
	"\"lab.example.net\";\n"
	"option rfc3442-classless-static-routes code 121 = array of integer 8;\n"
	"option rfc3442-classless-static-routes 24,10,1,2,10,0,0,1, 0,10,0,0,1;\n"
	"subnet 10.0.0.0 netmask 255.255.255.0 {\n"
	"  option routers 10.0.0.1; option broadcast-address 10.0.0.255;\n"
	"  range 10.0.0.100 10.0.0.200;\n}\n";

/* The punts. A row spoils the world or the frame of a renewal that would be answered. */
struct punt {
	const char *name;
	enum xdhcp_counter reason;
	enum way way;
	void (*spoil)(struct world *world, uint8_t *frame, size_t *length);
};

#define SPOIL(name, ...) \
	static void name(struct world *world, uint8_t *frame, size_t *length) \
	{ \
		(void)world; \
		(void)frame; \
		(void)length; \
		__VA_ARGS__; \
	}

#define PAYLOAD DHCP_FRAME_OVERHEAD
#define AREA (DHCP_FRAME_OVERHEAD + DHCP_FIXED_LEN)

static uint32_t address_get(const uint8_t *at)
{
	uint32_t address;

	memcpy(&address, at, sizeof(address));
	return ntohl(address);
}

/* Headers anew after a change of the payload's length. */
static void frame_refit(uint8_t *frame, size_t length)
{
	struct dhcp_frame parts;
	uint8_t copy[2048];
	size_t payload = length - DHCP_FRAME_OVERHEAD;

	memcpy(copy, frame + PAYLOAD, payload);
	memcpy(parts.destination_mac, frame, 6);
	memcpy(parts.source_mac, frame + 6, 6);
	parts.source = address_get(frame + 26);
	parts.destination = address_get(frame + 30);
	parts.source_port = frame[34] << 8 | frame[35];
	parts.destination_port = DHCP_PORT_SERVER;
	parts.payload = copy;
	parts.length = payload;
	dhcp_frame_write(&parts, frame, 2048);
}

/* Puts options before END. */
static void options_add(uint8_t *frame, size_t *length, const void *bytes, size_t count)
{
	memcpy(frame + *length - 1, bytes, count);
	*length += count;
	frame[*length - 1] = DHCP_OPT_END;
	frame_refit(frame, *length);
}

#define ADD(...) \
	options_add(frame, length, (const uint8_t[]){__VA_ARGS__}, \
		    sizeof((const uint8_t[]){__VA_ARGS__}))
#define SLOT world_slot(world)

SPOIL(spoil_arp, frame[12] = 0x08; frame[13] = 0x06)
SPOIL(spoil_tcp, frame[23] = 6)
SPOIL(spoil_port, frame[37] = 53)
SPOIL(spoil_tag, frame[12] = 0x81; frame[13] = 0x00)
SPOIL(spoil_qinq, frame[12] = 0x88; frame[13] = 0xa8)
SPOIL(spoil_mac, frame[5] ^= 1)
SPOIL(spoil_destination, frame[33] = 99; frame_refit(frame, *length))
SPOIL(spoil_ip_options, frame[14] = 0x46)
SPOIL(spoil_fragment, frame[20] = 0x20)
SPOIL(spoil_fragment_offset, frame[21] = 0x01)
SPOIL(spoil_truncated, *length -= 1)
SPOIL(spoil_very_short, *length = 200)
SPOIL(spoil_udp_length, frame[38] = 0x7f)
SPOIL(spoil_header_sum, frame[24] ^= 0xff)
SPOIL(spoil_source, frame[29] ^= 1; frame_refit(frame, *length))
SPOIL(spoil_source_port, frame[35] = 99; frame_refit(frame, *length))
SPOIL(spoil_hardware, frame[PAYLOAD + 1] = 6)
SPOIL(spoil_relay_broadcast, memset(frame + 30, 0xff, 4); frame_refit(frame, *length))
SPOIL(spoil_op, frame[PAYLOAD] = 2)
SPOIL(spoil_hlen, frame[PAYLOAD + 2] = 17)
SPOIL(spoil_yiaddr, frame[PAYLOAD + 16] = 1)
SPOIL(spoil_cookie, frame[PAYLOAD + 236] = 0)
SPOIL(spoil_no_end, frame[*length - 1] = 0)
SPOIL(spoil_option_past_end, frame[*length - 1] = 12)
SPOIL(spoil_option_length, ADD(12, 200, 'x'))
SPOIL(spoil_many_pads, uint8_t pads[80] = {0}; options_add(frame, length, pads, sizeof(pads)))
SPOIL(spoil_time_length, ADD(51, 3, 0, 0, 1))
SPOIL(spoil_empty_identifier, world->native.control.seed++; ADD(61, 0))
SPOIL(spoil_repeated, ADD(55, 1, 3))
SPOIL(spoil_repeated_type, ADD(53, 1, 3))
SPOIL(spoil_overload, ADD(52, 1, 1))
SPOIL(spoil_discover, frame[AREA + 2] = DHCP_DISCOVER)
SPOIL(spoil_release, frame[AREA + 2] = DHCP_RELEASE)
SPOIL(spoil_inform, frame[AREA + 2] = DHCP_INFORM)
SPOIL(spoil_selecting, ADD(54, 4, 10, 0, 0, 1))
SPOIL(spoil_requested, ADD(50, 4, 10, 0, 0, 100))
SPOIL(spoil_no_ciaddr, memset(frame + PAYLOAD + 12, 0, 4))
SPOIL(spoil_subnet_selection, ADD(118, 4, 10, 0, 0, 0))
SPOIL(spoil_tracked_elsewhere, world->native.control.roles[77] = XDHCP_ROLE_TRACK;
      ADD(77, 2, 1, 'x'))
SPOIL(spoil_link_selection, ADD(82, 6, 5, 4, 10, 0, 0, 0))
SPOIL(spoil_server_override, ADD(82, 6, 11, 4, 10, 0, 0, 9))
SPOIL(spoil_agent_malformed, ADD(82, 3, 1, 9, 'x'))
SPOIL(spoil_link, world->native.link_count = 0)
SPOIL(spoil_link_network, world->native.links[0].link.network = 0)
SPOIL(spoil_relay, world->native.relay_count = 0)
SPOIL(spoil_gate, world->native.control.renew_until = 1)
SPOIL(spoil_page, memset(&world->native.directory[0], 0, sizeof(world->native.directory[0])))
SPOIL(spoil_held, SLOT->word |= 1)
SPOIL(spoil_client, frame[PAYLOAD + 28 + 5] ^= 1)
SPOIL(spoil_nobody, SLOT->key = 0)
SPOIL(spoil_network, SLOT->network = 2)
SPOIL(spoil_signature, ADD(51, 4, 0, 0, 0, 99))
SPOIL(spoil_no_tail, SLOT->tail = 0)
SPOIL(spoil_server_id, world->native.links[0].link.server_id++)
SPOIL(spoil_relation_silent, SLOT->relation = 1)
SPOIL(spoil_relation_bound, SLOT->relation = 1; world->native.relations[1].serve = 1;
      world->native.relations[1].alone = world->now)
SPOIL(spoil_limit, SLOT->horizon = world->now + world->lease_time - 1)
SPOIL(spoil_limit_none, SLOT->horizon = 0)
SPOIL(spoil_no_lease, SLOT->lease = 0)
SPOIL(spoil_infinite, SLOT->lease = 0xffffffff; SLOT->horizon = XDHCP_NEVER)
SPOIL(spoil_size, world->native.tails[1].limit = 250)
SPOIL(
	spoil_area, uint8_t much[1300]; memset(much, 0, sizeof(much));
	for (size_t i = 0; i + 257 <= sizeof(much); i += 257) {
		much[i] = 12;
		much[i + 1] = 255;
	} options_add(frame, length, much, 1285))

static const struct punt punts[] = {
	{"arp", XDHCP_COUNT_OTHER, WAY_UNICAST, spoil_arp},
	{"tcp", XDHCP_COUNT_OTHER, WAY_UNICAST, spoil_tcp},
	{"another port", XDHCP_COUNT_OTHER, WAY_UNICAST, spoil_port},
	{"VLAN tag", XDHCP_PUNT_TAGGED, WAY_UNICAST, spoil_tag},
	{"service tag", XDHCP_PUNT_TAGGED, WAY_UNICAST, spoil_qinq},
	{"another MAC address", XDHCP_PUNT_NOT_OURS, WAY_UNICAST, spoil_mac},
	{"another server's address", XDHCP_PUNT_NOT_OURS, WAY_UNICAST, spoil_destination},
	{"IP options", XDHCP_PUNT_IP_OPTIONS, WAY_UNICAST, spoil_ip_options},
	{"first fragment", XDHCP_PUNT_FRAGMENT, WAY_UNICAST, spoil_fragment},
	{"later fragment", XDHCP_PUNT_FRAGMENT, WAY_UNICAST, spoil_fragment_offset},
	{"frame cut short", XDHCP_PUNT_SHORT, WAY_UNICAST, spoil_truncated},
	{"no room for BOOTP", XDHCP_PUNT_SHORT, WAY_UNICAST, spoil_very_short},
	{"UDP longer than IP", XDHCP_PUNT_SHORT, WAY_UNICAST, spoil_udp_length},
	{"bad IP checksum", XDHCP_PUNT_SHORT, WAY_UNICAST, spoil_header_sum},
	{"source is not ciaddr", XDHCP_PUNT_SOURCE, WAY_UNICAST, spoil_source},
	{"source port", XDHCP_PUNT_SOURCE, WAY_UNICAST, spoil_source_port},
	{"no address and no Ethernet", XDHCP_PUNT_SOURCE, WAY_BROADCAST_UNCONFIGURED,
	 spoil_hardware},
	{"relay that broadcasts", XDHCP_PUNT_SOURCE, WAY_RELAYED, spoil_relay_broadcast},
	{"BOOTREPLY", XDHCP_PUNT_HEADER, WAY_UNICAST, spoil_op},
	{"hlen", XDHCP_PUNT_HEADER, WAY_UNICAST, spoil_hlen},
	{"yiaddr", XDHCP_PUNT_HEADER, WAY_UNICAST, spoil_yiaddr},
	{"cookie", XDHCP_PUNT_HEADER, WAY_UNICAST, spoil_cookie},
	{"no END", XDHCP_PUNT_OPTIONS, WAY_UNICAST, spoil_no_end},
	{"code without length", XDHCP_PUNT_OPTIONS, WAY_UNICAST, spoil_option_past_end},
	{"option past the end", XDHCP_PUNT_OPTIONS, WAY_UNICAST, spoil_option_length},
	{"many pads", XDHCP_PUNT_OPTIONS, WAY_UNICAST, spoil_many_pads},
	{"lease time of three bytes", XDHCP_PUNT_OPTIONS, WAY_UNICAST, spoil_time_length},
	{"empty client identifier", XDHCP_PUNT_OPTIONS, WAY_UNICAST, spoil_empty_identifier},
	{"two parameter lists", XDHCP_PUNT_REPEATED, WAY_UNICAST, spoil_repeated},
	{"two message types", XDHCP_PUNT_REPEATED, WAY_UNICAST, spoil_repeated_type},
	{"overload", XDHCP_PUNT_OVERLOAD, WAY_UNICAST, spoil_overload},
	{"DISCOVER", XDHCP_PUNT_TYPE, WAY_UNICAST, spoil_discover},
	{"RELEASE", XDHCP_PUNT_TYPE, WAY_UNICAST, spoil_release},
	{"INFORM", XDHCP_PUNT_TYPE, WAY_UNICAST, spoil_inform},
	{"server identifier", XDHCP_PUNT_TYPE, WAY_UNICAST, spoil_selecting},
	{"requested address", XDHCP_PUNT_TYPE, WAY_UNICAST, spoil_requested},
	{"no ciaddr", XDHCP_PUNT_TYPE, WAY_UNICAST, spoil_no_ciaddr},
	{"subnet selection", XDHCP_PUNT_REFUSED, WAY_UNICAST, spoil_subnet_selection},
	{"option that only the configuration tracks", XDHCP_PUNT_REFUSED, WAY_UNICAST,
	 spoil_tracked_elsewhere},
	{"link selection", XDHCP_PUNT_AGENT, WAY_UNICAST, spoil_link_selection},
	{"server identifier override", XDHCP_PUNT_AGENT, WAY_UNICAST, spoil_server_override},
	{"malformed option 82", XDHCP_PUNT_AGENT, WAY_UNICAST, spoil_agent_malformed},
	{"interface not served", XDHCP_PUNT_NO_LINK, WAY_UNICAST, spoil_link},
	{"interface without a subnet", XDHCP_PUNT_NO_LINK, WAY_BROADCAST, spoil_link_network},
	{"unknown relay", XDHCP_PUNT_NO_LINK, WAY_RELAYED, spoil_relay},
	{"gate shut", XDHCP_PUNT_GATE, WAY_UNICAST, spoil_gate},
	{"no page", XDHCP_PUNT_NO_SLOT, WAY_UNICAST, spoil_page},
	{"held slot", XDHCP_PUNT_HELD, WAY_UNICAST, spoil_held},
	{"another client", XDHCP_PUNT_CLIENT, WAY_UNICAST, spoil_client},
	{"nobody's address", XDHCP_PUNT_CLIENT, WAY_UNICAST, spoil_nobody},
	{"another network", XDHCP_PUNT_NETWORK, WAY_BROADCAST, spoil_network},
	{"another network, relayed", XDHCP_PUNT_NETWORK, WAY_RELAYED, spoil_network},
	{"changed request", XDHCP_PUNT_SIGNATURE, WAY_UNICAST, spoil_signature},
	{"no tail", XDHCP_PUNT_NO_TAIL, WAY_UNICAST, spoil_no_tail},
	{"another server identifier", XDHCP_PUNT_SERVER_ID, WAY_UNICAST, spoil_server_id},
	{"silent relationship", XDHCP_PUNT_SILENT, WAY_UNICAST, spoil_relation_silent},
	{"partner's bound reached", XDHCP_PUNT_LIMIT, WAY_UNICAST, spoil_relation_bound},
	{"past H", XDHCP_PUNT_LIMIT, WAY_UNICAST, spoil_limit},
	{"no H", XDHCP_PUNT_LIMIT, WAY_UNICAST, spoil_limit_none},
	{"no lease time", XDHCP_PUNT_LIMIT, WAY_UNICAST, spoil_no_lease},
	{"infinite lease", XDHCP_PUNT_LIMIT, WAY_UNICAST, spoil_infinite},
	{"larger than the client takes", XDHCP_PUNT_SIZE, WAY_UNICAST, spoil_size},
	{"more options than are read", XDHCP_PUNT_SIZE, WAY_UNICAST, spoil_area},
};

static const struct client plain_client = {.mac = MAC, .parameters = CLIENTS_UDHCPC};

#endif
