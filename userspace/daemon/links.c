// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"

#define OWN_ADDRESSES XDHCP_ADDRESSES

/* Our address on an interface: the first in a declared subnet, else the first. */
static void link_address_choose(const struct conf *conf, const struct net_interface *interface,
				struct link *link)
{
	link->address = interface->address_count ? interface->addresses[0].address : 0;
	link->network = 0;
	for (size_t i = 0; i < interface->address_count; i++) {
		const struct conf_subnet *subnet =
			conf_subnet_of(conf, interface->addresses[i].address);

		if (subnet) {
			link->address = interface->addresses[i].address;
			link->network = subnet->network->number;
			return;
		}
	}
}

static void link_read(const struct daemon *daemon, const struct net_interface *interface,
		      struct link *link)
{
	link->ifindex = interface->ifindex;
	link->up = (interface->flags & IFF_UP) && (interface->flags & IFF_RUNNING);
	memcpy(link->mac, interface->mac, sizeof(link->mac));
	link_address_choose(daemon->conf, interface, link);
}

static int link_add(struct daemon *daemon, const struct net_interface *interface)
{
	struct link *links = realloc(daemon->links, (daemon->link_count + 1) * sizeof(*links));

	if (!links)
		return -ENOMEM;
	daemon->links = links;
	links += daemon->link_count++;
	memset(links, 0, sizeof(*links));
	memcpy(links->name, interface->name, sizeof(links->name));
	links->mode = FASTPATH_OFF;
	link_read(daemon, interface, links);
	return 0;
}

/* Those of the command line; each must be there now. */
static int links_named(struct daemon *daemon, const struct net_interfaces *interfaces)
{
	for (size_t i = 0; i < daemon->options.interface_count; i++) {
		const char *name = daemon->options.interfaces[i];
		const struct net_interface *interface = net_interfaces_by_name(interfaces, name);

		if (!interface) {
			sys_log(&daemon->log, SYS_LOG_ERROR,
				"%s: no such interface; `ip link` lists those that there are",
				name);
			return -ENODEV;
		}
		if (link_add(daemon, interface))
			return -ENOMEM;
	}
	return 0;
}

static bool link_known(const struct daemon *daemon, const char *name)
{
	for (size_t i = 0; i < daemon->link_count; i++) {
		if (!strcmp(daemon->links[i].name, name))
			return true;
	}
	return false;
}

/* Those that have an address in a declared subnet, as dhcpd chooses them; later, what has come. */
static int links_declared(struct daemon *daemon, const struct net_interfaces *interfaces)
{
	for (size_t i = 0; i < interfaces->count; i++) {
		const struct net_interface *interface = &interfaces->list[i];
		struct link link;

		if ((interface->flags & IFF_LOOPBACK) || !(interface->flags & IFF_BROADCAST) ||
		    link_known(daemon, interface->name))
			continue;
		link_address_choose(daemon->conf, interface, &link);
		if (link.network && link_add(daemon, interface))
			return -ENOMEM;
	}
	return 0;
}

/* A role's address may come later; without one there is nothing to wait for. */
static int links_none(struct daemon *daemon)
{
	bool waits = daemon->options.terms.role != CONF_ROLE_UNSAID;

	sys_log(&daemon->log, waits ? SYS_LOG_WARNING : SYS_LOG_ERROR,
		"no interface has an address in a declared subnet: %sname one, or declare its "
		"subnet in %s",
		waits ? "none is served before one comes; or " : "", daemon->options.configuration);
	return waits ? 0 : -ENODEV;
}

static void addresses_tell(struct daemon *daemon, const struct net_interfaces *interfaces)
{
	uint32_t addresses[OWN_ADDRESSES];
	size_t count = 0;

	for (size_t i = 0; i < interfaces->count; i++) {
		for (size_t j = 0; j < interfaces->list[i].address_count; j++) {
			if (count < OWN_ADDRESSES)
				addresses[count++] = interfaces->list[i].addresses[j].address;
		}
	}
	fastpath_addresses_set(daemon->fastpath, addresses, count);
}

static void link_attach(struct daemon *daemon, struct link *link)
{
	struct fastpath_error notice = {""}, error;
	enum fastpath_mode before = link->mode;

	if (!link->ifindex || daemon->options.xdp == FASTPATH_OFF ||
	    (link->mode != FASTPATH_OFF && fastpath_attached(daemon->fastpath, link->name)))
		return;
	if (fastpath_attach(daemon->fastpath, link->name, daemon->options.xdp, &link->mode, &notice,
			    &error)) {
		link->mode = before; /* one that was attached is missed */
		memcpy(daemon->fastpath_why, error.text, sizeof(daemon->fastpath_why));
		sys_log(&daemon->log, SYS_LOG_WARNING, "%s: not answered in the kernel: %s",
			link->name, error.text);
		return;
	}
	if (notice.text[0])
		sys_log(&daemon->log, SYS_LOG_WARNING, "%s: %s", link->name, notice.text);
}

/* What the program knows of where packets come from. */
static void links_tell(struct daemon *daemon, const struct net_interfaces *interfaces)
{
	if (!daemon->fastpath)
		return;
	addresses_tell(daemon, interfaces);
	for (size_t i = 0; i < daemon->link_count; i++) {
		struct link *link = &daemon->links[i];

		if (!link->ifindex)
			continue;
		fastpath_link_set(daemon->fastpath, link->ifindex, link->network, link->address,
				  link->mac);
		link_attach(daemon, link);
	}
}

/* Links of an earlier run on interfaces that are not served any more. */
static void links_drop_others(struct daemon *daemon)
{
	const char *names[OPTIONS_INTERFACES];
	size_t count = 0;

	for (size_t i = 0; i < daemon->link_count && count < OPTIONS_INTERFACES; i++)
		names[count++] = daemon->links[i].name;
	if (daemon->fastpath && count == daemon->link_count)
		fastpath_interfaces_keep(daemon->fastpath, names, count);
}

static void link_report(const struct daemon *daemon, const struct link *link)
{
	static const char *const modes[] = {"native XDP", "XDP in skb mode", "userspace only"};
	char address[16];

	base_ipv4_format(link->address, address);
	if (!daemon->options.quiet)
		sys_log(&daemon->log, SYS_LOG_INFO, "serving %s (%s), %s", link->name,
			link->address ? address : "no address", modes[link->mode]);
}

int links_open(struct daemon *daemon)
{
	struct net_interfaces interfaces;
	int code = net_interfaces_list(&interfaces);

	if (code) {
		sys_log(&daemon->log, SYS_LOG_ERROR, "cannot list interfaces: %s", strerror(-code));
		return code;
	}
	code = daemon->options.interface_count ? links_named(daemon, &interfaces)
					       : links_declared(daemon, &interfaces);
	if (!code && !daemon->link_count)
		code = links_none(daemon);
	if (!code) {
		links_drop_others(daemon);
		links_tell(daemon, &interfaces);
		for (size_t i = 0; i < daemon->link_count; i++)
			link_report(daemon, &daemon->links[i]);
	}
	net_interfaces_free(&interfaces);
	return code;
}

static void link_refresh(struct daemon *daemon, const struct net_interfaces *interfaces,
			 struct link *link)
{
	const struct net_interface *interface = net_interfaces_by_name(interfaces, link->name);
	uint32_t before = link->ifindex;

	if (before && daemon->fastpath && (!interface || interface->ifindex != before))
		fastpath_link_remove(daemon->fastpath, before);
	if (interface) {
		link_read(daemon, interface, link);
	} else {
		link->ifindex = 0;
		link->up = false;
	}
}

void links_refresh(struct daemon *daemon)
{
	struct net_interfaces interfaces;
	size_t known = daemon->link_count;

	if (net_interfaces_list(&interfaces))
		return;
	for (size_t i = 0; i < known; i++)
		link_refresh(daemon, &interfaces, &daemon->links[i]);
	if (!daemon->options.interface_count && links_declared(daemon, &interfaces))
		sys_log(&daemon->log, SYS_LOG_ERROR, "no memory for another interface");
	links_tell(daemon, &interfaces);
	for (size_t i = known; i < daemon->link_count; i++)
		link_report(daemon, &daemon->links[i]);
	net_interfaces_free(&interfaces);
}

void links_close(struct daemon *daemon)
{
	if (daemon->fastpath) {
		for (size_t i = 0; i < daemon->link_count; i++)
			fastpath_detach(daemon->fastpath, daemon->links[i].name);
	}
	free(daemon->links);
	daemon->links = NULL;
	daemon->link_count = 0;
}

bool links_serve(const struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->link_count; i++) {
		const struct link *link = &daemon->links[i];

		if (link->ifindex && (daemon->options.interface_count || link->network))
			return true;
	}
	return false;
}

const struct link *links_find(const struct daemon *daemon, uint32_t ifindex)
{
	for (size_t i = 0; i < daemon->link_count; i++) {
		if (daemon->links[i].ifindex == ifindex)
			return &daemon->links[i];
	}
	return NULL;
}
