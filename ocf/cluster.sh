# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # of parameters.sh, and for those who read this
# SPDX-License-Identifier: GPL-2.0-only
#
# cluster.sh: what the cluster knows, and what it keeps for us.
#
# A claim says which store on which node has a role: an element of the cluster's
# options with a fixed id, so that only one of two that ask at once gets it. It can
# get lost: pcs reads the configuration, and writes all of it back, without what
# others have written in between. So who runs a role looks after its claim, and its
# attribute, which pcs does not write, keeps others away from it. A mark is a
# permanent attribute of a node: the partner may serve alone, or has, so who comes
# back there begins in RECOVER. Another says that an instance was stopped in order,
# and of which store. What cannot be read is never taken for the better: a mark
# counts as set, a claim as somebody else's.

# Exit codes of Pacemaker's commands.
CRM_NO_SUCH=105 CRM_EXISTS=108 CRM_NO_ATTRIBUTE=78

cluster_call() {
	timeout --foreground -k 1 10 "$@" 2>/dev/null </dev/null 8>&- 9>&-
}

node_name() {
	node=${OCF_RESKEY_CRM_meta_on_node:-}
	[ -n "$node" ] || node=$(cluster_call crm_node -n) || node=
	[ -n "$node" ] || node=$(uname -n)
}

# ----- what one output of crm_mon says: $level_xml

level_read() {
	level_xml=$(cluster_call crm_mon -1 --inactive --output-as=xml)
}

# level_must CONDITION WORDS: where that XPath is not true, or nothing can be read, $level is WORDS.
level_must() {
	[ "$(printf '%s\n' "$level_xml" | xmllint --xpath "boolean($1)" - 2>/dev/null)" = true ] && return
	level=$2
	return 1
}

level_quorum() {
	level_must "/pacemaker-result/status/@code = '0'" "unknown, what crm_mon says is not complete" &&
		level_must "/pacemaker-result/summary/current_dc/@with_quorum = 'true'" \
			"unknown, this side of the cluster has no quorum"
}

# That node is not there, and cannot be running.
level_node() {
	peer="/pacemaker-result/nodes/node[@name = '$1']"
	options=/pacemaker-result/summary/cluster_options
	level_must "count($peer) = 1" "unknown, the cluster knows no node $1" &&
		level_must "$peer/@type = 'member'" "unknown, $1 is no member of the cluster, but a remote node" &&
		level_must "$peer/@online = 'false'" "known, node $1 is online" &&
		level_must "$peer/@pending = 'false'" "known, node $1 is coming or going" &&
		level_must "$options/@stonith-enabled = 'true'" \
			"gone, node $1 is lost, and without fencing (stonith-enabled) nobody knows whether it runs" &&
		level_must "$peer/@unclean = 'false'" "gone, node $1 is lost and not fenced yet" &&
		level_must "$peer/@expected_up = 'false'" \
			"gone, node $1 is lost, and has neither been fenced nor left in order" &&
		level_must "$options/@maintenance-mode = 'false'" "gone, the cluster is in maintenance mode" &&
		level_must "$peer/@maintenance = 'false'" "gone, node $1 is in maintenance"
}

# Copies of a clone are all called like the resource, or NAME:0, NAME:1…
level_resource() {
	ours="/pacemaker-result/resources//resource[@id = '$resource' or (starts-with(@id, '$resource:') \
		and translate(substring-after(@id, ':'), '0123456789', '') = '')]"
	level_must "$ours" "unknown, the cluster knows no resource $resource" &&
		level_must "not(${ours}[not(@managed = 'true')] or $ours/ancestor::*[@managed != 'true'] \
			or $ours/ancestor-or-self::*[@maintenance = 'true'])" \
			"gone, the cluster does not manage $resource" &&
		level_must "not($ours/node[@name = '$1'])" \
			"gone, the cluster counts an instance as active on node $1"
}

# level NODE: is that node dead for sure? $level becomes
#
#   dead                 it is, or it left in order: fenced, or confirmed by a
#                        person, and not back since
#   gone, WHY            it is not there, but may be running
#   known, WHY           it is there
#   unknown, WHY         nothing can be said
#
# and "dead" only where all of it holds in one and the same output.
level() {
	level_read
	level_quorum && level_node "$1" && level_resource "$1" && level_fenced_at_start && level=dead
}

# Without that a node that was never seen looks as one that left in order.
level_fenced_at_start() {
	case $(cluster_call crm_attribute --type crm_config --name startup-fencing --query --quiet \
		--default true) in
	true | yes | on | y | 1) return ;;
	esac
	level="gone, nodes that were never seen are not fenced (startup-fencing)"
	return 1
}

quorum() {
	level_read
	level_quorum
}

# ----- what is kept in the cluster's options: one value a set, because a set is made as a whole

# kept_get NAME: 0: $kept is its value, 1: there is none, 2: that cannot be known.
kept_get() {
	kept_status=0
	kept_xml=$(cluster_call cibadmin --query --xpath "//nvpair[@id='xdhcp-$resource-$1']") ||
		kept_status=$?
	kept=$(printf '%s\n' "$kept_xml" | xmllint --xpath 'string(/nvpair/@value)' - 2>/dev/null)
	[ "$kept_status" != "$CRM_NO_SUCH" ] || return 1
	[ "$kept_status" = 0 ] && [ -n "$kept" ] || return 2
}

kept_pair() {
	printf '<nvpair id="xdhcp-%s-%s" name="%s" value="%s"/>' "$resource" "$1" "$1" "$2"
}

# kept_make NAME VALUE [NAME VALUE]: 0: made, 1: there is one already, 2: neither. The second one goes with
# the first.
kept_make() {
	kept_status=0
	cluster_call cibadmin --create --scope crm_config --xml-text "<cluster_property_set \
id=\"xdhcp-$resource-$1-set\">$(kept_pair "$1" "$2")${3:+$(kept_pair "$3" "$4")}</cluster_property_set>" \
		>/dev/null || kept_status=$?
	case $kept_status in
	0) return 0 ;;
	"$CRM_EXISTS") return 1 ;;
	*) return 2 ;;
	esac
}

# kept_drop NAME VALUE: only where it has that value.
kept_drop() {
	cluster_call cibadmin --delete --xpath \
		"//cluster_property_set[@id='xdhcp-$resource-$1-set'][nvpair[@value='$2']]" >/dev/null
}

# claim_get ROLE: as kept_get; $claim_node and $claim_identity of the store.
claim_get() {
	claim_node='' claim_identity=''
	kept_get "$1" || return
	claim_node=${kept%% *}
	claim_identity=${kept##* }
}

# claim_ours ROLE: is it this node's, and this store's?
claim_ours() {
	claim_get "$1" && [ "$claim_node $claim_identity" = "$node $identity" ]
}

other_role() {
	[ "$1" = primary ] && echo secondary || echo primary
}

# ----- permanent attributes of a node

# permanent_get NODE NAME: 0: $permanent is its value, 1: there is none, 2: that cannot be known.
permanent_get() {
	permanent_status=0
	permanent=$(cluster_call crm_attribute --node "$1" --name "xdhcp-$2-$resource" \
		--lifetime forever --query --quiet) || permanent_status=$?
	case $permanent_status in
	0) return 0 ;;
	"$CRM_NO_SUCH") return 1 ;;
	*) return 2 ;;
	esac
}

permanent_is() {
	permanent_get "$1" "$2" && [ "$permanent" = "$3" ]
}

# permanent_set NODE NAME VALUE: and it has been read back.
permanent_set() {
	cluster_call crm_attribute --node "$1" --name "xdhcp-$2-$resource" --lifetime forever \
		--update "$3" >/dev/null && wait_until 2 permanent_is "$1" "$2" "$3"
}

permanent_none() {
	permanent_status=0
	permanent_get "$1" "$2" || permanent_status=$?
	[ "$permanent_status" = 1 ]
}

# permanent_clear NODE NAME: and nothing is read back.
permanent_clear() {
	cluster_call crm_attribute --node "$1" --name "xdhcp-$2-$resource" --lifetime forever \
		--delete >/dev/null
	wait_until 2 permanent_none "$1" "$2"
}

# ----- attributes that last as long as the node is up: xdhcp-RESOURCE-NAME

# Each change makes Pacemaker think anew, in the midst of what it does: only the role's has to be seen at once.
attribute_set() {
	attribute_delay=3
	[ "$1" != role ] || attribute_delay=0
	cluster_call attrd_updater --name "xdhcp-$resource-$1" --update-both "$2" \
		--delay "$attribute_delay" >/dev/null || :
}

# attribute_get NODE NAME: $attribute; nothing where there is none, or where it cannot be known.
attribute_get() {
	attribute=$(cluster_call attrd_updater --query --name "xdhcp-$resource-$2" --node "$1" |
		sed -n 's/.* value="\([^"]*\)"$/\1/p')
}

# attribute_elsewhere NAME PATTERN: 0: $attribute_node, another one than ours, has it, 1: nobody has, 2: that
# cannot be known.
attribute_elsewhere() {
	attribute_node='' attribute_status=0
	attribute_all=$(cluster_call attrd_updater --query --name "xdhcp-$resource-$1" --all) || attribute_status=$?
	case $attribute_status in
	0) ;;
	"$CRM_NO_SUCH" | "$CRM_NO_ATTRIBUTE") return 1 ;;
	*) return 2 ;;
	esac
	attribute_node=$(printf '%s\n' "$attribute_all" |
		sed -n "s/.* host=\"\([^\"]*\)\" value=\"$2\"\$/\1/p" | grep -vxF -m 1 -e "$node")
}

attribute_clear() {
	cluster_call attrd_updater --name "xdhcp-$resource-$1" --delete >/dev/null || :
}

attributes_clear() {
	for attribute in role state health partner; do
		attribute_clear "$attribute"
	done
}

# ----- between the stop and the start of a restart, which the addresses outlast

# left_make [IDENTITY]: of the store that has said goodbye.
left_make() {
	runtime_make
	printf '%s' "${1:-}" >"$left_file"
}

# The start did not come, or failed.
left_end() {
	attributes_clear
	[ ! -s "$left_file" ] || ! permanent_none "$node" stopped ||
		permanent_set "$node" stopped "$(cat "$left_file")" ||
		say warning "the cluster cannot be told that this node was stopped in order"
	rm -f "$left_file"
}
