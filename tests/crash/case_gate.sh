# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # names are shared with run and the other parts
#
# A dead daemon's gate: with --renew-gate 2, renewals are answered for two
# seconds after its last heartbeat, and then no more; a new daemon opens it.

case_gate() {
	local code=0 killed rest

	case_begin crash-renew-gate
	if [[ $xdp == off ]]; then
		skip "$case_name" "$no_xdp"
		return
	fi
	server_new gate --renew-gate 2
	configuration_write 300 800 200
	daemon_start || case_fail "the daemon does not start"
	population_make gate 500
	daemon_kill
	killed=${EPOCHREALTIME/[.,]/}
	storm gate --rate 1000 --duration 1.2 --timeout 0.5 || code=$?
	((code == 0)) || case_fail "in the first 1.2 seconds: $(counts_of "$(summary_of gate)" \
		sent renewals unanswered failed)"
	rest=$((2100 - (${EPOCHREALTIME/[.,]/} - killed) / 1000))
	((rest <= 0)) || pause "$rest"
	storm gate --rate 1000 --duration 1 --timeout 0.3 || true
	number renewals "$(summary_of gate)"
	((REPLY == 0)) || case_fail "$REPLY renewals answered after the gate"
	if daemon_start; then
		code=0
		storm gate --rate 1000 --duration 1 || code=$?
		((code == 0)) || case_fail "the new daemon: $(counts_of "$(summary_of gate)" \
			sent renewals unanswered failed)"
		ledger_lines "$work/gate.ledger"
		rest=$REPLY
		sleep 1
		told_check "$work/gate.ledger" "$rest"
	else
		case_fail "the daemon does not start again"
	fi
	server_end
	case_end
}
