// SPDX-License-Identifier: GPL-2.0-only
/*
 * slot: spoils what the kernel knows of one address, in pinned maps, as a
 * fault of memory or a program gone wrong would.
 *
 *   slot DIR ADDRESS key|lease|tail|held|options
 *
 * DIR holds the pins of one instance. Each flips a bit: the same once more and it
 * is as before.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xdp/shared/abi.h"

static int pin_open(const char *directory, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = bpf_obj_get(path);
	if (fd < 0) {
		perror(path);
		exit(2);
	}
	return fd;
}

static void look(int map, uint32_t index, void *value)
{
	if (bpf_map_lookup_elem(map, &index, value)) {
		perror("slot: no such entry");
		exit(2);
	}
}

static void put(int map, uint32_t index, const void *value)
{
	if (bpf_map_update_elem(map, &index, value, BPF_ANY)) {
		perror("slot: cannot be written");
		exit(2);
	}
}

/* The map that a page is in; *page_index: where. */
static int page_find(const char *directory, uint32_t address, uint32_t *page_index)
{
	struct xdhcp_directory entry;
	uint32_t page, id;
	int bank;

	look(pin_open(directory, "directory"), address >> 16, &entry);
	page = entry.page[(address >> 8) & 0xff];
	if (!page) {
		fprintf(stderr, "slot: the address has no page\n");
		exit(2);
	}
	look(pin_open(directory, "banks"), page / XDHCP_BANK_PAGES, &id);
	bank = bpf_map_get_fd_by_id(id);
	*page_index = page % XDHCP_BANK_PAGES;
	return bank;
}

static void options_flip(const char *directory, uint32_t index)
{
	int tails = pin_open(directory, "tails");
	struct xdhcp_tail tail;

	look(tails, index, &tail);
	tail.options[5] ^= 1; /* of the server identifier */
	put(tails, index, &tail);
}

static int slot_flip(const char *directory, struct xdhcp_slot *slot, const char *what)
{
	if (!strcmp(what, "key"))
		slot->key ^= 1;
	else if (!strcmp(what, "lease"))
		slot->lease ^= 1;
	else if (!strcmp(what, "tail"))
		slot->tail ^= XDHCP_TAILS;
	else if (!strcmp(what, "held"))
		slot->word ^= 1;
	else if (!strcmp(what, "options"))
		options_flip(directory, slot->tail);
	else
		return 1;
	return 0;
}

int main(int argc, char **argv)
{
	static struct xdhcp_page page;
	struct in_addr address;
	uint32_t at, index;
	int bank;

	if (argc != 4 || inet_pton(AF_INET, argv[2], &address) != 1) {
		fprintf(stderr, "usage: slot DIR ADDRESS key|lease|tail|held|options\n");
		return 2;
	}
	at = ntohl(address.s_addr);
	bank = page_find(argv[1], at, &index);
	look(bank, index, &page);
	if (slot_flip(argv[1], &page.slots[at & 0xff], argv[3])) {
		fprintf(stderr, "slot: no such field: %s\n", argv[3]);
		return 2;
	}
	put(bank, index, &page);
	return 0;
}
