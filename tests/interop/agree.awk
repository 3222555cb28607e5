# SPDX-License-Identifier: GPL-2.0-only
#
# awk -v slack=SECONDS -f agree.awk TABLE TABLE: do two servers believe the same
# of every address? Says each difference on a line; none: nothing, and exit 0.
# An address that is in no table is free. Clients are compared only where
# somebody holds the address: whose it was is memory. So are ends, which may
# differ by so many seconds.

function state_of(server, address) {
	return (server, address) in state ? state[server, address] : "free"
}

{
	server = FILENAME == ARGV[1] ? 1 : 2
	seen[$1] = 1
	state[server, $1] = $2
	client[server, $1] = $3
	ends[server, $1] = $4
}

END {
	for (address in seen) {
		one = state_of(1, address)
		other = state_of(2, address)
		if (one != other) {
			printf "%s: %s (%s) and %s (%s)\n", address, one, client[1, address], other,
				client[2, address]
			wrong = 1
		} else if (one == "active" && client[1, address] != client[2, address]) {
			printf "%s: of %s and of %s\n", address, client[1, address],
				client[2, address]
			wrong = 1
		} else if (one == "active") {
			apart = ends[1, address] - ends[2, address]
			if (apart > slack || -apart > slack) {
				printf "%s of %s: ends %d and %d, %d s apart\n", address,
					client[1, address], ends[1, address], ends[2, address], apart
				wrong = 1
			}
		}
	}
	exit wrong
}
