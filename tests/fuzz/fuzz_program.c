// SPDX-License-Identifier: GPL-2.0-only
/*
 * The XDP program's own headers, compiled natively, on any frame: it stays
 * within its bounds, a frame that goes up is untouched, and no reply promises
 * more than the slot's limit (I1, I3). The first byte chooses what the frame
 * is put into: with luck alone no input gets past the headers.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/native/native.h"
#include "xdp/shared/wire.h"

#define SERVER 0x0a000001U
#define CLIENT 0x0a000064U
#define NOW 1000U
#define FRAME_MOST 1600

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void world_make(struct native *native, uint8_t kind)
{
	struct xdhcp_slot *slot;

	memset(native, 0, sizeof(*native));
	native->clock = NOW * 1000000000ULL;
	native->control.renew_until = ~0ULL;
	for (int i = 0; i < 256; i++)
		native->control.roles[i] = i == 52 || i == 118	? XDHCP_ROLE_REFUSE
					   : i >= 50 && i <= 61 ? XDHCP_ROLE_TRACK
								: XDHCP_ROLE_NONE;
	native->control.roles[DHCP_OPT_AGENT] = XDHCP_ROLE_TRACK;
	native->links[0].key.ifindex = 1;
	native->links[0].link.network = 1;
	native->links[0].link.server_id = SERVER;
	native->link_count = 1;
	native->addresses[0] = htonl(SERVER);
	native->address_count = 1;
	native->relays[0].giaddr = htonl(SERVER + 1);
	native->relays[0].network = 1;
	native->relay_count = 1;
	slot = native_slot(native, CLIENT);
	slot->horizon = NOW + 600;
	slot->lease = 300;
	slot->network = 1;
	slot->tail = 1;
	slot->relation = kind & 8 ? 1 : 0;
	native->relations[1] = (struct xdhcp_relation){.serve = 1, .alone = NOW + 100};
	native->tails[1].length = TAIL_HEAD_LEN + (kind & 16 ? 400 : 0);
	native->tails[1].limit = 1472;
}

static void address_put(uint8_t *at, uint32_t address)
{
	address = htonl(address);
	memcpy(at, &address, sizeof(address));
}

static size_t frame_make(uint8_t kind, const uint8_t *data, size_t size, uint8_t *frame)
{
	struct wire_bootp *bootp = (struct wire_bootp *)(frame + 42);
	uint32_t sum = 0;
	size_t length;

	if (kind & 1) {
		memcpy(frame, data, size);
		return size;
	}
	/* Headers that hold, and the input as the option area. */
	length = 42 + DHCP_FIXED_LEN + size;
	memset(frame, 0, 42 + DHCP_FIXED_LEN);
	memcpy(frame + 42 + DHCP_FIXED_LEN, data, size);
	frame[12] = 0x08;
	frame[14] = 0x45;
	frame[16] = (length - 14) >> 8;
	frame[17] = length - 14;
	frame[23] = WIRE_IPPROTO_UDP;
	address_put(frame + 26, kind & 2 ? SERVER + 1 : CLIENT);
	address_put(frame + 30, SERVER);
	for (int i = 14; i < 34; i += 2)
		sum += frame[i] << 8 | frame[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	frame[24] = (uint8_t)(~sum >> 8);
	frame[25] = (uint8_t)~sum;
	frame[35] = DHCP_PORT_CLIENT;
	frame[37] = DHCP_PORT_SERVER;
	frame[38] = (length - 34) >> 8;
	frame[39] = length - 34;
	bootp->op = DHCP_OP_REQUEST;
	bootp->htype = 1;
	bootp->hlen = 6;
	bootp->ciaddr = htonl(CLIENT);
	bootp->giaddr = kind & 2 ? htonl(SERVER + 1) : 0;
	bootp->cookie = htonl(DHCP_COOKIE);
	return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct native native;
	uint8_t frame[FRAME_MOST + 512];
	struct native_frame run;
	enum xdhcp_counter counter;
	struct xdhcp_slot *slot;
	uint64_t key, signature;
	size_t length;
	int verdict;

	if (size < 1 || size > FRAME_MOST - 42 - DHCP_FIXED_LEN)
		return 0;
	world_make(&native, data[0]);
	length = frame_make(data[0], data + 1, size - 1, frame);
	native_frame_set(&run, frame, length);
	if (data[0] & 4)
		run.head_room = run.tail_room = 0;
	/* Whoever asks is the client: what is fuzzed is the layout, not the guess of a hash. */
	slot = native_slot(&native, CLIENT);
	if (native_identify(&native, &run, 1, &key, &signature)) {
		slot->key = key;
		slot->signature = signature;
	}
	verdict = native_run(&native, &run, 1, &counter);
	if (XDHCP_WORD_PROMISE(slot->word) > slot->horizon ||
	    (slot->relation && XDHCP_WORD_PROMISE(slot->word) > native.relations[1].alone))
		abort();
	if (verdict == NATIVE_PASS &&
	    (run.length != length || memcmp(run.buffer + run.at, frame, length)))
		abort();
	if (verdict == NATIVE_TX && counter > XDHCP_COUNT_SELF_TEST)
		abort();
	return 0;
}
