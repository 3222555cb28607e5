# shellcheck shell=bash
# shellcheck disable=SC2154 # what a case knows of itself is set in world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# cluster.sh: what a cluster asks of the daemon: one configuration for both
# roles, addresses that come and go with them, a new binary under way.

readonly ROLE=10.77.0.8 OTHER_ROLE=10.77.0.9

# role_conf [LINE]: one text for both servers; LINE goes into the primary's declaration.
role_conf() {
	conf_write 40 20 30
	sed -i '/range 10.77.0/s/.*/pool { failover peer "ring"; range 10.77.0.100 10.77.0.119; }/' \
		"$W/dhcpd.conf"
	sed -i "1i failover peer \"ring\" { primary; mclt 30; split 128; ${1:-}\\
		address $ROLE; peer address $OTHER_ROLE; }\\
	failover peer \"ring\" { secondary; address $OTHER_ROLE; peer address $ROLE; }" \
		"$W/dhcpd.conf"
}

role() {
	space_add s
	role_conf
	check unsaid daemon_says 1 'dhcpd.conf:3:.*both roles, here and at .*dhcpd.conf:1: .*--role' \
		-d -cf "$W/dhcpd.conf" || true
	check either daemon_says 0 '' -t -cf "$W/dhcpd.conf" || true
	check primary daemon_says 0 '' -t --role primary -cf "$W/dhcpd.conf" || true
	check secondary daemon_says 0 '' -t --cluster --role secondary -cf "$W/dhcpd.conf" || true
	check neither daemon_says 1 '--role third: say primary or secondary' -t --role third || true
	check declared daemon_says 0 '^both ring$' --roles -cf "$W/dhcpd.conf" || true
	role_conf 'auto-partner-down 60;'
	check alone daemon_says 0 '' -t --role primary -cf "$W/dhcpd.conf" || true
	check cluster daemon_says 1 'dhcpd.conf:1:.*auto-partner-down.* is refused: a timer' \
		-t --cluster --role primary -cf "$W/dhcpd.conf"
}

# The first renewal goes to an address that the server was not started with.
address_comes() {
	ip -n "$CASE.s" address add "$ROLE/32" dev s0 || return 1
	kernel_renews "$client" 1
}

# Gone from here, it is somebody else's: neither kernel nor daemon answers for it.
address_goes() {
	local kernel granted ours

	ip -n "$CASE.s" address del "$ROLE/32" dev s0 || return 1
	ip -n "$CASE.c" neighbour replace "$ROLE" lladdr "$SERVER_MAC" nud permanent dev c0
	kernel=$(counter kernel renewing) granted=$(counter server granted)
	ours=$(counter kernel punt-not-ours)
	until_true 5 second_later || return 1
	kill -USR1 "$client"
	until_true 10 more kernel punt-not-ours "$ours" || return 1
	(($(counter kernel renewing) == kernel && $(counter server granted) == granted)) ||
		why 'answered for an address that is not here any more'
}

role_address() {
	world_serve direct native "server-identifier $ROLE;" || return 1
	client_start udhcpc
	check get get || return 1
	check comes address_comes || return 1
	check userspace-idle life_userspace_idle || true
	check goes address_goes
}

# Nothing is named, and no interface has an address yet: the role's is waited for, others are not.
interface_comes() {
	control status --json | jq -e '.status.interfaces == []' >/dev/null ||
		why 'something is served' || return 1
	ip -n "$CASE.s" address add "$ROLE/24" dev s0 || return 1
	until_true 5 interface_served
}

interface_served() {
	[[ $(control status --json | jq -r '.status.interfaces[] | "\(.name) \(.address) \(.xdp)"') == \
		"s0 $ROLE native" ]] || why "not served: $(control status --json | jq -c .status.interfaces)"
}

role_interface() {
	space_add s
	space_add c
	pair s s0 "$SERVER_MAC" c c0 "$CLIENT_MAC" || return 1
	pass_start c c0 || return 1
	role_conf
	bpffs_mount
	sed '1,2d' "$W/dhcpd.conf" >"$W/one.conf"
	check refused daemon_says 1 'no interface has an address in a declared subnet: name' -d \
		-cf "$W/one.conf" -lf "$W/other" -pf "$W/other.pid" --control "$W/other.control" \
		--bpffs "$W/bpf" --xdp off || true
	(xdhcpd native --role primary) >>"$W/daemon.log" 2>&1 </dev/null &
	daemon=$!
	pids+=("$daemon")
	check start until_true 15 serving || return 1
	check comes interface_comes
}

# Both were started before their roles' addresses came, and wait.
address_missing() {
	grep -qF "failover ring: its address $ROLE is on no interface" "$W/daemon.log" ||
		why "not said: $(tail -1 "$W/daemon.log")" || return 1
	shows control '"\(.serves) \(.link.up)"' 'false false'
}

addresses_come() {
	ip -n "$CASE.s" address add "$ROLE/32" dev s0
	ip -n "$CASE.p" address add "$OTHER_ROLE/32" dev p0
	ip -n "$CASE.s" route add "$OTHER_ROLE" dev s0 src "$ROLE"
	ip -n "$CASE.p" route add "$ROLE" dev p0 src "$OTHER_ROLE"
	until_true 3 shows control .link.up true
}

role_normal() {
	says 0 205 '"word":"initialised"' control failover init --yes || return 1
	says 0 205 '"word":"initialised"' partner failover init --yes || return 1
	until_true 20 both_normal || return 1
	[[ $(control failover status --json | jq -r .relations[0].role) == primary &&
		$(partner failover status --json | jq -r .relations[0].role) == secondary ]] ||
		why 'not the roles that were asked for'
}

role_pair() {
	space_add s
	space_add p
	pair s s0 "$SERVER_MAC" p p0 "$CLIENT_MAC" || return 1
	ip -n "$CASE.s" address add "$SERVER/24" dev s0
	ip -n "$CASE.p" address add "$PARTNER/24" dev p0
	role_conf
	cp "$W/dhcpd.conf" "$W/partner.conf"
	check start server_start off --cluster --role primary || return 1
	# shellcheck disable=SC2034 # of failover.sh
	partner_flags=(--cluster --role secondary)
	check start-partner partner_start || return 1
	check missing address_missing || true
	check come addresses_come || return 1
	check normal role_normal
}
