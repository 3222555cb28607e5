// SPDX-License-Identifier: GPL-2.0-only
/* Virtual time: a binary heap of events, and the streams of chance that decide what they are. */
#include <math.h>
#include <stdlib.h>

#include "tests/sim/sim.h"

struct sim sim = {.here = -1};

static struct {
	struct sim_event **heap; /* from 1 */
	size_t count, room;
	uint64_t order;
} queue;

static bool before(const struct sim_event *a, const struct sim_event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void put(struct sim_event *event, size_t place)
{
	queue.heap[place] = event;
	event->place = place;
}

static void rise(struct sim_event *event, size_t place)
{
	while (place > 1 && before(event, queue.heap[place / 2])) {
		put(queue.heap[place / 2], place);
		place /= 2;
	}
	put(event, place);
}

static void sink(struct sim_event *event, size_t place)
{
	for (;;) {
		size_t child = 2 * place;

		if (child > queue.count)
			break;
		if (child < queue.count && before(queue.heap[child + 1], queue.heap[child]))
			child++;
		if (!before(queue.heap[child], event))
			break;
		put(queue.heap[child], place);
		place = child;
	}
	put(event, place);
}

void sim_event_at(struct sim_event *event, uint64_t at)
{
	bool later = at >= event->at;

	event->at = at < sim.now ? sim.now : at;
	event->order = ++queue.order;
	if (event->place) {
		if (later)
			sink(event, event->place);
		else
			rise(event, event->place);
		return;
	}
	if (queue.count + 1 >= queue.room) {
		queue.room = queue.room ? 2 * queue.room : 1024;
		queue.heap = realloc(queue.heap, queue.room * sizeof(struct sim_event *));
		if (!queue.heap)
			abort();
	}
	rise(event, ++queue.count);
}

void sim_event_cancel(struct sim_event *event)
{
	size_t place = event->place;
	struct sim_event *last;

	if (!place)
		return;
	event->place = 0;
	last = queue.heap[queue.count--];
	if (last == event)
		return;
	if (place > 1 && before(last, queue.heap[place / 2]))
		rise(last, place);
	else
		sink(last, place);
}

void sim_events_drop(int node)
{
	size_t kept = 0, count = queue.count;

	for (size_t i = 1; i <= count; i++) {
		struct sim_event *event = queue.heap[i];

		if (event->node == node)
			event->place = 0;
		else
			put(event, ++kept);
	}
	queue.count = kept;
	for (size_t i = kept / 2; i >= 1; i--)
		sink(queue.heap[i], i);
}

void sim_events_hasten(int node, uint64_t from)
{
	for (size_t i = 1; i <= queue.count; i++) {
		struct sim_event *event = queue.heap[i];

		if (event->node == node && event->at == from)
			event->at = sim.now;
	}
	for (size_t i = queue.count / 2; i >= 1; i--)
		sink(queue.heap[i], i);
}

struct sim_event *sim_event_next(uint64_t until)
{
	struct sim_event *event = queue.count ? queue.heap[1] : NULL;

	if (!event || event->at > until)
		return NULL;
	sim_event_cancel(event);
	return event;
}

struct sim_event *sim_event_next_of(int node, uint64_t until)
{
	struct sim_event *first = NULL;

	for (size_t i = 1; i <= queue.count; i++) {
		struct sim_event *event = queue.heap[i];

		if (event->node == node && !event->worker && event->at <= until &&
		    (!first || before(event, first)))
			first = event;
	}
	if (first)
		sim_event_cancel(first);
	return first;
}

/* splitmix64 */
uint64_t sim_draw(struct sim_random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

uint64_t sim_below(struct sim_random *random, uint64_t below)
{
	return (uint64_t)(((unsigned __int128)sim_draw(random) * below) >> 64);
}

uint64_t sim_between(struct sim_random *random, uint64_t least, uint64_t most)
{
	return least + sim_below(random, most - least + 1);
}

bool sim_chance(struct sim_random *random, uint32_t of_million)
{
	return sim_below(random, 1000000) < of_million;
}

uint64_t sim_wait(struct sim_random *random, uint64_t mean)
{
	double u = (double)((sim_draw(random) >> 11) + 1) / 9007199254740993.0;

	return (uint64_t)(-log(u) * (double)mean);
}

struct sim_random sim_random_of(uint64_t seed, uint64_t stream)
{
	struct sim_random random = {.state = seed * 0xda942042e4dd58b5ULL + stream};

	random.state = sim_draw(&random);
	return random;
}
