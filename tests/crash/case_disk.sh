# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # names are shared with run and the other parts
#
# A disk that fails. No reply of the group that could not be made durable
# leaves, the daemon ends with the reason, and the kernel goes on within what
# is durable. One that stalls costs time, and no request.

# The daemon must have ended by itself, with a reason.
disk_ended() {
	local code=0

	daemon_gone 10 || code=$?
	((code == 1)) || case_fail "status $code after the disk failed, not 1 (255: it lives on)"
	grep -q 'records could not be made durable' "$log" || case_fail "no reason in the log"
	grep -q 'no reply of this group leaves' "$log" || case_fail "the log does not say what follows"
}

# The leases of a population are renewed by the kernel alone.
disk_kernel_goes_on() {
	local code=0

	[[ $xdp != off ]] || return 0
	storm "$1" --rate 5000 --count 5000 || code=$?
	((code == 0)) ||
		case_fail "without a daemon: blast storm ended with $code: $(counts_of "$(summary_of "$1")" \
			sent renewals unanswered failed)"
}

disk_back() {
	local name

	daemon_environment=()
	if ! daemon_start; then
		case_fail "no start after the disk is well again"
		return
	fi
	for name; do
		ledger_lines "$work/$name.ledger"
		((REPLY == 0)) || told_check "$work/$name.ledger" "$REPLY"
	done
}

# The disk that can be made to fail; without it the case is skipped.
disk_made() {
	gcc -O2 -shared -fPIC -o "$work/disk.so" "$here/preload/fdatasync.c" -ldl 2>"$work/gcc.err" && return
	skip "$case_name" "gcc makes no shared object: $(tail -1 "$work/gcc.err")"
	return 1
}

# Replies that wait for the disk.
disk_waiting() {
	local text

	text=$(control status --json)
	number waiting_replies "$text"
}

# Hundredths of a second of CPU that the daemon has had.
daemon_ticks() {
	local fields

	read -ra fields <"/proc/$daemon/stat"
	REPLY=$((fields[13] + fields[14]))
}

# More replies than the daemon keeps wait for the disk: the other requests stay in the socket,
# nobody asks again, and meanwhile the daemon has nothing to do.
disk_stalls() {
	local lock i before

	case_begin crash-disk-stalls
	disk_made || return 0
	server_new stall
	configuration_write 60 30000 10000
	: >"$work/disk.lock"
	daemon_environment=("LD_PRELOAD=$work/disk.so" "CRASH_DISK_STALLS=$work/disk.lock")
	daemon_start || case_fail "the daemon does not start"
	exec {lock}<"$work/disk.lock"
	flock -x "$lock"
	subscribers_start stall --clients 24000 --window 24000 --rate 24000 --once --retry 8 --duration 20
	for ((i = 0; i < 250; i++)); do
		disk_waiting
		((REPLY < 16000)) || break
		sleep 0.02
	done
	((REPLY >= 16000)) || case_fail "only $REPLY replies wait: nothing was tried"
	sleep 0.5 # the last request is sent
	daemon_ticks
	before=$REPLY
	sleep 0.5
	daemon_ticks
	((REPLY - before < 25)) || case_fail "the daemon is busy with waiting: $((REPLY - before)) of 50 ticks"
	flock -u "$lock"
	exec {lock}<&-
	wait "$blast" || subscribers_failed stall $?
	blast=
	number leased "$(tail -1 "$work/stall.json")"
	((REPLY == 24000)) || case_fail "only $REPLY of 24000 clients have an address"
	number retransmissions "$(tail -1 "$work/stall.json")"
	((REPLY == 0)) || case_fail "$REPLY requests had to be made again"
	server_end
	case_end
}

disk_datasync_fails() {
	case_begin crash-datasync-fails
	disk_made || return 0
	server_new disk
	configuration_write 60 800 200
	daemon_environment=("LD_PRELOAD=$work/disk.so" "CRASH_DISK_FAILS=$work/disk.fails")
	daemon_start || case_fail "the daemon does not start"
	population_make disk 500
	sleep 1.5 # compaction, sweeps: nothing waits for the disk
	: >"$work/disk.fails"
	in_subscriber "$build/blast" subscribers --clients 100 --first-mac 02:b1:a5:7f:00:00 \
		--duration 2 --retry 0.5 --report "$work/late.ledger" --json line0 >"$work/late.json" \
		2>"$work/late.err" || true
	[[ ! -s $work/late.ledger ]] ||
		case_fail "$(wc -l <"$work/late.ledger") clients were told of leases that no disk has"
	number offers "$(tail -1 "$work/late.json")"
	((REPLY > 0)) || case_fail "nobody got as far as a request: nothing was tried"
	disk_ended
	disk_kernel_goes_on disk
	rm -f "$work/disk.fails"
	disk_back disk
	server_end
	case_end
}

# A small file system for the lease directory: it fills up under load.
disk_full() {
	case_begin crash-disk-full
	server_new full
	mount -t tmpfs -o size=96k none "$directory"
	configuration_write 60 4000 1000
	daemon_start || case_fail "the daemon does not start"
	subscribers_start full --clients 3000 --rate 2000 --retry 0.5
	disk_ended
	subscribers_end full
	number leased "$(tail -1 "$work/full.json")"
	((REPLY > 50)) || case_fail "only $REPLY leases before the disk was full"
	mount -o remount,size=16m "$directory"
	disk_back full
	twice_check "$work/full.ledger"
	server_end
	umount "$directory"
	case_end
}

case_disk() {
	disk_datasync_fails
	disk_stalls
	disk_full
}
