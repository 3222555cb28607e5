/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * On veth a native XDP_TX arrives only where the peer has a native XDP program
 * too. This is the smallest: it passes everything.
 */
#ifndef BLAST_PASS_H
#define BLAST_PASS_H

/* Natively. A link that lasts as long as its descriptor, or -1 after saying why. */
int xdp_attach(int program, int ifindex, const char *name);

#endif
