/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The XDP program itself, compiled for the machine that runs the tests: its
 * headers unchanged, maps and helpers played by native.c. For fuzzers,
 * sanitizers and whoever wants two servers in one process.
 */
#ifndef NATIVE_H
#define NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xdp/shared/abi.h"

#define NATIVE_ROOM 256
#define NATIVE_FRAME 2048
#define NATIVE_PAGES 16
#define NATIVE_ENTRIES 16
#define NATIVE_TAILS 64

/* XDP_PASS and XDP_TX, for who does not include the kernel's header. */
enum { NATIVE_PASS = 2, NATIVE_TX = 3 };

struct native_frame {
	_Alignas(8) uint8_t buffer[NATIVE_ROOM + NATIVE_FRAME + NATIVE_ROOM];
	size_t at, length; /* of the frame in the buffer */
	size_t head_room, tail_room; /* how far it may grow */
};

/* The large maps in their true size, where somebody maps them as the daemon does. */
struct native_memory {
	struct xdhcp_directory *directory; /* 65,536 */
	struct xdhcp_page *banks[XDHCP_BANKS]; /* NULL, or XDHCP_BANK_PAGES of them */
	struct xdhcp_tail *tails; /* XDHCP_TAILS */
};

/* What the maps hold. Pages are numbered from 1 as in the directory. */
struct native {
	struct native_memory *memory; /* NULL: `directory`, `pages` and `tails` below */
	struct xdhcp_control control;
	struct xdhcp_relation relations[XDHCP_RELATIONS];
	struct {
		struct xdhcp_link_key key;
		struct xdhcp_link link;
	} links[NATIVE_ENTRIES];
	size_t link_count;
	uint32_t addresses[NATIVE_ENTRIES]; /* network byte order */
	size_t address_count;
	struct {
		uint32_t giaddr; /* network byte order */
		uint32_t network;
	} relays[NATIVE_ENTRIES];
	size_t relay_count;
	struct xdhcp_directory directory[4];
	uint32_t directory_upper[4]; /* the /16 that each stands for */
	size_t directory_count;
	struct xdhcp_page pages[NATIVE_PAGES + 1];
	struct xdhcp_tail tails[NATIVE_TAILS];
	struct xdhcp_counters counters;
	uint64_t clock; /* coarse, nanoseconds */
	/* Called when the program has read a slot's word and looks for its tail; NULL: nothing. */
	void (*under_way)(struct native *native);
};

/* Copies a frame into the middle of its buffer. */
void native_frame_set(struct native_frame *frame, const void *bytes, size_t length);

/* A slot for an address; makes directory and page. NULL: no page left. */
struct xdhcp_slot *native_slot(struct native *native, uint32_t address);

/* Runs the program; returns the XDP verdict, and the counter that it counted the packet under. */
int native_run(struct native *native, struct native_frame *frame, uint32_t ifindex,
	       enum xdhcp_counter *ret_counter);

/* Key and signature of the request in a frame; false: the program sees none there. */
bool native_identify(struct native *native, struct native_frame *frame, uint32_t ifindex,
		     uint64_t *ret_key, uint64_t *ret_signature);

#endif
