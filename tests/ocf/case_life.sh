# shellcheck shell=bash
# shellcheck disable=SC2154 # of run and world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# case_life.sh: a server alone, by the actions that Pacemaker would ask for.

daemon_signal() {
	kill "-$1" "$(cat "$W/node-01/pid")"
}

process_gone() {
	flock -n -s "$W/node-01/pid" true
}

pinned() {
	[[ -n $(find "$W/node-01/bpf" -name 'link*' 2>/dev/null | head -1) ]]
}

nothing_pinned() {
	! pinned || why 'something is pinned'
}

# The kernel's renewals end after so many seconds at most.
gates_within() {
	local left

	left=$("$BUILD/xdhcpctl" --json gates --bpffs "$W/node-01/bpf" --instance "${CASE}_node_01" |
		jq -r '"\(.renew) \(.decide)"')
	awk -v "most=$1" '{ exit !($1 > 0 && $1 <= most && $2 == 0) }' <<<"$left" ||
		why "gates: $left seconds, not at most $1 and 0"
}

helper_halts() {
	kill -STOP -- "-$(cat "$W/node-01/run/xdhcp-dhcp.lock")" 2>/dev/null
}

# It waits for nobody: not for the helper, and not for the cluster.
notify_returns() {
	local start status=0

	until_true 5 helper_halts || why 'no helper' || return 1
	start=${EPOCHREALTIME/./}
	agent node-01 notify OCF_RESKEY_CRM_meta_notify_type=post \
		OCF_RESKEY_CRM_meta_notify_operation=stop || status=$?
	kill -CONT -- "-$(cat "$W/node-01/run/xdhcp-dhcp.lock")"
	((status == 0 && ${EPOCHREALTIME/./} - start < 5000000)) ||
		why "returns $status after $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
}

# A new daemon in the place of the old one is nothing that a monitor would see.
upgrade_unseen() {
	local restart status=0

	control node-01 restart >"$W/restarted" 2>&1 &
	restart=$!
	while kill -0 "$restart" 2>/dev/null; do
		agent node-01 monitor || why "a monitor meanwhile: $(tail -1 "$W/said")" || return 1
	done
	wait "$restart" || status=$?
	((status == 0)) || why "restart: $(tail -1 "$W/restarted")" || return 1
	agent_is 0 '' node-01 monitor
}

case_life() {
	cluster_make
	conf_lone
	nodes_make node-01
	check probe agent_is 7 '' node-01 monitor OCF_RESKEY_CRM_meta_interval=0 || true
	check stop-of-nothing agent_is 0 '' node-01 stop || true
	check start agent_is 0 '' node-01 start || return 1
	check monitor agent_is 0 '' node-01 monitor || true
	check start-again agent_is 0 'serves already' node-01 start || true
	check notify notify_returns || true
	check reload agent_is 0 '' node-01 reload || true
	check upgrade upgrade_unseen || true
	check health attribute_is node-01 health 'note-skb' || true
	daemon_signal KILL
	until_true 5 process_gone || true
	check killed agent_is 1 'the kernel renews' node-01 monitor || true
	check stop-of-the-dead agent_is 0 'the kernel renews' node-01 stop OCF_RESKEY_linger=40 || true
	check lingers gates_within 40 || true
	check gates-open agent_is 1 'the kernel renews' node-01 monitor || true
	check restart agent_is 0 '' node-01 start || return 1
	daemon_signal STOP
	check hung agent_is 1 'does not answer' node-01 monitor OCF_RESKEY_patience=1 || true
	check stop-of-the-hung agent_is 0 'killing' node-01 stop OCF_RESKEY_linger=0 || true
	check all-gone nothing_pinned || true
	check not-running agent_is 7 '' node-01 monitor || true
	check start-once-more agent_is 0 '' node-01 start || return 1
	check stop agent_is 0 '' node-01 stop || true
	check detached nothing_pinned || true
	check stopped agent_is 7 '' node-01 monitor || true
}

# What userspace serves in spite of is for a deeper look.
case_depth() {
	cluster_make
	conf_lone
	nodes_make node-01
	check start agent_is 0 '' node-01 start || return 1
	check deep agent_is 0 '' node-01 monitor OCF_CHECK_LEVEL=10 || true
	check deepest agent_is 0 '' node-01 monitor OCF_CHECK_LEVEL=20 || true
	ip -n "$CASE.node-01" link set eth0 down
	check shallow agent_is 0 'sick-interface' node-01 monitor || true
	check interface agent_is 1 'sick-interface' node-01 monitor OCF_CHECK_LEVEL=10 || true
	check attribute attribute_is node-01 health '*sick-interface*' || true
	agent node-01 stop
}

tester_passes() {
	agent_environment_run ocf-tester -n dhcp "$OCF/xdhcp" >"$W/said" 2>&1 || true
	! grep '^\* rc' "$W/said" | grep -v 'does not conform to ra-api-1.dtd' >"$W/why" || return 1
	grep -q "failed 1 tests" "$W/said" || why "$(tail -1 "$W/said")"
}

# Its steps; the metadata it judges by a document type that no OCF 1.1 agent can have.
case_tester() {
	cluster_make
	conf_lone
	nodes_make node-01
	check steps tester_passes || true
}

# ocf-tester takes the agent's environment as it is.
agent_environment_run() {
	ip netns exec "$CASE.node-01" env PATH="$W/bin:$PATH" XDHCP_OCF="$OCF" XDHCP_RUNTIME="$W/node-01/run" \
		OCF_RESKEY_CRM_meta_on_node=node-01 \
		OCF_RESKEY_binary="$BUILD/xdhcpd" OCF_RESKEY_ctl="$BUILD/xdhcpctl" \
		OCF_RESKEY_config="$W/dhcpd.conf" OCF_RESKEY_leases="$W/node-01/leases" \
		OCF_RESKEY_control="$W/node-01/control" OCF_RESKEY_pidfile="$W/node-01/pid" \
		OCF_RESKEY_bpffs="$W/node-01/bpf" OCF_RESKEY_instance="${CASE}_node_01" \
		OCF_RESKEY_xdp=skb "$@"
}

# A fault of one node is never one of the whole clone.
case_refused() {
	local wrong

	cluster_make
	conf_lone
	nodes_make node-01
	check parameter agent_is 2 'linger=soon' node-01 validate-all OCF_RESKEY_linger=soon || true
	for wrong in linger=1min linger=-1 linger= renew_gate=0 renew_gate=99999999999 patience=0 patience=08 \
		instance=a/b instance=..; do
		check "start-$wrong" agent_is 2 "${wrong%%=*}=" node-01 start "OCF_RESKEY_$wrong" || true
		check "probe-$wrong" agent_is 7 '' node-01 monitor "OCF_RESKEY_$wrong" || true
		check "stop-$wrong" agent_is 0 '' node-01 stop "OCF_RESKEY_$wrong" || true
	done
	check seconds agent_is 0 '' node-01 validate-all OCF_RESKEY_linger=15s OCF_RESKEY_patience=8s || true
	check role agent_is 2 'role=third' node-01 start OCF_RESKEY_role=third || true
	check missing agent_is 5 'not installed' node-01 start OCF_RESKEY_binary=/nowhere/xdhcpd || true
	check missing-probe agent_is 5 'not installed' node-01 monitor OCF_RESKEY_ctl=/nowhere/xdhcpctl || true
	check validate agent_is 0 '' node-01 validate-all || true
	echo 'subnet {' >>"$W/dhcpd.conf"
	check conf agent_is 2 'dhcpd.conf:3:8' node-01 validate-all || true
	check start agent_is 2 'dhcpd.conf:3:8' node-01 start || true
	conf_lone
	check runs agent_is 0 '' node-01 start || return 1
	echo 'subnet {' >>"$W/dhcpd.conf"
	check reload agent_is 2 'the old one stays.*dhcpd.conf:3:8' node-01 reload || true
	check goes-on agent_is 0 '' node-01 monitor || true
	cp -rs /usr/bin "$W/without-jq"
	rm "$W/without-jq/jq"
	check no-jq agent_is 5 'jq is not installed' node-01 monitor PATH="$W/bin:$W/without-jq:/usr/sbin" || true
	check no-jq-stop agent_is 0 '' node-01 stop PATH="$W/bin:$W/without-jq:/usr/sbin" || true
	check no-jq-clean says_nothing_of 'killing' || true
	conf_both
	sed -i 's/mclt 5;/mclt 5; auto-partner-down 60;/' "$W/dhcpd.conf"
	check timer agent_is 2 'auto-partner-down' node-01 start || true
	conf_lone
	: >"$W/blocked"
	check reason agent_is 1 'does not start: .' node-01 start OCF_RESKEY_leases="$W/blocked" || true
}
