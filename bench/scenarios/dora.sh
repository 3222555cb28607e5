# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# DORA of new clients, beside the table that is there: each lease is two
# requests, and on disk before its ACK where a server does that. Every round
# begins with the table as it was.

declare -A dora_highest=()
readonly MOST_DORA=200000

dora_round() {
	local server=$1 carried_settle=dora_settle

	[[ $server == echo || $2 == 0 ]] || server_renew "$server"
	carried_most load_newcomers "$server" "${dora_highest[$server]:-0}" || return 0
	dora_highest[$server]=$carried_at
	record dora "$server" rate 1/s "$value" wrong="$load_wrong" \
		p99="$(jq '.lease_p99_us // 0' <<<"${load_json:-null}")"
}

# What is too much takes its addresses as well: the fastest would have none left for the steps below.
dora_settle() {
	case $1 in
	xdhcp*) server_renew "$1" ;;
	*) load_settle "$1" ;;
	esac
}

# dora_search SERVER [LOAD]: dhcpd's offers hold their addresses for two minutes: it is renewed between two tries.
dora_search() {
	local search_settle=load_settle

	case $1 in
	dhcpd* | xdhcp*) search_settle=server_renew ;;
	esac
	search "${2:-load_newcomers}" "$1" "$(dora_most "$1")"
}

dora_find() {
	local server

	for server in $(servers_list) echo; do
		dora_search "$server" || continue
		dora_highest[$server]=$found
		say "   $server: carries about $found new leases a second"
	done
}

# So many that a server of its kind cannot carry them, and no more: each takes an address.
dora_most() {
	case $1 in
	echo | xdhcp*) echo $MOST_DORA ;;
	*) echo 30000 ;;
	esac
}

# Free addresses: as many as the fastest can give away between two fresh starts. dhcpd goes through
# all that are free for each that it gives: it gets what it needs.
dora_room() {
	case $1 in
	dhcpd*) echo 10000 ;;
	xdhcp*) echo 400000 ;;
	*) echo 200000 ;;
	esac
}

scenario_dora() {
	local server servers
	read -ra servers <<<"$(servers_list)"

	floor_start echo
	for server in "${servers[@]}"; do
		room_set "$server" "$(dora_room "$server")"
		server_make "$server"
		server_start "$server"
	done
	dora_find
	scenario_now=dora
	rounds dora_round "${servers[@]}" echo
	rooms=()
}
