/* SPDX-License-Identifier: GPL-2.0-only */
#include "sys/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/clock.h"

#define LOG_WINDOW 1000000000ULL /* ns */

static const struct {
	const char *word;
	int facility;
} facilities[] = {
	{"kern", LOG_KERN},	{"user", LOG_USER},	    {"mail", LOG_MAIL},
	{"daemon", LOG_DAEMON}, {"auth", LOG_AUTH},	    {"syslog", LOG_SYSLOG},
	{"lpr", LOG_LPR},	{"news", LOG_NEWS},	    {"uucp", LOG_UUCP},
	{"cron", LOG_CRON},	{"authpriv", LOG_AUTHPRIV}, {"ftp", LOG_FTP},
	{"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},	    {"local2", LOG_LOCAL2},
	{"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4},	    {"local5", LOG_LOCAL5},
	{"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7},
};

int sys_log_facility(const char *word, int *ret_facility)
{
	for (size_t i = 0; i < sizeof(facilities) / sizeof(facilities[0]); i++) {
		if (strcmp(facilities[i].word, word))
			continue;
		*ret_facility = facilities[i].facility;
		return 0;
	}
	return -EINVAL;
}

void sys_log_open(struct sys_log *ret_log, const char *name, int facility, bool to_syslog, int fd,
		  enum sys_log_level most)
{
	if (to_syslog)
		openlog(name, LOG_PID | LOG_NDELAY, facility);
	*ret_log = (struct sys_log){.most = most, .fd = fd, .syslog = to_syslog};
}

void sys_log_close(struct sys_log *log)
{
	if (log->syslog)
		closelog();
	*log = (struct sys_log){.fd = -1};
}

/* Bytes above 0x7f stay: they are somebody's language. */
static void line_clean(struct base_text *line)
{
	for (size_t i = 0; i < line->length; i++) {
		unsigned char at = (unsigned char)line->bytes[i];

		if (at < 0x20 || at == 0x7f)
			line->bytes[i] = '?';
	}
}

/* One write a line, so that lines of several threads do not mix. A log that cannot be written is nobody's error. */
static void line_write(const struct sys_log *log, enum sys_log_level level, struct base_text *line)
{
	ssize_t ignored;

	line_clean(line);
	if (log->syslog)
		syslog(level, "%s", line->bytes);
	if (log->fd < 0)
		return;
	line->bytes[line->length] = '\n';
	ignored = write(log->fd, line->bytes, line->length + 1);
	(void)ignored;
}

static bool log_wants(const struct sys_log *log, enum sys_log_level level)
{
	return log && level <= log->most && (log->syslog || log->fd >= 0);
}

static void log_list(const struct sys_log *log, enum sys_log_level level, const char *format,
		     va_list list)
{
	char bytes[SYS_LOG_LINE];
	struct base_text line = base_text_of(bytes, sizeof(bytes));

	base_text_append_list(&line, format, list);
	line_write(log, level, &line);
}

void sys_log(const struct sys_log *log, enum sys_log_level level, const char *format, ...)
{
	va_list list;

	if (!log_wants(log, level))
		return;
	va_start(list, format);
	log_list(log, level, format, list);
	va_end(list);
}

bool sys_log_limiter_admit(struct sys_log_limiter *limiter, uint64_t now, uint64_t *ret_suppressed)
{
	if (!limiter->window || now - limiter->window >= LOG_WINDOW) {
		limiter->window = now ? now : 1;
		limiter->lines = 0;
	}
	if (limiter->lines >= limiter->most) {
		limiter->suppressed++;
		return false;
	}
	limiter->lines++;
	*ret_suppressed = limiter->suppressed;
	limiter->suppressed = 0;
	return true;
}

static void log_suppressed(const struct sys_log *log, enum sys_log_level level, uint64_t count)
{
	if (count)
		sys_log(log, level, "suppressed %" PRIu64 " lines like the next ones", count);
}

void sys_log_limited(const struct sys_log *log, struct sys_log_limiter *limiter,
		     enum sys_log_level level, const char *format, ...)
{
	uint64_t suppressed;
	va_list list;

	if (!log_wants(log, level))
		return;
	if (!sys_log_limiter_admit(limiter, sys_clock_coarse(), &suppressed))
		return;
	log_suppressed(log, level, suppressed);
	va_start(list, format);
	log_list(log, level, format, list);
	va_end(list);
}

void sys_log_limiter_flush(const struct sys_log *log, struct sys_log_limiter *limiter,
			   enum sys_log_level level)
{
	if (limiter->suppressed)
		sys_log(log, level, "suppressed %" PRIu64 " lines like the last ones",
			limiter->suppressed);
	limiter->suppressed = 0;
}
