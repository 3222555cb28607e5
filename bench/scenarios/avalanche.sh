# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# The power comes back: every client of the table asks for the address that it
# had (INIT-REBOOT), as fast as the generator can, which is told to take a quarter of a second
# (of the fastest, a whole one would be what is measured), again after 4, 8, 16, 32 and 64 seconds (RFC 2131 section
# 4.1) where nothing comes, and goes back to DISCOVER after four. When have 50,
# 99, 99.9 % of them an address, and when the last?

# Who has not finished by then is not asked again, unless with --all: it would take as long.
avalanche_limit() {
	[[ -n $all ]] && echo 300 || echo 40
}
declare -A avalanche_late=()

# ledger → SHARES at which so many have their ACK: a line each, seconds since the first began.
avalanche_read() {
	local began=$1 count=$2 limit=$3 ledger=$4

	awk -v "began=$began" -v "count=$count" -v "limit=$limit" '
		$2 == "leased" { at[++have] = $1 - began }
		function reached(n) { return n <= have ? at[n] : -1 }
		END {
			printf "p50 %.3f\np99 %.3f\np999 %.3f\nlast %.3f\n", reached(int(count * 0.5 + 0.5)),
				reached(int(count * 0.99 + 0.999)), reached(int(count * 0.999 + 0.999)), reached(count)
		}' "$ledger"
}

# For the curve: at every tenth of a second, what share has an address.
avalanche_curve() {
	awk -v "began=$1" -v "count=$2" '
		$2 == "leased" { tenth = int(($1 - began) * 10); have[tenth]++; if (tenth > most) most = tenth }
		END { for (i = 0; i <= most; i++) { sum += have[i]; printf "%.1f %.6f\n", (i + 1) / 10, sum / count } }' \
		"$3"
}

avalanche_round() {
	local server=$1 round=$2 limit ledger=$work/avalanche.ledger began metric at

	[[ -z ${avalanche_late[$server]:-} || -n $all ]] || return 0
	limit=$(avalanche_limit)
	server_renew "$server"
	rm -f "$ledger"
	load_takes "$server"
	on "$server.c" taskset -c "$generator_cpu" "$build/blast" subscribers --reboot --once --keep \
		--state "$work/table/all.state" --rate $((4 * leases)) --window "$leases" --duration "$limit" \
		--report "$ledger" --unannounced --json $load_intake $(load_awake "$server") $(peer "$server" flags) c0 >"$work/load.json" 2>"$work/load.err" || true
	process_end "$server" KILL # what is left in its buffer would keep it busy in the others' rounds
	load_read "$work/load.json" .clients .bound || return 0
	began=$(jq '.time - .seconds' <<<"$load_json")
	while read -r metric at; do
		if holds "$at < 0"; then
			record avalanche "$server" "$metric" s "$limit" censored=1 wrong="$load_wrong"
			avalanche_late[$server]=yes
		else
			record avalanche "$server" "$metric" s "$at" wrong="$load_wrong"
		fi
	done < <(avalanche_read "$began" "$leases" "$limit" "$ledger")
	record avalanche "$server" share 1 "$(number "$load_answered / $leases")" seconds="$limit" \
		asked="$(jq .asked_seconds <<<"$load_json")"
	avalanche_curve "$began" "$leases" "$ledger" >"$out/avalanche-$server.dat"
}

scenario_avalanche() {
	local server servers=()

	for server in $(servers_list); do
		[[ $server != udhcpd ]] || continue # knows no relays, which a fifth of the clients is behind
		servers+=("$server")
		server_make "$server"
		server_start "$server"
	done
	scenario_now=avalanche
	rounds avalanche_round "${servers[@]}"
}
