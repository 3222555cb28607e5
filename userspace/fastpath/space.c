// SPDX-License-Identifier: GPL-2.0-only
/*
 * A peer's network namespace is known here by a number only. Whichever of
 * those that have a name or a process answers to that number is the one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fastpath/device.h"

/* The number that a namespace has in `from`; -1: none. */
static int32_t space_number(const struct device_space *from, int descriptor)
{
	struct {
		struct nlmsghdr header;
		struct rtgenmsg message;
		char pad[3];
		struct rtattr attribute;
		int32_t descriptor;
	} request = {
		.header = {.nlmsg_len = sizeof(request),
			   .nlmsg_type = RTM_GETNSID,
			   .nlmsg_flags = NLM_F_REQUEST},
		.attribute = {.rta_len = RTA_LENGTH(sizeof(int32_t)), .rta_type = NETNSA_FD},
		.descriptor = descriptor,
	};
	struct {
		struct nlmsghdr header;
		struct rtgenmsg message;
		char pad[3];
		struct rtattr attribute;
		int32_t number;
		char rest[256];
	} answer;

	if (send(from->route, &request, sizeof(request), 0) < 0)
		return -1;
	if (recv(from->route, &answer, sizeof(answer), 0) <
		    (ssize_t)offsetof(typeof(answer), rest) ||
	    answer.header.nlmsg_type != RTM_NEWNSID || answer.attribute.rta_type != NETNSA_NSID)
		return -1;
	return answer.number;
}

/* Sockets are of the namespace that their thread is in when they are made. */
static int space_enter(int descriptor, struct device_space *ret_space)
{
	struct device_space space;
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), code;

	if (home < 0)
		return -errno;
	code = setns(descriptor, CLONE_NEWNET) ? -errno : 0;
	if (!code) {
		code = device_space_open(&space);
		if (setns(home, CLONE_NEWNET))
			abort(); /* in a stranger's network: nothing after this could be right */
	}
	close(home);
	if (!code)
		*ret_space = space;
	return code;
}

/* Tries DIRECTORY/NAME SUFFIX for every name. */
static int space_search(const struct device_space *from, int32_t number, const char *directory,
			const char *suffix, struct device_space *ret_space)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;
	char path[512];
	int code = -ENOENT;

	while (entries && code && (entry = readdir(entries))) {
		int descriptor;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s%s", directory, entry->d_name, suffix);
		descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (descriptor < 0)
			continue;
		if (space_number(from, descriptor) == number)
			code = space_enter(descriptor, ret_space);
		close(descriptor);
	}
	if (entries)
		closedir(entries);
	return code;
}

int device_space_find(const struct device_space *from, int32_t number,
		      struct device_space *ret_space)
{
	if (number < 0)
		return device_space_open(ret_space);
	if (!space_search(from, number, "/run/netns", "", ret_space))
		return 0;
	return space_search(from, number, "/proc", "/ns/net", ret_space);
}
