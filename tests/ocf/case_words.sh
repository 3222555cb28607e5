# shellcheck shell=bash
# shellcheck disable=SC2154,SC2053,SC2016 # of run and world.sh; patterns; for sed
# SPDX-License-Identifier: GPL-2.0-only
#
# case_words.sh: what the agent says of itself, and how it reads what others say.

metadata_valid() {
	XDHCP_OCF=$OCF "$OCF/xdhcp" meta-data >"$W/metadata" 2>"$W/why" || return 1
	xmllint --noout --relaxng "$RNG" "$W/metadata" 2>"$W/said" || why "$(head -1 "$W/said")"
}

# Each parameter that the scripts read is described, with the default that they take.
metadata_whole() {
	local name count=0

	while read -r name; do
		xmllint --xpath "//parameter[@name='$name'][longdesc][shortdesc]/content/@default" \
			"$W/metadata" >/dev/null 2>&1 || why "parameter $name is not described" || return 1
		count=$((count + 1))
	done < <(sed -n 's/^: "${OCF_RESKEY_\([a-z_]*\)=.*/\1/p' "$OCF/parameters.sh")
	((count > 10)) || why "only $count parameters are read"
}

case_metadata() {
	check valid metadata_valid || return 1
	check whole metadata_whole
}

# agent_part SCRIPT ARGUMENT…: with the agent's functions.
agent_part() {
	local script=$1
	shift

	XDHCP_OCF=$OCF OCF_RESOURCE_INSTANCE=dhcp_service OCF_RESKEY_ctl=echo sh -c '
		for part in parameters daemon cluster; do
			. "$XDHCP_OCF/$part.sh"
		done
		'"$script" sh "$@"
}

json_reads() {
	local got

	got=$(agent_part 'ask_tool 1 "$1"; printf "%s\n" "$reply"' "$1" | tr '\t\n' '=;')
	[[ $got == "$2" ]] || why "$1 is read as $got"
}

case_json() {
	check flat json_reads '{"code":104,"text":"all \"well\" in C:\\x"}' 'code=104;text=all "well" in C:\x;' || true
	check nested json_reads '{"a":[{"b":[1,null]},{}],"c":{"d":true}, "e" : -15 }' \
		'a.0.b.0=1;a.0.b.1=null;c.d=true;e=-15;' || true
	check deceit json_reads '{"name":"},{\"code\":0,","code":700}' 'name=},{"code":0,;code=700;' || true
	check torn json_reads '{"name":"a","code' ';' || true
	check none json_reads 'Segmentation fault' ';'
}

# What is said of NODE, from crm_mon's output on standard input.
level_read_of() {
	agent_part 'level_read() { level_xml=$(cat); }; level_fenced_at_start() { true; }
		level "$1"; printf "%s\n" "$level"' "$1"
}

# level_says DATA WORDS
level_says() {
	local got

	got=$(level_read_of "${3:-node-02}" <"$HERE/data/$1.xml")
	[[ $got == $2 ]] || why "$1: $got"
}

# No part of a whole is enough.
level_torn() {
	local length got

	for ((length = 0; length < $(wc -c <"$HERE/data/dead.xml") - 1; length += 97)); do
		got=$(head -c "$length" "$HERE/data/dead.xml" | level_read_of node-02)
		[[ $got == unknown* ]] || why "$length bytes of it are enough: $got" || return 1
	done
}

# Each of these, changed in what says "dead", takes that away.
level_each() {
	local change got

	for change in 's/with_quorum="true"/with_quorum="false"/' 's/with_quorum="true"//' \
		's/stonith-enabled="true"/stonith-enabled="false"/' \
		's/maintenance-mode="false"/maintenance-mode="true"/' \
		'/node name="node-02"/s/online="false"/online="true"/' \
		'/node name="node-02"/s/online="false"//' \
		'/node name="node-02"/s/unclean="false"/unclean="true"/' \
		'/node name="node-02"/s/pending="false"/pending="true"/' \
		'/node name="node-02"/s/expected_up="false"/expected_up="true"/' \
		'/node name="node-02"/s/ maintenance="false"/ maintenance="true"/' \
		'/<clone id/s/managed="true"/managed="false"/' \
		'/resource id="dhcp_service"/s/managed="true"/managed="false"/' \
		'/resource id="dhcp_service"/s/dhcp_service/other/' \
		'/cached/s/node-03/node-02/' '/<clone/,$s/node-01/node-02/' \
		's/node name="node-02"/node name="node-04"/' \
		's/status code="0"/status code="1"/' 's/<nodes>/<nodes><x>/'; do
		sed "$change" "$HERE/data/dead.xml" >"$W/changed"
		! cmp -s "$W/changed" "$HERE/data/dead.xml" || continue
		got=$(level_read_of node-02 <"$W/changed")
		[[ $got != dead ]] || why "dead in spite of $change" || return 1
	done
}

case_level() {
	local data

	for data in dead left confirmed; do
		check "$data" level_says "$data" dead || true
	done
	for data in online returning leaving; do
		check "$data" level_says "$data" 'known, *' || true
	done
	check lost level_says lost 'gone, *not fenced yet' || true
	check fence-fails level_says fence-fails 'gone, *not fenced yet' || true
	for data in nostonith lost-nostonith confirmed-nostonith; do
		check "$data" level_says "$data" 'gone, *without fencing*' || true
	done
	check maintenance-mode level_says maintenance-mode 'gone, *maintenance mode' || true
	check node-maintenance level_says node-maintenance 'gone, *in maintenance' || true
	check unmanaged level_says unmanaged 'gone, *does not manage*' || true
	check stranger level_says dead 'unknown, *' node-09 || true
	check torn level_torn || true
	check each level_each
}
