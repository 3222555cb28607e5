/* SPDX-License-Identifier: GPL-2.0-only */
/* The socket's place in the file system: made, checked for a living owner, removed. */
#ifndef XDHCP_CTL_SOCKET_H
#define XDHCP_CTL_SOCKET_H

#include <sys/types.h>

struct ctl_error;

struct ctl_socket {
	int fd;
	char *path; /* NULL: none */
	dev_t device;
	ino_t inode; /* what we made, so that we remove nobody else's */
};

/* Bound, mode 0660, not yet listening. `group` NULL: our own. 0, or a negative errno and *ret_error. */
int ctl_socket_open(const char *path, const char *group, struct ctl_socket *ret_socket,
		    struct ctl_error *ret_error);

/* The same, bound and listening, left by the process before; -EINVAL: it is not that. Takes the descriptor; 0: none. */
int ctl_socket_inherit(const char *path, int fd, struct ctl_socket *ret_socket);

/* Removes the path where it is still ours. The descriptor is the caller's business. */
void ctl_socket_remove(struct ctl_socket *at);

#endif
