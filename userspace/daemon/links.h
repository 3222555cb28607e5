/* SPDX-License-Identifier: GPL-2.0-only */
/* Which interfaces are served, under which address, and what the program is told of them. */
#ifndef XDHCP_DAEMON_LINKS_H
#define XDHCP_DAEMON_LINKS_H

#include "daemon/daemon.h"

struct link {
	char name[IF_NAMESIZE];
	uint32_t ifindex; /* 0: not there at the moment */
	uint32_t address; /* of ours in a declared subnet, else the first; 0: none */
	uint32_t network; /* of that subnet; 0: none declared */
	uint8_t mac[6];
	bool up;
	enum fastpath_mode mode;
};

/* Chooses the interfaces and attaches; -ENODEV where there is none to serve, which is logged. */
int links_open(struct daemon *daemon);
/* Reads the kernel's interfaces anew, after a change there or in the configuration. */
void links_refresh(struct daemon *daemon);
void links_close(struct daemon *daemon);

/* Does any bring clients here: one that was named, or has an address in a declared subnet, and is there? */
bool links_serve(const struct daemon *daemon);
/* The served interface; NULL: not served. */
const struct link *links_find(const struct daemon *daemon, uint32_t ifindex);

#endif
