// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/wheel.h"

#include <stdlib.h>

#include "bench/blast/bytes.h"

#define WHEEL_SLOTS (1U << 16)

int wheel_create(struct wheel *wheel, struct client *clients, uint32_t count, uint64_t now)
{
	wheel->clients = clients;
	wheel->tick = now / NS_PER_MS;
	wheel->heads = malloc(WHEEL_SLOTS * sizeof(*wheel->heads));
	if (!wheel->heads)
		return -1;
	for (uint32_t i = 0; i < WHEEL_SLOTS; i++)
		wheel->heads[i] = NOBODY;
	for (uint32_t i = 0; i < count; i++)
		clients[i].due = 0;
	return 0;
}

void wheel_free(struct wheel *wheel)
{
	free(wheel->heads);
	wheel->heads = NULL;
}

static uint32_t *head_of(struct wheel *wheel, uint64_t due)
{
	return &wheel->heads[due / NS_PER_MS % WHEEL_SLOTS];
}

void wheel_cancel(struct wheel *wheel, uint32_t index)
{
	struct client *client = &wheel->clients[index];

	if (!client->due)
		return;
	if (client->previous == NOBODY)
		*head_of(wheel, client->due) = client->next;
	else
		wheel->clients[client->previous].next = client->next;
	if (client->next != NOBODY)
		wheel->clients[client->next].previous = client->previous;
	client->due = 0;
}

void wheel_set(struct wheel *wheel, uint32_t index, uint64_t due)
{
	struct client *client = &wheel->clients[index];
	uint32_t *head;

	wheel_cancel(wheel, index);
	if (due / NS_PER_MS < wheel->tick)
		due = wheel->tick * NS_PER_MS;
	head = head_of(wheel, due);
	client->due = due;
	client->previous = NOBODY;
	client->next = *head;
	if (*head != NOBODY)
		wheel->clients[*head].previous = index;
	*head = index;
}

uint32_t wheel_expire(struct wheel *wheel, uint64_t now)
{
	uint64_t until = now / NS_PER_MS;

	for (; wheel->tick < until; wheel->tick++) {
		uint32_t index = wheel->heads[wheel->tick % WHEEL_SLOTS];

		while (index != NOBODY) {
			if (wheel->clients[index].due / NS_PER_MS <= wheel->tick) {
				wheel_cancel(wheel, index);
				return index;
			}
			index = wheel->clients[index].next;
		}
	}
	return NOBODY;
}
