# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# table.sh: the leases that every server begins with, as each reads them, and
# the populations that the generator plays:
#
#   $work/table/dhcpd, kea, …  lease files
#   $work/table/all.state      every client of the table
#   $work/table/direct.state   those on the link
#   $work/table/relayed.state  those behind the relay, a fifth
#   $work/table/probe.state    a few, to ask whether a server serves

readonly RELAYED_PERCENT=20 LEASE=3600
spread=1 # leases in the table for each client
declare -A rooms=() # by server: addresses behind those of the table, for new clients
room=0

room_set() {
	rooms[$1]=$2
}

# table_write DIR CLIENTS: all files of a table.
table_write() {
	local dir=$1 clients=$2 format common

	common=(--clients "$clients" --relayed "$RELAYED_PERCENT" --giaddr "$GIADDR" --server "$SERVER"
		--server-mac "$SERVER_MAC" --first-address "$FIRST" --first-relayed "$FIRST_RELAYED"
		--lease "$LEASE" --spread "$spread")
	mkdir -p "$dir"
	for format in dhcpd kea dnsmasq udhcpd; do
		"$build/blast" leases "${common[@]}" $format >"$dir/$format"
	done
	"$build/blast" leases "${common[@]}" "$dir/all.state"
	# Flags, the third field, say who stands behind the relay.
	awk 'NR == 1 || $3 == 0' "$dir/all.state" >"$dir/direct.state"
	awk 'NR == 1 || $3 != 0' "$dir/all.state" >"$dir/relayed.state"
	head -9 "$dir/direct.state" >"$dir/probe.state"
}

tables_make() {
	table_write "$work/table" "$leases"
	# What shares of the null program are said of: so many of those on the link.
	if (($(table_count direct) >= 65536)); then
		head -65537 "$work/table/direct.state" >"$work/table/64k.state"
	fi
}

# table_last FIRST COUNT: the address COUNT - 1 behind it.
table_last() {
	local a b c d number

	IFS=. read -r a b c d <<<"$1"
	number=$(((a << 24 | b << 16 | c << 8 | d) + $2 - 1))
	printf '%d.%d.%d.%d\n' $((number >> 24)) $((number >> 16 & 255)) $((number >> 8 & 255)) \
		$((number & 255))
}

# address_before A B: is A the lower one?
address_before() {
	[[ $1 != "$2" && $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -1) == "$1" ]]
}

# Counts of the table's clients, `direct` and `relayed`.
table_count() {
	echo $(($(wc -l <"$work/table/$1.state") - 1))
}

# The last address of the link's pool, and of the relay's.
pool_last() {
	table_last $FIRST $(($(table_count direct) * spread + room))
}

pool_last_relayed() {
	table_last $FIRST_RELAYED $(($(table_count relayed) * spread))
}
