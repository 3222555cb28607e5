# SPDX-License-Identifier: GPL-2.0-only
# Which figures of $server in $scenario (and its companion), with a table of $leases, are noise?
include "figures";
figures | map(select(.server == $server and together == $scenario and .leases == $leases and noisy) | .metric)
| unique | join(", ")
