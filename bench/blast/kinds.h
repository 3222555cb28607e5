/* SPDX-License-Identifier: GPL-2.0-only */
/* What real clients send, as captured from them, and how often one meets them. */
#ifndef BLAST_KINDS_H
#define BLAST_KINDS_H

#include <stdbool.h>
#include <stdint.h>

enum identity {
	IDENTITY_NONE, /* no option 61 */
	IDENTITY_MAC, /* type 1 and the MAC address */
	IDENTITY_DUID_LLT, /* RFC 4361: IAID and DUID of type 1 */
	IDENTITY_DUID_EN, /* the same, DUID of type 2 */
};

/* In an order of options: here come the requested address and the server identifier. */
#define HERE_SELECTION 254

struct kind {
	const char *name;
	uint8_t share; /* percent of a mixed population */
	enum identity identity;
	bool broadcast; /* sets the broadcast flag */
	bool padded; /* to 300 bytes */
	bool rebinds_unsourced; /* source 0.0.0.0 also with an address */
	bool server_first; /* option 54 before option 50 */
	uint16_t max_size; /* option 57, 0: none */
	uint8_t order[12]; /* options, 0 at the end */
	uint8_t parameters[20]; /* option 55, 0 at the end */
	const char *vendor_class;
	uint8_t extra_code; /* one option more, 0: none */
	uint8_t extra_length;
	const uint8_t *extra;
};

extern const struct kind kinds[];
extern const unsigned int kinds_count;

/* The kind of the client with this (mixed) number. */
uint8_t kind_pick(uint64_t number);

/* -1: no such kind. */
int kind_find(const char *name);

#endif
