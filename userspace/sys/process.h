/* SPDX-License-Identifier: GPL-2.0-only */
/* Other programs: one that is run to its end, one that takes this process's place. */
#ifndef XDHCP_SYS_PROCESS_H
#define XDHCP_SYS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Where a program is that was called by this name (argv[0]), as an absolute path with no link
 * followed: what is installed there later is meant. 0 or a negative errno.
 */
int sys_process_path(const char *name, char *path, size_t size);

/*
 * Runs the program at a path, standard input empty, until it ends or `seconds` are over, when it is
 * killed; blocks. Its exit status, with what it printed, as far as that fits, in `output`; or a
 * negative errno: -ETIME, -EINTR (ended by a signal), or what made it impossible.
 */
int sys_process_run(const char *path, char *const arguments[], unsigned seconds, char *output,
		    size_t size);

/*
 * The program at a path takes over this process: its id, and the descriptor `fd` (-1: none), of
 * which sys_process_inherited() tells it. Returns only where that fails: a negative errno.
 */
int sys_process_replace(const char *path, char *const arguments[], int fd);

/* Did this process's program take over from one before? *ret_fd: the descriptor, or -1. Once. */
bool sys_process_inherited(int *ret_fd);

/* Signals that ask for an end or a reload wait, or come; through sys_process_replace(), too. */
void sys_process_signals_hold(bool hold);

#endif
