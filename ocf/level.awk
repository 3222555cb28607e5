# SPDX-License-Identifier: GPL-2.0-only
#
# level.awk -v resource=NAME -v peer=NODE: what one `crm_mon -1 --inactive
# --output-as=xml` on standard input says about the node NODE. Prints one line,
#
#   dead                 it is dead for sure, or left in order: fenced, or
#                        confirmed by a person, and not back since
#   gone, WHY            it is not there, but may be running: WHY
#   known, WHY           it is there: WHY
#   unknown, WHY         nothing can be said: WHY
#
# and "dead" only where all of it holds at once. Without -v peer: "quorum", or
# why not. XML that ends early, or nests wrongly, is unknown.
BEGIN {
	RS = "<"
	depth = 0
}

function attribute(name,    found) {
	if (!match(tag, "[ \t\n]" name "=\"[^\"]*\""))
		return ""
	found = substr(tag, RSTART, RLENGTH)
	sub(/^[^"]*"/, "", found)
	sub(/"$/, "", found)
	return found
}

function parent(up) {
	return depth > up ? stack[depth - up] : ""
}

function unmanaged() {
	return attribute("managed") != "true" || attribute("maintenance") == "true"
}

function node_seen() {
	nodes++
	if (attribute("name") != peer)
		return
	peers++
	online = attribute("online")
	unclean = attribute("unclean")
	pending = attribute("pending")
	expected = attribute("expected_up")
	maintained = attribute("maintenance")
}

# Copies of a clone are all called like the resource, or NAME:0, NAME:1…
function resource_seen(    id) {
	id = attribute("id")
	sub(/:[0-9]+$/, "", id)
	ours = id == resource
	if (!ours)
		return
	found++
	if (unmanaged() || clone_unmanaged)
		ours_unmanaged = 1
}

function element_opened(name) {
	if (depth == 1)
		root = name
	if (name == "current_dc" && parent(1) == "summary")
		quorum = attribute("with_quorum")
	else if (name == "cluster_options" && parent(1) == "summary") {
		stonith = attribute("stonith-enabled")
		maintenance = attribute("maintenance-mode")
	} else if (name == "node" && parent(1) == "nodes")
		node_seen()
	else if (name == "clone" && parent(1) == "resources")
		clone_unmanaged = unmanaged()
	else if (name == "resource")
		resource_seen()
	else if (name == "node" && parent(1) == "resource" && ours && attribute("name") == peer)
		active++
	else if (name == "status" && depth == 2 && attribute("code") == "0")
		complete = 1
}

function element_closed(name) {
	if (depth == 0 || stack[depth] != name) {
		broken = 1
		return
	}
	if (name == "clone")
		clone_unmanaged = 0
	depth--
}

NR > 1 && !/^[?!]/ {
	end = match($0, />/) ? RSTART : 0
	if (!end) {
		broken = 1
		next
	}
	tag = substr($0, 1, end - 1)
	name = tag
	sub(/[ \t\n\/].*/, "", name)
	if (tag ~ /^\//) {
		element_closed(substr(tag, 2))
		next
	}
	stack[++depth] = name
	element_opened(name)
	if (tag ~ /\/$/)
		element_closed(name)
}

function say(word, why) {
	print word ", " why
	exit
}

END {
	if (broken || depth || root != "pacemaker-result" || !complete)
		say("unknown", "what crm_mon says is not complete")
	if (quorum != "true")
		say("unknown", "this side of the cluster has no quorum")
	if (peer == "") {
		print "quorum"
		exit
	}
	if (peers != 1)
		say("unknown", "the cluster knows no node " peer)
	if (online != "false" || pending != "false")
		say("known", "node " peer " is " (online == "true" ? "online" : "coming or going"))
	if (stonith != "true")
		say("gone", "node " peer " is lost, and without fencing (stonith-enabled) nobody " \
			"knows whether it runs")
	if (unclean != "false")
		say("gone", "node " peer " is lost and not fenced yet")
	if (expected != "false")
		say("gone", "node " peer " is lost, and has neither been fenced nor left in order")
	if (maintenance != "false")
		say("gone", "the cluster is in maintenance mode")
	if (maintained != "false")
		say("gone", "node " peer " is in maintenance")
	if (found == 0)
		say("unknown", "the cluster knows no resource " resource)
	if (ours_unmanaged)
		say("gone", "the cluster does not manage " resource)
	if (active)
		say("gone", "the cluster counts an instance as active on node " peer)
	print "dead"
}
