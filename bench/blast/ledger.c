// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/blast/bytes.h"
#include "bench/blast/wire.h"

#define LINE_MAX_LENGTH 192

int ledger_open(struct ledger *ledger, const char *path)
{
	ledger->fd = -1;
	ledger->length = 0;
	if (!path)
		return 0;
	ledger->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (ledger->fd < 0) {
		fprintf(stderr, "blast: --report %s: %s\n", path, strerror(errno));
		return -1;
	}
	return 0;
}

void ledger_write(struct ledger *ledger, const struct population *population, uint32_t index,
		  const char *event, uint64_t now, uint64_t end)
{
	uint64_t mac = population_mac(population, index);
	uint32_t address = population->clients[index].address;
	uint64_t wall = now + population->wall_offset;
	uint8_t identity[IDENTITY_MAX];
	char id[2 * IDENTITY_MAX + 1] = "-";
	size_t length;

	if (ledger->fd < 0)
		return;
	length = identity_write(population, index, identity);
	for (size_t i = 0; i < length; i++)
		snprintf(id + 2 * i, 3, "%02x", identity[i]);
	if (end != UINT64_MAX)
		end += population->wall_offset;
	if (ledger->length + LINE_MAX_LENGTH > sizeof(ledger->text))
		ledger_flush(ledger);
	ledger->length += (size_t)snprintf(
		ledger->text + ledger->length, LINE_MAX_LENGTH,
		"%" PRIu64 ".%03" PRIu64 " %s %u.%u.%u.%u %02x:%02x:%02x:%02x:%02x:%02x %s %" PRIu64
		".%03" PRIu64 "\n",
		wall / NS_PER_SECOND, wall / NS_PER_MS % 1000, event, address >> 24,
		address >> 16 & 255, address >> 8 & 255, address & 255, (unsigned int)(mac >> 40),
		(unsigned int)(mac >> 32 & 255), (unsigned int)(mac >> 24 & 255),
		(unsigned int)(mac >> 16 & 255), (unsigned int)(mac >> 8 & 255),
		(unsigned int)(mac & 255), id, end / NS_PER_SECOND, end / NS_PER_MS % 1000);
}

void ledger_flush(struct ledger *ledger)
{
	size_t done = 0;

	while (done < ledger->length) {
		ssize_t written = write(ledger->fd, ledger->text + done, ledger->length - done);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			fprintf(stderr, "blast: --report: %s; the ledger would have a gap\n",
				strerror(errno));
			exit(EXIT_SETUP);
		}
		done += (size_t)written;
	}
	ledger->length = 0;
}

void ledger_close(struct ledger *ledger)
{
	if (ledger->fd < 0)
		return;
	ledger_flush(ledger);
	close(ledger->fd);
}
