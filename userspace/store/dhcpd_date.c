/* SPDX-License-Identifier: GPL-2.0-only */
/* "W YYYY/MM/DD HH:MM:SS [OFFSET];", "epoch SECONDS;", "never;" */
#include <errno.h>
#include <string.h>

#include "store/dhcpd_private.h"

#define DAY 86400
#define YEAR_FIRST 1970
#define YEAR_NEVER 2038 /* dhcpd takes what lies there for "never" */

static const unsigned days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

static bool is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 || year % 400 == 0);
}

static unsigned month_days(unsigned year, unsigned month)
{
	return days_before[month] - days_before[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970 to a day that exists, of a year up to 2099. */
static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
	int64_t days = 365LL * (year - YEAR_FIRST) + (year - YEAR_FIRST + 1) / 4;

	return days + days_before[month - 1] + (month > 2 && is_leap(year)) + day - 1;
}

/* Three numbers with `sign` between them. */
static bool read_three(const char *text, size_t length, char sign, uint32_t numbers[3])
{
	const char *end = text + length;

	for (int i = 0; i < 3; i++) {
		const char *stop = i < 2 ? memchr(text, sign, (size_t)(end - text)) : end;

		if (!stop || !dhcpd_number(text, (size_t)(stop - text), 9999, &numbers[i]))
			return false;
		text = stop + 1;
	}
	return true;
}

static int take_day(struct dhcpd_lexer *lexer, bool *ret_never, int64_t *ret_days)
{
	uint32_t day[3];

	if (lexer->kind != DHCPD_WORD || !read_three(lexer->text, lexer->length, '/', day))
		return dhcpd_fail_expected(lexer, "a day as 2026/11/28");
	*ret_never = day[0] >= YEAR_NEVER;
	if (day[0] < YEAR_FIRST || day[1] < 1 || day[1] > 12 || day[2] < 1 ||
	    day[2] > month_days(day[0], day[1]))
		return dhcpd_fail(lexer, "%.*s: no day since 1970", (int)lexer->length,
				  lexer->text);
	*ret_days = *ret_never ? 0 : days_of(day[0], day[1], day[2]);
	return dhcpd_next(lexer);
}

static int take_clock(struct dhcpd_lexer *lexer, int64_t *ret_seconds)
{
	uint32_t clock[3];

	if (lexer->kind != DHCPD_WORD || !read_three(lexer->text, lexer->length, ':', clock))
		return dhcpd_fail_expected(lexer, "a time as 10:39:45");
	if (clock[0] > 23 || clock[1] > 59 || clock[2] > 60)
		return dhcpd_fail(lexer, "%.*s: no time of a day", (int)lexer->length, lexer->text);
	*ret_seconds = (clock[0] * 60LL + clock[1]) * 60 + clock[2];
	return dhcpd_next(lexer);
}

/* Seconds from UTC, where there is one. */
static int take_offset(struct dhcpd_lexer *lexer, int64_t *time)
{
	bool negative = lexer->kind == DHCPD_WORD && *lexer->text == '-';
	uint32_t offset;

	if (lexer->kind != DHCPD_WORD)
		return 0;
	if (!dhcpd_number(lexer->text + negative, lexer->length - negative, DAY, &offset))
		return dhcpd_fail_expected(lexer, "an offset from UTC in seconds, or `;`,");
	*time += negative ? -(int64_t)offset : (int64_t)offset;
	return dhcpd_next(lexer);
}

static int take_date(struct dhcpd_lexer *lexer, int64_t *time)
{
	int64_t days = 0, seconds = 0;
	uint32_t weekday;
	bool never = false;
	int code = dhcpd_take_number(lexer, 9, &weekday);

	if (!code)
		code = take_day(lexer, &never, &days);
	if (!code)
		code = take_clock(lexer, &seconds);
	if (code)
		return code;
	*time = days * DAY + seconds;
	code = take_offset(lexer, time);
	if (!code && *time < 0)
		return dhcpd_fail(lexer, "a date before 1970");
	if (never)
		*time = DHCPD_NEVER;
	return code;
}

static int take_epoch(struct dhcpd_lexer *lexer, int64_t *time)
{
	uint32_t seconds = 0;
	int code = dhcpd_next(lexer);

	if (!code)
		code = dhcpd_take_number(lexer, UINT32_MAX, &seconds);
	if (!code)
		*time = seconds;
	return code;
}

int dhcpd_take_date(struct dhcpd_lexer *lexer, int64_t *ret_time)
{
	int64_t time = DHCPD_NEVER;
	int code;

	if (dhcpd_is(lexer, "never"))
		code = dhcpd_next(lexer);
	else if (dhcpd_is(lexer, "epoch"))
		code = take_epoch(lexer, &time);
	else
		code = take_date(lexer, &time);
	if (code)
		return code;
	*ret_time = time < DHCPD_NEVER ? time : DHCPD_NEVER;
	return dhcpd_take_sign(lexer, ';');
}

void dhcpd_date_write(int64_t time, struct base_text *text)
{
	int64_t days = time / DAY;
	unsigned clock = (unsigned)(time % DAY), year, month = 1, day;

	if (time >= DHCPD_NEVER) {
		base_text_append(text, "never;");
		return;
	}
	for (year = YEAR_FIRST; days_of(year + 1, 1, 1) <= days; year++)
		;
	while (days_of(year, month, 1) + month_days(year, month) <= days)
		month++;
	day = (unsigned)(days - days_of(year, month, 1)) + 1;
	/* 1970 began with a Thursday, the fourth day after Sunday. */
	base_text_append(text, "%u %u/%02u/%02u %02u:%02u:%02u;", (unsigned)((days + 4) % 7), year,
			 month, day, clock / 3600, clock / 60 % 60, clock % 60);
}
