# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in the world's files
# SPDX-License-Identifier: GPL-2.0-only
#
# story_ring.sh: three servers, a, b and e, each the primary of one relationship
# and the secondary of another: `ab`, `be`, `ea`, the primary first. Each has a
# pool of its own, all of them on one link, so that every broadcast reaches a
# server that knows nothing of the client's address.

readonly RING='ab be ea' RING_POOL=40
readonly -A RING_NET=([ab]=10.77.1 [be]=10.77.2 [ea]=10.77.3)
readonly -A RING_WIRE=([a]=192.0.2.1 [b]=192.0.2.2 [e]=192.0.2.3)

# ring_peer SERVER RELATIONSHIP: what that one of both says of it.
ring_peer() {
	local role=secondary its=${2%"$1"} only=''

	if [[ $2 == "$1"* ]]; then
		role=primary its=${2#"$1"} only="mclt $mclt; split 128;"
	fi
	cat <<-CONF
		failover peer "$2" {
			$role; $only
			address ${RING_WIRE[$1]};
			peer address ${RING_WIRE[$its]};
			max-response-delay $delay;
			max-unacked-updates 100;
			load balance max seconds 2;
			min-balance 5;
			max-balance 10;
		}
	CONF
}

ring_conf() {
	local name names=()

	for name in $RING; do
		[[ $name != *$1* ]] || names+=("$name")
	done
	for name in "${names[@]}"; do
		ring_peer "$1" "$name"
	done
	printf 'authoritative; default-lease-time %d; max-lease-time %d;\n' "$lease_time" "$lease_time"
	printf 'subnet 10.77.0.0 netmask 255.255.0.0 {\n'
	for name in "${names[@]}"; do
		printf '\tpool { failover peer "%s"; range %s.0 %s.%d; }\n' "$name" \
			"${RING_NET[$name]}" "${RING_NET[$name]}" $((RING_POOL - 1))
	done
	printf '}\n'
}

ring_world() {
	kind_e=xdhcpd shift_e=0 servers=(a b e)
	world_make || return 1
	space_add e
	port e e0 02:00:00:00:00:0e && port e e1 02:00:00:00:01:0e || return 1
	ip -n "$CASE.e" address add 10.77.0.3/16 dev e0
	ip -n "$CASE.e" address add "${RING_WIRE[e]}/24" dev e1
	[[ $xdp == off ]] || pass_start w e0
}

ring_start() {
	local server

	ring_world || return 1
	for server in "${servers[@]}"; do
		ring_conf "$server" >"$W/$server.conf"
		start "$server" || return 1
	done
}

ring_init() {
	local name

	for name in $RING; do
		pair_first_said "${name:0:1}" "$name" && pair_first_said "${name:1}" "$name" || return 1
	done
}

# ----- what is asked of a relationship

# ring_relation SERVER NAME FILTER: of that one's status, through jq.
ring_relation() {
	control "$1" failover status --json 2>/dev/null |
		jq -r --arg name "$2" ".relations[] | select(.name == \$name) | $3"
}

# ring_is NAME STATE: on both servers, or on those that are named behind it.
ring_is() {
	local name=$1 state=$2 is server
	shift 2

	(($#)) || set -- "${name:0:1}" "${name:1}"
	for server; do
		is=$(ring_relation "$server" "$name" .state)
		[[ $is == "$state" ]] || why "$name is ${is:-silent} on $server, not $state" || return 1
	done
}

ring_normal() {
	ring_is ab normal && ring_is be normal && ring_is ea normal
}

# About half of the free addresses of each pool are the secondary's.
ring_balanced() {
	local name counts

	for name in $RING; do
		counts=$(ring_relation "${name:0:1}" "$name" '.pools[0] | "\(.free) \(.backup)"')
		((${counts% *} * 10 >= RING_POOL * 3 && ${counts#* } * 10 >= RING_POOL * 3)) ||
			why "free and backup of $name: $counts" || return 1
	done
}

# ring_table NAME SERVER: the addresses of this relationship.
ring_table() {
	table_of "$2" | awk -v net="${RING_NET[$1]}." 'index($1, net) == 1'
}

# ring_told EVENT N: in each pool that happened so often to clients.
ring_told() {
	local name count

	for name in $RING; do
		count=$(grep -cF " $1 ${RING_NET[$name]}." "$W/ledger" || true)
		((count >= $2)) || why "$count clients were told \"$1\" in $name, not $2" || return 1
	done
}

# ----- the judge

# Both servers of it believe the same; every lease that a client believes in is known to both.
ring_agrees() {
	local name=$1 server

	ledger_join
	awk -v net="${RING_NET[$name]}." 'index($3, net) == 1' "$W/ledger.all" >"$W/ledger.$name"
	for server in "${name:0:1}" "${name:1}"; do
		ring_table "$name" "$server" >"$W/$server.table"
		"$BUILD/tests/crash/test_ledger" told "$W/$server.table" "$W/ledger.$name" \
			"$(wc -l <"$W/ledger.$name")" "$EPOCHSECONDS" >"$W/wrong" 2>&1 ||
			why "$server, $name: $(head -1 "$W/wrong")" || return 1
		(($(tail -1 "$W/wrong") >= 5)) ||
			why "$server, $name: $(tail -1 "$W/wrong") leases are believed in" || return 1
	done
	awk -v slack="$slack" -f "$INTEROP/agree.awk" "$W/${name:0:1}.table" "$W/${name:1}.table" \
		>"$W/wrong" || why "$name: believed different: $(head -1 "$W/wrong")"
}

ring_settled() {
	local name

	for name in $RING; do
		check "$1-$name" until_true 10 ring_agrees "$name" || return 1
	done
	check "$1-none-shared" none_shared || return 1
	check "$1-none-lost" none_lost
}

# ----- the story

ring_interrupted() {
	ring_is ea communications-interrupted a && ring_is be communications-interrupted b
}

ring_partner_down() {
	says 3 'name one: ab, ea' control a failover partner-down --fenced || return 1
	says 0 'taken for dead' control a failover partner-down ea --fenced || return 1
	says 0 'taken for dead' control b failover partner-down be --fenced
}

ring_down() {
	ring_is ea partner-down a && ring_is be partner-down b
}

# Nothing has happened to it all the time.
ring_ab_stood() {
	ring_is ab normal || return 1
	[[ $(ring_relation a ab .counters.connections) == 1 ]] || why 'the link of ab was lost'
}

# A server that knows nothing of a client's address says nothing of it.
ring_reboot() {
	mv "$W/many.state" "$W/rebooted.state"
	subscribers_start rebooted 90 --reboot
	until_true 20 bound rebooted 90 || return 1
	subscribers_end rebooted
}

story_ring() {
	mclt=4 delay=4
	check start ring_start || return 1
	check init ring_init || return 1
	check normal until_true 20 ring_normal || return 1
	check balanced until_true 20 ring_balanced || return 1
	# More than two of the pools have.
	subscribers_start many 90
	check leases until_true 20 bound many 90 || return 1
	check leases-of-each ring_told leased 10 || return 1
	check renewals until_true $((mclt + 4)) ring_told renewed 10 || return 1
	slack=$((2 * lease_time + 1)) # as where one of two is lost: story_partner_down
	crash e
	check interrupted until_true $((delay + 5)) ring_interrupted || return 1
	check told ring_partner_down || return 1
	check partner-down until_true 5 ring_down || return 1
	# 30 are left, about 10 of them were e's to give.
	check takes-over partner_takes 28 || return 1
	check newcomers subscribers_end newcomers || return 1
	check others-stand ring_ab_stood || return 1
	links_heal e
	check back start e || return 1
	check normal-again until_true 40 ring_normal || return 1
	check latecomers subscribers_once latecomers 16 --first-mac "$LATECOMERS" || return 1
	check subscribers subscribers_end many || return 1
	ring_settled healed || return 1
	check reboot ring_reboot || return 1
	check rest-stood ring_ab_stood || return 1
	ring_settled reboot
}
