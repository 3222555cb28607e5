# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# pair.sh: two servers, a (the primary) and b, that share the addresses of one
# access network. A pair NAME has its clients in NAME.c, two bridges in NAME.s,
# and its halves in NAME-a.s and NAME-b.s:
#
#   a  s0 10.0.0.1/9 ──┐
#                      ├─ access ── c0, where the generator plays clients
#   b  s0 10.0.0.2/9 ──┘
#
#   a  f0 192.0.2.1 ─── wire ─── f0 192.0.2.2  b
#
# Who is killed loses its links with its process: a node that dies says
# nothing. A frame goes to the server that it is addressed to and to no other,
# as a NIC sees to it: dhcpd and Kea listen to all that comes along.

readonly SERVER_B=10.0.0.2 SERVER_B_MAC=02:00:00:00:00:52 WIRE_A=192.0.2.1 WIRE_B=192.0.2.2

# Pairs are named by what they are made of; mixed: xdhcpd is the primary, dhcpd the secondary.
pair_half() {
	case $1-$2 in
	mixed-pair-a) echo xdhcp ;;
	mixed-pair-b) echo dhcpd ;;
	*) echo "${1%-pair}" ;;
	esac
}

peer_mixed_pair_version() { printf '%s, dhcpd %s\n' "$(peer_xdhcp_version)" "$(peer_dhcpd_version)"; }
peer_mixed_pair_flags() { peer_dhcpd_flags; }

pair_bridge() {
	ip -n "$1.s" link add "$2" type bridge forward_delay 0 mcast_snooping 0 || die "no bridge here"
	ip -n "$1.s" link set "$2" up
}

# pair_port PAIR SPACE INTERFACE MAC BRIDGE PORT: what joins a namespace and a bridge.
pair_port() {
	ip link add "$3" address "$4" netns "$2" type veth peer name "$6" netns "$1.s"
	ip -n "$1.s" link set "$6" master "$5" up
	ip -n "$2" link set "$3" up
}

# pair_node PAIR HALF ADDRESS MAC ADDRESS-ON-THE-WIRE
pair_node() {
	local space=$1-$2.s

	ip netns add "$space"
	ip -n "$space" link set lo up
	pair_port "$1" "$space" s0 "$4" access "port-$2"
	ip -n "$1.s" link set "port-$2" type bridge_slave flood off
	bridge -n "$1.s" fdb replace "$4" dev "port-$2" master static
	ip -n "$space" address add "$3/9" dev s0
	pair_port "$1" "$space" f0 "02:00:00:00:01:${4##*:}" wire "wire-$2"
	ip -n "$space" address add "$5/24" dev f0
}

pair_link() {
	ip netns add "$1.s"
	ip netns add "$1.c"
	pair_bridge "$1" access
	pair_bridge "$1" wire
	pair_port "$1" "$1.c" c0 02:00:00:00:00:c0 access clients
	pair_node "$1" a $SERVER $SERVER_MAC $WIRE_A
	pair_node "$1" b $SERVER_B $SERVER_B_MAC $WIRE_B
}

# dhcpd.conf of a half. Values are those of dhcpd.conf(5); of unacknowledged updates there may be as
# many as make each kind fast (10 there "seems to work", README.md has thousands between two xdhcp).
pair_dhcpd_conf() {
	local pair=$1 mine=$WIRE_A its=$WIRE_B role='primary; mclt 3600; split 128;' unacked=100

	[[ $2 == a ]] || mine=$WIRE_B its=$WIRE_A role='secondary;'
	[[ $pair != xdhcp-pair ]] || unacked=10000
	cat <<-CONF
		failover peer "pair" {
			$role
			address $mine;
			peer address $its;
			max-response-delay 60;
			max-unacked-updates $unacked;
			load balance max seconds 3;
		}
	CONF
	# No clients are behind a relay here.
	dhcpd_conf_write | sed 's/range .*;/pool { failover peer "pair"; & }/; /^subnet 10\.128\./,$d'
}

pair_fill_xdhcp() {
	pair_dhcpd_conf "$1" "$2" >"$3/conf"
}

pair_fill_dhcpd() {
	: >"$3/leases"
	pair_dhcpd_conf "$1" "$2" >"$3/conf"
	dhcpd_speed_write 0 >>"$3/conf"
}

# Kea's manual: load balancing, threads for what the two say to each other, timers of its example;
# each half has a pool of its own.
pair_fill_kea() {
	local half=$2 dir=$3 hooks

	hooks=$(dirname "$(find "$build/peers/bench/root/usr/lib" /usr/lib -name libdhcp_ha.so 2>/dev/null | head -1)")
	kea_conf_write "$dir" "$(kea_threading)" |
		jq --arg hooks "$hooks" --arg me "$half" --argjson threads "$(kea_threads)" --arg a "http://$WIRE_A:8000/" \
			--arg b "http://$WIRE_B:8000/" --arg first "$FIRST" --arg last "$(pool_last)" \
			--arg half "$(table_last $FIRST $((pair_addresses / 2)))" \
			--arg next "$(table_last $FIRST $((pair_addresses / 2 + 1)))" \
			-f "$BENCH/peers/pair.jq" >"$dir/conf"
}

# The pool: its clients and newcomers, for each half as many as the kind gets alone (dora_room).
pair_room() {
	pair_addresses=$((leases + 2 * $(dora_room "${1/#mixed/dhcpd}")))
	room=$((pair_addresses - $(table_count direct)))
}
pair_addresses=0

# pair_launch PAIR HALF: starts it and does not wait. On its own CPU where there are three.
pair_launch() {
	local kind name=$1-$2 cpu=$server_cpu

	kind=$(pair_half "$1" "$2")
	[[ $2 == a ]] || ((cpu < 2)) || cpu=$((cpu - 1))
	if [[ $kind == xdhcp ]] && ! process_lives "$name-pass"; then
		: >"$work/pass-$name.log"
		process_start "$name-pass" "$work/pass-$name.log" ip netns exec "$1.s" "$build/blast" pass "port-$2"
		wait_for_line "$work/pass-$name.log" passing || die "$(tail -1 "$work/pass-$name.log")"
	fi
	peer "$kind" start "$name" "$work/server-$name" taskset -c "$cpu"
}

# pair_kill PAIR HALF: the node dies, and with it what its kernel held.
pair_kill() {
	local name=$1-$2

	ip -n "$name.s" link set s0 down
	ip -n "$name.s" link set f0 down
	process_end "$name" KILL
	pair_forget "$1" "$2"
}

pair_forget() {
	[[ $(pair_half "$1" "$2") != xdhcp ]] || peer_xdhcp_forget "$1-$2" "$work/server-$1-$2"
}

pair_return() {
	ip -n "$1-$2.s" link set s0 up
	ip -n "$1-$2.s" link set f0 up
	pair_launch "$1" "$2"
}

# A pair's first contact: xdhcpd is told that both are new, the others find out.
pair_introduce() {
	local i

	[[ $(pair_half "$1" "$2") == xdhcp ]] || return 0
	for ((i = 0; i < 100; i++)); do
		"$build/xdhcpctl" -s "$work/server-$1-$2/control" failover init --yes >"$work/said" 2>&1 && return 0
		sleep 0.1
	done
	die "$1-$2: failover init: $(tail -1 "$work/said")"
}

# Both serve: new clients, of whom each half takes its share, are all answered at once.
pair_serves() {
	local load_resting=yes

	load_newcomers "$1" 20 1 && holds "$load_loss == 0"
}

pair_end() {
	local half

	for half in a b; do
		process_end "$1-$half"
		[[ ! -e $work/server-$1-$half ]] || pair_forget "$1" $half
		process_end "$1-$half-pass"
		ip netns del "$1-$half.s" 2>/dev/null || true
		rm -rf "$work/server-$1-$half"
	done
	link_remove "$1"
}

# pair_begin PAIR: a new pair, and its clients with their leases.
pair_begin() {
	local pair=$1 half i load_resting=yes

	pair_end "$pair"
	pair_link "$pair"
	pair_room "$pair"
	mkdir -p "$table"
	for half in a b; do
		mkdir -p "$work/server-$pair-$half"
		"pair_fill_$(pair_half "$pair" $half)" "$pair" $half "$work/server-$pair-$half"
		pair_launch "$pair" $half
	done
	for half in a b; do
		pair_introduce "$pair" $half
	done
	for ((i = 0; i < 60; i++)); do
		pair_serves "$pair" && break
	done
	((i < 60)) || die "$pair does not serve; last words: $(tail -qn 2 "$work/server-$pair"-?/log)"
	rm -f "$table/direct.state"
	on "$pair.c" taskset -c "$generator_cpu" "$build/blast" subscribers --clients "$leases" --window 100 --once \
		--retry 1 --duration 120 --state "$table/direct.state" --json $(peer "$pair" flags) c0 \
		>"$work/load.json" 2>"$work/load.err" || true
	(($(wc -l <"$table/direct.state") == leases + 1)) || die "$pair: not all clients have leases: $(tail -1 "$work/load.err")"
	head -9 "$table/direct.state" >"$table/probe.state"
	awk 'NR == 1 || $5 == "a000001"' "$table/direct.state" >"$table/of-a.state"
	awk 'NR == 1 || $5 == "a000002"' "$table/direct.state" >"$table/of-b.state"
	load_settle "$pair"
}
