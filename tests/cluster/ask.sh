# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# ask.sh: what the cluster and the daemons say.

# The first of the nodes that is on and not cut off.
any_node() {
	any_node_but ''
}

any_node_but() {
	local node

	for node in "${NODES[@]}"; do
		if [[ $node != "$1" ]] && node_is_on "$node" && [[ ! -e $W/disks/$node/cut.cluster ]]; then
			printf '%s' "$node"
			return
		fi
	done
	return 1
}

monitored() {
	in_node "${1:-$(any_node)}" timeout 5 crm_mon -1 --output-as=xml 2>/dev/null
}

control() {
	local node=$1
	shift

	in_node "$node" xdhcpctl "$@"
}

# relation NODE FILTER: of its failover status, through jq.
relation() {
	control "$1" --timeout 2 failover status --json 2>/dev/null | jq -r ".relations[0] | $2" 2>/dev/null
}

state_of() {
	relation "$1" .state
}

is() {
	local state

	state=$(state_of "$1")
	[[ $state == "$2" ]] || why "$1 is ${state:-silent}, not $2"
}

both_are() {
	is node-01 "$1" && is node-02 "$1"
}

table_of() {
	control "$1" leases --json 2>/dev/null | awk -f "$CLUSTER/../crash/leases.awk"
}

# Evidence behind a failure, as comments.
evidence() {
	local file node

	for file in "$W"/story "$W"/*.log "$W"/*.events "$W"/wrong "$W"/why; do
		[[ -s $file ]] || continue
		printf '# %s, last lines:\n' "${file#"$W/"}"
		tail -25 "$file" | cut -c 1-240 | sed 's/^/#   /'
	done
	monitored_text | sed 's/^/#   /'
	for node in "${NODES[@]}"; do
		printf '# %s, last lines of its syslog about us:\n' "$node"
		grep -hE 'xdhcp|dhcp_service|fenc' "$W/disks/$node/syslog" | tail -25 | cut -c 1-240 |
			sed 's/^/#   /'
		node_is_on "$node" || continue
		printf '# %s: %s\n' "$node" \
			"$(control "$node" --timeout 2 failover status --json 2>&1 | cut -c 1-1500)"
	done
}

monitored_text() {
	in_node "$(any_node)" timeout 5 crm_mon -1 --show-node-attributes 2>&1 || true
}
