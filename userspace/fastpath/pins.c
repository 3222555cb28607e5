// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BPF file system: BPFFS/xdhcp/INSTANCE-ABI/ holds one pin for each map,
 * and link-INTERFACE for each link. What goes away goes links first, so that
 * no program is left that answers from maps that nobody can reach.
 */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fastpath/pinned.h"
#include "fastpath/state.h"

#define BPFFS_DEFAULT "/sys/fs/bpf"

static const char *const map_names[MAP_MAX] = {
	[MAP_CONTROL] = "control",     [MAP_RELATIONS] = "relations", [MAP_LINKS] = "links",
	[MAP_ADDRESSES] = "addresses", [MAP_RELAYS] = "relays",	      [MAP_DIRECTORY] = "directory",
	[MAP_BANKS] = "banks",	       [MAP_TAILS] = "tails",	      [MAP_COUNTERS] = "counters",
};

const char *fastpath_map_name(enum fastpath_map map)
{
	return map_names[map];
}

/* DIRECTORY/PREFIX NAME. A BPF file system takes no dots, an interface name has no colons. */
int fastpath_pin_path(const char *directory, const char *prefix, const char *name,
		      char ret_path[PATH_MAX])
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/%s%s", directory, prefix, name);

	if (length < 0 || length >= (int)sizeof(path))
		return -ENAMETOOLONG;
	for (char *c = path + strlen(directory); *c; c++) {
		if (*c == '.')
			*c = ':';
	}
	memcpy(ret_path, path, length + 1);
	return 0;
}

/* A link is taken off its interface first: when a pin goes, the kernel does that some time later. */
int fastpath_pin_remove(const char *path)
{
	int link = strstr(path, "/" FASTPATH_LINK) ? bpf_obj_get(path) : -1;

	if (link >= 0) {
		bpf_link_detach(link);
		close(link);
	}
	return unlink(path) ? -errno : 0;
}

static bool bpffs_mounted(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

static int bpffs_check(const char *bpffs, struct fastpath_error *ret_error)
{
	int code;

	if (bpffs_mounted(bpffs))
		return 0;
	code = access(bpffs, F_OK) ? -errno : -ENODEV;
	if (!strcmp(bpffs, BPFFS_DEFAULT) && code == -ENODEV) {
		if (!mount("bpf", bpffs, "bpf", 0, "mode=0700") && bpffs_mounted(bpffs))
			return 0;
		code = errno ? -errno : code;
	}
	return fastpath_fail(
		ret_error, code,
		"%s is not a BPF file system (%s): `mount -t bpf bpf %s` makes it one, "
		"--bpffs DIR names another",
		bpffs, strerror(-code), bpffs);
}

/* INSTANCE-digits: with `abi` 0 of any ABI. */
static bool directory_is_of(const char *name, const char *instance, unsigned abi)
{
	size_t length = strlen(instance);
	char wanted[FASTPATH_INSTANCE_MOST + 16];

	if (strncmp(name, instance, length) || name[length] != '-' || !name[length + 1])
		return false;
	if (strspn(name + length + 1, "0123456789") != strlen(name + length + 1))
		return false;
	snprintf(wanted, sizeof(wanted), "%s-%u", instance, abi);
	return !abi || !strcmp(name, wanted);
}

bool fastpath_instance_valid(const char *instance)
{
	size_t good = strspn(instance, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_");

	return good && !instance[good] && good <= FASTPATH_INSTANCE_MOST;
}

/* Unlinks what begins with `prefix`; returns how many, or a negative errno. */
static int directory_clear(const char *directory, const char *prefix)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;
	char path[PATH_MAX];
	int count = 0, code = 0;

	if (!entries)
		return -errno;
	while ((entry = readdir(entries))) {
		if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)))
			continue;
		if (fastpath_pin_path(directory, "", entry->d_name, path))
			continue;
		if (fastpath_pin_remove(path))
			code = -EIO;
		else
			count++;
	}
	closedir(entries);
	return code ? code : count;
}

int fastpath_pins_remove(const char *directory)
{
	int links = directory_clear(directory, FASTPATH_LINK);
	int rest;

	if (links < 0)
		return links;
	rest = directory_clear(directory, "");
	if (rest < 0)
		return rest;
	return rmdir(directory) ? -errno : links + rest;
}

/* Visits the directories that an instance has there, but for that of one ABI (0: all). */
static int directories_each(const char *parent, const char *instance, unsigned kept_abi,
			    int (*visit)(void *context, const char *directory), void *context)
{
	DIR *entries = opendir(parent);
	struct dirent *entry;
	char path[PATH_MAX];
	int code = 0;

	if (!entries)
		return errno == ENOENT ? 0 : -errno;
	while (!code && (entry = readdir(entries))) {
		if (directory_is_of(entry->d_name, instance, 0) &&
		    !(kept_abi && directory_is_of(entry->d_name, instance, kept_abi)) &&
		    !fastpath_pin_path(parent, "", entry->d_name, path))
			code = visit(context, path);
	}
	closedir(entries);
	return code;
}

struct removal {
	int count, code;
};

/* One that cannot be removed keeps none of the others. */
static int directory_remove(void *context, const char *directory)
{
	struct removal *removal = context;
	int removed = fastpath_pins_remove(directory);

	if (removed < 0)
		removal->code = removed;
	else
		removal->count += removed;
	return 0;
}

static int instance_remove(const char *parent, const char *instance, unsigned kept_abi)
{
	struct removal removal = {0};
	int code = directories_each(parent, instance, kept_abi, directory_remove, &removal);

	if (code)
		return code;
	return removal.code ? removal.code : removal.count;
}

int fastpath_pins_prepare(const char *bpffs, const char *instance, char ret_directory[PATH_MAX],
			  struct fastpath_error *ret_error)
{
	char parent[PATH_MAX - FASTPATH_INSTANCE_MOST - 16], directory[PATH_MAX];
	int code;

	if (!fastpath_instance_valid(instance))
		return fastpath_fail(ret_error, -EINVAL,
				     "instance \"%s\": up to %d letters, digits and underscores",
				     instance, FASTPATH_INSTANCE_MOST);
	code = bpffs_check(bpffs, ret_error);
	if (code)
		return code;
	if (snprintf(parent, sizeof(parent), "%s/xdhcp", bpffs) >= (int)sizeof(parent))
		return fastpath_fail(ret_error, -ENAMETOOLONG, "%s: path too long", bpffs);
	snprintf(directory, sizeof(directory), "%s/%s-%u", parent, instance, XDHCP_ABI);
	if ((mkdir(parent, 0700) && errno != EEXIST) || (mkdir(directory, 0700) && errno != EEXIST))
		return fastpath_fail(ret_error, -errno, "cannot make %s: %m", directory);
	code = instance_remove(parent, instance, XDHCP_ABI);
	if (code < 0) {
		return fastpath_fail(ret_error, code,
				     "cannot remove what another version left in %s: %s", parent,
				     strerror(-code));
	}
	memcpy(ret_directory, directory, sizeof(directory));
	return 0;
}

static int parent_path(const char *bpffs, const char *instance, char ret_parent[PATH_MAX])
{
	if (!fastpath_instance_valid(instance))
		return -EINVAL;
	return snprintf(ret_parent, PATH_MAX, "%s/xdhcp", bpffs) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int fastpath_pins_each(const char *bpffs, const char *instance,
		       int (*visit)(void *context, const char *directory), void *context)
{
	char parent[PATH_MAX];
	int code = parent_path(bpffs, instance, parent);

	return code ? code : directories_each(parent, instance, 0, visit, context);
}

int fastpath_remove(const char *bpffs, const char *instance)
{
	char parent[PATH_MAX];
	int count = parent_path(bpffs, instance, parent);

	if (count)
		return count;
	count = instance_remove(parent, instance, 0);
	rmdir(parent); /* stays where others are in it */
	return count;
}
