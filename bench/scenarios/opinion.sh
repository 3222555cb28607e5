# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# A second opinion: Kea's own perfdhcp, on the same servers, for new leases of
# clients of the one kind that it knows. Where its highest rate and ours are
# more than a fifth apart, one of the two measures something else.

readonly OPINION_MOST=40000 # that perfdhcp is asked to send
readonly OPINION_SECONDS=4 # so long that what waits when they are over does not matter

# By a socket as perfdhcp's, so that both spend the same of the server's CPU on the clients' kernel.
opinion_newcomers() {
	local status=0

	load_shared "$1"
	load_newcomers "$@" --kind perfdhcp || status=1
	load_alone
	return $status
}

# As load_newcomers: RATE new clients a second for so long, drawn from so many that none is drawn
# twice: dhcpd is silent to who asks anew before its first ACK has left.
load_perfdhcp() {
	local server=$1 rate=$2 duration=$3

	rate=$(number "int($rate) + 1")
	load_drift=0
	load_shared "$server"
	on "$server.c" timeout $((duration + 10)) taskset -c "$generator_cpu" \
		env LD_LIBRARY_PATH="$(libraries_path)" "$(program perfdhcp)" -4 -l c0 -r "$rate" -p "$duration" \
		-R $((1 << 24)) -b "mac=04:00:$(printf '%02x' $((opinion++ % 256))):00:00:00" -W 300000 \
		"$SERVER" >"$work/perfdhcp" 2>&1 || true
	load_alone
	read -r load_sent load_answered < <(awk '
		/sent packets/ { sent[++n] = $3 } /received packets/ { got[n] = $3 }
		END { print sent[1] + 0, got[2] + 0 }' "$work/perfdhcp")
	load_loss=$(number "$load_sent > 0 ? ($load_sent - $load_answered) / $load_sent : 1")
	load_rate=$(number "$load_answered / $duration")
	load_skipped=$(number "$load_sent < $rate * $duration * 0.99 ? $load_sent : 0")
}
opinion=0

# Each lease takes an address, and many an offer does: both begin with the table as it was.
opinion_round() {
	local seconds=$OPINION_SECONDS carried_settle=server_renew

	server_renew "$1"
	carried_most opinion_newcomers "$1" "${opinions[$1]}" && record opinion "$1" blast 1/s "$value"
	server_renew "$1"
	carried_most load_perfdhcp "$1" "${opinions_perfdhcp[$1]}" && record opinion "$1" perfdhcp 1/s "$value"
}
declare -A opinions=() opinions_perfdhcp=()

# Highest rates by both; fails where perfdhcp cannot ask for as many as the server gives.
opinion_find() {
	local search_settle=server_renew sends

	dora_search "$1" opinion_newcomers || return 1
	opinions[$1]=$found
	server_renew "$1"
	load_perfdhcp "$1" $OPINION_MOST 1
	sends=$load_sent
	if holds "$found * 1.1 > $sends"; then
		say "   $1: no second opinion: blast finds $found new leases a second, perfdhcp sends $sends at the most"
		return 1
	fi
	server_renew "$1"
	search load_perfdhcp "$1" "$(number "$found * 1.6")"
	opinions_perfdhcp[$1]=$found
}

scenario_opinion() {
	local server servers=()

	for server in $(servers_list); do
		[[ $server != udhcpd && $server != dnsmasq ]] || continue
		room_set "$server" "$(dora_room "$server")"
		server_make "$server"
		ip -n "$server.c" address add 10.0.0.2/9 dev c0
		server_start "$server"
		opinion_find "$server" || continue
		servers+=("$server")
	done
	scenario_now=opinion
	rounds opinion_round "${servers[@]}"
	rooms=()
}
