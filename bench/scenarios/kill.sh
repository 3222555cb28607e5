# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# The daemon is killed under load, and started again a second later, as a
# service manager does. The load is what every server that is measured carries
# easily: half of the weakest one's highest rate. How many renewals have no
# answer?

readonly KILL_DEAD=1 # second

# Into $kill_at.
kill_rate() {
	local server least=0 rate

	for server in $(servers_list); do
		if [[ -z ${highest[$server]:-} ]]; then
			answers_in_kernel "$server" && continue
			highest_search "$server" $MOST_USERSPACE || continue
		fi
		rate=${highest[$server]:-0}
		least=$(number "$least == 0 || $rate < $least ? $rate : $least")
	done
	kill_at=$(number "$least > 0 ? int($least / 2) + 1 : 200")
}

kill_round() {
	local server=$1 file=$work/kill.json began

	renewals_afresh "$server"
	load_settle "$server"
	load_shared "$server" # as it is started again under load
	ip netns exec "$server.c" taskset -c "$generator_cpu" "$build/blast" storm --state "$work/table/direct.state" --keep \
		--rate "$kill_at" --json $(peer "$server" flags) --duration "$((2 * seconds + 2))" c0 >"$file" \
		2>"$work/load.err" &
	process[storm]=$!
	load_alone
	wait_for_line "$file" '"second"' || return 0
	process_end "$server" KILL
	began=$EPOCHREALTIME
	sleep $KILL_DEAD # for so long it is dead: the scenario
	server_launch "$server"
	wait "${process[storm]}" || true
	unset "process[storm]"
	load_read "$file" .sent .renewals || return 0
	record kill "$server" unanswered renewals "$((load_sent - load_answered))" rate="$kill_at" \
		sent="$load_sent" wrong="$load_wrong"
	record kill "$server" unanswered-share 1 \
		"$(number "($load_sent - $load_answered) / ($kill_at * $KILL_DEAD)")" rate="$kill_at"
	load_settle "$server"
}

kill_at=0
scenario_kill() {
	local servers
	read -ra servers <<<"$(servers_list)"

	servers_start
	kill_rate
	scenario_now='kill'
	rounds kill_round "${servers[@]}"
}
