# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# method.sh: how a figure comes about.
#
# The highest rate that a server carries (less than 0.1 % lost) is looked for
# once. Each round then measures there and a step to either side, or farther,
# and has as its value the highest that it carried. Rounds of all servers
# are interleaved, so that what the machine does meanwhile meets all of them.
# Where a figure's rounds differ by more than 15 % from their median, all are
# made anew, once; where they still do, or the run has lasted long enough,
# the figure is marked as noise.

readonly LOSS_MOST=0.001 DRIFT_MOST=0.05 STEP=1.05
readonly ANEW_UNTIL=330 # seconds: what is to come takes seven minutes then, and nine on a busy machine

# number EXPRESSION: what awk makes of it.
number() {
	awk "BEGIN { number = $1; printf \"%.6g\", number }"
}

# holds EXPRESSION
holds() {
	[[ $(awk "BEGIN { print ($1) ? 1 : 0 }") == 1 ]]
}

# Everything that was to be sent was, and answered, and not later and later: what waits in a buffer when
# the time is over was not carried. Where the generator cannot send more than it does, that is the end of
# the search, too.
carried() {
	holds "$load_loss < $LOSS_MOST && $load_skipped <= $load_sent / 100 && ${load_drift:-0} < $DRIFT_MOST"
}

# search LOAD SERVER MOST: the highest rate that LOAD SERVER RATE SECONDS finds carried: $found;
# $saturated: what it answers when it is asked for MOST. $search_settle SERVER between two tries.
found=0 saturated=0 search_settle=load_settle
search() {
	local load=$1 server=$2 most=$3 rate low=0 high i

	progress "$server: which rate it carries"
	"$load" "$server" "$most" 1 || return 1
	saturated=$load_rate
	if carried; then
		found=$most
		return 0
	fi
	high=$most
	rate=$(number "$saturated * 0.9 + 1")
	for ((i = 0; i < 9; i++)); do
		"$search_settle" "$server"
		"$load" "$server" "$rate" 1 || return 1
		if carried; then
			low=$rate
			rate=$(number "$rate * 1.25 < $high ? $rate * 1.25 : ($rate + $high) / 2")
		else
			high=$rate
			rate=$(number "$low > 0 ? ($low + $rate) / 2 : $rate / 1.6")
		fi
		! holds "$low > 0 && $high < $low * $STEP" || break
	done
	found=$low
	holds "$low > 0" || warn "$server carries no rate of those that were tried, down to $rate"
}

# carried_most LOAD SERVER RATE: a round's value, $value: the highest that was carried of a step
# above RATE, RATE, and a step below; where none was, of those farther down, and where the step
# above was, of those farther up: a search that met a bad moment binds nobody; and where steps were
# left out on the way, of those. $carried_at is what was asked for then; where none was carried, RATE.
# $carried_settle comes between two that follow each other.
# What the load has left ($load_wrong, $load_cpu, $load_json) is of that one, too.
value=0 carried_at=0 carried_wrong=0 carried_cpu=0 carried_json=''
carried_most() {
	local load=$1 server=$2 middle=$3 step low='' high='' settle=${carried_settle:-load_settle}

	value=0 carried_at=$3 carried_wrong=0 carried_cpu=0 carried_json=''
	holds "$middle > 0" || return 1
	for step in 1 0 -1 -2 -4 -8 -16 -32; do
		step_carried "$load" "$server" "$middle" "$step" && low=$step && break
		high=$step
		"$settle" "$server"
	done
	[[ $low != 1 ]] || for step in 2 4 8 16 32 64; do
		if ! step_carried "$load" "$server" "$middle" "$step"; then
			high=$step
			"$settle" "$server"
			break
		fi
		low=$step
	done
	while [[ -n $low && -n $high ]] && ((high - low > 1)); do
		step=$(((low + high) / 2))
		if step_carried "$load" "$server" "$middle" "$step"; then
			low=$step
		else
			high=$step
			"$settle" "$server"
		fi
	done
	load_wrong=$carried_wrong load_cpu=$carried_cpu load_json=$carried_json
}

# step_carried LOAD SERVER MIDDLE EXPONENT
step_carried() {
	local rate

	rate=$(number "$3 * $STEP ^ $4")
	"$1" "$2" "$rate" "$seconds" || return 1
	carried || return 1
	value=$load_rate carried_at=$rate
	carried_wrong=${load_wrong:-0} carried_cpu=${load_cpu:-0} carried_json=${load_json:-}
}

# rounds FUNCTION SERVER…: each server's rounds, interleaved: FUNCTION SERVER ROUND. Then, once
# more, those of servers whose figures were noise.
rounds() {
	local function=$1 server round noisy
	shift

	for ((round = 1; round <= repeat; round++)); do
		for server; do
			progress "round $round of $repeat: $server"
			"$function" "$server" "$round"
		done
	done
	for server; do
		noisy=$(noise_list "$server")
		[[ -n $noisy ]] || continue
		if [[ -z $all ]] && ((SECONDS > ANEW_UNTIL)); then
			say "   $server: rounds differ by more than 15 % ($noisy), and there is no time to make them anew"
			continue
		fi
		say "   $server: rounds differ by more than 15 % ($noisy), made anew"
		record_again "$server"
		for ((round = 1; round <= repeat; round++)); do
			progress "round $round of $repeat, again: $server"
			"$function" "$server" "$round"
		done
	done
}

# What is noise of the scenario's figures of a server so far.
noise_list() {
	jq -rs --arg server "$1" --arg scenario "$scenario_now" --argjson leases "$leases" \
		-L "$BENCH/report" -f "$BENCH/report/noise.jq" "$out/rounds.jsonl"
}
scenario_now=''
