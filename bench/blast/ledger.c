// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void text_put(struct ledger *ledger, const char *text)
{
	size_t length = strlen(text);

	memcpy(ledger->text + ledger->length, text, length);
	ledger->length += length;
}

static void number_put(struct ledger *ledger, uint64_t number, unsigned int digits)
{
	char text[24];
	size_t at = sizeof(text);

	for (; number || digits; number /= 10) {
		text[--at] = (char)('0' + number % 10);
		digits -= digits > 0;
	}
	memcpy(ledger->text + ledger->length, text + at, sizeof(text) - at);
	ledger->length += sizeof(text) - at;
}

static void time_put(struct ledger *ledger, uint64_t wall)
{
	number_put(ledger, wall / NS_PER_SECOND, 1);
	text_put(ledger, ".");
	number_put(ledger, wall / NS_PER_MS % 1000, 3);
}

static void hex_put(struct ledger *ledger, const uint8_t *bytes, size_t length, const char *between)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		if (i)
			text_put(ledger, between);
		ledger->text[ledger->length++] = digits[bytes[i] >> 4];
		ledger->text[ledger->length++] = digits[bytes[i] & 15];
	}
}

static void address_put(struct ledger *ledger, uint32_t address)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		number_put(ledger, address >> shift & 255, 1);
		text_put(ledger, shift ? "." : " ");
	}
}

/* Written by hand: printf would be a fifth of what a lease costs us. */
void ledger_write(struct ledger *ledger, const struct population *population, uint32_t index,
		  const char *event, uint64_t now, uint64_t end)
{
	uint8_t mac[6], identity[IDENTITY_MAX];
	size_t length;

	if (ledger->fd < 0)
		return;
	if (ledger->length + LINE_MAX_LENGTH > sizeof(ledger->text))
		ledger_flush(ledger);
	put48(mac, population_mac(population, index));
	length = identity_write(population, index, identity);
	time_put(ledger, now + population->wall_offset);
	text_put(ledger, " ");
	text_put(ledger, event);
	text_put(ledger, " ");
	address_put(ledger, population->clients[index].address);
	hex_put(ledger, mac, sizeof(mac), ":");
	text_put(ledger, length ? " " : " -");
	hex_put(ledger, identity, length, "");
	text_put(ledger, " ");
	time_put(ledger, end == UINT64_MAX ? end : end + population->wall_offset);
	text_put(ledger, "\n");
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
