// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/port.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench/blast/bytes.h"
#include "bench/blast/check.h"

#define SLOT_SIZE 2048
#define BLOCK_SIZE (1U << 17)
#define BLOCKS 512 /* 64 MiB: 32,768 frames */
#define POLITE_TRIES 1000

/* ARP, or an unfragmented IPv4 UDP datagram to port 67 or 68. */
static int filter_attach(int fd)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 8, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 8),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 17, 0, 6),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 16),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 67, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 68, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int ring_map(struct port *port)
{
	struct tpacket_req request = {
		.tp_block_size = BLOCK_SIZE,
		.tp_block_nr = BLOCKS,
		.tp_frame_size = SLOT_SIZE,
		.tp_frame_nr = BLOCKS * (BLOCK_SIZE / SLOT_SIZE),
	};
	int version = TPACKET_V2;

	if (setsockopt(port->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(port->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)))
		return -1;
	port->frames = request.tp_frame_nr;
	port->ring_size = (size_t)BLOCK_SIZE * BLOCKS;
	port->ring = mmap(NULL, port->ring_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			  port->fd, 0);
	return port->ring == MAP_FAILED ? -1 : 0;
}

/* Our clients' addresses are not the interface's: it must take in everything. With an intake the socket only sends. */
static int interface_bind(struct port *port)
{
	struct packet_mreq promiscuous = {.mr_ifindex = port->ifindex,
					  .mr_type = PACKET_MR_PROMISC};
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = port->intake ? 0 : htons(ETH_P_ALL),
		.sll_ifindex = port->ifindex,
	};
	int one = 1, size = 8 << 20;
	struct ifreq request = {0};

	strncpy(request.ifr_name, port->name, IFNAMSIZ - 1);
	if (ioctl(port->fd, SIOCGIFHWADDR, &request))
		return -1;
	memcpy(port->mac, request.ifr_hwaddr.sa_data, 6);
	setsockopt(port->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	setsockopt(port->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (setsockopt(port->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous,
		       sizeof(promiscuous)))
		return -1;
	return bind(port->fd, (struct sockaddr *)&address, sizeof(address));
}

static int batch_create(struct port *port)
{
	port->buffers = calloc(PORT_BATCH, sizeof(*port->buffers));
	port->vectors = calloc(PORT_BATCH, sizeof(*port->vectors));
	port->messages = calloc(PORT_BATCH, sizeof(*port->messages));
	if (!port->buffers || !port->vectors || !port->messages)
		return -1;
	for (unsigned int i = 0; i < PORT_BATCH; i++) {
		port->vectors[i].iov_base = port->buffers[i];
		port->messages[i].msg_hdr.msg_iov = &port->vectors[i];
		port->messages[i].msg_hdr.msg_iovlen = 1;
	}
	return 0;
}

static int intake_begin(struct port *port, bool sleeps)
{
	port->intake = malloc(sizeof(*port->intake));
	if (!port->intake) {
		fprintf(stderr, "blast: no memory\n");
		return -1;
	}
	if (intake_open(port->intake, port->ifindex, port->name, sleeps))
		return -1;
	port->wakes = port->intake->ring;
	return 0;
}

int port_open(struct port *port, const struct settings *settings)
{
	const char *interface = settings->interface;

	*port = (struct port){.name = interface, .fd = -1};
	port->ifindex = (int)if_nametoindex(interface);
	if (!port->ifindex) {
		fprintf(stderr, "blast: no interface %s here; `ip link` lists those that exist\n",
			interface);
		return -1;
	}
	port->fd = port->wakes = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (port->fd < 0) {
		fprintf(stderr, "blast: raw socket: %s; run as root (CAP_NET_RAW)\n",
			strerror(errno));
		return -1;
	}
	if (settings->xdp && intake_begin(port, !settings->busy))
		goto failed;
	if ((!port->intake && (filter_attach(port->fd) || ring_map(port))) ||
	    interface_bind(port) || batch_create(port)) {
		fprintf(stderr, "blast: packet ring on %s: %s; is it up, and are 64 MiB free?\n",
			interface, strerror(errno));
		goto failed;
	}
	return 0;
failed:
	port_close(port);
	return -1;
}

void port_close(struct port *port)
{
	if (port->ring && port->ring != MAP_FAILED)
		munmap(port->ring, port->ring_size);
	if (port->intake)
		intake_close(port->intake);
	if (port->fd >= 0)
		close(port->fd);
	free(port->intake);
	free(port->buffers);
	free(port->vectors);
	free(port->messages);
	*port = (struct port){.fd = -1};
}

uint8_t *port_buffer(struct port *port)
{
	if (port->queued == PORT_BATCH)
		port_flush(port);
	return port->buffers[port->queued];
}

void port_queue(struct port *port, size_t length)
{
	port->vectors[port->queued++].iov_len = length;
	if (port->queued == PORT_BATCH)
		port_flush(port);
}

/* A veth pair's queue holds 256 frames: when it is full the kernel says so and we try again. */
void port_flush(struct port *port)
{
	unsigned int done = 0, tries = 0;

	while (done < port->queued && tries < POLITE_TRIES) {
		int sent = sendmmsg(port->fd, port->messages + done, port->queued - done, 0);

		if (sent > 0) {
			done += (unsigned int)sent;
			continue;
		}
		port->refused++;
		tries++;
		if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			break; /* link down: as if lost on the wire */
		sched_yield();
	}
	port->sent += done;
	port->queued = 0;
}

static bool intake_receive(struct port *port, struct arrival *ret)
{
	const struct blast_frame *frame = intake_next(port->intake);

	if (!frame)
		return false;
	*ret = (struct arrival){
		.frame = frame->bytes,
		.length = frame->length,
		.came = frame->came,
		.finished = reply_finished(frame->bytes, frame->length),
	};
	return true;
}

static struct tpacket2_hdr *slot_next(const struct port *port)
{
	return (void *)(port->ring + (size_t)port->next * SLOT_SIZE);
}

bool port_receive(struct port *port, struct arrival *ret)
{
	const struct sockaddr_ll *from;
	struct tpacket2_hdr *slot;
	uint32_t status;

	if (port->intake)
		return intake_receive(port, ret);
	slot = slot_next(port);
	status = __atomic_load_n(&slot->tp_status, __ATOMIC_ACQUIRE);
	if (!(status & TP_STATUS_USER))
		return false;
	from = (const void *)((uint8_t *)slot + TPACKET_ALIGN(sizeof(*slot)));
	*ret = (struct arrival){
		.frame = (uint8_t *)slot + slot->tp_mac,
		.length = slot->tp_snaplen,
		.came = (uint64_t)slot->tp_sec * NS_PER_SECOND + slot->tp_nsec,
		.by_wall = true,
		.finished = !(status & TP_STATUS_CSUMNOTREADY),
		.tagged = status & TP_STATUS_VLAN_VALID,
		.outgoing = from->sll_pkttype == PACKET_OUTGOING,
	};
	return true;
}

void port_release(struct port *port)
{
	if (port->intake) {
		intake_release(port->intake);
		return;
	}
	__atomic_store_n(&slot_next(port)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	if (++port->next == port->frames)
		port->next = 0;
}

void port_count_drops(struct port *port)
{
	struct tpacket_stats stats;
	socklen_t length = sizeof(stats);

	if (port->intake)
		port->dropped += intake_drops(port->intake);
	else if (!getsockopt(port->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length))
		port->dropped += stats.tp_drops;
}
