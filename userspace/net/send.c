/* SPDX-License-Identifier: GPL-2.0-only */
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <string.h>

#include "net/port_private.h"

static enum net_counter cause_of(int why)
{
	switch (why) {
	case EPERM:
	case EACCES:
		return NET_COUNT_SEND_REFUSED;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
		return NET_COUNT_SEND_UNREACHABLE;
	case ENOBUFS:
	case ENOMEM:
	case EAGAIN:
		return NET_COUNT_SEND_NO_BUFFER;
	case ENODEV:
	case ENXIO:
		return NET_COUNT_SEND_NO_DEVICE;
	case EMSGSIZE:
		return NET_COUNT_SEND_TOO_LONG;
	default:
		return NET_COUNT_SEND_OTHER;
	}
}

/*
 * Sends all but those that the kernel refuses: sendmmsg() stops before one
 * that fails and tells why only when that one is the first.
 */
static size_t messages_send(struct net_port *port, int fd, struct mmsghdr *messages, size_t count)
{
	size_t at = 0, sent = 0;

	while (at < count) {
		int put = sendmmsg(fd, messages + at, (unsigned)(count - at), MSG_DONTWAIT);

		if (put > 0) {
			at += (size_t)put;
			sent += (size_t)put;
		} else if (errno != EINTR) {
			port->counters[cause_of(errno)]++;
			at++;
		}
	}
	return sent;
}

static size_t udp_flush(struct net_port *port, size_t count)
{
	size_t sent = messages_send(port, port->udp, port->send_udp.messages, count);

	port->counters[NET_COUNT_SENT_UDP] += sent;
	return sent;
}

static size_t frame_flush(struct net_port *port, size_t count)
{
	size_t sent = messages_send(port, port->packet, port->send_frame.messages, count);

	port->counters[NET_COUNT_SENT_FRAME] += sent;
	return sent;
}

/* Source address and interface of one datagram. */
static void pktinfo_write(struct msghdr *header, const struct net_outgoing *outgoing)
{
	struct in_pktinfo info = {
		.ipi_ifindex = (int)outgoing->ifindex,
		.ipi_spec_dst.s_addr = htonl(outgoing->source),
	};
	struct cmsghdr *control = CMSG_FIRSTHDR(header);

	control->cmsg_level = IPPROTO_IP;
	control->cmsg_type = IP_PKTINFO;
	control->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(control), &info, sizeof(info));
}

static void udp_put(struct net_port *port, size_t i, const struct net_outgoing *outgoing)
{
	struct net_send_udp *send = &port->send_udp;
	struct msghdr *header = &send->messages[i].msg_hdr;

	send->destinations[i] = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(outgoing->destination),
		.sin_port = htons(outgoing->destination_port),
	};
	send->pieces[i] = (struct iovec){(void *)(uintptr_t)outgoing->bytes, outgoing->length};
	*header = (struct msghdr){
		.msg_name = &send->destinations[i],
		.msg_namelen = sizeof(send->destinations[i]),
		.msg_iov = &send->pieces[i],
		.msg_iovlen = 1,
		.msg_control = send->control[i],
		.msg_controllen = SEND_CONTROL,
	};
	pktinfo_write(header, outgoing);
}

/* The IPv4 packet alone is sent: the kernel writes an Ethernet header of its own. */
static void frame_put(struct net_port *port, size_t i, const struct net_outgoing *outgoing)
{
	struct net_send_frame *send = &port->send_frame;
	struct sockaddr_ll *to = &send->destinations[i];
	struct dhcp_frame frame = {
		.source = outgoing->source,
		.destination = outgoing->destination,
		.source_port = port->number,
		.destination_port = outgoing->destination_port,
		.payload = outgoing->bytes,
		.length = outgoing->length,
	};
	size_t length = dhcp_frame_write(&frame, send->bytes[i], sizeof(send->bytes[i]));

	*to = (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)outgoing->ifindex,
		.sll_halen = ETH_ALEN,
	};
	memset(to->sll_addr, 0xff, ETH_ALEN);
	if (outgoing->destination != INADDR_BROADCAST)
		memcpy(to->sll_addr, outgoing->hardware, ETH_ALEN);
	send->pieces[i] = (struct iovec){send->bytes[i] + WIRE_ETH_HLEN, length - WIRE_ETH_HLEN};
	send->messages[i].msg_hdr = (struct msghdr){
		.msg_name = to,
		.msg_namelen = sizeof(*to),
		.msg_iov = &send->pieces[i],
		.msg_iovlen = 1,
	};
}

size_t net_port_send(struct net_port *port, const struct net_outgoing *batch, size_t count)
{
	size_t udp = 0, frames = 0, sent = 0;

	for (size_t i = 0; i < count; i++) {
		const struct net_outgoing *outgoing = &batch[i];

		if (outgoing->length > NET_PAYLOAD_MAX) {
			port->counters[NET_COUNT_SEND_TOO_LONG]++;
		} else if (outgoing->by_hardware || outgoing->destination == INADDR_BROADCAST) {
			frame_put(port, frames++, outgoing);
		} else {
			udp_put(port, udp++, outgoing);
		}
		if (frames == NET_BATCH) {
			sent += frame_flush(port, frames);
			frames = 0;
		}
		if (udp == NET_BATCH) {
			sent += udp_flush(port, udp);
			udp = 0;
		}
	}
	return sent + frame_flush(port, frames) + udp_flush(port, udp);
}
