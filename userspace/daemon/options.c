// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/options.h"
#include "fastpath/pinned.h"

static const char usage[] =
	"Usage: xdhcpd [-t] [-f] [-d] [-q] [-4] [-cf FILE] [-lf DIR] [-pf FILE] [OPTION...] "
	"[IFACE...]\n"
	"\n"
	"Answers DHCPv4: renewals in the kernel, everything else here. Without interfaces\n"
	"it serves those that have an address in a declared subnet.\n"
	"\n"
	"As with dhcpd:\n"
	"  -t              check the configuration and exit: 0 without a word, or 1 with what is "
	"wrong\n"
	"  -f              stay in the foreground\n"
	"  -d              stay in the foreground and log to standard error\n"
	"  -q              say nothing at start\n"
	"  -4              DHCPv4, which is all there is\n"
	"  -cf FILE        configuration                     (/etc/dhcp/dhcpd.conf)\n"
	"  -lf DIR         lease directory, made when missing (/var/lib/xdhcp)\n"
	"  -pf FILE        pid file                          (/run/xdhcp/xdhcpd.pid)\n"
	"\n"
	"Of the process:\n"
	"  --control SOCKET      where xdhcpctl asks         (/run/xdhcp/xdhcpd.sock)\n"
	"  --group GROUP         who may, besides root\n"
	"  --xdp native|skb|off  how the program is attached (native, else skb)\n"
	"  --bpffs DIR           BPF file system to pin in   (/sys/fs/bpf)\n"
	"  --instance NAME       tells two servers of one machine apart (default)\n"
	"  --object FILE         the XDP program             (beside xdhcpd, or installed)\n"
	"  --renew-gate SECONDS  how long the kernel renews without a daemon (600)\n"
	"  --decide-gate SECONDS how long it answers what needs current knowledge (2)\n"
	"  --journal-limit MIB   the journal is compacted past this (256)\n"
	"\n"
	"Of failover (failover peer in the configuration):\n"
	"  --tls-certificate FILE, --tls-key FILE, --tls-authority FILE\n"
	"                        TLS towards the partner: ours, and who signed the partner's\n"
	"  --tls-psk FILE        or a key that both share, a line IDENTITY:HEX\n"
	"  --tls-not NAME        a relationship without TLS (its partner is dhcpd)\n"
	"  --strict-partner-down auto|on|off\n"
	"                        promise no more than a partner honours that forgets potential\n"
	"                        expiries in partner-down (auto: when it is dhcpd)\n"
	"  --role primary|secondary\n"
	"                        which declaration of a failover peer is this server's\n"
	"  --roles               check the configuration, and say of each failover peer what it "
	"is\n"
	"                        declared as: a line \"primary|secondary|both NAME\"\n"
	"  --cluster             a cluster says who is dead: auto-partner-down is refused\n"
	"  --recover             the partner may have served alone since the last run: serve\n"
	"                        nobody before all that it has is here\n"
	"\n"
	"Instead of serving, with no daemon on the lease directory:\n"
	"  --import FILE         takes over dhcpd's lease file; with -t: says what it would\n"
	"  --export FILE         writes such a file\n"
	"\n"
	"  --help, --version\n";

struct flag {
	const char *word;
	bool has_value;
	int (*set)(struct options *options, const char *value);
};

#define FLAG_SET(name, statement) \
	static int set_##name(struct options *options, const char *value) \
	{ \
		(void)value; \
		statement; \
		return 0; \
	}

FLAG_SET(test, options->test = true)
FLAG_SET(roles, options->test = options->roles = true)
FLAG_SET(foreground, options->foreground = true)
FLAG_SET(debug, options->debug = options->foreground = true)
FLAG_SET(quiet, options->quiet = true)
FLAG_SET(four, (void)options)
FLAG_SET(configuration, options->configuration = value)
FLAG_SET(leases, options->leases = value)
FLAG_SET(pid_file, options->pid_file = value)
FLAG_SET(control, options->control = value)
FLAG_SET(group, options->group = value)
FLAG_SET(bpffs, options->bpffs = value)
FLAG_SET(object, options->object = value)
FLAG_SET(tls_certificate, options->tls_certificate = value)
FLAG_SET(tls_key, options->tls_key = value)
FLAG_SET(tls_authority, options->tls_authority = value)
FLAG_SET(tls_psk, options->tls_psk = value)
FLAG_SET(recover, options->recover = true)
FLAG_SET(cluster, options->terms.cluster = true)

static int set_xdp(struct options *options, const char *value)
{
	static const char *const words[] = {"native", "skb", "off"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(value, words[i])) {
			options->xdp = (enum fastpath_mode)i;
			return 0;
		}
	}
	fprintf(stderr, "xdhcpd: --xdp %s: not a mode; say native, skb or off\n", value);
	return -EINVAL;
}

static int set_instance(struct options *options, const char *value)
{
	if (!fastpath_instance_valid(value)) {
		fprintf(stderr,
			"xdhcpd: --instance %s: use up to %d letters, digits and underscores\n",
			value, FASTPATH_INSTANCE_MOST);
		return -EINVAL;
	}
	options->instance = value;
	return 0;
}

static int number_read(const char *flag, const char *value, double least, double most,
		       double *ret_number)
{
	char *end;
	double number = strtod(value, &end);

	if (end == value || *end || !(number >= least && number <= most)) {
		fprintf(stderr, "xdhcpd: %s %s: not a number from %g to %g\n", flag, value, least,
			most);
		return -EINVAL;
	}
	*ret_number = number;
	return 0;
}

static int set_renew_gate(struct options *options, const char *value)
{
	return number_read("--renew-gate", value, 1, 86400, &options->renew_gate);
}

static int set_decide_gate(struct options *options, const char *value)
{
	return number_read("--decide-gate", value, 1, 86400, &options->decide_gate);
}

static int set_journal_limit(struct options *options, const char *value)
{
	double mebibytes;

	if (number_read("--journal-limit", value, 1, 1 << 20, &mebibytes))
		return -EINVAL;
	options->journal_limit = (unsigned long)(mebibytes * (1 << 20));
	return 0;
}

static int set_import(struct options *options, const char *value)
{
	options->import = value;
	if (!options->export)
		return 0;
	fprintf(stderr, "xdhcpd: --import and --export: one at a time\n");
	return -EINVAL;
}

static int set_export(struct options *options, const char *value)
{
	options->export = value;
	return options->import ? set_import(options, options->import) : 0;
}

static int set_tls_not(struct options *options, const char *value)
{
	if (options->plain_count == OPTIONS_RELATIONS) {
		fprintf(stderr, "xdhcpd: --tls-not: more than %d relationships\n",
			OPTIONS_RELATIONS);
		return -EINVAL;
	}
	options->plain[options->plain_count++] = value;
	return 0;
}

static int set_strict(struct options *options, const char *value)
{
	if (!strcmp(value, "auto"))
		options->strict = -1;
	else if (!strcmp(value, "on"))
		options->strict = 1;
	else if (!strcmp(value, "off"))
		options->strict = 0;
	else {
		fprintf(stderr, "xdhcpd: --strict-partner-down %s: say auto, on or off\n", value);
		return -EINVAL;
	}
	return 0;
}

static int set_role(struct options *options, const char *value)
{
	if (!strcmp(value, "primary"))
		options->terms.role = CONF_ROLE_PRIMARY;
	else if (!strcmp(value, "secondary"))
		options->terms.role = CONF_ROLE_SECONDARY;
	else {
		fprintf(stderr, "xdhcpd: --role %s: say primary or secondary\n", value);
		return -EINVAL;
	}
	return 0;
}

/* Half a configuration is none: said before anything is opened. */
static int tls_check(const struct options *options)
{
	int files = !!options->tls_certificate + !!options->tls_key + !!options->tls_authority;

	if ((files && files < 3) || (files && options->tls_psk)) {
		fprintf(stderr, "xdhcpd: TLS takes --tls-certificate, --tls-key and "
				"--tls-authority, or --tls-psk alone\n");
		return -EINVAL;
	}
	return 0;
}

static const struct flag flags[] = {
	{"-t", false, set_test},
	{"-f", false, set_foreground},
	{"-d", false, set_debug},
	{"-q", false, set_quiet},
	{"-4", false, set_four},
	{"-cf", true, set_configuration},
	{"-lf", true, set_leases},
	{"-pf", true, set_pid_file},
	{"--control", true, set_control},
	{"--group", true, set_group},
	{"--xdp", true, set_xdp},
	{"--bpffs", true, set_bpffs},
	{"--instance", true, set_instance},
	{"--object", true, set_object},
	{"--renew-gate", true, set_renew_gate},
	{"--decide-gate", true, set_decide_gate},
	{"--journal-limit", true, set_journal_limit},
	{"--tls-certificate", true, set_tls_certificate},
	{"--tls-key", true, set_tls_key},
	{"--tls-authority", true, set_tls_authority},
	{"--tls-psk", true, set_tls_psk},
	{"--tls-not", true, set_tls_not},
	{"--strict-partner-down", true, set_strict},
	{"--role", true, set_role},
	{"--roles", false, set_roles},
	{"--cluster", false, set_cluster},
	{"--recover", false, set_recover},
	{"--import", true, set_import},
	{"--export", true, set_export},
};

static const struct flag *flag_find(const char *word)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!strcmp(word, flags[i].word))
			return &flags[i];
	}
	return NULL;
}

static int interface_add(struct options *options, const char *name)
{
	if (options->interface_count == OPTIONS_INTERFACES) {
		fprintf(stderr, "xdhcpd: more than %d interfaces\n", OPTIONS_INTERFACES);
		return -EINVAL;
	}
	options->interfaces[options->interface_count++] = name;
	return 0;
}

/* One argument, with its value where it takes one; returns how many were used, or a negative code. */
static int argument_read(struct options *options, char **argv)
{
	const struct flag *flag = flag_find(argv[0]);

	if (!flag) {
		if (argv[0][0] != '-')
			return interface_add(options, argv[0]) ? -EINVAL : 1;
		fprintf(stderr, "xdhcpd: %s: no such flag; xdhcpd --help lists them\n", argv[0]);
		return -EINVAL;
	}
	if (flag->has_value && !argv[1]) {
		fprintf(stderr, "xdhcpd: %s: takes a value; xdhcpd --help says which\n", argv[0]);
		return -EINVAL;
	}
	if (flag->set(options, flag->has_value ? argv[1] : NULL))
		return -EINVAL;
	return flag->has_value ? 2 : 1;
}

enum options_outcome options_read(int argc, char **argv, struct options *ret_options)
{
	struct options options = {
		.configuration = "/etc/dhcp/dhcpd.conf",
		.leases = "/var/lib/xdhcp",
		.pid_file = "/run/xdhcp/xdhcpd.pid",
		.control = "/run/xdhcp/xdhcpd.sock",
		.bpffs = "/sys/fs/bpf",
		.instance = "default",
		.xdp = FASTPATH_NATIVE,
		.renew_gate = 600,
		.decide_gate = 2,
		.journal_limit = 256UL << 20,
		.strict = -1,
	};

	for (int i = 1; i < argc;) {
		int used;

		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			fputs(usage, stdout);
			return OPTIONS_DONE;
		}
		if (!strcmp(argv[i], "--version")) {
			puts("xdhcpd " XDHCP_VERSION);
			return OPTIONS_DONE;
		}
		used = argument_read(&options, argv + i);
		if (used < 0)
			return OPTIONS_WRONG;
		i += used;
	}
	if (tls_check(&options))
		return OPTIONS_WRONG;
	*ret_options = options;
	return OPTIONS_RUN;
}
