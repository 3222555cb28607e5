#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# alert.sh: an alert agent of Pacemaker that wakes xdhcp-partner on its node,
# for the events of which a clone is not notified: a person's confirmation that a
# node is dead, first of all. It runs as hacluster and decides nothing.

case ${CRM_alert_kind:-} in
node | fencing) ;;
*) exit 0 ;;
esac
for pipe in "${XDHCP_RUNTIME:-/run/xdhcp-cluster}"/xdhcp-*.wake; do
	[ -p "$pipe" ] || continue
	printf '%s\n' "$CRM_alert_kind" |
		dd of="$pipe" oflag=nonblock conv=nocreat,notrunc status=none 2>/dev/null
done
exit 0
