#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154 # names that bench/'s parts share
#
# pair.sh BUILD WORK: a pair of xdhcpd as bench/peers/pair.sh makes it, in
# namespaces of its own (tests/bench/run calls it in such). Prints how many of
# eight renewals are answered of those whose half is dead, of the survivor's,
# and of the dead one's when it is back.
set -euo pipefail

BENCH=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../bench")
build=$1 work=$2 out=$2 leases=200 seconds=1 repeat=1 all='' COMMAND=pair.sh
for part in "$BENCH"/{world,table,load,method,record,peers/server}.sh "$BENCH"/{peers,scenarios}/*.sh; do
	# shellcheck source=/dev/null
	source "$part"
done

# answered HALF: of eight renewals unicast to it.
answered() {
	load_storm xdhcp-pair "of-$1" 100 --count 8 --timeout 0.5 --rebinding 0
	printf '%s %s\n' "$2" "$load_answered"
}

trap world_end EXIT
trap 'exit 130' INT TERM HUP
world_make
record_begin
tables_make
table=$work/server-pairs
pair_begin xdhcp-pair
pair_kill xdhcp-pair a
answered a dead
answered b survivor
pair_back xdhcp-pair a ''
answered a back
