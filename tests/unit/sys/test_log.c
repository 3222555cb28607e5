/* SPDX-License-Identifier: GPL-2.0-only */
/* What a log writes, what it keeps back, and what it says of what it kept back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sys/log.h"

#define SECOND 1000000000ULL

struct capture {
	struct sys_log log;
	int from;
	char text[65536];
};

static struct capture capture_open(enum sys_log_level most)
{
	struct capture capture = {0};
	int ends[2];

	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	sys_log_open(&capture.log, "test", LOG_DAEMON, false, ends[1], most);
	capture.from = ends[0];
	return capture;
}

/* All that was logged so far. */
static const char *capture_read(struct capture *capture)
{
	ssize_t got = read(capture->from, capture->text, sizeof(capture->text) - 1);

	capture->text[got > 0 ? got : 0] = '\0';
	return capture->text;
}

static void capture_close(struct capture *capture)
{
	close(capture->log.fd);
	close(capture->from);
}

static size_t lines_count(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void level_bounds(void **state)
{
	struct capture capture = capture_open(SYS_LOG_NOTICE);

	(void)state;
	sys_log(&capture.log, SYS_LOG_INFO, "not this");
	sys_log(&capture.log, SYS_LOG_NOTICE, "this %d", 1);
	sys_log(&capture.log, SYS_LOG_ERROR, "and this");
	assert_string_equal(capture_read(&capture), "this 1\nand this\n");
	sys_log(NULL, SYS_LOG_ERROR, "nowhere");
	capture_close(&capture);
}

static void line_forgery(void **state)
{
	struct capture capture = capture_open(SYS_LOG_INFO);

	(void)state;
	sys_log(&capture.log, SYS_LOG_INFO, "host %s", "a\nroot: \x1b[2Jb\x7f\tü");
	assert_string_equal(capture_read(&capture), "host a?root: ?[2Jb??ü\n");
	capture_close(&capture);
}

static void line_length(void **state)
{
	struct capture capture = capture_open(SYS_LOG_INFO);
	char longer[4 * SYS_LOG_LINE];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	sys_log(&capture.log, SYS_LOG_INFO, "%s", longer);
	assert_int_equal(strlen(capture_read(&capture)), SYS_LOG_LINE);
	assert_int_equal(capture.text[SYS_LOG_LINE - 1], '\n');
	capture_close(&capture);
}

static void limiter_bounds(void **state)
{
	struct sys_log_limiter limiter = SYS_LOG_LIMITER(3);
	uint64_t suppressed = 99;
	size_t passed = 0;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		passed += sys_log_limiter_admit(&limiter, 5 * SECOND + i, &suppressed);
	assert_int_equal(passed, 3);
	assert_int_equal(suppressed, 0);
	assert_false(sys_log_limiter_admit(&limiter, 6 * SECOND - 1, &suppressed));
	assert_true(sys_log_limiter_admit(&limiter, 6 * SECOND, &suppressed));
	assert_int_equal(suppressed, 998);
	assert_true(sys_log_limiter_admit(&limiter, 6 * SECOND, &suppressed));
	assert_int_equal(suppressed, 0);
}

/* A million packets make a handful of lines. */
static void limiter_flood(void **state)
{
	struct capture capture = capture_open(SYS_LOG_INFO);
	struct sys_log_limiter limiter = SYS_LOG_LIMITER(4);
	size_t lines;

	(void)state;
	for (int i = 0; i < 1000000; i++)
		sys_log_limited(&capture.log, &limiter, SYS_LOG_INFO, "packet %d", i);
	lines = lines_count(capture_read(&capture));
	assert_in_range(lines, 4, 60);
	assert_non_null(strstr(capture.text, "packet 3\n"));
	assert_true(limiter.suppressed > 0);
	sys_log_limiter_flush(&capture.log, &limiter, SYS_LOG_INFO);
	assert_non_null(strstr(capture_read(&capture), "suppressed "));
	sys_log_limiter_flush(&capture.log, &limiter, SYS_LOG_INFO);
	assert_string_equal(capture_read(&capture), "");
	capture_close(&capture);
}

static void limiter_level(void **state)
{
	struct capture capture = capture_open(SYS_LOG_WARNING);
	struct sys_log_limiter limiter = SYS_LOG_LIMITER(1);

	(void)state;
	/* A line that nobody wants takes no place of one that somebody does. */
	sys_log_limited(&capture.log, &limiter, SYS_LOG_DEBUG, "unwanted");
	sys_log_limited(&capture.log, &limiter, SYS_LOG_WARNING, "wanted");
	assert_string_equal(capture_read(&capture), "wanted\n");
	capture_close(&capture);
}

static void facility_words(void **state)
{
	int facility = -1;

	(void)state;
	assert_int_equal(sys_log_facility("local7", &facility), 0);
	assert_int_equal(facility, LOG_LOCAL7);
	assert_int_equal(sys_log_facility("daemon", &facility), 0);
	assert_int_equal(facility, LOG_DAEMON);
	assert_int_equal(sys_log_facility("local8", &facility), -EINVAL);
	assert_int_equal(facility, LOG_DAEMON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(level_bounds),	  cmocka_unit_test(line_forgery),
		cmocka_unit_test(line_length),	  cmocka_unit_test(limiter_bounds),
		cmocka_unit_test(limiter_flood),  cmocka_unit_test(limiter_level),
		cmocka_unit_test(facility_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
