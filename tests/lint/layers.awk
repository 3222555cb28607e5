# SPDX-License-Identifier: GPL-2.0-only
# layers.txt, then C files: includes that layers.txt does not allow.

function folder_of(path) {
	sub(/\/[^\/]*$/, "", path)
	return path
}

# The name that layers.txt knows the room by: without userspace/.
function room_name(folder) {
	sub(/^userspace\//, "", folder)
	return folder
}

function split_row(line,    name, words, count, i) {
	name = line
	sub(/:.*/, "", name)
	sub(/^[^:]*:/, "", line)
	rows[name] = line
	count = split(line, words, " ")
	for (i = 1; i <= count; i++)
		allowed[name, words[i]] = 1
}

# A unit test may include what its room may, and its room.
function row_of(folder) {
	if (folder ~ /^tests\/unit\//) {
		sub(/^tests\/unit\//, "userspace/", folder)
	}
	return folder
}

# What stands below a room, its files linked with it: a unit test may look there.
function reaches(row, folder,    words, count, i, name) {
	count = split(rows[row], words, " ")
	for (i = 1; i <= count; i++) {
		name = words[i]
		if (name ~ /\.h$/)
			name = folder_of(name)
		if (name == folder || (("userspace/" name) in rows && reaches("userspace/" name, folder)))
			return 1
	}
	return 0
}

FILENAME ~ /layers\.txt$/ {
	if ($0 !~ /^#/ && NF)
		split_row($0)
	next
}

FNR == 1 {
	here = folder_of(FILENAME)
	row = row_of(here)
	if (!(row in rows) && !(row in missing)) {
		missing[row] = 1
		printf "%s: folder is not in tests/lint/layers.txt\n", here
	}
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	target = $0
	sub(/^[^"]*"/, "", target)
	sub(/".*/, "", target)
	if (target !~ /\//)
		next # beside the file
	folder = folder_of(target)
	if (folder == here || folder == room_name(here) || folder == room_name(row))
		next
	if ((row, folder) in allowed || (row, target) in allowed)
		next
	if (here ~ /^tests\/unit\// && (folder ~ /^tests\/(unit\/|disk$)/ || reaches(row, folder)))
		next
	printf "%s:%d: %s may not include \"%s\"\n", FILENAME, FNR, room_name(here), target
}
