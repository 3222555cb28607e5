# SPDX-License-Identifier: GPL-2.0-only
#
# What `tshark -z follow,tcp,raw` says of failover's connections → a line for
# each message: SENDER TYPE FIELD…, in the order in which the options came.
# SENDER is `primary` or `secondary`; a FIELD is NAME=VALUE. Times are seconds
# from the message's own, but for 0; what is another one in each run, or is
# text for people, has no VALUE.
#
# A decoder of its own, by the draft's tables: what it does not know, or what
# is left over, is a field `wrong`.

BEGIN {
	split("POOLREQ POOLRESP BNDUPD BNDACK CONNECT CONNECTACK UPDREQALL UPDDONE UPDREQ STATE " \
		"CONTACT DISCONNECT", type_words, " ")
	split("transferred address status client-id hardware cltt reply-options request-options " \
		"ddns delay hba ip-flags lease-expiration max-unacked mclt message digest " \
		"potential-expiration receive-timer version reject relationship flags state " \
		"start tls-reply tls-request vendor-class vendor-options", option_words, " ")
	split("free active expired released abandoned reset backup", status_words, " ")
	for (i = 0; i < 256; i++)
		byte[sprintf("%02x", i)] = i
	split("address client-id hardware message vendor-class vendor-options digest", hidden, " ")
	for (i in hidden)
		is_hidden[hidden[i]] = 1
	split("cltt lease-expiration potential-expiration start", times, " ")
	for (i in times)
		is_time[times[i]] = 1
}

function number(hex,    value) {
	for (value = 0; length(hex) > 1; hex = substr(hex, 3))
		value = value * 256 + byte[substr(hex, 1, 2)]
	return value
}

function value_of(name, hex, time) {
	if (name in is_hidden)
		return name
	if (name == "hba" || name == "relationship")
		return name "=" hex
	if (name == "status")
		return name "=" status_words[number(hex)]
	if (!(name in is_time))
		return name "=" number(hex)
	if (hex == "00000000" || hex == "7fffffff")
		return name "=" (hex == "00000000" ? 0 : "never")
	return sprintf("%s=%+d", name, number(hex) - time)
}

function message(sender, hex,    type, time, line, code, size) {
	type = number(substr(hex, 5, 2))
	time = number(substr(hex, 9, 8))
	line = sender " " (type in type_words ? type_words[type] : "wrong")
	if (substr(hex, 7, 2) != "0c")
		line = line " wrong"
	for (hex = substr(hex, 25); length(hex) >= 8; hex = substr(hex, 9 + 2 * size)) {
		code = number(substr(hex, 1, 4))
		size = number(substr(hex, 5, 4))
		if (!(code in option_words) || length(hex) < 8 + 2 * size)
			line = line " wrong"
		line = line " " value_of(option_words[code], substr(hex, 9, 2 * size), time)
	}
	print line (hex == "" ? "" : " wrong")
}

/^Node [01]: / {
	rest[$2] = ""
	sender[$2] = $3 ~ /^192\.0\.2\.1:/ ? "primary" : "secondary"
}

/^\t?[0-9a-f]+$/ {
	node = /^\t/ ? "1:" : "0:"
	sub(/^\t/, "")
	rest[node] = rest[node] $0
	while (length(rest[node]) >= 24 && length(rest[node]) >= 2 * number(substr(rest[node], 1, 4))) {
		size = 2 * number(substr(rest[node], 1, 4))
		message(sender[node], substr(rest[node], 1, size))
		rest[node] = substr(rest[node], size + 1)
	}
}
