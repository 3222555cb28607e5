# SPDX-License-Identifier: GPL-2.0-only
#
# Lines of `xdhcpctl leases --json` → a table: ADDRESS STATE CLIENT ENDS HORIZON.
# CLIENT is option 61 in hexadecimal, or the hardware address with its colons,
# as in a ledger of blast's.

function field(name,    text) {
	if (!match($0, "\"" name "\":\"?[^\",}]*"))
		return "null"
	text = substr($0, RSTART, RLENGTH)
	sub("\"" name "\":\"?", "", text)
	return text
}

/"address":/ {
	gsub(/: "/, ":\"")
	client = field("client_id")
	if (client == "null")
		client = field("hardware")
	else
		gsub(/:/, "", client)
	print field("address"), field("state"), client, field("ends"), field("horizon")
}
