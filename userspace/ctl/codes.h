/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The numbered replies of the control socket. Scripts and the cluster agent
 * decide on a number, persons read the text; a number never changes its
 * meaning.
 *
 *   0    done
 *   1xx  information: what was asked for
 *   2xx  done, or under way, with something to say
 *   3xx  healthy, but something is worth knowing (findings of `check`)
 *   4xx  asked wrong: asking again gives the same answer
 *   5xx  cannot, now
 *   6xx  not healthy (findings of `check`)
 *   7xx  said by xdhcpctl itself: the daemon could not be asked
 */
#ifndef XDHCP_CTL_CODES_H
#define XDHCP_CTL_CODES_H

#include <stddef.h>

#define CTL_PROTOCOL 1 /* what a request may look like and what a field means */
#define CTL_SOCKET "/run/xdhcp/xdhcpd.sock"

#define CTL_CODES(X) \
	X(OK, 0, "ok", "done") \
	X(STATUS, 100, "status", "the state of the daemon") \
	X(LEASES, 101, "leases", "end of the list of leases") \
	X(STATS, 102, "stats", "counters") \
	X(HELP, 103, "help", "commands") \
	X(FAILOVER, 104, "failover", "the failover relationships") \
	X(GATES_OPEN, 105, "gates-open", "the kernel answers") \
	X(GATES_SHUT, 106, "gates-shut", "the kernel answers nothing") \
	X(STORE, 107, "store", "what the lease directory says of itself") \
	X(HEALTHY, 110, "healthy", "serving") \
	X(SELF_TEST_PASSED, 111, "self-test-passed", "kernel and userspace answer as they should") \
	X(LINK_UP, 112, "link-up", "the partner's system answers") \
	X(LINK_DOWN, 113, "link-down", "there is no link to the partner") \
	X(RELOADED, 200, "reloaded", "the new configuration is in force") \
	X(STOPPING, 201, "stopping", "the daemon has begun to stop") \
	X(DETACHED, 202, "detached", "the kernel no longer answers") \
	X(HANDING_OVER, 203, "handing-over", \
	  "the partner is told to take over; then the daemon ends") \
	X(PARTNER_DOWN, 204, "partner-down", "the partner is taken for dead") \
	X(INITIALISED, 205, "initialised", "the pair is taken for a new one") \
	X(RESTARTING, 206, "restarting", "the next daemon is about to take this one's place") \
	X(LINGERING, 207, "lingering", "the kernel goes on for a while, then falls silent") \
	X(NOTE_SKB, 301, "note-skb", "fast path in skb mode: slower than the driver's") \
	X(NOTE_XDP_OFF, 302, "note-xdp-off", "fast path switched off") \
	X(NOTE_POOL_FULL, 303, "note-pool-full", "a pool has no free address") \
	X(NOTE_FAILOVER, 304, "note-failover", "a failover relationship is not in normal") \
	X(NOTE_SKEW, 305, "note-skew", "the partner's clock is not ours") \
	X(NOTE_COMMON, 306, "note-common", "the partner's configuration differs, harmlessly") \
	X(NOTE_OTHER, 309, "note-other", "worth knowing") \
	X(BAD_JSON, 400, "bad-json", "the request is not one line with one JSON object") \
	X(NO_COMMAND, 401, "no-command", "the request names no command") \
	X(UNKNOWN_COMMAND, 402, "unknown-command", "no such command") \
	X(BAD_ARGUMENT, 403, "bad-argument", "an argument is unknown or has no meaning") \
	X(TOO_LONG, 404, "too-long", "the request is longer than the daemon reads") \
	X(BAD_CONFIGURATION, 405, "bad-configuration", \
	  "the configuration is refused, the old one stays") \
	X(NOT_FOUND, 406, "not-found", "there is nothing of that name") \
	X(REFUSED, 407, "refused", "the state does not allow it") \
	X(TOO_MANY_CLIENTS, 500, "too-many-clients", "all control connections are taken") \
	X(FAILED, 501, "failed", "it was tried and failed") \
	X(NO_MEMORY, 502, "no-memory", "no memory") \
	X(NOT_SERVING, 503, "not-serving", "the daemon is starting or stopping") \
	X(BUSY, 504, "busy", "something is under way: ask again in a moment") \
	X(UNHEALTHY, 600, "unhealthy", "not serving as it should") \
	X(SICK_STORE, 601, "sick-store", "leases cannot be made durable") \
	X(SICK_LOOP, 602, "sick-loop", "the daemon's loop is late") \
	X(SICK_DETACHED, 603, "sick-detached", "the fast path's program is not attached") \
	X(SICK_GATE, 604, "sick-gate", "a gate of the fast path is shut") \
	X(SICK_INTERFACE, 605, "sick-interface", "an interface is down or gone") \
	X(SICK_PORT, 606, "sick-port", "the DHCP port cannot be served") \
	X(SICK_FAILOVER, 607, "sick-failover", "a failover state blocks service") \
	X(SICK_COMMON, 608, "sick-common", \
	  "the partner's configuration differs where an address could be given twice") \
	X(SICK_OTHER, 609, "sick-other", "not healthy") \
	X(SICK_SELF_TEST, 610, "sick-self-test", \
	  "an answer that the self-test asked for is wrong") \
	X(SICK_UNSERVED, 611, "sick-unserved", "no interface is served") \
	X(NO_DAEMON, 700, "no-daemon", "no daemon answers on the socket") \
	X(NOT_ALLOWED, 701, "not-allowed", "the socket may not be used by this user") \
	X(BROKEN_REPLY, 702, "broken-reply", "the connection ended or the reply made no sense") \
	X(BAD_USAGE, 710, "bad-usage", "xdhcpctl was called wrong")

enum ctl_code {
#define CTL_CODE_ENUM(name, number, word, text) CTL_##name = (number),
	CTL_CODES(CTL_CODE_ENUM)
#undef CTL_CODE_ENUM
};

/* "bad-json" and so on, or its meaning; NULL for a number that is none. */
static inline const char *ctl_code_word(int code)
{
	switch (code) {
#define CTL_CODE_WORD(name, number, word, text) \
	case (number): \
		return word;
		CTL_CODES(CTL_CODE_WORD)
#undef CTL_CODE_WORD
	}
	return NULL;
}

static inline const char *ctl_code_text(int code)
{
	switch (code) {
#define CTL_CODE_TEXT(name, number, word, text) \
	case (number): \
		return text;
		CTL_CODES(CTL_CODE_TEXT)
#undef CTL_CODE_TEXT
	}
	return NULL;
}

/*
 * What a shell is told: 0 yes (below 400), 1 the daemon says no or is not
 * healthy (5xx, 6xx), 2 the daemon could not be asked (70x), 3 asked wrong
 * (4xx, 71x).
 */
static inline int ctl_code_exit(int code)
{
	if (code < 400)
		return 0;
	if (code < 500 || code >= 710)
		return 3;
	return code < 700 ? 1 : 2;
}

#endif
