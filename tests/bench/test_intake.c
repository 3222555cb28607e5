// SPDX-License-Identifier: GPL-2.0-only
/*
 * The intake's ring as the kernel fills it: frames in their order, across its
 * end, around what was given up again, and none before it is complete.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/blast/intake.h"

#define SIZE 4096U
#define ROOM(length) ((unsigned long)((length) + BPF_RINGBUF_HDR_SZ + 7) & ~7UL)

struct ring {
	struct intake intake;
	unsigned long consumed, produced;
	uint8_t *data;
};

/* Twice in a row, as the kernel maps it: a record may lie across the end. */
static int ring_make(void **state)
{
	static struct ring ring;
	int file = memfd_create("ring", MFD_CLOEXEC);

	ring = (struct ring){.consumed = 0};
	assert_true(file >= 0 && !ftruncate(file, SIZE));
	ring.data = mmap(NULL, 2 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 2; i++)
		assert_ptr_not_equal(mmap(ring.data + i * SIZE, SIZE, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_FIXED, file, 0),
				     MAP_FAILED);
	close(file);
	ring.intake = (struct intake){.link = -1,
				      .size = SIZE,
				      .consumed = &ring.consumed,
				      .produced = &ring.produced,
				      .data = ring.data};
	*state = &ring;
	return 0;
}

static int ring_end(void **state)
{
	munmap(((struct ring *)*state)->data, 2 * SIZE);
	return 0;
}

/* Returns the record's head, which says when it is complete. */
static uint32_t *put(struct ring *ring, uint32_t name, uint32_t flags)
{
	uint32_t room = sizeof(struct blast_frame) + INTAKE_USUAL;
	uint32_t *head = (void *)(ring->data + ring->produced % SIZE);
	struct blast_frame *frame = (void *)((uint8_t *)head + BPF_RINGBUF_HDR_SZ);

	frame->length = name;
	frame->bytes[INTAKE_USUAL - 1] = (uint8_t)name;
	*head = room | flags;
	ring->produced += ROOM(room);
	return head;
}

static void taken(struct ring *ring, uint32_t name)
{
	const struct blast_frame *frame = intake_next(&ring->intake);

	assert_non_null(frame);
	assert_int_equal(frame->length, name);
	assert_int_equal(frame->bytes[INTAKE_USUAL - 1], (uint8_t)name);
	intake_release(&ring->intake);
}

static void in_order_and_around(void **state)
{
	struct ring *ring = *state;

	assert_null(intake_next(&ring->intake));
	for (uint32_t i = 1; i < 100; i += 3) {
		put(ring, i, 0);
		put(ring, i + 1, 0);
		put(ring, i + 2, 0);
		taken(ring, i);
		taken(ring, i + 1);
		taken(ring, i + 2);
		assert_null(intake_next(&ring->intake));
		assert_int_equal(ring->consumed, ring->produced);
	}
	assert_true(ring->produced > 5UL * SIZE);
}

static void given_up_are_passed_over(void **state)
{
	struct ring *ring = *state;

	put(ring, 1, BPF_RINGBUF_DISCARD_BIT);
	put(ring, 2, BPF_RINGBUF_DISCARD_BIT);
	put(ring, 3, 0);
	put(ring, 4, BPF_RINGBUF_DISCARD_BIT);
	taken(ring, 3);
	assert_null(intake_next(&ring->intake));
	assert_int_equal(ring->consumed, ring->produced);
}

static void incomplete_ones_are_waited_for(void **state)
{
	struct ring *ring = *state;
	uint32_t *head = put(ring, 1, BPF_RINGBUF_BUSY_BIT);

	put(ring, 2, 0);
	assert_null(intake_next(&ring->intake));
	assert_int_equal(ring->consumed, 0);
	*head &= ~BPF_RINGBUF_BUSY_BIT;
	taken(ring, 1);
	taken(ring, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_order_and_around, ring_make, ring_end),
		cmocka_unit_test_setup_teardown(given_up_are_passed_over, ring_make, ring_end),
		cmocka_unit_test_setup_teardown(incomplete_ones_are_waited_for, ring_make,
						ring_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
