# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in the world's files
# SPDX-License-Identifier: GPL-2.0-only
#
# story_loss.sh: a server is lost, or the wire between the two; what it costs
# and how it comes back. Everywhere the same population renews meanwhile: none
# of it may lose its lease.
#
# A pair of dhcpd does not pass partner-down-a each time (--pair dhcpd-dhcpd):
# what has run out in the file of the one that comes back, and was renewed by
# the other, it expires anew, and the other agrees.

readonly NEWCOMERS=02:b1:a5:01:00:00 LATECOMERS=02:b1:a5:02:00:00

# served_pair CLIENTS: a pair that is normal, and a population that has got its full lease times.
served_pair() {
	check contact pair_make || return 1
	check shared-out until_true 20 shared_out || return 1
	grants_note
	subscribers_start many "$1"
	check leases until_true 20 bound many "$1" || return 1
	check renewals until_true $((mclt + 4)) both_grant $(($1 * 3 / 5)) || return 1
	check served-agree until_true 10 agree
}

# healed LEAST: all is well again, with so many leases, and both serve who comes now.
healed() {
	check normal-again until_true 40 both_are normal || return 1
	grants_note
	check latecomers subscribers_once latecomers 16 --first-mac "$LATECOMERS" || return 1
	check both-serve both_grant 3 || return 1
	check subscribers subscribers_end many || return 1
	settled healed "$1" || return 1
	check none-lost none_lost
}

# Killed, its partner hears the connection end.
story_kill() {
	local gone=$1 left
	left=$(other "$gone")

	served_pair 40 || return 1
	kill_server "$gone"
	check interrupted until_true 5 is "$left" communications-interrupted || return 1
	check newcomers subscribers_once newcomers 10 --first-mac "$NEWCOMERS" || return 1
	check back start "$gone" || return 1
	healed 40
}

# Nobody hears anything: the servers find out by silence, and both go on.
story_cut() {
	served_pair 40 || return 1
	wire_cut
	check interrupted until_true $((delay + 5)) both_are communications-interrupted || return 1
	grants_note
	check newcomers subscribers_once newcomers 16 --first-mac "$NEWCOMERS" || return 1
	check both-serve until_true $((lease_time + 5)) both_grant 5 || return 1
	wire_heal
	healed 40
}

# partner_takes ADDRESSES: every address that is left, the lost one's included.
partner_takes() {
	subscribers_start newcomers "$1" --first-mac "$NEWCOMERS" --release
	until_true $((mclt + 30)) bound newcomers "$1"
}

# A node dies, and its partner is told so; it takes over all addresses, and gives them back.
story_partner_down() {
	local gone=$1 left
	left=$(other "$gone")

	# What xdhcpd had told dhcpd in advance before it died stands, for its own store too.
	range_last=10.77.1.59 slack=$((2 * lease_time + 1))
	served_pair 30 || return 1
	crash "$gone"
	check interrupted until_true $((delay + 5)) is "$left" communications-interrupted || return 1
	check told partner_down "$left" || return 1
	check partner-down until_true 5 is "$left" partner-down || return 1
	check takes-over partner_takes 26 || return 1
	check newcomers subscribers_end newcomers || return 1
	links_heal "$gone"
	check back start "$gone" || return 1
	healed 30
}

two_xdhcpd() {
	[[ $kind_a == xdhcpd && $kind_b == xdhcpd ]]
}

# How far apart the ends may be of what one server has lost. How far xdhcpd had told dhcpd that it
# might promise is all that it gets back, and an end for it. Between two xdhcpd, who forgot its
# promises is not believed that they are over: its partner holds them until the last one can have
# run out, by a clock that nobody watched meanwhile (60 s).
lost_slack() {
	slack=$((2 * lease_time + 1))
	! two_xdhcpd || slack=$((slack + mclt + 60))
}

# A node dies and comes back with an empty disk.
story_lost() {
	local gone=$1 left
	left=$(other "$gone")

	served_pair 40 || return 1
	lost_slack
	crash "$gone"
	leases_lose "$gone"
	check interrupted until_true $((delay + 5)) is "$left" communications-interrupted || return 1
	links_heal "$gone"
	check back start "$gone" || return 1
	check waits until_true 10 is "$gone" recover-wait || return 1
	healed 40
}

# The partner of a server that has been stopped serves alone. Told to stop, dhcpd does not hear or
# say anything on the link for ten seconds and more, and then gets to say SHUTDOWN only where the
# partner has given that link up, and has made another one, in time.
alone() {
	is "$2" partner-down || { [[ $(kind "$1") == dhcpd ]] && is "$2" communications-interrupted; }
}

# A planned stop: the partner takes over at once, and no MCLT is waited for afterwards.
story_shutdown() {
	local gone=$1 left
	left=$(other "$gone")

	delay=4
	served_pair 40 || return 1
	# What is held until H because the kernel's maps went with the program is held so on one side only.
	! two_xdhcpd || slack=$((2 * lease_time + 1))
	check stops shutdown "$gone" || return 1
	check alone until_true 1 alone "$gone" "$left" || return 1
	check newcomers subscribers_once newcomers 10 --first-mac "$NEWCOMERS" || return 1
	check back start "$gone" || return 1
	healed 40
}

# Both are told that the other one is dead, and neither is.
story_conflict() {
	served_pair 30 || return 1
	wire_cut
	check interrupted until_true $((delay + 5)) both_are communications-interrupted || return 1
	check told-a partner_down a || return 1
	check told-b partner_down b || return 1
	check partner-down until_true 5 both_are partner-down || return 1
	grants_note
	check both-serve until_true $((lease_time + 5)) both_grant 5 || return 1
	wire_heal
	healed 30
}
