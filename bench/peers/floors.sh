# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# The floors: the least that an XDP program can do (swap addresses, send
# back), and the least that a server in userspace can (answer whatever is
# asked, out of a memory-mapped ring). Nothing can be faster on this machine,
# and every figure says how far from them it is.

floor_version() {
	echo floor
}

peer_null_version() { floor_version; }
peer_echo_version() { floor_version; }
peer_null_fill() { :; }
peer_echo_fill() { :; }
peer_echo_flags() { echo --lenient; }
peer_null_flags() { echo --echoed; }

peer_null_run() {
	local name=$1 dir=$2
	shift 2

	process_start "$name" "$dir/log" ip netns exec "$name.s" "$@" "$build/blast" null s0
}

peer_echo_run() {
	local name=$1 dir=$2
	shift 2

	process_start "$name" "$dir/log" ip netns exec "$name.s" "$@" "$build/blast" echo \
		--server $SERVER --first-address $FIRST --lease $LEASE s0
}

# floor_start NAME
floor_start() {
	local i

	link_make "$1"
	mkdir -p "$work/server-$1"
	version[$1]=floor
	peer "$1" run "$1" "$work/server-$1" taskset -c "$server_cpu"
	for ((i = 0; i < 50; i++)); do
		! server_answers "$1" "$i" || return 0
		sleep 0.1
	done
	die "floor $1: $(tail -1 "$work/server-$1/log")"
}
