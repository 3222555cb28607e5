/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/port_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "net/holder.h"
#include "xdp/shared/wire.h"

/*
 * 100,000 requests: all clients of a large network, back within a second. The kernel makes it
 * twice as much, and counts 1,280 bytes for a request.
 */
#define RECEIVE_ROOM_DEFAULT (64 << 20)
#define SEND_ROOM (4 << 20)

static const struct {
	const char *word, *text;
} counters[] = {
#define COUNTER_ROW(name, word, text) [NET_##name] = {word, text},
	NET_COUNTERS(COUNTER_ROW)
#undef COUNTER_ROW
};

const char *net_counter_word(enum net_counter counter)
{
	return counters[counter].word;
}

const char *net_counter_text(enum net_counter counter)
{
	return counters[counter].text;
}

uint64_t net_port_counter(const struct net_port *port, enum net_counter counter)
{
	return port->counters[counter];
}

int net_port_fd(const struct net_port *port)
{
	return port->udp;
}

/* Past the system's limit where we may, else up to it. */
static void room_set(int fd, int force, int polite, size_t bytes)
{
	int room = bytes > INT32_MAX / 2 ? INT32_MAX / 2 : (int)bytes;

	if (setsockopt(fd, SOL_SOCKET, force, &room, sizeof(room)) < 0)
		setsockopt(fd, SOL_SOCKET, polite, &room, sizeof(room));
}

static int udp_options_set(int fd, size_t receive_room)
{
	int on = 1, fragment = IP_PMTUDISC_DONT;

	if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &fragment, sizeof(fragment)) < 0)
		return -errno;
	room_set(fd, SO_RCVBUFFORCE, SO_RCVBUF, receive_room);
	room_set(fd, SO_SNDBUFFORCE, SO_SNDBUF, SEND_ROOM);
	return 0;
}

static int bind_refused(const struct sockaddr_in *at, int code, struct net_error *ret_error)
{
	char holder[128], address[BASE_IPV4_TEXT];

	base_ipv4_format(ntohl(at->sin_addr.s_addr), address);
	if (code != -EADDRINUSE)
		return net_error_say(ret_error, code, "cannot bind UDP %s:%u: %s%s", address,
				     ntohs(at->sin_port), strerror(-code),
				     code == -EACCES ? " (root or CAP_NET_BIND_SERVICE is needed)"
						     : "");
	if (!net_holder_find("udp", ntohs(at->sin_port), holder, sizeof(holder)))
		strcpy(holder, "another process");
	return net_error_say(
		ret_error, code,
		"UDP port %u is served by %s: stop it first (`ss -lunp` as root shows it)",
		ntohs(at->sin_port), holder);
}

static int udp_open(struct net_port *port, const struct net_port_options *options,
		    struct net_error *ret_error)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(options->address),
		.sin_port = htons(port->number),
	};
	size_t room = options->receive_room ? options->receive_room : RECEIVE_ROOM_DEFAULT;
	int code;

	port->udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	code = port->udp < 0 ? -errno : udp_options_set(port->udp, room);
	if (code < 0)
		return net_error_say(ret_error, code, "cannot make a UDP socket: %s",
				     strerror(-code));
	if (bind(port->udp, (struct sockaddr *)&at, sizeof(at)) < 0)
		return bind_refused(&at, -errno, ret_error);
	return 0;
}

/* Protocol 0: it sends, and no packet of the machine is ever copied to it. */
static int packet_open(struct net_port *port, struct net_error *ret_error)
{
	int code;

	port->packet = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (port->packet < 0) {
		code = -errno;
		return net_error_say(ret_error, code, "cannot make a packet socket: %s%s",
				     strerror(-code),
				     code == -EPERM ? " (root or CAP_NET_RAW is needed)" : "");
	}
	room_set(port->packet, SO_SNDBUFFORCE, SO_SNDBUF, SEND_ROOM);
	return 0;
}

int net_port_open(const struct net_port_options *options, struct net_port **ret_port,
		  struct net_error *ret_error)
{
	struct net_port *port = calloc(1, sizeof(*port));
	int code;

	if (!port)
		return net_error_say(ret_error, -ENOMEM, "no memory for the buffers of a port");
	port->udp = port->packet = -1;
	port->number = options->port ? options->port : DHCP_PORT_SERVER;
	net_receive_prepare(&port->receive);
	code = udp_open(port, options, ret_error);
	if (code < 0)
		goto out;
	code = packet_open(port, ret_error);
	if (code < 0)
		goto out;
	*ret_port = port;
	port = NULL;
out:
	net_port_close(port);
	return code;
}

void net_port_close(struct net_port *port)
{
	if (!port)
		return;
	if (port->udp >= 0)
		close(port->udp);
	if (port->packet >= 0)
		close(port->packet);
	free(port);
}
