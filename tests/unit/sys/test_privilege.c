/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/privilege.h"

static char directory[64];
static char path[128];

static int directory_make(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/xdhcp-test-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/pid", directory);
	return 0;
}

static int directory_remove(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

static long pid_written(void)
{
	FILE *file = fopen(path, "r");
	long pid = -1;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld", &pid), 1);
	fclose(file);
	return pid;
}

static void pidfile_one_holder(void **state)
{
	struct sys_pidfile ours, theirs = {.fd = -7};
	pid_t holder = -1;

	(void)state;
	assert_int_equal(sys_pidfile_open(path, &ours, &holder), 0);
	assert_int_equal(holder, -1);
	assert_int_equal(sys_pidfile_write(&ours), 0);
	assert_int_equal(pid_written(), getpid());
	assert_int_equal(sys_pidfile_open(path, &theirs, &holder), -EWOULDBLOCK);
	assert_int_equal(holder, getpid());
	assert_int_equal(theirs.fd, -7);
	sys_pidfile_remove(&ours);
	assert_int_equal(access(path, F_OK), -1);
}

static void pidfile_left_behind(void **state)
{
	struct sys_pidfile ours;
	pid_t holder = 0;
	FILE *file = fopen(path, "w");

	(void)state;
	fprintf(file, "4194303 and more that is longer than any pid\n");
	fclose(file);
	assert_int_equal(sys_pidfile_open(path, &ours, &holder), 0);
	assert_int_equal(sys_pidfile_write(&ours), 0);
	assert_int_equal(pid_written(), getpid());
	sys_pidfile_remove(&ours);
}

static void pidfile_symlink(void **state)
{
	struct sys_pidfile ours;
	pid_t holder;

	(void)state;
	assert_int_equal(symlink("/etc/hostname", path), 0);
	assert_int_equal(sys_pidfile_open(path, &ours, &holder), -ELOOP);
}

/* Its lock must not be lost with the parent. */
static void background_serves(void **state)
{
	int status;
	pid_t parent = fork();

	(void)state;
	if (!parent) {
		struct sys_pidfile ours;
		pid_t holder;
		int ready;

		if (sys_pidfile_open(path, &ours, &holder) || sys_background(&ready) ||
		    sys_pidfile_write(&ours) || sys_background_ready(ready))
			_exit(9);
		sleep(1);
		sys_pidfile_remove(&ours);
		_exit(0);
	}
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	{
		struct sys_pidfile ours;
		pid_t holder = 0;

		assert_int_equal(sys_pidfile_open(path, &ours, &holder), -EWOULDBLOCK);
		assert_int_not_equal(holder, parent);
		assert_int_equal(getsid(holder), holder);
		for (int i = 0; i < 300 && access(path, F_OK) == 0; i++)
			usleep(10000);
		assert_int_equal(access(path, F_OK), -1);
	}
}

static void background_fails(void **state)
{
	int status;
	pid_t parent = fork();

	(void)state;
	if (!parent) {
		int ready;

		_exit(sys_background(&ready) ? 9 : 0);
	}
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void files_limit(void **state)
{
	struct rlimit before;
	uint64_t limit = 0;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(sys_files_limit_raise(3, &limit), 0);
	assert_int_equal(limit, before.rlim_cur);
	assert_int_equal(sys_files_limit_raise(before.rlim_max, &limit), 0);
	assert_int_equal(limit, before.rlim_max);
}

static void oom_score(void **state)
{
	char text[16] = "";
	int fd;

	(void)state;
	assert_int_equal(sys_oom_score_set(500), 0);
	fd = open("/proc/self/oom_score_adj", O_RDONLY);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	assert_int_equal(atoi(text), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pidfile_one_holder, directory_make,
						directory_remove),
		cmocka_unit_test_setup_teardown(pidfile_left_behind, directory_make,
						directory_remove),
		cmocka_unit_test_setup_teardown(pidfile_symlink, directory_make, directory_remove),
		cmocka_unit_test_setup_teardown(background_serves, directory_make,
						directory_remove),
		cmocka_unit_test(background_fails),
		cmocka_unit_test(files_limit),
		cmocka_unit_test(oom_score),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
