# shellcheck shell=bash
# shellcheck disable=SC2154 # what a case knows of itself is set in world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# failover.sh: a pair as an operator meets it, by xdhcpctl alone.

readonly PARTNER=10.77.0.2

# pair_conf ROLE ADDRESS PEER LAST [LINE]: what one of the two says.
pair_conf() {
	cat <<-CONF
		authoritative;
		default-lease-time 600;
		max-lease-time 600;
		failover peer "ring" {
			$1;
			address $2;
			peer address $3;
			max-response-delay 10;
			max-unacked-updates 10;
			load balance max seconds 3;
			${5:-}
		}
		subnet 10.77.0.0 netmask 255.255.255.0 {
			pool { failover peer "ring"; range 10.77.0.100 10.77.0.$4; }
		}
	CONF
}

partner() {
	"$BUILD/xdhcpctl" -s "$W/partner.control" "$@"
}

partner_flags=()
partner_start() {
	(exec ip netns exec "$CASE.p" "$BUILD/xdhcpd" -d -cf "$W/partner.conf" \
		-lf "$W/partner.leases" -pf "$W/partner.pid" --control "$W/partner.control" \
		--bpffs "$W/bpf" --instance "${CASE//-/_}_p" --xdp off "${partner_flags[@]}" p0) >>"$W/partner.log" 2>&1 \
		</dev/null &
	partner_pid=$!
	pids+=("$partner_pid")
	until_true 15 partner_answers
}

partner_answers() {
	partner status >/dev/null 2>&1
}

pair_start() {
	space_add s
	space_add p
	pair s s0 "$SERVER_MAC" p p0 "$CLIENT_MAC" || return 1
	ip -n "$CASE.s" address add "$SERVER/24" dev s0
	ip -n "$CASE.p" address add "$PARTNER/24" dev p0
	pair_conf primary "$SERVER" "$PARTNER" 119 'mclt 3; split 128;' >"$W/dhcpd.conf"
	pair_conf secondary "$PARTNER" "$SERVER" 119 >"$W/partner.conf"
	server_start off && partner_start
}

# shows WHO FILTER TEXT: what jq's FILTER makes of the only relationship.
shows() {
	local is

	is=$("$1" failover status --json | jq -r ".relations[0] | $2")
	[[ $is == "$3" ]] || why "$1: $2 is $is, not $3"
}

both_normal() {
	shows control '"\(.state) \(.serves)"' 'normal true' &&
		shows partner '"\(.state) \(.serves)"' 'normal true'
}

# says STATUS CODE TEXT WHO ARGUMENT…: exit status, number and text of an answer.
says() {
	local status=0 want=$1 code=$2 text=$3
	shift 3

	"$@" --json >"$W/said" 2>"$W/said.err" </dev/null || status=$?
	((status == want)) || {
		why "$*: status $status instead of $want: $(tail -1 "$W/said")"
		return 1
	}
	[[ $(tail -1 "$W/said" | jq -r .code) == "$code" ]] || {
		why "$*: not $code: $(tail -1 "$W/said")"
		return 1
	}
	grep -qF -- "$text" "$W/said" || why "$*: does not say $text: $(tail -1 "$W/said")"
}

# A new pair does not serve, and both its monitor and its operator are told what would end that.
blocked() {
	until_true 10 shows control '"\(.state) \(.serves) \(.link.up)"' 'recover false true' ||
		return 1
	until_true 10 says 1 600 '"code":607,"word":"sick-failover"' control check || return 1
	# That one of them has no half yet is no full pool.
	says 1 600 'sick-failover' partner check || return 1
	! grep -o '"note-pool-full".*' "$W/said" || why 'a full pool' || return 1
	says 1 600 'xdhcpctl failover init (on both)' control failover check || return 1
	control failover status >"$W/said" || return 1
	grep -q 'DOES NOT ANSWER CLIENTS; .*xdhcpctl failover init' "$W/said" ||
		why "no remedy: $(sed -n 2,3p "$W/said" | tr '\n' '|')"
}

# typed TEXT COMMAND…: at a terminal.
typed() {
	local text=$1
	shift

	printf '%s\n' "$text" |
		timeout 20 script -qec "\"$BUILD/xdhcpctl\" -s \"$W/control\" $*" /dev/null >"$W/said" 2>&1
}

# Nothing is done unasked, nor by a wrong name.
asked() {
	says 3 710 '--yes says that you are sure' control failover init || return 1
	! typed pair failover init || why "a wrong name was taken for the relationship's" || return 1
	grep -q 'not confirmed: nothing was done' "$W/said" || why "$(tail -1 "$W/said")" || return 1
	shows control .state recover || return 1
	typed ring failover init || why "$(tail -1 "$W/said")" || return 1
	grep -q 'new pair (partner 10.77.0.2)' "$W/said" || why "$(tail -1 "$W/said")" || return 1
	# On a busy machine what it waits for else, MCLT, may be over by now.
	says 0 205 '"word":"initialised"' partner failover init ring --yes ||
		says 3 407 'has been in NORMAL' partner failover init ring --yes || return 1
	until_true 20 both_normal
}

names() {
	says 3 406 'there is no relationship \"other\"; there is ring' \
		control failover partner-down other --fenced || return 1
	says 3 407 'the partner is connected: it is not down' \
		control failover partner-down --fenced || return 1
	says 3 407 'the partner is connected: it is not down' control failover partner-down || return 1
	says 3 407 'has been in NORMAL' control failover init --yes || return 1
	says 3 710 'is a word too many' control failover status ring || return 1
	says 3 710 'does not take such an option' control failover init --fenced || return 1
	both_normal
}

differs() {
	says 1 600 'ring: pool 10.77.0.0/24: range: ours 10.77.0.100 10.77.0.119, theirs 10.77.0.100 10.77.0.118' \
		control failover check || return 1
	says 1 600 'ring: pool 10.77.0.0/24: range: ours 10.77.0.100 10.77.0.118, theirs 10.77.0.100 10.77.0.119' \
		partner check || return 1
	grep -q '"code":608,"word":"sick-common"' "$W/said" || why "no 608: $(tail -1 "$W/said")"
}

agrees() {
	shows control '"\(.common.known) \(.common.same)"' 'true true' &&
		says 0 110 '"findings":[]' control failover check &&
		[[ $(counter failover common-differs) == 0 ]]
}

# What both must have in common is compared again with each reload, on both sides.
compared() {
	until_true 10 agrees || return 1
	pair_conf secondary "$PARTNER" "$SERVER" 118 >"$W/partner.conf"
	partner reload >/dev/null || return 1
	until_true 10 differs || return 1
	[[ $(counter failover common-differs) == 1 ]] || why 'not counted' || return 1
	pair_conf secondary "$PARTNER" "$SERVER" 119 >"$W/partner.conf"
	partner reload >/dev/null || return 1
	until_true 10 agrees || return 1
	# What cannot give an address twice is worth knowing, no more.
	pair_conf secondary "$PARTNER" "$SERVER" 119 'max-lease-ownership 20;' >"$W/partner.conf"
	partner reload >/dev/null || return 1
	until_true 10 says 0 110 'failover: max-lease-ownership: ours 10, theirs 20' \
		control failover check
}

# Who connects from another address is heard by nobody, but counted: it may be the partner, by the
# wrong one of its addresses.
strangers() {
	on s bash -c "exec 3<>/dev/tcp/$SERVER/647 && read -r -t 5 <&3" && why 'it was answered' &&
		return 1
	until_true 5 more failover turned-away 0
}

# A server alone says so, and goes on alone by word only.
alone() {
	kill -KILL "$partner_pid"
	until_true 20 shows control '"\(.state) \(.serves)"' 'communications-interrupted true' ||
		return 1
	says 0 110 '"code":304,"word":"note-failover"' control check || return 1
	says 3 710 '--yes says that you are sure' control failover partner-down || return 1
	shows control '"\(.state) \(.takeover_left)"' 'communications-interrupted null' || return 1
	says 0 204 '"word":"partner-down"' control failover partner-down --fenced || return 1
	until_true 5 shows control \
		'"\(.state) \(.serves) \(.fenced) \(.takeover_left | . >= 0 and . < 60)"' \
		'partner-down true true true' || return 1
	control failover status >"$W/said"
	grep -q "PARTNER-DOWN: the partner's free addresses" "$W/said" ||
		why "no countdown: $(tr '\n' '|' <"$W/said")"
}

back() {
	partner_start || return 1
	until_true 30 both_normal || return 1
	shows control .fenced false
}

# A planned stop: the daemon is gone when the command ends, and the partner serves alone at once.
hands_over() {
	control failover shutdown >"$W/said" 2>&1 || why "$(tail -1 "$W/said")" || return 1
	grep -q 'ring: the partner is told to take over' "$W/said" || why "$(tail -1 "$W/said")" ||
		return 1
	until_true 1 dead "$daemon" || return 1
	wait "$daemon" || why "status $?" || return 1
	shows partner '"\(.state) \(.serves) \(.partner.state)"' 'partner-down true shutdown' || return 1
	says 2 700 '"word":"no-daemon"' control failover status
}

failover() {
	local partner_pid

	pair_start || return 1
	check blocked blocked || return 1
	check asked asked || return 1
	check names names || true
	check compared compared || true
	check strangers strangers || true
	check alone alone || return 1
	check back back || return 1
	check hands-over hands_over
}
