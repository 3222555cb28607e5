# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in the world's files
# SPDX-License-Identifier: GPL-2.0-only
#
# story_pair.sh: what two xdhcpd have between them and dhcpd has not: a new
# pair is said to be one, the kernel serves while the daemon is dead, the
# configurations are compared, the connection is TLS.

# relation SERVER FILTER: of its failover status, through jq.
relation() {
	control "$1" failover status --json 2>/dev/null | jq -r ".relations[0] | $2"
}

# relation_is SERVER FILTER VALUE
relation_is() {
	local is

	is=$(relation "$1" "$2")
	[[ $is == "$3" ]] || why "$1: $2 is ${is:-silent}, not $3"
}

# logged SERVER WORDS
logged() {
	grep -qF -- "$2" "$W/$1.log" || why "$1 does not log: $2"
}

# server_counter SERVER GROUP WORD
server_counter() {
	control "$1" stats --json | jq --arg group "$2" --arg word "$3" \
		'[.counters[] | select(.group == $group and .word == $word).value] | add // 0'
}

# counter_least SERVER GROUP WORD N
counter_least() {
	local is

	is=$(server_counter "$1" "$2" "$3")
	((is >= $4)) || why "$1: $2 $3 is $is, not $4"
}

# says STATUS WORDS COMMAND…: it ends with that status, and these words are in what it says.
says() {
	local status=$1 words=$2 code=0
	shift 2

	"$@" >"$W/said" 2>&1 || code=$?
	((code == status)) || why "$*: ended with $code, not $status: $(head -1 "$W/said")" || return 1
	grep -qF -- "$words" "$W/said" || why "$*: does not say: $words"
}

# ----- a new pair

silent_ask_init() {
	local server

	for server in a b; do
		relation_is $server .link.up true || return 1
		relation_is $server .serves false || return 1
		relation $server .remedy | grep -q 'xdhcpctl failover init' ||
			why "$server does not say what ends it: $(relation $server .remedy)" || return 1
	done
}

unanswered() {
	counter_least a silent failover 4 && counter_least b silent failover 4
}

# Two servers that know nothing may be a new pair, or an old one that has lost everything.
story_init() {
	mclt=600 # nobody waits for it here
	world_make || return 1
	confs_write
	check start start a || return 1
	check start-partner start b || return 1
	check silent until_true 20 silent_ask_init || return 1
	subscribers_start many 4 --retry 1
	check unanswered until_true 10 unanswered || return 1
	check nobody-bound bound_none || return 1
	check check says 1 'failover init' control a failover check || return 1
	check init says 0 'new pair' control a failover init --yes || return 1
	check half-silent relation_is a .serves false || return 1
	check init-partner says 0 'new pair' control b failover init --yes || return 1
	check normal until_true 20 both_are normal || return 1
	check answered until_true 20 bound many 4 || return 1
	check init-again says 3 'has been in NORMAL' control a failover init --yes || return 1
	check shared-out until_true 20 shared_out || return 1
	check healthy until_true 5 says 0 healthy control b failover check || return 1
	check subscribers subscribers_end many || return 1
	settled new 4
}

bound_none() {
	[[ ! -s $W/ledger ]] || why "clients got leases: $(head -1 "$W/ledger")"
}

# ----- the daemon is dead, its kernel is not

# sum_of NAME WORD: over all seconds of a population.
sum_of() {
	sed -n "s/.*\"kind\":\"second\".*\"$2\":\([0-9]*\),.*/\1/p" "$W/$1.log" |
		awk '{ sum += $1 } END { print sum + 0 }'
}

renewed_least() {
	local renewed=$(($(sum_of many renewals) - renewed_before))

	((renewed >= $1)) || why "$renewed renewals, not $1"
}

nobody_asked_twice() {
	local again

	again=$(sum_of many retransmissions)
	((again == 0)) || why "$again requests were sent again"
}

found_renewals() {
	local number

	number=$(control a status --json | jq '.. | .recovered? // empty')
	((number >= $1)) || why "the new daemon found $number renewals in its slots, not $1"
}

# The kernel renews for a dead daemon; the other server takes who is new.
story_outage() {
	lease_time=30 mclt=8
	served_pair 60 || return 1
	kill_server a
	renewed_before=$(sum_of many renewals)
	check interrupted until_true 5 is b communications-interrupted || return 1
	check newcomers subscribers_once newcomers 10 --first-mac "$NEWCOMERS" || return 1
	check kernel-renews until_true $((lease_time + 5)) renewed_least 70 || return 1
	check nobody-asked-twice nobody_asked_twice || return 1
	check back start a || return 1
	check recovered found_renewals 20 || return 1
	healed 60
}

# ----- an empty disk

# A node dies and comes back with nothing; everything comes back by UPDREQALL.
story_empty() {
	served_pair 40 || return 1
	lost_slack
	crash b
	leases_lose b
	check interrupted until_true $((delay + 5)) is a communications-interrupted || return 1
	links_heal b
	check back start b || return 1
	check waits until_true 10 is b recover-wait || return 1
	check fetched relation_is b .counters.messages_out.UPDREQALL 1 || return 1
	check fetched-all until_true 5 agree || return 1
	healed 40
}

# ----- the configurations are compared

# The partner has other addresses, which is an error, or gives other times, which is worth a word.
story_differ() {
	check contact pair_make || return 1
	check same until_true 5 relation_is a .common.same true || return 1
	check healthy until_true 5 says 0 healthy control a failover check || return 1
	range_last=10.77.1.89
	conf_of b >"$W/b.conf"
	check reload reread b || return 1
	check known until_true 10 relation_is a .common.same false || return 1
	check range says 1 'range: ours 10.77.1.0 10.77.1.99, theirs 10.77.1.0 10.77.1.89' \
		control a failover check || return 1
	check range-partner says 1 'range: ours 10.77.1.0 10.77.1.89, theirs 10.77.1.0 10.77.1.99' \
		control b failover check || return 1
	check logged logged a 'configuration of what both must have in common is another one' || return 1
	range_last=10.77.1.99 lease_time=30
	conf_of b >"$W/b.conf"
	check reload-time reread b || return 1
	check time until_true 10 says 0 'default-lease-time: ours 20, theirs 30' \
		control a failover check || return 1
	check normal both_are normal || return 1
	lease_time=20
	conf_of b >"$W/b.conf"
	check reload-back reread b || return 1
	check same-again until_true 10 relation_is a .common.same true
}

# ----- TLS

tls_pair() {
	world_make || return 1
	confs_write
	flags=("${tls_a[@]}")
	check start start a || return 1
	flags=("${tls_b[@]}")
	check start-partner start b || return 1
	pair_first || return 1
	check normal until_true 20 both_are normal || return 1
	check tls relation_is a .link.tls true || return 1
	check tls-partner relation_is b .link.tls true || return 1
	check leases subscribers_once many 20 || return 1
	settled tls 20
}

# refused SERVER WORDS: in its log; its status says what the last attempt ended with, by either side.
refused() {
	logged "$1" "$2" || return 1
	relation "$1" .link.last_end | grep -qE 'TLS|certificate' ||
		why "$1: the last connection ended: $(relation "$1" .link.last_end)"
}

# a_restarted NAME FLAG…: a comes back with other flags.
a_restarted() {
	local name=$1
	shift

	flags=("$@")
	kill_server a
	check "$name" start a
}

story_psk() {
	(umask 077 && printf 'interop:%s\n' "$(openssl rand -hex 32)" >"$W/psk")
	tls_a=(--tls-psk "$W/psk") tls_b=(--tls-psk "$W/psk")
	tls_pair || return 1
	a_restarted without || return 1
	check refused until_true 15 refused a 'the partner speaks TLS, and none is configured here' || return 1
	check refused-partner until_true 15 refused b 'the partner speaks failover without TLS' || return 1
	check apart until_true 20 both_are communications-interrupted || return 1
	a_restarted with "${tls_a[@]}" || return 1
	check again until_true 20 both_are normal
}

# certificate NAME ADDRESS AUTHORITY: as the manual page says it.
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$W/$1.key" -out "$W/$1.csr" || return 1
	printf 'subjectAltName=IP:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$2" >"$W/$1.ext"
	openssl x509 -req -in "$W/$1.csr" -CA "$W/$3.pem" -CAkey "$W/$3.key" -CAcreateserial \
		-days 825 -extfile "$W/$1.ext" -out "$W/$1.pem"
}

authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
		-subj "/CN=DHCP failover authority" -keyout "$W/$1.key" -out "$W/$1.pem"
}

certificates_make() {
	{
		authority ours && authority others &&
			certificate node-a "$WIRE_A" ours && certificate node-b "$WIRE_B" ours &&
			certificate stranger "$WIRE_A" others
	} >"$W/openssl.log" 2>&1 || why "openssl: $(tail -1 "$W/openssl.log")"
}

tls_flags() {
	tls=(--tls-certificate "$W/$1.pem" --tls-key "$W/$1.key" --tls-authority "$W/$2.pem")
}

story_certificate() {
	check certificates certificates_make || return 1
	tls_flags node-a ours && tls_a=("${tls[@]}")
	tls_flags node-b ours && tls_b=("${tls[@]}")
	tls_pair || return 1
	tls_flags stranger ours
	a_restarted stranger "${tls[@]}" || return 1
	check refused until_true 15 refused a "its authority did not sign this server's certificate" ||
		return 1
	check refused-partner until_true 15 refused b 'certificate' || return 1
	check apart until_true 20 both_are communications-interrupted
}
