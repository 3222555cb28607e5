/* SPDX-License-Identifier: GPL-2.0-only */
/* Another program run to its end; one that takes over this process, with a descriptor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/process.h"

#define SHELL "/bin/sh"

static int shell(const char *script, unsigned seconds, char *output, size_t size)
{
	char *arguments[] = {"sh", "-c", (char *)script, NULL};

	return sys_process_run(SHELL, arguments, seconds, output, size);
}

static void test_run(void **state)
{
	char output[16];

	(void)state;
	assert_int_equal(shell("echo one; echo two >&2; exit 7", 10, output, sizeof(output)), 7);
	assert_string_equal(output, "one\ntwo\n");
	assert_int_equal(shell("wc -c", 10, output, sizeof(output)), 0);
	assert_string_equal(output, "0\n"); /* of standard input */
	/* More than fits does not stop it. */
	assert_int_equal(
		shell("head -c 200000 /dev/zero | tr '\\0' x; exit 3", 10, output, sizeof(output)),
		3);
	assert_string_equal(output, "xxxxxxxxxxxxxxx");
}

static void test_run_fails(void **state)
{
	char output[16], *arguments[] = {"none", NULL};

	(void)state;
	assert_int_equal(sys_process_run("/nowhere/none", arguments, 10, output, sizeof(output)),
			 -ENOENT);
	assert_int_equal(shell("kill -9 $$", 10, output, sizeof(output)), -EINTR);
	assert_int_equal(shell("exec sleep 60", 1, output, sizeof(output)), -ETIME);
}

static void test_path(void **state)
{
	char path[PATH_MAX], here[PATH_MAX], expected[PATH_MAX + 8], small[4];

	(void)state;
	assert_int_equal(sys_process_path("/a/b", path, sizeof(path)), 0);
	assert_string_equal(path, "/a/b");
	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(expected, sizeof(expected), "%s/a/b", here);
	assert_int_equal(sys_process_path("a/b", path, sizeof(path)), 0);
	assert_string_equal(path, expected);
	assert_int_equal(setenv("PATH", "/nowhere:relative:/bin", true), 0);
	assert_int_equal(sys_process_path("sh", path, sizeof(path)), 0);
	assert_string_equal(path, "/bin/sh");
	assert_int_equal(sys_process_path("nothing-of-that-name", path, sizeof(path)), -ENOENT);
	assert_int_equal(sys_process_path("/a/b", small, sizeof(small)), -ENAMETOOLONG);
}

/* In the program that took over: exit status 0 where all is as it was left. */
static int taken_over(const char *pid)
{
	char line[8] = "";
	int fd = -2;

	if (!sys_process_inherited(&fd) || getpid() != atoi(pid))
		return 2;
	if (fcntl(fd, F_GETFD) != FD_CLOEXEC || read(fd, line, sizeof(line)) != 5)
		return 3;
	/* Told once. */
	if (sys_process_inherited(&fd) || getenv("XDHCP_INHERITED"))
		return 4;
	/* A signal that came in between was not lost, and waits until it is wanted. */
	sys_process_signals_hold(false);
	return 5;
}

static void test_replace(void **state)
{
	const char *self = *state;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "hello", 5), 5);
	child = fork();
	if (!child) {
		char pid[16];
		char *arguments[] = {"took-over", "--taken-over", pid, NULL};

		snprintf(pid, sizeof(pid), "%d", getpid());
		sys_process_signals_hold(true);
		raise(SIGTERM);
		sys_process_replace(self, arguments, ends[0]);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGTERM)
		fail_msg("ended with %x", status);
	close(ends[0]);
	close(ends[1]);
}

/* What another process was told is nothing of ours. */
static void test_not_inherited(void **state)
{
	int fd = 17;

	(void)state;
	assert_false(sys_process_inherited(&fd));
	assert_int_equal(setenv("XDHCP_INHERITED", "1 0", true), 0);
	assert_false(sys_process_inherited(&fd));
	assert_int_equal(fd, 17);
	assert_null(getenv("XDHCP_INHERITED"));
}

int main(int argc, char **argv)
{
	static char self[PATH_MAX];
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_run_fails),
		cmocka_unit_test_prestate(test_replace, self),
		cmocka_unit_test(test_not_inherited),
		cmocka_unit_test(test_path),
	};

	if (argc == 3 && !strcmp(argv[1], "--taken-over"))
		return taken_over(argv[2]);
	if (sys_process_path(argv[0], self, sizeof(self)))
		return 1;
	return cmocka_run_group_tests_name("sys/process", tests, NULL, NULL);
}
