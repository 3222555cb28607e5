/* SPDX-License-Identifier: GPL-2.0-only */
/* Fills the generator's tables: one renewal of each sort is done here, in full, for its image. */
#ifndef BLAST_IMAGES_H
#define BLAST_IMAGES_H

#include "bench/blast/image.h"
#include "bench/blast/session.h"

/* The sort of client `index`: its kind and its way to the server. */
uint8_t sort_of(const struct population *population, uint32_t index);

/*
 * Renews client `index` over the session's socket, judges the reply as `storm`
 * would, and makes request and reply the sort's template and image. 0, or -1
 * after saying why.
 */
int sort_fill(struct session *session, uint32_t index, struct blast_sort *ret);

/* A client as the generator needs it. */
void sort_client(const struct population *population, uint32_t index, struct blast_client *ret);

#endif
