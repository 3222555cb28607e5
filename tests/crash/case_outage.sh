# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # names are shared with run and the other parts
#
# The outage: no daemon for so many seconds, while a mixed population (several
# clients' parameter request lists, direct and relayed, unicast and rebinding;
# one half renewed before, the other half's first renewal falls into it)
# renews 50,000 times a second and more. Every request is answered at its
# first sending, every reply checked, and the daemon that comes back knows
# every promise.

readonly OUTAGE_RATE=54000 OUTAGE_LEAST=50000 OUTAGE_CLIENTS=24000

outage_answered() {
	local code=$1 summary sent failed unanswered rate

	summary=$(summary_of outage)
	number sent "$summary" && sent=$REPLY
	number failed "$summary" && failed=$REPLY
	number unanswered "$summary" && unanswered=$REPLY
	rate=$((sent / seconds))
	say "outage of $seconds s: $(counts_of "$summary" sent renewals unanswered late failed skipped \
		p50_us p99_us); $rate requests/s"
	((failed == 0)) || case_fail "$failed replies were wrong"
	((unanswered == 0)) || case_fail "$unanswered of $sent requests were unanswered"
	((code == 0)) || case_fail "blast storm ended with $code: $(tail -1 "$work/outage.err")"
	((rate >= OUTAGE_LEAST)) || case_fail "only $rate requests/s were made"
}

case_outage() {
	local code=0 lease before known began

	case_begin "crash-outage-$seconds-seconds"
	if [[ $xdp == off ]]; then
		skip "$case_name" "$no_xdp"
		return
	fi
	lease=60
	((seconds <= 10)) || lease=300
	server_new outage
	configuration_write "$lease" 24000 8000
	judged=0
	daemon_start || case_fail "the daemon does not start"
	began=${EPOCHREALTIME/[.,]/}
	population_make outage "$OUTAGE_CLIENTS" --window 2000
	say "$OUTAGE_CLIENTS leases given in $(((${EPOCHREALTIME/[.,]/} - began) / 1000)) ms"
	storm outage --order sequence --rate 10000 --count $((OUTAGE_CLIENTS / 2)) ||
		case_fail "before the outage: $(counts_of "$(summary_of outage)" sent unanswered failed)"
	sleep 1 # a sweep
	kernel_renewals
	before=$REPLY
	daemon_kill
	storm outage --rate "$OUTAGE_RATE" --duration "$seconds" --rebinding 20 || code=$?
	outage_answered "$code"
	ledger_lines "$work/outage.ledger"
	known=$REPLY
	if daemon_start; then
		told_check "$work/outage.ledger" "$known"
		kernel_renewals
		say "the kernel answered $((REPLY - before)) of them; $judged leases looked up"
		number recovered "$(control status --json)"
		say "renewals that the new daemon found in its slots: $REPLY"
	else
		case_fail "the daemon does not come back"
	fi
	((judged == OUTAGE_CLIENTS)) || case_fail "$judged of $OUTAGE_CLIENTS leases looked up"
	twice_check "$work/outage.ledger"
	server_end
	case_end
}
