# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# record.sh: the one writer. DIR/rounds.jsonl has every single measurement, in
# the order in which they were made; DIR/results.jsonl is made of it in the
# end (report/results.jq), a figure a line.

machine_json() {
	local cpu memory

	cpu=$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
	memory=$(awk '/^MemTotal/ { printf "%d", $2 / 1048576 }' /proc/meminfo)
	jq -nc --arg cpu "$cpu" --argjson cpus "$(nproc)" --argjson memory "$memory" \
		--arg kernel "$(uname -r)" --arg commit "$(commit_name)" \
		--arg date "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --arg command "$COMMAND" \
		--arg disk "$(df --output=source,fstype "$work" | tail -1 | tr -s ' ')" \
		--argjson leases "$leases" --argjson seconds "$seconds" --argjson rounds "$repeat" \
		'{kind: "machine", machine: "\($cpu), \($cpus) CPUs, \($memory) GiB", kernel: $kernel,
		  commit: $commit, date: $date, command: $command, disk: $disk, leases: $leases,
		  seconds: $seconds, rounds: $rounds}'
}

commit_name() {
	git -c safe.directory='*' -C "$BENCH" describe --always --dirty --abbrev=12 2>/dev/null || echo unknown
}

# What an earlier run has left in its place would be taken for this one's.
record_begin() {
	local name

	rm -f "$out"/{results.jsonl,report.md} "$out"/avalanche-*.dat
	for name in $("$BENCH/report/plots" --names); do
		rm -f "$out/$name".{svg,png}
	done
	machine_json >"$out/rounds.jsonl"
}

# record SCENARIO SERVER METRIC UNIT VALUE [key=value…]: one measurement.
record() {
	local scenario=$1 server=$2 metric=$3 unit=$4 value=$5 more='{}' pair
	shift 5

	for pair; do
		more=$(jq -c --arg key "${pair%%=*}" --arg value "${pair#*=}" \
			'.[$key] = ($value | tonumber? // $value)' <<<"$more")
	done
	jq -nc --arg scenario "$scenario" --arg server "$server" --arg metric "$metric" \
		--arg unit "$unit" --argjson value "${value:-null}" --arg version "$(server_version "$server")" \
		--argjson leases "$leases" --argjson more "$more" \
		'{kind: "round", scenario: $scenario, server: $server, version: $version, metric: $metric,
		  unit: $unit, value: $value, leases: $leases} + $more' >>"$out/rounds.jsonl"
}

# The rounds of a server in a scenario, with a table of this size, do not count any more: record_again SERVER
record_again() {
	jq -nc --arg server "$1" --arg scenario "$scenario_now" --argjson leases "$leases" \
		'{kind: "again", scenario: $scenario, server: $server, leases: $leases}' >>"$out/rounds.jsonl"
}

# What the reader of a figure has to know: record_note SERVER TEXT
record_note() {
	jq -nc --arg server "$1" --arg text "$2" '{kind: "note", server: $server, text: $text}' \
		>>"$out/rounds.jsonl"
}

record_end() {
	jq -nc '{kind: "end"}' >>"$out/rounds.jsonl"
}
