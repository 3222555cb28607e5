// SPDX-License-Identifier: GPL-2.0-only
#include "tests/bpf/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

struct kernel {
	struct bpf_object *object;
	int program;
	int bank;
	int processors;
};

static int map_fd(const struct kernel *kernel, const char *name)
{
	int fd = bpf_object__find_map_fd_by_name(kernel->object, name);

	assert_true(fd >= 0);
	return fd;
}

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

static int bank_make(struct kernel *kernel)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	uint32_t zero = 0;

	kernel->bank = bpf_map_create(BPF_MAP_TYPE_ARRAY, "bank", sizeof(zero),
				      sizeof(struct xdhcp_page), XDHCP_BANK_PAGES, &options);
	if (kernel->bank < 0)
		return kernel->bank;
	return bpf_map_update_elem(map_fd(kernel, "banks"), &zero, &kernel->bank, BPF_ANY);
}

struct kernel *kernel_open(const char *object, char *ret_reason, size_t size)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int code;

	libbpf_set_print(silent);
	kernel->processors = libbpf_num_possible_cpus();
	kernel->object = bpf_object__open_file(object, NULL);
	code = kernel->object ? bpf_object__load(kernel->object) : -1;
	if (!code)
		code = bank_make(kernel);
	if (code) {
		snprintf(ret_reason, size, "%s does not load: %s", object, strerror(-code));
		kernel_close(kernel);
		return NULL;
	}
	kernel->program =
		bpf_program__fd(bpf_object__find_program_by_name(kernel->object, "xdhcp"));
	return kernel;
}

void kernel_close(struct kernel *kernel)
{
	if (kernel->object)
		bpf_object__close(kernel->object);
	free(kernel);
}

uint64_t kernel_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

/* A hash map that holds these entries alone. */
static void hash_fill(int fd, const void *keys, const void *values, size_t key_size,
		      size_t key_stride, size_t value_stride, size_t count)
{
	uint8_t key[16], next[16];

	memset(key, 0, sizeof(key));
	while (!bpf_map_get_next_key(fd, NULL, next)) {
		memcpy(key, next, key_size);
		assert_int_equal(bpf_map_delete_elem(fd, key), 0);
	}
	for (size_t i = 0; i < count; i++)
		assert_int_equal(bpf_map_update_elem(fd, (const uint8_t *)keys + i * key_stride,
						     (const uint8_t *)values + i * value_stride,
						     BPF_ANY),
				 0);
}

static void array_set(int fd, uint32_t index, const void *value)
{
	assert_int_equal(bpf_map_update_elem(fd, &index, value, BPF_ANY), 0);
}

void kernel_fill(struct kernel *kernel, const struct native *native)
{
	array_set(map_fd(kernel, "control"), 0, &native->control);
	for (uint32_t i = 0; i < 4; i++)
		array_set(map_fd(kernel, "relations"), i, &native->relations[i]);
	hash_fill(map_fd(kernel, "links"), &native->links[0].key, &native->links[0].link,
		  sizeof(native->links[0].key), sizeof(native->links[0]), sizeof(native->links[0]),
		  native->link_count);
	hash_fill(map_fd(kernel, "addresses"), native->addresses, native->addresses, 4, 4, 4,
		  native->address_count);
	hash_fill(map_fd(kernel, "relays"), &native->relays[0].giaddr, &native->relays[0].network,
		  4, sizeof(native->relays[0]), sizeof(native->relays[0]), native->relay_count);
	for (uint32_t i = 0; i < 4; i++)
		array_set(map_fd(kernel, "tails"), i, &native->tails[i]);
	for (uint32_t i = 0; i < native->directory_count; i++)
		array_set(map_fd(kernel, "directory"), native->directory_upper[i],
			  &native->directory[i]);
	for (uint32_t i = 0; i <= NATIVE_PAGES; i++)
		array_set(kernel->bank, i, &native->pages[i]);
}

static void counters_read(const struct kernel *kernel, struct xdhcp_counters *ret_sum)
{
	struct xdhcp_counters *each = calloc(kernel->processors, sizeof(*each));
	uint32_t zero = 0;

	assert_int_equal(bpf_map_lookup_elem(map_fd(kernel, "counters"), &zero, each), 0);
	memset(ret_sum, 0, sizeof(*ret_sum));
	for (int i = 0; i < kernel->processors; i++) {
		for (int j = 0; j < XDHCP_COUNTER_MAX; j++)
			ret_sum->count[j] += each[i].count[j];
	}
	free(each);
}

int kernel_run(struct kernel *kernel, struct native_frame *frame, uint32_t ifindex,
	       enum xdhcp_counter *ret_counter)
{
	struct xdp_md_in {
		__u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
	} context = {.data_end = frame->length, .ingress_ifindex = ifindex};
	uint8_t out[4096];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->buffer + frame->at,
		    .data_size_in = frame->length, .data_out = out, .data_size_out = sizeof(out),
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = 1);
	struct xdhcp_counters before, after;

	counters_read(kernel, &before);
	assert_int_equal(bpf_prog_test_run_opts(kernel->program, &options), 0);
	counters_read(kernel, &after);
	native_frame_set(frame, out, options.data_size_out);
	*ret_counter = XDHCP_COUNTER_MAX;
	for (int i = 0; i < XDHCP_COUNTER_MAX; i++) {
		if (after.count[i] != before.count[i] && i != XDHCP_COUNT_GREW_HEAD &&
		    i != XDHCP_COUNT_SHORTENED)
			*ret_counter = i;
	}
	return options.retval;
}

void kernel_slot(struct kernel *kernel, const struct native *native, uint32_t address,
		 struct xdhcp_slot *ret_slot, int *ret_dirty)
{
	struct xdhcp_page *page = calloc(1, sizeof(*page));
	uint32_t number = 0, index = address & 0xff;

	for (size_t i = 0; i < native->directory_count; i++) {
		if (native->directory_upper[i] == address >> 16)
			number = native->directory[i].page[(address >> 8) & 0xff];
	}
	assert_int_equal(bpf_map_lookup_elem(kernel->bank, &number, page), 0);
	*ret_slot = page->slots[index];
	*ret_dirty = (page->dirty[index / 64] >> (index % 64)) & 1;
	free(page);
}
