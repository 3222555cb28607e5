# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a case knows of itself is set in run and in the world's files
# SPDX-License-Identifier: GPL-2.0-only
#
# story_operator.sh: what a person says that is wrong, and what holds then:
# partner-down of a partner that lives, init where there are leases, shutdown of
# both. Nothing can keep an address from being given twice where partner-down
# was wrong; but one client keeps it when the servers meet, the other one is
# told, and both servers agree who.

# ----- partner-down, and the partner lives

# Whose addresses these are is not known to the other server: NEWCOMERS ask a alone, LATECOMERS b.
given_by_a() {
	access_cut b
	subscribers_start newcomers 30 --first-mac "$NEWCOMERS" --retry 1
	until_true 20 bound newcomers 30 || return 1
	access_heal b
}

given_by_b() {
	access_cut a
	subscribers_start latecomers 8 --first-mac "$LATECOMERS" --retry 1
	until_true 20 bound latecomers 8 || return 1
	access_heal a
}

# a's clients say nothing for so long that both servers know whose were heard last.
a_falls_silent() {
	kill -STOP "${population[newcomers]}"
	until_true 10 silent_for 5
}

silent_for() {
	local last

	last=$(grep -F " ${NEWCOMERS%:*}:" "$W/ledger" | tail -1)
	((EPOCHSECONDS - ${last%%.*} > $1)) || why "a's clients spoke at ${last%% *}"
}

# Addresses that two clients believed in when the servers met, and who of the two keeps it: whoever
# spoke last, in so far as that can be told. The other one has been told no, exactly once.
resolved() {
	awk -v met="$met" -v told="$normal" -f "$PAIR/twice.awk" "$W/ledger" >"$W/twice" ||
		why "$(head -1 "$W/twice")" || return 1
	(($(wc -l <"$W/twice") >= 8)) || why "$(wc -l <"$W/twice") addresses were given twice"
}

# From then on no address is told to two clients.
none_shared_since() {
	awk -v since="$1" '$1 >= since' "$W/ledger" >"$W/ledger.since"
	"$BUILD/tests/crash/test_ledger" twice "$W/ledger.since" >"$W/wrong" 2>&1 ||
		why "$(wc -l <"$W/wrong") addresses given twice, first: $(head -1 "$W/wrong")"
}

# Those who had a lease before anything was said.
many_not_lost() {
	! grep -E ' (expired|refused) .* 02:b1:a5:00:' "$W/ledger" >"$W/wrong" ||
		why "$(wc -l <"$W/wrong") leases lost, first: $(head -1 "$W/wrong")"
}

# story_alive SERVER…: these are told that the other one is dead. Where it is a alone, b's clients are
# heard last, by far, and keep what they got; else it is as good as at once, and the secondary yields.
story_alive() {
	local server name

	# Leases of MCLT, some seconds of which are left when the servers have met.
	mclt=20 range_last=10.77.1.39 slack=$((2 * lease_time + 1))
	served_pair 10 || return 1
	wire_cut
	check interrupted until_true $((delay + 5)) both_are communications-interrupted || return 1
	for server; do
		check "told-$server" partner_down "$server" || return 1
		check "partner-down-$server" until_true 5 is "$server" partner-down || return 1
	done
	for server; do
		check "takes-over-$server" until_true $((mclt + 10)) \
			relation_is "$server" .takeover_left 0 || return 1
	done
	check given given_by_a || return 1
	[[ $* != a ]] || check silent a_falls_silent || return 1
	check given-again given_by_b || return 1
	check unheard is b "$([[ $* == *b* ]] && echo partner-down || echo communications-interrupted)" ||
		return 1
	met=$EPOCHREALTIME
	wire_heal
	check normal-again until_true 20 both_are normal || return 1
	normal=$EPOCHREALTIME
	kill -CONT "${population[newcomers]}"
	check resolved until_true 15 resolved || return 1
	check none-shared none_shared_since "$normal" || return 1
	for name in newcomers latecomers; do
		process_end "${population[$name]}" INT
	done
	check subscribers subscribers_end many || return 1
	check many-not-lost many_not_lost || return 1
	check agree until_true 10 agree || return 1
	check known-by-a until_true 10 known_by_least a 10 || return 1
	check known-by-b until_true 10 known_by_least b 10
}

# ----- init, and there are leases

known_pair() {
	says 3 'has been in NORMAL' control a failover init --yes || return 1
	says 3 'the partner knows this pair' control b failover init --yes
}

# A store is lost, and its server is told that the pair is new: while its partner cannot be reached,
# which could say that it is not, and once more when it can.
story_init_wrong() {
	mclt=15
	served_pair 20 || return 1
	lost_slack
	crash b
	leases_lose b
	check interrupted until_true $((delay + 5)) is a communications-interrupted || return 1
	access_heal b
	check back start b || return 1
	check init says 0 'serves once both are connected' control b failover init --yes || return 1
	check alone-silent relation_is b .serves false || return 1
	wire_heal
	check waits until_true 10 is b recover-wait || return 1
	check waits-silent relation_is b .serves false || return 1
	check refused known_pair || return 1
	check fetched until_true 5 agree || return 1
	healed 20
}

# ----- shutdown of both

# ended SERVER: its process; what the kernel answers in its place, too.
ended() {
	local process=pid_$1

	dead "${!process}" || why "$1 still runs" || return 1
	! program_on "$1" "${1}0" || why "$1's kernel still answers"
}

both_ended() {
	ended a && ended b
}

start_both() {
	start a && start b
}

# The wrong one first, then the right one: its partner has it all, and a start of both heals it.
# Then both at once: neither takes over, neither can have missed anything for longer than MCLT.
story_shutdown_both() {
	lease_time=60
	served_pair 20 || return 1
	slack=$((2 * lease_time + 1)) # as story_shutdown
	check wrong says 0 'the partner is told to take over' control a failover shutdown || return 1
	check takes-over until_true 5 is b partner-down || return 1
	check right says 0 'without a word to the partner' control b failover shutdown || return 1
	check nobody until_true 5 both_ended || return 1
	check back start_both || return 1
	check normal until_true 20 both_are normal || return 1
	control a failover shutdown >"$W/a.said" 2>&1 &
	control b failover shutdown >"$W/b.said" 2>&1 &
	check both-at-once until_true 30 both_ended || return 1
	check both-back start_both || return 1
	healed 20
}
