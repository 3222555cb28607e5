// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/object.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, arguments) : 0;
}

static void path_beside(const char *name, char path[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - strlen(name) - 1);
	char *slash;

	path[length > 0 ? length : 0] = 0;
	slash = strrchr(path, '/');
	strcpy(slash ? slash + 1 : path, name);
}

struct bpf_object *object_open(const char *path, const char *name)
{
	char beside[PATH_MAX];
	struct bpf_object *object;

	path_beside(name, beside);
	if (!path)
		path = beside;
	libbpf_set_print(silent);
	object = bpf_object__open_file(path, NULL);
	if (!object)
		fprintf(stderr, "blast: %s: %s; `make blast` makes it\n", path, strerror(errno));
	return object;
}
