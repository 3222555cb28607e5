# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# load.sh: the generator's calls. Each leaves the generator's own summary in
# $load_json, and of it what most ask for:
#
#   load_sent load_answered load_loss (a share) load_rate (answered a second)
#   load_drift how much longer the second half waited than the first (a share of the time)
#   load_wrong replies that were wrong, load_p50, load_p90, load_p99, load_p999, load_max (µs)

load_json='' load_sent=0 load_answered=0 load_loss=1 load_rate=0 load_wrong=0
load_p50=0 load_p90=0 load_p99=0 load_p999=0 load_max=0 load_skipped=0 load_drift=0

# load_read FILE SENT ANSWERED [SECONDS [CARRIED]]: a generator's summary; expressions say what
# counts as sent and answered, for how long it sent, and what of it counts as not lost.
load_read() {
	load_json=$(grep '"kind":"summary"' "$1" || true)
	[[ -n $load_json ]] || return 1
	read -r load_sent load_answered load_loss load_rate load_wrong load_p50 load_p90 load_p99 load_p999 load_max \
		load_skipped load_drift < <(
		jq -r "($2) as \$sent | ($3) as \$answered | ([${4:-.seconds}, 0.001] | max) as \$seconds |
			([(.drift_us // 0) / 1000000 / \$seconds, 0] | max) as \$drift |
			[\$sent, \$answered,
			 (if \$sent > 0 then ([\$sent - (${5:-\$answered}), 0] | max) / \$sent else 1 end),
			 \$answered / \$seconds / (1 + 2 * \$drift), .failed,
			 .renewal_p50_us // 0, .renewal_p90_us // 0, .renewal_p99_us // 0, .renewal_p999_us // 0,
			 .renewal_max_us // 0, .skipped // 0, \$drift] |
			map(tostring) | join(\" \")" <<<"$load_json"
	)
	[[ $load_wrong == 0 || -n $load_resting ]] || warn "$server: $load_wrong wrong replies: $(jq -c .failures <<<"$load_json")"
}

# load_awake SERVER: the generator does not sleep, unless the server runs on its CPU, too.
load_awake() {
	[[ $1 == *-mt ]] || echo --busy
}

# Replies are taken in by the generator's own program on the link, in the place of the passing one: it
# leaves the least to the clients' kernel, which on veth works on the server's CPU. Where somebody
# else is on the link as well, sockets take them, from load_shared SERVER until load_alone.
load_intake=--xdp
load_shared() {
	load_intake=''
	! answers_in_kernel "$1" || pass_start "$1"
}

load_alone() {
	load_intake=--xdp
}

# load_takes SERVER: the link is the generator's.
load_takes() {
	[[ -z $load_intake ]] || process_end "$1-pass"
}

# Where the populations are, if not in $work/table.
table=''

# load_storm SERVER POPULATION RATE [FLAG…]: renewals, open loop, from userspace.
load_storm() {
	local server=$1 population=$2 rate=$3 file=$work/load.json
	shift 3

	load_takes "$server"
	on "$server.c" taskset -c "$generator_cpu" "$build/blast" storm \
		--state "${table:-$work/table}/$population.state" \
		--keep --rate "$rate" --json $load_intake $(load_awake "$server") $(peer "$server" flags) "$@" c0 >"$file" 2>"$work/load.err" || true
	load_read "$file" .sent '([.renewals - .failed, 0] | max)' "((.sent + .skipped) / $rate)" || {
		warn "$(tail -1 "$work/load.err")"
		return 1
	}
}

# load_kernel SERVER POPULATION SECONDS [FLAG…]: renewals from within the kernel, as fast as it goes.
load_kernel() {
	local server=$1 population=$2 duration=$3 file=$work/load.json
	shift 3

	load_takes "$server"
	on "$server.c" "$build/blast" kernel --state "$work/table/$population.state" --cpus "$generator_cpu" \
		--duration "$duration" --json "$@" c0 >"$file" 2>"$work/load.err" || true
	load_read "$file" .sent .correct || {
		warn "$(tail -1 "$work/load.err")"
		return 1
	}
}

# New clients each time: no two calls of a run have a MAC address in common.
mac_next=0 mac=''

# mac_take COUNT: $mac is the first of so many.
mac_take() {
	printf -v mac '06:%02x:%02x:%02x:%02x:%02x' $((mac_next >> 32 & 255)) $((mac_next >> 24 & 255)) \
		$((mac_next >> 16 & 255)) $((mac_next >> 8 & 255)) $((mac_next & 255))
	mac_next=$((mac_next + $1))
}

# load_newcomers SERVER RATE SECONDS [FLAG…]: DORA of so many new clients a second; who has no
# lease a second after the last began counts as lost, and so does who had to ask twice.
load_newcomers() {
	local server=$1 rate=$2 duration=$3 file=$work/load.json count
	shift 3

	count=$(awk -v "rate=$rate" -v "seconds=$duration" 'BEGIN { printf "%d", rate * seconds + 1 }')
	mac_take "$count"
	load_takes "$server"
	on "$server.c" taskset -c "$generator_cpu" "$build/blast" subscribers --clients "$count" --rate "$rate" \
		--window "$count" --first-mac "$mac" --once --duration $((duration + 1)) --retry 1 --unannounced --json \
		$load_intake $(load_awake "$server") $(peer "$server" flags) "$@" c0 >"$file" 2>"$work/load.err" || true
	# 4.4.1: two requests a lease, each answered the first time.
	load_read "$file" .clients .leased "([.asked_seconds, .clients / $rate] | max)" \
		'([.leased - .retransmissions, 0] | max)' || {
		warn "$(tail -1 "$work/load.err")"
		return 1
	}
	load_drift=$(number "$load_drift / 2") # of both together, until here
	load_skipped=$(jq "[.asked_seconds * $rate - .clients, 0] | max" <<<"$load_json")
}

# load_settle SERVER: what a load before has left in its queues is over. What comes of that
# meanwhile are replies to transactions that nobody knows any more: no fault of the server's.
# Whoever does not get there in two seconds is started anew, with a fresh table (server_empty).
load_resting=''
load_settle() {
	local i load_resting=yes

	for ((i = 0; i < 10; i++)); do
		load_storm "$1" probe 1000 --count 8 --timeout 2
		((load_answered < 8)) || return 0
		answers_in_kernel "$1" || server_empty "$1"
	done
	warn "$1 does not come to rest"
}
