// SPDX-License-Identifier: GPL-2.0-only
/* The control socket that nobody connects to: operators' words are called directly. */
#include <stdlib.h>

#include "ctl/server.h"
#include "tests/sim/sim.h"

int ctl_server_open(uv_loop_t *loop, const struct ctl_options *options,
		    const struct ctl_verbs *verbs, struct ctl_server **ret_server,
		    struct ctl_error *ret_error)
{
	(void)loop, (void)options, (void)verbs, (void)ret_error;
	*ret_server = NULL;
	return 0;
}

/* Nobody is asked to restart here. */
int ctl_server_hand_over(struct ctl_server *server, void (*left)(void *context), void *context)
{
	(void)server, (void)left, (void)context;
	abort();
}

void ctl_server_close(struct ctl_server *server, void (*done)(void *context), void *context)
{
	(void)server;
	done(context);
}
