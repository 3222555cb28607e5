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
	role_conf 'auto-partner-down 60;'
	check alone daemon_says 0 '' -t --role primary -cf "$W/dhcpd.conf" || true
	check cluster daemon_says 1 'dhcpd.conf:1:.*`auto-partner-down` is refused: a timer' \
		-t --cluster --role primary -cf "$W/dhcpd.conf"
}
