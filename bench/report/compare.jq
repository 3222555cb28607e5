# SPDX-License-Identifier: GPL-2.0-only
# $before and $after, results.jsonl slurped, → pairs of the figures that both have.
include "figures";

def key: "\(.scenario) \(.server) \(.metric) \(.leases)";
def fixed($digits): . * pow(10; $digits) | round / pow(10; $digits);

# How much better, as a share.
def gain($old; $new): if $old.median == $new.median then 0
	elif $old.median == 0 or $new.median == 0 then
		(if ascending == ($new.median > $old.median) then 1 else -1 end)
	elif ascending then $new.median / $old.median - 1
	else $old.median / $new.median - 1 end;

# Were both asked for as much?
def alike($old; $new): [$old.rate // 0, $new.rate // 0] | max <= min * 1.1;

# What a run of several rounds has measured once: nobody knows how it differs.
def once($figure; $run): $figure.rounds == 1 and $run[0].rounds > 1;

# A figure whose bound was reached is no number: it is worse than one that is, and two of them are not compared.
def word($old; $new): ([$old.spread // 0, $new.spread // 0, $most] | max) as $noise
	| gain($old; $new) as $gain
	| if alike($old; $new) | not then "other rate"
	  elif $old.noise or $new.noise then "noise"
	  elif $old.censored and $new.censored then "bound"
	  elif $new.censored then "SLOWER"
	  elif $old.censored then "faster"
	  elif once($old; $before) or once($new; $after) then "once"
	  elif $gain < -($noise / (1 + $noise)) then "SLOWER"
	  elif $gain > $noise then "faster"
	  else "" end;

def bound: if .censored then "> " else "" end + "\(.median | fixed(4))";

($before | map(select(.scenario)) | INDEX(key)) as $old
| [$after[] | select(.scenario) | . as $new | $old[key] as $was | select($was != null)
   | word($was; $new) as $word
   | {scenario, server, metric, unit, before: ($was | bound), after: ($new | bound), word: $word,
      change: (if $word == "other rate" or $was.censored or $new.censored then "-"
	       else "\(gain($was; $new) * 100 | fixed(1)) %" end)}]
