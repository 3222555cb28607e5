/* SPDX-License-Identifier: GPL-2.0-only */
/* What each test here begins with: the object in the kernel, beside the program compiled natively. */
#ifndef TESTS_BPF_FIXTURE_H
#define TESTS_BPF_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/bpf/kernel.h"
#include "tests/bpf/world.h"

struct fixture {
	struct kernel *kernel;
	struct world world;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const char *build = getenv("BUILD");
	char path[512], reason[256];

	snprintf(path, sizeof(path), "%s/xdhcp.bpf.o", build ? build : "build");
	fixture->kernel = kernel_open(path, reason, sizeof(reason));
	if (!fixture->kernel) {
		print_message("%s\n", reason);
		free(fixture);
		return -1;
	}
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	kernel_close(fixture->kernel);
	free(fixture);
	return 0;
}

#endif
