# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in the world's files
# SPDX-License-Identifier: GPL-2.0-only
#
# story_wire.sh: what goes over the wire: decoded by tshark without a complaint
# after every story, and the same that dhcpd says in our place, but for what
# the file `differences` lists.

# Clients without an identifier whose hash gives them to the primary and to the secondary (RFC 3074).
readonly CLIENT_OF_A=02:b1:a5:04:00:00 CLIENT_OF_B=02:b1:a5:04:00:02

# A lease is given, renewed, released; another one is given and runs out. dhcpd acknowledges an
# update 2 seconds later: what comes meanwhile would be held back.
fields_of() {
	check "$1-lives" subscribers_once "$1" 1 --kind dhclient --first-mac "$2" || return 1
	check "$1-renews" fields_renew "$@" || return 1
	check "$1-leaves" fields_release "$1" || return 1
	check "$1-free" until_true 10 nobody_holds || return 1
	check "$1-again" subscribers_once "$1" 1 --kind dhclient --first-mac "$2" || return 1
	check "$1-runs-out" until_true $((3 * mclt)) nobody_holds || return 1
	check "$1-agree" until_true 10 agree
}

fields_renew() {
	subscribers_start "$1" 1 --kind dhclient --first-mac "$2"
	until_true "$mclt" grep -qs ' renewed ' "$W/ledger" || return 1
	subscribers_end "$1"
}

fields_release() {
	subscribers_start "$1" 1 --release --duration 3
	subscribers_over "$1" 5
}

# One client at each server, and every field of what is said of it.
story_fields() {
	flags=(--strict-partner-down off) lease_time=30 mclt=12
	check contact pair_make || return 1
	check shared-out until_true 20 shared_out || return 1
	fields_of one $CLIENT_OF_A || return 1
	rm "$W/ledger"
	fields_of other $CLIENT_OF_B
}

# ----- after every story

# wire_decoded FILE: messages of a capture, a line each (wire.awk).
wire_decoded() {
	local streams arguments=() i

	streams=$(tshark -r "$1" -T fields -e tcp.stream 2>/dev/null | sort -nu | tail -1)
	for ((i = 0; i <= ${streams:--1}; i++)); do
		arguments+=(-z "follow,tcp,raw,$i")
	done
	tshark -r "$1" -q "${arguments[@]}" 2>/dev/null | awk -f "$INTEROP/wire.awk"
}

# tshark has decoded everything, and had nothing to say, but that an identifier is no text.
wire_clean() {
	local count

	capture_end
	wire_decoded "$W/wire.pcapng" >"$W/wire"
	tshark -r "$W/wire.pcapng" -d tcp.port==647,dhcpfo -O dhcpfo 2>/dev/null | awk '
		/^[^ ]/ { inside = /^DHCP Failover|Malformed/ }
		inside && /Expert Info|[Mm]alformed/ && before !~ /^ *Client Identifier: /
		{ before = $0 }' >"$W/wrong"
	[[ ! -s $W/wrong ]] || why "tshark: $(head -1 "$W/wrong")" || return 1
	! grep ' wrong' "$W/wire" >"$W/wrong" || why "$(head -1 "$W/wrong")" || return 1
	count=$(wc -l <"$W/wire")
	((count > 100)) || why "only $count messages were captured"
}

# ----- after all stories, where both kinds have been in both roles

# wire_of KIND ROLE STORY…: what servers of this kind have said in this role; not where they change.
wire_of() {
	local kind=$1 role=$2 file
	shift 2

	for story; do
		[[ $story != migration && $story != way-back ]] || continue
		for file in "$work/$story-"*/wire; do
			case $role:${file#"$work/$story-"} in
			"primary:$kind-"* | "secondary:"*"-$kind/wire") grep "^$role " "$file" ;;
			esac
		done
	done
}

# Without what `differences` explains.
unexplained() {
	grep -vEf <(sed -n '/^[^#]/s/ *;.*//p' "$INTEROP/differences") || true
}

# same_forms ROLE: type, options in their order, and values that are the same in each run.
same_forms() {
	local kind

	for kind in dhcpd xdhcpd; do
		# shellcheck disable=SC2086 # names
		wire_of $kind "$1" $stories | sed -E 's/=[+-][0-9]+/=T/g; s/transferred=[0-9]+/transferred=N/' | sort -u >"$W/$kind.forms"
	done
	comm -13 "$W/dhcpd.forms" "$W/xdhcpd.forms" | unexplained >"$W/wrong"
	[[ ! -s $W/wrong ]] || why "$(wc -l <"$W/wrong") forms that dhcpd does not use, first: $(head -1 "$W/wrong")"
}

# same_fields ROLE: every value, where the same has happened to both.
same_fields() {
	local kind

	for kind in dhcpd xdhcpd; do
		wire_of $kind "$1" fields >"$W/$kind.fields"
	done
	awk -f "$INTEROP/fields.awk" "$W/dhcpd.fields" "$W/xdhcpd.fields" | unexplained >"$W/wrong"
	[[ ! -s $W/wrong ]] || why "$(wc -l <"$W/wrong") fields are not dhcpd's, first: $(head -1 "$W/wrong")"
}

wire_compare() {
	local role what CASE=wire W=$work/wire

	mkdir -p "$W"
	for role in primary secondary; do
		for what in forms fields; do
			if same_$what $role; then
				printf 'ok wire-%s-%s\n' $role $what
			else
				sed 's/^/#   /' "$W/wrong"
				printf 'not ok wire-%s-%s: %s\n' $role $what "$(<"$W/why")"
			fi
		done
	done
}
