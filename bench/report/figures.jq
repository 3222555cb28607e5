# SPDX-License-Identifier: GPL-2.0-only
# rounds.jsonl, slurped → one object for each scenario, server, metric and size of the table.

def median: sort | if length % 2 == 1 then .[length / 2 | floor]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;

# Rounds in front of an `again` of their scenario, server and table do not count any more.
def what: "\(.scenario) \(.server) \(.leases)";
def valid: reduce .[] as $line ({rounds: [], again: {}};
	($line | what) as $what
	| if $line.kind == "again" then .rounds |= map(select(what != $what)) | .again[$what] = true
	  elif $line.kind == "round" and $line.value != null then
		.rounds += [$line + {again: (.again[$what] // false)}]
	  else . end) | .rounds;

# How far the farthest round is from the median, as a share of it. A metric of a tail is expected
# to differ, and so is what was measured once.
def spread($median): if length < 2 or (min == max) then 0
	elif $median == 0 then 1 else ([max - $median, $median - min] | max) / ($median | fabs) end;

def figures: valid | group_by([.scenario, .server, .metric, .leases]) | map(
	(map(.value) | median) as $median
	| {scenario: .[0].scenario, server: .[0].server, version: .[0].version, metric: .[0].metric,
	   unit: .[0].unit, median: $median, min: (map(.value) | min), max: (map(.value) | max),
	   rounds: length, leases: .[0].leases, rate: (map(.rate // empty) | if length > 0 then median else null end),
	   wrong: (map(.wrong // 0) | add), censored: any(.[]; .censored == 1),
	   again: .[0].again, spread: (map(.value) | spread($median))});
