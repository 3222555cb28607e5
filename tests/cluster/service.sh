# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# service.sh: the service as a story sees it: who has which role, is the pair
# whole, what did clients see.

# role_node ROLE: the node whose instance has that role; $one is the primary's, $two the secondary's.
role_node() {
	local node

	for node in "${NODES[@]}"; do
		if node_is_on "$node" && [[ $(relation "$node" .role) == "$1" ]]; then
			printf '%s' "$node"
			return
		fi
	done
	why "no $1 anywhere"
}

# instances_are N: so many instances run, by the cluster's word.
instances_are() {
	local count

	count=$(monitored | grep -c '<resource id="dhcp_service[:"].*active="true".*failed="false"' || true)
	((count == $1)) || why "$count instances run, not $1"
}

pair_is_normal() {
	pair_is_found && is "$one" normal && is "$two" normal
}

address_is_on() {
	in_node "$1" ip -4 -o address show dev eth1 2>/dev/null | grep -qF " $2/" ||
		why "$2 is not on $1"
}

addresses_are_placed() {
	address_is_on "$one" "$SERVICE_PRIMARY" && address_is_on "$two" "$SERVICE_SECONDARY"
}

xdp_is_native() {
	[[ $(control "$1" status --json | jq -r '.status.interfaces[0].xdp') == native ]] ||
		why "$1 serves without native XDP"
}

pair_is_found() {
	instances_are 2 && one=$(role_node primary) && two=$(role_node secondary)
}

# A cluster with a service, whole, with its addresses: what most stories begin with.
service_make() {
	cluster_make && until_true "$PATIENCE" pair_is_found &&
		until_true "$PATIENCE" pair_is_normal && until_true 20 addresses_are_placed &&
		xdp_is_native "$one" && xdp_is_native "$two"
}

third_node() {
	local node

	for node in "${NODES[@]}"; do
		[[ $node == "$one" || $node == "$two" ]] || printf '%s' "$node"
	done
}

relation_is() {
	local is

	is=$(relation "$1" "$2")
	[[ $is == "$3" ]] || why "$1: $2 is ${is:-silent}, not $3"
}

# standby NODE on|off: nothing runs there, or may again.
standby() {
	note "$1: standby $2"
	in_node "$(any_node)" crm_attribute --node "$1" --name standby --update "$2" \
		2>"$W/said" || why "standby: $(tail -1 "$W/said")"
}

fenced() {
	grep -qE "power switch, asked by .*: (off|reboot) $1: ok" "$W/story" || why "$1 is not fenced"
}

# ----- what clients saw

# served_pair CLIENTS: a service, and a population that holds leases and renews them; $rate of them come in
# a second: those who come at once renew at once, too.
rate=1000
served_pair() {
	check service service_make || return 1
	subscribers_start many "$1" --moving --retry 1 --rate "$rate"
	check leases until_true 20 bound many "$1"
}

# Two of three nodes serve, the third one does not take over.
pair_alone() {
	served_pair "${1:-60}" || return 1
	third=$(third_node)
	check third-rests standby "$third" on || return 1
}

# The same with longer leases, which all have been given in full: the first one is for MCLT only.
long_time=60
maintained() {
	lease_time=$long_time
	"$@" || return 1
	renewed_before=0
	check full until_true $((3 * mclt)) renewed_least "$(last_of many clients)" || return 1
	asked_note
}

# sum_of NAME WORD: over all seconds of a population so far.
sum_of() {
	sed -n "s/.*\"kind\":\"second\".*\"$2\":\([0-9]*\),.*/\1/p" "$W/$1.log" |
		awk '{ sum += $1 } END { print sum + 0 }'
}

# From now on. asked_again_most N: so many requests were sent again at the most.
asked_note() {
	asked_before=$(sum_of many retransmissions)
	renewed_before=$(sum_of many renewals)
	unanswered_before=$(sum_of many unanswered)
}

asked_again_most() {
	local again=$(($(sum_of many retransmissions) - asked_before))

	((again <= $1)) || why "$again requests were sent again"
}

renewed_least() {
	local renewed=$(($(sum_of many renewals) - renewed_before))

	((renewed >= $1)) || why "$renewed renewals, not $1"
}

# ----- new clients: four of them, every half a second; of each four a line in $W/newcomers: when they
# came, how blast ended, and how often they had to ask again

newcomers_start() {
	note 'new clients come'
	touch "$W/newcomers"
	newcomers_come </dev/null >>"$W/newcomers.log" 2>&1 &
	newcomers=$!
	pids+=("$newcomers")
}

newcomers_come() {
	local number mac

	trap 'wait; exit 0' TERM
	for ((number = 0; number < 60000; number++)); do
		printf -v mac '02:b1:a6:%02x:%02x:00' $((number / 256)) $((number % 256))
		newcomers_four "$mac" &
		sleep 0.5
	done
}

newcomers_four() {
	local start=$EPOCHREALTIME code=0 summary

	summary=$(on c timeout 60 "$BUILD/blast" subscribers --lenient --shared \
		--clients 4 --first-mac "$1" --once --retry 1 --report "$W/ledger" --json c0) || code=$?
	printf '%s %d %d\n' "$start" $code "$(jq -r 'select(.kind == "summary") | .retransmissions' \
		<<<"$summary")" >>"$W/newcomers"
}

# When the last ones came that had to wait: after them all are answered at once, those too that hash to a
# node that is dead.
waited_last() {
	awk -v last=0 '$3 > 0 && $1 > last { last = $1 } END { print last }' "$W/newcomers"
}

# So many, one after the other, have not waited.
answered_at_once() {
	local count

	count=$(awk -v last="$(waited_last)" '$1 > last && $2 == 0' "$W/newcomers" | wc -l)
	((count >= $1)) || why "new clients had to wait until $(since "$(waited_last)") s ago"
}

newcomers_end() {
	kill "$newcomers"
	wait "$newcomers" || true
	! grep -m 1 -v ' 0 [0-9]*$' "$W/newcomers" >"$W/wrong" ||
		why "new clients: $(cat "$W/wrong"): $(grep -v '^{' "$W/newcomers.log" | tail -1)"
}

# What must be true in the end of every story.
story_settled() {
	if [[ -e $W/newcomers ]]; then
		check newcomers newcomers_end || return 1
	fi
	check subscribers subscribers_end many || return 1
	check none-lost none_lost || return 1
	check none-shared none_shared
}

# Every request was answered, if not at once, then when it was sent again.
unanswered_none() {
	local count=$(($(sum_of many unanswered) - unanswered_before))

	((count == 0)) || why "$count requests were sent more than twice"
}

# ----- what a node's daemon and agent have logged

# log_time NODE PATTERN [FROM]: when, the first line since then; nothing where there is none.
log_time() {
	awk -v pattern="$2" -v from="${3:-0}" '$1 >= from && tolower($0) ~ pattern { print $1; exit }' \
		"$W/disks/$1/syslog"
}

# says_why NODE WORDS: the agent has logged why it does not act.
says_why() {
	grep -E 'xdhcp[-(]' "$W/disks/$1/syslog" | grep -qiE -- "$2" ||
		why "$1: the agent says nothing of $2"
}

readonly TO_PARTNER_DOWN='failover access: [^t].* to partner-down'
readonly TO_INTERRUPTED='failover access: [^t].* to communications-interrupted'

# Nobody ever thought that the other one is dead.
never_partner_down() {
	local node

	for node in "${NODES[@]}"; do
		[[ ! -e $W/disks/$node/syslog || -z $(log_time "$node" "$TO_PARTNER_DOWN") ]] ||
			why "$node went to PARTNER-DOWN" || return 1
	done
}

# For so many seconds.
stays_apart() {
	local end=$((SECONDS + $1))
	shift

	while ((SECONDS < end)); do
		never_partner_down || return 1
		for node; do
			is "$node" communications-interrupted || return 1
		done
		sleep 0.5
	done
}

# ----- times

# micro TIME: in millionths, whatever decimals it has.
micro() {
	local decimals=000000

	[[ $1 != *.* ]] || decimals=${1#*.}000000
	printf '%d' "$((10#${1%.*}${decimals:0:6}))"
}

# since TIME: seconds, with one decimal, from a time in the manner of EPOCHREALTIME until now.
since() {
	between "$1" "$EPOCHREALTIME"
}

between() {
	local tenths=$((($(micro "$2") - $(micro "$1")) / 100000))

	printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# before TIME TIME SECONDS: the first is no later than so many seconds after the second.
before() {
	(($(micro "$1") <= $(micro "$2") + $3 * 1000000)) || why "that took $(between "$2" "$1") s"
}

# noted WORDS: when the first line of the story was written that has them; noted_since TIME WORDS: since then.
noted() {
	noted_since 0 "$*"
}

noted_since() {
	awk -v from="$1" -v words="$2" '$1 >= from && index($0, words) { print $1; exit }' "$W/story"
}

say() {
	printf '# %s: %s\n' "$CASE" "$*"
}
