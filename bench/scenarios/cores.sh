# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# More CPUs: renewals in the kernel generated on one, on two, and so on. Each
# generates, answers and judges its own share of the clients.

cores_round() {
	local server=$1 cpus='' cpu

	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		cpus=${cpus:+$cpus,}$cpu
		load_kernel "$server" direct "$seconds" --sparse --full 64 --cpus "$cpus" $(kernel_flags "$server") ||
			return 0
		record cores "$server" "rate-on-$((cpu + 1))" 1/s "$load_rate" loss="$load_loss"
	done
}

scenario_cores() {
	floor_start null
	if [[ ,$peers, == *,xdhcp,* ]]; then
		server_make xdhcp
		server_start xdhcp
		renewals_warm xdhcp
	fi
	scenario_now=cores
	rounds cores_round $([[ ,$peers, != *,xdhcp,* ]] || echo xdhcp) null
}
