/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel says about an interface: kind, peer, native XDP program,
 * VLAN offloads. A veth's peer may live in another network namespace; then
 * the same questions are asked there. Nobody outside of the room includes this.
 */
#ifndef XDHCP_FASTPATH_DEVICE_H
#define XDHCP_FASTPATH_DEVICE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

/* Sockets that belong to one network namespace. */
struct device_space {
	int route; /* rtnetlink */
	int control; /* for ioctl */
};

struct device {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	char kind[16]; /* of a device made of software: "veth", "bridge" …; empty: hardware */
	uint32_t peer; /* of a veth; 0: none */
	int32_t peer_space; /* the namespace's number as seen from here, -1: this one */
	uint32_t master; /* bridge or bond that it is a port of; 0: none */
	bool xdp_native; /* has a native XDP program */
};

enum device_direction { DEVICE_RX, DEVICE_TX };

int device_space_open(struct device_space *ret_space);
/* The namespace with this number; -ENOENT: none that we can reach has it. */
int device_space_find(const struct device_space *from, int32_t number,
		      struct device_space *ret_space);
void device_space_close(struct device_space *space);

int device_read(const struct device_space *space, uint32_t ifindex, struct device *ret_device);

/*
 * Switches off what takes VLAN tags out of the frame, on the way in or out,
 * and reads back whether it is off. -EBUSY: it stayed on.
 */
int device_tags_inline(const struct device_space *space, const char *name,
		       enum device_direction direction, bool *ret_changed);

#endif
