/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latencies: log-linear buckets, 64 to each power of two, so that a percentile
 * is right within 1.6 % from a nanosecond to minutes.
 */
#ifndef BLAST_HISTOGRAM_H
#define BLAST_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BITS 6
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

struct histogram {
	uint64_t count, most;
	uint32_t buckets[HISTOGRAM_BUCKETS];
};

static inline unsigned int histogram_bucket(uint64_t value)
{
	unsigned int shift;

	if (value < 1U << HISTOGRAM_BITS)
		return (unsigned int)value;
	shift = 63U - HISTOGRAM_BITS - (unsigned int)__builtin_clzll(value);
	return ((shift + 1) << HISTOGRAM_BITS) +
	       (unsigned int)((value >> shift) & ((1U << HISTOGRAM_BITS) - 1));
}

/* The middle of a bucket. */
static inline uint64_t histogram_value(unsigned int bucket)
{
	unsigned int shift = bucket >> HISTOGRAM_BITS;
	uint64_t low;

	if (!shift)
		return bucket;
	low = ((1ULL << HISTOGRAM_BITS) | (bucket & ((1U << HISTOGRAM_BITS) - 1))) << (shift - 1);
	return low + ((1ULL << (shift - 1)) >> 1);
}

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->count++;
	if (value > histogram->most)
		histogram->most = value;
	histogram->buckets[histogram_bucket(value)]++;
}

/* `share` from 0 to 1; 0 where nothing was counted. */
static inline uint64_t histogram_percentile(const struct histogram *histogram, double share)
{
	uint64_t rank = (uint64_t)(share * (double)histogram->count), sum = 0;

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		sum += histogram->buckets[i];
		if (sum > rank)
			return histogram_value(i) < histogram->most ? histogram_value(i)
								    : histogram->most;
	}
	return histogram->most;
}

#endif
