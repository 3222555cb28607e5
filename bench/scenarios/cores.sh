# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# More CPUs: renewals in the kernel generated on one, on two, and so on, each
# with a queue of its own. Each generates, answers and judges its own share of
# the clients. How many a second, and what CPU time each takes: where CPUs get
# in each other's way, that grows.
#
# More than there are is played by queues: the link has so many, the kernel
# deals clients out to them by hash, and each is served by a thread of its own
# (NAPI) on whichever CPU is free. They cannot be faster than the CPUs; but
# what they share, they hand over to each other as more CPUs would. What a run
# of the program costs, the kernel counts.

readonly QUEUES_MOST=16

cores_servers() {
	[[ ,$peers, != *,xdhcp,* ]] || echo xdhcp
	echo null
}

# cores_begin QUEUES: servers on links with so many.
cores_begin() {
	world_clear
	link_queues=$1
	floor_start null
	if [[ ,$peers, == *,xdhcp,* ]]; then
		server_make xdhcp
		server_start xdhcp
		renewals_warm xdhcp
	fi
	link_queues=1
}

cores_round() {
	local server=$1 cpus='' cpu

	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		cpus=${cpus:+$cpus,}$cpu
		load_kernel "$server" direct "$seconds" --sparse --full 64 --cpus "$cpus" $(kernel_flags "$server") ||
			return 0
		record cores "$server" "rate-on-$((cpu + 1))" 1/s "$load_rate" loss="$load_loss"
		record cores "$server" "cpu-on-$((cpu + 1))" ns "$(number "($cpu + 1) * 1000000000 / ($load_rate + 1)")"
	done
}

# Asked from userspace, as only that is dealt out by hash.
queues_round() {
	local server=$1

	cost_begin "$server" || return 0
	load_storm "$server" direct $MOST_STORM --duration "$seconds" || return 0
	cost_end
	record "$scenario_now" "$server" cost ns "$(number "$cost_ns / ($cost_runs + 1)")" \
		loss="$load_loss" rate="$load_rate"
}

scenario_cores() {
	local server servers queues
	read -ra servers <<<"$(cores_servers | paste -sd ' ')"

	cores_begin "$(nproc)"
	scenario_now=cores
	rounds cores_round "${servers[@]}"
	for ((queues = 1; queues <= QUEUES_MOST; queues *= 2)); do
		cores_begin "$queues"
		for server in "${servers[@]}"; do
			on "$server.s" sh -c 'echo 1 >/sys/class/net/s0/threaded' || die "no threaded NAPI here"
		done
		scenario_now=queues-$queues
		rounds queues_round "${servers[@]}"
	done
}
