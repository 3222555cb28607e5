/* SPDX-License-Identifier: GPL-2.0-only */
/* Who renews: parameter request lists of real clients as captured, and made-up ones. */
#ifndef TESTS_BPF_CLIENTS_H
#define TESTS_BPF_CLIENTS_H

#include "tests/bpf/world.h"

#define SPAN(...) \
	{ \
		(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) \
	}
#define MAC \
	{ \
		0x02, 0xc1, 0x1e, 0, 0, 1 \
	}

struct named_client {
	const char *name;
	struct client client;
};

#define CLIENTS_DHCLIENT SPAN(1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42)
#define CLIENTS_NETWORKD SPAN(1, 3, 6, 12, 15, 33, 42, 120, 121)
#define CLIENTS_DHCPCD SPAN(1, 121, 3, 6, 15, 26, 28, 33, 42, 51, 54, 58, 59)
#define CLIENTS_UDHCPC SPAN(1, 3, 6, 12, 15, 28, 42)
#define CLIENTS_MAC_ID SPAN(1, 0x02, 0xc1, 0x1e, 0, 0, 1)
#define CLIENTS_DUID \
	SPAN(255, 0x1e, 0, 0, 1, 0, 2, 0, 0, 0xab, 0x11, 0x5c, 0x72, 0x4a, 0xb3, 0x19, 0x9f, 0xd0, \
	     0x61)
#define CLIENTS_CIRCUIT SPAN(1, 9, 'e', 't', 'h', '0', '/', '1', ':', '4', '2', 2, 3, 'a', 'b', 'c')
#define CLIENTS_ALL60 \
	SPAN(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, \
	     24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, \
	     45, 46, 47, 48, 49, 51, 54, 58, 59, 60, 64, 65, 66, 67, 119, 121)

static const struct named_client clients[] = {
	{"dhclient",
	 {.mac = MAC, .parameters = CLIENTS_DHCLIENT, .hostname = "box", .agent = CLIENTS_CIRCUIT}},
	{"networkd",
	 {.mac = MAC,
	  .parameters = CLIENTS_NETWORKD,
	  .identifier = CLIENTS_DUID,
	  .max_size = 1472,
	  .hostname = "box",
	  .agent = CLIENTS_CIRCUIT}},
	{"dhcpcd",
	 {.mac = MAC,
	  .parameters = CLIENTS_DHCPCD,
	  .identifier = CLIENTS_DUID,
	  .max_size = 1472,
	  .vendor = "dhcpcd-9.4.1:Linux",
	  .agent = CLIENTS_CIRCUIT}},
	{"udhcpc",
	 {.mac = MAC,
	  .parameters = CLIENTS_UDHCPC,
	  .identifier = CLIENTS_MAC_ID,
	  .max_size = 576,
	  .vendor = "udhcp 1.35.0",
	  .hostname = "box",
	  .agent = CLIENTS_CIRCUIT}},
	{"no-list", {.mac = MAC}},
	{"no-list-relayed-circuit", {.mac = MAC, .agent = CLIENTS_CIRCUIT}},
	{"one-option", {.mac = MAC, .parameters = SPAN(3)}},
	{"sixty-options", {.mac = MAC, .parameters = CLIENTS_ALL60, .max_size = 1500}},
	{"repeated-codes", {.mac = MAC, .parameters = SPAN(3, 3, 1, 6, 6, 3, 1)}},
	{"asks-for-time", {.mac = MAC, .parameters = CLIENTS_UDHCPC, .lease_time = 900}},
	{"asks-for-ever", {.mac = MAC, .lease_time = 0xffffffff}},
	{"broadcast-flag",
	 {.mac = MAC,
	  .parameters = CLIENTS_UDHCPC,
	  .broadcast_flag = true,
	  .agent = CLIENTS_CIRCUIT}},
	{"one-byte-identifier", {.mac = MAC, .identifier = SPAN(7)}},
	{"eight-byte-identifier", {.mac = MAC, .identifier = SPAN(0, 1, 2, 3, 4, 5, 6, 7)}},
};

#endif
