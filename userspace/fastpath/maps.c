// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of the maps: created or adopted, mapped into memory, given an identity.
 * control.abi is written last, so that maps of a start that did not get so
 * far are known by it, and removed.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fastpath/program.h"

/* Do the pinned maps belong to this store, and did their start come to its end? */
static bool pins_are_ours(const struct fastpath *fastpath, struct bpf_object *object,
			  const uint8_t store[16])
{
	struct xdhcp_control control;
	char path[PATH_MAX];
	uint32_t zero = 0;
	bool ours = false;
	int fd;

	if (!fastpath_program_fits(fastpath, object) ||
	    fastpath_pin_path(fastpath->directory, "", fastpath_map_name(MAP_CONTROL), path))
		return false;
	fd = bpf_obj_get(path);
	if (fd < 0)
		return false;
	if (!bpf_map_lookup_elem(fd, &zero, &control))
		ours = control.abi == XDHCP_ABI && !memcmp(control.store, store, 16);
	close(fd);
	return ours;
}

static int pins_clear(const struct fastpath *fastpath, struct fastpath_error *ret_error)
{
	int code = fastpath_pins_remove(fastpath->directory);

	if (code >= 0 && !mkdir(fastpath->directory, 0700))
		return 0;
	code = code < 0 ? code : -errno;
	return fastpath_fail(ret_error, code, "cannot remove the maps of another store in %s: %s",
			     fastpath->directory, strerror(-code));
}

/* NULL on failure. */
static int map_memory(int fd, size_t bytes, int flags, void **ret_memory)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);
	int code = memory == MAP_FAILED ? -errno : 0;

	*ret_memory = code ? NULL : memory;
	return code;
}

static int maps_enter(struct fastpath *fastpath, struct fastpath_error *ret_error)
{
	void *control = NULL, *relations = NULL, *directory = NULL, *tails = NULL;
	int code;

	for (int i = 0; i < MAP_MAX; i++)
		fastpath->maps[i] =
			bpf_object__find_map_fd_by_name(fastpath->object, fastpath_map_name(i));
	code = map_memory(fastpath->maps[MAP_CONTROL], sizeof(*fastpath->control), MAP_POPULATE,
			  &control);
	if (!code)
		code = map_memory(fastpath->maps[MAP_RELATIONS], XDHCP_RELATIONS_BYTES,
				  MAP_POPULATE, &relations);
	if (!code)
		code = map_memory(fastpath->maps[MAP_DIRECTORY], XDHCP_DIRECTORY_BYTES, 0,
				  &directory);
	if (!code)
		code = map_memory(fastpath->maps[MAP_TAILS], XDHCP_TAILS * sizeof(*fastpath->tails),
				  MAP_POPULATE, &tails);
	fastpath->control = control;
	fastpath->relations = relations;
	fastpath->pages_of = directory;
	fastpath->tails = tails;
	if (code)
		fastpath_fail(ret_error, code, "cannot map the program's maps into memory: %s",
			      strerror(-code));
	return code;
}

/* New maps: the ABI number goes in when all else is said. */
static int control_fill(struct fastpath *fastpath, const struct fastpath_options *options)
{
	struct xdhcp_control *control = fastpath->control;

	if (getrandom(&control->seed, sizeof(control->seed), 0) != sizeof(control->seed))
		return -EIO;
	memcpy(control->store, options->store, sizeof(control->store));
	memcpy(control->digest, options->digest, sizeof(control->digest));
	memcpy(control->roles, options->roles, sizeof(control->roles));
	control->reference = fastpath->wall_offset;
	__atomic_store_n(&control->abi, XDHCP_ABI, __ATOMIC_RELEASE);
	return 0;
}

/*
 * Roles are part of every signature, so the tails go first, and no program
 * run that began before may be left when the first is stamped anew.
 */
int fastpath_configure(struct fastpath *fastpath, const uint8_t digest[32],
		       const uint8_t roles[256], bool *ret_same)
{
	struct xdhcp_control *control = fastpath->control;
	bool same = !memcmp(control->digest, digest, sizeof(control->digest)) &&
		    !memcmp(control->roles, roles, sizeof(control->roles));
	int code = 0;

	if (!same) {
		fastpath_tails_forget(fastpath);
		memcpy(control->roles, roles, sizeof(control->roles));
		code = fastpath_grace();
		memcpy(control->digest, digest, sizeof(control->digest));
	}
	if (!code)
		*ret_same = same;
	return code;
}

/* What an earlier daemon left: its pages, its tails, its configuration. */
static int maps_take_over(struct fastpath *fastpath, const struct fastpath_options *options,
			  bool *ret_same_digest)
{
	int code = fastpath_pages_adopt(fastpath);

	if (!code)
		code = fastpath_tails_open(fastpath);
	if (!code)
		code = fastpath_relays_count(fastpath);
	if (!code)
		code = fastpath_grace();
	if (!code)
		code = fastpath_configure(fastpath, options->digest, options->roles,
					  ret_same_digest);
	if (!code && !*ret_same_digest)
		fastpath_relays_forget(fastpath); /* networks are numbered by the configuration */
	return code;
}

static int maps_begin(struct fastpath *fastpath, const struct fastpath_options *options)
{
	int code = control_fill(fastpath, options);

	return code ? code : fastpath_tails_open(fastpath);
}

static int fastpath_start(struct fastpath *fastpath, const struct fastpath_options *options,
			  bool *ret_adopted, bool *ret_same_digest,
			  struct fastpath_error *ret_error)
{
	bool adopted, same = true;
	int code;

	code = fastpath_pins_prepare(options->bpffs, options->instance, fastpath->directory,
				     ret_error);
	if (code)
		return code;
	code = fastpath_program_open(fastpath, 0, &fastpath->object, ret_error);
	if (code)
		return code;
	adopted = pins_are_ours(fastpath, fastpath->object, options->store);
	if (!adopted)
		code = pins_clear(fastpath, ret_error);
	if (!code)
		code = fastpath_program_load(fastpath, fastpath->object, ret_error);
	if (!code)
		code = maps_enter(fastpath, ret_error);
	if (code)
		return code;
	code = fastpath_pages_open(fastpath);
	fastpath->wall_offset = fastpath_clock_offset();
	if (!code)
		code = adopted ? maps_take_over(fastpath, options, &same)
			       : maps_begin(fastpath, options);
	if (code) {
		return fastpath_fail(ret_error, code, "%s: cannot %s: %s", fastpath->directory,
				     adopted ? "go on with the maps" : "fill the maps",
				     strerror(-code));
	}
	*ret_adopted = adopted;
	*ret_same_digest = same;
	return 0;
}

int fastpath_open(const struct fastpath_options *options, struct fastpath **ret_fastpath,
		  bool *ret_adopted, bool *ret_same_digest, struct fastpath_error *ret_error)
{
	struct fastpath *fastpath = calloc(1, sizeof(*fastpath));
	int code;

	if (!fastpath)
		return fastpath_fail(ret_error, -ENOMEM, "no memory");
	if (strlen(options->object) >= sizeof(fastpath->object_path)) {
		free(fastpath);
		return fastpath_fail(ret_error, -ENAMETOOLONG, "%s: path too long",
				     options->object);
	}
	strcpy(fastpath->object_path, options->object);
	code = fastpath_start(fastpath, options, ret_adopted, ret_same_digest, ret_error);
	if (code) {
		fastpath_close(fastpath);
		return code;
	}
	*ret_fastpath = fastpath;
	return 0;
}

void fastpath_close(struct fastpath *fastpath)
{
	if (!fastpath)
		return;
	fastpath_tails_close(fastpath);
	fastpath_pages_close(fastpath);
	if (fastpath->control)
		munmap(fastpath->control, sizeof(*fastpath->control));
	if (fastpath->relations)
		munmap(fastpath->relations, XDHCP_RELATIONS_BYTES);
	if (fastpath->pages_of)
		munmap(fastpath->pages_of, XDHCP_DIRECTORY_BYTES);
	if (fastpath->tails)
		munmap(fastpath->tails, XDHCP_TAILS * sizeof(*fastpath->tails));
	if (fastpath->object)
		bpf_object__close(fastpath->object);
	free(fastpath->attached);
	free(fastpath);
}
