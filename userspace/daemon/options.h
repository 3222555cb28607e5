/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line: dhcpd's own flags where dhcpd has them. */
#ifndef XDHCP_DAEMON_OPTIONS_H
#define XDHCP_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "fastpath/fastpath.h"

#define OPTIONS_INTERFACES 64
#define OPTIONS_RELATIONS 255

struct options {
	bool test; /* -t */
	bool roles; /* --roles, with -t: say what each failover peer is declared as */
	bool foreground; /* -f, or -d */
	bool debug; /* -d: log to standard error */
	bool quiet; /* -q */
	const char *configuration; /* -cf */
	const char *leases; /* -lf: the lease directory */
	const char *pid_file; /* -pf; "": none */
	const char *control; /* --control */
	const char *group; /* --group: of the control socket */
	const char *bpffs; /* --bpffs */
	const char *instance; /* --instance */
	const char *object; /* --object: the XDP program; NULL: looked for */
	enum fastpath_mode xdp; /* --xdp */
	double renew_gate, decide_gate; /* --renew-gate, --decide-gate: seconds */
	unsigned long journal_limit; /* --journal-limit: bytes before it is compacted */
	const char *tls_certificate, *tls_key, *tls_authority; /* --tls-…: PEM files; or */
	const char *tls_psk; /* --tls-psk */
	const char *plain[OPTIONS_RELATIONS]; /* --tls-not: relationships without TLS */
	size_t plain_count;
	const char *import, *export; /* --import, --export: a dhcpd.leases; NULL: serve */
	int strict; /* --strict-partner-down: 1, 0, -1: towards dhcpd */
	bool recover; /* --recover */
	struct conf_terms terms; /* --role, --cluster */
	const char *interfaces[OPTIONS_INTERFACES];
	size_t interface_count;
};

#define XDHCP_VERSION "0.1"

enum options_outcome { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/*
 * Reads the command line; the strings stay argv's. DONE: help or version was
 * printed. WRONG: standard error has what is wrong and what to write instead.
 */
enum options_outcome options_read(int argc, char **argv, struct options *ret_options);

#endif
