# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# What the size of the table does: a renewal's cost from a thousand leases to
# ten million (clients of a million of them ask, spread over the table), the
# time that a start with them takes, and memory.

# Servers for small networks, which would take minutes to begin and seconds to answer, and those whose start takes minutes, end earlier.
size_most() {
	case $1 in
	dnsmasq | udhcpd) echo 10000 ;;
	dhcpd*) echo 1000000 ;;
	*) echo 10000000 ;;
	esac
}

# Of the largest tables only one fits into memory: nobody is left running.
size_round() {
	size_measure "$@"
	server_stop "$1"
}

size_measure() {
	local server=$1 round=$2 began

	server_forget "$server"
	server_fill "$server"
	began=${EPOCHREALTIME/./}
	server_start "$server"
	record table-size "$server" start s "$(number "(${EPOCHREALTIME/./} - $began) / 1000000")"
	record table-size "$server" memory MiB "$(process_memory "$server")"
	renewals_warm "$server"
	if answers_in_kernel "$server"; then
		load_kernel "$server" all "$seconds" --sparse --full 64 || return 0
		value=$load_rate
	else
		[[ $round != 1 ]] || highest_search "$server" "$(userspace_most "$server")" || return 0
		carried_most load_direct "$server" "${highest[$server]:-0}" || return 0
	fi
	record table-size "$server" rate 1/s "$value"
}

million_round() {
	load_kernel "$1" all "$seconds" --sparse --full 64 $(kernel_flags "$1") || return 0
	carried || load_rate=0
	record renewals "$1" rate-1m-random 1/s "$load_rate"
}

# One size: its table, its servers, their rounds.
size_run() {
	local server servers=()

	leases=$1
	spread=$(($1 > 1000000 ? $1 / 1000000 : 1))
	rm -rf "$work/table"
	table_write "$work/table" $(($1 / spread))
	say "   $leases leases"
	for server in $(servers_list); do
		(($(size_most "$server") >= leases)) || continue
		link_make "$server" # each round fills it
		servers+=("$server")
	done
	scenario_now=table-size
	rounds size_round "${servers[@]}"
	if [[ $leases == 1000000 && " ${servers[*]} " == *" xdhcp "* ]]; then
		server_renew xdhcp
		renewals_warm xdhcp
		floor_start null
		scenario_now=renewals
		rounds million_round xdhcp null
	fi
	world_clear
}

scenario_table_size() {
	local before=$leases size

	for size in 1000 10000 100000 1000000 10000000; do
		size_run "$size"
	done
	spread=1
	leases=$before
	rm -rf "$work/table"
	tables_make
}
