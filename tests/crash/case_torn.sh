# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # names are shared with run and the other parts
#
# Journals as a power cut leaves them, made from that of a daemon killed under
# load: hundreds by the store itself (test_journal.c), and some by the daemon.

readonly TORN_CUTS=200 TORN_FLIPS=200

# The names and contents of what a start must leave alone.
directory_sum() {
	(cd "$1" && find . -name 'journal.*' -o -name snapshot | sort | xargs sha256sum)
}

torn_make() {
	server_new torn
	configuration_write 60 800 200
	daemon_start || case_fail "the daemon does not start"
	subscribers_start torn --clients 800 --rate 400 --churn 100 --retry 0.5
	sleep 2
	daemon_kill
	subscribers_end torn
	maps_lose || case_fail "detach left pins"
	cp -a "$directory" "$work/torn.kept"
}

torn_copy() {
	rm -rf "$directory"
	cp -a "$work/torn.kept" "$directory"
	journal=$(find "$directory" -name 'journal.*' | sort | tail -1)
	: >"$log"
}

torn_many() {
	local what=$1 name=$2 count=$3 code=0

	case_begin "$name"
	"$build/tests/crash/test_journal" "$what" "$work/torn.kept" "$seed" "$count" \
		>"$work/torn.out" 2>&1 || code=$?
	if ((code)); then
		evidence <"$work/torn.out"
		case_fail "of $count tries $(wc -l <"$work/torn.out") went wrong"
	fi
	case_end
}

# The daemon's own start on a journal that ends in the middle of a record.
torn_start() {
	local i size

	case_begin crash-torn-start
	for _ in 1 2 3; do
		torn_copy
		size=$(stat -c %s "$journal")
		draw 1 11 # less than the shortest record
		truncate -s $((size - REPLY)) "$journal"
		if ! daemon_start; then
			case_fail "no start on a torn journal"
			break
		fi
		grep -q 'bytes of an unfinished write cut off' "$log" ||
			case_fail "the cut of $REPLY bytes was not reported"
		daemon_kill
		maps_lose || case_fail "detach left pins"
	done
	case_end
}

# A wrong byte in the middle: refused, with file, byte and remedy, and nothing changed.
torn_refused() {
	local size at before code=0

	case_begin crash-damage-refused
	torn_copy
	size=$(stat -c %s "$journal")
	draw $((size / 4)) $((size / 2))
	at=$REPLY
	printf '\xa5\x5a\xa5' | dd of="$journal" bs=1 seek="$at" conv=notrunc status=none
	before=$(directory_sum "$directory")
	daemon_launch
	daemon_gone 10 || code=$?
	((code == 1)) || case_fail "status $code where a start is refused with 1 (255: it runs)"
	grep -q "$(basename "$journal"): byte [0-9]*: .*restore the directory" "$log" ||
		case_fail "no message that names file, byte and remedy"
	[[ $before == "$(directory_sum "$directory")" ]] || case_fail "the refused start changed files"
	daemon_kill
	case_end
}

case_torn() {
	local journal

	case_begin crash-torn-made
	torn_make
	if [[ -n $case_failed ]]; then
		case_end
		return
	fi
	torn_many cut crash-torn-cuts "$TORN_CUTS"
	torn_many flip crash-damage-found "$TORN_FLIPS"
	torn_start
	torn_refused
}
