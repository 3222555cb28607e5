# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in the world's files
# SPDX-License-Identifier: GPL-2.0-only
#
# figures.sh: how fast two xdhcpd are as a pair. Each figure is said as a
# comment, and a result where there is a mark that it must reach. One network
# of 16 million addresses, of which the pool is as large as the figure needs.

readonly PRIMED=10.16.0.0 # where test_store's leases begin

# What a story has set.
split=128 window=10000 range_first=10.16.0.0

# The network of the stories is too small.
conf_of() {
	local role=secondary mine=$WIRE_B its=$WIRE_A only=''

	if [[ $1 == a ]]; then
		role=primary mine=$WIRE_A its=$WIRE_B
		only="mclt $mclt; split $split;"
	fi
	cat <<-CONF
		failover peer "interop" {
			$role; $only
			address $mine;
			peer address $its;
			max-response-delay 20;
			max-unacked-updates $window;
			load balance max seconds 3;
		}
		authoritative;
		ddns-update-style none;
		ping-check false;
		dhcp-cache-threshold 0;
		default-lease-time $lease_time;
		max-lease-time $lease_time;
		subnet 10.0.0.0 netmask 255.0.0.0 {
			option routers $LINK_A;
			pool {
				failover peer "interop";
				range $range_first $range_last;
			}
		}
	CONF
}

# address_of N: the Nth address from $range_first on.
address_of() {
	local IFS=. octets number

	read -ra octets <<<"$range_first"
	number=$((octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3]))
	number=$((number + $1))
	printf '%d.%d.%d.%d' $((number >> 24)) $((number >> 16 & 255)) $((number >> 8 & 255)) \
		$((number & 255))
}

# big_world ADDRESSES: the pool has so many.
big_world() {
	range_last=$(address_of $(($1 - 1)))
	pair_make || return 1
	ip -n "$CASE.a" route add 10.0.0.0/8 dev a0
	ip -n "$CASE.b" route add 10.0.0.0/8 dev b0
}

figure() {
	printf '# figure %s: %s\n' "$CASE" "$*"
}

# counters_sum GROUP WORD…: of both servers.
counters_sum() {
	local group=$1 server word sum=0
	shift

	for server in a b; do
		[[ $(kind $server) == xdhcpd ]] || continue
		for word; do
			sum=$((sum + $(server_counter $server "$group" "$word")))
		done
	done
	printf '%d' "$sum"
}

# blast_run MOST FLAG…: its status may be so much: 3 is that requests got lost, which the fast
# generator's do on a bridge.
blast_run() {
	local most=$1 code=0
	shift

	ip netns exec "$CASE.c" "$BUILD/blast" "$@" --json c0 >"$W/blast" 2>"$W/blast.log" || code=$?
	((code == 0 || code == most)) ||
		why "blast $1: $(tail -1 "$W/blast.log"): $(tail -1 "$W/blast" | cut -c 1-300)"
}

summary_number() {
	tail -1 "$W/blast" | jq -r ".$1"
}

dhcpd_fetch() {
	# shellcheck disable=SC2153 # of tests/pair/run
	"$PAIR/../fetch-peers" "$BUILD/peers" dhcpd omshell || missing 'no dhcpd (tests/fetch-peers)'
}

# ----- renewals at half time

readonly RENEWAL_SECONDS=${RENEWAL_SECONDS:-120}

# All renewals by the kernel's count, those with less than the full time not among them.
full_renewals() {
	printf '%d' $(($(counters_sum kernel renewing rebinding relayed) - $(counters_sum kernel shortened)))
}

renewal_share() {
	local sent full=$((answered_after - answered_before)) share percent

	sent=$(summary_number sent)
	share=$((full * 10000 / sent))
	printf -v percent '%d.%02d %%' $((share / 100)) $((share % 100))
	figure "$full of $sent renewals in $RENEWAL_SECONDS s by the kernel, with the full time: $percent;" \
		"p99 $(summary_number renewal_p99_us) us"
	((share >= 9900)) || why "only $percent were the kernel's, with the full time"
}

# figure_renewals CLIENTS NEW: so many new ones a second, and then every reply must give 60 seconds;
# whoever renewed once had its first, shorter lease before.
figure_renewals() {
	local answered_before answered_after

	lease_time=60 mclt=30
	check contact big_world $((2 * $1)) || return 1
	check leases blast_run 0 subscribers --clients "$1" --rate "$2" --duration 50 \
		--state "$W/state" || return 1
	answered_before=$(full_renewals)
	check renewals blast_run 0 subscribers --lease 60 --duration "$RENEWAL_SECONDS" \
		--state "$W/state" || return 1
	answered_after=$(full_renewals)
	check share renewal_share || return 1
	check nothing-refused [ "$(counters_sum failover rejected)" = 0 ]
}

# The same with a dhcpd that acknowledges, and serves nobody itself.
figure_renewals_dhcpd() {
	kind_b=dhcpd split=256 window=100
	dhcpd_fetch
	figure_renewals "$@"
}

# ----- updates a second

readonly UPDATE_CLIENTS=200000 UPDATE_SECONDS=15

# One direction: a serves all, and b acknowledges each renewal that a's kernel gave.
updates_rate() {
	local acknowledged microseconds rate

	acknowledged=$((acknowledged_after - acknowledged_before))
	microseconds=$((after - before))
	rate=$((acknowledged * 1000000 / microseconds))
	figure "$acknowledged updates acknowledged in $((microseconds / 1000)) ms: $rate a second;" \
		"$(summary_number correct) renewals of the kernel's, all correct"
	((rate >= 100000)) || why "only $rate updates a second"
}

all_acknowledged() {
	relation_is a '"\(.owed) \(.unacked)"' '0 0'
}

figure_updates() {
	local before after acknowledged_before acknowledged_after

	lease_time=7200 mclt=3600 split=256
	check contact big_world $((2 * UPDATE_CLIENTS + UPDATE_CLIENTS / 2)) || return 1
	pass_start w c0 || return 1
	check leases blast_run 0 subscribers --kind cpe --clients $UPDATE_CLIENTS --once \
		--window 2000 --state "$W/state" || return 1
	check leases-acknowledged until_true 60 all_acknowledged || return 1
	acknowledged_before=$(server_counter a failover acknowledged)
	before=${EPOCHREALTIME/./}
	check renewals blast_run 3 kernel --order sequence --rate ${UPDATE_CLIENTS} \
		--duration $UPDATE_SECONDS --state "$W/state" || return 1
	check acknowledged until_true 20 all_acknowledged || return 1
	after=${EPOCHREALTIME/./}
	acknowledged_after=$(server_counter a failover acknowledged)
	check rate updates_rate
}

# ----- everything, after a lost store

readonly ALL_LEASES=1048576

# The file or store of a server that has so many leases. Both are down.
leases_fill() {
	if [[ $(kind "$1") == xdhcpd ]]; then
		"$BUILD/tests/pair/test_store" "$W/$1.store" $PRIMED "$2" "$lease_time" interop
	else
		"$BUILD/tests/pair/test_store" - $PRIMED "$2" "$lease_time" >>"$W/$1.leases"
	fi
}

both_end() {
	local server process

	for server in a b; do
		process=pid_$server
		kill -TERM "${!process}" || return 1
		until_true 20 dead "${!process}" || return 1
	done
}

# Its log says when it began to fetch, and when it had all.
fetching() {
	grep -qE 'startup(, recover)? to recover(:|$)' "$W/b.log"
}

fetched() {
	grep -qE 'recover to recover-(wait|done)' "$W/b.log"
}

# log_wait SECONDS COMMAND: as until_true, by the hundredth of a second.
log_wait() {
	local deadline=$((SECONDS + $1))

	until "$2"; do
		((SECONDS <= deadline)) || why "never true: $2" || return 1
		sleep 0.01
	done
}

# fetch ADDRESSES SECONDS: b has lost what it knew and gets so many leases from a; $took in ms.
fetch() {
	local began
	took=0

	check contact big_world 16 || return 1
	both_end || return 1
	leases_lose b
	range_last=$(address_of $(($1 - 1)))
	confs_write
	check filled leases_fill a "$1" || return 1
	check start start a || return 1
	check waits until_true 30 is a communications-interrupted || return 1
	mv "$W/b.log" "$W/b.log.before"
	launch b
	log_wait 20 fetching || return 1
	began=${EPOCHREALTIME/./}
	check fetched log_wait "$2" fetched || return 1
	took=$(((${EPOCHREALTIME/./} - began) / 1000))
	check complete until_true 10 active_least "$1"
}

active_least() {
	local is

	is=$(count_of b active)
	((is == $1)) || why "b knows $is leases, not $1"
}

figure_fetch() {
	lease_time=86400 mclt=30
	fetch $ALL_LEASES 60 || return 1
	figure "UPDREQALL of $ALL_LEASES bindings in $took ms:" \
		"$((ALL_LEASES * 1000 / took)) a second"
	check seconds [ $took -lt 10000 ]
}

# ----- the same with dhcpd

readonly DHCPD_LEASES=10000

# In one run, from a dhcpd to a dhcpd, and each way with one of ours; dhcpd's lists are linear.
figure_dhcpd() {
	local pair times=()

	dhcpd_fetch
	lease_time=86400 mclt=30 window=1000
	for pair in dhcpd-dhcpd xdhcpd-dhcpd dhcpd-xdhcpd xdhcpd-xdhcpd; do
		(
			CASE=all-$pair W=$work/all-$pair kind_a=${pair%-*} kind_b=${pair#*-}
			mkdir -p "$W"
			trap story_end EXIT
			fetch $DHCPD_LEASES 120
			printf '%d' $took >"$work/$pair.took"
		)
		times+=("$(cat "$work/$pair.took")")
		figure "UPDREQALL of $DHCPD_LEASES bindings, $pair: ${times[-1]} ms"
	done
	check xdhcpd-dhcpd [ "${times[1]}" -le "${times[0]}" ] || return 1
	check dhcpd-xdhcpd [ "${times[2]}" -le "${times[0]}" ]
}
