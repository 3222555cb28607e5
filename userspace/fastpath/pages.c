// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address → page → slot. The directory gives each /24 the number of its page;
 * pages lie in banks, each an array of its own that both sides map, so that
 * the maps grow while the program runs. Numbers are given out in ascending
 * order and stay; 0 is no page.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fastpath/state.h"

#define PAGES_MOST (XDHCP_BANKS * XDHCP_BANK_PAGES) /* number 0 among them */
#define BANK_BYTES (XDHCP_BANK_PAGES * sizeof(struct xdhcp_page))

struct xdhcp_page *fastpath_page(const struct fastpath *fastpath, uint32_t number)
{
	struct xdhcp_page *bank = fastpath->banks[number / XDHCP_BANK_PAGES];

	return number && bank ? bank + number % XDHCP_BANK_PAGES : NULL;
}

static uint16_t *directory_entry(const struct fastpath *fastpath, uint32_t address)
{
	return &fastpath->pages_of[address >> 16].page[(address >> 8) & 0xff];
}

struct xdhcp_slot *fastpath_slot(const struct fastpath *fastpath, uint32_t address)
{
	struct xdhcp_page *page = fastpath_page(fastpath, *directory_entry(fastpath, address));

	return page ? &page->slots[address & 0xff] : NULL;
}

static int bank_enter(struct fastpath *fastpath, uint32_t bank, int fd)
{
	void *memory =
		mmap(NULL, BANK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	fastpath->banks[bank] = memory;
	return 0;
}

static int bank_create(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);

	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "bank", sizeof(uint32_t),
			      sizeof(struct xdhcp_page), XDHCP_BANK_PAGES, &options);
}

/*
 * The kernel waits for a grace period at each change of an array of maps, so
 * banks are made several at a time, the more of them there are already.
 */
#define BANKS_AT_ONCE 64

static int banks_grow(struct fastpath *fastpath, uint32_t first)
{
	uint32_t keys[BANKS_AT_ONCE], wanted = 1 + first / 4, count = 0, done;
	int fds[BANKS_AT_ONCE], code = 0;

	if (wanted > BANKS_AT_ONCE)
		wanted = BANKS_AT_ONCE;
	while (count < wanted && first + count < XDHCP_BANKS && !fastpath->banks[first + count]) {
		keys[count] = first + count;
		fds[count] = bank_create();
		if (fds[count] < 0)
			break;
		count++;
	}
	if (!count)
		return -ENOSPC;
	done = count;
	if (bpf_map_update_batch(fastpath->maps[MAP_BANKS], keys, fds, &done, NULL))
		code = -errno;
	for (uint32_t i = 0; i < count; i++) {
		if (!code)
			code = bank_enter(fastpath, keys[i], fds[i]);
		close(fds[i]);
	}
	return code;
}

int fastpath_slot_ensure(struct fastpath *fastpath, uint32_t address)
{
	uint16_t *entry = directory_entry(fastpath, address);
	uint32_t number = fastpath->pages + 1;

	if (*entry)
		return 0;
	if (number >= PAGES_MOST)
		return -ENOSPC;
	if (!fastpath->banks[number / XDHCP_BANK_PAGES] &&
	    banks_grow(fastpath, number / XDHCP_BANK_PAGES))
		return -ENOSPC;
	fastpath->prefixes[number] = address >> 8;
	fastpath->pages = number;
	__atomic_store_n(entry, number, __ATOMIC_RELEASE);
	return 0;
}

static int bank_adopt(struct fastpath *fastpath, uint32_t bank)
{
	uint32_t id;
	int fd, code;

	if (bpf_map_lookup_elem(fastpath->maps[MAP_BANKS], &bank, &id))
		return errno == ENOENT ? 0 : -errno;
	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return -errno;
	code = bank_enter(fastpath, bank, fd);
	close(fd);
	return code;
}

/* Few of the 65,536 have a page: the others are passed over as a whole. */
static void directory_adopt(struct fastpath *fastpath, uint32_t upper)
{
	static const struct xdhcp_directory none;

	if (!memcmp(&fastpath->pages_of[upper], &none, sizeof(none)))
		return;
	for (uint32_t octet = 0; octet < 256; octet++) {
		uint16_t number = fastpath->pages_of[upper].page[octet];

		if (!number)
			continue;
		fastpath->prefixes[number] = upper << 8 | octet;
		if (number > fastpath->pages)
			fastpath->pages = number;
	}
}

int fastpath_pages_open(struct fastpath *fastpath)
{
	fastpath->prefixes = calloc(PAGES_MOST, sizeof(*fastpath->prefixes));
	return fastpath->prefixes ? 0 : -ENOMEM;
}

int fastpath_pages_adopt(struct fastpath *fastpath)
{
	int code;

	for (uint32_t bank = 0; bank < XDHCP_BANKS; bank++) {
		code = bank_adopt(fastpath, bank);
		if (code)
			return code;
	}
	for (uint32_t upper = 0; upper < 65536; upper++)
		directory_adopt(fastpath, upper);
	return 0;
}

void fastpath_pages_close(struct fastpath *fastpath)
{
	for (uint32_t bank = 0; bank < XDHCP_BANKS; bank++) {
		if (fastpath->banks[bank])
			munmap(fastpath->banks[bank], BANK_BYTES);
	}
	free(fastpath->prefixes);
}
