# SPDX-License-Identifier: GPL-2.0-only
#
# awk -f fields.awk DHCPD XDHCPD: the same has happened to one client of each:
# what each has told its partner of it, as lines of wire.awk, value by value.
# The n-th update of a binding state is compared with the n-th. Says each
# difference on a line: ROLE STATE FIELD=VALUE instead of FIELD=VALUE. Two
# seconds are none: clients are not that punctual. Addresses without a
# holder are left out: which of them is whose is for the balance of the pool.

$2 != "BNDUPD" || !/ hardware/ || /=(free|backup) / { next }

{
	file = FILENAME == ARGV[1] ? 1 : 2
	state = $4
	number[file, state]++
	said[file, state, number[file, state]] = $0
	states[state] = $1
}

function compare(state, one, other,    fields, others, i, name, count) {
	count = split(one, fields, " ")
	split(other, others, " ")
	for (i = 5; i <= count; i++) {
		name = fields[i]
		sub(/=.*/, "", name)
		a = fields[i]
		b = others[i]
		sub(/.*=/, "", a)
		sub(/.*=/, "", b)
		if (a - b > 2 || b - a > 2)
			printf "%s %s %s instead of %s\n", states[state], state, others[i], fields[i]
	}
}

END {
	for (state in states) {
		if (number[1, state] != number[2, state])
			printf "%s %s: %d updates instead of %d\n", states[state], state, \
				number[2, state], number[1, state]
		for (n = 1; n <= number[1, state] && n <= number[2, state]; n++)
			compare(state, said[1, state, n], said[2, state, n])
	}
}
