/* SPDX-License-Identifier: GPL-2.0-only */
/* A frame in the intake's ring, as program and generator see it. */
#ifndef BLAST_INTAKE_FRAME_H
#define BLAST_INTAKE_FRAME_H

#include <linux/types.h>

/* Two sizes of slots: of the longest the ring would hold no more than 43,000. */
#define INTAKE_USUAL 400
#define INTAKE_MOST 1536 /* FRAME_MAX; what is longer is cut */

struct blast_frame {
	__u64 came; /* ns of the monotonic clock */
	__u32 length, unused;
	__u8 bytes[];
};

#endif
