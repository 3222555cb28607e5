// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/intake.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/blast/object.h"
#include "bench/blast/pass.h"

#define OBJECT_NAME "blast-intake.bpf.o"

static int map_of(const struct intake *intake, const char *name)
{
	return bpf_object__find_map_fd_by_name(intake->object, name);
}

static int program_load(struct intake *intake, bool sleeps)
{
	uint32_t value = sleeps;
	struct bpf_map *constants;

	intake->object = object_open(NULL, OBJECT_NAME);
	if (!intake->object)
		return -1;
	constants = bpf_object__find_map_by_name(intake->object, ".rodata");
	if (!constants || bpf_map__set_initial_value(constants, &value, sizeof(value))) {
		fprintf(stderr, "blast: %s is of another version; build it anew\n", OBJECT_NAME);
		return -1;
	}
	if (bpf_object__load(intake->object)) {
		fprintf(stderr, "blast: %s: %s; run as root (CAP_BPF, CAP_NET_ADMIN)\n",
			OBJECT_NAME, strerror(errno));
		return -1;
	}
	return 0;
}

/* The ring as memory (Linux, kernel/bpf/ringbuf.c): our position; theirs and, twice in a row, the data. */
static int ring_map(struct intake *intake)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *ours, *theirs;

	intake->ring = map_of(intake, "frames");
	intake->size = bpf_map__max_entries(bpf_object__find_map_by_name(intake->object, "frames"));
	ours = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, intake->ring, 0);
	theirs = mmap(NULL, page + 2 * intake->size, PROT_READ, MAP_SHARED | MAP_POPULATE,
		      intake->ring, (off_t)page);
	intake->consumed = ours == MAP_FAILED ? NULL : ours;
	intake->produced = theirs == MAP_FAILED ? NULL : theirs;
	intake->data = theirs == MAP_FAILED ? NULL : (const uint8_t *)theirs + page;
	if (intake->consumed && intake->produced)
		return 0;
	fprintf(stderr, "blast: the intake's ring: %s; are 64 MiB free?\n", strerror(errno));
	return -1;
}

int intake_open(struct intake *intake, int ifindex, const char *name, bool sleeps)
{
	struct bpf_program *program;

	*intake = (struct intake){.link = -1, .ring = -1};
	if (program_load(intake, sleeps) || ring_map(intake))
		return -1;
	program = bpf_object__find_program_by_name(intake->object, "blast_intake");
	intake->link = xdp_attach(bpf_program__fd(program), ifindex, name);
	return intake->link < 0 ? -1 : 0;
}

void intake_close(struct intake *intake)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (intake->link >= 0)
		close(intake->link);
	if (intake->consumed)
		munmap(intake->consumed, page);
	if (intake->produced)
		munmap((void *)intake->produced, page + 2 * intake->size);
	bpf_object__close(intake->object);
}

static const uint32_t *head_at(const struct intake *intake, unsigned long at)
{
	return (const uint32_t *)(intake->data + (at & (intake->size - 1)));
}

/* Where the next record begins. */
static unsigned long behind(unsigned long at, uint32_t head)
{
	uint32_t length = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	return at + ((length + BPF_RINGBUF_HDR_SZ + 7) & ~7UL);
}

const struct blast_frame *intake_next(struct intake *intake)
{
	for (;;) {
		unsigned long at = *intake->consumed;
		const uint32_t *record = head_at(intake, at);
		uint32_t head;

		if (at == __atomic_load_n(intake->produced, __ATOMIC_ACQUIRE))
			return NULL;
		head = __atomic_load_n(record, __ATOMIC_ACQUIRE);
		if (head & BPF_RINGBUF_BUSY_BIT)
			return NULL;
		if (!(head & BPF_RINGBUF_DISCARD_BIT))
			return (const void *)((const uint8_t *)record + BPF_RINGBUF_HDR_SZ);
		intake_release(intake);
	}
}

void intake_release(struct intake *intake)
{
	unsigned long at = *intake->consumed;

	__atomic_store_n(intake->consumed, behind(at, *head_at(intake, at)), __ATOMIC_RELEASE);
}

uint64_t intake_drops(struct intake *intake)
{
	uint32_t zero = 0;
	uint64_t now = 0, before = intake->dropped;

	if (bpf_map_lookup_elem(map_of(intake, ".bss"), &zero, &now))
		return 0;
	intake->dropped = now;
	return now - before;
}
