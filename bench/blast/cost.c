// SPDX-License-Identifier: GPL-2.0-only
/* What the XDP program of an interface costs: the kernel counts its runs and their time meanwhile. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/blast/bytes.h"
#include "bench/blast/session.h"

static int program_open(const char *interface)
{
	uint32_t id = 0;
	int fd;

	if (bpf_xdp_query_id((int)if_nametoindex(interface), 0, &id) || !id) {
		fprintf(stderr, "blast: no XDP program on %s; `ip link` shows it\n", interface);
		return -1;
	}
	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		fprintf(stderr, "blast: program %u: %s; run as root\n", id, strerror(errno));
	return fd;
}

static int program_read(int program, struct bpf_prog_info *info)
{
	uint32_t size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(program, info, &size);
}

/* SIGINT, SIGTERM or --duration ends it. */
static void wait_for_end(const struct settings *settings, int signals)
{
	struct pollfd waiting = {.fd = signals, .events = POLLIN};
	int most = settings->duration ? (int)(settings->duration / NS_PER_MS) : -1;

	poll(&waiting, 1, most);
}

int cost_run(const struct settings *settings)
{
	int program = program_open(settings->interface), statistics, signals = signals_open();
	struct bpf_prog_info before, after;
	int result = EXIT_SETUP;

	if (program < 0)
		return EXIT_SETUP;
	statistics = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (statistics < 0) {
		fprintf(stderr, "blast: BPF statistics: %s; Linux 5.8 or later has them\n",
			strerror(errno));
		goto out;
	}
	if (program_read(program, &before))
		goto out;
	fprintf(stderr, "counting\n");
	wait_for_end(settings, signals);
	if (program_read(program, &after))
		goto out;
	printf("{\"program\":\"%s\",\"runs\":%" PRIu64 ",\"ns\":%" PRIu64 "}\n", after.name,
	       (uint64_t)(after.run_cnt - before.run_cnt),
	       (uint64_t)(after.run_time_ns - before.run_time_ns));
	result = EXIT_FINE;
out:
	if (statistics >= 0)
		close(statistics);
	close(program);
	return result;
}
