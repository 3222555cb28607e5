# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# ISC dhcpd 4.4. For speed dhcpd.conf(5) recommends `delayed-ack 28`: one
# fsync for what came together. `dhcp-cache-threshold` is off in the
# comparison: it answers a renewal out of the lease's first quarter without
# writing; clients renew at half (RFC 2131 section 4.4.5), where it does
# nothing, and the generator, which cannot wait for that, would measure it
# alone. dhcpd-cache has it on, as it comes. It walks through a list of its
# pool's leases for each renewal: dhcpd-pools has many small pools.

peer_dhcpd_packages() {
	echo isc-dhcp-server
}

peer_dhcpd_version() {
	"$(program dhcpd)" --version 2>&1 | sed 's/^isc-dhcpd-//'
}

peer_dhcpd_note() {
	echo "durable: fsync before replies (delayed-ack 28: one for what came together)"
}

peer_dhcpd_flags() {
	echo --lenient
}

# ranges_line FIRST LAST, ranges_pools FIRST LAST: the addresses in between. dhcpd makes one pool of those that
# are open to the same clients, so that each keeps off a class of its own, which nobody is in.
ranges_line() {
	printf 'range %s %s;\n' "$1" "$2"
}

readonly POOL_ADDRESSES=2000
ranges_pools() {
	local first=$1 last
	while last=$(table_last "$first" $POOL_ADDRESSES) && address_before "$last" "$2"; do
		range_pool "$first" "$last"
		first=$(table_last "$last" 2)
	done
	range_pool "$first" "$2"
}

range_pool() {
	printf 'pool { deny members of "%s"; range %s %s; }\n' "$1" "$1" "$2"
}

# What xdhcpd reads, too. dhcpd_conf_write [RANGES]
dhcpd_conf_write() {
	local ranges=${1:-ranges_line}

	cat <<-CONF
		authoritative;
		ddns-update-style none;
		default-lease-time $LEASE;
		max-lease-time $LEASE;
		option domain-name "bench.example";
		option domain-name-servers 192.0.2.53, 192.0.2.54;
		subnet 10.0.0.0 netmask $NETMASK {
			$("$ranges" $FIRST "$(pool_last)")
			option routers $SERVER;
		}
		subnet 10.128.0.0 netmask $NETMASK {
			$("$ranges" $FIRST_RELAYED "$(pool_last_relayed)")
			option routers $GIADDR;
		}
	CONF
}

# peer_dhcpd_fill DIR [THRESHOLD [RANGES]]
peer_dhcpd_fill() {
	local dir=$1

	cp "$work/table/dhcpd" "$dir/leases"
	{
		dhcpd_conf_write "${3:-ranges_line}"
		dhcpd_speed_write "${2:-0}"
	} >"$dir/conf"
}

dhcpd_speed_write() {
	printf 'ping-check false;\ndelayed-ack 28;\ndhcp-cache-threshold %d;\n' "$1"
}

peer_dhcpd_start() {
	local name=$1 dir=$2
	shift 2

	process_start "$name" "$dir/log" ip netns exec "$name.s" "$@" "$(program dhcpd)" -4 -f -q \
		--no-pid -cf "$dir/conf" -lf "$dir/leases" s0
}

peer_dhcpd_cache_fill() { peer_dhcpd_fill "$1" 25; }

peer_dhcpd_pools_note() { echo "as dhcpd, in pools of $POOL_ADDRESSES addresses"; }

peer_dhcpd_pools_fill() {
	peer_dhcpd_fill "$1" 0 ranges_pools
	sed -n 's/.*deny members of \("[^"]*"\).*/class \1 { }/p' "$1/conf" | cat - "$1/conf" >"$1/conf.classes"
	mv "$1/conf.classes" "$1/conf"
}

peer_dhcpd_cache_note() {
	echo "as dhcpd; renewals in the first quarter of a lease are answered without writing"
}
