/* SPDX-License-Identifier: GPL-2.0-only */
/* Replies that may leave, collected over a turn of the loop and sent in batches. */
#ifndef XDHCP_DAEMON_OUTPUT_H
#define XDHCP_DAEMON_OUTPUT_H

#include "server/reply.h"

struct net_port;
struct output;

int output_new(struct net_port *port, struct output **ret_output);
void output_free(struct output *output);

/* Copies the reply; sends the batch where it is full. */
void output_reply(struct output *output, const struct server_reply *reply);
void output_send(struct output *output);

#endif
