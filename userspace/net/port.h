/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net/: sockets. This room knows how datagrams and streams get in and out and
 * how the kernel names its interfaces; who is served, and what is said, is not
 * its business.
 *
 *   port.h       port 67: UDP both ways, packet socket for clients without an address
 *   interface.h  interfaces and addresses as the kernel has them, and news of them
 *   stream.h     TCP for failover: who listens, who connects, bytes each way, TLS around them
 *   holder.h     which process has a port, for error texts
 *   error.h      what went wrong, in one line
 *
 * A port is two sockets. The UDP socket is bound to 0.0.0.0:67 without
 * SO_REUSEADDR, so that a second server is refused and `ss -lunp` shows who
 * serves. Replies to clients that cannot answer ARP yet, and broadcasts, go
 * out by a packet socket that receives nothing; the kernel writes their
 * Ethernet header, so they work over VLAN devices too. Both are non-blocking,
 * and both ways work in batches: one system call for many datagrams. An error
 * of one datagram is counted by cause and never ends the service: clients
 * retransmit. Addresses and ports in host byte order. Loop thread only.
 */
#ifndef XDHCP_NET_PORT_H
#define XDHCP_NET_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/error.h"

#define NET_BATCH 64 /* datagrams a system call */
#define NET_DATAGRAM_MAX 2048 /* bytes received of one; what is longer is truncated */
#define NET_PAYLOAD_MAX 1472 /* bytes sent in one */

struct net_port;

struct net_port_options {
	uint32_t address; /* 0: all of ours */
	uint16_t port; /* 0: 67 */
	size_t receive_room; /* bytes of socket buffer to ask for, 0: 64 MiB, 100,000 requests */
};

/* 0, or a negative errno and *ret_error; -EADDRINUSE names the process that has the port, where it can be seen. */
int net_port_open(const struct net_port_options *options, struct net_port **ret_port,
		  struct net_error *ret_error);
void net_port_close(struct net_port *port);

/* Readable when datagrams wait; the port's. */
int net_port_fd(const struct net_port *port);

struct net_datagram {
	const uint8_t *bytes; /* the port's, until the next receive */
	size_t length;
	uint32_t source;
	uint32_t destination; /* as in the IP header */
	uint32_t ifindex;
	uint16_t source_port;
	bool truncated; /* there was more than NET_DATAGRAM_MAX */
	uint64_t
		waited; /* ns in the socket's buffer; UINT64_MAX: the wall clock was set back since */
};

/*
 * Takes what waits: at most `most`, and NET_BATCH. Returns how many, 0 where
 * nothing waits.
 */
size_t net_port_receive(struct net_port *port, struct net_datagram *batch, size_t most);

struct net_outgoing {
	const uint8_t *bytes; /* UDP payload, at most NET_PAYLOAD_MAX */
	size_t length;
	uint32_t source; /* our address */
	uint32_t destination;
	uint16_t destination_port;
	bool by_hardware; /* a frame to `hardware`: the client has no address yet */
	uint32_t ifindex; /* 0: routing says; needed for broadcast and by_hardware */
	uint8_t hardware[6];
};

/*
 * Sends each: by the packet socket where by_hardware is set or the
 * destination is 255.255.255.255, which goes to ff:ff:ff:ff:ff:ff then, else
 * by UDP. Any count. Returns how many the kernel took; the others are
 * counted.
 */
size_t net_port_send(struct net_port *port, const struct net_outgoing *batch, size_t count);

#define NET_COUNTERS(X) \
	X(COUNT_RECEIVED, "received", "datagrams taken from port 67") \
	X(COUNT_TRUNCATED, "truncated", "of these, longer than is read") \
	X(COUNT_OVERFLOW, "overflow", \
	  "datagrams that the kernel dropped because the socket buffer was full") \
	X(COUNT_RECEIVE_FAILED, "receive-failed", "errors while receiving") \
	X(COUNT_SENT_UDP, "sent-udp", "replies sent by UDP") \
	X(COUNT_SENT_FRAME, "sent-frame", \
	  "replies sent as frames: client without an address, or broadcast") \
	X(COUNT_SEND_REFUSED, "send-refused", \
	  "not sent: refused by a firewall or security policy (EPERM, EACCES)") \
	X(COUNT_SEND_UNREACHABLE, "send-unreachable", "not sent: no route, network or host down") \
	X(COUNT_SEND_NO_BUFFER, "send-no-buffer", "not sent: no room in queue or socket buffer") \
	X(COUNT_SEND_NO_DEVICE, "send-no-device", "not sent: interface gone, down or unknown") \
	X(COUNT_SEND_TOO_LONG, "send-too-long", \
	  "not sent: larger than the interface or a datagram takes") \
	X(COUNT_SEND_OTHER, "send-other", "not sent: another error")

enum net_counter {
#define NET_COUNTER_ENUM(name, word, text) NET_##name,
	NET_COUNTERS(NET_COUNTER_ENUM)
#undef NET_COUNTER_ENUM
		NET_COUNTER_MAX
};

uint64_t net_port_counter(const struct net_port *port, enum net_counter counter);
/* "send-refused" and so on, and the sentence about it; static. */
const char *net_counter_word(enum net_counter counter);
const char *net_counter_text(enum net_counter counter);

#endif
