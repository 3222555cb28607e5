# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in the world's files
# SPDX-License-Identifier: GPL-2.0-only
#
# server.sh: two kinds of servers, dhcpd and xdhcpd, behind one set of words.
# A server is a (the primary) or b; kind_a and kind_b say what it is. Both read
# the same file, role lines apart.

# What the story has set; seconds.
lease_time=20 mclt=6 delay=6 range_last=10.77.1.99
shift_a=0 shift_b=0
flags=() xdp=native # of xdhcpd

kind() {
	local name=kind_$1
	printf '%s' "${!name}"
}

other() {
	[[ $1 == a ]] && printf b || printf a
}

# The file of a server: text that both share, but for the role.
conf_of() {
	local role=secondary mine=$WIRE_B its=$WIRE_A only=''

	if [[ $1 == a ]]; then
		role=primary mine=$WIRE_A its=$WIRE_B
		only="mclt $mclt; split 128;"
	fi
	cat <<-CONF
		failover peer "interop" {
			$role; $only
			address $mine;
			peer address $its;
			max-response-delay $delay;
			max-unacked-updates 10;
			load balance max seconds 2;
			min-balance 5;
			max-balance 10;
		}
		authoritative;
		ddns-update-style none;
		ping-check false;
		dhcp-cache-threshold 0;
		server-id-check on;
		default-lease-time $lease_time;
		max-lease-time $lease_time;
		option domain-name "one.example";
		subnet 10.77.0.0 netmask 255.255.0.0 {
			option routers $LINK_A;
			pool {
				failover peer "interop";
				range 10.77.1.0 $range_last;
			}
		}
	CONF
}

# omshell's way into dhcpd is in a file around it: xdhcpd has another way in, and says so.
confs_write() {
	local server

	for server in a b; do
		conf_of $server >"$W/$server.conf"
		printf 'omapi-port 7911;\ninclude "%s";\n' "$W/$server.conf" >"$W/$server.omapi.conf"
	done
}

# ----- start and end; a server's process is in pid_a or pid_b

# Does not wait.
launch() {
	local server=$1 shift=shift_$1 place=(ip netns exec "$CASE.$1" env)

	((${!shift} == 0)) || place+=(LD_PRELOAD="$work/clock.so" CLOCK_SHIFT="${!shift}")
	if [[ $(kind "$server") == dhcpd ]]; then
		touch "$W/$server.leases"
		background "$W/$server.log" "${place[@]}" "$BUILD/peers/bin/dhcpd" -4 -d \
			-cf "$W/$server.omapi.conf" -lf "$W/$server.leases" -pf "$W/$server.pid" "${server}0"
	else
		mkdir -p "$W/$server.bpf"
		mountpoint -q "$W/$server.bpf" || mount -t bpf none "$W/$server.bpf" || xdp=off
		background "$W/$server.log" "${place[@]}" "$BUILD/xdhcpd" -d -cf "$W/$server.conf" \
			-lf "$W/$server.store" -pf "$W/$server.pid" --control "$W/$server.control" \
			--bpffs "$W/$server.bpf" --instance "$server" --object "$BUILD/xdhcp.bpf.o" \
			--xdp "$xdp" "${flags[@]}" "${server}0"
	fi
	printf -v "pid_$server" '%s' "$pid"
	note "$server started"
}

started() {
	if [[ $(kind "$1") == dhcpd ]]; then
		omapi "$1" | grep -q local-state
	else
		[[ $(control "$1" status --json 2>/dev/null | jq -r .status.phase) == serving ]]
	fi
}

started_or_dead() {
	local process=pid_$1

	started "$1" || dead "${!process}"
}

start() {
	launch "$1"
	if ! until_true 15 started_or_dead "$1" || ! started "$1"; then
		why "$1 ($(kind "$1")) does not start: $(tail -1 "$W/$1.log")"
		return 1
	fi
}

# kill_server SERVER [SIGNAL]: its process ends, by kill -9: the partner sees a FIN.
kill_server() {
	local process=pid_$1

	note "$1 killed"
	kill "-${2:-KILL}" "${!process}" 2>/dev/null
	wait "${!process}" 2>/dev/null || true
}

# The node dies: nobody hears of it. What the kernel held is lost.
crash() {
	local program

	links_cut "$1"
	kill_server "$1"
	[[ $(kind "$1") == xdhcpd ]] || return 0
	"$BUILD/xdhcpctl" -s "$W/$1.control" detach --force --bpffs "$W/$1.bpf" --instance "$1" \
		>"$W/$1.detach" 2>&1 || why "detach: $(tail -1 "$W/$1.detach")"
}

# The lease file or store is lost; only of a dead server.
leases_lose() {
	note "$1 has lost its leases"
	rm -rf "$W/$1.leases" "$W/$1.leases~" "$W/$1.store"
}

# ----- words to a server

control() {
	local server=$1
	shift

	"$BUILD/xdhcpctl" -s "$W/$server.control" "$@"
}

# omapi SERVER [LINE…]: opens the failover state, says the lines, prints what it is then.
omapi() {
	local server=$1
	shift

	printf '%s\n' 'server 127.0.0.1' 'port 7911' connect 'new failover-state' \
		'set name = "interop"' open "$@" |
		timeout 5 ip netns exec "$CASE.$server" "$BUILD/peers/bin/omshell" 2>/dev/null
}

readonly STATES=(unknown startup normal communications-interrupted partner-down
	potential-conflict recover paused shutdown recover-done resolution-interrupted conflict-done)

# The failover state of a server, as a word; nothing where nobody answers.
state_of() {
	local code

	if [[ $(kind "$1") == dhcpd ]]; then
		code=$(omapi "$1" | sed -n 's/^local-state = 00:00:00:\(..\).*/\1/p' | tail -1)
		[[ -n $code ]] || return 0
		[[ $code != fe ]] || { printf recover-wait && return; }
		printf '%s' "${STATES[16#$code]:-$code}"
	else
		control "$1" failover status --json 2>/dev/null |
			jq -r '.relations[0].state // empty'
	fi
}

is() {
	local state

	state=$(state_of "$1")
	[[ $state == "$2" ]] || why "$1 is ${state:-silent}, not $2"
}

# both_are STATE: of both servers, at one time.
both_are() {
	is a "$1" && is b "$1"
}

partner_down() {
	note "$1 told: partner-down"
	if [[ $(kind "$1") == dhcpd ]]; then
		omapi "$1" 'set local-state = 4' update >"$W/said"
	else
		control "$1" failover partner-down --fenced >"$W/said" 2>&1 ||
			why "$1: failover partner-down: $(tail -1 "$W/said")"
	fi
}

# shutdown SERVER: a planned stop; it ends by itself when the partner has taken over.
shutdown() {
	local process=pid_$1

	note "$1 told: shutdown"
	if [[ $(kind "$1") == dhcpd ]]; then
		printf '%s\n' 'server 127.0.0.1' 'port 7911' connect 'new control' open \
			'set state = 2' update |
			timeout 5 ip netns exec "$CASE.$1" "$BUILD/peers/bin/omshell" \
				>"$W/said" 2>&1
	else
		control "$1" failover shutdown >"$W/said" 2>&1 ||
			why "$1: failover shutdown: $(tail -1 "$W/said")" || return 1
	fi
	until_true 20 dead "${!process}" || why "$1 does not end"
	note "$1 ended"
}

# reread SERVER: takes its configuration file anew: dhcpd by a restart.
reread() {
	note "$1 takes its configuration anew"
	if [[ $(kind "$1") == dhcpd ]]; then
		kill_server "$1"
		start "$1"
	else
		control "$1" reload >"$W/said" 2>&1 || why "$1: reload: $(tail -1 "$W/said")"
	fi
}

# ----- what it knows

# table_of SERVER: lines ADDRESS STATE CLIENT ENDS …
table_of() {
	if [[ $(kind "$1") == dhcpd ]]; then
		TZ=UTC awk -f "$INTEROP/leases.awk" "$W/$1.leases"
	else
		control "$1" leases --json 2>/dev/null | awk -f "$INTEROP/../crash/leases.awk"
	fi
}

# count_of SERVER STATE
count_of() {
	table_of "$1" | awk -v state="$2" '$2 == state { n++ } END { print n + 0 }'
}

# How many requests were granted by this server.
grants_of() {
	if [[ $(kind "$1") == dhcpd ]]; then
		grep -c 'DHCPACK on' "$W/$1.log" || true
	else
		control "$1" stats --json | jq '[.counters[] | select(
			(.group == "server" and .word == "granted") or
			(.group == "kernel" and (.word | IN("renewing", "rebinding", "relayed")))).value] | add // 0'
	fi
}

# The same of a pair that never stands still: no difference lasts. An address may be on its way
# whenever somebody looks, from one state to the next; not in one and the same.
agree_under_load() {
	agree && return
	sort "$W/wrong" >"$W/different"
	[[ ! -e $W/lasting ]] || comm -12 "$W/different" "$W/lasting" >"$W/both"
	mv "$W/$([[ -e $W/both ]] && echo both || echo different)" "$W/lasting"
	[[ ! -s $W/lasting ]] || why "believed different for long: $(head -3 "$W/lasting" | paste -sd' ')"
}

# Both believe the same. $slack: how far clocks may be apart, and dhcpd reckons in whole seconds.
slack=1
agree() {
	local server

	for server in a b; do
		table_of $server >"$W/$server.table"
	done
	awk -v slack="$slack" -f "$INTEROP/agree.awk" "$W/a.table" "$W/b.table" >"$W/wrong" ||
		why "$(wc -l <"$W/wrong") addresses believed different, first: $(head -1 "$W/wrong")"
}
