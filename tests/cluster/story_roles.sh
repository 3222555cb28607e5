# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# story_roles.sh: roles move between three nodes, and come back; stores are lost,
# marked, and whole again; configurations are wrong.

# ----- the third node

moved_to() {
	pair_is_normal || return 1
	[[ $(third_node) != "$1" ]] || why "$1 has no role"
}

# A node dies: the third one takes over its role, gets every binding, and serves under its address.
story_third() {
	local third dead start
	served_pair 60 || return 1
	third=$(third_node) dead=$two
	start=$EPOCHREALTIME
	newcomers_start
	crash "$dead"
	check partner-down until_true 30 is "$one" partner-down || return 1
	check normal until_true "$PATIENCE" moved_to "$third" || return 1
	say "crash to a pair that is whole again $(since "$start") s"
	check addresses until_true 20 addresses_are_placed || return 1
	skew=2
	check bindings until_true 20 known_by_least "$third" 60 || return 1
	asked_note
	check renewals until_true $((2 * lease_time)) renewed_least 60 || return 1
	check at-once until_true 20 answered_at_once 5 || return 1
	story_settled
}

# ----- a fenced node comes back

mark_of() {
	in_node "$(any_node)" crm_attribute --node "$1" --name xdhcp-recover-dhcp_service --query \
		--lifetime forever --quiet 2>/dev/null
}

marked() {
	[[ -n $(mark_of "$1") ]] || why "$1 has no mark"
}

unmarked() {
	[[ -z $(mark_of "$1") ]] || why "$1 has a mark still: $(mark_of "$1")"
}

# dead_and_back DEAD SURVIVOR: it dies, the other one is alone, and it comes back and does not hear it.
dead_and_back() {
	crash "$1"
	check partner-down until_true 30 is "$2" partner-down || return 1
	check marked marked "$1" || return 1
	failover_cut
	check boot boot "$1" || return 1
	check recover until_true "$PATIENCE" is "$1" recover || return 1
	check silent relation_is "$1" .serves false
}

story_back() {
	pair_alone || return 1
	dead_and_back "$two" "$one" || return 1
	check stays is "$one" partner-down || return 1
	frames_pass
	check normal until_true "$PATIENCE" pair_is_normal || return 1
	check unmarked until_true 30 unmarked "$two" || return 1
	check addresses until_true 20 addresses_are_placed || return 1
	story_settled
}

# The second one dies before the first one has heard from it: what the first one has not heard of
# has run out after MCLT, and its own store is whole.
story_both_die() {
	local start down
	mclt=15
	pair_alone || return 1
	dead_and_back "$two" "$one" || return 1
	start=$EPOCHREALTIME
	crash "$one"
	check fenced until_true 30 fenced "$one" || return 1
	check alone until_true $((mclt + 40)) is "$two" partner-down || return 1
	down=$(log_time "$two" "$TO_PARTNER_DOWN" "$start")
	say "the second death to PARTNER-DOWN $(between "$start" "$down") s, MCLT $mclt s"
	check waited before "$start" "$down" "-$mclt" || return 1
	check serves until_true 20 relation_is "$two" .serves true || return 1
	check addresses until_true 20 address_is_on "$two" "$SERVICE_PRIMARY" || return 1
	frames_pass
	check subscribers subscribers_end many || return 1
	check none-shared none_shared
}

# A node comes back without its store.
story_lost() {
	pair_alone || return 1
	crash "$two"
	check partner-down until_true 30 is "$one" partner-down || return 1
	rm -rf "$W/disks/$two/var/upper/lib/xdhcp"
	note "$two has lost its store"
	check boot boot "$two" || return 1
	check normal until_true "$PATIENCE" pair_is_normal || return 1
	skew=2
	check bindings until_true 20 known_by_least "$two" 60 || return 1
	story_settled
}

# ----- maintenance, under load

# A clean stop is said: the other one is alone at once, and nobody is without an answer.
story_standby() {
	local start
	maintained pair_alone 200 || return 1
	newcomers_start
	start=$EPOCHREALTIME
	check standby standby "$two" on || return 1
	check alone until_true 15 is "$one" partner-down || return 1
	say "standby to PARTNER-DOWN $(since "$start") s"
	check address until_true 20 address_is_on "$one" "$SERVICE_SECONDARY" || return 1
	check back standby "$two" off || return 1
	check normal until_true "$PATIENCE" pair_is_normal || return 1
	check addresses until_true 20 addresses_are_placed || return 1
	check renewals until_true "$lease_time" renewed_least 100 || return 1
	check unanswered unanswered_none || return 1
	story_settled
}

# Banned from its node, the instance goes to the third one, which takes over its role: while that one is
# silent for MCLT the address is the survivor's, and then its own, and clients see nothing of it.
story_ban() {
	local third
	mclt=20
	maintained served_pair 200 || return 1
	third=$(third_node)
	check ban ban "$two" || return 1
	check waits until_true "$PATIENCE" is "$third" recover-wait || return 1
	check moved until_true $((mclt + 20)) moved_to "$third" || return 1
	check addresses until_true 20 addresses_are_placed || return 1
	check clear unban || return 1
	check renewals until_true "$lease_time" renewed_least 100 || return 1
	check unanswered unanswered_none || return 1
	check normal until_true "$PATIENCE" pair_is_normal || return 1
	story_settled
}

# A parameter that is not reloadable restarts both; each where it was, and not on a node that had it before.
story_parameter() {
	local third before_one before_two
	served_pair 60 || return 1
	third=$(third_node)
	check prefer in_node "$one" pcs constraint location dhcp_service-clone prefers "$third=50" || return 1
	before_one=$(daemon_of "$one") before_two=$(daemon_of "$two")
	check stays roles_stay "$one" "$two" || return 1
	note 'renew_gate=90'
	in_node "$one" pcs resource update dhcp_service renew_gate=90 >"$W/said" 2>&1 || return 1
	check restarted until_true 40 another_serves "$one" "$before_one" || return 1
	check restarted-other until_true 40 another_serves "$two" "$before_two" || return 1
	check normal until_true 20 pair_is_normal || return 1
	check same roles_stay "$one" "$two" || return 1
	check unseen no_failures || return 1
	check addresses until_true 20 addresses_are_placed || return 1
	story_settled
}

roles_stay() {
	[[ $(role_node primary) == "$1" && $(role_node secondary) == "$2" ]] ||
		why "roles are with $(role_node primary) and $(role_node secondary)"
}

# The cluster is stopped on one node after the other, and comes back.
story_cluster_stop() {
	maintained pair_alone 200 || return 1
	check halt halt "$two" || return 1
	check alone until_true 15 is "$one" partner-down || return 1
	check boot boot "$two" || return 1
	check normal until_true "$PATIENCE" pair_is_normal || return 1
	check halt-other halt "$one" || return 1
	check alone-other until_true 15 is "$two" partner-down || return 1
	check boot-other boot "$one" || return 1
	check normal-other until_true "$PATIENCE" pair_is_normal || return 1
	check unanswered unanswered_none || return 1
	story_settled
}

# ----- a wrong configuration on one node

# The instance does not start there, with the reason; the clone serves on the two others.
story_wrong() {
	cat >"$W/setup" <<-'SETUP'
		#!/bin/sh
		[ "$1" != node-02 ] || echo 'no-such-statement 1;' >>/etc/dhcp/dhcpd.conf
	SETUP
	chmod 755 "$W/setup"
	served_pair 40 || return 1
	check elsewhere third_is node-02 || return 1
	check reason failure_of node-02 'no-such-statement' || return 1
	story_settled
}

third_is() {
	[[ $(third_node) == "$1" ]] || why "$(third_node) has no instance, not $1"
}

failure_of() {
	monitored | grep '<failure ' | grep "node=\"$1\"" | grep -q -- "exitreason=\"[^\"]*$2" ||
		why "no failure on $1 that says $2: $(monitored | grep '<failure ' | head -1)"
}
