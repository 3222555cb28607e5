# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# Kea 2.2, memfile. Its manual recommends for speed: no host reservations
# where there are none, and with memfile 4 threads and a queue of 7 packets for
# each (as many threads as CPUs where these are fewer). kea has one thread,
# kea-mt more, and both CPUs, which it shares with the generator. Every host
# name in a request costs it a regular expression, compiled anew; kea-names
# has that off, of which its manual says nothing about speed.

peer_kea_packages() {
	echo kea-dhcp4-server
}

peer_kea_version() {
	with_libraries "$(program kea-dhcp4)" -v
}

peer_kea_note() {
	echo "not durable: the lease file is written but never synced; what a power cut takes, clients believe in"
}

peer_kea_flags() {
	echo --lenient
}

# kea_conf_write DIR THREADING
kea_conf_write() {
	cat <<-CONF
		{"Dhcp4": {
		  "interfaces-config": {"interfaces": ["s0"], "dhcp-socket-type": "raw", "re-detect": false},
		  "lease-database": {"type": "memfile", "persist": true, "name": "$1/leases", "lfc-interval": 3600},
		  "multi-threading": {$2},
		  "valid-lifetime": $LEASE, "authoritative": true,
		  "reservations-global": false, "reservations-in-subnet": false,
		  "option-data": [
		    {"name": "domain-name", "data": "bench.example"},
		    {"name": "domain-name-servers", "data": "192.0.2.53, 192.0.2.54"}],
		  "subnet4": [
		    {"id": 1, "subnet": "10.0.0.0/9", "interface": "s0",
		     "pools": [{"pool": "$FIRST - $(pool_last)"}],
		     "option-data": [{"name": "routers", "data": "$SERVER"}]},
		    {"id": 2, "subnet": "10.128.0.0/9",
		     "pools": [{"pool": "$FIRST_RELAYED - $(pool_last_relayed)"}],
		     "option-data": [{"name": "routers", "data": "$GIADDR"}]}],
		  "loggers": [{"name": "kea-dhcp4", "severity": "ERROR",
		    "output_options": [{"output": "$1/log"}]}]
		}}
	CONF
}

peer_kea_fill() {
	cp "$work/table/kea" "$1/leases"
	kea_conf_write "$1" '"enable-multi-threading": false' >"$1/conf"
}

peer_kea_start() {
	local name=$1 dir=$2
	shift 2

	with_libraries process_start "$name" "$dir/log" env KEA_PIDFILE_DIR="$dir" KEA_LOCKFILE_DIR=none \
		KEA_LFC_EXECUTABLE="$(program kea-lfc)" ip netns exec "$name.s" "$@" \
		"$(program kea-dhcp4)" -c "$dir/conf"
}

peer_kea_names_note() { echo "as kea; host names are taken as they come"; }

peer_kea_names_fill() {
	peer_kea_fill "$1"
	sed -i 's/"authoritative"/"hostname-char-set": "", &/' "$1/conf"
}

peer_kea_mt_note() { peer_kea_note; }
peer_kea_mt_fill() {
	cp "$work/table/kea" "$1/leases"
	kea_conf_write "$1" "$(kea_threading)" >"$1/conf"
}

kea_threads() {
	echo $(($(nproc) < 4 ? $(nproc) : 4))
}

kea_threading() {
	printf '"enable-multi-threading": true, "thread-pool-size": %d, "packet-queue-size": %d' \
		"$(kea_threads)" $((7 * $(kea_threads)))
}
