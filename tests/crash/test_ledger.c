// SPDX-License-Identifier: GPL-2.0-only
/*
 * What clients were told, by a ledger of blast's (bench/blast/ledger.h),
 * against what the server knows, and against itself.
 *
 *   test_ledger told TABLE LEDGER COUNT NOW
 *     Every lease that a client believes in by the first COUNT lines, and
 *     whose end lies behind NOW, is in the table: active, this client's, and
 *     until no earlier. The last line says how many were looked up. A client
 *     that did something else than renew in the lines that follow is not
 *     judged: the table may be of that time.
 *   test_ledger twice LEDGER
 *     No client is told of an address while another one believes in it.
 *
 * A table has the lines ADDRESS STATE CLIENT ENDS HORIZON, the last one of an
 * address counts; CLIENT is option 61 in hexadecimal, or the hardware address
 * with its colons. Exit: 0 well, 1 not, 2 could not be read.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS_MOST 6

/* A word of a file in memory. */
struct word {
	const char *at;
	size_t length;
};

struct file {
	const char *at, *end;
};

struct line {
	struct word words[WORDS_MOST];
	size_t count;
};

/* A client or an address, and what is known of it. */
struct entry {
	struct word key;
	struct word other; /* a client's address, an address's client */
	int64_t end; /* milliseconds; 0: nothing is held */
	uint64_t line;
	bool active;
};

/* Open addressing, at most half full. */
struct table {
	struct entry *entries;
	size_t size, used;
};

static struct file file_open(const char *path)
{
	struct stat status;
	struct file file = {"", ""};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes = NULL;

	if (fd < 0 || fstat(fd, &status)) {
		fprintf(stderr, "test_ledger: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	if (status.st_size) {
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes == MAP_FAILED) {
			fprintf(stderr, "test_ledger: %s: %s\n", path, strerror(errno));
			exit(2);
		}
		file = (struct file){bytes, (const char *)bytes + status.st_size};
	}
	close(fd);
	return file;
}

/* The next whole line; false at the end. */
static bool line_next(struct file *file, struct line *line)
{
	const char *end = memchr(file->at, '\n', (size_t)(file->end - file->at));

	if (!end)
		return false;
	line->count = 0;
	while (file->at < end && line->count < WORDS_MOST) {
		const char *space = memchr(file->at, ' ', (size_t)(end - file->at));
		const char *stop = space ? space : end;

		line->words[line->count++] = (struct word){file->at, (size_t)(stop - file->at)};
		file->at = stop + 1;
	}
	file->at = end + 1;
	return true;
}

static bool word_is(struct word word, const char *text)
{
	return word.length == strlen(text) && !memcmp(word.at, text, word.length);
}

static bool words_equal(struct word a, struct word b)
{
	return a.length == b.length && !memcmp(a.at, b.at, a.length);
}

/* Seconds with or without three decimals → milliseconds; what is no number: 0. */
static int64_t word_time(struct word word)
{
	int64_t time = 0, scale = 1000;
	bool behind = false;

	for (size_t i = 0; i < word.length && scale; i++) {
		char digit = word.at[i];

		if (digit == '.' && !behind) {
			behind = true;
			continue;
		}
		if (digit < '0' || digit > '9' || time > INT64_MAX / 20000)
			return 0;
		time = time * 10 + digit - '0';
		if (behind)
			scale /= 10;
	}
	return time * scale;
}

static struct entry *place(const struct table *table, struct word key)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < key.length; i++)
		hash = (hash ^ (uint8_t)key.at[i]) * 0x100000001b3ULL;
	for (size_t at = hash ^ hash >> 32;; at++) {
		struct entry *entry = &table->entries[at & (table->size - 1)];

		if (!entry->key.at || words_equal(entry->key, key))
			return entry;
	}
}

static void table_grow(struct table *table)
{
	struct table larger = {.size = table->size ? 2 * table->size : 4096, .used = table->used};

	larger.entries = calloc(larger.size, sizeof(*larger.entries));
	if (!larger.entries)
		abort();
	for (size_t i = 0; i < table->size; i++) {
		if (table->entries[i].key.at)
			*place(&larger, table->entries[i].key) = table->entries[i];
	}
	free(table->entries);
	*table = larger;
}

/* Its entry, made where there is none; until the next call. */
static struct entry *table_at(struct table *table, struct word key)
{
	struct entry *entry;

	if (2 * table->used >= table->size)
		table_grow(table);
	entry = place(table, key);
	if (!entry->key.at) {
		entry->key = key;
		table->used++;
	}
	return entry;
}

/* TIME EVENT ADDRESS MAC CLIENT-ID END */
struct event {
	int64_t time, end;
	bool leased, renewed;
	struct word address, client;
};

static bool event_next(struct file *ledger, struct event *event)
{
	struct line line;

	if (!line_next(ledger, &line))
		return false;
	if (line.count != WORDS_MOST) {
		fprintf(stderr, "test_ledger: not a line of a ledger: %.*s\n",
			(int)(ledger->at - 1 - line.words[0].at), line.words[0].at);
		exit(2);
	}
	*event = (struct event){
		.time = word_time(line.words[0]),
		.end = word_time(line.words[5]),
		.leased = word_is(line.words[1], "leased"),
		.renewed = word_is(line.words[1], "renewed"),
		.address = line.words[2],
		.client = word_is(line.words[4], "-") ? line.words[3] : line.words[4],
	};
	return true;
}

static struct table leases_read(const char *path)
{
	struct file file = file_open(path);
	struct table leases = {0};
	struct line line;

	while (line_next(&file, &line)) {
		struct entry *lease;

		if (line.count < 4)
			continue;
		lease = table_at(&leases, line.words[0]);
		lease->active = word_is(line.words[1], "active");
		lease->other = line.words[2];
		lease->end = word_time(line.words[3]);
	}
	return leases;
}

/* What each client believes in by the first lines. */
static struct table clients_read(const char *path, uint64_t count)
{
	struct file file = file_open(path);
	struct table clients = {0};
	struct event event;

	for (uint64_t number = 1; event_next(&file, &event); number++) {
		struct entry *client;

		if (number > count && event.renewed)
			continue;
		client = table_at(&clients, event.client);
		client->other = event.address;
		client->end = number > count || !(event.leased || event.renewed) ? 0 : event.end;
		client->line = number;
	}
	return clients;
}

/* NULL, or what is wrong. */
static const char *lease_judge(const struct entry *lease, const struct entry *client)
{
	if (!lease->key.at)
		return "is not there";
	if (!lease->active)
		return "is not active";
	if (!words_equal(lease->other, client->key))
		return "is another client's";
	return lease->end < client->end ? "ends earlier" : NULL;
}

static int told_run(char **arguments)
{
	struct table leases = leases_read(arguments[0]);
	struct table clients = clients_read(arguments[1], strtoull(arguments[2], NULL, 10));
	int64_t now = word_time((struct word){arguments[3], strlen(arguments[3])});
	size_t judged = 0, wrong = 0;

	if (!leases.size)
		table_grow(&leases);
	for (size_t i = 0; i < clients.size; i++) {
		const struct entry *client = &clients.entries[i], *lease;
		const char *why;

		if (!client->key.at || client->end <= now)
			continue;
		judged++;
		lease = place(&leases, client->other);
		why = lease_judge(lease, client);
		if (!why)
			continue;
		wrong++;
		printf("%.*s of %.*s until %" PRId64 ".%03d (ledger line %" PRIu64
		       ") %s: %.*s's until %" PRId64 "\n",
		       (int)client->other.length, client->other.at, (int)client->key.length,
		       client->key.at, client->end / 1000, (int)(client->end % 1000), client->line,
		       why, (int)lease->other.length, lease->other.at ? lease->other.at : "",
		       lease->end / 1000);
	}
	printf("%zu\n", judged);
	return wrong ? 1 : 0;
}

static int twice_run(const char *path)
{
	struct file file = file_open(path);
	struct table clients = {0}, addresses = {0};
	struct event event;
	int wrong = 0;

	for (uint64_t number = 1; event_next(&file, &event); number++) {
		struct entry *address = table_at(&addresses, event.address);
		struct entry *client = table_at(&clients, event.client);
		bool same = address->other.at && words_equal(address->other, event.client);

		if (!event.leased && !event.renewed) {
			if (same)
				address->end = 0;
			continue;
		}
		if (!same && address->end > event.time) {
			wrong = 1;
			printf("%.*s: %.*s's until %" PRId64 ".%03d by line %" PRIu64
			       ", told to %.*s by line %" PRIu64 "\n",
			       (int)event.address.length, event.address.at,
			       (int)address->other.length, address->other.at, address->end / 1000,
			       (int)(address->end % 1000), address->line, (int)event.client.length,
			       event.client.at, number);
		}
		/* A client that has another address now does not hold the one before. */
		if (client->other.at && !words_equal(client->other, event.address)) {
			struct entry *before = place(&addresses, client->other);

			if (words_equal(before->other, event.client))
				before->end = 0;
		}
		client->other = event.address;
		address->other = event.client;
		address->end = event.end;
		address->line = number;
	}
	return wrong;
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "told"))
		return told_run(argv + 2);
	if (argc == 3 && !strcmp(argv[1], "twice"))
		return twice_run(argv[2]);
	fprintf(stderr, "usage: test_ledger told TABLE LEDGER COUNT NOW | twice LEDGER\n");
	return 2;
}
