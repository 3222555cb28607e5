# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in the world's files
# SPDX-License-Identifier: GPL-2.0-only
#
# clients.sh: who asks: a real udhcpc and a real dhclient, and blast's
# subscribers; and what they were told, against what the servers know.

# ----- real clients, each on a link of its own: client_start udhcpc|dhclient; its process is $client

client_start() {
	local program=$1 space=${1:0:1}

	events=$W/$program.events
	touch "$events"
	printf '#!/bin/bash\nexec "%s/../net/client-script" "%s" %s "$@"\n' "$INTEROP" "$events" \
		"$program" >"$W/$program.script"
	chmod 755 "$W/$program.script"
	if [[ $program == udhcpc ]]; then
		background "$W/udhcpc.log" ip netns exec "$CASE.u" "$BUILD/peers/bin/udhcpc" -f \
			-i u0 -s "$W/udhcpc.script" -t 20 -T 2 -A 1
	else
		printf 'timeout 15;\nretry 1;\ninitial-interval 2;\nbackoff-cutoff 4;\n' \
			>"$W/dhclient.conf"
		touch "$W/dhclient.state"
		background "$W/dhclient.log" ip netns exec "$CASE.d" "$BUILD/peers/bin/dhclient" -4 \
			-d -v --no-pid -cf "$W/dhclient.conf" -lf "$W/dhclient.state" \
			-sf "$W/dhclient.script" d0
	fi
	client=$pid
	note "$program started in $space"
}

# saw PROGRAM EVENTS N: happened of that client.
saw() {
	events=$W/$1.events
	happened "$2" "$3"
}

# ----- subscribers; several populations at a time, each with a name

declare -A population=()

# subscribers_start NAME CLIENTS [FLAG…]: in the background; their leases are kept in NAME.state.
subscribers_start() {
	local name=$1 clients=$2
	shift 2

	note "subscribers $name: $clients"
	background "$W/$name.log" ip netns exec "$CASE.c" "$BUILD/blast" subscribers --lenient --shared \
		--clients "$clients" --state "$W/$name.state" --report "$W/ledger" --json "$@" c0
	population[$name]=$pid
}

# subscribers_over NAME SECONDS: ends by itself; no reply was wrong.
subscribers_over() {
	local code=0 process=${population[$1]}

	until_true "$2" dead "$process" || return 1
	wait "$process" || code=$?
	note "subscribers $1 ended with $code"
	((code == 0)) || why "blast $1 ended with $code: $(grep -v '^{' "$W/$1.log" | tail -1)"
}

subscribers_end() {
	kill -INT "${population[$1]}" 2>/dev/null || true
	subscribers_over "$1" 5
}

# subscribers_once NAME CLIENTS [FLAG…]: until all have a lease.
subscribers_once() {
	subscribers_start "$@" --once
	subscribers_over "$1" 60
}

# The last number of this name in a log of blast's.
last_of() {
	sed -n "s/.*\"$2\": *\([0-9]*\).*/\1/p" "$W/$1.log" | tail -1
}

# bound NAME N: do so many hold a lease?
bound() {
	local count

	count=$(last_of "$1" bound)
	((${count:-0} >= $2)) || why "${count:-0} of $2 subscribers hold a lease"
}

# ----- the judge

# Events of a real client as lines of a ledger (bench/blast/ledger.h).
events_ledger() {
	awk -v mac="$2" -v hexadecimal="${3:-}" '
		{ id = hexadecimal == "" ? "-" : hexadecimal }
		/^(bound|reboot) / { print $4, "leased", $2, mac, id, $4 + $3; address = $2 }
		/^(renew|rebind) / { print $4, "renewed", $2, mac, id, $4 + $3; address = $2 }
		/^(deconfig|expire|fail|stop|release|refused) / {
			if (address != "")
				print $4, "released", address, mac, id, $4
			address = ""
		}' "$1"
}

# What all clients were told, in the order of time: ledger.all.
ledger_join() {
	touch "$W/ledger" "$W/udhcpc.events" "$W/dhclient.events"
	{
		cat "$W/ledger"
		events_ledger "$W/udhcpc.events" "$UDHCPC_MAC" "01${UDHCPC_MAC//:/}"
		events_ledger "$W/dhclient.events" "$DHCLIENT_MAC"
	} | sort -n -s >"$W/ledger.all"
}

# No address was told to two clients at a time.
none_shared() {
	ledger_join
	"$BUILD/tests/crash/test_ledger" twice "$W/ledger.all" >"$W/wrong" 2>&1 ||
		why "$(wc -l <"$W/wrong") addresses given twice, first: $(head -1 "$W/wrong")"
}

# known_by SERVER: every lease that a client believes in is known there, and until no earlier. Times
# of a table are in the clock of whoever gave the lease: $skew is how far that may be behind; dhcpd
# reckons in whole seconds.
skew=1
judged=0
known_by() {
	ledger_join
	table_of "$1" | awk -v skew="$skew" '{ $4 += skew; print }' >"$W/$1.table"
	"$BUILD/tests/crash/test_ledger" told "$W/$1.table" "$W/ledger.all" \
		"$(wc -l <"$W/ledger.all")" "$EPOCHSECONDS" >"$W/wrong" 2>&1 && judged=$(tail -1 "$W/wrong") &&
		return
	sed -i '$d' "$W/wrong"
	why "$(wc -l <"$W/wrong") leases unknown to $1, first: $(head -1 "$W/wrong")"
}

# No subscriber had to stop: none had its lease run out, none was told no.
none_lost() {
	! grep -E ' (expired|refused) ' "$W/ledger" >"$W/wrong" ||
		why "$(wc -l <"$W/wrong") leases lost, first: $(head -1 "$W/wrong")"
}

known_by_least() {
	known_by "$1" || return 1
	((judged >= $2)) || why "only $judged leases are believed in, not $2"
}

# settled NAME LEAST: what must be true after every part of a story; so many leases are held at least.
settled() {
	check "$1-agree" until_true 10 agree || return 1
	check "$1-known-by-a" until_true 10 known_by_least a "$2" || return 1
	check "$1-known-by-b" until_true 10 known_by_least b "$2" || return 1
	check "$1-none-shared" none_shared
}
