# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # names are shared with run and the other parts
#
# A clean stop under load. The maps are gone with it: what the journal says,
# without help of H or adoption, must be what clients were told.

stop_once() {
	local known code=0

	kill -TERM "$daemon"
	daemon_gone 10 || code=$?
	((code == 0)) || case_fail "SIGTERM: ended with status $code (255: not in 10 seconds)"
	sleep 0.2 # replies that are on their way
	ledger_lines "$work/stop.ledger"
	known=$REPLY
	[[ -z $(find "$work/bpf" -path "*/$instance-*") ]] || case_fail "a clean stop left pins"
	if ! journal_table >"$work/leases" 2>"$work/dump.err"; then
		case_fail "the journal cannot be read: $(tail -1 "$work/dump.err")"
		return
	fi
	if ! told_compare "$work/stop.ledger" "$known" "$work/leases"; then
		evidence <"$work/wrong"
		case_fail "$(wc -l <"$work/wrong") leases are not in the journal as clients were told"
	fi
	if ! daemon_start; then
		case_fail "the daemon does not start again"
		return
	fi
	told_check "$work/stop.ledger" "$known"
	twice_check "$work/stop.ledger"
}

case_stop() {
	local i

	case_begin crash-clean-stop
	server_new stop
	configuration_write 4 800 200
	judged=0
	daemon_start || case_fail "the daemon does not start"
	subscribers_start stop --clients 800 --rate 2000 --churn 40 --retry 0.5
	sleep 1
	for i in 1 2 3 4; do
		[[ -z $case_failed ]] || break
		draw 500 1500
		pause "$REPLY"
		stop_once "$i"
	done
	subscribers_end stop
	((judged > 1000)) || case_fail "only $judged leases were looked up"
	server_end
	case_end
}
