// SPDX-License-Identifier: GPL-2.0-only
#include "fastpath/program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_BYTES (16 << 20) /* older kernels fail where the log does not fit */

#ifndef BPF_F_XDP_DEV_BOUND_ONLY
#define BPF_F_XDP_DEV_BOUND_ONLY (1U << 6)
#endif

static const char *program_name(uint32_t bound_to)
{
	return bound_to ? "xdhcp_bound" : "xdhcp";
}

/* Exactly one program is loaded: the object remembers which by its autoload flag. */
static struct bpf_program *program_chosen(struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		if (bpf_program__autoload(program))
			return program;
	}
	return NULL;
}

static int program_choose(struct bpf_object *object, uint32_t bound_to)
{
	struct bpf_program *program, *chosen = NULL;

	bpf_object__for_each_program(program, object)
	{
		bool wanted = !strcmp(bpf_program__name(program), program_name(bound_to));

		bpf_program__set_autoload(program, wanted);
		if (wanted)
			chosen = program;
	}
	if (!chosen)
		return -ENOENT;
	if (bound_to) {
		bpf_program__set_ifindex(chosen, bound_to);
		bpf_program__set_flags(chosen, BPF_F_XDP_DEV_BOUND_ONLY);
	}
	return 0;
}

static int maps_tie(const struct fastpath *fastpath, struct bpf_object *object)
{
	char path[PATH_MAX];
	struct bpf_map *map;
	int code;

	for (int i = 0; i < MAP_MAX; i++) {
		map = bpf_object__find_map_by_name(object, fastpath_map_name(i));
		if (!map)
			return -ENOENT;
		code = fastpath_pin_path(fastpath->directory, "", fastpath_map_name(i), path);
		if (!code)
			code = bpf_map__set_pin_path(map, path);
		if (code)
			return code;
	}
	return 0;
}

int fastpath_program_open(const struct fastpath *fastpath, uint32_t bound_to,
			  struct bpf_object **ret_object, struct fastpath_error *ret_error)
{
	struct bpf_object *object;
	int code;

	libbpf_set_print(NULL);
	object = bpf_object__open_file(fastpath->object_path, NULL);
	if (!object) {
		return fastpath_fail(ret_error, -errno, "%s: cannot read the program: %s",
				     fastpath->object_path, strerror(errno));
	}
	code = program_choose(object, bound_to);
	if (!code)
		code = maps_tie(fastpath, object);
	if (code) {
		bpf_object__close(object);
		return fastpath_fail(ret_error, code,
				     "%s: lacks the program or a map of this version: install both "
				     "from one build",
				     fastpath->object_path);
	}
	*ret_object = object;
	return 0;
}

static bool map_fits(const struct bpf_map *map)
{
	struct bpf_map_info info = {0};
	__u32 length = sizeof(info);
	int fd = bpf_obj_get(bpf_map__pin_path(map));
	bool fits;

	if (fd < 0)
		return false;
	fits = !bpf_obj_get_info_by_fd(fd, &info, &length) && info.type == bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) &&
	       info.max_entries == bpf_map__max_entries(map) &&
	       info.map_flags == bpf_map__map_flags(map);
	close(fd);
	return fits;
}

bool fastpath_program_fits(const struct fastpath *fastpath, struct bpf_object *object)
{
	(void)fastpath;
	for (int i = 0; i < MAP_MAX; i++) {
		if (!map_fits(bpf_object__find_map_by_name(object, fastpath_map_name(i))))
			return false;
	}
	return true;
}

int fastpath_program_load(const struct fastpath *fastpath, struct bpf_object *object,
			  struct fastpath_error *ret_error)
{
	struct bpf_program *program = program_chosen(object);
	char *log = calloc(1, LOG_BYTES);
	int code;

	if (log)
		bpf_program__set_log_buf(program, log, LOG_BYTES);
	code = bpf_object__load(object);
	if (code)
		fastpath_fail_load(ret_error, code, fastpath->object_path, log);
	free(log);
	return code;
}

int fastpath_program_fd(struct bpf_object *object)
{
	return bpf_program__fd(program_chosen(object));
}
