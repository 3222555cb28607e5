# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in the world's files
# SPDX-License-Identifier: GPL-2.0-only
#
# story_life.sh: a pair is made, and serves: first contact, leases from both,
# renewals by both, release, decline, expiry.

# pair_make: a new pair, nothing known to either, becomes normal.
pair_make() {
	world_make || return 1
	capture_start || return 1
	confs_write
	start a && start b || return 1
	pair_first
	until_true 40 both_are normal
}

# dhcpd finds out by itself that both are new; xdhcpd is told (never by guess: a lost store looks the same).
pair_first() {
	local server

	for server in a b; do
		[[ $(kind $server) == xdhcpd ]] || continue
		pair_first_said $server || return 1
	done
}

# pair_first_said SERVER [RELATIONSHIP]. Where it was said to the other one, and MCLT has passed since
# the start, there is nothing left to say.
pair_first_said() {
	control "$1" failover init "${@:2}" --yes >"$W/said" 2>&1 ||
		grep -q 'has been in NORMAL' "$W/said" ||
		why "$1: failover init: $(tail -1 "$W/said")"
}

# About half of the free addresses are the secondary's.
shared_out() {
	local backup all

	all=$((256 * (${range_last:6:1} - 1) + ${range_last##*.} + 1))
	backup=$(count_of a backup)
	((backup * 10 >= all * 3 && backup * 10 <= all * 6)) ||
		why "$backup of $all addresses are the secondary's"
}

# Both have given leases: the hash halves a population that is not tiny.
both_grant() {
	local a b

	a=$(grants_of a) b=$(grants_of b)
	((a - granted_a >= $1 && b - granted_b >= $1)) ||
		why "a has granted $((a - granted_a)), b $((b - granted_b)), not $1 each"
}

grants_note() {
	granted_a=$(grants_of a) granted_b=$(grants_of b)
}

# Everybody leaves; nobody holds anything any more.
nobody_holds() {
	(($(count_of a active) + $(count_of b active) == 0)) ||
		why "$(count_of a active) and $(count_of b active) leases are active"
}

# It renews when told to; by itself it takes no lease for shorter than 16 seconds.
life_udhcpc() {
	until_true 10 saw udhcpc bound 1 || return 1
	# A signal that comes while its script runs is lost.
	until_true 4 second_later || return 1
	kill -USR1 "$udhcpc"
	# The kernel may answer before udhcpc has closed the socket that it has sent from, which then
	# takes the answer: udhcpc asks again after 2 seconds.
	until_true 5 saw udhcpc renew 1
}

second_later() {
	((EPOCHSECONDS > event_time + 1)) || why 'no second has gone by'
}

life_release() {
	subscribers_start many 40 --release --duration 1
	subscribers_over many 10 || return 1
	kill -USR2 "$udhcpc"
	until_true 10 saw udhcpc deconfig 2
}

# dhclient refuses the first address that it gets, and waits for 10 seconds before it asks anew.
life_decline() {
	touch "$W/dhclient.events.refuse"
	client_start dhclient
	dhclient=$client
	until_true 20 saw dhclient refused 1 || return 1
	declined=$event_address
}

life_another() {
	until_true 20 saw dhclient bound 1 || return 1
	[[ $event_address != "$declined" ]] || why "$declined was given again"
}

both_abandoned() {
	[[ $(count_of a abandoned) == 1 && $(count_of b abandoned) == 1 ]] ||
		why "abandoned: $(count_of a abandoned) and $(count_of b abandoned), not 1 and 1"
}

# Nobody renews any more.
life_vanish() {
	process_end "$dhclient" KILL
	subscribers_once late 20 --first-mac 02:b1:a5:01:00:00
}

story_life() {
	# Two dhcpd take longer to tell each other: an update in flight holds the next one up.
	[[ $kind_a == dhcpd && $kind_b == dhcpd ]] || lease_time=12
	check contact pair_make || return 1
	check shared-out until_true 20 shared_out || return 1
	grants_note
	subscribers_start many 40
	check decline life_decline || return 1
	check abandoned until_true 10 both_abandoned || return 1
	check leases until_true 20 bound many 40 || return 1
	check by-both both_grant 8 || return 1
	client_start udhcpc
	udhcpc=$client
	check udhcpc life_udhcpc || return 1
	check dhclient life_another || return 1
	settled leases 42 || return 1
	grants_note
	check renewals until_true $((lease_time + 5)) both_grant 20 || return 1
	check subscribers subscribers_end many || return 1
	settled renewals 42 || return 1
	check release life_release || return 1
	settled release 1 || return 1
	check vanish life_vanish || return 1
	check expiry until_true $((3 * lease_time)) nobody_holds || return 1
	settled expiry 0
}
