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

static int program_load(void)
{
	static const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "blast_pass", "GPL", code,
			     sizeof(code) / sizeof(code[0]), NULL);
}

int pass_attach(int ifindex, const char *name)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	int program = program_load(), link, cause;

	if (program < 0) {
		fprintf(stderr, "blast: XDP program: %s; run as root (CAP_BPF, CAP_NET_ADMIN)\n",
			strerror(errno));
		return -1;
	}
	link = bpf_link_create(program, ifindex, BPF_XDP, &options);
	cause = errno;
	close(program);
	if (link < 0)
		fprintf(stderr, "blast: XDP on %s: %s%s\n", name, strerror(cause),
			cause == EBUSY || cause == EEXIST
				? "; a program is attached already, `ip link` shows it"
				: "; does its driver know native XDP?");
	return link;
}

int pass_run(const struct settings *settings)
{
	int ifindex = (int)if_nametoindex(settings->interface), link, signal;
	sigset_t set;

	if (!ifindex) {
		fprintf(stderr, "blast: no interface %s here\n", settings->interface);
		return EXIT_SETUP;
	}
	link = pass_attach(ifindex, settings->interface);
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
	printf("passing on %s\n", settings->interface);
	fflush(stdout);
	sigwait(&set, &signal);
	close(link);
	return EXIT_FINE;
}
