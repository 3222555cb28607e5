# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2053 # patterns; of run, and for the cases
# SPDX-License-Identifier: GPL-2.0-only
#
# world.sh: nodes on one link, and an agent on each. Sourced by tests/ocf/run.
# A node n is the network namespace CASE.n; what is its own lies in $W/n.

readonly RNG=/usr/share/pcs/data/ocf-1.1.rng

# ----- results

why() {
	printf '%s\n' "$*" >"$W/why"
	return 1
}

# check NAME COMMAND…: one result. The command says why in $W/why, or nothing.
check() {
	local name=$CASE-$1
	shift

	: >"$W/why"
	if "$@"; then
		printf 'ok %s\n' "$name"
		return 0
	fi
	[[ ! -s $W/said ]] || sed 's/^/#   /' "$W/said"
	printf 'not ok %s: %s\n' "$name" "$(head -1 "$W/why" | grep . || printf 'failed: %s' "$*")"
	return 1
}

# until_true SECONDS COMMAND…
until_true() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift

	until "$@"; do
		((${EPOCHREALTIME/./} < deadline)) || return 1
		sleep 0.2
	done
}

# ----- the cluster

# Pacemaker's commands, one at a time on one file, and two that a running cluster would have.
cluster_make() {
	local command

	mkdir -p "$W/bin" "$W/attributes"
	cat >"$W/cib" <<-'XML'
		<cib validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
		<configuration><crm_config/><nodes><node id="1" uname="node-01"/>
		<node id="2" uname="node-02"/><node id="3" uname="node-03"/></nodes>
		<resources/><constraints/></configuration><status/></cib>
	XML
	for command in cibadmin crm_attribute; do
		# broken-COMMAND: calls that have such words in them fail.
		cat >"$W/bin/$command" <<-SH
			#!/bin/sh
			! echo "\$*" | grep -qsf "$W/broken-$command" || exit 102
			CIB_file="$W/cib" exec flock "$W/cib.lock" $(command -v "$command") "\$@"
		SH
	done
	cat >"$W/bin/crm_mon" <<-SH
		#!/bin/sh
		touch "$W/looked"
		exec cat "$W/level.xml"
	SH
	cat >"$W/bin/attrd_updater" <<-SH
		#!/bin/sh
		# --name NAME --update-both VALUE --delay N | --name NAME --delete | --query --name NAME --node NODE
		# | --query --name NAME --all
		case \$3\$4 in
		xdhcp-*--all)
			for file in "$W/attributes/"*" \$3"; do
				[ -e "\$file" ] || exit 78
				host=\${file##*/}
				sed "s/.*/name=\"\$3\" host=\"\${host% *}\" value=\"&\"/" "\$file"
			done
			;;
		xdhcp-*) sed "s/.*/name=\"\$3\" host=\"\$5\" value=\"&\"/" "$W/attributes/\$5 \$3" ;;
		--update-both*) printf '%s\n' "\$4" >"$W/attributes/\$OCF_RESKEY_CRM_meta_on_node \$2" ;;
		--delete*) rm -f "$W/attributes/\$OCF_RESKEY_CRM_meta_on_node \$2" ;;
		esac
	SH
	chmod 755 "$W/bin"/*
	level online
}

# What crm_mon says of node-02 from now on; all else is well.
level() {
	cp "$HERE/data/$1.xml" "$W/level.new"
	mv "$W/level.new" "$W/level.xml"
}

# The same of another node.
level_of() {
	sed "s/node-02/node-xx/g; s/$1/node-02/g; s/node-xx/$1/g" "$HERE/data/$2.xml" >"$W/level.new"
	mv "$W/level.new" "$W/level.xml"
}

cib() {
	CIB_file=$W/cib flock "$W/cib.lock" "$@"
}

# claim ROLE: "NODE IDENTITY", or nothing.
claim() {
	cib cibadmin --query --xpath "//nvpair[@id='xdhcp-dhcp-$1']" 2>/dev/null |
		sed -n 's/.* value="\([^"]*\)".*/\1/p'
}

claim_is() {
	local is

	is=$(claim "$1")
	[[ $is == $2 ]] || why "the $1's claim is ${is:-not there}, and not $2"
}

# permanent NODE NAME: the value of an attribute; nothing where there is none.
permanent() {
	cib crm_attribute --node "$1" --name "xdhcp-$2-dhcp" --lifetime forever --query --quiet 2>/dev/null || true
}

permanent_is() {
	local is

	is=$(permanent "$1" "$2")
	[[ $is == $3 ]] || why "$2 of $1 is ${is:-not set}, and not $3"
}

# mark_set NODE, mark_unset NODE: it begins in RECOVER.
mark_set() {
	cib crm_attribute --node "$1" --name xdhcp-recover-dhcp --lifetime forever --update marked
}

mark_unset() {
	cib crm_attribute --node "$1" --name xdhcp-recover-dhcp --lifetime forever --delete >/dev/null 2>&1
}

# attribute_is NODE NAME VALUE
attribute_is() {
	local is

	is=$(cat "$W/attributes/$1 xdhcp-dhcp-$2" 2>/dev/null || true)
	[[ $is == $3 ]] || why "attribute $2 of $1 is ${is:-not set}, and not $3"
}

# ----- nodes

# nodes_make NODE…: on one link, 10.77.0.1…
nodes_make() {
	local node k=0

	ip link add "cable$PLACE" type bridge
	ip link set "cable$PLACE" up
	for node in "$@"; do
		k=$((k + 1))
		ip netns add "$CASE.$node"
		ip link add "port$PLACE.$k" type veth peer name eth0 netns "$CASE.$node"
		ip link set "port$PLACE.$k" master "cable$PLACE" up
		ip -n "$CASE.$node" link set lo up
		ip -n "$CASE.$node" link set eth0 up
		ip -n "$CASE.$node" address add "10.77.0.$k/24" dev eth0
		mkdir -p "$W/$node/run" "$W/$node/bpf"
		mount -t bpf none "$W/$node/bpf"
	done
}

# A crash: the link first, because a node without power says no FIN.
node_crash() {
	ip -n "$CASE.$1" link set eth0 down
	kill -KILL "$(cat "$W/$1/pid")"
	[[ ! -s $W/$1/run/xdhcp-dhcp.lock ]] ||
		kill -KILL -- "-$(cat "$W/$1/run/xdhcp-dhcp.lock")" 2>/dev/null || true
	rm -f "$W/attributes/$1 "*
}

node_up() {
	ip -n "$CASE.$1" link set eth0 up
}

# Whatever is left of a case.
nodes_end() {
	local file

	for file in "$W"/*/run/xdhcp-dhcp.lock; do
		[[ ! -s $file ]] || kill -KILL -- "-$(cat "$file")" 2>/dev/null || true
	done
	for file in "$W"/*/pid; do
		[[ ! -s $file ]] || kill -KILL "$(cat "$file")" 2>/dev/null || true
	done
}

# agent NODE ACTION [NAME=VALUE…]: what it says is in $W/said, and in $W/NODE/log.
agent() {
	local node=$1 action=$2 status=0
	shift 2

	ip netns exec "$CASE.$node" env PATH="$W/bin:$PATH" XDHCP_OCF="$OCF" XDHCP_RUNTIME="$W/$node/run" \
		OCF_RESOURCE_INSTANCE=dhcp OCF_RESKEY_CRM_meta_on_node="$node" \
		OCF_RESKEY_CRM_meta_interval=10000 OCF_RESKEY_CRM_meta_timeout=60000 \
		OCF_RESKEY_binary="$BUILD/xdhcpd" OCF_RESKEY_ctl="$BUILD/xdhcpctl" \
		OCF_RESKEY_config="$W/dhcpd.conf" OCF_RESKEY_leases="$W/$node/leases" \
		OCF_RESKEY_control="$W/$node/control" OCF_RESKEY_pidfile="$W/$node/pid" \
		OCF_RESKEY_bpffs="$W/$node/bpf" OCF_RESKEY_instance="${CASE}_${node//-/_}" \
		OCF_RESKEY_xdp=skb "$@" "$OCF/xdhcp" "$action" >"$W/said" 2>&1 || status=$?
	sed "s/^/$action: /" "$W/said" >>"$W/$node/log"
	return "$status"
}

# agent_is STATUS WORDS NODE ACTION [NAME=VALUE…]: it ends like that, and says so.
agent_is() {
	local want=$1 words=$2 status=0
	shift 2

	agent "$@" || status=$?
	((status == want)) || why "$2 on $1 returns $status, not $want: $(tail -1 "$W/said")" || return 1
	[[ -z $words ]] || grep -qE -- "$words" "$W/said" || why "$2 on $1 does not say: $words"
}

says_nothing_of() {
	! grep -q -- "$1" "$W/said" || why "$(grep -- "$1" "$W/said" | head -1)"
}

control() {
	local node=$1
	shift

	"$BUILD/xdhcpctl" -s "$W/$node/control" "$@"
}

# relation_is NODE FILTER VALUE: of its failover status, through jq.
relation_is() {
	local is

	is=$(control "$1" failover status --json 2>/dev/null | jq -r ".relations[0] | $2")
	[[ $is == "$3" ]] || why "$1: $2 is ${is:-silent}, not $3"
}

identity() {
	"$BUILD/xdhcpctl" --json store --leases "$W/$1/leases" | jq -r .identity
}

conf_lone() {
	cat >"$W/dhcpd.conf" <<-'CONF'
		default-lease-time 60; max-lease-time 60;
		subnet 10.77.0.0 netmask 255.255.255.0 { range 10.77.0.100 10.77.0.199; }
	CONF
}

# conf_both [MCLT]: both roles, the primary at 10.77.0.1.
conf_both() {
	cat >"$W/dhcpd.conf" <<-CONF
		default-lease-time 60; max-lease-time 60;
		failover peer "ring" { primary; address 10.77.0.1; peer address 10.77.0.2;
			mclt ${1:-5}; split 128; max-response-delay 30; max-unacked-updates 100; }
		failover peer "ring" { secondary; address 10.77.0.2; peer address 10.77.0.1;
			max-response-delay 30; max-unacked-updates 100; }
		subnet 10.77.0.0 netmask 255.255.255.0 {
			pool { failover peer "ring"; range 10.77.0.100 10.77.0.199; } }
	CONF
}

# link_cut NODE, link_heal NODE: the servers do not hear each other; all else passes.
link_cut() {
	ip netns exec "$CASE.$1" nft -f - <<-RULES
		table ip cut {
			chain in { type filter hook input priority 0; tcp dport 647 drop; tcp sport 647 drop; }
			chain out { type filter hook output priority 0; tcp dport 647 drop; tcp sport 647 drop; }
		}
	RULES
}

link_heal() {
	ip netns exec "$CASE.$1" nft delete table ip cut
}
