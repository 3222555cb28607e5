# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# lab.sh: three nodes and their clients. A node is a set of namespaces (node
# says what is its own); results, processes and links are those of
# tests/net/world.sh.
#
#   node-0N  eth0 192.0.2.1N ── cluster ── all nodes: corosync
#   node-0N  eth1 10.77.0.1N ──┐        ┌── c0  c   blast's subscribers
#                              ├ access ┼── u0  u   udhcpc
#            eth1 …          ──┘        └── d0  d   dhclient
#
# Both are bridges in namespace w, where a port is called after the last figure
# of its node: n1clu, n1acc. A frame to a station that a bridge does not know
# goes to no node, as at a switch that still has a dead node in its table.
#
# Of a node there are in $W/disks/NODE: pid, of its PID 1 while it is on; syslog;
# and under etc, usr and var, in upper, what it has written.

# shellcheck source=tests/cluster/until.sh
source "$CLUSTER/until.sh"

readonly NODES=(node-01 node-02 node-03)
readonly PATIENCE=60 # seconds for what takes one when the machine is idle

# What happened, a line each, with the time.
note() {
	printf '%s %s\n' "$EPOCHREALTIME" "$*" >>"$W/story"
}

# ----- words to a node

node_pid() {
	cat "$W/disks/$1/pid" 2>/dev/null
}

node_is_on() {
	local pid

	pid=$(node_pid "$1") && [[ -d /proc/$pid ]]
}

# in_node NODE COMMAND…
in_node() {
	local pid

	pid=$(node_pid "$1") || return 1
	shift
	nsenter -t "$pid" -m -u -i -n -p -- env -i HOME=/ LANG=C.UTF-8 TERM=dumb BUILD="$BUILD" \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# ----- links

bridge_add() {
	ip -n "$CASE.w" link add "$1" type bridge stp_state 0 mcast_snooping 0 ageing_time 360000 &&
		ip -n "$CASE.w" link set "$1" up
}

port_of() {
	printf 'n%s%.3s' "${1##*-0}" "$2"
}

# net_cut NODE NET, net_heal NODE NET: a port's plug is pulled; nobody sees a carrier go.
net_cut() {
	note "$1: $2 cut"
	touch "$W/disks/$1/cut.$2"
	ip -n "$CASE.w" link set "$(port_of "$1" "$2")" nomaster
}

net_heal() {
	note "$1: $2 healed"
	rm -f "$W/disks/$1/cut.$2"
	port_plug "$(port_of "$1" "$2")" "$2"
}

port_plug() {
	ip -n "$CASE.w" link set "$1" master "$2" &&
		ip -n "$CASE.w" link set "$1" type bridge_slave flood off
}

# frames_drop RULE…: what the bridges do not forward, in nft's words; frames_pass: all again.
frames_drop() {
	note "frames dropped: $*"
	on w nft add rule bridge lab cut "$@" drop
}

frames_pass() {
	note 'frames pass again'
	on w nft flush chain bridge lab cut
}

failover_cut() {
	frames_drop ip protocol tcp tcp dport 647
	frames_drop ip protocol tcp tcp sport 647
}

client_port() {
	pair "$1" "$2" "$3" w "$2" 02:00:00:00:ff:"${3##*:}" &&
		ip -n "$CASE.w" link set "$2" master access
}

world_make() {
	local space

	for space in w c u d; do
		space_add $space
	done
	bridge_add cluster && bridge_add access || return 1
	on w nft -f - <<-RULES || return 1
		table bridge lab {
			chain cut {
				type filter hook forward priority 0;
			}
		}
	RULES
	client_port c c0 02:00:00:00:00:0c && client_port u u0 "$UDHCPC_MAC" &&
		client_port d d0 "$DHCLIENT_MAC" || return 1
	mkdir -p "$W/disks" "$W/pins" "$W/power"
	mount -t tmpfs -o mode=755 disks "$W/disks"
	mount -t bpf none "$W/pins" || return 1
	ln -s "$work/installed" "$W/installed"
}

# ----- power

# A port, its end in the node, and what XDP_TX on a veth needs at the other end.
node_port() {
	local node=$1 net=$2 link=$3 number=${1##*-0} port

	port=$(port_of "$node" "$net")
	pair w "$port" "02:4c:42:${link#eth}0:00:0$number" \
		"$node" "$link" "02:4c:41:${link#eth}0:00:0$number" || return 1
	[[ -e $W/disks/$node/cut.$net ]] || port_plug "$port" "$net"
	rm -f "$W/pins/$port"
	on w "$BUILD/blast" pass "$port" --pin "$W/pins/$port"
}

node_on() {
	local node=$1 number=${1##*-0}

	mkdir -p "$W/disks/$node"
	space_add "$node"
	node_port "$node" cluster eth0 && node_port "$node" access eth1 || return 1
	ip -n "$CASE.$node" address add "192.0.2.1$number/24" dev eth0
	ip -n "$CASE.$node" address add "10.77.0.1$number/16" dev eth1
	background "$W/$node.console" ip netns exec "$CASE.$node" unshare --pid --mount --uts --ipc \
		--fork --kill-child --propagation private -- "$CLUSTER/node" init "$node" "$W"
	until_ok $PATIENCE node_is_on "$node"
}

process_is_gone() {
	[[ ! -d /proc/$1 ]]
}

# The links first: a machine without power sends no FIN and no RST.
node_off() {
	local node=$1 net pid

	for net in cluster access; do
		ip -n "$CASE.w" link delete "$(port_of "$node" $net)" 2>/dev/null || true
	done
	if pid=$(node_pid "$node"); then
		kill -KILL "$pid" 2>/dev/null || true
		until_ok $PATIENCE process_is_gone "$pid" || return 1
		rm -f "$W/disks/$node/pid"
	fi
	ip netns delete "$CASE.$node" 2>/dev/null || true
}

# locked NODE COMMAND…: one change of a node's power at a time.
locked() {
	local node=$1
	shift

	(
		flock 9
		"$@" 9>&-
	) 9>"$W/$node.lock"
}

crash() {
	note "$1 crashes"
	locked "$1" node_off "$1"
	note "$1 is off"
}

corosync_boot() {
	node_is_on "$1" || locked "$1" node_on "$1" || return 1
	in_node "$1" "$CLUSTER/node" start corosync
}

boot() {
	note "$1 boots"
	corosync_boot "$1" && in_node "$1" "$CLUSTER/node" start pacemaker || return 1
	note "$1 has booted"
}

# In order: pacemaker stops what runs there, and leaves.
halt() {
	note "$1 halts"
	in_node "$1" "$CLUSTER/node" stop || return 1
	locked "$1" node_off "$1"
	note "$1 has halted"
}

# each_node COMMAND…: for all nodes side by side.
each_node() {
	local node jobs=() job code=0

	for node in "${NODES[@]}"; do
		"$@" "$node" &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job" || code=1
	done
	return $code
}

all_joined() {
	local node

	for node in "${NODES[@]}"; do
		in_node "$node" corosync-quorumtool -s | grep -q "^Nodes: *${#NODES[@]}\$" || return 1
	done
}

# nodes_online N
nodes_online() {
	local count

	count=$(monitored | grep '<node .*online="true"' | grep -c 'pending="false"' || true)
	((count == $1)) || why "$count nodes are online, not $1"
}

# All join corosync before the first starts pacemaker: else the first two would be a quorum that
# fences the third.
nodes_boot() {
	each_node corosync_boot || why 'corosync does not start' || return 1
	until_ok $PATIENCE all_joined || why 'not all nodes join corosync' || return 1
	each_node boot || why 'pacemaker does not start' || return 1
	until_true $PATIENCE nodes_online "${#NODES[@]}"
}
