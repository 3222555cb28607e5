# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in the world's files
# SPDX-License-Identifier: GPL-2.0-only
#
# story_migration.sh: a pair of dhcpd becomes a pair of xdhcpd, one node at a
# time, as README.md says it, under subscribers that come, renew and leave all
# the while: none of them has to send a request a third time. And the way back.

# A signal ends dhcpd at once, and its partner serves everybody from then on. (Told by omshell to
# stop it is deaf for ten seconds, and then still takes the releases that came meanwhile for new.)
retire() {
	if [[ $(kind "$1") == dhcpd ]]; then
		kill_server "$1" TERM
	else
		shutdown "$1"
	fi
}

# becomes SERVER KIND: the other kind takes its leases over, and its place.
becomes() {
	check "$1-stops" retire "$1" || return 1
	check "$1-leases" "leases_to_$2" "$1" || return 1
	printf -v "kind_$1" '%s' "$2"
	check "$1-starts" start "$1" || return 1
	check "$1-normal" until_true 15 both_are normal || return 1
	note "$1 is $2"
}

leases_to_xdhcpd() {
	"$BUILD/xdhcpd" --import "$W/$1.leases" -cf "$W/$1.conf" -lf "$W/$1.store" >"$W/said" 2>&1 ||
		why "xdhcpd --import: $(tail -1 "$W/said")"
}

leases_to_dhcpd() {
	"$BUILD/xdhcpd" --export "$W/$1.leases" -cf "$W/$1.conf" -lf "$W/$1.store" >"$W/said" 2>&1 ||
		why "xdhcpd --export: $(tail -1 "$W/said")"
}

# RFC 2131 section 4.1: a request that is lost is sent again, the first time after 4 seconds.
all_answered() {
	local count

	none_lost || return 1
	for count in unanswered naks; do
		(($(total_of many $count) == 0)) ||
			why "$(total_of many $count) $count of $(total_of many sent) requests"
	done
}

# A number of a population's summary.
total_of() {
	grep '"kind":"summary"' "$W/$1.log" | sed -n "s/.*\"$2\": *\([0-9]*\).*/\1/p"
}

subscribed_pair() {
	# What was owed when a dhcpd ended is told with its potential expiry as end.
	lease_time=30 mclt=15 range_last=10.77.4.255 slack=16
	check contact pair_make || return 1
	check shared-out until_true 20 shared_out || return 1
	subscribers_start many 400 --rate 100 --churn 5
	check leases until_true 20 bound many 390 || return 1
	grants_note
	check renewals until_true $((mclt + 4)) both_grant 150
}

migrated() {
	grants_note
	check renewals-after until_true "$lease_time" both_grant 150 || return 1
	check subscribers subscribers_end many || return 1
	check all-answered all_answered || return 1
	settled migrated 390
}

story_migration() {
	subscribed_pair || return 1
	becomes a xdhcpd || return 1
	check between until_true 10 agree_under_load || return 1
	becomes b xdhcpd || return 1
	migrated
}

story_way_back() {
	subscribed_pair || return 1
	becomes a dhcpd || return 1
	migrated
}
