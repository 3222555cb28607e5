/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replies taken in by an XDP program of our own (--xdp): the interface's kernel,
 * which on veth works on the sender's CPU, spends less on them than on a packet
 * socket, and it is the passing program that the other side's XDP_TX needs.
 */
#ifndef BLAST_INTAKE_H
#define BLAST_INTAKE_H

#include "bench/blast/blast.h"
#include "bench/blast/intake_frame.h"

struct intake {
	struct bpf_object *object;
	int link, ring; /* the ring's map: poll() says when something is in it */
	uint64_t size; /* of the ring, a power of two */
	unsigned long *consumed;
	const unsigned long *produced;
	const uint8_t *data;
	uint64_t dropped; /* as we last read it */
};

/* `sleeps`: poll() will be asked. 0, or -1 after saying why. */
int intake_open(struct intake *intake, int ifindex, const char *name, bool sleeps);
void intake_close(struct intake *intake);

/* The next frame, valid until intake_release(); NULL: none. */
const struct blast_frame *intake_next(struct intake *intake);
void intake_release(struct intake *intake);

/* Frames that found the ring full since the last call. */
uint64_t intake_drops(struct intake *intake);

#endif
