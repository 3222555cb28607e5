# shellcheck shell=bash
# shellcheck disable=SC2154 # of run and world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# case_partner.sh: is the partner dead, and what follows.

# level_ours DATA: as level, of this resource.
level_ours() {
	sed 's/dhcp_service/dhcp/g' "$HERE/data/$1.xml" >"$W/level.new"
	mv "$W/level.new" "$W/level.xml"
}

link_down() {
	[[ $(control "$1" failover status --json | jq -r '.relations[0].link.up') == false ]]
}

# told WORDS: a look has come to that. Looks follow one another, so none that saw less is under way.
told() {
	attribute_is node-01 partner "*$1*"
}

# nothing_done WORDS: the helper says why, and nothing follows.
nothing_done() {
	woken told "$1" || return 1
	stays communications-interrupted
}

# Whatever may follow a wake-up has followed when the helper has looked once more; the state is still this.
stays() {
	local end=$((${EPOCHREALTIME/./} + 2000000))

	agent node-01 notify
	while ((${EPOCHREALTIME/./} < end)); do
		relation_is node-01 .state "$1" || return 1
		sleep 0.4
	done
	permanent_is node-02 recover ''
}

partner_down() {
	relation_is node-01 .state partner-down
}

marked() {
	[[ -n $(permanent node-02 recover) ]]
}

# crm_mon that says dead once: the node is back from then on.
level_flips() {
	cat >"$W/bin/crm_mon.flips" <<-SH
		#!/bin/sh
		touch "$W/looked"
		! mv "$W/level.once" "$W/level.was" 2>/dev/null || exec cat "$W/level.was"
		exec cat "$W/level.xml"
	SH
	chmod 755 "$W/bin/crm_mon.flips"
	mv "$W/bin/crm_mon" "$W/bin/crm_mon.kept"
	mv "$W/bin/crm_mon.flips" "$W/bin/crm_mon"
	sed 's/dhcp_service/dhcp/g' "$HERE/data/dead.xml" >"$W/level.new"
	mv "$W/level.new" "$W/level.once"
}

level_steady() {
	mv "$W/bin/crm_mon.kept" "$W/bin/crm_mon"
}

flips_back() {
	woken marked || why 'no mark' || return 1
	woken told 'is online' && relation_is node-01 .state communications-interrupted
}

# Has crm_mon been asked in the last two seconds?
looks() {
	(($(date +%s) - $(stat -c %Y "$W/looked") <= 2))
}

looks_no_more() {
	! looks
}

# As Pacemaker runs it: as its own user, which may write to that pipe and to nothing else of ours.
alerted() {
	cp "$OCF/alert.sh" "$W/alert.sh"
	setpriv --reuid hacluster --regid haclient --clear-groups \
		env CRM_alert_kind=fencing XDHCP_RUNTIME="$W/node-01/run" "$W/alert.sh" || return 1
	until_true 15 "$@"
}

# pair_make MCLT [NODE]: a pair in NORMAL, node-01 the primary; and a third node.
pair_make() {
	cluster_make
	conf_both "$1"
	nodes_make node-01 node-02 ${2:+"$2"}
	agent node-01 start && agent node-02 start && pair_normal node-01 node-02
}

woken() {
	agent node-01 notify && until_true 15 "$@"
}

case_partner() {
	check normal pair_make 600 || return 1
	check state woken attribute_is node-01 state normal || true
	# The link is still up as far as the daemon can see: it is tried.
	node_crash node-02
	level_ours lost
	check tried woken link_down node-01 || true
	check lost nothing_done 'not fenced yet' || true
	check says agent_is 0 'link to node node-02 is lost, and nothing is done: .*not fenced' node-01 monitor || true
	level_ours nostonith
	check nostonith nothing_done 'without fencing' || true
	level_ours maintenance-mode
	check maintenance-mode nothing_done 'in maintenance mode' || true
	level_ours unmanaged
	check unmanaged nothing_done 'does not manage' || true
	# It looks again on its own: at no moment are all conditions met.
	cib crm_attribute --type crm_config --name startup-fencing --update false || return 1
	level_ours dead
	check startup-fencing nothing_done startup-fencing || true
	head -c 3000 "$W/level.xml" >"$W/level.torn"
	mv "$W/level.torn" "$W/level.xml"
	check torn nothing_done 'not complete' || true
	cib crm_attribute --type crm_config --name startup-fencing --delete
	echo xdhcp-recover >"$W/broken-crm_attribute"
	level_ours dead
	check no-mark nothing_done 'is dead' || true
	echo . >"$W/broken-cibadmin"
	check no-claims nothing_done 'node is not known' || true
	rm "$W/broken-crm_attribute"
	check no-claims-still stays communications-interrupted || true
	level_ours online
	rm "$W/broken-cibadmin"
	check online nothing_done 'is online' || true
	level_flips
	check flips flips_back || true
	level_steady
	mark_unset node-02
	check rests until_true 30 looks_no_more || true
	level_ours dead
	check alert alerted partner_down || true
	check mark marked || true
	check fenced relation_is node-01 .fenced true || true
	check attribute until_true 10 attribute_is node-01 state partner-down || true
}

# Pacemaker tells of a person's word before its level says so.
case_early() {
	check normal pair_make 600 || return 1
	node_crash node-02
	level_ours lost
	check lost woken link_down node-01 || true
	check rests until_true 30 looks_no_more || true
	check alert alerted looks || true
	level_ours dead
	check early until_true 5 partner_down || true
}

# A person's word is marked, too; a partner that was stopped in order is not.
case_word() {
	check normal pair_make 6 || return 1
	agent node-02 stop
	check stopped until_true 15 partner_down || true
	check no-mark stays partner-down || true
	agent node-02 start
	check back until_true 20 relation_normal node-01 || true
	check back-too until_true 20 relation_normal node-02 || true
	node_crash node-02
	control node-01 failover probe >/dev/null
	level_ours lost
	check open stays communications-interrupted || true
	control node-01 failover partner-down --yes >/dev/null
	check said until_true 15 partner_down || true
	check mark woken marked
}

serves() {
	relation_is "$1" .serves true
}

mark_gone() {
	agent node-02 monitor
	permanent_is node-02 recover ''
}

# marked_back MCLT: node-02 dies, node-01 is alone, node-02 is back.
marked_back() {
	check normal pair_make "$1" || return 1
	node_crash node-02
	level_ours dead
	check dead woken partner_down || true
	node_up node-02
	level_ours online
	check back agent_is 0 'marked: .*RECOVER' node-02 start
}

# Its address is the survivor's until it serves again.
case_waiting() {
	marked_back 20 || return 1
	check waits until_true 15 relation_is node-02 .state recover-wait || true
	check waiting until_true 10 attribute_is node-02 role "$(relation_role node-02)-waiting" || true
	check over until_true 30 attribute_is node-02 role "$(relation_role node-02)" || true
	check serves until_true 15 relation_normal node-02 || true
	check state until_true 10 attribute_is node-02 state normal
}

# Who is marked begins in RECOVER; where both died, it waits and then serves alone.
case_marked() {
	check normal pair_make 6 || return 1
	node_crash node-02
	level_ours dead
	check dead woken partner_down || true
	# The survivor dies, too; the first one comes back alone.
	node_crash node-01
	node_up node-02
	level_of node-01 dead
	sed -i 's/dhcp_service/dhcp/g' "$W/level.xml"
	check back agent_is 0 'marked: .*RECOVER' node-02 start || return 1
	check silent relation_is node-02 .serves false || true
	check waits until_true 10 relation_is node-02 .dead true || true
	check alone until_true 15 serves node-02 || true
	check alone-state relation_is node-02 .state partner-down || true
	check kept marked || true
	# A restart does not begin it all again.
	kill -KILL "$(cat "$W/node-02/pid")"
	check stopped agent_is 0 '' node-02 stop || true
	check again agent_is 0 '' node-02 start || true
	check not-anew says_nothing_of 'marked:' || true
	check alone-again until_true 20 serves node-02 || true
	node_up node-01
	level_ours online
	check other agent_is 0 'marked: .*RECOVER' node-01 start || true
	check pair until_true 30 relation_normal node-01 || true
	check pair-back until_true 30 relation_normal node-02 || true
	check cleared until_true 5 mark_gone || true
}

# It had fetched all, and then lost the link: what the survivor gave from then on it does not know, and is
# silent for MCLT when that one dies.
case_behind() {
	marked_back 9 || return 1
	check fetched until_true 10 relation_is node-02 .state recover-wait || return 1
	link_cut node-02
	check fetched-all until_true 30 relation_is node-02 .state recover-done || return 1
	node_crash node-01
	level_of node-01 dead
	sed -i 's/dhcp_service/dhcp/g' "$W/level.xml"
	agent node-02 notify
	check waits until_true 15 relation_is node-02 .dead true || return 1
	check silent relation_is node-02 .serves false || true
	check alone until_true 30 serves node-02 || true
	check state relation_is node-02 .state partner-down
}

# A mark that was set while it lived goes with the next NORMAL, too.
case_unmarked() {
	check normal pair_make 600 || return 1
	check state until_true 10 attribute_is node-02 state normal || true
	link_cut node-02
	control node-01 failover probe >/dev/null || true
	check lost until_true 60 link_down node-01 || return 1
	control node-01 failover partner-down --yes >/dev/null
	check marked woken marked || return 1
	control node-02 failover probe >/dev/null || true
	check lost-too until_true 60 link_down node-02 || return 1
	link_heal node-02
	check back until_true 30 relation_normal node-01 || true
	check back-too until_true 30 relation_normal node-02 || true
	check cleared until_true 10 mark_gone
}

# What cannot be read counts as marked. Who lost its store never serves alone, whoever is dead.
case_lost() {
	check normal pair_make 4 || return 1
	agent node-02 stop
	check alone until_true 15 partner_down || true
	echo xdhcp-recover >"$W/broken-crm_attribute"
	check unread agent_is 0 'marked: .*RECOVER' node-02 start || true
	rm "$W/broken-crm_attribute"
	check normal-again pair_normal node-01 node-02 || true
	daemon_dies node-02
	agent node-02 stop
	rm -rf "$W/node-02/leases"
	link_cut node-02
	check anew agent_is 0 'is gone: the secondary begins anew' node-02 start || return 1
	node_crash node-01
	level_of node-01 dead
	sed -i 's/dhcp_service/dhcp/g' "$W/level.xml"
	check says until_true 20 monitor_says node-02 'this lease store was lost: silent' || true
	check silent stays_silent node-02 6
}

monitor_says() {
	agent "$1" monitor && grep -q -- "$2" "$W/said"
}

# Longer than MCLT.
stays_silent() {
	local end=$((${EPOCHREALTIME/./} + $2 * 1000000))

	while ((${EPOCHREALTIME/./} < end)); do
		relation_is "$1" .serves false && relation_is "$1" .dead false || return 1
		sleep 0.4
	done
}

# A daemon that a hand has started on a marked node is not taken for one that the cluster has.
case_adopted() {
	check normal pair_make 600 || return 1
	agent node-02 stop
	check alone until_true 15 partner_down || true
	mark_set node-02
	agent_daemon node-02 --role secondary
	check serves until_true 10 control_answers node-02 || return 1
	check anew agent_is 0 'that the cluster has not started: stopping it' node-02 start || true
	check recover relation_is node-02 '.held | startswith("recover")' true || true
	agent node-02 stop
	# And not by a probe, which finds it running.
	agent_daemon node-02 --role secondary
	check serves-again until_true 10 control_answers node-02 || return 1
	check probe agent_is 1 'that the cluster has not started' node-02 monitor \
		OCF_RESKEY_CRM_meta_interval=0 || true
	mark_unset node-02
	check stopped agent_is 1 'that the cluster has not started' node-02 monitor \
		OCF_RESKEY_CRM_meta_interval=0 || true
	agent node-02 stop
}

control_answers() {
	control "$1" status >/dev/null 2>&1
}

# The daemon alone, as a person would start it.
agent_daemon() {
	local node=$1
	shift

	ip netns exec "$CASE.$node" "$BUILD/xdhcpd" -q -cf "$W/dhcpd.conf" -lf "$W/$node/leases" -pf "$W/$node/pid" \
		--control "$W/$node/control" --bpffs "$W/$node/bpf" --instance "${CASE}_${node//-/_}" --xdp skb \
		"$@" >"$W/said" 2>&1
}

# Whose mark is lost, or an old one, begins in RECOVER all the same while the other half serves alone.
case_markless() {
	check normal pair_make 600 || return 1
	node_crash node-02
	level_ours dead
	check dead woken partner_down || true
	check told until_true 10 attribute_is node-01 state partner-down || true
	# Before it looks again.
	helper_kill node-01 || return 1
	mark_unset node-02 || true
	node_up node-02
	link_cut node-02
	level_ours online
	check back agent_is 0 'marked: .*RECOVER' node-02 start || true
	check silent relation_is node-02 '.held | startswith("recover")' true || true
	# An old mark, which it has begun for, is no mark.
	mark_set node-02
	cib crm_attribute --node node-02 --name xdhcp-answered-dhcp --lifetime forever --update marked
	check anew woken mark_is_new || true
}

helper_kill() {
	kill -KILL -- "-$(cat "$W/$1/run/xdhcp-dhcp.lock")"
}

mark_is_new() {
	[[ $(permanent node-02 recover) != marked ]]
}
