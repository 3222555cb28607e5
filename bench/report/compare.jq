# SPDX-License-Identifier: GPL-2.0-only
# $before and $after, results.jsonl slurped, → pairs of the figures that both have.

def key: "\(.scenario) \(.server) \(.metric) \(.leases)";
def fixed($digits): . * pow(10; $digits) | round / pow(10; $digits);

# How much better, as a share: of rates more is, of all else less.
def gain($old; $new): if $old.median == $new.median then 0
	elif $old.median == 0 or $new.median == 0 then
		(if (.unit == "1/s") == ($new.median > $old.median) then 1 else -1 end)
	elif .unit == "1/s" then $new.median / $old.median - 1
	else $old.median / $new.median - 1 end;

def word($old; $new; $gain): ([$old.spread // 0, $new.spread // 0, $most] | max) as $noise
	| if $old.noise or $new.noise then "noise"
	  elif $gain < -($noise / (1 + $noise)) then "SLOWER"
	  elif $gain > $noise then "faster"
	  else "" end;

($before | map(select(.scenario)) | INDEX(key)) as $old
| [$after[] | select(.scenario) | . as $new | $old[key] as $was | select($was != null)
   | gain($was; $new) as $gain
   | {scenario, server, metric, unit, before: ($was.median | fixed(4)), after: ($new.median | fixed(4)),
      change: "\($gain * 100 | fixed(1)) %", word: word($was; $new; $gain)}]
