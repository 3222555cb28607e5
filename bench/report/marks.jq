# SPDX-License-Identifier: GPL-2.0-only
# results.jsonl, slurped → what xdhcp is meant to reach in this run, and whether it has:
# an array of {mark, wanted, reached (true, false, null: not measured), said}.

def peers: map(select(.server != null and (.server | IN("xdhcp", "xdhcp-off", "null", "echo") | not)));
def ours($scenario; $metric): map(select(.server == "xdhcp" and .scenario == $scenario and .metric == $metric)) | first;
def theirs($scenario; $metric): peers | map(select(.scenario == $scenario and .metric == $metric));
def best_rate($scenario; $metric): theirs($scenario; $metric) | max_by(.median);

# Of those whose bound was reached, the one that had served more by then.
def best_time($scenario; $metric):
	(map(select(.scenario == $scenario and .metric == "share") | {(.server): .median}) | add) as $shares
	| theirs($scenario; $metric) | min_by([.median, .censored // false, -($shares[.server] // 0)]);

def fixed($digits): . * pow(10; $digits) | round / pow(10; $digits);

# By how much is it better than the best peer? Where its bound was reached, at least by so much. A best peer
# with 0 has carried nothing, or was not measured: of nothing there are no multiples.
def factor($mark; $mine; $best; $wanted; $ascending):
	if $mine == null or $best == null or $best.median == 0 or ($ascending | not) and $mine.median == 0
	then {mark: $mark, wanted: "\($wanted) times", reached: null, said: "not measured"}
	else (if $ascending then $mine.median / $best.median
	      else $best.median / $mine.median end) as $factor
	| {mark: $mark, wanted: "\($wanted) times", reached: ($factor >= $wanted and ($mine.censored | not)),
	   said: ((if $best.censored then "at least " else "" end) + "\($factor | fixed(1)) times \($best.server)"
		+ (if $mine.noise or $best.noise then " (noise)" else "" end))}
	end;

def share($mark; $metric; $wanted):
	ours("renewals"; $metric) as $mine
	| if $mine.floor_ratio == null then {mark: $mark, wanted: $wanted, reached: null, said: "not measured"}
	  else {mark: $mark, wanted: $wanted, reached: ($mine.floor_ratio >= $wanted),
		said: ("\($mine.floor_ratio | fixed(3))" + (if $mine.noise then " (noise)" else "" end))} end;

# A tenth of the best peer's, or twice the null program's.
def latency:
	ours("latency"; "p99") as $mine | best_time("latency"; "p99") as $best
	| (map(select(.server == "null" and .scenario == "latency" and .metric == "p99")) | first) as $null
	| {mark: "p99 of renewals at the common rate", wanted: "a tenth of the best peer’s, or twice the null program’s"}
	  + if $mine == null or $best == null then {reached: null, said: "not measured"}
	    else {reached: ($mine.median <= $best.median / 10 or ($null != null and $mine.median <= 2 * $null.median)),
		said: ("\($mine.median | fixed(0)) µs; \($best.server) \($best.median | fixed(0)) µs"
		+ (if $null then ", null program \($null.median | fixed(0)) µs" else "" end))} end;

def killed:
	ours("kill"; "unanswered") as $mine | theirs("kill"; "unanswered") as $peers
	| {mark: "daemon killed under load, unanswered renewals", wanted: "0"}
	  + if $mine == null then {reached: null, said: "not measured"}
	    else {reached: ($mine.max == 0), said: "\($mine.max) at most; peers: \($peers | map("\(.server) \(.median)") | join(", "))"}
	    end;

# Both generators, on each server that both have measured.
def opinions: map(select(.scenario == "opinion")) | group_by(.server)
	| map((map({(.metric): .median}) | add) as $of | select($of.blast and $of.perfdhcp and $of.blast + $of.perfdhcp > 0)
		| {server: .[0].server, apart: (($of.blast - $of.perfdhcp) / ([$of.blast, $of.perfdhcp] | max) | fabs)})
	| {mark: "blast and perfdhcp agree on DORA a second", wanted: "within 0.2"}
	  + if length == 0 then {reached: null, said: "not measured"}
	    else {reached: all(.[]; .apart <= 0.2), said: (map("\(.server) \(.apart | fixed(2))") | join(", "))} end;

[factor("renewals a second"; ours("renewals"; "rate"); best_rate("renewals"; "rate"); 60; true),
 share("renewals of 64 k leases at random, share of the null program"; "rate-64k-random"; 0.45),
 share("renewals of 1 M leases at random, share of the null program"; "rate-1m-random"; 0.27),
 factor("durable DORA a second"; ours("dora"; "rate"); best_rate("dora"; "rate"); 8; true),
 latency,
 factor("avalanche, 99.9 % have their ACK"; ours("avalanche"; "p999"); best_time("avalanche"; "p999"); 8; false),
 factor("avalanche, the last has"; ours("avalanche"; "last"); best_time("avalanche"; "last"); 8; false),
 killed,
 factor("CPU time for a renewal"; ours("renewals"; "cpu"); best_time("renewals"; "cpu"); 50; false),
 opinions]
