# shellcheck shell=bash
# shellcheck disable=SC2154 # what a case knows of itself is set in world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# process.sh: the daemon as a process: its arguments, a second one, how it
# ends, and what stays in the kernel.

# daemon_says STATUS TEXT FLAG…: runs to its end; its status, and what it prints.
daemon_says() {
	local status=0 want=$1 text=$2
	shift 2

	timeout 10 ip netns exec "$CASE.s" "$BUILD/xdhcpd" "$@" >"$W/said" 2>&1 || status=$?
	((status == want)) || {
		why "status $status instead of $want: $(head -1 "$W/said")"
		return 1
	}
	if [[ -z $text ]]; then
		[[ ! -s $W/said ]] || why "not silent: $(head -1 "$W/said")"
	else
		grep -qE -- "$text" "$W/said" || why "does not say $text: $(head -1 "$W/said")"
	fi
}

wrong_file() {
	printf 'authoritative;\nsubnet 10.77.0.0 netmask 255.255.255.0 {\n\tnonsense 1;\n}\n' \
		>"$W/wrong.conf"
	daemon_says 1 "^$W/wrong\.conf:3:[0-9]+: " -t -cf "$W/wrong.conf" || return 1
	[[ $(sed -n 2p "$W/said") == *'nonsense 1;' && $(sed -n 3p "$W/said") =~ ^[[:space:]]*\^ ]] ||
		why "no line with a caret: $(sed -n 2,3p "$W/said" | tr '\n' '|')"
}

missing_file() {
	daemon_says 1 "cannot read .$W/missing\.conf.: No such file" -t -cf "$W/missing.conf"
}

good_file() {
	daemon_says 0 '' -t -cf "$W/dhcpd.conf"
}

# dhcpd keeps its leases in a file: whoever brings its command line is told.
lease_file() {
	: >"$W/dhcpd.leases"
	daemon_says 1 "$W/dhcpd\.leases.*directory" -f -d -cf "$W/dhcpd.conf" -lf "$W/dhcpd.leases" \
		-pf "$W/other.pid" --control "$W/other" --bpffs "$W/bpf" --xdp off s0 || return 1
	[[ -f $W/dhcpd.leases && ! -s $W/dhcpd.leases ]] || why "the file was changed"
}

# One rule for the one who makes the directory and for the one who removes it.
instance_names() {
	local name

	for name in a-b ../a "$(printf 'a%.0s' {1..65})"; do
		daemon_says 1 'up to 64 letters, digits and underscores' --instance "$name" || return 1
		says 3 710 'up to 64 letters, digits' "$BUILD/xdhcpctl" --json gates --instance "$name" || return 1
	done
	says 0 106 '"word":"gates-shut"' "$BUILD/xdhcpctl" gates --bpffs "$W/bpf" \
		--instance "$(printf 'a%.0s' {1..64})"
}

arguments() {
	world_direct || return 1
	conf_write 40 20 30
	bpffs_mount
	check wrong-file wrong_file || true
	check missing-file missing_file || true
	check good-file good_file || true
	check lease-file lease_file || true
	check no-flag daemon_says 1 '--nonsense: no such flag' --nonsense || true
	check instance instance_names || true
	check no-interface daemon_says 1 'nowhere0: no such interface' -d -cf "$W/dhcpd.conf" \
		-lf "$W/leases" -pf "$W/pid" --control "$W/control" --bpffs "$W/bpf" --xdp off nowhere0
}

# One lease directory, one daemon: whatever else it is called with.
second_refused() {
	daemon_says 1 "$W/leases.*(another|use|runs|lock)" -d -cf "$W/dhcpd.conf" -lf "$W/leases" \
		-pf "$W/other.pid" --control "$W/other" --bpffs "$W/bpf" --instance other \
		--xdp off s0
}

second_refused_pid() {
	daemon_says 1 "runs already, process [0-9]+" -d -cf "$W/dhcpd.conf" -lf "$W/leases.other" \
		-pf "$W/pid" --control "$W/other" --bpffs "$W/bpf" --instance other --xdp off s0
}

# It takes nothing away from the one that runs.
first_goes_on() {
	serving || why "the first one is gone" || return 1
	attached || why "the first one's program is gone"
}

attached() {
	program_on s s0
}

second() {
	world_serve direct native || return 1
	check directory second_refused || true
	check pid-file second_refused_pid || true
	check first-goes-on first_goes_on
}

# What is pinned; a new BPF file system holds two files of the kernel's own.
pinned() {
	find "$W/bpf" -mindepth 1 ! -name '*.debug' | paste -sd' ' -
}

nothing_left() {
	local pins

	! alive "$daemon" || why "the process lives" || return 1
	! attached || why "a program is attached" || return 1
	pins=$(pinned)
	[[ -z $pins ]] || why "pinned: $pins" || return 1
	[[ ! -e $W/pid && ! -e $W/control ]] || why "pid file or socket is left"
}

stop_by_signal() {
	local status=0

	kill -TERM "$daemon"
	until_true 10 dead "$daemon" || return 1
	wait "$daemon" || status=$?
	((status == 0)) || {
		why "ended with status $status"
		return 1
	}
	nothing_left
}

stop_by_control() {
	control stop >"$W/answer" 2>&1 || {
		why "xdhcpctl stop: $(tail -1 "$W/answer")"
		return 1
	}
	until_true 10 dead "$daemon" || return 1
	nothing_left
}

# Renewals of the kernel are on disk after a stop: the next daemon knows the end.
renewed_end_known() {
	local ends=$1 now

	now=$(control leases --json --ip "$event_address" | jq -s 'map(.ends // empty) | add')
	((now >= ends - 1)) || why "the lease ends at $now, the client was told $ends"
}

# The tails went with the daemon: userspace renders one more, and the kernel goes on.
renewed_anew() {
	until_true 5 second_later || return 1
	kill -USR1 "$client"
	until_true 10 happened renew "$1" || return 1
	kernel_renews "$client" $(($1 + 1))
}

stop() {
	world_serve direct native || return 1
	client_start udhcpc
	check get get || return 1
	check renew kernel_renews "$client" 1 || return 1
	check signal stop_by_signal || return 1
	check start-again server_start native || return 1
	check lease-known renewed_end_known $((event_time + event_lease)) || true
	check renew-again renewed_anew 2 || return 1
	check control stop_by_control || return 1
	check start-skb server_start skb || return 1
	check stop-skb stop_by_control
}

# Killed, the daemon leaves the program, which goes on answering.
kernel_goes_on() {
	process_end "$daemon" KILL
	attached || why "the program went with the daemon" || return 1
	until_true 5 second_later || return 1
	kill -USR1 "$client"
	until_true 5 happened renew "$1"
}

adopted() {
	server_start native || return 1
	[[ $(control status --json | jq -r .status.fastpath.adopted) == true ]] ||
		why "the maps were not adopted" || return 1
	renewed_end_known $((event_time + event_lease))
}

taken_away() {
	"$BUILD/xdhcpctl" -s "$W/control" detach --bpffs "$W/bpf" --instance "${CASE//-/_}" \
		>"$W/answer" 2>&1 || {
		why "xdhcpctl detach: $(tail -1 "$W/answer")"
		return 1
	}
	! attached || why "still attached" || return 1
	[[ -z $(pinned) ]] || why "pinned: $(pinned)"
}

# Asked, the living daemon takes its program away and serves on without.
taken_away_alive() {
	control detach >"$W/answer" 2>&1 || {
		why "xdhcpctl detach: $(tail -1 "$W/answer")"
		return 1
	}
	! attached || why "still attached" || return 1
	until_true 5 second_later || return 1
	kill -USR1 "$client"
	until_true 10 happened renew "$1"
}

detach() {
	world_serve direct native || return 1
	client_start udhcpc
	check get get || return 1
	check kernel-goes-on kernel_goes_on 1 || return 1
	check adopted adopted || return 1
	check alive taken_away_alive 2 || return 1
	process_end "$daemon" KILL
	check start-again server_start native || return 1
	process_end "$daemon" KILL
	check without-daemon taken_away
}
