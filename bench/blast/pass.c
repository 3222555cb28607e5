// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/pass.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/blast/blast.h"

#define INSN_END(result) \
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = (result)}, \
	{ \
		.code = BPF_JMP | BPF_EXIT \
	}
#define INSN_LOAD(size, to, from, at) \
	{ \
		.code = BPF_LDX | BPF_MEM | (size), .dst_reg = (to), .src_reg = (from), \
		.off = (at) \
	}
#define INSN_STORE(size, to, from, at) \
	{ \
		.code = BPF_STX | BPF_MEM | (size), .dst_reg = (to), .src_reg = (from), \
		.off = (at) \
	}

#define ADDRESSES_END 34 /* of the IPv4 header */

static int pass_load(void)
{
	static const struct bpf_insn code[] = {INSN_END(XDP_PASS)};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "blast_pass", "GPL", code,
			     sizeof(code) / sizeof(code[0]), NULL);
}

/* Swaps the MAC and the IPv4 addresses, whatever the frame is. */
static int null_load(void)
{
	static const struct bpf_insn code[] = {
		INSN_LOAD(BPF_W, 2, 1, 0), /* data */
		INSN_LOAD(BPF_W, 3, 1, 4), /* data_end */
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 4, .src_reg = 2},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 4, .imm = ADDRESSES_END},
		{.code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = 4, .src_reg = 3, .off = 14},
		INSN_LOAD(BPF_W, 5, 2, 0),
		INSN_LOAD(BPF_H, 6, 2, 4),
		INSN_LOAD(BPF_W, 7, 2, 6),
		INSN_LOAD(BPF_H, 8, 2, 10),
		INSN_STORE(BPF_W, 2, 7, 0),
		INSN_STORE(BPF_H, 2, 8, 4),
		INSN_STORE(BPF_W, 2, 5, 6),
		INSN_STORE(BPF_H, 2, 6, 10),
		INSN_LOAD(BPF_W, 5, 2, 26),
		INSN_LOAD(BPF_W, 6, 2, 30),
		INSN_STORE(BPF_W, 2, 6, 26),
		INSN_STORE(BPF_W, 2, 5, 30),
		INSN_END(XDP_TX),
		INSN_END(XDP_PASS),
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "blast_null", "GPL", code,
			     sizeof(code) / sizeof(code[0]), NULL);
}

int xdp_attach(int program, int ifindex, const char *name)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	int link = bpf_link_create(program, ifindex, BPF_XDP, &options);

	if (link < 0)
		fprintf(stderr, "blast: XDP on %s: %s%s\n", name, strerror(errno),
			errno == EBUSY || errno == EEXIST ? "; a program is there already (`blast "
							    "pass`?) and ours needs its place"
							  : "; does its driver know native XDP?");
	return link;
}

/* Holds the link until a signal comes, or pins it. */
static int link_keep(const struct settings *settings, int program, const char *what)
{
	int ifindex = (int)if_nametoindex(settings->interface), link, signal;
	sigset_t set;

	if (!ifindex) {
		fprintf(stderr, "blast: no interface %s here\n", settings->interface);
		return EXIT_SETUP;
	}
	if (program < 0) {
		fprintf(stderr, "blast: XDP program: %s; run as root (CAP_BPF, CAP_NET_ADMIN)\n",
			strerror(errno));
		return EXIT_SETUP;
	}
	link = xdp_attach(program, ifindex, settings->interface);
	if (link < 0)
		return EXIT_SETUP;
	if (settings->pin) {
		if (!bpf_obj_pin(link, settings->pin))
			return EXIT_FINE;
		fprintf(stderr, "blast: --pin %s: %s; it must be a new name on a bpffs\n",
			settings->pin, strerror(errno));
		return EXIT_SETUP;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	printf("%s on %s\n", what, settings->interface);
	fflush(stdout);
	sigwait(&set, &signal);
	close(link);
	return EXIT_FINE;
}

int pass_run(const struct settings *settings)
{
	return link_keep(settings, pass_load(), "passing");
}

int null_run(const struct settings *settings)
{
	return link_keep(settings, null_load(), "sending back");
}
