/* SPDX-License-Identifier: GPL-2.0-only */
/* A new configuration: read, checked, swapped; or refused, and the old one stays. */
#ifndef XDHCP_DAEMON_RELOAD_H
#define XDHCP_DAEMON_RELOAD_H

#include <stddef.h>

#include "conf/conf.h"

struct daemon;
struct options;

/* Reads what the command line names, by its terms. 0, or -EINVAL with what is wrong, formatted. */
int reload_read(const struct options *options, struct conf **ret_conf, char *ret_text, size_t size);

/* The daemon goes by the file as it is now; -EINVAL and `ret_text`: as before. */
int reload(struct daemon *daemon, char *ret_text, size_t size);

#endif
