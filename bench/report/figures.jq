# SPDX-License-Identifier: GPL-2.0-only
# rounds.jsonl, slurped → one object for each scenario, server, metric and size of the table.

def median: sort | if length % 2 == 1 then .[length / 2 | floor]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;

# More is better of these; of all others less.
def ascending: .unit == "1/s" or .metric == "share";

# What is made anew together: a scenario's companion (latency-own) comes out of the same rounds.
def together: .scenario | rtrimstr("-own");
def what: "\(together) \(.server) \(.leases)";

# Rounds, each with how often its server's had been made anew by then.
def turns: reduce .[] as $line ({rounds: [], turns: {}};
	($line | what) as $what
	| if $line.kind == "again" then .turns[$what] += 1
	  elif $line.kind == "round" and $line.value != null then
		.rounds += [$line + {turn: (.turns[$what] // 0)}]
	  else . end) | .rounds;

# Of a figure that was made anew its last rounds count. What was not measured again stays as it was.
def last_turn: (map(.turn) | max) as $turn | map(select(.turn == $turn));

# How far the farthest round is from the median, as a share of it.
def spread($median): if length < 2 or (min == max) then 0
	elif $median == 0 then 1 else ([max - $median, $median - min] | max) / ($median | fabs) end;

# A round that is too far from the median, tails as well; of a share, which may be near 0, that says nothing.
def noisy: .spread > 0.15 and .unit != "1";

def figures: turns | group_by([.scenario, .server, .metric, .leases]) | map(last_turn
	| (map(.value) | median) as $median
	| {scenario: .[0].scenario, server: .[0].server, version: .[0].version, metric: .[0].metric,
	   unit: .[0].unit, median: $median, min: (map(.value) | min), max: (map(.value) | max),
	   rounds: length, leases: .[0].leases, rate: (map(.rate // empty) | if length > 0 then median else null end),
	   wrong: (map(.wrong // 0) | add), censored: any(.[]; .censored == 1),
	   again: (.[0].turn > 0), spread: (map(.value) | spread($median))});
