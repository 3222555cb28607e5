# shellcheck shell=bash
# shellcheck disable=SC2154 # what a case knows of itself is set in world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# life.sh: the life of a lease with each client, directly and through a relay:
# get, renew, rebind, release. With the program attached, renewals are the
# kernel's, and userspace decides once.

readonly LEASE=40 T1=4 T2=9

life_get() {
	until_true 20 happened bound 1 || return 1
	until_true 2 lease_is "$event_address" active || return 1
	[[ $event_domain == one.example ]] || why "domain name $event_domain"
}

# What the client must see: its lease ends later than before.
extended() {
	local before=$1 words=$2

	happened "$words" 1 || return 1
	((event_lease == LEASE)) || {
		why "the client was given $event_lease s instead of $LEASE"
		return 1
	}
	((event_time + event_lease > before)) || why "the lease ends no later than before"
}

second_later() {
	((EPOCHSECONDS > event_time + 1)) || why "no second has gone by"
}

# udhcpc renews when it is told to; by itself it would wait for a minute.
urge() {
	[[ $program == udhcpc ]] || return 0
	until_true 5 second_later || return 1
	kill -USR1 "$client"
}

# life_extend WORD: by the kernel, counted as WORD, where the program is; else by userspace.
life_extend() {
	local word=$1 words='renew|rebind' group=kernel before ends

	[[ $mode != off ]] || group=server word=granted
	before=$(counter $group "$word")
	ends=$((event_time + event_lease))
	urge || return 1
	until_true 25 more $group "$word" "$before" || return 1
	until_true 10 extended "$ends" "$words"
}

# Unicast is lost now: nobody is answered until the client tries by broadcast.
life_rebind() {
	unicast_break || return 1
	life_extend "$([[ $topology == relayed ]] && echo relayed || echo rebinding)" || return 1
	unicast_heal
}

# The kernel did it: since the first lease userspace has granted nothing.
life_userspace_idle() {
	local granted

	granted=$(counter server granted)
	((granted == 1)) || why "userspace granted $granted times, not once"
}

life_release() {
	case $program in
	udhcpc) kill -USR2 "$client" ;;
	dhclient)
		process_end "$client"
		background "$W/dhclient.client.log" ip netns exec "$CASE.c" \
			"$BUILD/peers/bin/dhclient" -4 -d -v -r --no-pid -cf "$W/dhclient.conf" \
			-lf "$W/dhclient.leases" -sf "$W/dhclient.script" c0
		;;
	dhcpcd) kill -ALRM "$client" ;;
	networkd) kill -TERM "$client" ;;
	esac
	until_true 10 more server released 0 || return 1
	until_true 5 lease_is_free "$event_address"
}

sums_good() {
	! grep -E '^[A-Z]+ .* BAD ' "$W/replies" >"$W/bad" ||
		why "wrong checksum: $(head -1 "$W/bad" | cut -c 1-100)"
}

networkd_here() {
	[[ -x /lib/systemd/systemd-networkd ]] && getent passwd systemd-network >/dev/null
}

# life direct|relayed PROGRAM MODE
life() {
	topology=$1 program=$2 mode=$3

	if [[ $program == networkd ]] && ! networkd_here; then
		printf 'skip %s: no systemd-networkd here\n' "$CASE"
		return 0
	fi
	check network network_make "$topology" || return 1
	conf_write $LEASE $T1 $T2
	check start server_start "$mode" || return 1
	client_start "$program"
	check get life_get || return 1
	check renew life_extend renewing || return 1
	check rebind life_rebind || return 1
	[[ $mode == off ]] || check userspace-idle life_userspace_idle || true
	check release life_release || true
	check sums sums_good
}
