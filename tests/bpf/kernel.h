/* SPDX-License-Identifier: GPL-2.0-only */
/* The object as the kernel runs it, through BPF_PROG_TEST_RUN: no interface is needed. */
#ifndef TESTS_BPF_KERNEL_H
#define TESTS_BPF_KERNEL_H

#include "tests/native/native.h"

struct kernel;

/* NULL and a reason where the kernel refuses. */
struct kernel *kernel_open(const char *object, char *ret_reason, size_t size);
void kernel_close(struct kernel *kernel);

/* Seconds of the clock that the program reads, rounded down. */
uint64_t kernel_now(void);

/* The maps hold what the native ones do, no more. */
void kernel_fill(struct kernel *kernel, const struct native *native);

/* Runs the program on the frame (replaced by what comes out); counter as native_run(). */
int kernel_run(struct kernel *kernel, struct native_frame *frame, uint32_t ifindex,
	       enum xdhcp_counter *ret_counter);

/* A slot as the program left it, and whether it is marked dirty. */
void kernel_slot(struct kernel *kernel, const struct native *native, uint32_t address,
		 struct xdhcp_slot *ret_slot, int *ret_dirty);

#endif
