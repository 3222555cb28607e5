// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "bench/blast/settings.h"

static const struct command commands[] = {
	{"subscribers", "[FLAGS] IFACE", "clients that get, renew and release leases",
	 "Plays a population of DHCP clients on IFACE, each with a MAC address and a life of its\n"
	 "own (RFC 2131 section 4.4), checks every reply and measures how long it took.\n"
	 "One line a second; Ctrl-C ends with a summary. `sent`, `replies` and the like are of\n"
	 "the second, `bound` is how many hold a lease, `unansw.` counts requests that were\n"
	 "retransmitted more than once or given up.\n\n"
	 "  blast subscribers veth1 --clients 1000 --rate 200\n"
	 "  blast subscribers veth1 --clients 65536 --once --state /tmp/leases\n"
	 "  blast subscribers veth1 --state /tmp/leases --relayed 30 --giaddr 10.1.0.1 \\\n"
	 "        --server 10.0.0.1 --report /tmp/told --duration 60 --json\n\n"
	 "Exit: 0 fine, 1 a reply was wrong, 2 could not start, 3 (--once) not all got a lease.\n",
	 subscribers_run, 1},
	{"storm", "--state FILE [FLAGS] IFACE", "renewals at a rate, from userspace",
	 "Sends renewals of the population in FILE (`blast subscribers --once` makes it) at a\n"
	 "given rate, whether or not replies come (open loop), each once, and checks every\n"
	 "reply. What is not answered within --timeout is `unanswered`.\n\n"
	 "  blast storm veth1 --state /tmp/leases --rate 50k --duration 10\n\n"
	 "Exit: 0 fine, 1 a reply was wrong, 2 could not start, 3 requests were unanswered.\n",
	 storm_run, 2},
	{"kernel", "--state FILE [FLAGS] IFACE",
	 "renewals from within the kernel, millions a second",
	 "Sends unicast renewals of the population in FILE from an XDP program (BPF_PROG_TEST_RUN\n"
	 "with live frames), and checks the replies in another on IFACE, which needs no other\n"
	 "program for that time. IFACE is the client side of a veth pair whose other side has a\n"
	 "native XDP program. One reply of each sort is first taken in userspace, checked there\n"
	 "as `storm` does, and serves as the image that all others are compared with.\n\n"
	 "  blast kernel veth1 --state /tmp/leases --duration 10\n\n"
	 "Exit: 0 fine, 1 a reply was wrong, 2 could not start, 3 requests were unanswered.\n",
	 kernel_run, 4},
	{"pass", "[FLAGS] IFACE", "the passing XDP program that the other side's XDP_TX needs",
	 "Attaches an XDP program to IFACE, natively, that passes everything. On veth, frames\n"
	 "that the other side sends by XDP_TX arrive only where such a program is. It stays\n"
	 "until this process ends, or pinned until the pin is removed.\n\n"
	 "  blast pass veth1 &\n"
	 "  blast pass veth1 --pin /sys/fs/bpf/veth1-pass\n",
	 pass_run, 8},
	{"null", "IFACE", "the least that an XDP program can do: swaps addresses and sends back",
	 "Attaches an XDP program to IFACE, natively, that swaps the addresses of whatever comes\n"
	 "and sends it back, until this process ends: what `kernel --echoed` and\n"
	 "`storm --echoed` measure is the most that any program can reach here.\n",
	 null_run, 16},
	{"leases", "[FLAGS] dhcpd|kea|dnsmasq|udhcpd|FILE",
	 "a table of leases, as if clients had asked for them",
	 "Prints the population's leases as that server's lease file, or writes them to FILE "
	 "as\n"
	 "a state file. The same flags give the same leases.\n\n"
	 "  blast leases --clients 100k --first-address 10.64.1.0 --server 10.64.0.1 \\\n"
	 "        --server-mac 02:00:00:00:00:51 dhcpd >dhcpd.leases\n",
	 leases_run, 32},
	{"echo", "--server ADDRESS --first-address ADDRESS IFACE",
	 "the least that a server in userspace can do",
	 "Answers every direct client on IFACE at once with what it asks for, without a table: "
	 "how\n"
	 "fast that is is what servers in userspace are to be compared with. It never refuses,\n"
	 "and gives an address twice where two clients ask for it.\n",
	 echo_run, 64},
	{"cost", "[--duration SECONDS] IFACE", "what the XDP program on IFACE costs",
	 "Has the kernel count how often the program ran and for how long (which itself costs\n"
	 "some 20 ns a run), until Ctrl-C, and prints both.\n",
	 cost_run, 128},
};

static int usage(FILE *file)
{
	fprintf(file, "usage: blast COMMAND [FLAGS] IFACE\n\n"
		      "Simulated DHCP subscribers: load, and a strict judge of every reply.\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(file, "  %-12s %s\n", commands[i].name, commands[i].purpose);
	fprintf(file, "\n`blast COMMAND --help` says more.\n");
	return EXIT_SETUP;
}

int main(int argc, char **argv)
{
	struct settings settings;
	int result;

	if (argc < 2)
		return usage(stderr);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		usage(stdout);
		return EXIT_FINE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		result = settings_read(&commands[i], argc - 1, argv + 1, &settings);
		if (result)
			return result > 0 ? EXIT_FINE : EXIT_SETUP;
		return commands[i].run(&settings);
	}
	fprintf(stderr, "blast: no command %s\n", argv[1]);
	return usage(stderr);
}
