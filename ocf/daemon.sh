# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154,SC2016 # of parameters.sh, and for those who read this; for jq
# SPDX-License-Identifier: GPL-2.0-only
#
# daemon.sh: asking the daemon and what it left, by xdhcpctl's numbered replies.

# A reply as lines "PATH<TAB>VALUE", one for each value that is not an object or a list: relations.0.name
reply_lines='paths(type != "object" and type != "array") as $path
	| "\($path | map(tostring) | join("."))\t\(getpath($path) | tostring | gsub("[[:cntrl:]]"; " "))"'

# ask WORD…: a question to the daemon. $code is the number of the reply, $reply all of it, in such
# lines, and $json as it came. A tool that says nothing, or hangs, is 702, as a daemon that does.
ask() {
	ask_within "$OCF_RESKEY_patience" "$@"
}

# ask_within SECONDS WORD…
ask_within() {
	seconds=$1
	shift
	ask_tool "$seconds" -s "$OCF_RESKEY_control" --json --timeout "$seconds" "$@"
}

# ask_kernel WORD [ARGUMENT…]: about what is pinned, daemon or not.
ask_kernel() {
	ask_tool 10 -s "$OCF_RESKEY_control" --json "$@" --bpffs "$OCF_RESKEY_bpffs" \
		--instance "$OCF_RESKEY_instance"
}

# ask_tool SECONDS ARGUMENT…: it keeps to its time itself; should it not, it is ended. The helper's
# pipe and lock (8, 9) are not for what it calls.
ask_tool() {
	tool_limit=$(($1 + 5))
	shift
	json=$(timeout --foreground -k 1 "$tool_limit" "$OCF_RESKEY_ctl" "$@" 2>/dev/null </dev/null 8>&- 9>&-)
	reply=$(printf '%s\n' "$json" | jq -r "$reply_lines" 2>/dev/null)
	code=$(answer code)
	# A stop has to know, whatever was taken from this node meanwhile.
	command -v jq >/dev/null || code=$(printf '%s\n' "$json" | sed -n 's/^{"code": *\([0-9]*\).*/\1/p')
	case $code in
	'' | *[!0-9]*) code=702 ;;
	esac
}

# answer PATH: that value of the last reply; nothing where there is none, or where it is null.
answer() {
	printf '%s\n' "$reply" |
		awk -F '\t' -v path="$1" '$1 == path && $2 != "null" { print substr($0, length(path) + 2); exit }'
}

# answers PATTERN: the values of all paths that are PATTERN, an extended regular expression.
answers() {
	printf '%s\n' "$reply" |
		awk -F '\t' -v path="^($1)$" '$1 ~ path && $2 != "null" { print substr($0, length($1) + 2) }'
}

# seconds_of PATH: that value, whole seconds.
seconds_of() {
	answer "$1" | sed 's/[.].*//'
}

# The daemon's process holds a lock on its pid file for as long as it lives, whatever its socket does.
process_lives() {
	[ -e "$OCF_RESKEY_pidfile" ] && ! flock -n -s "$OCF_RESKEY_pidfile" true
}

# Its pid, from the file that it holds locked.
process_id() {
	process_lives && sed -n '1s/^\([0-9][0-9]*\)$/\1/p' "$OCF_RESKEY_pidfile"
}

# wait_until SECONDS COMMAND…: asks ten times a second.
wait_until() {
	wait_tries=$(($1 * 10))
	shift
	until "$@"; do
		[ "$wait_tries" -gt 0 ] || return 1
		wait_tries=$((wait_tries - 1))
		sleep 0.1
	done
}

process_gone() {
	! process_lives
}

# A process that does not end on request, or cannot be asked. Nothing is left of it but the kernel's part.
process_kill() {
	kill_id=$(process_id)
	[ -n "$kill_id" ] || return 0
	say warning "killing xdhcpd, process $kill_id"
	kill -KILL "$kill_id"
	wait_until 10 process_gone
}

# By another name nothing can have been left.
instance_possible() {
	case $OCF_RESKEY_instance in
	'' | *[!A-Za-z0-9_]* | ?????????????????????????????????????????????????????????????????*) return 1 ;;
	esac
}

# Does the kernel answer? 0: yes; 1: no; 2: that cannot be known.
gates_open() {
	instance_possible || return 1
	ask_kernel gates
	case $code in
	105) return 0 ;;
	106) return 1 ;;
	*) return 2 ;;
	esac
}

# After a daemon that said no goodbye: no new decision, renewals for `linger` seconds more at most.
kernel_linger() {
	instance_possible || return 0
	ask_kernel linger "$OCF_RESKEY_linger"
	case $code in
	207)
		linger_left=$(seconds_of renew)
		[ "${linger_left:-0}" = 0 ] ||
			say notice "the kernel renews for $linger_left s more, what was promised before"
		;;
	0 | 202) ;;
	*) return 1 ;;
	esac
}

# config_accepts [FLAG…]: is dhcpd.conf right? $why has what is wrong, or what was asked for.
config_accepts() {
	# shellcheck disable=SC2086 # options are words
	why=$("$OCF_RESKEY_binary" -t -cf "$OCF_RESKEY_config" --cluster "$@" $OCF_RESKEY_options \
		2>&1 </dev/null)
}

# launch [FLAG…]: returns when the daemon serves; $why has its words where it does not.
launch() {
	# shellcheck disable=SC2086 # options and interfaces are words
	why=$("$OCF_RESKEY_binary" -q -cf "$OCF_RESKEY_config" -lf "$OCF_RESKEY_leases" \
		-pf "$OCF_RESKEY_pidfile" --control "$OCF_RESKEY_control" --xdp "$OCF_RESKEY_xdp" \
		--bpffs "$OCF_RESKEY_bpffs" --instance "$OCF_RESKEY_instance" \
		--renew-gate "$OCF_RESKEY_renew_gate" --cluster "$@" $OCF_RESKEY_options \
		$OCF_RESKEY_interfaces 2>&1 </dev/null) || return
	ask status
	[ "$code" = 100 ] && process_lives && return
	why="$OCF_RESKEY_binary ended well, but no daemon of this resource answers: $(answer text)"
	return 1
}

# A clean goodbye: SHUTDOWN to the partners, gates shut, all on disk, program detached. $1: seconds for it.
goodbye() {
	ask_within "$1" failover shutdown
	[ "$code" != 0 ] || return 0
	# No relationship, or not serving yet: nobody is to be told.
	case $code in
	402 | 406 | 503) ask_within "$1" stop ;;
	esac
	[ "$code" = 0 ]
}
