# SPDX-License-Identifier: GPL-2.0-only
# C files in kernel style: functions of more than `most` lines (found, as plain lines), and on
# standard error those of more than `note`. A body starts with { and ends with } in column 1.

/^{/ { start = FNR; name = above; next }
/^}/ {
	if (start) {
		length_of = FNR - start + 1
		if (length_of > most)
			printf "%s:%d: %s: %d lines, more than %d\n", FILENAME, start, name, length_of, most
		else if (length_of > note)
			printf "# %s:%d: %s: %d lines, more than %d\n", FILENAME, start, name, length_of, note >"/dev/stderr"
	}
	start = 0
}
FNR == 1 { start = 0 }
/^[A-Za-z_].*\(/ { above = $0; sub(/\(.*/, "", above); sub(/.*[ *]/, "", above) }
