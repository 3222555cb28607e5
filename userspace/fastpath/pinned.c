// SPDX-License-Identifier: GPL-2.0-only
#include "fastpath/pinned.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fastpath/state.h"

#define NEVER (-1.0)

/* One look at an instance; `linger` NEVER: changes nothing. */
struct look {
	double linger;
	struct fastpath_pinned found;
};

/* The gates alone: of another ABI's control record the rest may be of another shape. */
static int control_map(const char *path, bool write, struct xdhcp_control **ret_control)
{
	int fd = bpf_obj_get(path);
	void *memory;

	if (fd < 0)
		return -errno;
	memory = mmap(NULL, sizeof(**ret_control), write ? PROT_READ | PROT_WRITE : PROT_READ,
		      MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		return -errno;
	*ret_control = memory;
	return 0;
}

static bool link_attached(const char *path)
{
	struct bpf_link_info info = {0};
	__u32 length = sizeof(info);
	int link = bpf_obj_get(path);
	bool attached;

	if (link < 0)
		return errno != ENOENT; /* not to be known: it may well be */
	attached = bpf_obj_get_info_by_fd(link, &info, &length) ||
		   (info.type == BPF_LINK_TYPE_XDP && info.xdp.ifindex);
	close(link);
	return attached;
}

static int links_count(const char *directory, size_t *ret_count)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;
	char path[PATH_MAX];

	*ret_count = 0;
	if (!entries)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(entries))) {
		if (!strncmp(entry->d_name, FASTPATH_LINK, strlen(FASTPATH_LINK)) &&
		    !fastpath_pin_path(directory, "", entry->d_name, path) && link_attached(path))
			++*ret_count;
	}
	closedir(entries);
	return 0;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

/* Before the links are looked at: a daemon that ends removes them first. */
static int gates_look(const char *directory, struct look *look)
{
	bool write = look->linger >= 0;
	struct xdhcp_control *control = NULL;
	char path[PATH_MAX];
	int code = fastpath_pin_path(directory, "", fastpath_map_name(MAP_CONTROL), path);

	if (!code)
		code = control_map(path, write, &control);
	if (code)
		return code;
	if (write)
		fastpath_gates_lower(control, look->linger);
	look->found.renew = larger(look->found.renew, fastpath_gate_left(&control->renew_until));
	look->found.decide = larger(look->found.decide, fastpath_gate_left(&control->decide_until));
	munmap(control, sizeof(*control));
	return 0;
}

/* A program without a control record that we can find: by what gate, nobody knows. */
static int directory_look(void *context, const char *directory)
{
	struct look *look = context;
	size_t links;
	int code = gates_look(directory, look), counted = links_count(directory, &links);

	look->found.there = true;
	look->found.links += links;
	if (counted)
		return counted;
	return code == -ENOENT && !links ? 0 : code;
}

int fastpath_pinned_read(const char *bpffs, const char *instance,
			 struct fastpath_pinned *ret_pinned)
{
	struct look look = {.linger = NEVER};
	int code = fastpath_pins_each(bpffs, instance, directory_look, &look);

	if (!code)
		*ret_pinned = look.found;
	return code;
}

int fastpath_pinned_linger(const char *bpffs, const char *instance, double seconds,
			   struct fastpath_pinned *ret_pinned)
{
	struct look look = {.linger = seconds};
	int code = fastpath_pins_each(bpffs, instance, directory_look, &look);

	if (!code)
		code = fastpath_grace();
	if (!code)
		*ret_pinned = look.found;
	return code;
}
