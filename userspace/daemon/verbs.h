/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What lease/commit may do to the world: journal and slots. With --xdp off
 * there are no slots, and only the journal's verb does anything.
 */
#ifndef XDHCP_DAEMON_VERBS_H
#define XDHCP_DAEMON_VERBS_H

#include "lease/commit.h"

struct daemon;

struct lease_verbs verbs_of(struct daemon *daemon);

/* The slot of a lease says what its record says, without a stamp. */
void verbs_publish(void *context, const struct lease *lease, const struct lease_stamp *stamp);

/* A slot for an address that configuration fixes for a client; takes the stamp. */
void verbs_publish_static(struct daemon *daemon, uint32_t address, const struct dhcp_ident *ident,
			  uint32_t network, int64_t told, const struct lease_stamp *stamp);

#endif
