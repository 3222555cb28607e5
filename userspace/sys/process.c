/* SPDX-License-Identifier: GPL-2.0-only */
#include "sys/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define INHERITED "XDHCP_INHERITED" /* "PID FD": whose it is, so that nobody takes another's */

static int path_here(const char *name, char *path, size_t size)
{
	char here[PATH_MAX];

	if (!getcwd(here, sizeof(here)))
		return -errno;
	return snprintf(path, size, "%s/%s", here, name) < (int)size ? 0 : -ENAMETOOLONG;
}

/* As the shell has found it. */
static int path_searched(const char *name, char *path, size_t size)
{
	const char *at = getenv("PATH");

	while (at && *at) {
		size_t length = strcspn(at, ":");

		if (*at == '/' &&
		    snprintf(path, size, "%.*s/%s", (int)length, at, name) < (int)size &&
		    !access(path, X_OK))
			return 0;
		at += length + (at[length] == ':');
	}
	return -ENOENT;
}

int sys_process_path(const char *name, char *path, size_t size)
{
	if (*name == '/')
		return snprintf(path, size, "%s", name) < (int)size ? 0 : -ENAMETOOLONG;
	return strchr(name, '/') ? path_here(name, path, size) : path_searched(name, path, size);
}

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Until its end of the pipe is closed; what does not fit is read, too, so that it can go on. */
static int output_read(int fd, int64_t until, char *output, size_t size)
{
	char rest[512];
	size_t length = 0;

	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		int64_t left = until - milliseconds();
		bool room = length + 1 < size;
		ssize_t got;

		if (left <= 0 || (poll(&ready, 1, (int)left) < 0 && errno != EINTR))
			return -ETIME;
		if (!ready.revents)
			continue;
		got = read(fd, room ? output + length : rest,
			   room ? size - length - 1 : sizeof(rest));
		if (got <= 0)
			break;
		length += room ? (size_t)got : 0;
	}
	output[length] = '\0';
	return 0;
}

static int spawn(const char *path, char *const arguments[], int output, pid_t *ret_child)
{
	posix_spawn_file_actions_t actions;
	int code = posix_spawn_file_actions_init(&actions);

	if (code)
		return -code;
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	code = posix_spawn(ret_child, path, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -code;
}

int sys_process_run(const char *path, char *const arguments[], unsigned seconds, char *output,
		    size_t size)
{
	int64_t until = milliseconds() + seconds * 1000LL;
	int ends[2], status = 0, code;
	pid_t child;

	output[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	code = spawn(path, arguments, ends[1], &child);
	close(ends[1]);
	if (!code) {
		code = output_read(ends[0], until, output, size);
		if (code)
			kill(child, SIGKILL);
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
	if (code)
		return code;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

int sys_process_replace(const char *path, char *const arguments[], int fd)
{
	char text[48];

	snprintf(text, sizeof(text), "%ld %d", (long)getpid(), fd);
	if (setenv(INHERITED, text, true) || (fd >= 0 && fcntl(fd, F_SETFD, 0) < 0))
		return -errno;
	execv(path, arguments);
	return -errno;
}

bool sys_process_inherited(int *ret_fd)
{
	const char *text = getenv(INHERITED);
	long pid = 0;
	int fd = -1;
	bool ours = text && sscanf(text, "%ld %d", &pid, &fd) == 2 && pid == (long)getpid();

	unsetenv(INHERITED);
	if (ours && fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		fd = -1;
	if (ours)
		*ret_fd = fd;
	return ours;
}

void sys_process_signals_hold(bool hold)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}
