# shellcheck shell=bash
# shellcheck disable=SC2154 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# power.sh: the power switch of the lab: what fence_lab asks. It really takes a
# node's power. power_out makes it answer every request with a failure, after a
# second; where the file `reboots` is there, a node that is to be rebooted gets its
# power back, else it stays off until somebody boots it.

power_start() {
	mkfifo -m 600 "$W/power/request"
	power_switch </dev/null >>"$W/power.log" 2>&1 &
	pids+=($!)
}

power_out() {
	note 'the power switch fails'
	touch "$W/power/out"
}

power_back() {
	note 'the power switch works'
	rm -f "$W/power/out"
}

power_switch() {
	local id verb plug

	exec 3<>"$W/power/request"
	while read -r -u 3 id verb plug; do
		power_answer "$id" "$verb" "$plug" &
	done
}

# What it does with a request: REPLY is the answer.
power_do() {
	REPLY=no
	case $1 in
	ping) REPLY=ok ;;
	list) REPLY="ok ${NODES[*]}" ;;
	status)
		REPLY='ok off'
		! node_is_on "$2" || REPLY='ok on'
		;;
	on) ! boot "$2" || REPLY=ok ;;
	off | reboot) ! crash "$2" || REPLY=ok ;;
	esac
}

power_answer() {
	local id=$1 verb=$2 plug=$3 reply=$W/power/reply.$1

	if [[ -e $W/power/out && $verb != ping && $verb != list ]]; then
		sleep 1 # a switch that does not answer takes its time
		REPLY=no
	else
		power_do "$verb" "$plug"
	fi
	[[ $plug == - ]] || note "power switch, asked by ${id%.*}: $verb $plug: $REPLY"
	[[ ! -p $reply ]] || printf '%s\n' "$REPLY" 1<>"$reply"
	if [[ -e $W/reboots && $verb-$REPLY == reboot-ok ]]; then
		boot "$plug"
	fi
}
