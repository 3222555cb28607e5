# SPDX-License-Identifier: GPL-2.0-only
# A configuration of Kea → that of one half, $me, of a pair.
.Dhcp4["hooks-libraries"] = [
	{library: "\($hooks)/libdhcp_lease_cmds.so"},
	{library: "\($hooks)/libdhcp_ha.so", parameters: {"high-availability": [{
		"this-server-name": $me, mode: "load-balancing",
		"heartbeat-delay": 10000, "max-response-delay": 60000, "max-ack-delay": 5000, "max-unacked-clients": 5,
		"multi-threading": {"enable-multi-threading": true, "http-dedicated-listener": true,
			"http-listener-threads": $threads, "http-client-threads": $threads},
		peers: [{name: "a", url: $a, role: "primary"}, {name: "b", url: $b, role: "secondary"}]}]}}]
| .Dhcp4.subnet4 |= [.[0] | .pools = [
	{pool: "\($first) - \($half)", "client-class": "HA_a"},
	{pool: "\($next) - \($last)", "client-class": "HA_b"}]]
