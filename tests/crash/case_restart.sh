# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # names are shared with run and the other parts
#
# The next binary takes over, again and again, while clients renew: each is
# answered at its first sending, and no promise is lost on the way.

readonly RESTART_RATE=8000 RESTART_CLIENTS=4000 RESTART_SECONDS=6

# Until the storm is over; REPLY: how many.
restarts_make() {
	local until=$((${EPOCHREALTIME/[.,]/} + RESTART_SECONDS * 1000000 - 1500000)) count=0

	while ((${EPOCHREALTIME/[.,]/} < until)); do
		if ! control --timeout 10 restart --json >"$work/restart.said"; then
			case_fail "restart: $(tail -1 "$work/restart.said")"
			break
		fi
		count=$((count + 1))
		draw 20 200
		pause "$REPLY"
	done
	REPLY=$count
}

restart_answered() {
	local code=$1 summary unanswered failed

	summary=$(summary_of restart)
	number failed "$summary" && failed=$REPLY
	number unanswered "$summary" && unanswered=$REPLY
	say "$2 restarts: $(counts_of "$summary" sent renewals unanswered late failed p50_us p99_us)"
	((failed == 0)) || case_fail "$failed replies were wrong"
	((unanswered == 0)) || case_fail "$unanswered requests were unanswered"
	((code == 0)) || case_fail "blast storm ended with $code: $(tail -1 "$work/restart.err")"
}

case_restart() {
	local code=0 storming restarts known before

	case_begin crash-restart
	if [[ $xdp == off ]]; then
		skip "$case_name" "$no_xdp"
		return
	fi
	server_new restart
	configuration_write 300 4000 2000
	judged=0
	daemon_start || case_fail "the daemon does not start"
	before=$daemon
	population_make restart "$RESTART_CLIENTS" --window 1000
	storm restart --order sequence --rate "$RESTART_RATE" --count "$RESTART_CLIENTS" ||
		case_fail "before: $(counts_of "$(summary_of restart)" sent unanswered failed)"
	sleep 1 # a sweep
	storm restart --rate "$RESTART_RATE" --duration "$RESTART_SECONDS" --rebinding 20 &
	storming=$!
	sleep 0.5
	restarts_make
	restarts=$REPLY
	wait "$storming" || code=$?
	restart_answered "$code" "$restarts"
	((restarts >= 5)) || case_fail "only $restarts restarts"
	kill -0 "$before" || case_fail "it is another process"
	ledger_lines "$work/restart.ledger"
	known=$REPLY
	told_check "$work/restart.ledger" "$known"
	((judged == RESTART_CLIENTS)) || case_fail "$judged of $RESTART_CLIENTS leases looked up"
	twice_check "$work/restart.ledger"
	server_end
	case_end
}
