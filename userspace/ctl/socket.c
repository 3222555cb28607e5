/* SPDX-License-Identifier: GPL-2.0-only */
#include "ctl/socket.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/server.h"

#define SOCKET_MODE 0660

/* Says it and hands the code back. */
__attribute__((format(printf, 3, 4))) static int refuse(struct ctl_error *ret_error, int code,
							const char *format, ...)
{
	struct base_text text = base_text_of(ret_error->text, sizeof(ret_error->text));
	va_list list;

	va_start(list, format);
	base_text_append_list(&text, format, list);
	va_end(list);
	return code;
}

__attribute__((nonnull)) static int address_of(const char *path, struct sockaddr_un *ret_at,
					       struct ctl_error *ret_error)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(at.sun_path))
		return refuse(ret_error, -ENAMETOOLONG,
			      "control socket %s: a socket's path has at most %zu bytes", path,
			      sizeof(at.sun_path) - 1);
	strcpy(at.sun_path, path);
	*ret_at = at;
	return 0;
}

static int group_of(const char *name, gid_t *ret_group, struct ctl_error *ret_error)
{
	struct group *group = getgrnam(name);
	unsigned long number;
	char *end;

	if (group) {
		*ret_group = group->gr_gid;
		return 0;
	}
	errno = 0;
	number = strtoul(name, &end, 10);
	if (!*name || *name == '-' || *end || errno || number >= UINT_MAX)
		return refuse(ret_error, -EINVAL, "control socket: there is no group \"%s\"", name);
	*ret_group = (gid_t)number;
	return 0;
}

/* A full queue is an answer too; only a refusal means that nobody is there. */
static bool answered(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool alive;

	if (fd < 0)
		return true;
	alive = connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0 ||
		(errno != ECONNREFUSED && errno != ENOENT);
	close(fd);
	return alive;
}

static int stale_remove(const struct sockaddr_un *at, struct ctl_error *ret_error)
{
	struct stat there;

	if (lstat(at->sun_path, &there) < 0)
		return 0;
	if (!S_ISSOCK(there.st_mode))
		return refuse(ret_error, -EEXIST,
			      "control socket %s: something that is not a socket is there; move it "
			      "away or choose another path with --control",
			      at->sun_path);
	if (answered(at))
		return refuse(ret_error, -EADDRINUSE,
			      "control socket %s: a running process answers on it; stop it first, "
			      "or choose another path with --control",
			      at->sun_path);
	if (unlink(at->sun_path) < 0)
		return refuse(ret_error, -errno, "control socket %s: cannot be replaced: %s",
			      at->sun_path, strerror(errno));
	return 0;
}

static void directory_make(const char *path)
{
	char *parent = strdup(path);
	char *slash = parent ? strrchr(parent, '/') : NULL;

	/* Where this fails, bind() says why. */
	if (slash && slash != parent) {
		*slash = '\0';
		mkdir(parent, 0755);
	}
	free(parent);
}

/* Nobody but us can connect until owner and mode are right: the socket is born with mode 0600. */
static int path_bind(struct ctl_socket *made, const struct sockaddr_un *at, const char *group,
		     struct ctl_error *ret_error)
{
	gid_t gid = (gid_t)-1;
	struct stat there;
	int code = group ? group_of(group, &gid, ret_error) : 0;

	if (code < 0)
		return code;
	if (fchmod(made->fd, 0600) < 0 ||
	    bind(made->fd, (const struct sockaddr *)at, sizeof(*at)) < 0)
		return refuse(ret_error, -errno, "control socket %s: cannot be made: %s",
			      at->sun_path, strerror(errno));
	if (stat(at->sun_path, &there) < 0 || (group && chown(at->sun_path, -1, gid) < 0) ||
	    chmod(at->sun_path, SOCKET_MODE) < 0) {
		code = refuse(ret_error, -errno, "control socket %s: cannot set its group: %s",
			      at->sun_path, strerror(errno));
		unlink(at->sun_path);
		return code;
	}
	made->device = there.st_dev;
	made->inode = there.st_ino;
	return 0;
}

int ctl_socket_open(const char *path, const char *group, struct ctl_socket *ret_socket,
		    struct ctl_error *ret_error)
{
	struct ctl_socket made = {.fd = -1};
	struct sockaddr_un at;
	int code = address_of(path, &at, ret_error);

	if (code < 0)
		return code;
	directory_make(path);
	code = stale_remove(&at, ret_error);
	if (code < 0)
		return code;
	made.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	made.path = strdup(path);
	if (made.fd < 0 || !made.path)
		code = refuse(ret_error, made.fd < 0 ? -errno : -ENOMEM,
			      "control socket %s: no socket or no memory", at.sun_path);
	else
		code = path_bind(&made, &at, group, ret_error);
	if (code < 0)
		goto out;
	*ret_socket = made;
	return 0;
out:
	if (made.fd >= 0)
		close(made.fd);
	free(made.path);
	return code;
}

static bool listens_on(int fd, const char *path)
{
	struct sockaddr_un at = {0};
	socklen_t length = sizeof(at), size = sizeof(int);
	int listens = 0;

	/* The kernel's length counts the NUL, and one of 108 bytes has none. */
	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) && listens &&
	       !getsockname(fd, (struct sockaddr *)&at, &length) && at.sun_family == AF_UNIX &&
	       !strncmp(at.sun_path, path, sizeof(at.sun_path));
}

int ctl_socket_inherit(const char *path, int fd, struct ctl_socket *ret_socket)
{
	struct ctl_socket made = {.fd = fd};
	struct stat there;

	if (fd <= 0)
		return -EINVAL;
	if (listens_on(fd, path) && !lstat(path, &there) && S_ISSOCK(there.st_mode))
		made.path = strdup(path);
	if (!made.path) {
		close(fd);
		return -EINVAL;
	}
	made.device = there.st_dev;
	made.inode = there.st_ino;
	*ret_socket = made;
	return 0;
}

void ctl_socket_remove(struct ctl_socket *at)
{
	struct stat there;

	if (!at->path)
		return;
	if (stat(at->path, &there) == 0 && there.st_dev == at->device && there.st_ino == at->inode)
		unlink(at->path);
	free(at->path);
	at->path = NULL;
}
