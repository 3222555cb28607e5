# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# story_dhcpd.sh: the crash of story_crash.sh, with a clone of ISC dhcpd: for
# comparison. Nobody tells it that its partner is dead.

# Every node has a configuration of its own, of which one is the primary's.
dhcpd_setup() {
	cat >"$W/setup" <<-SETUP
		#!/bin/sh
		mkdir -p /usr/lib/ocf/resource.d/lab
		install -m 755 "$CLUSTER/dhcpd_lab" /usr/lib/ocf/resource.d/lab/dhcpd
		echo "$BUILD/peers/bin/dhcpd" >/etc/dhcp/binary
		[ ! -e "$W/\$1.conf" ] || cp "$W/\$1.conf" /etc/dhcp/dhcpd.conf
	SETUP
	chmod 755 "$W/setup"
	dhcpd_conf_of primary 10.77.0.11 10.77.0.12 >"$W/node-01.conf"
	dhcpd_conf_of secondary 10.77.0.12 10.77.0.11 >"$W/node-02.conf"
}

dhcpd_conf_of() {
	half_conf "$@"
	printf '%s\n' 'ping-check false;' 'ddns-update-style none;'
	scopes_conf
}

dhcpd_xml() {
	cat <<-CIB
		<resources>
		  <clone id="dhcpd-clone">
		    <meta_attributes id="dhcpd-meta">
		      <nvpair id="dhcpd-max" name="clone-max" value="2"/>
		    </meta_attributes>
		    <primitive id="dhcpd" class="ocf" provider="lab" type="dhcpd">
		      <operations><op id="dhcpd-monitor" name="monitor" interval="10s"/></operations>
		    </primitive>
		  </clone>
		</resources>
	CIB
}

dhcpd_create() {
	in_node node-01 cibadmin --create --scope resources --xml-text "$(dhcpd_xml)" >"$W/said" 2>&1 ||
		why "cibadmin: $(tail -1 "$W/said")"
}

# dhcpd_moved NODE STATE [FROM]: when dhcpd said that it is in that state now.
dhcpd_moved() {
	log_time "$1" "i move from [a-z-]* to $2" "${3:-0}"
}

dhcpd_moved_to() {
	[[ -n $(dhcpd_moved "$@") ]] || why "$1 has not moved to $2"
}

story_dhcpd() {
	local start
	service='' delay=30
	if [[ ! -x $BUILD/peers/bin/dhcpd ]]; then
		printf 'skip dhcpd: no %s\n' "$BUILD/peers/bin/dhcpd"
		return
	fi
	dhcpd_setup
	check cluster cluster_make || return 1
	check third-rests standby node-03 on || return 1
	check create dhcpd_create || return 1
	check normal until_true "$PATIENCE" dhcpd_moved_to node-01 normal || return 1
	check normal-other until_true "$PATIENCE" dhcpd_moved_to node-02 normal || return 1
	newcomers_start
	check balanced until_true 60 answered_at_once 6 || return 1
	start=$EPOCHREALTIME
	crash node-02
	check fenced until_true 30 fenced node-02 || return 1
	check interrupted until_true 60 dhcpd_moved_to node-01 communications-interrupted "$start" || return 1
	check at-once until_true 30 answered_at_once 6 || return 1
	say "dhcpd: crash to communications-interrupted $(
		between "$start" "$(dhcpd_moved node-01 communications-interrupted "$start")") s; all new clients answered at once from $(
		between "$start" "$(waited_last)") s on"
	check never until_true 20 dhcpd_is_never_certain || return 1
	check newcomers newcomers_end || return 1
	check none-shared none_shared
}

# The fence was confirmed long ago, and it serves its own half still.
dhcpd_is_never_certain() {
	[[ -z $(dhcpd_moved node-01 partner-down) ]] || why 'dhcpd is in partner-down'
}
