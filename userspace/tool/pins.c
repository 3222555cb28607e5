/* SPDX-License-Identifier: GPL-2.0-only */
#include "tool/pins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define LINK_PREFIX "link-"

/* INSTANCE-digits. */
static bool directory_is_of(const char *name, const char *instance)
{
	size_t length = strlen(instance);
	const char *abi = name + length + 1;

	return !strncmp(name, instance, length) && name[length] == '-' && *abi &&
	       strspn(abi, "0123456789") == strlen(abi);
}

/* Removes the entries that are links, or those that are not. Returns how many; *ret_code: the last failure. */
static size_t entries_remove(int directory, bool links, int *ret_code)
{
	int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry;
	size_t count = 0;

	if (!list) {
		*ret_code = -errno;
		if (again >= 0)
			close(again);
		return 0;
	}
	while ((entry = readdir(list))) {
		bool link = !strncmp(entry->d_name, LINK_PREFIX, strlen(LINK_PREFIX));

		if (entry->d_name[0] == '.' || link != links)
			continue;
		if (unlinkat(directory, entry->d_name, 0) < 0)
			*ret_code = -errno;
		else
			count++;
	}
	closedir(list);
	return count;
}

/* While a link is left, its program may answer: then its maps stay. */
static int directory_remove(int parent, const char *name, size_t *links, size_t *maps)
{
	int directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int code = 0;

	if (directory < 0)
		return -errno;
	*links += entries_remove(directory, true, &code);
	if (!code)
		*maps += entries_remove(directory, false, &code);
	close(directory);
	if (!code && unlinkat(parent, name, AT_REMOVEDIR) < 0)
		code = -errno;
	return code;
}

int tool_pins_remove(const char *bpffs, const char *instance, size_t *ret_links, size_t *ret_maps)
{
	int root = open(bpffs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int parent = root < 0 ? -1 : openat(root, "xdhcp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int why = parent < 0 ? -errno : 0, code = 0;
	DIR *list = parent < 0 ? NULL : fdopendir(parent);
	struct dirent *entry;

	*ret_links = *ret_maps = 0;
	while (list && (entry = readdir(list))) {
		int removed;

		if (!directory_is_of(entry->d_name, instance))
			continue;
		removed = directory_remove(parent, entry->d_name, ret_links, ret_maps);
		code = removed < 0 ? removed : code;
	}
	if (list)
		closedir(list);
	/* Stays where other instances are in it. */
	if (root >= 0) {
		unlinkat(root, "xdhcp", AT_REMOVEDIR);
		close(root);
	}
	if (why == -ENOENT && root >= 0)
		return 0;
	return why ? why : code;
}
