# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only

# until_ok SECONDS COMMAND…: asks again and again, silently.
until_ok() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift

	until "$@" >/dev/null 2>&1; do
		((${EPOCHREALTIME/./} < deadline)) || return 1
		sleep 0.1
	done
}
