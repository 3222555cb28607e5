/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lines for a person. dhcpd's way: with -d to standard error, else to syslog;
 * -q says less. A struct sys_log is passed to who has something to say; NULL
 * drops every line. Any thread may log through the same sys_log.
 *
 * What a packet can cause is logged through a limiter, one for each call
 * site, kept by its caller: no sender can fill the disk. Control characters
 * in a line become '?', so that no sender can forge a second line either.
 */
#ifndef XDHCP_SYS_LOG_H
#define XDHCP_SYS_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

/* The numbers of syslog(3): less is more urgent. */
enum sys_log_level {
	SYS_LOG_ERROR = LOG_ERR,
	SYS_LOG_WARNING = LOG_WARNING,
	SYS_LOG_NOTICE = LOG_NOTICE,
	SYS_LOG_INFO = LOG_INFO,
	SYS_LOG_DEBUG = LOG_DEBUG,
};

#define SYS_LOG_LINE 1024 /* longest line, bytes; the rest is cut */

struct sys_log {
	enum sys_log_level most; /* what is less urgent is dropped */
	int fd; /* lines go here too; -1: nowhere but syslog */
	bool syslog;
};

/*
 * `name` is what syslog calls us, static; `facility` of syslog(3), LOG_DAEMON;
 * fd -1: none.
 */
void sys_log_open(struct sys_log *ret_log, const char *name, int facility, bool to_syslog, int fd,
		  enum sys_log_level most);
void sys_log_close(struct sys_log *log);

/* "local7" and so on (log-facility of dhcpd.conf); 0 and *ret_facility, or -EINVAL. */
int sys_log_facility(const char *word, int *ret_facility);

__attribute__((format(printf, 3, 4))) void
sys_log(const struct sys_log *log, enum sys_log_level level, const char *format, ...);

/* At most `most` lines a second, then one line that says how many were kept back. */
struct sys_log_limiter {
	unsigned most;
	unsigned lines; /* in this window */
	uint64_t suppressed; /* since the last line that got through */
	uint64_t window; /* when the window began, ns of the coarse clock */
};

#define SYS_LOG_LIMITER(most_lines) \
	{ \
		.most = (most_lines) \
	}

__attribute__((format(printf, 4, 5))) void sys_log_limited(const struct sys_log *log,
							   struct sys_log_limiter *limiter,
							   enum sys_log_level level,
							   const char *format, ...);

/* What is still kept back, said now: for a timer and for the end. */
void sys_log_limiter_flush(const struct sys_log *log, struct sys_log_limiter *limiter,
			   enum sys_log_level level);

/*
 * The limiter's decision alone: may a line pass at `now` (coarse ns)? When
 * true, *ret_suppressed says how many were kept back before it.
 */
bool sys_log_limiter_admit(struct sys_log_limiter *limiter, uint64_t now, uint64_t *ret_suppressed);

#endif
