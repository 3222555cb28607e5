# shellcheck shell=bash
# shellcheck disable=SC2154,SC2016 # of run and world.sh; for sh
# SPDX-License-Identifier: GPL-2.0-only
#
# case_role.sh: which half of the pair an instance is.

relation_normal() {
	relation_is "$1" .state normal
}

# pair_normal NODE NODE: a new pair, which the agents have seen begin.
pair_normal() {
	until_true 20 relation_normal "$1" && until_true 20 relation_normal "$2"
}

# Both have told each other all, and are silent: whether clients hold leases, nobody knows.
silent() {
	relation_is "$1" .state recover && relation_is "$1" .link.up true &&
		relation_is "$1" '.remedy | startswith("both stores may be empty")' true
}

# Woken, they have looked again and done nothing.
stay_silent() {
	local end=$((${EPOCHREALTIME/./} + 3000000))

	agent "$1" notify && agent "$2" notify || return 1
	while ((${EPOCHREALTIME/./} < end)); do
		silent "$1" && silent "$2" || return 1
		sleep 0.4
	done
}

# A pair is new once. Where both stores are lost, clients may hold leases; and so they may where a node was
# ever marked.
case_new() {
	local role

	cluster_make
	conf_both
	nodes_make node-01 node-02
	mark_set node-02 || return 1
	agent node-01 start && agent node-02 start || return 1
	check asked until_true 10 silent node-01 || true
	check asked-too until_true 10 silent node-02 || true
	check marked stay_silent node-01 node-02 || true
	mark_unset node-02
	agent node-01 notify && agent node-02 notify || return 1
	check normal pair_normal node-01 node-02 || true
	daemon_dies node-01
	daemon_dies node-02
	agent node-01 stop && agent node-02 stop || return 1
	rm -rf "$W"/node-0[12]/leases
	check gone agent_is 1 'no partner serves to take its leases from. Bring it back' node-01 start || true
	check gone-too agent_is 1 'no partner serves to take its leases from. Bring it back' node-02 start || true
	# As it says, where they are lost for good.
	for role in primary secondary; do
		cib cibadmin --delete --xpath "//cluster_property_set[@id='xdhcp-dhcp-$role-set']" || return 1
	done
	agent node-01 start && agent node-02 start || return 1
	check lost until_true 10 silent node-01 || true
	check lost-too until_true 10 silent node-02 || true
	check lost-stay stay_silent node-01 node-02 || true
	# As an impatient person would: a clean stop, and a start.
	agent node-01 stop && agent node-02 stop || return 1
	agent node-01 start && agent node-02 start || return 1
	check restarted until_true 10 silent node-01 || true
	check restarted-stay stay_silent node-01 node-02 || true
	control node-01 failover init --yes >/dev/null && control node-02 failover init --yes >/dev/null
	check said pair_normal node-01 node-02
}

both_start() {
	local one=0 two=0 a b

	agent node-01 start &
	a=$!
	agent node-02 start &
	b=$!
	wait "$a" || one=$?
	wait "$b" || two=$?
	((one == 0 && two == 0)) || why "starts at the same time return $one and $two"
}

# One each, whoever was first.
roles_differ() {
	[[ "$(relation_role node-01) $(relation_role node-02)" == @(primary secondary|secondary primary) ]] ||
		why "roles are $(relation_role node-01) and $(relation_role node-02)"
}

relation_role() {
	control "$1" failover status --json | jq -r '.relations[0].role'
}

case_role() {
	local first

	cluster_make
	conf_both
	nodes_make node-01 node-02 node-03
	mark_set node-02 || return 1 # the pair does not begin to serve
	sed -i 's/with_quorum="true"/with_quorum="false"/' "$W/level.xml"
	check quorum agent_is 1 'no role can be claimed: .*no quorum' node-01 start || true
	check unclaimed claim_is primary '' || true
	level online
	check both both_start || return 1
	check one-each roles_differ || true
	first=$(relation_role node-01)
	check claim claim_is "$first" "node-01 $(identity node-01)" || true
	check attribute attribute_is node-01 role "$first" || true
	check third agent_is 1 'held by node node-0[12]: node node-02 is online|held by node node-0[12]' \
		node-03 start || true
	check given-back agent_is 0 '' node-01 stop || true
	check free claim_is "$first" '' || true
	check next agent_is 0 '' node-03 start || true
	check takes claim_is "$first" "node-03 $(identity node-03)" || true
}

dead_node_02() {
	node_crash node-02
	level dead
	sed -i 's/dhcp_service/dhcp/' "$W/level.xml"
}

daemon_dies() {
	kill -KILL "$(cat "$W/$1/pid")"
	until_true 5 flock -n -s "$W/$1/pid" true
}

# The addresses go by the attribute: it stays where a killed daemon starts again, and only there.
case_addresses() {
	local role

	check both pair_make 5 || return 1
	role=$(relation_role node-01)
	daemon_dies node-01
	check stop agent_is 0 '' node-01 stop OCF_RESKEY_CRM_meta_notify_start_uname='node-02 node-01' || true
	check stays attribute_is node-01 role "$role" || true
	check refused agent_is 1 '' node-01 start OCF_RESKEY_interfaces=nowhere || true
	check refused-goes attribute_is node-01 role '' || true
	check restart agent_is 0 '' node-01 start || return 1
	check again attribute_is node-01 role "$role" || true
	# Stopped in order, for a restart: nothing changes that the cluster could think about.
	check normal pair_normal node-01 node-02 || true
	check settled until_true 10 attribute_is node-01 role "$role" || true
	check clean-stop agent_is 0 '' node-01 stop OCF_RESKEY_CRM_meta_notify_start_uname=node-01 || true
	check clean-stays attribute_is node-01 role "$role" || true
	check clean-unsaid permanent_is node-01 stopped '' || true
	check clean-start agent_is 0 '' node-01 start || return 1
	check clean-normal pair_normal node-01 node-02 || true
	agent node-01 stop OCF_RESKEY_CRM_meta_notify_start_uname=node-01
	check clean-state attribute_is node-01 state stopped || true
	check clean-refused agent_is 2 'renew_gate=soon' node-01 start OCF_RESKEY_renew_gate=soon || true
	check clean-said permanent_is node-01 stopped "$(identity node-01)" || true
	check clean-goes attribute_is node-01 role '' || true
	check clean-again agent_is 0 '' node-01 start || return 1
	daemon_dies node-01
	check last-stop agent_is 0 '' node-01 stop OCF_RESKEY_CRM_meta_notify_start_uname='node-02 node-011' || true
	check goes attribute_is node-01 role '' || true
}

# A third node takes the role of one that is dead for sure, or was stopped in order, and of no other;
# with a store that counts from then on, and not from when it had a role once, for a moment.
case_taken() {
	local lost early

	cluster_make
	conf_both
	nodes_make node-01 node-02 node-03
	agent node-03 start && early=$(identity node-03) && agent node-03 stop || return 1
	agent node-01 start && agent node-02 start || return 1
	check normal pair_normal node-01 node-02 || return 1
	lost=$(claim secondary)
	check stays claim_is secondary "node-02 $(identity node-02)" || true
	node_crash node-02
	level lost
	sed -i 's/dhcp_service/dhcp/' "$W/level.xml"
	check lost agent_is 1 'secondary is held by node node-02: .*not fenced yet' node-03 start || true
	check kept claim_is secondary "$lost" || true
	level dead
	sed -i 's/dhcp_service/dhcp/' "$W/level.xml"
	ip -n "$CASE.node-03" address add 10.77.0.2/24 dev eth0
	# One that does not start leaves the role to others.
	check fails agent_is 1 'does not start' node-03 start OCF_RESKEY_interfaces=nowhere || true
	check leaves permanent_is node-03 stopped "$(identity node-03)" || true
	level_of node-03 online
	sed -i 's/dhcp_service/dhcp/' "$W/level.xml"
	check dead agent_is 0 'taking over as secondary: .*|' node-03 start || return 1
	level dead
	sed -i 's/dhcp_service/dhcp/' "$W/level.xml"
	check fresh test "$(identity node-03)" != "$early" || true
	check taken claim_is secondary "node-03 $(identity node-03)" || true
	check empty relation_is node-03 .role secondary || true
	check recovers until_true 20 relation_normal node-03 || true
	# The dead one is back, while both roles are held.
	node_up node-02
	level online
	check superseded agent_is 1 'no role is free' node-02 start || true
	check not-yet test ! -d "$W/node-02/leases.superseded-${lost#* }" || true
	check stop agent_is 0 '' node-03 stop || true
	check said permanent_is node-03 stopped "$(identity node-03)" || true
	level_of node-03 online
	check stopped agent_is 0 'taking over as secondary: the instance on node node-03 was stopped in order' \
		node-02 start || true
	check aside test -d "$W/node-02/leases.superseded-${lost#* }" || true
	lost=$(identity node-03)
	check no-role agent_is 1 'no role is free' node-03 start || true
	check not-aside test "$(identity node-03)" = "$lost" || true
}

# A store that is gone begins anew in its role; one that is somebody else's does not begin.
case_store() {
	local identity

	check normal pair_make 5 || return 1
	identity=$(identity node-01)
	check stop agent_is 0 '' node-01 stop || true
	check stopped permanent_is node-01 stopped "$identity" || true
	check kept claim_is primary "node-01 $identity" || true
	mv "$W/node-01/leases" "$W/node-01/gone"
	check lost agent_is 0 "store $identity of this node is gone" node-01 start || true
	check role relation_is node-01 .role primary || true
	check claim claim_is primary "node-01 $(identity node-01)" || true
	check not-stopped permanent_is node-01 stopped '' || true
	check recovers until_true 20 relation_normal node-01 || true
	check stop-again agent_is 0 '' node-01 stop || true
	mv "$W/node-01/leases" "$W/node-01/second"
	mv "$W/node-01/gone" "$W/node-01/leases"
	check old agent_is 0 'moved to' node-01 start || true
	agent node-01 stop
	# Nobody knows of this one.
	rm -rf "$W/node-01/leases"
	cp -r "$W/node-02/leases" "$W/node-01/leases"
	check foreign agent_is 1 "is the secondary's, but the cluster has given that role to node node-02" \
		node-01 start || true
	echo . >"$W/broken-cibadmin"
	check unreadable agent_is 1 'does not say|cannot be' node-01 start || true
}

# Who served last has the leases: nobody takes its role from it while the other half is only on its way back.
case_newest() {
	local newest

	check normal pair_make 600 node-03 || return 1
	agent node-02 stop
	check alone until_true 15 relation_is node-01 .state partner-down || return 1
	agent node-01 stop
	newest=$(claim primary)
	ip -n "$CASE.node-01" link set eth0 down
	level_of node-01 dead
	sed -i 's/dhcp_service/dhcp/' "$W/level.xml"
	ip -n "$CASE.node-03" address add 10.77.0.1/24 dev eth0
	check back agent_is 0 '' node-02 start || true
	check waits agent_is 1 'no role is free' node-03 start || true
	check kept claim_is primary "$newest"
}

# Lease directories that are not there for one start, and are again: what they have is not out of date.
case_unmounted() {
	local node

	check normal pair_make 5 || return 1
	check told until_true 10 attribute_is node-02 state normal || true
	for node in node-01 node-02; do
		daemon_dies "$node"
		agent "$node" stop OCF_RESKEY_CRM_meta_notify_start_uname='node-01 node-02'
		mv "$W/$node/leases" "$W/$node/mounted"
	done
	agent node-01 start
	agent node-02 start
	agent node-01 stop
	agent node-02 stop
	for node in node-01 node-02; do
		rm -rf "$W/$node/leases"
		mv "$W/$node/mounted" "$W/$node/leases"
	done
	agent node-01 start
	agent node-02 start
	check not-aside test ! -e "$W/node-01/leases.superseded-"* || true
	check not-aside-too test ! -e "$W/node-02/leases.superseded-"* || true
	check serves until_true 20 relation_normal node-01
}

# Power goes between the two renames of an exchange: the new store is the one that was claimed.
case_renames() {
	local fresh

	check normal pair_make 5 node-03 || return 1
	node_crash node-02
	level dead
	sed -i 's/dhcp_service/dhcp/' "$W/level.xml"
	ip -n "$CASE.node-03" address add 10.77.0.2/24 dev eth0
	until_true 15 relation_is node-01 .state partner-down || return 1
	check taken agent_is 0 'taking over' node-03 start || return 1
	check recovers until_true 30 relation_normal node-03 || return 1
	agent node-03 stop
	ip -n "$CASE.node-03" address del 10.77.0.2/24 dev eth0
	node_up node-02
	level_of node-03 online
	sed -i 's/dhcp_service/dhcp/' "$W/level.xml"
	printf '#!/bin/sh\ncase $1 in *.new) kill -KILL $PPID ;; *) exec /bin/mv "$@" ;; esac\n' >"$W/bin/mv"
	chmod 755 "$W/bin/mv"
	agent node-02 start || true
	rm "$W/bin/mv"
	fresh=$(claim secondary)
	check cut test ! -d "$W/node-02/leases" || return 1
	check again agent_is 0 '' node-02 start || return 1
	check same claim_is secondary "$fresh" || true
	check one test ! -d "$W/node-02/leases.new"
}

# As pcs does it: the whole configuration is written as it was read, without the claim that was made since.
claim_lose() {
	cib cibadmin --delete --xpath "//cluster_property_set[@id='xdhcp-dhcp-$1-set']" >/dev/null
}

# A daemon of which the claim of its role becomes WANT (nothing: it is lost) while it comes up.
daemon_beside() {
	cat >"$W/bin/xdhcpd-beside" <<-SH
		#!/bin/sh
		case "\$*" in "-q "*)
			export CIB_file="$W/cib"
			flock "$W/cib.lock" $(command -v cibadmin) --delete --xpath "//cluster_property_set[@id='xdhcp-dhcp-$1-set']"
			[ -z "$2" ] || flock "$W/cib.lock" $(command -v cibadmin) --create --scope crm_config --xml-text \
				'<cluster_property_set id="xdhcp-dhcp-$1-set"><nvpair id="xdhcp-dhcp-$1" name="$1" value="$2"/></cluster_property_set>' ;;
		esac >/dev/null 2>&1
		exec $BUILD/xdhcpd "\$@"
	SH
	chmod 755 "$W/bin/xdhcpd-beside"
}

daemon_gone() {
	! control "$1" status >/dev/null 2>&1 || why "xdhcpd of $1 runs"
}

# A claim that somebody wrote over: nobody else gets the role, and it comes back.
case_overwritten() {
	local first one

	cluster_make
	conf_both
	nodes_make node-01 node-02 node-03
	daemon_beside primary ''
	check start agent_is 0 'claim of the primary.s role is lost' node-01 start \
		OCF_RESKEY_binary="$W/bin/xdhcpd-beside" || return 1
	one="node-01 $(identity node-01)"
	check made claim_is primary "$one" || true
	check made-first claim_is primary-first "${one#* }" || true
	claim_lose primary
	check second agent_is 0 '' node-02 start || return 1
	check second-is claim_is secondary "node-02 $(identity node-02)" || true
	check normal pair_normal node-01 node-02 || return 1
	check again claim_is primary "$one" || true
	claim_lose primary
	check runs agent_is 1 'node node-01 runs as the primary|held by node node-01' node-03 start || true
	check monitor agent_is 0 '' node-01 monitor || true
	check back until_true 5 claim_is primary "$one" || true
	# While it comes up another store gets the role: it gives way.
	agent node-02 stop || return 1
	daemon_beside secondary 'node-03 another'
	check late agent_is 1 'node node-03 has claimed the role of the secondary' node-02 start \
		OCF_RESKEY_binary="$W/bin/xdhcpd-beside" || true
	check gone daemon_gone node-02 || true
	check theirs claim_is secondary 'node-03 another' || true
}

permanent_put() {
	cib crm_attribute --node "$1" --name "xdhcp-$2-dhcp" --lifetime forever --update "$3"
}

# A word of an earlier stop that comes back while the instance runs: nobody takes its role, and it goes.
case_stale() {
	check normal pair_make 5 node-03 || return 1
	permanent_put node-02 stopped "$(identity node-02)" || return 1
	check runs agent_is 1 'node node-02 runs as the secondary|held by node node-02' node-03 start || true
	check kept claim_is secondary "node-02 $(identity node-02)" || true
	check monitor agent_is 0 '' node-02 monitor || true
	check gone until_true 5 permanent_is node-02 stopped '' || true
	check probe agent_is 0 '' node-02 monitor OCF_RESKEY_CRM_meta_interval=0 || true
}

# An old file is pushed after a third node took over: its claim is made again, and the old store stays out.
case_old() {
	local old fresh

	check normal pair_make 5 node-03 || return 1
	old=$(identity node-02)
	node_crash node-02
	level_ours dead
	ip -n "$CASE.node-03" address add 10.77.0.2/24 dev eth0
	check alone woken partner_down || return 1
	check taken agent_is 0 'taking over' node-03 start || return 1
	check recovers until_true 30 relation_normal node-03 || return 1
	fresh=$(claim secondary)
	claim_lose "superseded-$old"
	mark_unset node-02 || true
	cib cibadmin --modify --scope crm_config --xml-text "<cluster_property_set id=\"xdhcp-dhcp-secondary-set\">
		<nvpair id=\"xdhcp-dhcp-secondary\" value=\"node-02 $old\"/></cluster_property_set>" || return 1
	node_up node-02
	level_ours online
	check refused agent_is 1 'node node-03 runs as the secondary|held by node node-03' node-02 start || true
	check monitor agent_is 0 '' node-03 monitor || true
	check again until_true 5 claim_is secondary "$fresh" || true
	check superseded claim_is "superseded-$old" node-02 || true
}
