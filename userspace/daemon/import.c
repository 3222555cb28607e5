// SPDX-License-Identifier: GPL-2.0-only
/*
 * dhcpd.leases into an empty lease directory. The file is read and judged
 * as a whole before anything is written, and what is written becomes true
 * with one rename: all of it, or nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <urcu.h>

#include "base/address.h"
#include "daemon/books.h"
#include "daemon/pair_private.h"
#include "failover/kept.h"
#include "store/dhcpd.h"
#include "store/store.h"
#include "sys/clock.h"

#define LEFT_OUT_MAX 64 /* kinds that are told apart */
#define OUTSIDE_SHOWN 8
#define PROGRESS_ENTRIES 65536
#define STATES (LEASE_BACKUP + 1)

struct left_out {
	char what[96];
	unsigned line; /* the first one's */
	size_t count;
};

struct relation {
	bool said; /* the file has a state of it */
	struct dhcpd_relation dhcpd; /* the last one */
	bool knows; /* a lease that the partner knew of */
	uint8_t kept[KEPT_MAX];
	size_t kept_length;
};

struct import {
	const struct options *options;
	const struct conf *conf;
	struct books books;
	const char *file;
	const char *text;
	size_t length;
	int64_t modified, now;
	int64_t newest; /* of the dates that say when something happened */
	bool progress; /* somebody looks on */
	struct relation *relations; /* by conf_relation.number − 1 */
	size_t entries, outside_count, records, owed, states[STATES];
	uint32_t outside[OUTSIDE_SHOWN];
	struct left_out left_out[LEFT_OUT_MAX];
	size_t left_out_count, left_out_others;
	size_t leases_before; /* in the directory */
};

__attribute__((format(printf, 2, 3))) static void say(const struct import *import,
						      const char *format, ...)
{
	va_list list;

	if (import->progress)
		fputs("\r\033[K", stderr);
	fprintf(stderr, "xdhcpd: ");
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
}

/* Of the last entry; what is not over yet happened no later than now. */
static void newest_take(struct import *import, int64_t time)
{
	if (time > import->newest && time <= import->now)
		import->newest = time;
}

static int take_lease(void *context, const struct dhcpd_lease *lease)
{
	struct import *import = context;
	const struct conf_pool *pool = conf_pool_of(import->conf, lease->address);
	const struct conf_relation *relation = books_relation(import->conf, pool);
	struct lease_record *record;

	newest_take(import, lease->starts);
	newest_take(import, lease->cltt);
	if (!(import->entries++ % PROGRESS_ENTRIES) && import->progress)
		fprintf(stderr, "\r%s: %zu %%", import->file, lease->offset * 100 / import->length);
	if (!pool) {
		if (import->outside_count < OUTSIDE_SHOWN)
			import->outside[import->outside_count] = lease->address;
		import->outside_count++;
		return 0;
	}
	if (relation && lease->tsfp)
		import->relations[relation->number - 1].knows = true;
	if (store_dhcpd_record(lease, relation, &record))
		return -ENOMEM;
	record->relation = relation ? relation->tag : 0;
	return lease_commit_restore(import->books.commit, record);
}

static int take_relation(void *context, const struct dhcpd_relation *dhcpd)
{
	struct import *import = context;
	const struct conf_relation *conf = conf_relation_named(import->conf, dhcpd->name);

	newest_take(import, dhcpd->own_since);
	newest_take(import, dhcpd->partner_since);
	if (!conf) {
		say(import,
		    "%s:%u:%u: failover peer \"%s\" is not in %s: its state is left out; where it "
		    "was given another name, give it the old one back",
		    import->file, dhcpd->line, dhcpd->column, dhcpd->name,
		    import->options->configuration);
		return 0;
	}
	if (dhcpd->peer_worded)
		say(import,
		    "%s:%u:%u: `peer state` is read as `partner state`; dhcpd itself does not "
		    "read it",
		    import->file, dhcpd->line, dhcpd->column);
	import->relations[conf->number - 1].said = true;
	import->relations[conf->number - 1].dhcpd = *dhcpd;
	return 0;
}

static int take_left_out(void *context, const char *what, unsigned line)
{
	struct import *import = context;

	for (size_t i = 0; i < import->left_out_count; i++) {
		if (!strcmp(import->left_out[i].what, what)) {
			import->left_out[i].count++;
			return 0;
		}
	}
	if (import->left_out_count == LEFT_OUT_MAX) {
		import->left_out_others++;
		return 0;
	}
	import->left_out[import->left_out_count] = (struct left_out){.line = line, .count = 1};
	snprintf(import->left_out[import->left_out_count].what, sizeof(import->left_out->what),
		 "%s", what);
	import->left_out_count++;
	return 0;
}

static int file_map(struct import *import)
{
	struct stat status;
	int fd = open(import->file, O_RDONLY | O_CLOEXEC), code = 0;

	if (fd < 0 || fstat(fd, &status))
		code = -errno;
	else if (!S_ISREG(status.st_mode))
		code = -EINVAL;
	if (!code && status.st_size) {
		import->text = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (import->text == MAP_FAILED)
			code = -errno;
	}
	if (!code && status.st_size)
		import->length = (size_t)status.st_size;
	if (!code)
		import->modified = status.st_mtime;
	if (fd >= 0)
		close(fd);
	if (code)
		say(import, "%s: %s", import->file,
		    code == -EINVAL ? "not a file" : strerror(-code));
	return code;
}

static int file_read(struct import *import)
{
	const struct dhcpd_visitors visitors = {
		.context = import,
		.lease = take_lease,
		.relation = take_relation,
		.left_out = take_left_out,
	};
	struct dhcpd_error error;
	int code = store_dhcpd_read(import->text, import->length, &visitors, &error);

	if (code == -EBADMSG)
		say(import, "%s:%u:%u: %s", import->file, error.line, error.column, error.text);
	else if (code)
		say(import, "%s: %s", import->file, strerror(-code));
	return code;
}

/* Of a relationship that the file says nothing of: as after the loss of a store. */
static void kept_lost(const struct import *import, struct failover_fsm *fsm, bool known)
{
	int64_t last = lease_later(import->newest, import->modified);

	fsm->kept = (struct failover_kept){
		.state = FAILOVER_RECOVER,
		.since = last < import->now ? last : import->now,
		.lost = true,
		.proven = known,
	};
	fsm->kept.partner_since = fsm->kept.since;
}

/* A pair that has met and went on from there; two that never did may still be called a new pair. */
static bool is_proven(const struct failover_kept *kept, bool known)
{
	return known || kept->state != FAILOVER_RECOVER ||
	       (kept->partner != FAILOVER_UNKNOWN && kept->partner != FAILOVER_RECOVER);
}

static int relation_fail(const struct import *import, const struct dhcpd_relation *dhcpd,
			 const char *text)
{
	say(import, "%s:%u:%u: failover peer \"%s\": %s", import->file, dhcpd->line, dhcpd->column,
	    dhcpd->name, text);
	return -EINVAL;
}

static int kept_of(const struct import *import, const struct conf_relation *conf,
		   const struct relation *relation, struct failover_fsm *fsm)
{
	const struct dhcpd_relation *dhcpd = &relation->dhcpd;
	uint8_t own = FAILOVER_UNKNOWN, partner = FAILOVER_UNKNOWN;

	if (dhcpd->has_mclt && conf->primary)
		return relation_fail(import, dhcpd,
				     "the file is the secondary's (it has `mclt`), and the "
				     "configuration says primary; roles stay as they are");
	if ((*dhcpd->own && !failover_state_parse(dhcpd->own, &own)) ||
	    (*dhcpd->partner && !failover_state_parse(dhcpd->partner, &partner)))
		return relation_fail(import, dhcpd, "a state that is none");
	if (!conf->primary)
		fsm->mclt = dhcpd->mclt;
	if (own == FAILOVER_UNKNOWN || own == FAILOVER_STARTUP) {
		kept_lost(import, fsm, relation->knows);
		return 0;
	}
	fsm->kept.state = own;
	fsm->kept.since = dhcpd->own_since;
	fsm->kept.partner = partner == FAILOVER_STARTUP ? FAILOVER_UNKNOWN : partner;
	fsm->kept.partner_since = dhcpd->partner_since;
	fsm->kept.proven = is_proven(&fsm->kept, relation->knows);
	return 0;
}

static int relation_finish(const struct import *import, const struct conf_relation *conf,
			   struct relation *relation)
{
	/* The partner of a dhcpd is one, until it says otherwise. */
	struct failover_fsm fsm = {.primary = conf->primary, .isc = true, .mclt = conf->mclt};
	const struct failover_record record = {.primary = conf->primary};
	int code = 0;

	if (relation->said) {
		code = kept_of(import, conf, relation, &fsm);
	} else {
		kept_lost(import, &fsm, relation->knows);
	}
	if (code)
		return code;
	if (fsm.kept.lost)
		say(import,
		    "%s: no state of failover peer \"%s\": it begins in recover, silent until its "
		    "partner has sent all leases and MCLT has passed since the last change",
		    import->file, conf->name);
	relation->kept_length = failover_kept_encode(&fsm, &record, relation->kept);
	printf("failover peer \"%s\": %s, %s; partner %s", conf->name,
	       conf->primary ? "primary" : "secondary", failover_state_word(fsm.kept.state),
	       failover_state_word(fsm.kept.partner));
	if (fsm.mclt)
		printf("; MCLT %u s", fsm.mclt);
	putchar('\n');
	return 0;
}

/* FREE, of nobody, never: what an address without a record is. */
static bool is_blank(const struct lease_record *record)
{
	return record->state == LEASE_FREE && !record->flags && !record->starts && !record->ends &&
	       !record->cltt && !record->received && !record->ident_length && !record->hlen;
}

static void count(struct import *import)
{
	const struct lease *lease;
	uint64_t at = 0;

	while ((lease = books_next(&import->books, &at))) {
		import->states[lease->current->state]++;
		import->owed += lease->current->flags & LEASE_OWED ? 1 : 0;
		import->records++;
	}
}

static void print_outside(const struct import *import)
{
	size_t shown =
		import->outside_count < OUTSIDE_SHOWN ? import->outside_count : OUTSIDE_SHOWN;
	char address[BASE_IPV4_TEXT];

	if (!shown)
		return;
	printf("left out, in no range of the configuration: %zu entries (", import->outside_count);
	for (size_t i = 0; i < shown; i++)
		printf("%s%s", i ? ", " : "", base_ipv4_format(import->outside[i], address));
	printf("%s)\n", import->outside_count > shown ? ", …" : "");
}

static void print_summary(const struct import *import)
{
	const char *separator = ": ";

	printf("%zu entries of %zu addresses", import->entries - import->outside_count,
	       import->records);
	for (uint8_t i = LEASE_FREE; i <= LEASE_BACKUP; i++) {
		if (!import->states[i])
			continue;
		printf("%s%s %zu", separator, lease_state_word(i), import->states[i]);
		separator = ", ";
	}
	putchar('\n');
	if (import->owed)
		printf("owed to a partner: %zu\n", import->owed);
	for (size_t i = 0; i < import->left_out_count; i++) {
		const struct left_out *left_out = &import->left_out[i];

		printf("left out: %s, %zu times, first on line %u\n", left_out->what,
		       left_out->count, left_out->line);
	}
	if (import->left_out_others)
		printf("left out: others, %zu times\n", import->left_out_others);
	print_outside(import);
}

static int count_before(void *context, struct lease_record *record)
{
	struct import *import = context;

	import->leases_before++;
	lease_record_free(record);
	return 0;
}

static int directory_open(struct import *import, struct store **ret_store)
{
	const struct store_visitors visitors = {
		.context = import,
		.lease = count_before,
	};
	const char *directory = import->options->leases;
	struct store_report report;
	struct store_error error;
	int code = store_open(directory, &visitors, &report, ret_store, &error);

	if (code) {
		say(import, "%s", error.text);
		return code;
	}
	if (!import->leases_before)
		return 0;
	say(import,
	    "%s: has leases of %zu addresses already; move it away (mv %s %s.before), or name "
	    "another directory with -lf",
	    directory, import->leases_before, directory, directory);
	store_close(*ret_store);
	return -EEXIST;
}

static void notes_append(const struct import *import, struct store *store)
{
	char name[STORE_NOTE_NAME_MAX + 1];

	for (size_t i = 0; i < import->conf->relation_count; i++) {
		const struct relation *relation = &import->relations[i];

		snprintf(name, sizeof(name), FAILOVER_NOTE "%s", import->conf->relations[i]->name);
		store_append_note(store, name, relation->kept, relation->kept_length);
	}
}

static int leases_add(const struct import *import, struct store_snapshot *snapshot)
{
	const struct lease *lease;
	uint64_t at = 0;
	int code = 0;

	while (!code && (lease = books_next(&import->books, &at)))
		if (!is_blank(lease->current))
			code = store_snapshot_add(snapshot, lease->current);
	return code;
}

/* A snapshot: states and leases are there with its rename. The notes go nowhere else. */
static int directory_write(struct import *import)
{
	struct store_snapshot *snapshot;
	struct store_error error;
	struct store *store;
	int code = directory_open(import, &store);

	if (code)
		return code;
	notes_append(import, store);
	code = store_rotate(store, &error);
	if (!code)
		code = store_snapshot_open(store, &snapshot, &error);
	if (code)
		goto out;
	code = leases_add(import, snapshot);
	if (code) {
		snprintf(error.text, sizeof(error.text), "%s: %s", import->options->leases,
			 strerror(-code));
		store_snapshot_abandon(snapshot);
		goto out;
	}
	code = store_snapshot_finish(snapshot, &error);
out:
	store_close(store);
	if (code)
		say(import, "%s; nothing was taken over", error.text);
	return code;
}

static int import_all(struct import *import)
{
	int code = file_read(import);

	if (!code && import->progress)
		fputs("\r\033[K", stderr);
	for (size_t i = 0; !code && i < import->conf->relation_count; i++)
		code = relation_finish(import, import->conf->relations[i], &import->relations[i]);
	if (code)
		return code;
	count(import);
	print_summary(import);
	if (import->options->test)
		return 0;
	code = directory_write(import);
	if (!code)
		printf("written to %s\n", import->options->leases);
	return code;
}

int import_run(const struct options *options, const struct conf *conf)
{
	struct import import = {
		.options = options,
		.conf = conf,
		.file = options->import,
		.now = sys_clock_wall(),
		.progress = isatty(STDERR_FILENO),
	};
	int code;

	rcu_register_thread();
	import.relations = calloc(conf->relation_count + 1, sizeof(*import.relations));
	code = import.relations ? books_open(conf, &import.books) : -ENOMEM;
	if (code) {
		say(&import, "%s", strerror(-code));
		return 1;
	}
	code = file_map(&import);
	if (!code)
		code = import_all(&import);
	books_close(&import.books);
	free(import.relations);
	if (import.length)
		munmap((void *)import.text, import.length);
	rcu_unregister_thread();
	return code ? 1 : 0;
}
