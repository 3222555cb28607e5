// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/settings.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/blast/bytes.h"

#define LIVE 1
#define STORM 2
#define KERNEL 4
#define PASS 8
#define NOTHING 16 /* null */
#define LEASES 32
#define ECHO 64
#define COST 128

enum form_of_value { FLAG, NUMBER, REAL, SECONDS, TEXT, ADDRESS, HARDWARE };

struct flag {
	const char *name, *argument;
	unsigned int commands;
	enum form_of_value form;
	size_t at;
	const char *text;
};

#define AT(field) offsetof(struct settings, field)

static const struct flag flags[] = {
	{"clients", "N", LIVE | LEASES, NUMBER, AT(clients), "size of the population (1000)"},
	{"count", "N", STORM | KERNEL, NUMBER, AT(count), "stop after N requests"},
	{"first-mac", "MAC", LIVE | LEASES, HARDWARE, AT(first_mac),
	 "the first client's; the next has the next (02:b1:a5:00:00:00)"},
	{"relayed", "PERCENT", LIVE | LEASES, REAL, AT(relayed),
	 "clients behind the relay that we play"},
	{"giaddr", "ADDRESS", LIVE | LEASES, ADDRESS, AT(giaddr),
	 "the relay's address on its clients' network"},
	{"server", "ADDRESS", LIVE | LEASES | ECHO, ADDRESS, AT(server),
	 "the server's address: where the relay sends to"},
	{"server-mac", "MAC", LIVE | STORM | KERNEL | LEASES, HARDWARE, AT(server_mac),
	 "instead of asking by ARP"},
	{"intercepted", "PERCENT", LIVE | LEASES, REAL, AT(intercepted),
	 "relayed clients whose unicast renewals the relay catches too (50)"},
	{"kind", "NAME", LIVE | LEASES, TEXT, AT(kind),
	 "only udhcpc, cpe, dhclient, dhcpcd, networkd or perfdhcp, instead of a mixture"},
	{"rate", "R", LIVE, REAL, AT(rate), "new clients a second at the most (no bound)"},
	{"rate", "R", STORM | KERNEL, REAL, AT(rate),
	 "requests a second (storm: 10000; kernel: as fast as it goes)"},
	{"window", "N", LIVE, NUMBER, AT(window), "clients on the way to a lease at once (500)"},
	{"churn", "R", LIVE, REAL, AT(churn), "clients a second that release and come back"},
	{"rebinding", "PERCENT", STORM, REAL, AT(rebinding),
	 "requests that are broadcast (or relayed) as after T2 (10)"},
	{"duration", "SECONDS", LIVE | STORM | KERNEL | COST, SECONDS, AT(duration),
	 "stop then; otherwise Ctrl-C does"},
	{"retry", "SECONDS", LIVE, SECONDS, AT(retry),
	 "until the first retransmission, doubled each time (4: RFC 2131)"},
	{"timeout", "SECONDS", STORM, SECONDS, AT(timeout),
	 "a request without a reply for so long is unanswered (1)"},
	{"lease", "SECONDS", LIVE | STORM, NUMBER, AT(lease),
	 "replies must give exactly this time (any)"},
	{"lease", "SECONDS", LEASES | ECHO, NUMBER, AT(lease),
	 "for how long leases are given (3600)"},
	{"first-address", "ADDRESS", LEASES | ECHO, ADDRESS, AT(first_address),
	 "of the clients on the link; the next has the next"},
	{"first-relayed", "ADDRESS", LEASES, ADDRESS, AT(first_relayed),
	 "of the clients behind the relay"},
	{"spread", "K", LEASES, NUMBER, AT(spread),
	 "leases in the table for each client, its own in it (1)"},
	{"once", NULL, LIVE, FLAG, AT(once), "end when every client has a lease"},
	{"reboot", NULL, LIVE, FLAG, AT(reboot),
	 "clients of --state come back as after a power cut (INIT-REBOOT)"},
	{"release", NULL, LIVE, FLAG, AT(release), "every client releases at the end"},
	{"lenient", NULL, LIVE | STORM, FLAG, AT(lenient),
	 "for other servers: option 61 need not be echoed, nor content stay the same"},
	{"moving", NULL, LIVE, FLAG, AT(moving),
	 "servers take over each other's addresses: a renewal may come from another one"},
	{"shared", NULL, LIVE, FLAG, AT(shared),
	 "others like this ask on the link: what goes to an unknown hardware address is theirs"},
	{"state", "FILE", LIVE | STORM | KERNEL, TEXT, AT(state),
	 "the population with its leases: read if it is there, written at the end"},
	{"keep", NULL, LIVE | STORM, FLAG, AT(keep), "leave the state file as it was"},
	{"report", "FILE", LIVE | STORM, TEXT, AT(report),
	 "append what each client was told, as it happens (see ledger.h)"},
	{"due", NULL, STORM, FLAG, AT(due),
	 "latencies from when a request was due, --timeout for the unanswered"},
	{"busy", NULL, LIVE | STORM, FLAG, AT(busy),
	 "never sleeps: a server on this machine need not spend its CPU on waking us"},
	{"echoed", NULL, STORM | KERNEL, FLAG, AT(echoed),
	 "the other side is `blast null`: the requests come back as they are"},
	{"sparse", NULL, KERNEL, FLAG, AT(sparse),
	 "judge only each reply that --full names; of all others transaction, client and length"},
	{"order", "WORD", STORM | KERNEL, TEXT, AT(order), "`sequence` or `random` (random)"},
	{"full", "N", KERNEL, NUMBER, AT(full),
	 "compare every byte of each Nth reply (1); the head of every one"},
	{"cpus", "LIST", KERNEL, TEXT, AT(cpus), "CPUs that generate, as 0,1 (the first allowed)"},
	{"object", "FILE", KERNEL, TEXT, AT(object),
	 "the generator's program (blast.bpf.o beside this program)"},
	{"unannounced", NULL, LIVE, FLAG, AT(unannounced),
	 "clients do not tell their link by ARP that an address is theirs now (RFC 2131 4.4.1)"},
	{"xdp", NULL, LIVE | STORM, FLAG, AT(xdp),
	 "take replies in by an XDP program, in the place of `blast pass` and of the kernel's "
	 "stack"},
	{"pin", "PATH", PASS, TEXT, AT(pin),
	 "pin the link to a new name on a bpffs and end, instead of holding it"},
	{"seed", "N", LIVE | STORM | KERNEL, NUMBER, AT(seed), "of all dice (the time)"},
	{"json", NULL, LIVE | STORM | KERNEL, FLAG, AT(json), "one object a second, and a summary"},
	{"dump", NULL, LIVE | STORM, FLAG, AT(dump), "show the bytes of wrong replies"},
};

#define FLAGS (sizeof(flags) / sizeof(flags[0]))

static void help_print(const struct command *command)
{
	printf("usage: blast %s %s\n\n%s\n", command->name, command->arguments, command->text);
	for (size_t i = 0; i < FLAGS; i++) {
		char left[64];

		if (!(flags[i].commands & command->bit))
			continue;
		snprintf(left, sizeof(left), "--%s %s", flags[i].name,
			 flags[i].argument ? flags[i].argument : "");
		printf("  %-22s %s\n", left, flags[i].text);
	}
}

static int mac_read(const char *word, uint64_t *ret)
{
	uint8_t mac[6];
	char rest;

	if (sscanf(word, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx%c", &mac[0], &mac[1], &mac[2], &mac[3],
		   &mac[4], &mac[5], &rest) != 6)
		return -1;
	*ret = get48(mac);
	return 0;
}

static int real_read(const char *word, double *ret)
{
	char *end;

	*ret = strtod(word, &end);
	if (end != word && (*end == 'k' || *end == 'M') && !end[1])
		*ret *= *end++ == 'k' ? 1e3 : 1e6;
	return end == word || *end || *ret < 0 ? -1 : 0;
}

static int value_read(const struct flag *flag, const char *word, void *to)
{
	struct in_addr address;
	double real;

	switch (flag->form) {
	case FLAG:
		*(bool *)to = true;
		return 0;
	case TEXT:
		*(const char **)to = word;
		return 0;
	case HARDWARE:
		return mac_read(word, to);
	case ADDRESS:
		if (inet_pton(AF_INET, word, &address) != 1)
			return -1;
		*(uint32_t *)to = ntohl(address.s_addr);
		return 0;
	default:
		break;
	}
	if (real_read(word, &real))
		return -1;
	if (flag->form == REAL)
		*(double *)to = real;
	else
		*(uint64_t *)to = (uint64_t)(flag->form == SECONDS ? real * 1e9 : real);
	return 0;
}

static void defaults_set(struct settings *settings)
{
	*settings = (struct settings){
		.clients = 1000,
		.first_mac = 0x02b1a5000000ULL,
		.intercepted = 50,
		.rebinding = 10,
		.rate = -1,
		.window = 500,
		.timeout = NS_PER_SECOND,
		.retry = 4 * NS_PER_SECOND,
		.seed = clock_read(CLOCK_REALTIME),
		.full = 1,
		.order = "random",
		.spread = 1,
	};
}

/* getopt's table of this subcommand; `val` is our own index. */
static void options_list(const struct command *command, struct option *options)
{
	size_t count = 0;

	for (size_t i = 0; i < FLAGS; i++)
		if (flags[i].commands & command->bit)
			options[count++] = (struct option){flags[i].name, flags[i].argument != NULL,
							   NULL, (int)i + 256};
	options[count++] = (struct option){"help", 0, NULL, 'h'};
	options[count] = (struct option){0};
}

int settings_read(const struct command *command, int count, char **words, struct settings *ret)
{
	struct option options[FLAGS + 2];
	int found;

	defaults_set(ret);
	options_list(command, options);
	while ((found = getopt_long(count, words, "h", options, NULL)) != -1) {
		const struct flag *flag = &flags[found - 256];

		if (found == 'h') {
			help_print(command);
			return 1;
		}
		if (found < 256) {
			fprintf(stderr, "blast: `blast %s --help` lists its flags\n",
				command->name);
			return -1;
		}
		if (value_read(flag, optarg, (char *)ret + flag->at)) {
			fprintf(stderr, "blast: --%s %s: not what is expected: %s (%s)\n",
				flag->name, optarg, flag->argument, flag->text);
			return -1;
		}
	}
	if (optind + 1 != count) {
		fprintf(stderr, "blast: one argument behind the flags, please: blast %s %s\n",
			command->name, command->arguments);
		return -1;
	}
	ret->interface = words[optind];
	return 0;
}
