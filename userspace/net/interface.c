/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/interface.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DUMP_BUFFER 65536
#define DUMP_TRIES 8 /* the kernel marks a dump that a change ran into */

static int netlink_open(uint32_t groups, int flags, int *ret_fd)
{
	struct sockaddr_nl at = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE);
	int code;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		code = -errno;
		close(fd);
		return code;
	}
	*ret_fd = fd;
	return 0;
}

/* One element more, zeroed; NULL without memory, with the list as it was. */
static void *list_grow(void **list, size_t *count, size_t size)
{
	void *larger = reallocarray(*list, *count + 1, size);
	void *last;

	if (!larger)
		return NULL;
	*list = larger;
	last = (char *)larger + *count * size;
	memset(last, 0, size);
	++*count;
	return last;
}

static void link_attribute_read(const struct rtattr *attribute, struct net_interface *interface)
{
	const void *data = RTA_DATA(attribute);
	size_t length = RTA_PAYLOAD(attribute);

	switch (attribute->rta_type) {
	case IFLA_IFNAME:
		strncpy(interface->name, data, sizeof(interface->name) - 1);
		break;
	case IFLA_MTU:
		memcpy(&interface->mtu, data, sizeof(interface->mtu));
		break;
	case IFLA_ADDRESS:
		interface->has_mac = length == sizeof(interface->mac);
		if (interface->has_mac)
			memcpy(interface->mac, data, length);
		break;
	}
}

static int link_read(const struct nlmsghdr *header, struct net_interfaces *interfaces)
{
	const struct ifinfomsg *info = NLMSG_DATA(header);
	size_t left = IFLA_PAYLOAD(header);
	struct net_interface *interface =
		list_grow((void **)&interfaces->list, &interfaces->count, sizeof(*interface));

	if (!interface)
		return -ENOMEM;
	interface->ifindex = (uint32_t)info->ifi_index;
	interface->flags = info->ifi_flags;
	interface->type = info->ifi_type;
	for (const struct rtattr *at = IFLA_RTA(info); RTA_OK(at, left); at = RTA_NEXT(at, left))
		link_attribute_read(at, interface);
	return 0;
}

static struct net_interface *interface_find(const struct net_interfaces *interfaces, uint32_t index)
{
	for (size_t i = 0; i < interfaces->count; i++)
		if (interfaces->list[i].ifindex == index)
			return &interfaces->list[i];
	return NULL;
}

/* IFA_LOCAL is ours; on a point-to-point link IFA_ADDRESS is the other end's. */
static bool address_local(const struct nlmsghdr *header, uint32_t *ret_address)
{
	const struct ifaddrmsg *info = NLMSG_DATA(header);
	size_t left = IFA_PAYLOAD(header);
	bool found = false;

	for (const struct rtattr *at = IFA_RTA(info); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		uint32_t address;

		if (at->rta_type != IFA_LOCAL || RTA_PAYLOAD(at) != sizeof(address))
			continue;
		memcpy(&address, RTA_DATA(at), sizeof(address));
		*ret_address = ntohl(address);
		found = true;
	}
	return found;
}

static int address_read(const struct nlmsghdr *header, struct net_interfaces *interfaces)
{
	const struct ifaddrmsg *info = NLMSG_DATA(header);
	struct net_interface *interface = interface_find(interfaces, info->ifa_index);
	struct net_address *address;
	uint32_t ours;

	/* An interface that came after the list of links: its news are on their way. */
	if (!interface || info->ifa_family != AF_INET || !address_local(header, &ours))
		return 0;
	address = list_grow((void **)&interface->addresses, &interface->address_count,
			    sizeof(*address));
	if (!address)
		return -ENOMEM;
	address->address = ours;
	address->prefix = info->ifa_prefixlen;
	address->secondary = info->ifa_flags & IFA_F_SECONDARY;
	return 0;
}

static int message_read(const struct nlmsghdr *header, struct net_interfaces *interfaces)
{
	switch (header->nlmsg_type) {
	case NLMSG_ERROR:
		return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
	case RTM_NEWLINK:
		return link_read(header, interfaces);
	case RTM_NEWADDR:
		return address_read(header, interfaces);
	default:
		return 0;
	}
}

static int dump_ask(int fd, uint16_t type, unsigned char family)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg
			info; /* as long as ifaddrmsg or longer, and the family first in both */
	} request = {
		.header.nlmsg_len = sizeof(request),
		.header.nlmsg_type = type,
		.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.info.ifi_family = family,
	};

	return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

/* One dump of a kind into the list. -EAGAIN: a change ran into it. */
static int dump_read(int fd, struct net_interfaces *interfaces)
{
	_Alignas(struct nlmsghdr) char bytes[DUMP_BUFFER];
	bool interrupted = false;

	for (;;) {
		ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
		int left = (int)got, code;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		for (struct nlmsghdr *at = (void *)bytes; NLMSG_OK(at, left);
		     at = NLMSG_NEXT(at, left)) {
			interrupted |= (at->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
			if (at->nlmsg_type == NLMSG_DONE)
				return interrupted ? -EAGAIN : 0;
			code = message_read(at, interfaces);
			if (code < 0)
				return code;
		}
	}
}

static int index_compare(const void *a, const void *b)
{
	uint32_t left = ((const struct net_interface *)a)->ifindex;
	uint32_t right = ((const struct net_interface *)b)->ifindex;

	return (left > right) - (left < right);
}

static int list_once(struct net_interfaces *interfaces)
{
	int fd = -1, code = netlink_open(0, 0, &fd);

	if (code < 0)
		return code;
	code = dump_ask(fd, RTM_GETLINK, AF_UNSPEC);
	if (!code)
		code = dump_read(fd, interfaces);
	if (!code)
		code = dump_ask(fd, RTM_GETADDR, AF_INET);
	if (!code)
		code = dump_read(fd, interfaces);
	close(fd);
	return code;
}

int net_interfaces_list(struct net_interfaces *ret_interfaces)
{
	struct net_interfaces interfaces = {0};
	int code = -EAGAIN;

	for (int i = 0; i < DUMP_TRIES && code == -EAGAIN; i++) {
		net_interfaces_free(&interfaces);
		code = list_once(&interfaces);
	}
	if (code < 0) {
		net_interfaces_free(&interfaces);
		return code;
	}
	if (interfaces.count)
		qsort(interfaces.list, interfaces.count, sizeof(*interfaces.list), index_compare);
	*ret_interfaces = interfaces;
	return 0;
}

void net_interfaces_free(struct net_interfaces *interfaces)
{
	for (size_t i = 0; i < interfaces->count; i++)
		free(interfaces->list[i].addresses);
	free(interfaces->list);
	*interfaces = (struct net_interfaces){0};
}

const struct net_interface *net_interfaces_by_name(const struct net_interfaces *interfaces,
						   const char *name)
{
	for (size_t i = 0; i < interfaces->count; i++)
		if (!strcmp(interfaces->list[i].name, name))
			return &interfaces->list[i];
	return NULL;
}

const struct net_interface *net_interfaces_by_index(const struct net_interfaces *interfaces,
						    uint32_t ifindex)
{
	return interface_find(interfaces, ifindex);
}

int net_interfaces_watch(int *ret_fd)
{
	return netlink_open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR, SOCK_NONBLOCK, ret_fd);
}

bool net_interfaces_changed(int fd)
{
	bool changed = false;
	char byte;

	for (;;) {
		if (recv(fd, &byte, sizeof(byte), MSG_TRUNC) >= 0)
			changed = true;
		else if (errno == ENOBUFS)
			changed = true; /* so many that the kernel dropped some */
		else if (errno != EINTR)
			return changed;
	}
}
