# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # of parameters.sh, and for those who read this
# SPDX-License-Identifier: GPL-2.0-only
#
# cluster.sh: what the cluster knows, and what it keeps for us.
#
# A claim says which store on which node has a role: an element of the cluster's
# options with a fixed id, so that only one of two that ask at once gets it. A
# mark is a permanent attribute of a node: the partner may serve alone, or has,
# so who comes back there begins in RECOVER. Another says that an instance was
# stopped in order, and of which store. What cannot be read is never taken for
# the better: a mark counts as set, a claim as somebody else's.

# Exit codes of Pacemaker's commands.
CRM_NO_SUCH=105 CRM_EXISTS=108

cluster_call() {
	timeout --foreground -k 1 10 "$@" 2>/dev/null </dev/null 8>&- 9>&-
}

node_name() {
	node=${OCF_RESKEY_CRM_meta_on_node:-}
	[ -n "$node" ] || node=$(cluster_call crm_node -n) || node=
	[ -n "$node" ] || node=$(uname -n)
}

# level NODE: is that node dead for sure? $level has level.awk's words.
level() {
	level=$(cluster_call crm_mon -1 --inactive --output-as=xml |
		awk -v resource="$resource" -v peer="$1" -f "$XDHCP_OCF/level.awk")
	[ -n "$level" ] || level="unknown, crm_mon cannot be understood"
	[ "$level" = dead ]
}

quorum() {
	level ''
	[ "$level" = quorum ]
}

# ----- what is kept in the cluster's options: one value a set, because a set is made as a whole

# kept_get NAME: 0: $kept is its value, 1: there is none, 2: that cannot be known.
kept_get() {
	kept_status=0
	kept_xml=$(cluster_call cibadmin --query --xpath "//nvpair[@id='xdhcp-$resource-$1']") ||
		kept_status=$?
	kept=$(printf '%s\n' "$kept_xml" | sed -n 's/.* value="\([^"]*\)".*/\1/p')
	[ "$kept_status" != "$CRM_NO_SUCH" ] || return 1
	[ "$kept_status" = 0 ] && [ -n "$kept" ] || return 2
}

# kept_make NAME VALUE: 0: made, 1: there is one already, 2: neither.
kept_make() {
	kept_status=0
	cluster_call cibadmin --create --scope crm_config --xml-text "<cluster_property_set \
id=\"xdhcp-$resource-$1-set\"><nvpair id=\"xdhcp-$resource-$1\" name=\"$1\" \
value=\"$2\"/></cluster_property_set>" >/dev/null || kept_status=$?
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

attribute_set() {
	cluster_call attrd_updater --name "xdhcp-$resource-$1" --update-both "$2" --delay 0 >/dev/null || :
}

attribute_clear() {
	cluster_call attrd_updater --name "xdhcp-$resource-$1" --delete >/dev/null || :
}
