# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# A failover pair (peers/pair.sh): what it carries while both are well; what
# clients notice when one dies and nobody says so; how long it takes until
# that one serves again. Every round begins with a new pair, whose clients
# have their leases from it, each from the half that the pair chose.

readonly PAIR_CLIENTS=2000  # who renew; as many as the table has, where that is smaller
readonly PAIR_DEAD=10       # seconds in which new clients come after the kill
readonly PAIR_RENEWALS=1000 # a second then, and new clients; less where a quarter of what the weakest
readonly PAIR_NEW=100       # pair carries is less
readonly PAIR_LIMIT=140     # seconds that a new client is waited for (it asks after 4, 12, 28, 60, 124), or a server
readonly PAIR_PATIENCE=20   # who takes longer is not killed again, unless with --all
declare -A pair_renewals=() pair_new=() pair_late=()
pair_renewals_now=0 pair_new_now=0

pairs_list() {
	local kind

	for kind in dhcpd kea xdhcp; do
		[[ ,$peers, != *,$kind,* ]] || printf '%s-pair ' $kind
	done
	[[ ,$peers, != *,xdhcp,* || ,$peers, != *,dhcpd,* ]] || echo mixed-pair
}

# More new leases a second than a pair can give; each takes an address, and for two minutes an offer
# of dhcpd's does so, too.
pair_most() {
	case $1 in
	dhcpd* | mixed*) echo 4000 ;;
	xdhcp*) echo 100000 ;;
	*) dora_most "$1" ;;
	esac
}

load_pair() {
	load_storm "$1" direct "$2" --duration "$3"
}

# pair_waits BEGAN KILLED LIMIT COUNT: of newcomers, one each 1/$pair_new_now seconds since BEGAN:
# the share of those after KILLED who had no lease a second later, the longest wait, and how many
# have none at all.
pair_waits() {
	awk -v rate="$pair_new_now" -v began="$1" -v killed="$2" -v limit="$3" -v count="$4" '
		# The last three bytes: the newcomer of that number.
		function number(mac, i, n) {
			gsub(":", "", mac)
			for (i = 7; i <= 12; i++)
				n = n * 16 + index("0123456789abcdef", substr(mac, i, 1)) - 1
			return n
		}
		$2 == "leased" { at[number($4)] = $1 }
		END {
			for (i = 0; i < count; i++) {
				if (began + i / rate < killed)
					continue
				wait = (i in at) ? at[i] - began - i / rate : limit
				without += !(i in at)
				late += wait > 1
				longest = wait > longest ? wait : longest
				all++
			}
			printf "%.4f %.3f %d\n", all ? late / all : 1, longest, without
		}' "$work/pair.ledger"
}

# Renewals and newcomers of a pair, both until after the kill of HALF: what became of them.
pair_killed() {
	local pair=$1 server=$1 half=$2 suffix=$3 count killed began late longest without asked lost

	count=$(number "int($pair_new_now * (1 + $PAIR_DEAD))")
	mac_next=$(((mac_next + (1 << 24)) >> 24 << 24)) # the number of a newcomer is in its last bytes
	mac_take "$count"
	rm -f "$work/pair.ledger"
	ip netns exec "$pair.c" taskset -c "$generator_cpu" "$build/blast" storm --state "$table/direct.state" --keep \
		--rate "$pair_renewals_now" --duration $((1 + PAIR_DEAD)) --json $(peer "$pair" flags) c0 \
		>"$work/pair.storm" 2>"$work/load.err" &
	process[storm]=$!
	ip netns exec "$pair.c" taskset -c "$generator_cpu" "$build/blast" subscribers --clients "$count" \
		--window "$count" --rate "$pair_new_now" --first-mac "$mac" --once --duration $((1 + PAIR_DEAD + PAIR_LIMIT)) \
		--report "$work/pair.ledger" --json $(peer "$pair" flags) c0 >"$work/pair.new" 2>"$work/new.err" &
	process[newcomers]=$!
	wait_for_line "$work/pair.new" '"second"' || die "$pair: $(tail -1 "$work/new.err")"
	killed=$EPOCHREALTIME
	pair_kill "$pair" "$half"
	wait "${process[storm]}" || true
	wait "${process[newcomers]}" || true
	unset "process[storm]" "process[newcomers]"
	load_read "$work/pair.storm" .sent .renewals || return 1
	# The second before the kill is not exactly one.
	asked=$(number "$pair_renewals_now * $PAIR_DEAD") lost=$((load_sent - load_answered))
	record pair "$pair" "killed-renewals$suffix" 1 "$(number "$lost < $asked ? $lost / $asked : 1")" \
		rate="$pair_renewals_now" wrong="$load_wrong"
	load_read "$work/pair.new" .clients .leased || return 1
	began=$(jq '.time - .seconds' <<<"$load_json")
	read -r late longest without < <(pair_waits "$began" "$killed" $PAIR_LIMIT "$count")
	record pair "$pair" "killed-new$suffix" 1 "$late" rate="$pair_new_now" wrong="$load_wrong"
	record pair "$pair" "killed-wait$suffix" s "$longest" $( ((without == 0)) || echo censored=1)
	! holds "$longest > $PAIR_PATIENCE" || pair_late[$pair]=yes
}

# Until the half that was dead renews the leases that it had given.
pair_back() {
	local pair=$1 half=$2 suffix=$3 began load_resting=yes censored=''

	began=${EPOCHREALTIME/./}
	pair_return "$pair" "$half"
	until load_storm "$pair" "of-$half" 20 --count 1 --timeout 0.2 --rebinding 0 && ((load_answered > 0)); do
		((${EPOCHREALTIME/./} - began < PAIR_LIMIT * 1000000)) || { censored='censored=1' && break; }
	done
	record pair "$pair" "back$suffix" s "$(number "(${EPOCHREALTIME/./} - $began) / 1000000")" $censored
}

pair_round() {
	local pair=$1

	pair_begin "$pair"
	carried_most load_pair "$pair" "${pair_renewals[$pair]}" || return 0
	record pair "$pair" renewals 1/s "$value" wrong="$load_wrong"
	carried_most load_newcomers "$pair" "${pair_new[$pair]}" || return 0
	record pair "$pair" new-leases 1/s "$value" wrong="$load_wrong"
	[[ -z ${pair_late[$pair]:-} || -n $all ]] || return 0 # it would take as long once more
	pair_killed "$pair" a '' || return 0
	pair_back "$pair" a ''
	[[ $pair == mixed-pair ]] || return 0
	pair_killed "$pair" b -secondary || return 0
	pair_back "$pair" b -secondary
}

# What each carries, and what all are asked for while one half is dead.
pair_find() {
	local pair least=0 least_new=0

	for pair; do
		pair_begin "$pair"
		record_note "$pair" "$(peer "$(pair_half "$pair" a)" note)"
		search load_pair "$pair" "$(userspace_most "$pair")" || die "$pair: no figure of its renewals"
		pair_renewals[$pair]=$found
		load_settle "$pair"
		search load_newcomers "$pair" "$(pair_most "$pair")" || die "$pair: no figure of its new leases"
		pair_new[$pair]=$found
		say "   $pair: carries about ${pair_renewals[$pair]} renewals and ${pair_new[$pair]} new leases a second"
		least=$(number "$least == 0 || ${pair_renewals[$pair]} < $least ? ${pair_renewals[$pair]} : $least")
		least_new=$(number "$least_new == 0 || $found < $least_new ? $found : $least_new")
	done
	pair_renewals_now=$(number "$least / 4 < $PAIR_RENEWALS ? $least / 4 + 1 : $PAIR_RENEWALS")
	pair_new_now=$(number "$least_new / 4 < $PAIR_NEW ? $least_new / 4 + 1 : $PAIR_NEW")
}

scenario_pair() {
	local pairs table leases=$((leases < PAIR_CLIENTS ? leases : PAIR_CLIENTS))
	read -ra pairs <<<"$(pairs_list)"

	table=$work/server-pairs
	((${#pairs[@]})) || {
		warn "--scenarios pair: there are pairs of dhcpd, kea and xdhcp, and a mixed one"
		return 0
	}
	scenario_now=pair
	pair_find "${pairs[@]}"
	rounds pair_round "${pairs[@]}"
	room=0
}
