/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One interface, raw: a memory-mapped ring in (TPACKET_V2: a timestamp, the
 * checksum's state and the tag of each frame, no waiting for a block to
 * fill), sendmmsg out. A socket filter lets only ARP and UDP to ports 67 and
 * 68 in. With --xdp the ring is that of an XDP program (intake.h), which does
 * not see a tag that the sender's driver took out of the frame.
 */
#ifndef BLAST_PORT_H
#define BLAST_PORT_H

#include <sys/socket.h>

#include "bench/blast/intake.h"

#define PORT_BATCH 64

struct port {
	int fd;
	int wakes; /* to poll for: something has come */
	struct intake *intake; /* NULL: the socket's own ring */
	int ifindex;
	const char *name;
	uint8_t mac[6];
	uint8_t *ring;
	size_t ring_size;
	unsigned int frames, next;
	unsigned int queued;
	uint64_t sent, refused; /* refused: the interface's queue was full, sent again */
	uint64_t dropped; /* the ring was full: replies that we missed */
	uint8_t (*buffers)[FRAME_MAX];
	struct iovec *vectors;
	struct mmsghdr *messages;
};

struct arrival {
	const uint8_t *frame;
	size_t length;
	uint64_t came; /* when the kernel had it */
	bool by_wall; /* by the wall clock, not the monotonic one */
	bool finished; /* UDP checksum as on the wire */
	bool tagged, outgoing;
};

/* By the monotonic clock. */
static inline uint64_t arrival_time(const struct arrival *arrival, uint64_t wall_offset)
{
	return arrival->by_wall ? arrival->came - wall_offset : arrival->came;
}

/* 0, or -1 after saying why. */
int port_open(struct port *port, const struct settings *settings);
void port_close(struct port *port);

/* A buffer for the next frame, then its length. A full batch is sent at once. */
uint8_t *port_buffer(struct port *port);
void port_queue(struct port *port, size_t length);
void port_flush(struct port *port);

/* The next frame, valid until port_release(); false: none. */
bool port_receive(struct port *port, struct arrival *ret);
void port_release(struct port *port);

/* Reads and clears the kernel's count of frames that found the ring full. */
void port_count_drops(struct port *port);

#endif
