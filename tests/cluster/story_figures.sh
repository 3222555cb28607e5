# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# story_figures.sh: how long things take: medians of five, one story at a time.

readonly ROUNDS=5

# median TIME…
median() {
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# median_most LIMIT TIME…: seconds.
median_most() {
	local limit=$1 is
	shift

	is=$(median "$@")
	say "median $is s of: $*"
	(($(micro "$is") <= $(micro "$limit"))) || why "the median is $is s, more than $limit s: $*"
}

# took FROM TO: one more of $times.
took() {
	[[ -n $1 && -n $2 ]] || return 1
	times+=("$(between "$1" "$2")")
}

# From the fence's confirmation to PARTNER-DOWN.
figure_fence() {
	local round times=() start

	pair_alone || return 1
	for ((round = 0; round < ROUNDS; round++)); do
		start=$EPOCHREALTIME
		crash "$two"
		until_true 60 is "$one" partner-down || break
		took "$(noted_since "$start" ': ok')" "$(log_time "$one" "$TO_PARTNER_DOWN" "$start")" || break
		{ boot "$two" && until_true "$PATIENCE" pair_is_normal; } || break
	done
	check rounds [ $round = $ROUNDS ] || return 1
	check median median_most 3 "${times[@]}" || return 1
	story_settled
}

# What was asked of the switch before the person's word would end the node that is back.
no_fencing_pends() {
	! monitored | grep -q '<fence_event .*status="pending"' || why 'fencing is under way'
}

# From a person's word to PARTNER-DOWN: the alert wakes the question.
figure_confirm() {
	local round times=() start

	pair_alone || return 1
	for ((round = 0; round < ROUNDS; round++)); do
		power_out
		crash "$two"
		{ until_true 60 is "$one" communications-interrupted && until_true 30 lost_offline "$two"; } || break
		start=$EPOCHREALTIME
		{ confirm "$one" "$two" && until_true 60 is "$one" partner-down; } || break
		took "$start" "$(log_time "$one" "$TO_PARTNER_DOWN" "$start")" || break
		until_true 30 no_fencing_pends || break
		power_back
		{ boot "$two" && until_true "$PATIENCE" pair_is_normal; } || break
	done
	check rounds [ $round = $ROUNDS ] || return 1
	check median median_most 3 "${times[@]}" || return 1
	story_settled
}

# From kill -9 to the daemon's return; every renewal in between is answered.
figure_kill() {
	local round times=() start before

	interval=5 rate=6
	served_pair 60 || return 1
	asked_note
	for ((round = 0; round < ROUNDS; round++)); do
		before=$(daemon_of "$one")
		start=$EPOCHREALTIME
		in_node "$one" kill -KILL "$before"
		until_true 60 another_serves "$one" "$before" || break
		times+=("$(since "$start")")
		until_true 30 pair_is_normal || break
	done
	check rounds [ $round = $ROUNDS ] || return 1
	check median median_most $((interval + 3)) "${times[@]}" || return 1
	check nobody-asked-twice asked_again_most 0 || return 1
	story_settled
}

# The agent's notify action, as Pacemaker calls it; in thousandths, which `between` rounds away.
notified() {
	local start=$EPOCHREALTIME

	in_node "$1" env OCF_ROOT=/usr/lib/ocf OCF_RA_VERSION_MAJOR=1 OCF_RA_VERSION_MINOR=1 \
		OCF_RESOURCE_INSTANCE=dhcp_service OCF_RESKEY_CRM_meta_notify_type=post \
		OCF_RESKEY_CRM_meta_notify_operation=stop OCF_RESKEY_CRM_meta_on_node="$1" \
		/usr/lib/ocf/resource.d/custom/xdhcp notify >"$W/said" 2>&1 || why "notify: $(tail -1 "$W/said")" ||
		return 1
	REPLY=$((${EPOCHREALTIME/./} - ${start/./}))
	printf -v REPLY '%d.%03d' $((REPLY / 1000000)) $((REPLY / 1000 % 1000))
}

figure_notify() {
	local round times=()

	served_pair 20 || return 1
	for ((round = 0; round < ROUNDS; round++)); do
		notified "$one" || break
		times+=("$REPLY")
	done
	check rounds [ $round = $ROUNDS ] || return 1
	check median median_most 0.1 "${times[@]}" || return 1
	story_settled
}
