# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in the world's files
# SPDX-License-Identifier: GPL-2.0-only
#
# story_change.sh: what an operator or the world changes: a clock that is
# wrong, another configuration, clients that only one server hears.

# The secondary's clock is wrong by so many seconds. dhcpd ends its partner's leases by its own
# clock: they must be long enough for that.
story_skew() {
	shift_b=$1 lease_time=80 mclt=80 skew=$((${1#-} + 2)) slack=$((${1#-} + 2))
	served_pair 40 || return 1
	kill_server a
	check interrupted until_true 5 is b communications-interrupted || return 1
	check newcomers subscribers_once newcomers 10 --first-mac "$NEWCOMERS" || return 1
	check back start a || return 1
	check normal-again until_true 30 both_are normal || return 1
	check renewed until_true 10 agree || return 1
	kill_server b
	check interrupted-again until_true 5 is a communications-interrupted || return 1
	check moreover subscribers_once moreover 10 --first-mac 02:b1:a5:03:00:00 || return 1
	check back-again start b || return 1
	healed 56 || return 1
	check expiry until_true $((3 * lease_time + ${1#-})) nobody_holds || return 1
	settled expiry 0
}

# Nobody but the secondary hears new clients: it asks for more addresses than its half.
story_drain() {
	check contact pair_make || return 1
	check shared-out until_true 20 shared_out || return 1
	grants_note
	access_cut a
	subscribers_start many 75
	check leases until_true 60 bound many 75 || return 1
	check by-b by_one b 75 || return 1
	access_heal a
	check subscribers subscribers_end many || return 1
	settled drained 75
}

by_one() {
	local granted=granted_$1

	(($(grants_of "$1") - ${!granted} >= $2)) ||
		why "$1 has granted $(($(grants_of "$1") - ${!granted})), not $2"
}

# Another lease time and a larger pool, at one server after the other.
story_reconfigure() {
	served_pair 40 || return 1
	lease_time=30 range_last=10.77.1.159
	confs_write
	check first reread a || return 1
	check first-normal until_true 30 both_are normal || return 1
	check second reread b || return 1
	check second-normal until_true 30 both_are normal || return 1
	check newcomers subscribers_once newcomers 100 --first-mac "$NEWCOMERS" || return 1
	check lease-time until_true 40 longer_leases || return 1
	healed 40
}

# Renewals give the new time.
longer_leases() {
	tail -20 "$W/ledger" | awk '$2 == "renewed" && $6 - $1 > 28 { n++ } END { exit n < 5 }' ||
		why 'renewals do not give 30 seconds'
}
