# SPDX-License-Identifier: GPL-2.0-only
#
# dhcpd.leases → a table: ADDRESS STATE CLIENT ENDS, as the table of
# tests/crash/leases.awk. The last entry of an address counts; one that was
# never written is free and not in the table. Times are seconds, `never` is the
# last second that the format knows. TZ must be UTC.

BEGIN {
	for (i = 1; i < 256; i++)
		code[sprintf("%c", i)] = i
}

# "4 2026/11/22 10:39:45" → seconds; `epoch N` of db-time-format local, too.
function seconds(line,    part) {
	sub(/;.*/, "", line)
	split(line, part, /[ \t\/:]+/)
	if (part[3] == "never")
		return 2147483647
	if (part[3] == "epoch")
		return part[4]
	return mktime(part[4] " " part[5] " " part[6] " " part[7] " " part[8] " " part[9])
}

# A quoted string with \ooo, \" and \\, or hexadecimal with colons → hexadecimal.
function hexadecimal(line,    text, at, hex, digit, byte) {
	sub(/^[ \t]*uid[ \t]+/, "", line)
	sub(/;[ \t]*$/, "", line)
	if (line !~ /^"/) {
		count = split(line, digit, ":")
		for (at = 1; at <= count; at++)
			hex = hex (length(digit[at]) < 2 ? "0" : "") digit[at]
		return hex
	}
	text = substr(line, 2, length(line) - 2)
	for (at = 1; at <= length(text); at++) {
		byte = substr(text, at, 1)
		if (byte != "\\") {
			hex = hex sprintf("%02x", code[byte])
		} else if (substr(text, at + 1, 3) ~ /^[0-7][0-7][0-7]$/) {
			hex = hex sprintf("%02x", substr(text, at + 1, 1) * 64 + \
				substr(text, at + 2, 1) * 8 + substr(text, at + 3, 1))
			at += 3
		} else {
			at++
			hex = hex sprintf("%02x", code[substr(text, at, 1)])
		}
	}
	return hex
}

/^lease / {
	address = $2
	state[address] = "free"
	client[address] = "null"
	ends[address] = 0
	uid = hardware = ""
}
/^  ends / { ends[address] = seconds($0) }
/^  binding state / {
	state[address] = $3
	sub(/;/, "", state[address])
}
/^  hardware ethernet / {
	hardware = $3
	sub(/;/, "", hardware)
}
/^  uid / { uid = hexadecimal($0) }
/^}/ && address != "" {
	client[address] = uid != "" ? uid : hardware != "" ? hardware : "null"
	address = ""
}

END {
	for (address in state)
		print address, state[address], client[address], ends[address]
}
