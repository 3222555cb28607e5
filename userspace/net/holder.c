/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/holder.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TCP_LISTENING 0x0a /* as /proc/net/tcp has it */

/* The inode of the socket that serves on the port, from /proc/net/udp or tcp; 0: none. */
static unsigned long inode_of(const char *protocol, uint16_t port)
{
	bool tcp = !strcmp(protocol, "tcp");
	unsigned long found = 0;
	char line[256], path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/net/%s", protocol);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (!found && fgets(line, sizeof(line), file)) {
		unsigned long inode;
		unsigned local, at;

		if (sscanf(line, " %*u: %*x:%x %*x:%*x %x %*x:%*x %*x:%*x %*x %*u %*u %lu", &local,
			   &at, &inode) == 3 &&
		    local == port && (!tcp || at == TCP_LISTENING))
			found = inode;
	}
	fclose(file);
	return found;
}

/* Has the process of this /proc directory a descriptor that leads to `target`? */
static bool process_has(int proc, const char *pid, const char *target)
{
	char path[64], link[64];
	bool found = false;
	struct dirent *entry;
	DIR *list;
	int fd;

	snprintf(path, sizeof(path), "%.20s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	list = fd < 0 ? NULL : fdopendir(fd);
	if (!list) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!found && (entry = readdir(list))) {
		ssize_t length = readlinkat(fd, entry->d_name, link, sizeof(link) - 1);

		if (length <= 0)
			continue;
		link[length] = '\0';
		found = !strcmp(link, target);
	}
	closedir(list);
	return found;
}

static void process_name(int proc, const char *pid, char *text, size_t size)
{
	char path[64], name[32] = "";
	ssize_t length = -1;
	int fd;

	snprintf(path, sizeof(path), "%.20s/comm", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		length = read(fd, name, sizeof(name) - 1);
		close(fd);
	}
	name[length > 0 ? length : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	snprintf(text, size, "%s (pid %.20s)", *name ? name : "a process", pid);
}

bool net_holder_find(const char *protocol, uint16_t port, char *text, size_t size)
{
	unsigned long inode = inode_of(protocol, port);
	bool found = false;
	struct dirent *entry;
	char target[64];
	DIR *list;

	if (!inode)
		return false;
	list = opendir("/proc");
	if (!list)
		return false;
	snprintf(target, sizeof(target), "socket:[%lu]", inode);
	while (!found && (entry = readdir(list))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		found = process_has(dirfd(list), entry->d_name, target);
		if (found)
			process_name(dirfd(list), entry->d_name, text, size);
	}
	closedir(list);
	return found;
}
