# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # of parameters.sh, and for those who read this
# SPDX-License-Identifier: GPL-2.0-only
#
# role.sh: which half of the pair this instance is.
#
# $role becomes primary or secondary, or "none": no relationship, or several
# with different roles, where nobody can say which node the partner's is.
# $role_flag is the role to start the daemon with, or nothing where dhcpd.conf
# declares it. Functions that return a number return one of OCF's.

# The store that the role was first claimed for, where that is known; the helper has it from the start.
: "${role_first:=}"
export role_first

# What a reply says of a store's relationships: $recorded roles; $proven: has one of them ever served;
# $lost: do the leases of one have to come from the partner.
relations_read() {
	recorded=$(answers 'relations[.][0-9]+[.]role' | sort -u | tr '\n' ' ')
	recorded=${recorded% }
	proven=no lost=no
	case " $(answers 'relations[.][0-9]+[.]proven' | tr '\n' ' ') " in
	*' true '*) proven=yes ;;
	esac
	case " $(answers 'relations[.][0-9]+[.](state|held)' | tr '\n' ' ') " in
	*' partner-down '* | *' communications-interrupted '*) proven=yes ;;
	esac
	case " $(answers 'relations[.][0-9]+[.]lost' | tr '\n' ' ') " in
	*' true '*) lost=yes ;;
	esac
}

# The same, and $identity, of the store that our daemon has; false: it does not say.
relations_ask() {
	ask failover status
	[ "$code" = 104 ] || return
	identity=$(answer relations.0.store)
	relations_read
}

# What service addresses go by, from the daemon's reply: $role, or $role-waiting while it is silent
# until MCLT has passed, and has no need of its address; its partner answers there meanwhile.
role_tell() {
	role_left=$(answers 'relations[.][0-9]+[.]wait_left' | sort -n | tail -n 1)
	case $(answers 'relations[.][0-9]+[.]held' | sort -u | tr '\n' ' ') in
	'recover-wait ')
		if [ "${role_left:-60}" -gt 1 ]; then
			attribute_set role "$role-waiting"
			return
		fi
		;;
	esac
	attribute_set role "$role"
}

# store_read DIRECTORY [FLAG]: the same, and $identity, of a store on disk; --create makes one.
store_read() {
	store=$1
	shift
	ask_tool 30 --json store --leases "$store" "$@"
	[ "$code" = 107 ] || return 1
	identity=$(answer identity)
	relations_read
	[ -n "$identity" ]
}

# What dhcpd.conf and the parameter allow: $role, or "auto" for either; false: $why dhcpd.conf is refused.
role_allowed() {
	role_flag='' role=none
	case $OCF_RESKEY_role in
	primary | secondary)
		role=$OCF_RESKEY_role role_flag=$role
		config_accepts --role "$role"
		return
		;;
	esac
	config_accepts --roles || return
	case $(printf '%s\n' "$why" | sed -n 's/^\(primary\|secondary\|both\) .*/\1/p' | sort -u | tr '\n' ' ') in
	'') ;;
	'primary ') role=primary ;;
	'secondary ') role=secondary ;;
	'both '*)
		role=auto
		[ "$OCF_RESKEY_role" = auto ] && return
		why="failover peers are declared for both roles, and the parameter role is conf"
		return 1
		;;
	*)
		say warning "$OCF_RESKEY_config has relationships with different roles: the cluster" \
			"says nothing to them of dead partners"
		;;
	esac
}

# The store and the claim that is told for it are of different minds.
role_disagreement() {
	if [ -z "$claim_node" ]; then
		reason "the cluster does not say who is the $1"
		return "$OCF_ERR_GENERIC"
	fi
	reason "the lease store of this node ($identity) is the $1's, but the cluster has given that" \
		"role to node $claim_node, store $claim_identity. Is that instance stopped for good?" \
		"Then move $OCF_RESKEY_leases away, and this one begins anew"
	return "$OCF_ERR_GENERIC"
}

# A role that another store had: from now on that one is out of date.
role_take() {
	kept_make "superseded-$claim_identity" "$claim_node" || [ $? = 1 ] || return 1
	kept_drop "$1" "$claim_node $claim_identity" && kept_make "$1" "$node $identity"
}

partner_serves() {
	attribute_get "$1" state
	case $attribute in
	normal | communications-interrupted | partner-down) return ;;
	esac
	return 1
}

# Is there anybody who has the leases? An empty store beside none would be silent for ever, and keep out
# the one that comes back; and one beside a partner that is out of date itself would lose what is newest.
role_partner_there() {
	claim_get "$(other_role "$1")" && [ "$claim_node" != "$node" ] &&
		wait_until 15 partner_serves "$claim_node" && claim_get "$1" && return
	if ! claim_get "$1"; then
		why="the cluster does not say who is the $1"
		return 1
	fi
	why="the $1's role has another store, $claim_identity of node $claim_node, and no partner serves to take its \
leases from"
	[ "$claim_node" != "$node" ] ||
		why="$why. Bring it back; or, if it is lost for good: cibadmin --delete --xpath \
\"//cluster_property_set[@id='xdhcp-$resource-$1-set']\""
	return 1
}

# May the role be taken from its holder? $why, if not.
role_holder_gone() {
	if level "$claim_node"; then
		why="node $claim_node is dead"
		return 0
	fi
	permanent_is "$claim_node" stopped "$claim_identity" || {
		why="$1 is held by node $claim_node: ${level#*, }"
		return 1
	}
	role_free "$1" || return
	why="the instance on node $claim_node was stopped in order"
}

# Taken from one that was stopped in order: it may be on its way back, and looks in this order, too.
role_still_gone() {
	level "$claim_node" || permanent_is "$claim_node" stopped "$claim_identity" && return 0
	why="node $claim_node is on its way back"
	kept_drop "superseded-$claim_identity" "$claim_node"
	kept_drop "$1" "$node $identity"
	kept_make "$1" "$claim_node $claim_identity"
	return 1
}

# A role is not free while somebody runs it: what the cluster keeps of it may be lost, or old.
role_free() {
	free_status=0
	attribute_elsewhere role "$1\(-waiting\)\{0,1\}" || free_status=$?
	[ "$free_status" != 1 ] || return 0
	why="node $attribute_node runs as the $1"
	[ "$free_status" = 0 ] || why="the cluster does not say who runs as the $1"
	return 1
}

# role_try ROLE: 0: it is ours; 1: it is not, for the reason $why.
role_try() {
	claim_status=0
	claim_get "$1" || claim_status=$?
	case $claim_status in
	1)
		role_free "$1" || return
		kept_make "$1" "$node $identity" "$1-first" "$identity" || {
			why="the role of the $1 cannot be claimed"
			return 1
		}
		role=$1 role_first=$identity
		return 0
		;;
	2)
		why="the cluster does not say who is the $1"
		return 1
		;;
	esac
	role=$1
	if [ "$claim_node $claim_identity" = "$node $identity" ]; then
		role_free "$1"
		return
	fi
	if [ "$claim_node" = "$node" ]; then
		role_free "$1" && role_partner_there "$1" && store_empty && role_take "$1" || return
		say warning "the store $claim_identity of this node is gone: the $1 begins anew"
		return
	fi
	role_holder_gone "$1" && role_partner_there "$1" && store_empty && role_take "$1" && role_still_gone "$1" &&
		say notice "taking over as $1: $why"
}

# A new store, which lies beside the one that is there until it has a role.
store_beside() {
	store_old=$identity store_new=$OCF_RESKEY_leases.new
	! store_read "$store_new" || ! kept_get "superseded-$identity" || rm -rf "$store_new"
	store_read "$store_new" --create && return
	why="no lease store can be made in $store_new: $(answer text)"
	return 1
}

# Somebody took this store's role over, so that it is out of date.
store_superseded() {
	kept_get "superseded-$identity" && store_beside
}

# Who takes over what another store had waits for MCLT from then on: a store that has begun before
# would count from there.
store_empty() {
	[ -z "$recorded" ] || store_beside
}

store_exchange() {
	[ -n "$store_old" ] || return 0
	store_aside=$OCF_RESKEY_leases.superseded-$store_old
	say warning "what this node's lease store had is out of date: it is moved to $store_aside, and" \
		"everything comes from the partner"
	if ! mv "$OCF_RESKEY_leases" "$store_aside" || ! mv "$store_new" "$OCF_RESKEY_leases"; then
		role_leave "$role"
		reason "$OCF_RESKEY_leases cannot be moved to $store_aside"
		return "$OCF_ERR_GENERIC"
	fi
	kept_drop "superseded-$store_old" "$node"
}

# What was ever NORMAL keeps its role.
role_keep() {
	case $recorded in
	primary | secondary) ;;
	*)
		reason "$OCF_RESKEY_leases has relationships in several roles ($recorded): which one is" \
			"to be taken? Say it by the parameter role"
		return "$OCF_ERR_ARGS"
		;;
	esac
	if [ "$role" != auto ] && [ "$role" != "$recorded" ]; then
		reason "the lease store of this node is the $recorded's, and not the $role's"
		return "$OCF_ERR_ARGS"
	fi
	claim_status=0
	claim_get "$recorded" || claim_status=$?
	[ "$claim_status" != 0 ] || [ "$claim_node $claim_identity" = "$node $identity" ] ||
		role_disagreement "$recorded" || return
	why="the cluster does not say who is the $recorded"
	if [ "$claim_status" = 2 ] || ! role_free "$recorded" ||
		{ [ "$claim_status" = 1 ] && ! kept_make "$recorded" "$node $identity"; }; then
		reason "$why"
		return "$OCF_ERR_GENERIC"
	fi
	role=$recorded
}

# One that has been claimed for this store, else one that is free, else that of a dead one.
role_find() {
	role_whys='' role_tried=''
	for role_candidate in $1; do
		if claim_get "$role_candidate" && [ "$claim_node" = "$node" ]; then
			role_try "$role_candidate" && return 0
			role_tried=$role_candidate role_tried_why=$why
		fi
	done
	for role_candidate in $1; do
		claim_status=0
		claim_get "$role_candidate" || claim_status=$?
		if [ "$claim_status" = 1 ]; then
			role_try "$role_candidate" && return 0
		fi
	done
	for role_candidate in $1; do
		case " $role_tried " in
		*" $role_candidate "*) why=$role_tried_why ;;
		*) role_try "$role_candidate" && return 0 ;;
		esac
		role_whys="$role_whys${role_whys:+; }$why"
	done
	reason "no role is free: $role_whys"
	return "$OCF_ERR_GENERIC"
}

role_claim() {
	if ! quorum; then
		reason "no role can be claimed: ${level#*, }"
		return "$OCF_ERR_GENERIC"
	fi
	# Power went in the midst of an exchange.
	[ -e "$OCF_RESKEY_leases" ] || [ ! -e "$OCF_RESKEY_leases.new" ] ||
		mv "$OCF_RESKEY_leases.new" "$OCF_RESKEY_leases"
	if ! store_read "$OCF_RESKEY_leases" --create; then
		reason "the lease store in $OCF_RESKEY_leases cannot be read: $(answer text)"
		return "$OCF_ERR_GENERIC"
	fi
	store_old=''
	[ "$proven" = no ] || store_superseded || :
	if [ "$proven" = yes ]; then
		role_keep
	elif [ "$role" = auto ]; then
		role_find 'primary secondary' && store_exchange
	else
		role_find "$role" && store_exchange
	fi
}

# role_settle: the whole of it, for a start.
role_settle() {
	if ! role_allowed; then
		reason "$OCF_RESKEY_config is refused: $(first_line "$why")"
		return "$OCF_ERR_ARGS"
	fi
	[ "$role" != none ] || return 0
	role_auto=$role
	role_claim || return
	[ "$role_auto" != auto ] || role_flag=$role
}

# A store that never served leaves its role: one that was made for it is free again, as if it had never been;
# one that another store had is there to be taken.
role_leave() {
	if kept_get "$1-first" && [ "$kept" = "$identity" ]; then
		kept_drop "$1" "$node $identity"
	else
		permanent_set "$node" stopped "$identity"
	fi
}

# Is the claim of our role, $role, still there? Where it is lost, it is made again. False: somebody else
# has the role; $claim_node. A pair that has served is no new one: nobody was the first.
role_look_after() {
	claim_status=0
	claim_get "$role" || claim_status=$?
	case $claim_status in
	0)
		[ "$claim_node $claim_identity" = "$node $identity" ] || return
		role_seen=$identity
		[ -n "$role_first" ] || ! kept_get "$role-first" || role_first=$kept
		;;
	1)
		say warning "the claim of the $role's role is lost, and made again"
		set -- "$role" "$node $identity"
		[ "$role_first" != "$identity" ] || [ "$proven" = yes ] || set -- "$@" "$role-first" "$identity"
		kept_make "$@" || [ $? = 2 ] || claim_ours "$role"
		;;
	esac
}

# Somebody else has it on paper: an old claim has come back, where it was ours before and nobody else runs it.
role_take_back() {
	[ "${role_seen:-}" = "$identity" ] && role_free "$role" && quorum || return
	say warning "the claim of the $role's role is an old one, of node $claim_node: it is made again"
	role_take "$role"
}

# The role that this node's store has been given; nothing where it has none.
role_held() {
	role=none
	for role_candidate in primary secondary; do
		claim_ours "$role_candidate" && role=$role_candidate
	done
	[ "$role" != none ]
}
