# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # names are shared with run and the other parts
# SPDX-License-Identifier: GPL-2.0-only
#
# No promise beyond the limit: without a daemon the kernel renews up to the H
# that is on disk, and then no more. When the maps are lost after that, the
# addresses, which newcomers wait for, are held until H: no shorter, not for ever.

# Nothing that the kernel said meanwhile lies behind what the journal had at the kill.
limit_kept() {
	local lines

	ledger_lines "$work/limit.ledger"
	lines=$REPLY
	if ! "$build/tests/crash/test_ledger" told "$work/horizons" "$work/limit.ledger" "$lines" 0 \
		>"$work/wrong"; then
		evidence <"$work/wrong"
		case_fail "promises beyond the H that was on disk"
	fi
}

limit_outage() {
	number renewals "$(summary_of limit)"
	((REPLY > 2000)) || case_fail "only $REPLY renewals without a daemon"
	number renewals "$(grep '"second"' "$work/limit.storm" | tail -1)"
	((REPLY == 0)) || case_fail "$REPLY renewals in a second when no lease had time left"
	limit_kept
}

# Every address is taken: newcomers get one when its H has come.
limit_newcomers() {
	in_subscriber "$build/blast" subscribers --clients 50 --first-mac 02:b1:a5:7f:00:00 \
		--duration 4 --retry 0.3 --report "$work/newcomers.ledger" --json line0 \
		>"$work/newcomers.json" 2>"$work/newcomers.err" || subscribers_failed newcomers $?
	number leased "$(tail -1 "$work/newcomers.json")"
	((REPLY == 50)) || case_fail "only $REPLY of 50 newcomers have a lease after H"
	sort -m -n "$work/limit.ledger" "$work/newcomers.ledger" >"$work/both.ledger"
	twice_check "$work/both.ledger"
}

case_limit() {
	case_begin crash-limit
	if [[ $xdp == off ]]; then
		skip "$case_name" "$no_xdp"
		return
	fi
	server_new limit
	configuration_write 4 299 200
	judged=0
	daemon_start || case_fail "the daemon does not start"
	population_make limit 300 --relayed 0
	daemon_kill
	journal_table | awk '{ $4 = $5; print }' >"$work/horizons"
	storm limit --rate 1000 --duration 7 --timeout 0.3 || true # unanswered in the end
	limit_outage
	maps_lose || case_fail "detach left pins"
	if daemon_start; then
		ledger_lines "$work/limit.ledger"
		told_check "$work/limit.ledger" "$REPLY"
		((judged > 250)) || case_fail "only $judged leases were looked up"
		limit_newcomers
	else
		case_fail "the daemon does not start again"
	fi
	server_end
	case_end
}
