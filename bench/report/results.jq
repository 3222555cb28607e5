# SPDX-License-Identifier: GPL-2.0-only
# rounds.jsonl, slurped → the lines of results.jsonl: the machine, then a figure a line.
include "figures";

# The floor that a figure is compared with: the null program for what xdhcp answers in the kernel,
# the null echo for what a server in userspace answers; where that was not measured, nothing.
def floor_of($all):
	. as $figure
	| (if .server == "xdhcp" then ["null", "echo"] else ["echo"] end)
	| map(. as $floor | $all[] | select(.server == $floor and .scenario == $figure.scenario
		and .metric == $figure.metric and .leases == $figure.leases and $figure.server != $floor)) | first // null;

def result($all): floor_of($all) as $floor
	| (if noisy then "rounds differ by more than 15 % from their median" + (if .again then ", twice" else "" end)
	   else null end) as $noise
	| {scenario, server, version, metric, unit, median, min, max, rounds, leases,
	   floor: $floor.server,
	   floor_ratio: (if $floor == null or .median == 0 or $floor.median == 0 then null
		elif ascending then .median / $floor.median else $floor.median / .median end),
	   rate, wrong, noise: ($noise != null), spread}
	  + (if .censored then {censored: true} else {} end);

figures as $all
| (first | del(.kind)), ($all[] | result($all))
