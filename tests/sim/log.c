// SPDX-License-Identifier: GPL-2.0-only
/* What was said, by the servers and by the world: the last lines of it, for who has to find out why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/log.h"
#include "tests/sim/node.h"

#define LINES 4096
#define SHOWN 120
#define LINE 240

static struct {
	char lines[LINES][LINE];
	uint64_t count;
} said;

const char *sim_time(uint64_t at)
{
	static char texts[4][32];
	static unsigned turn;
	uint64_t ms = at / SIM_MILLISECOND;
	char *text = texts[turn++ % 4];

	snprintf(text, sizeof(texts[0]), "%02llu:%02llu:%02llu.%03llu",
		 (unsigned long long)(ms / 3600000), (unsigned long long)(ms / 60000 % 60),
		 (unsigned long long)(ms / 1000 % 60), (unsigned long long)(ms % 1000));
	return text;
}

void sim_log_list(int node, const char *format, va_list list)
{
	char *line = said.lines[said.count++ % LINES];
	int at = node < 0 ? snprintf(line, LINE, "%s      ", sim_time(sim.now))
			  : snprintf(line, LINE, "%s  %c   ", sim_time(sim.now), 'A' + node);

	vsnprintf(line + at, LINE - (size_t)at, format, list);
	if (sim.verbose)
		puts(line);
}

void sim_note(int node, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	sim_log_list(node, format, list);
	va_end(list);
}

void sim_log_dump(void)
{
	uint64_t first = said.count > SHOWN ? said.count - SHOWN : 0;

	if (sim.verbose)
		return;
	for (uint64_t i = first; i < said.count; i++)
		puts(said.lines[i % LINES]);
}

void sim_fail(const char *format, ...)
{
	va_list list;
	char text[512];

	if (sim.failed)
		return;
	sim.failed = true;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	sim_note(-1, "FAILED: %s", text);
	snprintf(sim.why, sizeof(sim.why), "%s", text);
}

/* sys/log.h */

void sys_log_open(struct sys_log *ret_log, const char *name, int facility, bool to_syslog, int fd,
		  enum sys_log_level most)
{
	(void)name, (void)facility, (void)to_syslog, (void)fd;
	*ret_log = (struct sys_log){.most = most, .fd = -1};
}

void sys_log_close(struct sys_log *log)
{
	(void)log;
}

void sys_log(const struct sys_log *log, enum sys_log_level level, const char *format, ...)
{
	va_list list;

	if (!log || level > log->most)
		return;
	va_start(list, format);
	sim_log_list(sim.here, format, list);
	va_end(list);
}
