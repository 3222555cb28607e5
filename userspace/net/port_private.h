/* SPDX-License-Identifier: GPL-2.0-only */
/* A port's inside: what its receiving and its sending half keep. */
#ifndef XDHCP_NET_PORT_PRIVATE_H
#define XDHCP_NET_PORT_PRIVATE_H

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "dhcp/frame.h"
#include "net/port.h"

#define RECEIVE_CONTROL \
	(CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(uint32_t)) + \
	 CMSG_SPACE(sizeof(struct timespec)))
#define SEND_CONTROL CMSG_SPACE(sizeof(struct in_pktinfo))

/* The messages point at their buffers for good; recvmmsg() only changes lengths. */
struct net_receive {
	struct mmsghdr messages[NET_BATCH];
	struct iovec pieces[NET_BATCH];
	struct sockaddr_in sources[NET_BATCH];
	uint32_t overflow; /* the kernel's count of drops when we last looked */
	_Alignas(struct cmsghdr) uint8_t control[NET_BATCH][RECEIVE_CONTROL];
	uint8_t bytes[NET_BATCH][NET_DATAGRAM_MAX];
};

struct net_send_udp {
	struct mmsghdr messages[NET_BATCH];
	struct iovec pieces[NET_BATCH];
	struct sockaddr_in destinations[NET_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[NET_BATCH][SEND_CONTROL];
};

struct net_send_frame {
	struct mmsghdr messages[NET_BATCH];
	struct iovec pieces[NET_BATCH];
	struct sockaddr_ll destinations[NET_BATCH];
	uint8_t bytes[NET_BATCH][DHCP_FRAME_OVERHEAD + NET_PAYLOAD_MAX];
};

struct net_port {
	int udp, packet;
	uint16_t number;
	uint64_t counters[NET_COUNTER_MAX];
	struct net_receive receive;
	struct net_send_udp send_udp;
	struct net_send_frame send_frame;
};

void net_receive_prepare(struct net_receive *receive);

#endif
