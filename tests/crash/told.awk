# SPDX-License-Identifier: GPL-2.0-only
#
# awk -v now=TIME -v count=N -f told.awk TABLE LEDGER: every lease that a
# client believes in, by the first N lines of blast's ledger, and whose end
# lies in the future, is in the table (leases.awk): active, this client's, and
# until no earlier. Prints what is not. A client that did something else than
# renew in the lines that follow is not judged: the table may be of that time.

FNR == 1 { file++ }

file == 1 {
	state[$1] = $2
	client[$1] = $3
	ends[$1] = $4
	next
}

{ who = $5 == "-" ? $4 : $5 }

FNR > count && $2 == "renewed" { next }

FNR > count || $2 == "released" || $2 == "expired" {
	delete address[who]
	next
}

{
	address[who] = $3
	end[who] = $6
	line[who] = FNR
}

END {
	for (who in address) {
		at = address[who]
		if (end[who] + 0 <= now + 0)
			continue
		judged++
		if (state[at] != "active")
			why = state[at] == "" ? "is not there" : "is " state[at]
		else if (client[at] != who)
			why = "is " client[at] "'s"
		else if (ends[at] + 0 < end[who] + 0)
			why = "ends at " ends[at]
		else
			continue
		printf "%s of %s until %s (ledger line %d): %s\n", at, who, end[who], line[who], why
	}
	if (judged_to)
		print judged + 0 >judged_to
}
