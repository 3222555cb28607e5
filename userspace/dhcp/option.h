/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The option table as userspace sees it, and the writer of an options part.
 */
#ifndef XDHCP_DHCP_OPTION_H
#define XDHCP_DHCP_OPTION_H

#include "dhcp/message.h"

/*
 * Formats are letters, one a field: I IPv4 address, L uint32, l int32, S
 * uint16, s int16, B uint8, b int8, f flag, t text without NUL, X bytes (hex
 * or text), d domain name text, D compressed domain list (RFC 1035 section
 * 4.1.4, RFC 3397), e empty. Behind the last, 'A' stands for "one or more of
 * all the fields before it" and 'a' for "one or more of the field before it".
 */
struct dhcp_option_info {
	uint8_t code;
	uint8_t role; /* enum xdhcp_role */
	const char *name; /* dhcpd's name */
	const char *format;
};

/* By code or by dhcpd's name in any case; NULL where the table has none. */
const struct dhcp_option_info *dhcp_option_by_code(uint8_t code);
const struct dhcp_option_info *dhcp_option_by_name(const char *name, size_t length);

/* Fills 256 roles from the table. */
void dhcp_option_roles(uint8_t roles[256]);

/* An options part under construction; sticky: once full, nothing more is written and `full` stays. */
struct dhcp_option_writer {
	uint8_t *bytes;
	size_t size;
	size_t length;
	bool full;
};

/* Appends one option, in pieces of 255 where it is longer (RFC 3396). All of it or nothing. */
void dhcp_option_write(struct dhcp_option_writer *writer, uint8_t code, const void *data,
		       size_t length);

#endif
