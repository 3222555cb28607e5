# shellcheck shell=bash
# shellcheck disable=SC2034 # what a case knows of itself, its files use
# SPDX-License-Identifier: GPL-2.0-only
#
# world.sh: a small network for one case, and what is asked of it. Sourced by
# tests/net/run. A case has a directory ($W), which holds everything: namespaces
# are named after it, the daemon's files, pins, logs and the clients' events lie
# in it.
#
#   direct   server s0 10.77.0.1 ─── c0 client
#   relayed  server s0 10.77.0.1 ─── r1 10.77.0.2, relay and router, r0 10.78.0.1 ─── c0 client
#
# The same MAC and IP addresses in every case, so that replies can be compared.

readonly SERVER=10.77.0.1 SERVER_MAC=02:00:00:00:00:51 CLIENT_MAC=02:00:00:00:00:c0
readonly DEAD_MAC=02:00:00:00:de:ad # wire drop knows it, too

# ----- results

# Evidence behind a failure, as comments.
evidence() {
	local file

	for file in "$W"/daemon.log "$W"/*.client.log "$W"/*.events "$W"/relay.log "$W"/why; do
		[[ -s $file ]] || continue
		printf '# %s, last lines:\n' "${file##*/}"
		tail -12 "$file" | sed 's/^/#   /'
	done
	if control stats --json >"$W/stats" 2>/dev/null; then
		printf '# counters: '
		jq -r '[.counters[] | select(.value > 0) | "\(.group).\(.word)=\(.value)"] | join(" ")' \
			"$W/stats"
	fi
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
	evidence
	printf 'not ok %s: %s\n' "$name" "$(head -1 "$W/why" | grep . || printf 'failed: %s' "$*")"
	return 1
}

why() {
	printf '%s\n' "$*" >"$W/why"
	return 1
}

# until_true SECONDS COMMAND…: asks again and again.
until_true() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift

	until "$@"; do
		if ((${EPOCHREALTIME/./} > deadline)); then
			[[ -s $W/why ]] || why "never true: $*"
			return 1
		fi
		sleep 0.1
	done
	: >"$W/why"
}

# ----- processes

pids=()

# background LOG COMMAND…: its process id is in $pid.
background() {
	local log=$1
	shift

	setsid "$@" >>"$log" 2>&1 </dev/null &
	pid=$!
	pids+=("$pid")
}

# One that has ended is dead, whether its parent has asked for its status yet or not.
alive() {
	grep -qsP '^State:\t[^ZX]' "/proc/$1/status"
}

dead() {
	! alive "$1"
}

process_end() {
	kill "-${2:-TERM}" "$1" 2>/dev/null || true
	until_true 10 dead "$1" || kill -KILL "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# ----- links

on() {
	local space=$1
	shift

	ip netns exec "$CASE.$space" "$@"
}

# pair SPACE NAME MAC SPACE NAME MAC: a veth pair, both ends up.
pair() {
	ip link add "$2" address "$3" netns "$CASE.$1" type veth \
		peer name "$5" address "$6" netns "$CASE.$4" || return 1
	ip -n "$CASE.$1" link set "$2" up
	ip -n "$CASE.$4" link set "$5" up
}

space_add() {
	ip netns add "$CASE.$1"
	ip -n "$CASE.$1" link set lo up
}

# program_on SPACE LINK: is there an XDP program? (ip complains of namespaces that are being made.)
program_on() {
	ip -n "$CASE.$1" -d link show "$2" 2>/dev/null | grep -q 'prog/xdp'
}

# XDP_TX on a veth arrives only where the other side has a native program too.
pass_start() {
	background "$W/pass.log" ip netns exec "$CASE.$1" "$BUILD/blast" pass "$2"
	until_true 5 program_on "$1" "$2"
}

world_direct() {
	space_add s
	space_add c
	pair s s0 $SERVER_MAC c c0 $CLIENT_MAC || return 1
	ip -n "$CASE.s" address add $SERVER/24 dev s0
	pass_start c c0 || return 1
	edge=c edge_interface=c0 gateway=$SERVER
}

world_relayed() {
	space_add s
	space_add r
	space_add c
	pair s s0 $SERVER_MAC r r1 02:00:00:00:00:b1 || return 1
	pair r r0 02:00:00:00:00:b0 c c0 $CLIENT_MAC || return 1
	ip -n "$CASE.s" address add $SERVER/24 dev s0
	ip -n "$CASE.s" route add 10.78.0.0/24 via 10.77.0.2
	ip -n "$CASE.r" address add 10.77.0.2/24 dev r1
	ip -n "$CASE.r" address add 10.78.0.1/24 dev r0
	on r sysctl -qw net.ipv4.ip_forward=1
	pass_start r r1 || return 1
	background "$W/relay.log" ip netns exec "$CASE.r" "$BUILD/peers/bin/dhcrelay" -4 -d \
		--no-pid -a -m append -id r0 -iu r1 $SERVER
	until_true 5 grep -qs 'Sending on.*r0' "$W/relay.log" || return 1
	edge=r edge_interface=r1 gateway=10.78.0.1
}

# Replies as they arrive at the server's neighbour.
record_start() {
	background "$W/replies" ip netns exec "$CASE.$edge" "$BUILD/tests/net/test_wire" record \
		"$edge_interface"
	until_true 5 grep -qs recording "$W/replies"
}

replied() {
	grep -c "^$1 " "$W/replies" || true
}

# Unicast to the server goes to a station that is not there, until it is healed. A relay listens
# to everything on its link, so that it must not even see it.
unicast_break() {
	[[ $edge == c ]] || on c "$BUILD/tests/net/test_wire" drop c0 2>"$W/why" || return 1
	ip -n "$CASE.c" neighbour replace "$gateway" lladdr $DEAD_MAC nud permanent dev c0
}

unicast_heal() {
	ip -n "$CASE.c" neighbour replace "$gateway" nud permanent dev c0 \
		lladdr "$([[ $edge == c ]] && echo $SERVER_MAC || echo 02:00:00:00:00:b0)"
}

# ----- the server

# conf_write LEASE T1 T2 [LINE…]
conf_write() {
	cat >"$W/dhcpd.conf" <<-CONF
		authoritative;
		ddns-update-style none;
		default-lease-time $1;
		max-lease-time $1;
		option dhcp-renewal-time $2;
		option dhcp-rebinding-time $3;
		option domain-name "one.example";
		option domain-name-servers 192.0.2.53, 192.0.2.54;
		subnet 10.77.0.0 netmask 255.255.255.0 {
			range 10.77.0.100 10.77.0.119;
			option routers $SERVER;
		}
		subnet 10.78.0.0 netmask 255.255.255.0 {
			range 10.78.0.100 10.78.0.119;
			option routers 10.78.0.1;
		}
	CONF
	shift 3
	((!$#)) || printf '%s\n' "$@" >>"$W/dhcpd.conf"
}

control() {
	"$BUILD/xdhcpctl" -s "$W/control" "$@"
}

bpffs_mount() {
	mkdir -p "$W/bpf"
	mountpoint -q "$W/bpf" || mount -t bpf none "$W/bpf"
}

serving() {
	[[ $(control status --json 2>/dev/null | jq -r .status.phase) == serving ]]
}

serving_or_dead() {
	serving || dead "$daemon"
}

# daemon MODE [FLAG…] in the foreground, as every call of it.
xdhcpd() {
	local mode=$1
	shift

	exec ip netns exec "$CASE.s" "${binary:-$BUILD/xdhcpd}" -d -cf "$W/dhcpd.conf" -lf "$W/leases" \
		-pf "$W/pid" --control "$W/control" --bpffs "$W/bpf" --instance "${CASE//-/_}" \
		--object "$BUILD/xdhcp.bpf.o" --xdp "$mode" "$@"
}

# server_start MODE [FLAG…]: serves s0; MODE is what it must become.
server_start() {
	local mode=$1 became

	bpffs_mount
	(xdhcpd "$@" s0) >>"$W/daemon.log" 2>&1 </dev/null &
	daemon=$!
	pids+=("$daemon")
	if ! until_true 15 serving_or_dead || ! serving; then
		why "xdhcpd does not start: $(tail -1 "$W/daemon.log")"
		return 1
	fi
	became=$(control status --json | jq -r '.status.interfaces[0].xdp')
	[[ $became == "$mode" ]] || why "served in mode $became instead of $mode"
}

# counter GROUP WORD
counter() {
	control stats --json | jq -r --arg group "$1" --arg word "$2" \
		'[.counters[] | select(.group == $group and .word == $word).value] | add // 0'
}

# more GROUP WORD BEFORE: is it greater now?
more() {
	(($(counter "$1" "$2") > $3)) || why "$1.$2 has not risen above $3"
}

# lease_is ADDRESS STATE
lease_is() {
	local is

	is=$(control leases --json --ip "$1" | jq -rs 'map(.state // empty) | join(" ")')
	[[ $is == "$2" ]] || why "lease of $1 is ${is:-not there}, not $2"
}

lease_is_free() {
	lease_is "$1" free || lease_is "$1" released
}

# ----- clients

# client_start PROGRAM [ARGUMENT…]: on c0, or as a second one, $client_name, on $client_link.
client_start() {
	local program=$1 name=${client_name:-$1} link=${client_link:-c0} place
	shift

	events=$W/$name.events
	touch "$events"
	printf '#!/bin/bash\nexec "%s/client-script" "%s" %s "$@"\n' "$HERE" "$events" "$program" \
		>"$W/$name.script"
	chmod 755 "$W/$name.script"
	place=(ip netns exec "$CASE.c" "$BUILD/peers/bin/$program")
	case $program in
	udhcpc)
		background "$W/$name.client.log" "${place[@]}" -f -i "$link" -s "$W/$name.script" \
			-t 20 -T 1 -A 1 "$@"
		;;
	dhclient)
		printf 'timeout 15;\nretry 1;\ninitial-interval 1;\nbackoff-cutoff 2;\n' >"$W/$name.conf"
		touch "$W/$name.leases"
		background "$W/$name.client.log" "${place[@]}" -4 -d -v --no-pid -cf "$W/$name.conf" \
			-lf "$W/$name.leases" -sf "$W/$name.script" "$@" "$link"
		;;
	networkd)
		background "$W/$name.client.log" ip netns exec "$CASE.c" unshare --mount \
			--propagation private "$HERE/networkd" "$events" "$W/$name.client.log" "$link"
		;;
	dhcpcd)
		printf 'clientid\noption domain_name_servers, domain_name, routers\nrequire dhcp_server_identifier\n' \
			>"$W/$name.conf"
		background "$W/$name.client.log" env "PEER_STATE=$W/$name.state" "${place[@]}" -4 -B -d \
			--nodelay --noarp --noipv4ll -f "$W/$name.conf" -c "$W/$name.script" "$@" "$link"
		;;
	esac
	client=$pid
}

# happened EVENTS N: how many lines match? Their last one's fields go into event_*.
event_address='' event_lease='' event_time=0 event_domain=''
happened() {
	local count

	count=$(grep -cE "^($1) " "$events" || true)
	((count >= $2)) || {
		why "the client saw $count times $1, not $2"
		return 1
	}
	read -r _ event_address event_lease event_time event_domain < \
		<(grep -E "^($1) " "$events" | tail -1)
}
