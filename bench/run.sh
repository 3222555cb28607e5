#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh [--peers LIST] [--scenarios LIST] [--leases N] [--seconds N] [--repeat N]
#        [--out DIR] [--build DIR] [--all]
#
# Measures xdhcpd beside other DHCP servers: the same work, the same machine,
# the same run. bench/README.md says how, and what the figures mean.
#
#   world.sh      namespaces, links, processes; ends with this script
#   peers/*.sh    how each server is brought here, configured, started
#   table.sh      the lease table that all begin with
#   load.sh       the generator's calls, and what they say
#   method.sh     search for the highest rate, rounds, noise
#   record.sh     the one writer of what was measured
#   scenarios/*.sh
#   report/       rounds → results.jsonl → table, Markdown, plots
#
# The other servers come out of Debian's packages, unpacked into DIR/peers of
# --build, not installed: no service starts. What the build needs is installed
# where it is missing (tests/deps), and limits_raise's limits are put back.
set -euo pipefail

BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly BENCH SELF=$BENCH/run.sh

list='' peers='' scenarios='' leases=100000 seconds=1 repeat=5 out='' build='' all=''
COMMAND=${BENCH_COMMAND:-bench/run.sh${*:+ $*}}

# shellcheck source=bench/world.sh
source "$BENCH/world.sh"
# shellcheck source=bench/table.sh
source "$BENCH/table.sh"
# shellcheck source=bench/load.sh
source "$BENCH/load.sh"
# shellcheck source=bench/method.sh
source "$BENCH/method.sh"
# shellcheck source=bench/record.sh
source "$BENCH/record.sh"
# shellcheck source=bench/peers/server.sh
source "$BENCH/peers/server.sh"
for part in "$BENCH"/peers/*.sh "$BENCH"/scenarios/*.sh; do
	# shellcheck source=/dev/null
	source "$part"
done

usage() {
	cat <<-TEXT
		usage: sudo bench/run.sh [--peers LIST] [--scenarios LIST] [--leases N] [--seconds N]
		                         [--repeat N] [--out DIR] [--build DIR] [--all]

		  --peers      of $(peers_known | paste -sd, -) (xdhcp,dhcpd,kea)
		  --scenarios  of $(scenarios_known | paste -sd, -)
		               (renewals,dora,kill,avalanche)
		  --leases     in the table that all begin with ($leases)
		  --seconds    that a measurement lasts ($seconds)
		  --repeat     rounds ($repeat)
		  --out        where results go (BUILD/bench)
		  --all        every peer, every scenario, no limit of time
	TEXT
}

misused() {
	usage >&2
	exit 2
}

peers_known() {
	declare -F | sed -n 's/^declare -f peer_\(.*\)_note$/\1/p' | tr _ -
}

scenarios_known() {
	declare -F | sed -n 's/^declare -f scenario_\(.*\)$/\1/p' | tr _ -
}

# list_read WHAT LIST KNOWN…: $list, each once.
list_read() {
	local what=$1 word words
	words=$(tr ', ' '\n' <<<"$2" | awk 'NF && !seen[$0]++')
	shift 2

	[[ -n $words ]] || die "$what names nothing: there are $*"
	while read -r word; do
		[[ " $* " == *" $word "* ]] || die "$what $word: there are $*"
	done <<<"$words"
	list=$(paste -sd, <<<"$words")
}

# directory_check WHAT DIR: it is one, or can become one.
directory_check() {
	mkdir -p "$2" 2>/dev/null || die "$1 $2: this is no directory, and none can be made there"
}

arguments_read() {
	while (($#)); do
		case $1 in
		--help | -h) usage && exit 0 ;;
		--all) all=yes && shift && continue ;;
		--peers) peers=${2:-} ;;
		--scenarios) scenarios=${2:-} ;;
		--leases) leases=${2:-} ;;
		--seconds) seconds=${2:-} ;;
		--repeat) repeat=${2:-} ;;
		--out) out=${2:-} ;;
		--build) build=${2:-} ;;
		*) misused ;;
		esac
		(($# > 1)) || misused
		shift 2
	done
	[[ $leases =~ ^[1-9][0-9]*$ && $seconds =~ ^[1-9][0-9]*$ && $repeat =~ ^[1-9][0-9]*$ ]] ||
		die "--leases, --seconds and --repeat take whole numbers"
	((leases <= 1000000)) || die "--leases $leases: the generator plays a million clients at the most"
	if [[ -n $all ]]; then
		peers=${peers:-$(peers_known | paste -sd, -)}
		scenarios=${scenarios:-$(scenarios_known | paste -sd, -)}
	fi
	peers=${peers:-xdhcp,dhcpd,kea}
	scenarios=${scenarios:-renewals,dora,kill,avalanche}
	# shellcheck disable=SC2046 # words
	list_read --peers "$peers" $(peers_known)
	peers=$list
	# shellcheck disable=SC2046
	list_read --scenarios "$scenarios" $(scenarios_known)
	scenarios=$list
	# table-size has tables of its own, some of them small.
	[[ -n $(servers_list) || ,$scenarios, == *,table-size,* ]] ||
		die "--leases $leases: none of $peers is measured with so many"
	build=$(realpath -m "${build:-$BENCH/../build}")
	out=$(realpath -m "${out:-$build/bench}")
}

# What is missing is said, or built, before anything is measured.
needs_check() {
	local tool

	((EUID == 0)) || die "network namespaces and XDP need root: sudo bench/run.sh"
	"$BENCH/../tests/deps" build bench
	make -C "$BENCH/.." --no-print-directory "-j$(nproc)" "BUILD=$build" all blast >"$build.log" 2>&1 ||
		die "the build fails: $(tail -3 "$build.log")"
	rm -f "$build.log"
	for tool in ip jq taskset awk; do
		command -v "$tool" >/dev/null || die "no $tool here"
	done
	(($(nproc) >= 2)) || die "two CPUs at least: one for the generator, one for the servers"
}

outside() {
	arguments_read "$@"
	directory_check --build "$build"
	directory_check --out "$out"
	needs_check
	peers_fetch
	limits_raise
	work=$(mktemp -d "$build/bench-work.XXXXXX")
	trap outside_end EXIT
	trap inside_end INT TERM HUP # it ends in order, and we after it
	# Whatever becomes of us, nothing that runs inside outlives us.
	BENCH_COMMAND=$COMMAND setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child --mount-proc --net \
		bash "$SELF" --inside "$build" "$work" "$out" "$peers" "$scenarios" "$leases" "$seconds" \
		"$repeat" "$all" &
	inside=$!
	while kill -0 "$inside" 2>/dev/null; do
		wait "$inside" || true # or a signal has come
	done
	wait "$inside"
}

inside=''
inside_end() {
	local shell

	# unshare itself is deaf to signals. The shell that runs in it hears them when what it waits for has ended.
	shell=$(children "$inside")
	kill -TERM "${shell% }" || return 0
	# shellcheck disable=SC2046 # words
	kill -TERM $(children "${shell% }") || true
} 2>/dev/null

# children PID
children() {
	cat "/proc/$1/task/$1/children" || true
}

outside_end() {
	limits_restore
	rm -rf "$work"
}

inside() {
	local scenario server

	build=$1 work=$2 out=$3 peers=$4 scenarios=$5 leases=$6 seconds=$7 repeat=$8 all=$9
	trap world_end EXIT
	trap 'exit 130' INT TERM HUP
	world_make
	record_begin
	tables_make
	for server in ${peers//,/ }; do
		(($(size_most "$server") >= leases)) || say "$server: only with tables of up to $(size_most "$server") leases"
	done
	for scenario in ${scenarios//,/ }; do
		say "== $scenario"
		"scenario_${scenario//-/_}"
		world_clear
	done
	progress_end
	record_end
	BENCH_ROOT=$build/peers/bench/root "$BENCH/report/report" "$out"
}

if [[ ${1:-} == --inside ]]; then
	shift
	inside "$@"
else
	outside "$@"
fi
