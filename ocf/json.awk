# SPDX-License-Identifier: GPL-2.0-only
#
# JSON, one object a line, as lines "PATH<TAB>VALUE", one for each value that
# is not an object or a list: {"code":104,"relations":[{"name":"a"}]} is
#
#   code	104
#   relations.0.name	a
#
# In texts a control character is a space, and \uXXXX stays as it is. A line
# that is no JSON gives nothing from where it ends to be.

function space() {
	sub(/^[ \t\r]+/, "", rest)
}

# What `rest` begins with, cut off it; "": it begins otherwise.
function take(pattern,    found) {
	space()
	if (!match(rest, "^(" pattern ")"))
		return ""
	found = substr(rest, 1, RLENGTH)
	rest = substr(rest, RLENGTH + 1)
	return found
}

function text(    found) {
	found = take("\"([^\"\\\\]|\\\\.)*\"")
	if (found == "")
		return 0
	value = substr(found, 2, length(found) - 2)
	gsub(/\\[nrtbf]/, " ", value)
	gsub(/[\t\r]/, " ", value)
	gsub(/\\"/, "\"", value)
	gsub(/\\\//, "/", value)
	gsub(/\\\\/, "\\", value)
	return 1
}

function members(path,    name) {
	if (take("}") != "")
		return 1
	do {
		if (!text())
			return 0
		name = value
		if (take(":") == "" || !any(path == "" ? name : path "." name))
			return 0
	} while (take(",") != "")
	return take("}") != ""
}

function items(path,    i) {
	if (take("\\]") != "")
		return 1
	i = 0
	do {
		if (!any(path "." i++))
			return 0
	} while (take(",") != "")
	return take("\\]") != ""
}

function any(path) {
	if (take("{") != "")
		return members(path)
	if (take("\\[") != "")
		return items(path)
	if (!text()) {
		value = take("[-+.0-9a-zA-Z]+")
		if (value == "")
			return 0
	}
	print path "\t" value
	return 1
}

/^[ \t]*{/ {
	rest = $0
	any("")
}
