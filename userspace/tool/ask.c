/* SPDX-License-Identifier: GPL-2.0-only */
#include "tool/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES (64UL << 20) /* longer than any reply; a bound on a stranger's */
#define READ_STEP 65536
#define STOP_LOOK 100 /* ms */

struct stream {
	int fd;
	char *bytes;
	size_t size, start, end; /* unread: [start, end) */
	unsigned seconds;
};

json_t *tool_reply(enum ctl_code code, const char *format, ...)
{
	char text[1024];
	va_list list;
	json_t *reply;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	reply = json_pack("{s:i, s:s, s:s}", "code", (int)code, "word", ctl_code_word(code), "text",
			  text);
	if (!reply)
		reply = json_pack("{s:i, s:s, s:s}", "code", (int)code, "word", ctl_code_word(code),
				  "text", ctl_code_text(code));
	if (!reply) {
		fputs("xdhcpctl: no memory\n", stderr);
		exit(2);
	}
	return reply;
}

int tool_reply_code(const json_t *reply)
{
	const json_t *code = json_object_get(reply, "code");

	return json_is_integer(code) ? (int)json_integer_value(code) : CTL_BROKEN_REPLY;
}

static json_t *connect_refused(const char *path, int why)
{
	if (why == EACCES || why == EPERM)
		return tool_reply(CTL_NOT_ALLOWED,
				  "%s may not be used by this user: be root or a member of the "
				  "socket's group (`ls -l %s`)",
				  path, path);
	if (why == ENAMETOOLONG)
		return tool_reply(CTL_BAD_USAGE, "%s: a socket's path has at most 107 bytes", path);
	if (why == EAGAIN)
		return tool_reply(CTL_BROKEN_REPLY,
				  "the daemon on %s takes no connections: it hangs", path);
	return tool_reply(CTL_NO_DAEMON,
			  "no daemon answers on %s (%s): is xdhcpd running? `xdhcpd -cf "
			  "/etc/dhcp/dhcpd.conf` starts it; another socket is named with -s",
			  path, strerror(why));
}

static int stream_connect(const char *path, unsigned seconds, struct stream *ret_stream)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = seconds};
	int fd, code;

	if (strlen(path) >= sizeof(at.sun_path))
		return -ENAMETOOLONG;
	strcpy(at.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		code = -errno;
		close(fd);
		return code;
	}
	*ret_stream = (struct stream){.fd = fd, .seconds = seconds};
	return 0;
}

static void stream_close(struct stream *stream)
{
	close(stream->fd);
	free(stream->bytes);
}

static int stream_send(const struct stream *stream, const char *line, size_t length)
{
	while (length) {
		ssize_t put = send(stream->fd, line, length, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		line += put;
		length -= (size_t)put;
	}
	return 0;
}

/* Room for READ_STEP more bytes behind what is unread. */
static int stream_room(struct stream *stream)
{
	size_t unread = stream->end - stream->start;
	char *larger;

	if (stream->start)
		memmove(stream->bytes, stream->bytes + stream->start, unread);
	stream->start = 0;
	stream->end = unread;
	if (stream->size - unread >= READ_STEP)
		return 0;
	if (unread > LINE_MAX_BYTES)
		return -EMSGSIZE;
	larger = realloc(stream->bytes, stream->size * 2 + READ_STEP);
	if (!larger)
		return -ENOMEM;
	stream->bytes = larger;
	stream->size = stream->size * 2 + READ_STEP;
	return 0;
}

/* More bytes behind what is unread: how many, 0: the end, or a negative errno. */
static ssize_t stream_more(struct stream *stream)
{
	int code = stream_room(stream);
	ssize_t got;

	if (code < 0)
		return code;
	do {
		got = recv(stream->fd, stream->bytes + stream->end, READ_STEP, 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	stream->end += (size_t)got;
	return got;
}

/* The next line, borrowed until the next call, NUL in place of its newline. */
static int stream_line(struct stream *stream, char **ret_line)
{
	size_t searched = 0;

	for (;;) {
		char *from = stream->bytes + stream->start;
		size_t unread = stream->end - stream->start;
		char *newline =
			unread > searched ? memchr(from + searched, '\n', unread - searched) : NULL;
		ssize_t got;

		if (newline) {
			*newline = '\0';
			stream->start += (size_t)(newline + 1 - from);
			*ret_line = from;
			return 0;
		}
		searched = unread;
		got = stream_more(stream);
		if (got <= 0)
			return got < 0 ? (int)got : -EPIPE;
	}
}

static json_t *line_refused(const struct stream *stream, int code)
{
	if (code == -EAGAIN)
		return tool_reply(CTL_BROKEN_REPLY, "the daemon did not answer within %u s",
				  stream->seconds);
	if (code == -EPIPE)
		return tool_reply(CTL_BROKEN_REPLY, "the daemon closed the connection");
	return tool_reply(CTL_BROKEN_REPLY, "the daemon's answer cannot be read: %s",
			  strerror(-code));
}

/* Lines until the one with a code. */
static json_t *reply_read(struct stream *stream, tool_visitor visit, void *context)
{
	for (;;) {
		json_t *item;
		char *line;
		int code = stream_line(stream, &line);

		if (code < 0)
			return line_refused(stream, code);
		item = json_loads(line, 0, NULL);
		if (!json_is_object(item)) {
			json_decref(item);
			return tool_reply(CTL_BROKEN_REPLY, "the daemon's answer is not JSON");
		}
		if (json_object_get(item, "code"))
			return item;
		if (visit)
			visit(context, line, item);
		json_decref(item);
	}
}

/* A peer that closes early may have said why: what it said counts, not our failure to send. */
static json_t *stream_ask(struct stream *stream, json_t *request, tool_visitor visit, void *context)
{
	char *line = json_dumps(request, JSON_COMPACT);
	int code;

	json_decref(request);
	if (!line)
		return tool_reply(CTL_BAD_USAGE, "the request is not UTF-8 text");
	code = stream_send(stream, line, strlen(line));
	if (!code)
		code = stream_send(stream, "\n", 1);
	free(line);
	if (code < 0 && code != -EPIPE)
		return line_refused(stream, code);
	return reply_read(stream, visit, context);
}

json_t *tool_ask(const char *socket, unsigned seconds, json_t *request, tool_visitor visit,
		 void *context)
{
	struct stream stream;
	json_t *reply;
	int code = stream_connect(socket, seconds, &stream);

	if (code < 0) {
		json_decref(request);
		return connect_refused(socket, -code);
	}
	reply = stream_ask(&stream, request, visit, context);
	stream_close(&stream);
	return reply;
}

/* A descriptor of the daemon's process, readable when it has ended; -1: cannot be seen from here. */
static int process_open(const struct stream *stream)
{
	struct ucred peer = {0};
	socklen_t length = sizeof(peer);

	if (getsockopt(stream->fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.pid <= 0)
		return -1;
	return (int)syscall(SYS_pidfd_open, peer.pid, 0);
}

static bool socket_dead(const char *path)
{
	struct stream stream;
	int code = stream_connect(path, 1, &stream);

	if (!code)
		stream_close(&stream);
	return code == -ECONNREFUSED || code == -ENOENT;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The process has ended and nobody answers any more. */
static bool stop_wait(const char *path, int process, unsigned seconds,
		      const struct tool_ending *ending, const json_t *reply)
{
	double now = seconds_now(), until = now + seconds, next = now;

	do {
		struct pollfd ended = {.fd = process, .events = POLLIN};
		int got;

		if (ending->watch && now >= next) {
			ending->watch(ending->context, path, reply);
			next = now + 1;
		}
		/* Without a process to watch (fd -1) this is a pause. */
		got = poll(&ended, 1, STOP_LOOK);
		if ((process < 0 || got > 0) && socket_dead(path))
			return true;
		if (got > 0)
			poll(NULL, 0, STOP_LOOK);
		now = seconds_now();
	} while (now < until);
	return false;
}

json_t *tool_stop(const char *socket, unsigned seconds, const struct tool_ending *ending)
{
	struct stream stream;
	json_t *reply;
	int process, code = stream_connect(socket, seconds, &stream);

	if (code < 0)
		return connect_refused(socket, -code);
	process = process_open(&stream);
	reply = stream_ask(&stream, json_pack("{s:s}", "command", ending->command), NULL, NULL);
	stream_close(&stream);
	if (tool_reply_code(reply) == (int)ending->under_way) {
		bool gone = stop_wait(socket, process, seconds, ending, reply);

		json_decref(reply);
		reply = gone ? tool_reply(CTL_OK, "the daemon has stopped")
			     : tool_reply(CTL_FAILED, "the daemon is still stopping after %u s",
					  seconds);
	}
	if (process >= 0)
		close(process);
	return reply;
}
