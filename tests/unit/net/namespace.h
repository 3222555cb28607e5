/* SPDX-License-Identifier: GPL-2.0-only */
/* A network namespace for one test program, and links in it. */
#ifndef XDHCP_TESTS_NET_NAMESPACE_H
#define XDHCP_TESTS_NET_NAMESPACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static bool namespace_ready;
static char namespace_lacks[128];

/* `ip …`, which must succeed. */
static inline void ip_run(const char *arguments)
{
	char command[256];

	snprintf(command, sizeof(command), "ip %s", arguments);
	assert_int_equal(system(command), 0);
}

/*
 * Until the end of a pair that has been set up carries frames: the kernel says so to itself by an
 * event, and drops what is sent before.
 */
static inline void link_wait(const char *name)
{
	struct ifreq request = {0};
	char again[64];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	for (int i = 0; i < 5000 && !(request.ifr_flags & IFF_RUNNING); i++) {
		poll(NULL, 0, 1);
		assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &request), 0);
	}
	close(fd);
	assert_true(request.ifr_flags & IFF_RUNNING);
	snprintf(again, sizeof(again), "link set %s up", name);
	ip_run(again); /* waits for the kernel's lock, behind what has made it run */
}

/* Group set-up: a namespace of our own with lo up, where that is permitted. */
static inline int namespace_enter(void **state)
{
	(void)state;
	if (system("command -v ip >/dev/null")) {
		strcpy(namespace_lacks, "there is no ip (package iproute2)");
		return 0;
	}
	if (unshare(CLONE_NEWNET) < 0) {
		snprintf(namespace_lacks, sizeof(namespace_lacks), "no network namespace: %s",
			 strerror(errno));
		return 0;
	}
	ip_run("link set lo up");
	namespace_ready = true;
	return 0;
}

/* First in a test. */
static inline void namespace_need(void **state)
{
	(void)state;
	if (namespace_ready)
		return;
	print_message("# skip: %s\n", namespace_lacks);
	skip();
}

#endif
