# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# story_process.sh: the daemon dies, hangs, does not stop, is another one; the
# node lives.

daemon_of() {
	in_node "$1" pidof xdhcpd
}

serves() {
	[[ $(control "$1" --timeout 1 status --json 2>/dev/null | jq -r .status.phase) == serving ]] ||
		why "$1 does not serve"
}

# killed SIGNAL NODE: until the daemon is back; the kernel answers meanwhile. How fast that is says
# story_figures.sh.
killed() {
	local signal=$1 node=$2 start before

	before=$(daemon_of "$node")
	asked_note
	start=$EPOCHREALTIME
	note "$node: kill -$signal"
	in_node "$node" kill "-$signal" "$before"
	check back until_true "$PATIENCE" another_serves "$node" "$before" || return 1
	say "kill -$signal to the daemon's return $(since "$start") s; renewals meanwhile: $(
		printf '%d' $(($(sum_of many renewals) - renewed_before)))"
	check renewals renewed_least 10 || return 1
	check normal until_true 20 pair_is_normal || return 1
	check nobody-asked-twice asked_again_most 0
}

another_serves() {
	[[ $(daemon_of "$1") != "$2" ]] && serves "$1"
}

story_kill() {
	interval=5 rate=6
	served_pair 60 || return 1
	killed KILL "$one" || return 1
	check never never_partner_down || return 1
	story_settled
}

# Longer than a lease lasts, nobody renews for a daemon that does not come back.
story_hang() {
	interval=5 lease_time=60 rate=15
	served_pair 150 || return 1
	killed STOP "$two" || return 1
	check never never_partner_down || return 1
	story_settled
}

story_both_killed() {
	interval=5 rate=6
	served_pair 60 || return 1
	in_node "$two" kill -KILL "$(daemon_of "$two")"
	killed KILL "$one" || return 1
	check never never_partner_down || return 1
	story_settled
}

# ----- a stop that fails

# From now on the agent on that node fails to stop, and the daemon runs on.
stop_breaks() {
	local agent=/usr/lib/ocf/resource.d/custom/xdhcp

	in_node "$1" sh -c "mv $agent $agent.whole && printf '%s\n' '#!/bin/sh' \
		'[ \"\$1\" != stop ] || exit 1' 'exec $agent.whole \"\$@\"' >$agent && chmod 755 $agent"
}

ban() {
	note "banned from $1"
	in_node "$(any_node_but "$1")" pcs resource ban dhcp_service-clone "$1" >"$W/said" 2>&1 ||
		why "ban: $(tail -1 "$W/said")"
}

unban() {
	note 'bans cleared'
	in_node "$(any_node)" pcs resource clear dhcp_service-clone >"$W/said" 2>&1 ||
		why "unban: $(tail -1 "$W/said")"
}

# The node is fenced then, and only after that the other one is alone.
story_stop_fails() {
	pair_alone || return 1
	stop_breaks "$two"
	check ban ban "$two" || return 1
	check fenced until_true 40 fenced "$two" || return 1
	check partner-down until_true 20 is "$one" partner-down || return 1
	check not-before before "$(noted ": ok")" "$(log_time "$one" "$TO_PARTNER_DOWN")" 0 || return 1
	story_settled
}

# ----- another binary

failures() {
	monitored | grep -c '<failure ' || true
}

# restarted NODE: a new binary, the same process, and the cluster has not seen it.
restarted() {
	local before

	before=$(daemon_of "$1")
	in_node "$1" sh -c 'cp /usr/sbin/xdhcpd /usr/sbin/xdhcpd.new && mv /usr/sbin/xdhcpd.new /usr/sbin/xdhcpd'
	note "$1: xdhcpctl restart"
	control "$1" --json restart >"$W/said" 2>&1 || why "restart: $(tail -1 "$W/said")" || return 1
	[[ $(daemon_of "$1") == "$before" ]] || why "$1 is another process"
}

story_upgrade() {
	interval=2 rate=10
	served_pair 100 || return 1
	asked_note
	check restart restarted "$one" || return 1
	check normal until_true 20 pair_is_normal || return 1
	check restart-other restarted "$two" || return 1
	check normal-other until_true 20 pair_is_normal || return 1
	check renewals until_true 15 renewed_least 100 || return 1
	check unanswered unanswered_none || return 1
	check unseen no_failures || return 1
	check never never_partner_down || return 1
	story_settled
}

no_failures() {
	[[ $(failures) == 0 ]] || why "the cluster has seen a failure: $(monitored | grep '<failure ' | head -1)"
}

# ----- the cluster's own processes

controller_of() {
	in_node "$1" pgrep -x pacemaker-contr
}

# controller_is_new NODE PID
controller_is_new() {
	local is

	is=$(controller_of "$1")
	[[ -n $is && $is != "$2" ]] || why "$1: its controller is ${is:-gone}"
}

# Of both: the controllers end, and are started anew; nobody dies of it.
story_controllers() {
	local node
	declare -A before=()

	served_pair 60 || return 1
	asked_note
	for node in "$one" "$two"; do
		before[$node]=$(controller_of "$node")
		note "$node: its controller is killed"
		in_node "$node" kill -KILL "${before[$node]}"
	done
	check restarted until_true 20 controller_is_new "$one" "${before[$one]}" || return 1
	check restarted-other until_true 20 controller_is_new "$two" "${before[$two]}" || return 1
	check online until_true "$PATIENCE" nodes_online 3 || return 1
	check normal until_true 30 pair_is_normal || return 1
	check renewals until_true 30 renewed_least 60 || return 1
	check unanswered unanswered_none || return 1
	check never never_partner_down || return 1
	story_settled
}
