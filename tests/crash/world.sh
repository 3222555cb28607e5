# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # names are shared with run and the other parts
#
# The world that the crash tests break: a server and a subscriber namespace
# joined by a veth pair, a daemon that can be killed and started again on the
# same lease directory and pinned maps, and the questions put to it.
#
# Two networks: 10.77/16 on the link, 10.78/16 behind a relay that blast plays.
# Sourced by run, inside the namespaces; `build` and `work` are set there.

readonly SERVER=10.77.0.1 GIADDR=10.78.0.1

xdp=native no_xdp='' instance='' directory='' daemon='' pass='' blast=''
daemon_flags=() daemon_environment=()
status=0 case_name='' case_failed='' judged=0

# ----- results

ok() {
	printf 'ok %s\n' "$1"
}

not_ok() {
	printf 'not ok %s: %s\n' "$1" "$2"
	status=1
}

skip() {
	printf 'skip %s: %s\n' "$1" "$2"
}

say() {
	printf '# %s\n' "$*"
}

# Evidence: standard input, as comments, not endless.
evidence() {
	sed -n '1,20s/^/#   /p'
}

# A case is done: `ok` unless something called case_fail.
case_begin() {
	case_name=$1
	case_failed=
}

case_fail() {
	case_failed=${case_failed:-$1}
	say "$case_name: $1"
	if [[ -s ${log:-} ]]; then
		say "last words of the daemon:"
		tail -5 "$log" | evidence
	fi
}

case_end() {
	if [[ -n $case_failed ]]; then
		not_ok "$case_name" "$case_failed (SEED=$seed)"
	else
		ok "$case_name"
	fi
}

# ----- chance: REPLY is a number from $1 to $2

draw() {
	REPLY=$(($1 + (RANDOM << 15 | RANDOM) % ($2 - $1 + 1)))
}

# Sleeps so many milliseconds.
pause() {
	local text
	printf -v text '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
	sleep "$text"
}

# ----- the network

in_subscriber() {
	ip netns exec subscriber "$@"
}

network_make() {
	mkdir -p /run/netns
	mount -t tmpfs none /run/netns
	ip link set lo up
	ip netns add subscriber
	ip link add access0 type veth peer name line0 netns subscriber
	ip address add "$SERVER/16" dev access0
	ip link set access0 up
	ip route add 10.78.0.0/16 dev access0
	in_subscriber ip link set lo up
	in_subscriber ip link set line0 up
}

# Where the program can be attached: pins and the passing program. Else xdp=off and no_xdp says why.
fastpath_prepare() {
	mkdir -p "$work/bpf"
	if ! mount -t bpf none "$work/bpf" 2>/dev/null; then
		no_xdp='no BPF file system can be mounted here'
	else
		setsid ip netns exec subscriber "$build/blast" pass line0 >"$work/pass.log" 2>&1 &
		pass=$!
		sleep 0.3
		kill -0 "$pass" 2>/dev/null && return
		no_xdp="XDP refused: $(tail -1 "$work/pass.log")"
	fi
	pass=
	xdp=off
}

# ----- the server

# A fresh lease directory and instance; $1 names them, flags follow.
server_new() {
	instance=$1
	directory=$work/$1
	shift
	daemon_flags=("$@")
	daemon_environment=()
	log=$directory.log
	# Replies of the case before, which wait for an ARP answer, are none of this one's.
	ip neighbour flush dev access0
	mkdir -p "$directory"
	: >"$log"
}

# $1: lease time; $2 and $3: addresses in the direct and in the relayed network, up to 60000.
configuration_write() {
	cat >"$directory.conf" <<-CONF
		authoritative;
		default-lease-time $1;
		max-lease-time $1;
		option domain-name "crash.example";
		option domain-name-servers $SERVER;

		subnet 10.77.0.0 netmask 255.255.0.0 {
			range 10.77.1.0 10.77.$(($2 / 256 + 1)).$(($2 % 256));
			option routers $SERVER;
		}
		subnet 10.78.0.0 netmask 255.255.0.0 {
			range 10.78.1.0 10.78.$(($3 / 256 + 1)).$(($3 % 256));
			option routers $GIADDR;
		}
	CONF
}

control() {
	"$build/xdhcpctl" -s "$directory.sock" "$@"
}

# Starts the daemon and does not wait for it.
daemon_launch() {
	daemon_kill # where it ought to have ended, and has not
	setsid env "${daemon_environment[@]}" "$build/xdhcpd" -d -cf "$directory.conf" \
		-lf "$directory" -pf "$directory.pid" --control "$directory.sock" \
		--bpffs "$work/bpf" --instance "$instance" --object "$build/xdhcp.bpf.o" \
		--xdp "$xdp" "${daemon_flags[@]}" access0 >>"$log" 2>&1 &
	daemon=$!
}

# Waits until it serves; fails where it ends or takes longer than 10 seconds.
daemon_wait() {
	local i

	for ((i = 0; i < 500; i++)); do
		if control --timeout 1 status --json 2>/dev/null | grep -q '"phase": *"serving"'; then
			return 0
		fi
		kill -0 "$daemon" 2>/dev/null || return 1
		sleep 0.02
	done
	return 1
}

daemon_start() {
	daemon_launch
	daemon_wait
}

daemon_kill() {
	[[ -n $daemon ]] || return 0
	kill -KILL "$daemon" 2>/dev/null || true
	wait "$daemon" 2>/dev/null || true
	daemon=
}

# Waits so many seconds for the daemon to end by itself; its exit status, 255: it lives on.
daemon_gone() {
	local i code=0

	for ((i = 0; i < $1 * 50; i++)); do
		if ! kill -0 "$daemon" 2>/dev/null; then
			wait "$daemon" || code=$?
			daemon=
			return "$code"
		fi
		sleep 0.02
	done
	return 255
}

# What a reboot does to the maps. Only when the daemon is dead.
maps_lose() {
	"$build/xdhcpctl" -s "$directory.sock" detach --force --bpffs "$work/bpf" \
		--instance "$instance" >"$work/detach.log" 2>&1 || true
	[[ ! -e $work/bpf/xdhcp ]] || ! find "$work/bpf/xdhcp" -path "*/$instance-*" | grep -q .
}

server_end() {
	daemon_kill
	maps_lose || case_fail "detach left pins: $(tail -1 "$work/detach.log")"
}

# ----- questions

# The number behind "KEY": in a line of JSON: REPLY. Where there is none, 0, and the case fails.
number() {
	if [[ $2 =~ \"$1\":\ ?(-?[0-9]+(\.[0-9]+)?) ]]; then
		REPLY=${BASH_REMATCH[1]}
	else
		REPLY=0
		case_fail "no \"$1\" in: ${2:0:200}"
	fi
}

# Some numbers of a line of JSON, with their names.
counts_of() {
	local json=$1 text='' word

	shift
	for word; do
		number "$word" "$json"
		text+="$word $REPLY, "
	done
	printf '%s' "${text%, }"
}

# Renewals that the kernel answered, since its maps were made: REPLY.
kernel_renewals() {
	local stats word sum=0 behind='", ?"value": ?([0-9]+)'

	stats=$(control --json stats) || true
	for word in renewing rebinding relayed; do # those at 0 may be left out
		[[ $stats =~ \"kernel\",\ ?\"word\":\ ?\"$word$behind ]] || continue
		sum=$((sum + BASH_REMATCH[1]))
	done
	REPLY=$sum
}

# What the daemon knows, as a table: ADDRESS STATE CLIENT ENDS HORIZON.
leases_table() {
	control --json leases | awk -f "$here/leases.awk"
}

# The same from the lease directory itself, with nobody using it. A copy is read: nothing changes.
journal_table() {
	"$build/tests/crash/test_journal" dump "$directory"
}

ledger_lines() {
	REPLY=0
	[[ ! -e $1 ]] || REPLY=$(wc -l <"$1")
}

# Is every lease that a client believes in by the first $2 lines of ledger $1 in table $3? Where
# not, 1, and what is wrong is in $work/wrong. REPLY: how many were looked up.
told_compare() {
	local code=0

	"$build/tests/crash/test_ledger" told "$3" "$1" "$2" "$EPOCHREALTIME" >"$work/wrong" 2>&1 ||
		code=$?
	REPLY=$(tail -1 "$work/wrong")
	sed -i '$d' "$work/wrong"
	return "$code"
}

# Every lease that a client was told of is known, and `judged` grows by how many: with what
# adoption found on its way to the disk still, the daemon has two seconds.
told_check() {
	local i

	for ((i = 0; i < 10; i++)); do
		if ! leases_table >"$work/leases" || [[ ! -s $work/leases ]]; then
			case_fail "no answer to: xdhcpctl leases"
			return
		fi
		if told_compare "$1" "$2" "$work/leases"; then
			judged=$((judged + REPLY))
			return
		fi
		sleep 0.2
	done
	evidence <"$work/wrong"
	case_fail "$(wc -l <"$work/wrong") leases that clients were told of are not known"
}

# No address told to two clients at a time. $1: ledger.
twice_check() {
	"$build/tests/crash/test_ledger" twice "$1" >"$work/wrong" 2>&1 && return
	evidence <"$work/wrong"
	case_fail "$(wc -l <"$work/wrong") addresses given twice"
}

# ----- subscribers

# Runs in the background; $1: name of its files, flags follow.
subscribers_start() {
	local name=$1

	shift
	setsid ip netns exec subscriber "$build/blast" subscribers --relayed 25 --giaddr "$GIADDR" \
		--server "$SERVER" --seed "$seed" --report "$work/$name.ledger" --json "$@" line0 \
		>"$work/$name.json" 2>"$work/$name.err" &
	blast=$!
}

# Ends them in order; the case fails where a reply was wrong.
subscribers_end() {
	local code=0

	kill -INT "$blast" 2>/dev/null || true
	wait "$blast" || code=$?
	blast=
	((code == 0)) || subscribers_failed "$1" "$code"
}

subscribers_failed() {
	evidence <"$work/$1.err"
	tail -1 "$work/$1.json" | evidence
	case_fail "blast ended with status $2"
}

# A population that gets its leases: $1 name, $2 clients, flags follow. Its state is NAME.state.
population_make() {
	local name=$1 clients=$2 code=0

	shift 2
	in_subscriber timeout --foreground 60 "$build/blast" subscribers --clients "$clients" --relayed 25 \
		--giaddr "$GIADDR" --server "$SERVER" --seed "$seed" --once --retry 1 --json \
		--state "$work/$name.state" --report "$work/$name.ledger" "$@" line0 \
		>"$work/$name.json" 2>"$work/$name.err" || code=$?
	((code == 0)) || subscribers_failed "$name" "$code"
}

# Renewals of a population at a rate: $1 name, flags follow. Status as blast's; the summary is in
# NAME.storm. It goes before others, so that a busy machine is no slow server.
storm() {
	local name=$1

	shift
	in_subscriber nice -n -15 timeout --foreground 120 "$build/blast" storm --state "$work/$name.state" \
		--report "$work/$name.ledger" --seed "$seed" --json "$@" line0 \
		>"$work/$name.storm" 2>"$work/$name.err"
}

summary_of() {
	tail -1 "$work/$1.storm"
}

# ----- the end

process_end() {
	[[ -n $1 ]] || return 0
	kill -KILL "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

world_end() {
	process_end "$blast"
	process_end "$daemon"
	process_end "$pass"
	blast='' daemon='' pass=''
	umount "$work/bpf" 2>/dev/null || true
}
