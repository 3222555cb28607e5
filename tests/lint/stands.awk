# SPDX-License-Identifier: GPL-2.0-only
# layers.txt, then Makefile: STANDS_ lists that are not the closure of layers.txt.

function closure(room, found,    words, count, i, name) {
	count = split(rows[room], words, " ")
	for (i = 1; i <= count; i++) {
		name = words[i]
		if (name ~ /^xdp/ || name == "ctl/codes.h")
			continue # nothing to link
		sub(/\/.*/, "", name)
		if (!(name in found)) {
			found[name] = 1
			closure(name, found)
		}
	}
}

FILENAME ~ /layers\.txt$/ {
	if ($0 ~ /^userspace\//) {
		name = $0
		sub(/^userspace\//, "", name)
		sub(/:.*/, "", name)
		sub(/^[^:]*:/, "")
		rows[name] = $0
	}
	next
}

/^STANDS_[a-z]+ :=/ {
	name = $1
	sub(/^STANDS_/, "", name)
	sub(/^[^=]*=/, "")
	stands[name] = $0
}

END {
	for (room in rows) {
		if (!(room in stands)) {
			printf "Makefile: no STANDS_%s\n", room
			continue
		}
		split("", found)
		split("", listed)
		closure(room, found)
		count = split(stands[room], words, " ")
		for (i = 1; i <= count; i++)
			listed[words[i]] = 1
		for (name in found)
			if (!(name in listed))
				printf "Makefile: STANDS_%s lacks %s, which layers.txt lets it include\n", room, name
		for (name in listed)
			if (!(name in found))
				printf "Makefile: STANDS_%s has %s, which layers.txt does not let it include\n", room, name
	}
	for (room in stands)
		if (!(room in rows))
			printf "tests/lint/layers.txt: no line for %s\n", room
}
