/* SPDX-License-Identifier: GPL-2.0-only */
/* Which process has a UDP port, as far as /proc lets us see: for error messages. */
#ifndef XDHCP_NET_HOLDER_H
#define XDHCP_NET_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "dhcpd (pid 812)" into `text`; false where it cannot be seen. */
bool net_holder_find(uint16_t port, char *text, size_t size);

#endif
