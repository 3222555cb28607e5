# SPDX-License-Identifier: GPL-2.0-only
# results.jsonl, slurped → a table: Markdown (--arg markdown yes) or tab-separated.

def digits: if . == null then "" elif fabs >= 100 then round | tostring
	elif fabs >= 1 then . * 10 | round / 10 | tostring
	else . * 10000 | round / 10000 | tostring end;

def bound: if .censored then "> " else "" end;

def row: [.scenario, .server, .metric, bound + (.median | digits), .unit, (.min | digits), (.max | digits),
	(.rounds | tostring),
	(if .floor_ratio == null then "" else "\(.floor_ratio | digits) of \(.floor)" end),
	([(if .noise then "noise" else empty end), (if .wrong > 0 then "\(.wrong) wrong" else empty end),
	  (if .scenario == "table-size" then "\(.leases) leases" else empty end),
	  (if .rate then "at \(.rate | digits)/s" else empty end)] | join(", "))];

def order: {"renewals": 1, "renewals-relayed": 2, "latency": 3, "latency-own": 4, "dora": 5, "kill": 6, "avalanche": 7};

["scenario", "server", "metric", "median", "unit", "min", "max", "rounds", "share of floor", ""] as $head
| (map(select(.scenario)) | sort_by([order[.scenario] // 9, .scenario, .metric, .leases]) | map(row)) as $rows
| if $markdown == "yes" then
	"| \($head | join(" | ")) |", "|\($head | map("---") | join("|"))|", ($rows[] | "| \(join(" | ")) |")
  else ($head, $rows[]) | join("\t") end
