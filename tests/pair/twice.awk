# SPDX-License-Identifier: GPL-2.0-only
#
# awk -v met=TIME -v told=TIME -f twice.awk LEDGER: addresses that two clients held
# when two servers met that had given them away apart (bench/blast/ledger.h). One
# client keeps it and has been told so since; the other one has been told no, or
# its lease ran out before both servers could tell it. It is the one that spoke
# last, unless both did within three seconds. A line for each address; exit 1 and
# only what is wrong where something is.

{
	client = $4
	if ($1 < met) {
		spoke[$3, client] = $1
		ends[$3, client] = $2 == "leased" || $2 == "renewed" ? $6 : 0
		if (!(($3, client) in known)) {
			known[$3, client] = 1
			clients[$3] = clients[$3] " " client
		}
	} else
		heard[$3, client] = heard[$3, client] " " $2
}

function keeps(address, client) {
	return heard[address, client] ~ /renewed/ && heard[address, client] !~ /refused|expired/
}

function loses(address, client) {
	return heard[address, client] ~ /refused$/ ||
		(ends[address, client] < told + 1 && heard[address, client] ~ /^ expired$/)
}

function judge(address, one, other) {
	if (!keeps(address, one) || !loses(address, other))
		wrong = wrong address ": " one heard[address, one] ", " other heard[address, other] "\n"
	else if (spoke[address, other] > spoke[address, one] + 3)
		wrong = wrong address ": " one " keeps it, and " other " spoke later\n"
	else
		right = right address " is " one "'s, not " other "'s\n"
}

END {
	for (address in clients) {
		count = split(clients[address], all, " ")
		held = 0
		for (i = 1; i <= count; i++)
			if (ends[address, all[i]] > met)
				two[++held] = all[i]
		if (held == 2 && keeps(address, two[1]))
			judge(address, two[1], two[2])
		else if (held == 2)
			judge(address, two[2], two[1])
	}
	printf "%s", wrong == "" ? right : wrong
	exit wrong != ""
}
