// SPDX-License-Identifier: GPL-2.0-only
/* What stops the program, and the certainty that it has stopped. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fastpath/state.h"

#define NANOSECONDS 1e9

static uint64_t gate_after(uint64_t now, double seconds)
{
	if (!(seconds > 0))
		return 0;
	return seconds < 1e9 ? now + (uint64_t)(seconds * NANOSECONDS) : UINT64_MAX;
}

void fastpath_gates_open(struct fastpath *fastpath, double renew_seconds, double decide_seconds)
{
	uint64_t now = fastpath_clock_now();

	__atomic_store_n(&fastpath->control->renew_until, gate_after(now, renew_seconds),
			 __ATOMIC_SEQ_CST);
	__atomic_store_n(&fastpath->control->decide_until, gate_after(now, decide_seconds),
			 __ATOMIC_SEQ_CST);
}

void fastpath_gates_shut(struct fastpath *fastpath)
{
	fastpath_gates_open(fastpath, 0, 0);
}

void fastpath_gates_lower(struct xdhcp_control *control, double renew_seconds)
{
	uint64_t until = gate_after(fastpath_clock_now(), renew_seconds);

	__atomic_store_n(&control->decide_until, 0, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&control->renew_until, __ATOMIC_SEQ_CST) > until)
		__atomic_store_n(&control->renew_until, until, __ATOMIC_SEQ_CST);
}

double fastpath_gate_left(const __u64 *gate)
{
	uint64_t now = fastpath_clock_now(), until = __atomic_load_n(gate, __ATOMIC_SEQ_CST);

	return until > now ? (double)(until - now) / NANOSECONDS : 0;
}

void fastpath_gates_read(const struct fastpath *fastpath, double *ret_renew_left,
			 double *ret_decide_left)
{
	*ret_renew_left = fastpath_gate_left(&fastpath->control->renew_until);
	*ret_decide_left = fastpath_gate_left(&fastpath->control->decide_until);
}

int64_t fastpath_reference(const struct fastpath *fastpath)
{
	return fastpath->control->reference;
}

static int64_t within(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* What allows less is written first: each word is right beside either value of the others. */
void fastpath_relation_set(struct fastpath *fastpath, uint8_t number, bool serve, int64_t lead,
			   int64_t alone)
{
	struct xdhcp_relation *relation = &fastpath->relations[number];

	if (!serve)
		__atomic_store_n(&relation->serve, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&relation->lead, (int32_t)within(lead, INT32_MIN, INT32_MAX),
			 __ATOMIC_SEQ_CST);
	__atomic_store_n(&relation->alone, (uint32_t)within(alone, 0, XDHCP_NEVER / 2),
			 __ATOMIC_SEQ_CST);
	if (serve)
		__atomic_store_n(&relation->serve, 1, __ATOMIC_SEQ_CST);
}

/*
 * A change of an array of maps returns when no program run is left that could
 * have seen the old map: for kernels that refuse membarrier (nohz_full).
 */
static int grace_by_map(void)
{
	uint32_t zero = 0;
	int inner, outer = -1, code = 0;

	inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "grace", sizeof(zero), sizeof(zero), 1, NULL);
	if (inner < 0)
		return -errno;
	LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = inner);
	outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "graces", sizeof(zero), sizeof(zero), 1,
			       &options);
	if (outer < 0 || bpf_map_update_elem(outer, &zero, &inner, BPF_ANY))
		code = -errno;
	if (outer >= 0)
		close(outer);
	close(inner);
	return code;
}

int fastpath_grace(void)
{
	if (!syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		return 0;
	return grace_by_map();
}
