/* SPDX-License-Identifier: GPL-2.0-only */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "net/port_private.h"

void net_receive_prepare(struct net_receive *receive)
{
	for (size_t i = 0; i < NET_BATCH; i++) {
		receive->pieces[i] = (struct iovec){receive->bytes[i], NET_DATAGRAM_MAX};
		receive->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &receive->sources[i],
			.msg_iov = &receive->pieces[i],
			.msg_iovlen = 1,
			.msg_control = receive->control[i],
		};
	}
}

static void lengths_reset(struct net_receive *receive, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		receive->messages[i].msg_hdr.msg_namelen = sizeof(receive->sources[i]);
		receive->messages[i].msg_hdr.msg_controllen = RECEIVE_CONTROL;
	}
}

static uint64_t waited_since(const struct cmsghdr *stamp, const struct timespec *now)
{
	struct timespec came;
	int64_t ns;

	memcpy(&came, CMSG_DATA(stamp), sizeof(came));
	ns = (int64_t)(now->tv_sec - came.tv_sec) * 1000000000 + now->tv_nsec - came.tv_nsec;
	return ns < 0 ? UINT64_MAX : (uint64_t)ns;
}

/* Where it came in and when, and how many the kernel has dropped so far (a count that wraps). */
static void control_read(struct net_port *port, struct msghdr *header, const struct timespec *now,
			 struct net_datagram *datagram)
{
	for (struct cmsghdr *at = CMSG_FIRSTHDR(header); at; at = CMSG_NXTHDR(header, at)) {
		if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(at), sizeof(info));
			datagram->destination = ntohl(info.ipi_addr.s_addr);
			datagram->ifindex = (uint32_t)info.ipi_ifindex;
		} else if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SO_RXQ_OVFL) {
			uint32_t overflow;

			memcpy(&overflow, CMSG_DATA(at), sizeof(overflow));
			port->counters[NET_COUNT_OVERFLOW] += overflow - port->receive.overflow;
			port->receive.overflow = overflow;
		} else if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_TIMESTAMPNS) {
			datagram->waited = waited_since(at, now);
		}
	}
}

static void datagram_read(struct net_port *port, size_t i, const struct timespec *now,
			  struct net_datagram *ret_datagram)
{
	struct net_receive *receive = &port->receive;
	struct mmsghdr *message = &receive->messages[i];
	struct net_datagram datagram = {
		.bytes = receive->bytes[i],
		.length = message->msg_len,
		.source = ntohl(receive->sources[i].sin_addr.s_addr),
		.source_port = ntohs(receive->sources[i].sin_port),
		.truncated = message->msg_hdr.msg_flags & MSG_TRUNC,
	};

	control_read(port, &message->msg_hdr, now, &datagram);
	port->counters[NET_COUNT_TRUNCATED] += datagram.truncated;
	*ret_datagram = datagram;
}

size_t net_port_receive(struct net_port *port, struct net_datagram *batch, size_t most)
{
	size_t count = most < NET_BATCH ? most : NET_BATCH;
	struct timespec now;
	int got;

	lengths_reset(&port->receive, count);
	got = recvmmsg(port->udp, port->receive.messages, (unsigned)count, MSG_DONTWAIT, NULL);
	if (got < 0) {
		if (errno != EAGAIN && errno != EINTR)
			port->counters[NET_COUNT_RECEIVE_FAILED]++;
		return 0;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	for (int i = 0; i < got; i++)
		datagram_read(port, (size_t)i, &now, &batch[i]);
	port->counters[NET_COUNT_RECEIVED] += (uint64_t)got;
	return (size_t)got;
}
