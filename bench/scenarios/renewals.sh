# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# Renewals: how many a second, what each costs the CPU, and how long they
# take. Servers in userspace are asked from userspace, open loop. What is
# answered in the kernel is asked from the kernel, as fast as it goes, on one
# CPU that generates, answers and judges.

declare -A highest=() highest_relayed=() # renewals a second, by server
common_rate=''
readonly MOST_USERSPACE=60000 MOST_ECHO=300000 MOST_STORM=100000

answers_in_kernel() {
	[[ $1 == xdhcp || $1 == null ]]
}

# Warm: a server in userspace answers for two seconds; of one that answers in the kernel each
# client renews once, until all have had an answer: its daemon has seen them all then.
renewals_warm() {
	local server=$1 rate=20000 load_resting=yes

	if ! answers_in_kernel "$server"; then
		load_storm "$server" all 300 --duration 2
	else
		until load_storm "$server" all "$rate" --count "$(table_count all)" --order sequence &&
			((load_answered == load_sent)); do
			load_settle "$server"
			rate=$((rate * 4 / 5))
			((rate > 1000)) || die "$server does not answer all of its clients: $load_json"
		done
	fi
	load_settle "$server"
}

load_direct() {
	local before

	before=$(server_cpu_time "$1")
	load_storm "$1" direct "$2" --duration "$3" || return 1
	load_cpu=$(number "($(server_cpu_time "$1") - $before) / ($load_answered > 0 ? $load_answered : 1)")
}
load_cpu=0

load_relayed() {
	load_storm "$1" relayed "$2" --duration "$3"
}

server_cpu_time() {
	process_cpu "$1"
}

# The kernel counts what the program on SERVER's link costs, until cost_end.
cost_begin() {
	ip netns exec "$1.s" "$build/blast" cost s0 >"$work/cost" 2>"$work/cost.err" &
	process[cost]=$!
	wait_for_line "$work/cost.err" counting
}

# $cost_ns in $cost_runs runs.
cost_ns=0 cost_runs=0
cost_end() {
	process_end cost
	read -r cost_ns cost_runs < <(jq -r '"\(.ns) \(.runs)"' "$work/cost")
}

# What the program on SERVER's link costs, and the daemon, which writes down what the kernel has given: ns a
# renewal. Each client renews once, as the peers' do: a second renewal soon after costs the daemon nothing.
cost_of_program() {
	local server=$1 before

	server_rests "$server"
	before=$(process_cpu "$server")
	cost_begin "$server" || return 1
	load_kernel "$server" direct 60 --count "$(table_count direct)" $(kernel_flags "$server") || return 1
	server_rests "$server"
	cost_end
	load_cpu=$(number "($cost_ns + $(process_cpu "$server") - $before) / ($load_answered + 1)")
}

renewals_in_kernel() {
	local server=$1

	load_kernel "$server" direct "$seconds" $(kernel_flags "$server") || return 0
	carried || load_rate=0
	record renewals "$server" rate 1/s "$load_rate" loss="$load_loss" wrong="$load_wrong"
	highest[$server]=$load_rate
	if [[ -s $work/table/64k.state ]]; then
		load_kernel "$server" 64k "$seconds" --sparse --full 64 $(kernel_flags "$server") || return 0
		record renewals "$server" rate-64k-random 1/s "$load_rate" loss="$load_loss" wrong="$load_wrong"
	fi
	cost_of_program "$server" || return 0
	record renewals "$server" cpu ns "$load_cpu"
}

kernel_flags() {
	if [[ $1 == null ]]; then
		echo --echoed
	fi
}

# dhcpd gets slower with each lease that is renewed out of turn: all of its rounds begin with the same table.
renewals_afresh() {
	case $1 in
	dhcpd*) server_renew "$1" ;;
	esac
}

renewals_round() {
	local server=$1

	if answers_in_kernel "$server"; then
		renewals_in_kernel "$server"
		return
	fi
	renewals_afresh "$server"
	carried_most load_direct "$server" "${highest[$server]:-0}" || return 0
	highest[$server]=$carried_at
	record renewals "$server" rate 1/s "$value" wrong="$load_wrong"
	! holds "$value > 0" || record renewals "$server" cpu ns "$load_cpu"
}

relayed_round() {
	local server=$1

	[[ $server != udhcpd ]] || return 0 # knows no relays
	if answers_in_kernel "$server"; then
		load_kernel "$server" relayed "$seconds" $(kernel_flags "$server") || return 0
		value=$load_rate
	else
		renewals_afresh "$server"
		carried_most load_relayed "$server" "${highest_relayed[$server]:-${highest[$server]:-0}}" || return 0
		highest_relayed[$server]=$carried_at
	fi
	record renewals-relayed "$server" rate 1/s "$value" wrong="$load_wrong"
}

# Percentiles at a rate that all were asked for, and at half of each one's own highest (in
# userspace no more than the generator there can send).
latency_round() {
	local server=$1 own

	load_storm "$server" direct "$common_rate" --duration "$seconds" --due || return 0
	latency_record latency "$server" "$common_rate"
	own=$(rate_half "$server")
	load_settle "$server"
	load_storm "$server" direct "$own" --duration "$seconds" --due || return 0
	latency_record latency-own "$server" "$own"
	load_settle "$server"
}

# Half of what a server carries; no more than is sent from userspace with ease.
rate_half() {
	local half

	half=$(number "${highest[$1]:-0} / 2")
	number "$half < 1 ? 1 : $half < $MOST_STORM ? $half : $MOST_STORM"
}

latency_record() {
	local point value

	for point in p50 p90 p99 p999 max; do
		value=load_$point
		record "$1" "$2" $point us "${!value}" rate="$3" loss="$load_loss"
	done
}

# Those that a table of this size is not too much for (size_most).
servers_list() {
	local server fit=()

	for server in ${peers//,/ }; do
		(($(size_most "$server") < leases)) || fit+=("$server")
	done
	printf '%s\n' "${fit[*]}"
}

servers_start() {
	local server

	for server in $(servers_list); do
		server_make "$server"
		server_start "$server"
		renewals_warm "$server"
		record_note "$server" "$(peer "$server" note)"
	done
}

# Half of the best peer's highest; of what there is, where no peer is measured.
common_rate_find() {
	local server best=0

	for server in "${!highest[@]}"; do
		case $server in
		xdhcp* | null | echo) ;;
		*) best=$(number "${highest[$server]} > $best ? ${highest[$server]} : $best") ;;
		esac
	done
	common_rate=$(number "$best > 0 ? $best / 2 : 5000")
}

highest_find() {
	local server

	for server in $(servers_list) echo; do
		! answers_in_kernel "$server" || continue
		highest_search "$server" "$(userspace_most "$server")" || continue
		record renewals "$server" saturated 1/s "$saturated"
	done
}

# More than a server of its kind can carry.
userspace_most() {
	case $1 in
	echo | xdhcp*) echo $MOST_ECHO ;;
	*) echo $MOST_USERSPACE ;;
	esac
}

highest_search() {
	search load_direct "$1" "$2" || return 1
	highest[$1]=$found
	say "   $1: carries about $found renewals a second"
	load_settle "$1"
}

scenario_renewals() {
	local servers
	read -ra servers <<<"$(servers_list)"

	floor_start null
	floor_start echo
	servers_start
	highest_find
	scenario_now=renewals
	rounds renewals_round "${servers[@]}" null echo
	common_rate_find
	scenario_now=latency
	rounds latency_round "${servers[@]}" null echo
	scenario_now=renewals-relayed
	rounds relayed_round "${servers[@]}" null
}
