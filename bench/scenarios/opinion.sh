# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# A second opinion: Kea's own perfdhcp, on the same servers, for new leases
# through a relay, which is how it works. Where its highest rate and ours are
# more than a fifth apart, one of the two measures something else.

readonly OPINION_APART=0.2

# As load_newcomers: RATE new clients a second for so long.
load_perfdhcp() {
	local server=$1 rate=$2 duration=$3

	rate=$(number "int($rate) + 1")
	on "$server.c" timeout $((duration + 10)) taskset -c "$generator_cpu" \
		env LD_LIBRARY_PATH="$(libraries_path)" "$(program perfdhcp)" -4 -l c0 -r "$rate" -p "$duration" \
		-R $((rate * (duration + 1))) -b "mac=04:00:00:$(printf '%02x' $((opinion++ % 256))):00:00" -W 1000000 \
		"$SERVER" >"$work/perfdhcp" 2>&1 || true
	read -r load_sent load_answered < <(awk '
		/sent packets/ { sent[++n] = $3 } /received packets/ { got[n] = $3 }
		END { print sent[1] + 0, got[2] + 0 }' "$work/perfdhcp")
	load_loss=$(number "$load_sent > 0 ? ($load_sent - $load_answered) / $load_sent : 1")
	load_rate=$(number "$load_answered / $duration")
	load_skipped=$(number "$load_sent < $rate * $duration * 0.99 ? $load_sent : 0")
}
opinion=0

opinion_round() {
	carried_most load_newcomers "$1" "${opinions[$1]}" && record opinion "$1" blast 1/s "$value"
	carried_most load_perfdhcp "$1" "${opinions[$1]}" && record opinion "$1" perfdhcp 1/s "$value"
}
declare -A opinions=()

scenario_opinion() {
	local server servers=()

	for server in $(servers_list); do
		[[ $server != udhcpd && $server != dnsmasq ]] || continue
		room_set "$server" "$(dora_room "$server")"
		server_make "$server"
		ip -n "$server.c" address add 10.0.0.2/9 dev c0
		server_start "$server"
		search load_newcomers "$server" "$(dora_most "$server")" || continue
		opinions[$server]=$found
		servers+=("$server")
	done
	scenario_now=opinion
	rounds opinion_round "${servers[@]}"
	rooms=()
}
