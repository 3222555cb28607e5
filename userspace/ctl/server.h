/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ctl/: what persons, scripts and the cluster agent ask a running daemon.
 *
 *   codes.h     the numbered replies; all that xdhcpctl knows of this room
 *   commands.h  the commands, and the verbs that the daemon answers them with
 *   server.h    the UNIX socket that they come through
 *
 * A request is one line with one JSON object, {"command": "leases", "ip":
 * "10.0.0.1"}; the reply ends with one line that holds {"code": N, "text":
 * "…", …}, before which a long answer puts one line an item. A connection
 * serves requests one after another.
 *
 * Nobody who asks can hurt who serves: clients are counted, requests and
 * buffers have a size, an idle client and one that does not read are closed
 * after a time, nothing is read from a client while it is being answered. A
 * long answer is made in chunks on a worker thread under RCU, and the next
 * chunk only when the client took the last; one chunk at a time in the whole
 * server, so that a datasync on the same pool never waits behind two.
 * Everything else runs on the loop thread.
 */
#ifndef XDHCP_CTL_SERVER_H
#define XDHCP_CTL_SERVER_H

#include <uv.h>

#include "ctl/commands.h"

#define CTL_CLIENTS 32
#define CTL_REQUEST_MAX 65536 /* bytes of a request with its newline */
#define CTL_IDLE_SECONDS 30 /* without a request, or without reading a reply */

/* What went wrong and what to do about it; one line. */
struct ctl_error {
	char text[512];
};

struct ctl_options {
	const char *path; /* NULL: listens nowhere, clients come by ctl_server_adopt() */
	const char *group; /* who may ask beside root, by name or number; NULL: our own group */
	unsigned idle_seconds; /* 0: CTL_IDLE_SECONDS */
	int fd; /* the listening socket of the process before, on the same path; 0: none */
};

struct ctl_server;

/*
 * Makes the socket (mode 0660; its directory too, where it is missing, mode
 * 0755) and serves on `loop`. A socket that nobody answers on is replaced; one
 * that is answered is refused with -EADDRINUSE, anything else in its place
 * with -EEXIST. `verbs` are copied. SIGPIPE is ignored from then on.
 */
int ctl_server_open(uv_loop_t *loop, const struct ctl_options *options,
		    const struct ctl_verbs *verbs, struct ctl_server **ret_server,
		    struct ctl_error *ret_error);

/*
 * Removes the socket, closes all clients and frees the server; `done` (or
 * NULL) is called from the loop when nothing of it is left, worker included.
 * xdhcpctl's `stop` waits for that: close late.
 */
void ctl_server_close(struct ctl_server *server, void (*done)(void *context), void *context);

/* Serves a connected stream socket, which becomes the server's; -EBUSY where all places are taken. */
int ctl_server_adopt(struct ctl_server *server, int fd);

/*
 * Takes no more connections: they wait at the descriptor that is returned, for the next process
 * (ctl_options.fd), or a negative errno. Clients that are here are answered; `left` is called from
 * the loop when the last one has gone. Who asks for nothing is sent away after half a second.
 */
int ctl_server_hand_over(struct ctl_server *server, void (*left)(void *context), void *context);

/* Clients now. */
size_t ctl_server_clients(const struct ctl_server *server);

#endif
