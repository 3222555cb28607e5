/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces as the kernel has them, read by rtnetlink, and news that something changed. */
#ifndef XDHCP_NET_INTERFACE_H
#define XDHCP_NET_INTERFACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net_address {
	uint32_t address; /* ours, host byte order */
	uint8_t prefix;
	bool secondary;
};

struct net_interface {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	unsigned flags; /* IFF_UP, IFF_RUNNING, IFF_LOOPBACK, IFF_BROADCAST … */
	uint16_t type; /* ARPHRD_ETHER … */
	uint32_t mtu;
	bool has_mac;
	uint8_t mac[6];
	struct net_address *addresses; /* as the kernel lists them: primary ones first */
	size_t address_count;
};

struct net_interfaces {
	struct net_interface *list; /* ascending by ifindex */
	size_t count;
};

/* All interfaces of this network namespace with their IPv4 addresses. */
int net_interfaces_list(struct net_interfaces *ret_interfaces);
void net_interfaces_free(struct net_interfaces *interfaces);

/* NULL where there is none. */
const struct net_interface *net_interfaces_by_name(const struct net_interfaces *interfaces,
						   const char *name);
const struct net_interface *net_interfaces_by_index(const struct net_interfaces *interfaces,
						    uint32_t ifindex);

/* A descriptor that becomes readable when a link or an IPv4 address changes; the caller's to close. */
int net_interfaces_watch(int *ret_fd);

/* Takes all the news. True: something changed (or news were lost): list anew. */
bool net_interfaces_changed(int fd);

#endif
