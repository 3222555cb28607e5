/* SPDX-License-Identifier: GPL-2.0-only */
/* What went wrong and what to do about it; one line. */
#ifndef XDHCP_NET_ERROR_H
#define XDHCP_NET_ERROR_H

struct net_error {
	char text[512];
};

/* Says it and hands the code back. */
__attribute__((format(printf, 3, 4))) int net_error_say(struct net_error *ret_error, int code,
							const char *format, ...);

#endif
