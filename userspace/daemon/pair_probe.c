// SPDX-License-Identifier: GPL-2.0-only
/*
 * A partner whose node lost its power says nothing, and its link stays up until
 * `max-response-delay`. Whoever has reason to doubt asks: something is sent, and a
 * system that lives acknowledges it at once, however its server is.
 */
#include "daemon/pair_control_private.h"
#include "daemon/pair_private.h"

#include <stdio.h>

#define PROBE_PATIENCE 1000000000ULL /* ns: two retransmissions */

static enum ctl_code tell(struct pair *pair, enum ctl_code code, char *text, size_t size)
{
	static const char up[] = "the partner's system acknowledges what it is sent";
	static const char down[] = "there is no link to the partner";

	pair->probed = 0;
	snprintf(text, size, "%s: %s", pair->conf->name, code == CTL_LINK_UP ? up : down);
	return code;
}

/* Asked again and again: the first time says something, later ones see what has become of it. */
enum ctl_code pair_probe(void *context, const char *relation, char *text, size_t size)
{
	struct daemon *daemon = context;
	enum ctl_code code = CTL_OK;
	struct pair *pair = pair_named(daemon, relation, text, size, &code);
	struct failover_now now = pair_now();
	struct failover_status status;

	if (!pair)
		return code;
	failover_peer_status(pair->peer, &now, &status);
	if (!status.linked)
		return tell(pair, CTL_LINK_DOWN, text, size);
	if (pair->probed && !pair_unacknowledged(pair, pair->probed))
		return tell(pair, CTL_LINK_UP, text, size);
	if (!pair->probed) {
		pair->probed = failover_peer_probe(pair->peer, &now);
		pair->probed_at = now.monotonic;
	} else if (now.monotonic - pair->probed_at > PROBE_PATIENCE) {
		failover_peer_unreachable(pair->peer, pair->probed, &now);
		pair_said(daemon);
		return tell(pair, CTL_LINK_DOWN, text, size);
	}
	pair_said(daemon);
	snprintf(text, size, "%s: the link is being tried", pair->conf->name);
	return CTL_BUSY;
}
