/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a service manager is told of this process (sd_notify(3)): where none asks to be told,
 * nothing happens.
 */
#ifndef XDHCP_SYS_NOTIFY_H
#define XDHCP_SYS_NOTIFY_H

#include <stdbool.h>

/* Does anybody want to know? */
bool sys_notify_wanted(void);

/* It serves, or waits for what is not its own to do; `status`: in a line. */
void sys_notify_ready(const char *status);
void sys_notify_status(const char *status);
/* Until the next sys_notify_ready(), also of the program that takes over. */
void sys_notify_reloading(void);
void sys_notify_stopping(void);

#endif
