# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # names are shared with run and the other parts
#
# What a dead daemon left in the kernel, and how long it goes on: xdhcpctl gates
# and linger.

# The code that xdhcpctl answers with: REPLY; its line: $said.
code_of() {
	said=$(control --json "$@" --bpffs "$work/bpf" --instance "$instance" 2>&1) || true
	number code "$said"
}

linger_expect() {
	local want=$1

	shift
	code_of "$@"
	((REPLY == want)) || case_fail "$*: $REPLY instead of $want: ${said:0:200}"
}

# All renewals of so many seconds are answered.
linger_answers() {
	local code=0

	storm linger --rate 1000 --duration "$1" --timeout 0.5 || code=$?
	((code == 0)) || case_fail "$2: $(counts_of "$(summary_of linger)" \
		sent renewals unanswered failed)"
}

linger_silent() {
	storm linger --rate 1000 --duration 0.5 --timeout 0.3 || true
	number renewals "$(summary_of linger)"
	((REPLY == 0)) || case_fail "$1: $REPLY renewals answered"
}

# Waits for the gates to shut, at most so many tenths of a second: REPLY is how many it took.
linger_shut_wait() {
	local i

	for ((i = 0; i < $1; i++)); do
		code_of gates
		((REPLY != 106)) || break
		sleep 0.1
	done
	REPLY=$i
	((i < $1)) || case_fail "the gates are open after $1 tenths of a second"
}

linger_dead() {
	local killed

	daemon_kill
	linger_expect 105 gates
	number renew "$said"
	((${REPLY%.*} > 500)) || case_fail "the renewal gate shuts in $REPLY s"
	linger_answers 0.5 'with no daemon'
	killed=${EPOCHREALTIME/[.,]/}
	linger_expect 207 linger 2
	linger_expect 105 gates
	number decide "$said"
	[[ $REPLY == 0.0 ]] || case_fail "the gate for decisions shuts in $REPLY s"
	linger_answers 1.2 'while it lingers'
	linger_shut_wait 20
	killed=$(((${EPOCHREALTIME/[.,]/} - killed) / 1000))
	((killed >= 1900)) || case_fail "shut after $killed ms"
	linger_silent 'after that'
	linger_expect 0 linger 60
	linger_expect 106 gates
}

case_linger() {
	local known

	case_begin crash-linger
	if [[ $xdp == off ]]; then
		skip "$case_name" "$no_xdp"
		return
	fi
	server_new linger --renew-gate 600
	configuration_write 300 800 200
	linger_expect 106 gates
	linger_expect 0 linger 5
	daemon_start || case_fail "the daemon does not start"
	population_make linger 500
	linger_expect 407 linger 2
	linger_expect 105 gates
	linger_answers 0.5 'with a daemon'
	linger_dead
	if daemon_start; then
		linger_expect 105 gates
		linger_answers 0.5 'the new daemon'
		ledger_lines "$work/linger.ledger"
		known=$REPLY
		sleep 1
		told_check "$work/linger.ledger" "$known"
		daemon_kill
		linger_expect 202 linger 0
		linger_expect 106 gates
		[[ -z $(find "$work/bpf" -path "*/$instance-*") ]] || case_fail "linger 0 left pins"
		linger_silent 'with everything taken away'
	else
		case_fail "the daemon does not start again"
	fi
	server_end
	case_end
}
