/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys/: what the house asks of the operating system beside sockets: thin,
 * decides nothing, keeps no state of its own, so that a test or the
 * simulation can stand in its place.
 *
 *   clock.h      wall clock, coarse clock, news of a clock that was set
 *   log.h        lines for a person, bounded by level and by rate
 *   privilege.h  pid file, background, what the process may use
 *   file.h       files and directories, durably
 *
 * Functions return 0 or a negative errno; results by `ret_` stay untouched on
 * failure.
 */
#ifndef XDHCP_SYS_CLOCK_H
#define XDHCP_SYS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Wall clock: whole seconds since 1970 (UTC), rounded down. */
int64_t sys_clock_wall(void);

/* The same in nanoseconds. */
int64_t sys_clock_wall_ns(void);

/* Coarse monotonic clock, nanoseconds: the clock of the fast path's gates. Stands still in suspend. */
uint64_t sys_clock_coarse(void);

/*
 * A descriptor that becomes readable when the wall clock is set (timerfd with
 * TFD_TIMER_CANCEL_ON_SET), non-blocking; the caller's to close.
 */
int sys_clock_watch_open(int *ret_fd);

/* Takes the news and arms the watch again. True: the clock was set since the last call. */
bool sys_clock_watch_drain(int fd);

#endif
