/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A server's inside. A client is in one of three states: read from (!busy),
 * being answered (busy), closing. While it is busy it is not read from, and
 * one uv_write or one chunk of work at most is under way for it. `struct
 * ctl_call` is the client, seen by a command.
 */
#ifndef XDHCP_CTL_PRIVATE_H
#define XDHCP_CTL_PRIVATE_H

#include <urcu/list.h>

#include "ctl/call.h"
#include "ctl/server.h"
#include "ctl/socket.h"

struct ctl_call {
	uv_pipe_t pipe;
	struct ctl_server *server;
	struct cds_list_head clients; /* in server->clients */
	uint64_t active; /* uv_now() of the last progress */
	bool served; /* has one of CTL_CLIENTS places */
	bool busy;
	bool last; /* close when the reply is out */
	bool held; /* an answer is owed: the memory stays */
	bool closing; /* uv_close() was called */
	bool closed; /* … and is over */

	uv_write_t write;
	char *reply; /* while it is being written */

	bool streaming, working;
	struct ctl_source source;
	struct cds_list_head waiting; /* in server->waiting, for a turn on the pool */
	uv_work_t work;
	char *chunk; /* CTL_CHUNK bytes, while streaming */
	size_t chunk_length;
	bool chunk_end;

	size_t filled;
	char input[CTL_REQUEST_MAX];
};

struct ctl_server {
	uv_loop_t *loop;
	struct ctl_verbs verbs;
	uint64_t idle; /* ms */
	struct ctl_socket socket;
	uv_pipe_t listener;
	uv_timer_t timer;
	bool closing;
	size_t handles; /* of ours, not closed yet, clients included */
	struct cds_list_head clients;
	size_t served;
	struct cds_list_head waiting; /* clients whose next chunk is to be made, first come first */
	bool working; /* a chunk is being made */
	void (*done)(void *context);
	void *done_context;
	void (*left)(void *context); /* handed over, and clients are left; NULL: neither */
	void *left_context;
};

/* An empty client whose pipe is initialised but not connected; NULL without memory. */
struct ctl_call *ctl_client_new(struct ctl_server *server);
/* The pipe is connected: serve it, or say that all places are taken and close. */
void ctl_client_start(struct ctl_call *call);
void ctl_client_close(struct ctl_call *call);
/* Has it done nothing for too long, or not read? */
bool ctl_client_idle(struct ctl_call *call, uint64_t now);

/* Makes the next chunk of the client that waits longest, unless one is being made. */
void ctl_stream_next(struct ctl_server *server);
/* The client goes: gives up its turn, or waits for the worker. */
void ctl_stream_cancel(struct ctl_call *call);

/* A client has gone: was it the last one of a server that is handed over? */
void ctl_server_client_gone(struct ctl_server *server);

/* A handle of ours is closed; the last one ends the server. */
void ctl_server_release(struct ctl_server *server);
/* The client's memory, when neither handle nor worker needs it any more. */
void ctl_client_release(struct ctl_call *call);

#endif
