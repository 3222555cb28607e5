# SPDX-License-Identifier: GPL-2.0-only
#
# awk -v slack=SECONDS -f agree.awk TABLE TABLE: do two servers believe the same
# of every address? Says each difference on a line; none: nothing, and exit 0.
# An address that is in no table is free. Clients are compared only where
# somebody holds the address: whose it was is memory. So are ends: a server may
# believe in an end that its partner has only as HORIZON (the fifth column, how
# far it may promise), as dhcpd does where xdhcpd promises without asking again
# (--strict-partner-down), and clocks may be so many seconds apart.

function state_of(server, address) {
	return (server, address) in state ? state[server, address] : "free"
}

{
	server = FILENAME == ARGV[1] ? 1 : 2
	seen[$1] = 1
	state[server, $1] = $2
	client[server, $1] = $3
	ends[server, $1] = $4
	horizon[server, $1] = $5 + 0 > $4 ? $5 : $4
}

function different(address, what) {
	printf "%s: %s\n", address, what
	wrong = 1
}

END {
	for (address in seen) {
		one = state_of(1, address)
		other = state_of(2, address)
		if (one != other)
			different(address, one " (" client[1, address] ") and " other " (" \
				client[2, address] ")")
		else if (one == "active" && client[1, address] != client[2, address])
			different(address, "of " client[1, address] " and of " client[2, address])
		else if (one == "active" && (ends[1, address] > horizon[2, address] + slack || \
			ends[2, address] > horizon[1, address] + slack))
			different(address, "until " ends[1, address] " (" horizon[1, address] \
				") and until " ends[2, address] " (" horizon[2, address] ")")
	}
	exit wrong
}
