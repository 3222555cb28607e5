# SPDX-License-Identifier: GPL-2.0-only
#
# A ledger of blast's → addresses that a client was told of while another one
# still believed that they were its own.

{ who = $5 == "-" ? $4 : $5 }

$2 == "released" || $2 == "expired" {
	if (holder[$3] == who)
		delete holder[$3]
	next
}

{
	if (($3 in holder) && holder[$3] != who && end[$3] + 0 > $1 + 0)
		printf "%s: %s's until %s, told to %s at %s (line %d)\n", $3, holder[$3], end[$3],
			who, $1, FNR
	# A client that has another address now does not hold the one before.
	if ((who in held) && held[who] != $3 && holder[held[who]] == who)
		delete holder[held[who]]
	holder[$3] = who
	held[who] = $3
	end[$3] = $6
}
