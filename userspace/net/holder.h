/* SPDX-License-Identifier: GPL-2.0-only */
/* Which process serves on a port, as far as /proc lets us see: for error messages. */
#ifndef XDHCP_NET_HOLDER_H
#define XDHCP_NET_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "dhcpd (pid 812)" into `text`; false where it cannot be seen. Protocol: "udp", "tcp". */
bool net_holder_find(const char *protocol, uint16_t port, char *text, size_t size);

#endif
