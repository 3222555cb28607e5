// SPDX-License-Identifier: GPL-2.0-only
/*
 * libbpf and the kernel below it: maps with descriptors, memory that both
 * sides see, one attached program. The room fastpath/ is the product's but for
 * what talks to the kernel's object files, pins and links, played here.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fastpath/program.h"
#include "tests/sim/check.h"
#include "tests/sim/node.h"
#include "tests/sim/wrap.h"

#define FD_MAPS 2000
#define FD_BANKS 3000 /* and a bank's number */
#define FD_MADE (FD_BANKS + XDHCP_BANKS) /* and which of those that were made */
#define DIRECTORY_BYTES (65536 * sizeof(struct xdhcp_directory))
#define TAILS_BYTES (XDHCP_TAILS * sizeof(struct xdhcp_tail))
#define BANK_BYTES (XDHCP_BANK_PAGES * sizeof(struct xdhcp_page))

static void *memory_take(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	return memory;
}

void kernel_make(struct kernel *kernel)
{
	kernel->memory.directory = memory_take(DIRECTORY_BYTES);
	kernel->memory.tails = memory_take(TAILS_BYTES);
	madvise(kernel->memory.directory, DIRECTORY_BYTES, MADV_HUGEPAGE);
	kernel->native.memory = &kernel->memory;
}

void kernel_clear(struct kernel *kernel)
{
	struct native_memory memory = kernel->memory;

	madvise(memory.directory, DIRECTORY_BYTES, MADV_DONTNEED);
	madvise(memory.tails, TAILS_BYTES, MADV_DONTNEED);
	for (size_t i = 0; i < XDHCP_BANKS; i++) {
		if (memory.banks[i])
			munmap(memory.banks[i], BANK_BYTES);
		memory.banks[i] = NULL;
	}
	memset(kernel, 0, sizeof(*kernel));
	kernel->memory = memory;
	kernel->native.memory = &kernel->memory;
}

const struct xdhcp_slot *kernel_slot(const struct kernel *kernel, uint32_t address)
{
	uint32_t number = kernel->memory.directory[address >> 16].page[(address >> 8) & 0xff];
	const struct xdhcp_page *bank = kernel->memory.banks[number / XDHCP_BANK_PAGES];

	return number && bank ? &bank[number % XDHCP_BANK_PAGES].slots[address & 0xff] : NULL;
}

static struct kernel *here(void)
{
	return &sim_here()->kernel;
}

/* One of the small hash maps as rows of key and value. */
struct rows {
	uint8_t *first;
	size_t row, key, value_at, value;
	size_t *count, most;
};

static struct rows rows_of(int map)
{
	struct native *native = &here()->native;

	switch (map - FD_MAPS) {
	case MAP_LINKS:
		return (struct rows){(uint8_t *)native->links,
				     sizeof(native->links[0]),
				     sizeof(struct xdhcp_link_key),
				     sizeof(struct xdhcp_link_key),
				     sizeof(struct xdhcp_link),
				     &native->link_count,
				     NATIVE_ENTRIES};
	case MAP_ADDRESSES:
		return (struct rows){(uint8_t *)native->addresses,
				     sizeof(native->addresses[0]),
				     4,
				     0,
				     0,
				     &native->address_count,
				     NATIVE_ENTRIES};
	case MAP_RELAYS:
		return (struct rows){(uint8_t *)native->relays,
				     sizeof(native->relays[0]),
				     4,
				     4,
				     4,
				     &native->relay_count,
				     NATIVE_ENTRIES};
	default:
		abort();
	}
}

static uint8_t *row_find(const struct rows *rows, const void *key)
{
	for (size_t i = 0; i < *rows->count; i++) {
		if (!memcmp(rows->first + i * rows->row, key, rows->key))
			return rows->first + i * rows->row;
	}
	return NULL;
}

static int failed(int code)
{
	errno = code;
	return -1;
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	struct kernel *kernel = here();
	uint32_t index;

	memcpy(&index, key, sizeof(index));
	switch (fd - FD_MAPS) {
	case MAP_CONTROL:
		memcpy(value, &kernel->native.control, sizeof(kernel->native.control));
		return 0;
	case MAP_COUNTERS:
		memcpy(value, &kernel->native.counters, sizeof(kernel->native.counters));
		return 0;
	case MAP_RELATIONS:
		memcpy(value, &kernel->native.relations[index], sizeof(struct xdhcp_relation));
		return 0;
	case MAP_BANKS:
		if (!kernel->memory.banks[index])
			return failed(ENOENT);
		memcpy(value, &index, sizeof(index)); /* its number is its identifier */
		return 0;
	default:
		abort();
	}
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	struct rows rows;
	uint8_t *row;

	if (fd == FD_MAPS + MAP_RELATIONS) {
		memcpy(&here()->native.relations[*(const uint32_t *)key], value,
		       sizeof(struct xdhcp_relation));
		return 0;
	}
	rows = rows_of(fd);
	row = row_find(&rows, key);
	if (row && flags == BPF_NOEXIST)
		return failed(EEXIST);
	if (!row && flags == BPF_EXIST)
		return failed(ENOENT);
	if (!row && *rows.count == rows.most)
		return failed(E2BIG);
	if (!row)
		row = rows.first + (*rows.count)++ * rows.row;
	memcpy(row, key, rows.key);
	memcpy(row + rows.value_at, value, rows.value);
	return 0;
}

int bpf_map_delete_elem(int fd, const void *key)
{
	struct rows rows = rows_of(fd);
	uint8_t *row = row_find(&rows, key), *last;

	if (!row)
		return failed(ENOENT);
	last = rows.first + --*rows.count * rows.row;
	memmove(row, row + rows.row, last - row);
	return 0;
}

int bpf_map_get_next_key(int fd, const void *key, void *next)
{
	struct rows rows = rows_of(fd);
	uint8_t *row = key ? row_find(&rows, key) : NULL;

	row = row ? row + rows.row : rows.first;
	if (row == rows.first + *rows.count * rows.row)
		return failed(ENOENT);
	memcpy(next, row, rows.key);
	return 0;
}

/* Banks: made first, given a number by the batch. */
int bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size,
		   __u32 most, const struct bpf_map_create_opts *options)
{
	struct kernel *kernel = here();

	(void)type, (void)name, (void)key_size, (void)value_size, (void)most, (void)options;
	if (kernel->made_count == KERNEL_BANKS_MADE)
		return failed(ENOMEM);
	kernel->made[kernel->made_count] = memory_take(BANK_BYTES);
	return FD_MADE + (int)kernel->made_count++;
}

int bpf_map_update_batch(int fd, const void *keys, const void *values, __u32 *count,
			 const struct bpf_map_batch_opts *options)
{
	const uint32_t *banks = keys;
	const int *fds = values;

	(void)fd, (void)options;
	for (__u32 i = 0; i < *count; i++)
		here()->memory.banks[banks[i]] = here()->made[fds[i] - FD_MADE];
	return 0;
}

int bpf_map_get_fd_by_id(__u32 id)
{
	return FD_BANKS + (int)id;
}

int bpf_obj_get(const char *path)
{
	const char *name = strrchr(path, '/');

	for (int i = 0; name && here()->pinned && i < MAP_MAX; i++) {
		if (!strcmp(name + 1, fastpath_map_name(i)))
			return FD_MAPS + i;
	}
	return failed(ENOENT);
}

int libbpf_num_possible_cpus(void)
{
	return 1;
}

int bpf_object__find_map_fd_by_name(const struct bpf_object *object, const char *name)
{
	(void)object;
	for (int i = 0; i < MAP_MAX; i++) {
		if (!strcmp(name, fastpath_map_name(i)))
			return FD_MAPS + i;
	}
	return -ENOENT;
}

void bpf_object__close(struct bpf_object *object)
{
	(void)object;
}

static void *memory_of(int fd)
{
	struct kernel *kernel = here();

	switch (fd) {
	case FD_MAPS + MAP_CONTROL:
		return &kernel->native.control;
	case FD_MAPS + MAP_RELATIONS:
		return kernel->native.relations;
	case FD_MAPS + MAP_DIRECTORY:
		return kernel->memory.directory;
	case FD_MAPS + MAP_TAILS:
		return kernel->memory.tails;
	}
	return fd >= FD_MADE ? kernel->made[fd - FD_MADE] : kernel->memory.banks[fd - FD_BANKS];
}

void *__wrap_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
	return fd < FD_MAPS ? __real_mmap(at, length, protection, flags, fd, offset)
			    : memory_of(fd);
}

/* The room unmaps nothing else; the kernel's memory stays. */
int __wrap_munmap(void *at, size_t length)
{
	return sim.here < 0 ? __real_munmap(at, length) : 0;
}

int __wrap_close(int fd)
{
	return fd >= SIM_FD_FIRST ? 0 : __real_close(fd);
}

unsigned __wrap_if_nametoindex(const char *name)
{
	return strcmp(name, SIM_INTERFACE) ? 0 : SIM_IFINDEX;
}

/* program.c: the object is what runs in native.c. */

int fastpath_program_open(const struct fastpath *fastpath, uint32_t bound_to,
			  struct bpf_object **ret_object, struct fastpath_error *ret_error)
{
	(void)fastpath, (void)bound_to, (void)ret_error;
	*ret_object = (struct bpf_object *)here();
	return 0;
}

bool fastpath_program_fits(const struct fastpath *fastpath, struct bpf_object *object)
{
	(void)fastpath, (void)object;
	return here()->pinned;
}

int fastpath_program_load(const struct fastpath *fastpath, struct bpf_object *object,
			  struct fastpath_error *ret_error)
{
	(void)fastpath, (void)object, (void)ret_error;
	here()->pinned = true;
	return 0;
}

/* pins.c: one instance, one ABI. */

const char *fastpath_map_name(enum fastpath_map map)
{
	static const char *const names[MAP_MAX] = {
		"control",   "relations", "links", "addresses", "relays",
		"directory", "banks",	  "tails", "counters",
	};

	return names[map];
}

int fastpath_pin_path(const char *directory, const char *prefix, const char *name,
		      char ret_path[PATH_MAX])
{
	return snprintf(ret_path, PATH_MAX, "%s/%s%s", directory, prefix, name) < PATH_MAX
		       ? 0
		       : -ENAMETOOLONG;
}

int fastpath_pins_prepare(const char *bpffs, const char *instance, char ret_directory[PATH_MAX],
			  struct fastpath_error *ret_error)
{
	(void)ret_error;
	return fastpath_pin_path(bpffs, "", instance, ret_directory);
}

int fastpath_pins_remove(const char *directory)
{
	(void)directory;
	kernel_clear(here());
	check_kernel_gone(sim_here());
	return MAP_MAX;
}

int fastpath_remove(const char *bpffs, const char *instance)
{
	(void)instance;
	return fastpath_pins_remove(bpffs);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	(void)path, (void)mode;
	return 0;
}

/* attach.c: one interface. */

int fastpath_attach(struct fastpath *fastpath, const char *interface, enum fastpath_mode wanted,
		    enum fastpath_mode *ret_mode, struct fastpath_error *ret_notice,
		    struct fastpath_error *ret_error)
{
	(void)fastpath, (void)interface, (void)ret_notice, (void)ret_error;
	here()->attached = true;
	*ret_mode = wanted;
	return 0;
}

int fastpath_detach(struct fastpath *fastpath, const char *interface)
{
	(void)fastpath, (void)interface;
	here()->attached = false;
	return 0;
}

bool fastpath_attached(const struct fastpath *fastpath, const char *interface)
{
	(void)fastpath, (void)interface;
	return here()->attached;
}

int fastpath_run(struct fastpath *fastpath, const char *interface, struct fastpath_run *run,
		 struct fastpath_error *ret_error)
{
	enum xdhcp_counter counter;
	struct native_frame frame;

	(void)fastpath, (void)interface, (void)ret_error;
	native_frame_set(&frame, run->frame, run->length);
	run->answered = node_program(sim_here(), &frame, &counter) == NATIVE_TX;
	memcpy(run->reply, frame.buffer + frame.at, frame.length);
	run->reply_length = frame.length;
	return 0;
}

int fastpath_interfaces_keep(struct fastpath *fastpath, const char *const *interfaces, size_t count)
{
	return fastpath_links_keep(fastpath, interfaces, count);
}
