# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# story_runbook.sh: what an operator types, word for word, from a cluster without
# the service to clients that are served.

# types WORDS COMMAND…: on node-01; ends well, and says that.
types() {
	local words=$1
	shift

	in_node node-01 "$@" >"$W/said" 2>&1 || why "$*: ended with $?: $(tail -1 "$W/said")" || return 1
	grep -qE -- "$words" "$W/said" || why "$*: does not say $words: $(tail -3 "$W/said" | paste -sd' ')"
}

# Says nothing at all.
types_silent() {
	in_node node-01 "$@" >"$W/said" 2>&1 || why "$*: ended with $?: $(tail -1 "$W/said")" || return 1
	[[ ! -s $W/said ]] || why "$*: says $(head -1 "$W/said")"
}

started_on_two() {
	types 'Clone Set: dhcp_service-clone \[dhcp_service\]:' pcs status resources || return 1
	grep -qE '\* Started: \[ node-0[1-3] node-0[1-3] \]' "$W/said" ||
		why "pcs status resources: $(paste -sd' ' "$W/said")"
}

started_where_preferred() {
	types '\* Started: \[ node-01 node-02 \]' pcs status resources
}

port_is_served() {
	in_node "$1" ss -lunp >"$W/said" 2>&1 || return 1
	grep -E ':67[[:space:]]' "$W/said" | grep -qE '0\.0\.0\.0:67 .*users:\(\("xdhcpd",' ||
		why "port 67 on $1: $(grep -E ':67[[:space:]]' "$W/said" || echo nobody)"
}

kernel_renews() {
	local node count=0

	for node in "$one" "$two"; do
		count=$((count + $(control "$node" stats --json | jq '[.counters[] | select(
			.group == "kernel" and (.word | IN("renewing", "rebinding", "relayed"))).value] | add // 0')))
	done
	((count >= $1)) || why "the kernels have renewed $count times, not $1"
}

# The preference is said before anything starts, as ocf/README.md has it.
types_preferred() {
	check create types_silent pcs resource create dhcp_service ocf:custom:xdhcp \
		op monitor interval=30s --disabled || return 1
	check clone types_silent pcs resource clone dhcp_service meta clone-max=2 clone-node-max=1 ||
		return 1
	check prefer types_silent pcs constraint location dhcp_service-clone prefers \
		node-01=100 node-02=100 || return 1
	check stickiness types . pcs resource defaults update resource-stickiness=200 || return 1
	check enable types_silent pcs resource enable dhcp_service || return 1
	check preferred until_true 30 started_where_preferred
}

types_plain() {
	check create types_silent pcs resource create dhcp_service ocf:custom:xdhcp \
		op monitor interval=30s || return 1
	check clone types_silent pcs resource clone dhcp_service meta clone-max=2 clone-node-max=1 ||
		return 1
	check started until_true 30 started_on_two
}

# story_runbook plain|preferred
story_runbook() {
	service=''
	check cluster cluster_make || return 1
	check status types 'Online: \[ node-01 node-02 node-03 \]' pcs status || return 1
	check configuration types_silent xdhcpd -t -cf /etc/dhcp/dhcpd.conf || return 1
	"types_$1" || return 1
	check found until_true 20 pair_is_found || return 1
	check port port_is_served "$one" || return 1
	check port-second port_is_served "$two" || return 1
	check normal until_true "$PATIENCE" pair_is_normal || return 1
	check addresses until_true 20 addresses_are_placed || return 1
	subscribers_start many 40 --moving --retry 1
	check leases until_true 20 bound many 40 || return 1
	check kernel until_true "$lease_time" kernel_renews 20 || return 1
	story_settled
}
