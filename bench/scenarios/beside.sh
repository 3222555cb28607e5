# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# Two things at once: renewals at half of the rate that a server carries, and
#
#   mixed   a day's other messages beside them: 4 % new clients, 1 % releases
#   flood   new clients, far more than any server here can serve
#
# What becomes of the renewals?

readonly FLOOD_RATE=50000
readonly MOST_BESIDE=20000 # renewals, by a generator that has only a part of its CPU

# beside SERVER FLAG…: other clients, until beside_end.
beside() {
	local server=$1
	shift

	load_shared "$server"
	ip netns exec "$server.c" taskset -c "$generator_cpu" "$build/blast" subscribers --first-mac 06:ff:00:00:00:00 \
		--shared --retry 60 --json $(peer "$server" flags) "$@" c0 >"$work/beside.json" 2>"$work/beside.err" &
	process[beside]=$!
	wait_for_line "$work/beside.json" '"second"' || warn "$(tail -1 "$work/beside.err")"
}

beside_end() {
	process_end beside
	load_alone
}

# renewals_beside SCENARIO SERVER RATE
renewals_beside() {
	load_storm "$2" direct "$3" --duration "$seconds" --due || return 0
	record "$1" "$2" lost 1 "$load_loss" rate="$3"
	record "$1" "$2" p99 us "$load_p99" rate="$3"
}

mixed_round() {
	local server=$1 rate

	rate=$(rate_beside "$server")
	server_renew "$server"
	renewals_warm "$server"
	beside "$server" --clients 100000 --rate "$(number "$rate * 0.04 + 1")" --churn "$(number "$rate * 0.01 + 1")"
	renewals_beside mixed "$server" "$(number "$rate * 0.95")"
	beside_end
}

flood_round() {
	local server=$1

	server_renew "$server"
	renewals_warm "$server"
	beside "$server" --clients 1000000 --window 1000000 --rate $FLOOD_RATE
	renewals_beside flood "$server" "$(rate_beside "$server")"
	beside_end
}

rate_beside() {
	number "$(rate_half "$1") < $MOST_BESIDE ? $(rate_half "$1") : $MOST_BESIDE"
}

# Servers with room for newcomers, and what each carries without them.
beside_prepare() {
	local server

	for server in $(servers_list); do
		room_set "$server" "$(dora_room "$server")"
		server_make "$server"
		server_start "$server"
		renewals_warm "$server"
		[[ -n ${highest[$server]:-} ]] || highest_search "$server" "$(userspace_most "$server")" ||
			warn "$server: no figure of its renewals"
	done
}

scenario_mixed() {
	local servers
	read -ra servers <<<"$(servers_list)"

	beside_prepare
	scenario_now=mixed
	rounds mixed_round "${servers[@]}"
	rooms=()
}

scenario_flood() {
	local servers
	read -ra servers <<<"$(servers_list)"

	beside_prepare
	scenario_now=flood
	rounds flood_round "${servers[@]}"
	rooms=()
}
