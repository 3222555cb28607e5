/* SPDX-License-Identifier: GPL-2.0-only */
/* What a client that asked in this form would accept as an answer. */
#ifndef BLAST_EXPECT_H
#define BLAST_EXPECT_H

#include "bench/blast/check.h"
#include "bench/blast/wire.h"

void expectation_fill(const struct settings *settings, const struct population *population,
		      uint32_t index, enum form form, struct expectation *ret);

#endif
