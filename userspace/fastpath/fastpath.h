/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fastpath/: the only room that sees libbpf and libxdp. It loads the XDP
 * program, attaches it, and writes the maps that xdp/shared/abi.h describes.
 * It decides nothing: what a slot says comes from lease/commit's verbs.
 *
 *   maps.c     create or adopt, map into memory, identity and configuration
 *   pins.c     directory in the BPF file system; removal
 *   pinned.c   what is there, without a daemon (pinned.h)
 *   program.c  the object file and its ties to the pins
 *   attach.c   pinned bpf_links, native or skb
 *   visible.c  VLAN tags made visible first (device.c: what the interface can do)
 *   pages.c    address → page → slot; growth
 *   slots.c    open, close, raise: the words of invariants I6 and I7
 *   tails.c    equal tails once; an index is reused only after a grace period
 *   sweep.c    dirty marks → promises
 *   gates.c    gates, failover's bounds, grace periods
 *   tables.c   links, addresses, relays, counters
 *   clock.c    coarse monotonic seconds ↔ wall clock
 *
 * Everything lives under PIN_DIR/INSTANCE-ABI in a BPF file system and
 * outlives the daemon. Times in this interface are wall-clock seconds; the
 * room converts (promises round up, limits down). Loop thread only, but for
 * fastpath_grace(), which blocks and belongs on a worker.
 */
#ifndef XDHCP_FASTPATH_FASTPATH_H
#define XDHCP_FASTPATH_FASTPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fastpath/pinned.h"
#include "xdp/shared/abi.h"

struct fastpath;

enum fastpath_mode { FASTPATH_NATIVE, FASTPATH_SKB, FASTPATH_OFF };

struct fastpath_options {
	const char *object; /* path of xdhcp.bpf.o */
	const char *bpffs; /* a mounted BPF file system, "/sys/fs/bpf" */
	const char *instance; /* names the directory beside others' */
	const uint8_t *store; /* 16 bytes: identity of the lease store */
	const uint8_t *digest; /* 32 bytes: of the configuration */
	const uint8_t *roles; /* 256 option roles */
};

/* What went wrong, where, and what to do about it; one line. */
struct fastpath_error {
	char text[768];
};

/*
 * Loads the program and creates the maps, or adopts pinned ones that carry
 * this store's identity and the ABI. *ret_adopted: slots may hold promises
 * that the journal does not know: walk them with fastpath_sweep_all() before
 * serving. *ret_same_digest false: tails and signatures are of another
 * configuration; slots were kept, their tails forgotten. H in adopted slots is
 * by the wall clock of that time: fastpath_clock_changed() where it may have
 * been set since. Maps of another
 * store or ABI are removed with their links first. Gates are left as they are.
 */
int fastpath_open(const struct fastpath_options *options, struct fastpath **ret_fastpath,
		  bool *ret_adopted, bool *ret_same_digest, struct fastpath_error *ret_error);

/*
 * Another configuration: its digest and option roles. Where one of them
 * differs from what is there, tails are forgotten and a grace period is
 * awaited, so that no signature of the old roles meets one of the new.
 */
int fastpath_configure(struct fastpath *fastpath, const uint8_t digest[32],
		       const uint8_t roles[256], bool *ret_same);

/* Releases memory and descriptors; what is pinned goes on living. */
void fastpath_close(struct fastpath *fastpath);

/*
 * Attaches to an interface, or updates the program behind a link that is
 * pinned already. Tries `wanted`, then FASTPATH_SKB; *ret_mode is what it
 * became. Makes VLAN tags visible first or refuses (visible.c). Native mode is
 * not tried on a veth whose peer has no native program, which would lose every
 * reply, and a link of ours that runs in skb mode stays there. FASTPATH_OFF on
 * failure with *ret_error and a negative code; -EBUSY or -EEXIST: somebody
 * else's program is attached. *ret_notice says what a person should know (skb
 * mode, offloads switched off), empty: nothing.
 */
int fastpath_attach(struct fastpath *fastpath, const char *interface, enum fastpath_mode wanted,
		    enum fastpath_mode *ret_mode, struct fastpath_error *ret_notice,
		    struct fastpath_error *ret_error);
int fastpath_detach(struct fastpath *fastpath, const char *interface);
/*
 * Detaches from every interface but these, and forgets where their packets
 * come from: an adopted directory may hold what an earlier daemon served.
 */
int fastpath_interfaces_keep(struct fastpath *fastpath, const char *const *interfaces,
			     size_t count);
/* Is our program attached there now, as the kernel sees it? */
bool fastpath_attached(const struct fastpath *fastpath, const char *interface);

/*
 * Gives the program that is attached to an interface a frame as if it had come
 * in there (BPF_PROG_TEST_RUN): nothing is sent, but what the program does to
 * slots and counters it does. A program that the kernel does not run like this,
 * because it is bound to its device, is run in its unbound form. -ENOLINK and
 * *ret_error: another program is attached there, or none.
 */
struct fastpath_run {
	const uint8_t *frame;
	size_t length;
	bool answered;
	uint8_t reply[2048]; /* the frame afterwards, answered or not */
	size_t reply_length;
};
int fastpath_run(struct fastpath *fastpath, const char *interface, struct fastpath_run *run,
		 struct fastpath_error *ret_error);

/* Where packets come from. Replaces what was said before of the same key. 0 or a negative errno (full). */
int fastpath_link_set(struct fastpath *fastpath, uint32_t ifindex, uint32_t network,
		      uint32_t server_id, const uint8_t mac[6]);
int fastpath_link_remove(struct fastpath *fastpath, uint32_t ifindex);
/* Exactly these IPv4 addresses are ours. */
int fastpath_addresses_set(struct fastpath *fastpath, const uint32_t *addresses, size_t count);
/* A relay through which a grant was made; forgotten all at once by reload. */
int fastpath_relay_learn(struct fastpath *fastpath, uint32_t giaddr, uint32_t network);
void fastpath_relays_forget(struct fastpath *fastpath);

/* A page for an address's /24, so that it has a slot. 0, or -ENOSPC: served in userspace. */
int fastpath_slot_ensure(struct fastpath *fastpath, uint32_t address);

struct fastpath_slot {
	uint64_t key;
	uint32_t network;
	uint16_t relation;
	int64_t told; /* promise at least this, 0: none */
	int64_t horizon; /* H; INT64_MAX: never ends */
	int64_t acknowledged; /* K, by the partner's clock: fastpath_reference() converts it; 0: none */
	uint64_t signature;
	uint32_t tail; /* reference taken by the caller goes to the slot */
	uint32_t lease;
};

/*
 * Writes a whole slot under an odd generation and opens it. The slot's old
 * tail reference is given back. A promise that is in the slot for the same
 * key is never lowered.
 */
void fastpath_slot_publish(struct fastpath *fastpath, uint32_t address,
			   const struct fastpath_slot *slot);
/* Raises H and K alone, plain stores; lowering goes through publish. */
void fastpath_slot_raise(struct fastpath *fastpath, uint32_t address, int64_t horizon,
			 int64_t acknowledged);
/*
 * Closes (invariant I6): after it the program answers nothing for the
 * address. Returns the last promise, 0: none or no slot. The slot stays
 * closed until published.
 */
int64_t fastpath_slot_close(struct fastpath *fastpath, uint32_t address);
/* The promise that a slot holds now, whose it is, and whether it is open; false: no slot. */
bool fastpath_slot_read(const struct fastpath *fastpath, uint32_t address,
			struct fastpath_slot *ret_slot, bool *ret_open);

/* Interns a rendered tail: *ret_index carries a reference. -ENOSPC where all are in use. */
int fastpath_tail_take(struct fastpath *fastpath, const struct xdhcp_tail *tail,
		       uint32_t *ret_index);
void fastpath_tail_drop(struct fastpath *fastpath, uint32_t index);
/* Forgets the tails of all slots (reload): each client goes up once and is stamped anew. */
void fastpath_tails_forget(struct fastpath *fastpath);

/* For every slot marked dirty: clears the mark, then reads the promise. At most `most` marks a
 * call, continuing where the last one ended; returns how many were visited. */
typedef void (*fastpath_visitor)(void *context, uint32_t address, int64_t promise, int64_t seen);
size_t fastpath_sweep(struct fastpath *fastpath, size_t most, fastpath_visitor visit,
		      void *context);
/* The same for every slot with a promise, marked or not: after adoption. */
size_t fastpath_sweep_all(struct fastpath *fastpath, fastpath_visitor visit, void *context);

/*
 * Gates. open: both, from now on for these many seconds (the heartbeat).
 * shut: at once; over only after fastpath_grace().
 */
void fastpath_gates_open(struct fastpath *fastpath, double renew_seconds, double decide_seconds);
void fastpath_gates_shut(struct fastpath *fastpath);
void fastpath_gates_read(const struct fastpath *fastpath, double *ret_renew_left,
			 double *ret_decide_left);
/* Blocks until no program run that could have seen an older value is left. 0 or a negative errno. */
int fastpath_grace(void);
/*
 * Around a grace period, both on the loop: begin before fastpath_grace() is
 * handed to the worker, reclaim when it is over. What was dropped before
 * begin, and not taken again since, becomes free.
 */
void fastpath_grace_begin(struct fastpath *fastpath);
void fastpath_tails_reclaim(struct fastpath *fastpath);

/* Wall clock was set: every H in the slots is converted anew through `horizon_of`. */
void fastpath_clock_changed(struct fastpath *fastpath,
			    int64_t (*horizon_of)(void *context, uint32_t address), void *context);

/*
 * Wall clock of the slots' second 0 as it was when the maps were made: K, which
 * is by the partner's clock, is converted with it whatever our own clock does.
 */
int64_t fastpath_reference(const struct fastpath *fastpath);

/*
 * What failover lets the kernel promise (abi.h, struct xdhcp_relation): seconds of
 * the slots' clock. serve false is over only after fastpath_grace(); so is a bound
 * that was lowered.
 */
void fastpath_relation_set(struct fastpath *fastpath, uint8_t number, bool serve, int64_t lead,
			   int64_t alone);

uint64_t fastpath_seed(const struct fastpath *fastpath);
void fastpath_counters(const struct fastpath *fastpath, struct xdhcp_counters *ret_sum);

struct fastpath_usage {
	size_t pages, pages_most, tails, tails_most, relays, relays_most;
};
void fastpath_usage(const struct fastpath *fastpath, struct fastpath_usage *ret_usage);

/* "punt-limit" and so on, and the sentence about it; static. */
const char *fastpath_counter_word(enum xdhcp_counter counter);
const char *fastpath_counter_text(enum xdhcp_counter counter);

#endif
