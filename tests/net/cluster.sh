# shellcheck shell=bash
# shellcheck disable=SC2154 # what a case knows of itself is set in world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# cluster.sh: what a cluster asks of the daemon: one configuration for both
# roles, addresses that come and go with them, a new binary under way.

readonly ROLE=10.77.0.8 OTHER_ROLE=10.77.0.9

# role_conf [LINE]: one text for both servers; LINE goes into the primary's declaration.
role_conf() {
	conf_write 40 20 30
	sed -i '/range 10.77.0/s/.*/pool { failover peer "ring"; range 10.77.0.100 10.77.0.119; }/' \
		"$W/dhcpd.conf"
	sed -i "1i failover peer \"ring\" { primary; mclt 30; split 128; ${1:-}\\
		address $ROLE; peer address $OTHER_ROLE; }\\
	failover peer \"ring\" { secondary; address $OTHER_ROLE; peer address $ROLE; }" \
		"$W/dhcpd.conf"
}

role() {
	space_add s
	role_conf
	check unsaid daemon_says 1 'dhcpd.conf:3:.*both roles, here and at .*dhcpd.conf:1: .*--role' \
		-d -cf "$W/dhcpd.conf" || true
	check either daemon_says 0 '' -t -cf "$W/dhcpd.conf" || true
	check primary daemon_says 0 '' -t --role primary -cf "$W/dhcpd.conf" || true
	check secondary daemon_says 0 '' -t --cluster --role secondary -cf "$W/dhcpd.conf" || true
	check neither daemon_says 1 '--role third: say primary or secondary' -t --role third || true
	check declared daemon_says 0 '^both ring$' --roles -cf "$W/dhcpd.conf" || true
	role_conf 'auto-partner-down 60;'
	check alone daemon_says 0 '' -t --role primary -cf "$W/dhcpd.conf" || true
	check cluster daemon_says 1 'dhcpd.conf:1:.*auto-partner-down.* is refused: a timer' \
		-t --cluster --role primary -cf "$W/dhcpd.conf"
}

# The first renewal goes to an address that the server was not started with.
address_comes() {
	ip -n "$CASE.s" address add "$ROLE/32" dev s0 || return 1
	kernel_renews "$client" 1
}

# Gone from here, it is somebody else's: neither kernel nor daemon answers for it.
address_goes() {
	local kernel granted ours

	ip -n "$CASE.s" address del "$ROLE/32" dev s0 || return 1
	ip -n "$CASE.c" neighbour replace "$ROLE" lladdr "$SERVER_MAC" nud permanent dev c0
	kernel=$(counter kernel renewing) granted=$(counter server granted)
	ours=$(counter kernel punt-not-ours)
	until_true 5 second_later || return 1
	kill -USR1 "$client"
	until_true 10 more kernel punt-not-ours "$ours" || return 1
	(($(counter kernel renewing) == kernel && $(counter server granted) == granted)) ||
		why 'answered for an address that is not here any more'
}

role_address() {
	world_serve direct native "server-identifier $ROLE;" || return 1
	client_start udhcpc
	check get get || return 1
	check comes address_comes || return 1
	check userspace-idle life_userspace_idle || true
	check goes address_goes
}

# Nothing is named, and no interface has an address yet: the role's is waited for, others are not.
interface_comes() {
	control status --json | jq -e '.status.interfaces == []' >/dev/null ||
		why 'something is served' || return 1
	unserved 'no interface has an address in a declared subnet: nobody is served' || return 1
	ip -n "$CASE.s" address add "$ROLE/24" dev s0 || return 1
	until_true 5 interface_served && served
}

# unserved TEXT: a monitor is told why nobody is served, or (served) that somebody is.
unserved() {
	says 1 600 '"code":611,"word":"sick-unserved","text":"'"$1" control check
}

served() {
	control check --json >"$W/said" || true
	jq -e '[.findings[].code] | index(611) == null' "$W/said" >"$W/jq" ||
		why "check says: $(jq -c .findings "$W/said")"
}

# The one that is served loses its address, gets it back, and is gone altogether.
interface_goes() {
	ip -n "$CASE.s" address del "$ROLE/24" dev s0 || return 1
	until_true 5 unserved 'no interface has an address' || return 1
	ip -n "$CASE.s" address add "$ROLE/24" dev s0 || return 1
	until_true 5 served || return 1
	ip -n "$CASE.s" link del s0 || return 1
	until_true 5 unserved 'no interface has an address' || return 1
	says 1 600 '"text":"s0 is gone"' control check
}

interface_served() {
	[[ $(control status --json | jq -r '.status.interfaces[] | "\(.name) \(.address) \(.xdp)"') == \
		"s0 $ROLE native" ]] || why "not served: $(control status --json | jq -c .status.interfaces)"
}

role_interface() {
	space_add s
	space_add c
	pair s s0 "$SERVER_MAC" c c0 "$CLIENT_MAC" || return 1
	pass_start c c0 || return 1
	role_conf
	bpffs_mount
	sed '1,2d' "$W/dhcpd.conf" >"$W/one.conf"
	check refused daemon_says 1 'no interface has an address in a declared subnet: name' -d \
		-cf "$W/one.conf" -lf "$W/other" -pf "$W/other.pid" --control "$W/other.control" \
		--bpffs "$W/bpf" --xdp off || true
	(xdhcpd native --role primary) >>"$W/daemon.log" 2>&1 </dev/null &
	daemon=$!
	pids+=("$daemon")
	check start until_true 15 serving || return 1
	check comes interface_comes || return 1
	check goes interface_goes
}

# Both were started before their roles' addresses came, and wait.
address_missing() {
	grep -qF "failover ring: its address $ROLE is on no interface" "$W/daemon.log" ||
		why "not said: $(tail -1 "$W/daemon.log")" || return 1
	shows control '"\(.serves) \(.link.up)"' 'false false'
}

addresses_come() {
	ip -n "$CASE.s" address add "$ROLE/32" dev s0
	ip -n "$CASE.p" address add "$OTHER_ROLE/32" dev p0
	ip -n "$CASE.s" route add "$OTHER_ROLE" dev s0 src "$ROLE"
	ip -n "$CASE.p" route add "$ROLE" dev p0 src "$OTHER_ROLE"
	until_true 3 shows control .link.up true
}

role_normal() {
	says 0 205 '"word":"initialised"' control failover init --yes || return 1
	says 0 205 '"word":"initialised"' partner failover init --yes || return 1
	until_true 20 both_normal || return 1
	[[ $(control failover status --json | jq -r .relations[0].role) == primary &&
		$(partner failover status --json | jq -r .relations[0].role) == secondary ]] ||
		why 'not the roles that were asked for'
}

# The partner is told nothing but the end of a connection, and what was asked of the start
# (--recover) is not done again.
role_restarted() {
	restarted || return 1
	until_true 10 both_normal || return 1
	! grep -E 'the partner moves .* to (shutdown|partner-down)$' "$W/partner.log" >"$W/said" ||
		why "the partner was told: $(tail -1 "$W/said")"
}

# A reload goes by what the command line said: the role that holds, and who may say partner-down.
role_reloaded() {
	role_conf 'auto-partner-down 60;'
	says 3 405 'dhcpd.conf:1:53: under a cluster (--cluster)' \
		control reload || return 1
	role_conf 'max-lease-ownership 20;'
	says 0 200 '"word":"reloaded"' control reload || return 1
	says 0 110 'max-lease-ownership: ours 20, theirs 10' control failover check || return 1
	both_normal
}

role_pair() {
	space_add s
	space_add p
	pair s s0 "$SERVER_MAC" p p0 "$CLIENT_MAC" || return 1
	ip -n "$CASE.s" address add "$SERVER/24" dev s0
	ip -n "$CASE.p" address add "$PARTNER/24" dev p0
	role_conf
	cp "$W/dhcpd.conf" "$W/partner.conf"
	check start server_start off --cluster --role primary --recover || return 1
	# shellcheck disable=SC2034 # of failover.sh
	partner_flags=(--cluster --role secondary)
	check start-partner partner_start || return 1
	check missing address_missing || true
	check come addresses_come || return 1
	check normal role_normal || return 1
	check reload role_reloaded || true
	check restart role_restarted
}

# ----- a new binary

restarted() {
	control restart --json >"$W/said" 2>&1 || {
		why "xdhcpctl restart: $(tail -1 "$W/said")"
		return 1
	}
	[[ $(jq -r .code "$W/said") == 0 ]] || why "$(tail -1 "$W/said")" || return 1
	alive "$daemon" || why 'another process' || return 1
	[[ $(<"$W/pid") == "$daemon" ]] || why "the pid file says $(<"$W/pid"), not $daemon"
}

descriptors() {
	find "/proc/$daemon/fd" -mindepth 1 2>/dev/null | wc -l
}

# Asks without a pause until $W/asked.end is there; each answer's number is a line.
asks() {
	while [[ ! -e $W/asked.end ]]; do
		control status --json 2>&1 | jq -r .code 2>&1
	done
}

# Whoever asks while one daemon goes and the next comes is answered, if later.
nobody_refused() {
	local i pids_asking=() before

	before=$(descriptors)
	for i in 1 2 3; do
		asks >"$W/asked.$i" &
		pids_asking+=("$!")
	done
	for i in 1 2 3 4 5; do
		restarted || break
	done
	: >"$W/asked.end"
	wait "${pids_asking[@]}"
	[[ ! -s $W/why ]] || return 1
	if grep -qvx 100 "$W"/asked.?; then
		why "not answered: $(sort "$W"/asked.? | uniq -c | tr '\n' ' ')"
		return 1
	fi
	(($(cat "$W"/asked.? | wc -l) > 15)) || why 'hardly anybody asked' || return 1
	(($(descriptors) <= before + 1)) || why "$before descriptors before, $(descriptors) now"
}

# The maps are those of before, and what they counted; the client renews with the kernel.
kernel_went_on() {
	local renewed

	renewed=$(grep -c '^renew ' "$events" || true)
	attached || why 'the program is gone' || return 1
	[[ $(control status --json | jq -r .status.fastpath.adopted) == true ]] ||
		why 'the maps were not adopted' || return 1
	(($(counter kernel renewing) > 0)) || why 'the maps are others' || return 1
	kernel_renews "$client" $((renewed + 1)) || return 1
	renewed_end_known $((event_time + event_lease))
}

# As `make install` does it: another file of that name, and the one that runs is deleted.
new_binary() {
	cp "$BUILD/xdhcpd" "$W/bin/new"
	mv "$W/bin/new" "$W/bin/xdhcpd"
	[[ $(readlink "/proc/$daemon/exe") == *'(deleted)' ]] || why 'the old one is not gone' || return 1
	restarted || return 1
	[[ $(readlink "/proc/$daemon/exe") == "$W/bin/xdhcpd" ]] ||
		why "runs $(readlink "/proc/$daemon/exe")"
}

restart() {
	local binary=$W/bin/xdhcpd

	mkdir -p "$W/bin"
	cp "$BUILD/xdhcpd" "$binary"
	world_serve direct native || return 1
	client_start udhcpc
	check get get || return 1
	check renew kernel_renews "$client" 1 || return 1
	check nobody-refused nobody_refused || return 1
	check kernel-goes-on kernel_went_on || return 1
	check new-binary new_binary || return 1
	check stop stop_by_control
}

goes_on() {
	serving || why 'the old one does not serve any more' || return 1
	[[ $(control status --json | jq -r .status.since) == "$since" ]] || why 'it was started anew'
}

# A configuration that the next one does not take.
refused_configuration() {
	cp "$W/dhcpd.conf" "$W/good.conf"
	printf 'nonsense 1;\n' >>"$W/dhcpd.conf"
	says 3 405 'dhcpd.conf:17:1: ' control restart || return 1
	cp "$W/good.conf" "$W/dhcpd.conf"
	goes_on
}

# script TEXT: in place of the binary.
script() {
	printf '#!/bin/sh\n%s\n' "$1" >"$W/bin/new"
	chmod "${2:-755}" "$W/bin/new"
	mv "$W/bin/new" "$W/bin/xdhcpd"
}

refused_binary() {
	script 'echo "libwrong.so is missing" >&2; exit 127'
	says 1 501 'libwrong.so is missing' control restart || return 1
	script 'exit 0' 644
	says 1 501 'Permission denied' control restart || return 1
	rm "$W/bin/xdhcpd"
	says 1 501 'No such file' control restart || return 1
	goes_on
}

# The test was passed, and then it does not start: a dead daemon, and the kernel goes on.
does_not_start() {
	local renewed

	# shellcheck disable=SC2016 # the script's own
	script 'for word; do [ "$word" = -t ] && exit 0; done; exit 1'
	says 1 501 'the next daemon does not answer' control restart || return 1
	until_true 5 dead "$daemon" || return 1
	attached || why 'the program went with it' || return 1
	until_true 5 second_later || return 1
	renewed=$(grep -c '^renew ' "$events" || true)
	kill -USR1 "$client"
	until_true 10 happened renew $((renewed + 1))
}

restart_refused() {
	local binary=$W/bin/xdhcpd since

	mkdir -p "$W/bin"
	cp "$BUILD/xdhcpd" "$binary"
	world_serve direct native || return 1
	since=$(control status --json | jq -r .status.since)
	client_start udhcpc
	check get get || return 1
	check renew kernel_renews "$client" 1 || return 1
	check configuration refused_configuration || true
	check binary refused_binary || true
	check does-not-start does_not_start || return 1
	binary=
	check start-again server_start native || return 1
	check adopted renewed_end_known $((event_time + event_lease))
}

# In the background, with relative paths; the process does not change.
restart_background() {
	world_direct || return 1
	conf_write 40 20 30
	mkdir -p "$W/bin"
	cp "$BUILD/xdhcpd" "$W/bin/xdhcpd"
	(cd "$W" && ip netns exec "$CASE.s" bin/xdhcpd -q -cf dhcpd.conf -lf leases -pf pid \
		--control control --xdp off s0) >"$W/daemon.log" 2>&1 || true
	daemon=$(<"$W/pid")
	pids+=("$daemon")
	check start serving || return 1
	check restarted restarted || return 1
	check again restarted || return 1
	check stop until_stopped
}

until_stopped() {
	control stop >"$W/said" || why "$(tail -1 "$W/said")" || return 1
	dead "$daemon" || why 'it lives'
}

# ----- a service manager

told() {
	grep -qE "$1" "$W/told" || why "not told $1: $(tail -1 "$W/told")"
}

told_in_order() {
	local words

	words=$(grep -oE '^(READY|RELOADING|STOPPING)=1' "$W/told" | paste -sd' ')
	[[ $words == "$1" ]] || why "told $words, not $1"
}

told_reload() {
	control reload >/dev/null || return 1
	until_true 5 told_in_order 'READY=1 RELOADING=1 READY=1'
}

told_restart() {
	restarted || return 1
	until_true 5 told_in_order 'READY=1 RELOADING=1 READY=1 RELOADING=1 READY=1'
}

# The other end goes down, and so does the link.
told_change() {
	ip -n "$CASE.p" link set p0 down
	until_true 5 told '^STATUS=serving s0 \(userspace only, down\)'
}

told_stop() {
	control stop >/dev/null || return 1
	until_true 5 told '^STOPPING=1$'
}

# A pair that does not serve yet has started all the same.
service_told() {
	space_add s
	space_add p
	pair s s0 "$SERVER_MAC" p p0 "$CLIENT_MAC" || return 1
	ip -n "$CASE.s" address add "$SERVER/24" dev s0
	role_conf
	background "$W/told" "$BUILD/tests/net/test_told" "$W/notify"
	until_true 5 test -S "$W/notify" || return 1
	NOTIFY_SOCKET=$W/notify
	export NOTIFY_SOCKET
	check start server_start off --role primary || return 1
	check ready told '^READY=1 STATUS=serving s0 \(userspace only\); failover ring: startup, waits$' || true
	check reload told_reload || true
	check restart told_restart || true
	check change told_change || true
	check stop told_stop
}

# The unit of `make install` grants what the daemon needs, as far as capabilities go.
service_unit() {
	local unit=$HERE/../../userspace/daemon/xdhcpd.service capabilities binary=$W/bin/xdhcpd

	check unit unit_verified "$unit" || true
	capabilities=$(sed -n 's/^CapabilityBoundingSet=//p' "$unit" | sed 's/CAP_/+/g; s/ /,/g' |
		tr '[:upper:]' '[:lower:]')
	mkdir -p "$W/bin"
	printf '#!/bin/sh\nexec setpriv --no-new-privs --bounding-set="-all,%s" "%s" "$@"\n' \
		"$capabilities" "$BUILD/xdhcpd" >"$binary"
	chmod 755 "$binary"
	world_serve direct native || return 1
	client_start udhcpc
	check get get || return 1
	check renew kernel_renews "$client" 1 || return 1
	process_end "$daemon" KILL
	check start-again server_start native || return 1
	check restart restarted || return 1
	check kernel-goes-on kernel_went_on || return 1
	check stop stop_by_control
}

# systemd's own opinion, with our binaries in the places of the installed ones.
unit_verified() {
	mkdir -p "$W/unit"
	sed "s,/usr/sbin/xdhcpd,$BUILD/xdhcpd,; s,/usr/bin/xdhcpctl,$BUILD/xdhcpctl," "$1" \
		>"$W/unit/xdhcpd.service"
	systemd-analyze --man=no verify "$W/unit/xdhcpd.service" >"$W/said" 2>&1 ||
		why "systemd-analyze verify: $(head -1 "$W/said")" || return 1
	[[ ! -s $W/said ]] || why "systemd-analyze verify: $(head -1 "$W/said")" || return 1
	systemd-analyze security --offline=yes --threshold=40 "$W/unit/xdhcpd.service" \
		>"$W/said" 2>&1 || why "systemd-analyze security: $(tail -1 "$W/said")"
}
