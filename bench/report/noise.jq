# SPDX-License-Identifier: GPL-2.0-only
# Which figures of $server in $scenario, with a table of $leases, have rounds that differ by more than $most from their median?
include "figures";
figures | map(select(.server == $server and .scenario == $scenario and .leases == $leases and .spread > $most) | .metric) | join(", ")
