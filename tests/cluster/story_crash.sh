# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# story_crash.sh: a node dies. With fencing the survivor is in PARTNER-DOWN by
# itself; without, or where the device fails, it stays where it is until a person
# has said so.

# coordinator: the node that decides for all.
coordinator() {
	monitored | sed -n 's/.*<current_dc .*name="\([^"]*\)".*/\1/p'
}

coordinator_is_one_of() {
	local node

	node=$(coordinator)
	[[ " $* " == *" $node "* ]] || why "$node is the coordinator, and none of: $*"
}

# The third node, if it is the coordinator, leaves in order, and comes back.
coordinator_make() {
	if [[ $(coordinator) == "$third" ]]; then
		halt "$third" && boot "$third" || return 1
	fi
	until_true "$PATIENCE" nodes_online 3 && until_true 20 coordinator_is_one_of "$one" "$two"
}

# survives NODE SURVIVOR: it crashes, and the survivor is alone with certainty; says what it took.
survives() {
	local dead=$1 survivor=$2 start interrupted confirmed down

	newcomers_start
	start=$EPOCHREALTIME
	crash "$dead"
	check fenced until_true 30 fenced "$dead" || return 1
	check partner-down until_true 20 is "$survivor" partner-down || return 1
	check not-lost relation_is "$survivor" .serves true || return 1
	check at-once until_true 20 answered_at_once 5 || return 1
	confirmed=$(noted ": ok")
	interrupted=$(log_time "$survivor" "$TO_INTERRUPTED" "$start")
	down=$(log_time "$survivor" "$TO_PARTNER_DOWN" "$start")
	say "crash to link lost $(between "$start" "$interrupted") s, to fenced $(
		between "$start" "$confirmed") s, from there to PARTNER-DOWN $(
		between "$confirmed" "$down") s; all new clients answered at once from $(
		between "$start" "$(waited_last)") s on"
	check soon before "$down" "$confirmed" $((interval + 5))
}

# ----- a real client beside the others, where tests/fetch-peers has got it

udhcpc_starts() {
	udhcpc=''
	if [[ ! -x $BUILD/peers/bin/udhcpc ]]; then
		printf 'skip %s-udhcpc: no %s\n' "$CASE" "$BUILD/peers/bin/udhcpc"
		return
	fi
	client_start udhcpc
	udhcpc=$client
	check udhcpc until_true 10 saw udhcpc bound 1
}

# It asks the server that it knows, whoever has that address now.
udhcpc_renews() {
	[[ -n $udhcpc ]] || return 0
	kill -USR1 "$udhcpc"
	check udhcpc-renews until_true 10 saw udhcpc renew 1
}

# story_crash primary|secondary: whose node it is.
story_crash() {
	pair_alone || return 1
	udhcpc_starts || return 1
	if [[ $1 == primary ]]; then
		survives "$one" "$two" || return 1
	else
		survives "$two" "$one" || return 1
	fi
	check address until_true 20 address_is_on "$(survivor_of "$1")" "$(address_of "$1")" || return 1
	udhcpc_renews || return 1
	story_settled
}

survivor_of() {
	if [[ $1 == primary ]]; then printf '%s' "$two"; else printf '%s' "$one"; fi
}

address_of() {
	if [[ $1 == primary ]]; then
		printf '%s' "$SERVICE_PRIMARY"
	else
		printf '%s' "$SERVICE_SECONDARY"
	fi
}

story_crash_coordinator() {
	local dead survivor

	pair_alone || return 1
	survivor=$one
	check coordinator coordinator_make || return 1
	dead=$(coordinator)
	[[ $dead != "$one" ]] || survivor=$two
	survives "$dead" "$survivor" || return 1
	story_settled
}

# Without notifications the next monitor asks.
story_unnotified() {
	notify=false interval=5
	pair_alone || return 1
	crash "$two"
	check fenced until_true 40 fenced "$two" || return 1
	check partner-down until_true 20 is "$one" partner-down || return 1
	say "fenced to PARTNER-DOWN $(between "$(noted ': ok')" "$(log_time "$one" "$TO_PARTNER_DOWN")") s"
	check soon before "$(log_time "$one" "$TO_PARTNER_DOWN")" "$(noted ': ok')" $((interval + 3)) || return 1
	story_settled
}

# Both nodes lose their power in the same moment, and get it back.
story_both_crash() {
	long_time=200
	maintained pair_alone || return 1
	crash "$one"
	crash "$two"
	check boot boot "$one" || return 1
	check boot-other boot "$two" || return 1
	check normal until_true "$PATIENCE" pair_is_normal || return 1
	check addresses until_true 20 addresses_are_placed || return 1
	check renewals until_true "$lease_time" renewed_least 60 || return 1
	check never never_partner_down || return 1
	story_settled
}

# ----- nobody knows

lost_offline() {
	monitored | grep "<node name=\"$1\"" | grep -q 'online="false"' || why "$1 is not offline"
}

# The cluster has no way to know: it never acts, and says why.
story_unfenced() {
	fencing=false
	pair_alone || return 1
	crash "$two"
	check offline until_true 30 lost_offline "$two" || return 1
	check interrupted until_true 20 is "$one" communications-interrupted || return 1
	check stays stays_apart 20 "$one" || return 1
	check why until_true 20 says_why "$one" 'stonith' || return 1
	# A person's word for the node is none without fencing: one for the pair is.
	in_node "$one" stonith_admin --confirm "$two" >"$W/said" 2>&1 || true
	check unconfirmed stays_apart $((interval + 5)) "$one" || return 1
	control "$one" failover partner-down --yes >"$W/said" 2>&1 || return 1
	check said until_true 10 is "$one" partner-down || return 1
	check marked until_true $((interval + 10)) marked "$two" || return 1
	story_settled
}

# The device fails; then a person has looked, and says that the node is off.
story_unconfirmed() {
	pair_alone || return 1
	power_out
	crash "$two"
	check interrupted until_true 20 is "$one" communications-interrupted || return 1
	check failed until_true 30 asked_in_vain || return 1
	check stays stays_apart 20 "$one" || return 1
	confirmed=$EPOCHREALTIME
	check confirmed confirm "$one" "$two" || return 1
	check partner-down until_true 15 is "$one" partner-down || return 1
	say "confirmed by a person to PARTNER-DOWN $(
		between "$confirmed" "$(log_time "$one" "$TO_PARTNER_DOWN")") s"
	check soon before "$(log_time "$one" "$TO_PARTNER_DOWN")" "$confirmed" $((interval + 5)) || return 1
	story_settled
}

asked_in_vain() {
	grep -qE "power switch, asked by .*: (off|reboot) $two: no" "$W/story" || why 'nobody asked to fence'
}

# confirm NODE DEAD: typed on that node.
confirm() {
	note "confirmed by a person: $2 is dead"
	in_node "$1" stonith_admin --confirm "$2" >"$W/said" 2>&1 || why "confirm: $(tail -1 "$W/said")"
}
