# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # names are shared with run and the other parts
#
# kill -9 at random moments under load. One population lives through all
# rounds: a fifth too large for its addresses, so that one that is given up is
# somebody else's at once; they come, renew, release and are relayed. The
# journal is compacted at every start, and at every mebibyte.

readonly KILL_ROUNDS=30

# Dead: everything that clients were told of by now must be known again.
kill_and_return() {
	local rebooted=$1 early=$2 known

	daemon_kill
	draw 0 3
	((REPLY)) || { draw 50 400 && pause "$REPLY"; }
	ledger_lines "$work/kills.ledger"
	known=$REPLY
	if ((rebooted)); then
		maps_lose || case_fail "detach left pins: $(tail -1 "$work/detach.log")"
	fi
	daemon_launch
	if ((early)); then
		draw 0 120
		pause "$REPLY"
		daemon_kill
		daemon_launch
	fi
	if ! daemon_wait; then
		case_fail "the daemon does not start again"
		return
	fi
	told_check "$work/kills.ledger" "$known"
	twice_check "$work/kills.ledger"
}

kills_load() {
	local rebooted=0 early=0 i

	for ((i = 1; i <= KILL_ROUNDS; i++)); do
		[[ -z $case_failed ]] || return 0
		draw 100 900
		pause "$REPLY"
		kill -0 "$daemon" 2>/dev/null || case_fail "the daemon had ended before it was killed"
		kill -0 "$blast" 2>/dev/null || case_fail "blast has ended"
		rebooted=0 early=0
		draw 1 8
		((REPLY > 1)) || rebooted=1
		draw 1 5
		((REPLY > 1)) || early=1
		kill_and_return "$rebooted" "$early"
		[[ -z $case_failed ]] ||
			say "round $i; maps lost: $rebooted; killed in its start: $early"
		reboots=$((reboots + rebooted)) earlies=$((earlies + early))
	done
}

case_kills() {
	local reboots=0 earlies=0 summary

	case_begin crash-kills
	server_new kills --journal-limit 1
	configuration_write 8 800 200
	judged=0
	daemon_start || case_fail "the daemon does not start"
	subscribers_start kills --clients 1200 --rate 600 --churn 80 --retry 0.5 --window 400
	sleep 1
	kills_load
	subscribers_end kills
	summary=$(tail -1 "$work/kills.json")
	say "$KILL_ROUNDS rounds, in $reboots the maps were lost, in $earlies the start was killed;" \
		"$judged leases looked up"
	say "$(counts_of "$summary" sent leased renewals released retransmissions expired failed)"
	((judged > KILL_ROUNDS * 500)) || case_fail "only $judged leases were looked up"
	server_end
	case_end
}
