# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# world.sh: each server has a namespace of its own, SERVER.s, joined to its
# clients', SERVER.c, by a veth pair:
#
#   s0 10.0.0.1/9 ─── c0, where the generator plays clients and relay
#
# 10.0.0.0/9 is the link's network, 10.128.0.0/9 that behind the relay. MAC
# and IP addresses are the same for every server. The server runs on the last
# CPU, the generator (and with it, by the kernel's way of doing veth, whatever
# happens in a program on s0) on the first.

readonly SERVER=10.0.0.1 GIADDR=10.128.0.1 SERVER_MAC=02:00:00:00:00:51
readonly FIRST=10.0.1.0 FIRST_RELAYED=10.128.1.0 NETMASK=255.128.0.0
readonly NEIGHBOURS=/proc/sys/net/ipv4/neigh/default BUFFERS=/proc/sys/net/core/rmem_default
generator_cpu=0 server_cpu=$(($(nproc) - 1))
declare -A process=() # what runs, by name: its process id
neighbours_before='' buffers_before=''

# progress TEXT…: what is under way, on a terminal; the next line that is said takes its place.
progress() {
	[[ ! -t 2 ]] || printf '\r   %s\e[K' "$*" >&2
}

progress_end() {
	[[ ! -t 2 ]] || printf '\r\e[K' >&2
}

say() {
	progress_end
	printf '%s\n' "$*"
}

warn() {
	progress_end
	printf 'bench: %s\n' "$*" >&2
}

die() {
	warn "$*"
	exit 1
}

# What whoever serves many clients raises. Servers that answer from a UDP socket have their kernel look for
# each client's MAC address, in a table that holds a thousand by default; and where a server does not
# ask for another one, its socket's buffer holds about 280 requests (xdhcpd asks for as much as this).
limits_raise() {
	local level

	buffers_before=$(cat "$BUFFERS")
	echo $((128 << 20)) >"$BUFFERS"
	neighbours_before=$(cat "$NEIGHBOURS"/gc_thresh{1,2,3})
	for level in 3 2 1; do
		echo $((1 << 21)) >"$NEIGHBOURS/gc_thresh$level"
	done
}

limits_restore() {
	local level=1 value

	echo "$buffers_before" >"$BUFFERS"
	for value in $neighbours_before; do
		echo "$value" >"$NEIGHBOURS/gc_thresh$level"
		level=$((level + 1))
	done
}

world_make() {
	mkdir -p /run/netns "$work/bpf"
	mount -t tmpfs none /run/netns
	mount -t bpf none "$work/bpf" || die "no BPF file system can be mounted here"
	# What servers log a line a packet to is nobody's business here.
	[[ ! -e /dev/log ]] || mount --bind /dev/null /dev/log
	ip link set lo up
}

# on SPACE COMMAND…
on() {
	local space=$1
	shift

	ip netns exec "$space" "$@"
}

# link_make NAME: both namespaces and what joins them.
link_queues=1 # of each end, each way
link_make() {
	local name=$1 queues="numtxqueues $link_queues numrxqueues $link_queues"

	ip netns add "$name.s"
	ip netns add "$name.c"
	ip link add s0 address $SERVER_MAC netns "$name.s" $queues type veth \
		peer name c0 netns "$name.c" $queues || die "no veth here: the kernel lacks CONFIG_VETH"
	ip -n "$name.s" link set lo up
	ip -n "$name.s" address add $SERVER/9 dev s0
	ip -n "$name.s" link set s0 up
	ip -n "$name.s" route add 10.128.0.0/9 dev s0
	ip -n "$name.c" link set lo up
	ip -n "$name.c" link set c0 up
}

# Replies that leave by XDP_TX arrive on a veth only where a program is on the other side, too (xdhcpd
# looks for it when it starts): the generator's own (load_intake), or this one, which passes everything.
pass_start() {
	local log=$work/pass-$1.log

	! process_lives "$1-pass" || return 0
	: >"$log"
	process_start "$1-pass" "$log" ip netns exec "$1.c" "$build/blast" pass c0
	wait_for_line "$log" passing || die "$(tail -1 "$log")"
}

# wait_for_line FILE TEXT: until it is there.
wait_for_line() {
	local i

	for ((i = 0; i < 500; i++)); do
		! grep -qs "$2" "$1" || return 0
		sleep 0.02
	done
	return 1
}

link_remove() {
	ip netns del "$1.s" 2>/dev/null || true
	ip netns del "$1.c" 2>/dev/null || true
}

# process_start NAME LOG COMMAND…: in the background.
process_start() {
	local name=$1 log=$2
	shift 2

	setsid "$@" >>"$log" 2>&1 </dev/null &
	process[$name]=$!
}

process_lives() {
	[[ -n ${process[$1]:-} ]] && kill -0 "${process[$1]}" 2>/dev/null
}

# process_end NAME [SIGNAL]
process_end() {
	local pid=${process[$1]:-} signal=${2:-TERM} i

	[[ -n $pid ]] || return 0
	kill "-$signal" "$pid" 2>/dev/null || true
	for ((i = 0; i < 200; i++)); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL "$pid" 2>/dev/null || true
	wait "$pid" || true
	unset "process[$1]"
} 2>/dev/null # bash has a line to say of each that is killed

# Nanoseconds of CPU that a process has had.
process_cpu() {
	awk '{ sum += $1 } END { printf "%.0f\n", sum }' "/proc/${process[$1]}/task/"*/schedstat 2>/dev/null ||
		echo 0
}

# MiB that it has in memory.
process_memory() {
	awk '/^VmRSS/ { printf "%d\n", $2 / 1024 }' "/proc/${process[$1]}/status"
}

# Between scenarios nothing stays.
world_clear() {
	local name

	for name in "${!process[@]}"; do
		process_end "$name"
	done
	for name in $(ip netns list | awk '{ print $1 }' | grep '\.s$'); do
		link_remove "${name%.s}"
	done
	find "$work/bpf" -mindepth 1 -depth -delete 2>/dev/null || true
	find "$work" -mindepth 1 -maxdepth 1 -name 'server-*' -exec rm -rf {} +
}

world_end() {
	trap '' INT TERM HUP
	world_clear
	umount "$work/bpf" 2>/dev/null || true
}
