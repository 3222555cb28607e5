# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# story_cut.sh: wires are cut, and both nodes live: that never leads to
# PARTNER-DOWN. Where the cluster itself falls apart, one side is fenced first.

both_apart() {
	is "$one" communications-interrupted && is "$two" communications-interrupted
}

# The servers do not hear each other, clients and cluster hear both.
story_cut() {
	served_pair 60 || return 1
	failover_cut
	check interrupted until_true $((2 * delay)) both_apart || return 1
	asked_note
	newcomers_start
	check stays stays_apart 20 "$one" "$two" || return 1
	check renewals renewed_least 60 || return 1
	check nobody-asked-twice asked_again_most 0 || return 1
	frames_pass
	check normal until_true 30 pair_is_normal || return 1
	story_settled
}

# Clients and partner do not hear a node; the cluster does.
story_cut_access() {
	served_pair 60 || return 1
	net_cut "$two" access
	check interrupted until_true $((2 * delay)) both_apart || return 1
	check stays stays_apart 20 "$one" "$two" || return 1
	net_heal "$two" access
	check normal until_true 30 pair_is_normal || return 1
	check never never_partner_down || return 1
	story_settled
}

# ----- the cluster falls apart

# One node hears nobody, or nobody hears it: the other two fence it, and only then it is dead; or its own
# cluster has stopped it before, for want of quorum, and it has said goodbye.
partitioned() {
	local gone
	newcomers_start
	check fenced until_true 40 fenced "$two" || return 1
	check partner-down until_true $((2 * delay + interval + 3)) is "$one" partner-down || return 1
	gone=$(log_time "$two" 'failover access: [^t].* to shutdown')
	check not-before before "${gone:-$(noted ": ok")}" "$(log_time "$one" "$TO_PARTNER_DOWN")" 0 || return 1
	story_settled
}

story_partition() {
	pair_alone || return 1
	net_cut "$two" cluster
	partitioned
}

story_one_way() {
	pair_alone || return 1
	frames_drop iifname "$(port_of "$two" cluster)"
	partitioned
}

# gates_are NODE open|shut
gates_are() {
	local word

	word=$(control "$1" --json gates 2>/dev/null | tail -1 | jq -r .word)
	[[ $word == "gates-$2" ]] || why "$1: ${word:-nothing}, not gates-$2"
}

# A node that hears nobody and that nobody can fence: its own cluster stops it, its kernel answers
# nothing from then on, and nobody else thinks that it is dead.
story_isolated() {
	pair_alone || return 1
	power_out
	local start=$EPOCHREALTIME
	net_cut "$two" cluster
	net_cut "$two" access
	check silent until_true 30 gates_are "$two" shut || return 1
	say "isolated, it is silent after $(since "$start") s"
	check in-time before "$EPOCHREALTIME" "$start" 15 || return 1
	check never never_partner_down || return 1
	story_settled
}
