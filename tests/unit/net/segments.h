/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XDHCP_TESTS_NET_SEGMENTS_H
#define XDHCP_TESTS_NET_SEGMENTS_H

/* Segments with data that a TCP socket has sent. */
unsigned segments_out(int fd);

#endif
