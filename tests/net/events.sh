# shellcheck shell=bash
# shellcheck disable=SC2154 # what a case knows of itself is set in world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# events.sh: what happens less often in the life of a lease, what must never be
# answered, and configuration that changes under way.

network_make() {
	"world_$1" && record_start
}

# world_serve TOPOLOGY MODE [LINE…]: a network, a recorder and a server, or a failure.
world_serve() {
	local topology=$1 mode=$2
	shift 2

	check network network_make "$topology" || return 1
	[[ -e $W/dhcpd.conf ]] || conf_write 40 20 30 "$@"
	check start server_start "$mode"
}

get() {
	until_true 20 happened bound 1
}

# ----- a client that knows an address

reboot_same() {
	local before=$1

	until_true 20 happened 'reboot|bound' 2 || return 1
	[[ $event_address == "$before" ]] || {
		why "$event_address after the reboot, $before before"
		return 1
	}
	(($(replied OFFER) == 1)) || why "$(replied OFFER) offers: the client began anew"
}

reboot() {
	world_serve "$1" native || return 1
	client_start dhclient
	check get get || return 1
	process_end "$client" KILL
	client_start dhclient
	check known-address reboot_same "$event_address"
}

# An address of another subnet is refused, and the client begins anew.
nak_then_lease() {
	until_true 20 more server nak 0 || return 1
	until_true 20 happened bound 1 || return 1
	(($(replied NAK) > 0)) || {
		why "no NAK arrived"
		return 1
	}
	[[ $event_address == 10.7[78].0.* ]] || why "$event_address"
}

# RFC 3046: the relay finds its option in the NAK, too, as the last one.
nak_carries_agent() {
	grep '^NAK' "$W/replies" | awk '$6 !~ /,82,end$/ { exit 1 }' || why "option 82 is not the last of the NAK"
}

nak() {
	local topology=$1

	world_serve "$topology" native || return 1
	cat >"$W/dhclient.leases" <<-LEASES
		lease {
		  interface "c0";
		  fixed-address 10.99.0.5;
		  option subnet-mask 255.255.255.0;
		  option dhcp-lease-time 864000;
		  option dhcp-server-identifier 10.99.0.1;
		  renew 2 2037/01/06 00:00:00;
		  rebind 3 2037/01/07 00:00:00;
		  expire 4 2037/01/08 00:00:00;
		}
	LEASES
	client_start dhclient
	check refused nak_then_lease || return 1
	[[ $topology == direct ]] || check agent nak_carries_agent
}

# ----- addresses in use

declined() {
	local first=$1

	until_true 20 more server declined 0 || return 1
	until_true 5 lease_is "$first" abandoned || return 1
	until_true 30 happened bound 1 || return 1
	[[ $event_address != "$first" ]] || why "the client was given $first again"
}

refused_once() {
	until_true 20 happened refused 1
}

decline_dhclient() {
	world_serve direct native || return 1
	touch "$W/dhclient.events.refuse"
	client_start dhclient --decline-wait-time 1
	check refuses refused_once || return 1
	check abandoned declined "$event_address"
}

# Which address comes first? One client asks, and gives it back.
decline_udhcpc() {
	local first

	world_serve direct native || return 1
	client_start udhcpc -R
	check first get || return 1
	first=$event_address
	process_end "$client"
	check given-back until_true 5 lease_is_free "$first" || return 1
	ip -n "$CASE.s" address add "$first/32" dev s0 # somebody answers ARP for it
	client_name=second client_start udhcpc -a
	check abandoned declined "$first"
}

# ----- configuration and options

informed() {
	until_true 20 more server informed 0 || return 1
	until_true 5 happened inform 1 || return 1
	grep '^ACK ' "$W/replies" | awk '$6 ~ /(^|,)51,/ || $6 !~ /(^|,)15,/ { exit 1 }' ||
		why "the ACK to INFORM has a lease time, or lacks the domain name"
}

# With an address that somebody else has given it.
inform() {
	world_serve direct native || return 1
	ip -n "$CASE.c" address add 10.77.0.200/24 dev c0
	client_start dhcpcd --inform=10.77.0.200/24
	check answered informed
}

# Its address is its own for ever; the kernel renews it all the same.
fixed_address() {
	get || return 1
	[[ $event_address == 10.77.0.7 && $event_domain == fixed.example ]] ||
		why "$event_address $event_domain"
}

kernel_renews() {
	local before

	before=$(counter kernel renewing)
	until_true 5 second_later || return 1
	kill -USR1 "$1"
	until_true 10 more kernel renewing "$before" || return 1
	until_true 5 happened renew "${2:-1}"
}

fixed_host() {
	world_serve direct native "host one {
		hardware ethernet $CLIENT_MAC;
		fixed-address 10.77.0.7;
		option domain-name \"fixed.example\";
	}" || return 1
	client_start udhcpc
	check get fixed_address || return 1
	check renew kernel_renews "$client"
}

# Two subnets on one wire, the first with room for one: the second client gets one of the other.
both_subnets() {
	local other=$1

	get || return 1
	[[ ${other%.*} != "${event_address%.*}" ]] || why "both in one subnet: $other, $event_address"
}

shared_network() {
	local first one

	cat >"$W/dhcpd.conf" <<-CONF
		authoritative;
		default-lease-time 40;
		option domain-name "shared.example";
		shared-network wire {
			subnet 10.77.0.0 netmask 255.255.255.0 {
				range 10.77.0.100;
				option routers $SERVER;
			}
			subnet 10.79.0.0 netmask 255.255.255.0 {
				range 10.79.0.100;
				option routers 10.79.0.1;
			}
		}
	CONF
	world_serve direct native || return 1
	ip -n "$CASE.s" address add 10.79.0.1/24 dev s0
	client_start udhcpc
	check first get || return 1
	one=$client first=$event_address
	# The other one on the same wire: a station of its own on the client's side.
	ip -n "$CASE.c" link add c1 link c0 address 02:00:00:00:00:c1 type macvlan mode bridge
	ip -n "$CASE.c" link set c1 up
	client_name=other client_link=c1 client_start udhcpc
	check other both_subnets "$first" || return 1
	check other-renews kernel_renews "$client" || return 1
	# shellcheck disable=SC2034 # happened reads it
	events=$W/udhcpc.events # the first one again
	get || return 1
	check first-renews kernel_renews "$one"
}

# The next renewal says what the new configuration says.
renewal_says() {
	local client=$1 domain=$2 number=$3

	until_true 5 second_later || return 1
	kill -USR1 "$client"
	until_true 10 happened renew "$number" || return 1
	[[ $event_domain == "$domain" ]] || why "the renewal says $event_domain, not $domain"
}

log_has() {
	grep -q "$1" "$W/daemon.log" || why "the log does not say: $1"
}

reload_by_signal() {
	sed -i 's/one\.example/two.example/' "$W/dhcpd.conf"
	kill -HUP "$daemon"
	until_true 5 log_has 'new configuration in force' || return 1
	renewal_says "$client" two.example 1
}

reload_by_control() {
	sed -i 's/two\.example/three.example/' "$W/dhcpd.conf"
	control reload >"$W/answer" 2>&1 || {
		why "xdhcpctl reload: $(tail -1 "$W/answer")"
		return 1
	}
	renewal_says "$client" three.example 2
}

reload_refused() {
	local status=0

	sed -i 's/three\.example";/four.example";\tnonsense 1;/' "$W/dhcpd.conf"
	control reload >"$W/answer" 2>&1 || status=$?
	if ((status != 3)) || ! grep -q "405.*dhcpd.conf:[0-9]*:[0-9]*: " "$W/answer"; then
		why "xdhcpctl reload of a bad file: status $status, $(head -1 "$W/answer")"
		return 1
	fi
	# In the words and lines of -t: the caret stands under its column.
	"$BUILD/xdhcpd" -t -cf "$W/dhcpd.conf" >"$W/said" 2>&1 || true
	if (($(wc -l <"$W/said") != 3)) || ! diff "$W/said" <(sed '1s/^xdhcpctl: 405 //' "$W/answer"); then
		why "xdhcpctl reload does not say it as -t: $(tr '\n' '|' <"$W/answer")"
		return 1
	fi
	kill -HUP "$daemon"
	until_true 5 log_has 'configuration refused, the old one stays' || return 1
	renewal_says "$client" three.example 3
}

reload_then_kernel() {
	kernel_renews "$client" 4
}

reload() {
	world_serve direct native || return 1
	client_start udhcpc
	check get get || return 1
	check signal reload_by_signal || return 1
	check control reload_by_control || return 1
	check refused reload_refused || return 1
	check kernel-again reload_then_kernel
}

# ----- what must not be answered

wire() {
	on c "$BUILD/tests/net/test_wire" "$@"
}

# A lease of a client of our making: $lease is ADDRESS SERVER SERVER-MAC.
wire_lease() {
	read -r -a lease < <(wire lease c0 "$CLIENT_MAC" 2>"$W/why") && ((${#lease[@]} == 3))
}

# wire_renew ANSWERED [HOW…]: whether such renewals are answered.
wire_renew() {
	local want=$1 got
	shift

	wire renew c0 "$CLIENT_MAC" "${lease[@]}" "$@" >"$W/got" 2>"$W/why" || return 1
	got=$(wc -l <"$W/got")
	((got == want)) || why "$got replies instead of $want: $(head -1 "$W/got" | cut -c 1-120)"
}

# A tagged renewal may be answered with its tag, or not at all.
tag_kept() {
	local tag=$1
	shift

	wire renew c0 "$CLIENT_MAC" "${lease[@]}" "$@" >"$W/got" 2>"$W/why" || return 1
	awk -v tag="$tag" '$3 != tag { exit 1 }' "$W/got" ||
		why "answered without its tag: $(head -1 "$W/got" | cut -c 1-120)"
}

vlan_offload() {
	on c ethtool -K c0 tx-vlan-offload "$1" >"$W/why" 2>&1
}

# Either the program is there and sees tags, or it is not there: never it and blind.
vlan_served() {
	server_start "$1" || grep -q 'served in mode' "$W/why"
}

# Where the program is, it has seen each tag that was sent.
tags_seen() {
	[[ $(control status --json | jq -r '.status.interfaces[0].xdp') == off ]] ||
		more kernel punt-tagged 11
}

vlan() {
	local mode=$1 offload broadcast

	command -v ethtool >/dev/null || {
		printf 'skip %s: no ethtool here\n' "$CASE"
		return 0
	}
	world_direct || return 1
	conf_write 600 300 500
	wire push c0 2>"$W/why" || {
		printf 'skip %s: %s\n' "$CASE" "$(<"$W/why")"
		return 0
	}
	for offload in on off; do
		check "$offload-set" vlan_offload $offload || return 1
		check "$offload-serves" vlan_served "$mode" || return 1
		check "$offload-lease" wire_lease || return 1
		check "$offload-untagged" wire_renew 3 || return 1
		for broadcast in '' broadcast; do
			# shellcheck disable=SC2086 # nothing, or a word
			check "$offload-metadata${broadcast:+-$broadcast}" tag_kept 77 push $broadcast || true
			# shellcheck disable=SC2086
			check "$offload-frame${broadcast:+-$broadcast}" tag_kept 78 tag=78 $broadcast || true
		done
		check "$offload-seen" tags_seen || true
		process_end "$daemon"
		rm -rf "$W/leases"
	done
}

foreign() {
	world_serve direct "$1" || return 1
	check lease wire_lease || return 1
	check ours wire_renew 3 || return 1
	check broadcast wire_renew 3 broadcast || return 1
	check foreign wire_renew 0 to="$DEAD_MAC" || return 1
	check counted more kernel punt-not-ours 2
}
