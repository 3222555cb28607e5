# shellcheck shell=bash
# shellcheck disable=SC2154 # what a case knows of itself is set in world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# self.sh: what the daemon asks itself, and whether it notices what is wrong.

readonly SELF_ADDRESS=255.255.255.255

# self_says CODE [FINDING TEXT]: the reply to self-test, and the one finding in it.
self_says() {
	local code=$1 finding=${2:-} text=${3:-} said

	control self-test --json >"$W/self" || true
	said=$(jq -r '.code' "$W/self")
	[[ $said == "$code" ]] || {
		why "self-test: $said instead of $code: $(jq -r .text "$W/self")"
		return 1
	}
	said=$(jq -r '[.findings[].code] | join(" ")' "$W/self")
	[[ $said == "$finding" ]] || {
		why "findings $said instead of $finding: $(jq -c .findings "$W/self")"
		return 1
	}
	[[ -z $text ]] || jq -r '.findings[].text' "$W/self" | grep -qE "$text" ||
		why "does not say $text: $(jq -c .findings "$W/self")"
}

# What a client, the books or the wire could notice; not what the last renewal has yet to do to them.
self_traces() {
	control stats --json | jq -c '.counters[] | select(.value > 0 and .group != "net") | {word, value} |
		select(.word | IN("self-test", "other", "swept") | not)'
	control leases --json | jq -c 'select(.address) | {address, state, hardware}'
	grep -v '^recording' "$W/replies" || true
}

self_unnoticed() {
	local before count i

	self_says 111 || return 1
	before=$(self_traces) count=$(counter kernel self-test)
	for ((i = 0; i < 3; i++)); do
		self_says 111 || return 1
	done
	[[ $(self_traces) == "$before" ]] || {
		why "it left traces: $(diff <(echo "$before") <(self_traces) | tail -1)"
		return 1
	}
	(($(counter kernel self-test) == count + 3)) ||
		why "the kernel counted $(($(counter kernel self-test) - count)) self-tests"
}

# While others ask, too.
self_beside() {
	until_true 5 second_later || return 1
	kill -USR1 "$client"
	until_true 10 happened renew 1 || return 1
	self_unnoticed
}

# Another configuration, another set of tails.
self_reload() {
	conf_write "$1" 20 30
	control reload >"$W/answer" 2>&1 || {
		why "reload: $(tail -1 "$W/answer")"
		return 1
	}
	self_says 111
}

self_adopted() {
	process_end "$daemon" KILL
	server_start "$1" || return 1
	[[ $(control status --json | jq -r .status.fastpath.adopted) == true ]] ||
		why "the maps were not adopted" || return 1
	self_says 111
}

# self_spoil FIELD TEXT: found every time, and well again when it is.
self_spoil() {
	local pins

	pins=$(echo "$W"/bpf/xdhcp/*)
	"$BUILD/tests/net/test_slot" "$pins" $SELF_ADDRESS "$1" >"$W/why" 2>&1 || return 1
	self_says 610 610 "$2" && self_says 610 610 "$2" || return 1
	"$BUILD/tests/net/test_slot" "$pins" $SELF_ADDRESS "$1" >"$W/why" 2>&1 || return 1
	self_says 111
}

self_detached() {
	rm "$W"/bpf/xdhcp/*/link-s0
	until_true 5 not_attached || return 1
	self_says 610 603 's0: no program is attached'
}

not_attached() {
	! attached
}

# Told to look, the daemon cannot attach its own again: it does not take that for its lot.
self_replaced() {
	pass_start s s0 || return 1
	self_says 610 603 's0: another XDP program .* is attached' || return 1
	ip -n "$CASE.s" link set s0 alias stranger
	until_true 5 grep -q 's0: not answered in the kernel: .*attached already' "$W/daemon.log" ||
		return 1
	self_says 610 603 's0: another XDP program .* is attached' || return 1
	control check --json >"$W/said" || true
	jq -e '.findings[] | select(.code == 603)' "$W/said" >"$W/missed" ||
		why 'check does not miss the program'
}

self_test() {
	local mode=$1

	world_serve direct "$mode" || return 1
	record_start || return 1
	check fresh self_unnoticed || return 1
	client_start udhcpc
	check get get || return 1
	check beside self_beside || true
	check reload self_reload 50 || true
	check adopted self_adopted "$mode" || return 1
	check key self_spoil key 'slot is not as it was written' || true
	check lease self_spoil lease 'answer is wrong: lease time' || true
	check tail self_spoil tail 'slot is not as it was written' || true
	check held self_spoil held 'slot is not as it was written' || true
	check options self_spoil options 'answer is wrong: server identifier' || true
	check detached self_detached || true
	[[ $mode != native ]] || check replaced self_replaced
}

# Without a program in the kernel there is a note, and the slow path is asked all the same.
self_test_off() {
	world_direct || return 1
	conf_write 40 20 30
	bpffs_mount
	check serve server_start off || return 1
	check note self_says 111 302 'switched off'
	self_full
}

one_address() {
	sed -i '/10.78/,$d; s/range .*/range 10.77.0.100;/' "$W/dhcpd.conf"
	control reload >"$W/answer" 2>&1
}

# The only address is a client's: nothing is wrong.
self_full() {
	check one-address one_address || return 1
	check one-free self_says 111 302 || return 1
	client_start udhcpc
	check get get || return 1
	check full self_says 111 '302 303' 'no-address'
}

# Of a directory that a daemon is writing to.
self_store() {
	"$BUILD/xdhcpctl" store --leases "$W/leases" --json >"$W/said" || return 1
	jq -e '.code == 107 and (.identity | test("^[0-9a-f]{32}$")) and (.relations | length == 1) and
		(.relations[0] | .name == "ring" and .role == "primary" and .state == "recover" and
		.since > 1000000000 and .proven == false and .lost == true)' "$W/said" >"$W/jq" ||
		why "the store says: $(cat "$W/said")"
}

# Nothing is given out in RECOVER: it is told, and is no fault.
self_test_silent() {
	world_direct || return 1
	pair_conf primary "$SERVER" "$PARTNER" 119 'mclt 60; split 128;' >"$W/dhcpd.conf"
	bpffs_mount
	check serve server_start native || return 1
	check note self_says 111 304 'no OFFER: failover' || true
	check store self_store
}
