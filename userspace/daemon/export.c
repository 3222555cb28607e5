// SPDX-License-Identifier: GPL-2.0-only
/* The lease directory as dhcpd.leases, for the way back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <urcu.h>

#include "daemon/books.h"
#include "daemon/pair_private.h"
#include "failover/kept.h"
#include "store/dhcpd.h"
#include "store/store.h"

struct kept {
	uint8_t bytes[KEPT_MAX];
	size_t length;
};

struct export
{
	const struct options *options;
	const struct conf *conf;
	struct books books;
	struct kept *kept; /* by conf_relation.number − 1 */
	FILE *out;
	size_t written, outside;
};

static int take_lease(void *context, struct lease_record *record)
{
	struct export *export = context;

	return lease_commit_restore(export->books.commit, record);
}

static int take_acknowledgement(void *context, const struct store_acknowledgement *of)
{
	struct export *export = context;

	lease_commit_restore_acknowledgement(export->books.commit, of->address, of->flags,
					     of->acknowledged, of->known);
	return 0;
}

static int take_note(void *context, const char *name, const void *bytes, size_t length)
{
	const size_t prefix = strlen(FAILOVER_NOTE);
	struct export *export = context;
	const struct conf_relation *relation;

	if (strncmp(name, FAILOVER_NOTE, prefix) != 0)
		return 0;
	relation = conf_relation_named(export->conf, name + prefix);
	if (!relation || length > KEPT_MAX)
		return 0;
	memcpy(export->kept[relation->number - 1].bytes, bytes, length);
	export->kept[relation->number - 1].length = length;
	return 0;
}

/* Only one that is there: opening makes one where there is none. */
static int directory_read(struct export *export)
{
	const struct store_visitors visitors = {
		.context = export,
		.lease = take_lease,
		.acknowledgement = take_acknowledgement,
		.note = take_note,
	};
	const char *directory = export->options->leases;
	struct store_report report;
	struct store_error error;
	struct store *store;
	uint64_t at = 0;
	int code;

	if (access(directory, F_OK)) {
		code = -errno;
		fprintf(stderr, "xdhcpd: %s: %s; name the lease directory with -lf\n", directory,
			strerror(-code));
		return code;
	}
	code = store_open(directory, &visitors, &report, &store, &error);
	if (code) {
		fprintf(stderr, "xdhcpd: %s\n", error.text);
		return code;
	}
	store_close(store);
	/* As a start with this configuration would have them. */
	while (lease_commit_restore_move(export->books.commit, &at))
		;
	return 0;
}

/*
 * A state from which dhcpd goes on as we would. It would stay stopped; after a
 * clean stop it is spared the wait by a date that lies MCLT back, as its own
 * stop has it.
 */
static void state_of(const struct failover_fsm *fsm, uint32_t mclt, struct dhcpd_relation *relation)
{
	uint8_t state = fsm->kept.state;
	bool stopped = state == FAILOVER_SHUTDOWN || state == FAILOVER_PAUSED;
	bool taken_over = state == FAILOVER_SHUTDOWN && fsm->kept.partner == FAILOVER_PARTNER_DOWN;

	relation->own_since = fsm->kept.since;
	if ((fsm->kept.clean || taken_over) && !fsm->kept.lost)
		relation->own_since -= mclt;
	if (stopped || fsm->kept.lost)
		state = FAILOVER_RECOVER;
	snprintf(relation->own, sizeof(relation->own), "%s", failover_state_word(state));
	snprintf(relation->partner, sizeof(relation->partner), "%s",
		 failover_state_word(fsm->kept.partner));
	relation->partner_since = fsm->kept.partner_since;
}

static int relation_write(struct export *export, const struct conf_relation *conf)
{
	const struct kept *kept = &export->kept[conf->number - 1];
	struct dhcpd_relation relation = {.has_mclt = !conf->primary};
	char bytes[1024];
	struct base_text text = base_text_of(bytes, sizeof(bytes));
	struct failover_record record;
	struct failover_fsm fsm = {0};

	if (!kept->length) {
		fprintf(stderr,
			"xdhcpd: %s: no state of failover peer \"%s\": dhcpd will begin in "
			"recover\n",
			export->options->leases, conf->name);
		return 0;
	}
	if (failover_kept_decode(kept->bytes, kept->length, &fsm, &record)) {
		fprintf(stderr, "xdhcpd: %s: the state of failover peer \"%s\" cannot be read\n",
			export->options->leases, conf->name);
		return -EBADMSG;
	}
	relation.mclt = fsm.mclt;
	snprintf(relation.name, sizeof(relation.name), "%s", conf->name);
	state_of(&fsm, conf->primary ? conf->mclt : fsm.mclt, &relation);
	store_dhcpd_write_relation(&relation, &text);
	fwrite(text.bytes, 1, text.length, export->out);
	return 0;
}

static void lease_write(struct export *export, const struct lease *lease)
{
	const struct conf_pool *pool = conf_pool_of(export->conf, lease->address);
	bool failover = books_relation(export->conf, pool);
	char bytes[DHCPD_ENTRY_MAX];
	struct base_text text = base_text_of(bytes, sizeof(bytes));
	struct dhcpd_lease dhcpd;

	if (!pool) { /* dhcpd would not take it */
		export->outside++;
		return;
	}
	store_dhcpd_lease(lease->current, failover, &dhcpd);
	store_dhcpd_write_lease(&dhcpd, failover, &text);
	fwrite(text.bytes, 1, text.length, export->out);
	export->written++;
}

static int text_write(struct export *export)
{
	char bytes[512];
	struct base_text text = base_text_of(bytes, sizeof(bytes));
	const struct lease *lease;
	uint64_t at = 0;
	int code = 0;

	store_dhcpd_write_head("xdhcp-" XDHCP_VERSION, &text);
	fwrite(text.bytes, 1, text.length, export->out);
	while ((lease = books_next(&export->books, &at)))
		lease_write(export, lease);
	for (size_t i = 0; !code && i < export->conf->relation_count; i++)
		code = relation_write(export, export->conf->relations[i]);
	return code;
}

/* Written beside, synced, and named when it is whole; what is there already stays. */
static int file_write(struct export *export)
{
	const char *name = export->options->export;
	char temporary[4096];
	int fd, code;

	if (snprintf(temporary, sizeof(temporary), "%s.tmp", name) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	export->out = fdopen(fd, "w");
	if (!export->out) {
		close(fd);
		return -ENOMEM;
	}
	code = text_write(export);
	if (!code && (fflush(export->out) || fsync(fd)))
		code = -errno;
	if (fclose(export->out) && !code)
		code = -errno;
	if (!code && link(temporary, name))
		code = -errno;
	unlink(temporary);
	return code;
}

static int export_all(struct export *export)
{
	const char *name = export->options->export;
	int code = directory_read(export);

	if (code)
		return code;
	code = file_write(export);
	if (code == -EEXIST)
		fprintf(stderr, "xdhcpd: %s: is there already; move it away, or name another\n",
			name);
	else if (code)
		fprintf(stderr, "xdhcpd: %s: %s\n", name, strerror(-code));
	if (code)
		return code;
	printf("%zu leases written to %s\n", export->written, name);
	if (export->outside)
		printf("left out, in no range of the configuration: %zu\n", export->outside);
	return 0;
}

int export_run(const struct options *options, const struct conf *conf)
{
	struct export export = {.options = options, .conf = conf};
	int code;

	rcu_register_thread();
	export.kept = calloc(conf->relation_count + 1, sizeof(*export.kept));
	code = export.kept ? books_open(conf, &export.books) : -ENOMEM;
	if (code) {
		fprintf(stderr, "xdhcpd: %s\n", strerror(-code));
		return 1;
	}
	code = export_all(&export);
	books_close(&export.books);
	free(export.kept);
	rcu_unregister_thread();
	return code ? 1 : 0;
}
