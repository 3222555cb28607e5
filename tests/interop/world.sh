# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# world.sh: two servers, a and b, and their clients on one link, and a second
# link between the servers that failover runs on. Results, processes and links
# are those of tests/net/world.sh.
#
#   a  a0 10.77.0.1 ──┐         ┌── c0  c   blast's subscribers
#                     ├─ bridge ┼── u0  u   udhcpc
#   b  b0 10.77.0.2 ──┘         └── d0  d   dhclient
#
#   a  a1 192.0.2.1 ─── wire ─── b1 192.0.2.2  b
#
# Both are bridges in namespace w. A cut wire swallows frames: nobody sees a
# carrier go.

readonly LINK_A=10.77.0.1 LINK_B=10.77.0.2 WIRE_A=192.0.2.1 WIRE_B=192.0.2.2
servers=(a b) # a story may add e (story_ring.sh)
readonly UDHCPC_MAC=02:00:00:00:00:75 DHCLIENT_MAC=02:00:00:00:00:64

# What happened, a line each, with the time: read beside a capture.
note() {
	printf '%s %s\n' "$EPOCHREALTIME" "$*" >>"$W/story"
}

# Evidence behind a failure, as comments.
evidence() {
	local file server

	for file in "$W"/*.log "$W"/*.events "$W"/wrong "$W"/why; do
		[[ -s $file ]] || continue
		printf '# %s, last lines:\n' "${file##*/}"
		tail -12 "$file" | cut -c 1-200 | sed 's/^/#   /'
	done
	for server in "${servers[@]}"; do
		printf '# %s is %s\n' "$server" "$(state_of "$server")"
		[[ $(kind "$server") == dhcpd ]] ||
			control "$server" failover status --json 2>&1 | cut -c 1-2000 | sed 's/^/#   /'
	done
}

bridge_add() {
	ip -n "$CASE.w" link add "$1" type bridge forward_delay 0 mcast_snooping 0 || return 1
	ip -n "$CASE.w" link set "$1" up
}

# plug PORT: into its bridge. Only its own frames go to a server: dhcpd listens to whatever comes
# along, and would answer what a bridge floods because its partner is gone.
plug() {
	case $1 in
	[abe]1) ip -n "$CASE.w" link set "$1" master wire ;;
	[abe]0)
		ip -n "$CASE.w" link set "$1" master access
		ip -n "$CASE.w" link set "$1" type bridge_slave flood off
		bridge -n "$CASE.w" fdb replace "02:00:00:00:00:0${1%0}" dev "$1" master static
		;;
	*) ip -n "$CASE.w" link set "$1" master access ;;
	esac
}

unplug() {
	ip -n "$CASE.w" link set "$1" nomaster
}

# port SPACE NAME MAC: a link of SPACE into a bridge of w.
port() {
	pair "$1" "$2" "$3" w "$2" 02:00:00:00:ff:"${3##*:}" || return 1
	plug "$2"
}

world_make() {
	local space

	for space in w a b c u d; do
		space_add $space
	done
	bridge_add access && bridge_add wire || return 1
	port a a0 02:00:00:00:00:0a && port a a1 02:00:00:00:01:0a || return 1
	port b b0 02:00:00:00:00:0b && port b b1 02:00:00:00:01:0b || return 1
	port c c0 02:00:00:00:00:0c || return 1
	port u u0 $UDHCPC_MAC && port d d0 $DHCLIENT_MAC || return 1
	ip -n "$CASE.a" address add $LINK_A/16 dev a0
	ip -n "$CASE.b" address add $LINK_B/16 dev b0
	ip -n "$CASE.a" address add $WIRE_A/24 dev a1
	ip -n "$CASE.b" address add $WIRE_B/24 dev b1
	# Where XDP is refused the stories are the same, by userspace alone.
	{ pass_start w a0 && pass_start w b0; } || xdp=off
}

# wire_cut, wire_heal: the servers do not hear each other; clients hear both.
wire_cut() {
	note 'wire cut'
	unplug b1
}

wire_heal() {
	plug b1
	note 'wire healed'
}

# links_cut SERVER: what a dead node does: no FIN, no word to anyone. links_heal: its power is back.
links_cut() {
	unplug "${1}0"
	unplug "${1}1"
}

links_heal() {
	plug "${1}0"
	plug "${1}1"
}

# access_cut SERVER: clients do not hear it; its partner does. access_heal: they do.
access_cut() {
	note "access of $1 cut"
	unplug "${1}0"
}

access_heal() {
	plug "${1}0"
	note "access of $1 healed"
}

# What goes over the wire, for tshark: only where somebody asked for it.
capture_start() {
	[[ -n ${CAPTURE:-} ]] || return 0
	background "$W/capture.log" ip netns exec "$CASE.w" dumpcap -q -i a1 -f 'tcp port 647' \
		-w "$W/wire.pcapng"
	capture=$pid
	until_true 10 grep -qs 'Capturing on' "$W/capture.log"
}

# captured_until TIME: frames wait in the kernel for a while.
captured_until() {
	tshark -r "$W/wire.pcapng" -T fields -e frame.time_epoch 2>/dev/null | tail -1 |
		awk -v time="$1" '{ last = $1 } END { exit last < time }'
}

# The servers say something every few seconds, if both are there.
capture_end() {
	[[ -n ${capture:-} ]] || return 0
	until_true $((delay / 2 + 2)) captured_until $EPOCHSECONDS || true
	process_end "$capture" INT
	capture=''
}
