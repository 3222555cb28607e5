# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# xdhcpd as it comes, and xdhcp-off: without its program, everything in
# userspace. Its table is made by its own import of dhcpd's lease file.

peer_xdhcp_packages() {
	:
}

peer_xdhcp_version() {
	printf '%s %s\n' "$("$build/xdhcpd" --version | awk '{ print $2 }')" "$(commit_name)"
}

peer_xdhcp_note() {
	echo "durable: fdatasync before replies, one for what came together; renewals within what is on disk need none"
}

peer_xdhcp_flags() {
	:
}

peer_xdhcp_fill() {
	local dir=$1

	dhcpd_conf_write >"$dir/conf"
	"$build/xdhcpd" -cf "$dir/conf" -lf "$dir/leases" --import "$work/table/dhcpd" >"$dir/import" 2>&1 ||
		die "xdhcpd --import: $(tail -1 "$dir/import")"
}

# xdhcp_start MODE NAME DIR CPU…
xdhcp_start() {
	local mode=$1 name=$2 dir=$3
	shift 3

	[[ $mode == off ]] || pass_start "$name"
	process_start "$name" "$dir/log" ip netns exec "$name.s" "$@" "$build/xdhcpd" -d -cf "$dir/conf" \
		-lf "$dir/leases" -pf "$dir/pid" --control "$dir/control" --bpffs "$work/bpf" \
		--instance "${name//-/_}" --object "$build/xdhcp.bpf.o" --xdp "$mode" s0
}

peer_xdhcp_start() {
	xdhcp_start native "$@"
}

# How many of the kernel's renewals are in the journal.
peer_xdhcp_written() {
	"$build/xdhcpctl" -s "$1/control" stats --json | jq '[.counters[] | select(.word == "swept").value] | add'
}

# The maps of a daemon that ended otherwise than it should.
peer_xdhcp_forget() {
	"$build/xdhcpctl" -s "$2/control" detach --force --bpffs "$work/bpf" --instance "${1//-/_}" \
		>"$work/detach.log" 2>&1 || true
}

peer_xdhcp_off_start() { xdhcp_start off "$@"; }

peer_xdhcp_off_note() {
	echo "as xdhcp, with --xdp off: everything in userspace"
}
