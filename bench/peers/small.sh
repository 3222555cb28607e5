# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# dnsmasq and udhcpd: servers for small networks, which get a small table.

peer_dnsmasq_packages() {
	echo dnsmasq-base
}

peer_dnsmasq_version() {
	with_libraries "$(program dnsmasq)" --version | awk 'NR == 1 { print $3 }'
}

peer_dnsmasq_note() {
	echo "not durable: the lease file is written anew now and then, never synced"
}

peer_dnsmasq_flags() {
	echo --lenient
}

peer_dnsmasq_fill() {
	cp "$work/table/dnsmasq" "$1/leases"
	cat >"$1/conf" <<-CONF
		port=0
		interface=s0
		bind-interfaces
		user=root
		no-ping
		quiet-dhcp
		dhcp-authoritative
		dhcp-lease-max=10000000
		dhcp-leasefile=$1/leases
		dhcp-option=option:domain-name,bench.example
		dhcp-option=option:dns-server,192.0.2.53,192.0.2.54
		dhcp-range=$FIRST,$(pool_last),$NETMASK,$LEASE
		dhcp-range=$FIRST_RELAYED,$(pool_last_relayed),$NETMASK,$LEASE
	CONF
}

peer_dnsmasq_start() {
	local name=$1 dir=$2
	shift 2

	with_libraries process_start "$name" "$dir/log" ip netns exec "$name.s" "$@" \
		"$(program dnsmasq)" -k -C "$dir/conf" --pid-file= --log-facility=-
}

peer_udhcpd_packages() {
	echo busybox
}

peer_udhcpd_version() {
	"$(program busybox)" --help 2>&1 | awk 'NR == 1 { print $2 }'
}

peer_udhcpd_note() {
	echo "not durable: leases are written every two hours; relays are unknown to it"
}

peer_udhcpd_flags() {
	echo --lenient
}

peer_udhcpd_fill() {
	cp "$work/table/udhcpd" "$1/leases"
	cat >"$1/conf" <<-CONF
		start $FIRST
		end $(pool_last)
		interface s0
		max_leases 10000000
		lease_file $1/leases
		pidfile $1/pid
		opt dns 192.0.2.53 192.0.2.54
		opt domain bench.example
		opt router $SERVER
		opt subnet $NETMASK
		opt lease $LEASE
	CONF
}

peer_udhcpd_start() {
	local name=$1 dir=$2
	shift 2

	process_start "$name" "$dir/log" ip netns exec "$name.s" "$@" "$(program busybox)" udhcpd -f -a 0 \
		"$dir/conf"
}
