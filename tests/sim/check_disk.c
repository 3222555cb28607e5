// SPDX-License-Identifier: GPL-2.0-only
/*
 * Journals as they reach the disk, read by the words of store/format.h and
 * failover/peer_kept.c, with nothing of their code.
 */
#include "tests/disk/disk.h"

#include "tests/sim/check.h"

#define HEADER 44
#define RECORD 12

/* How far the newest journal has been read. */
static struct {
	char name[40];
	size_t at;
} journals[SIM_NODES];

struct reader {
	const uint8_t *at, *end;
};

static uint64_t number(struct reader *reader, unsigned bytes)
{
	uint64_t value = 0;

	if ((size_t)(reader->end - reader->at) < bytes) {
		reader->at = reader->end;
		return 0;
	}
	while (bytes--)
		value = value << 8 | *reader->at++;
	return value;
}

static bool own_free(const struct node *node, uint8_t state)
{
	return node->role > 0 ? state == CHECK_BACKUP : state == CHECK_FREE || state == CHECK_NONE;
}

static bool shares(const struct check_node *known)
{
	return !known->lost && (known->kept == CHECK_NORMAL || known->kept == CHECK_INTERRUPTED);
}

/* What is free is one server's at the most. */
static void ownership_check(const struct node *node, uint32_t address)
{
	const struct node *partner = check_partner(node);
	uint32_t place = check_place(address);

	if (!partner || !shares(&check_nodes[node->index]) || !shares(&check_nodes[partner->index]))
		return;
	if (own_free(node, check_nodes[node->index].facts[place].state) &&
	    own_free(partner, check_nodes[partner->index].facts[place].state))
		sim_fail("%s is free, and both servers may give it: %s on %c, %s on %c",
			 check_address(address),
			 check_binding_word(check_nodes[node->index].facts[place].state),
			 'A' + node->index,
			 check_binding_word(check_nodes[partner->index].facts[place].state),
			 'A' + partner->index);
}

/* A new client: the address was ours to give, or the partner is down for long enough. */
static void grant_check(const struct node *node, uint32_t address, const struct check_fact *before,
			const struct check_fact *now)
{
	const struct check_node *known = &check_nodes[node->index];
	uint64_t down = known->said_down ? known->said_down : known->kept_since;

	if (now->state != CHECK_ACTIVE || now->received || !now->client ||
	    (before->state == CHECK_ACTIVE && before->client == now->client) ||
	    own_free(node, before->state) || before->client == now->client)
		return;
	if (known->kept != CHECK_PARTNER_DOWN)
		sim_fail("%c gives %s, which is %s, to client %u in %s", 'A' + node->index,
			 check_address(address), check_binding_word(before->state), now->client - 1,
			 check_state_word(known->kept));
	else if (sim.now + 3 * SIM_SECOND < down + check_mclt() * SIM_SECOND)
		sim_fail("%c gives %s, which is %s, to client %u %s after partner-down",
			 'A' + node->index, check_address(address),
			 check_binding_word(before->state), now->client - 1,
			 sim_time(sim.now - down));
}

/* Type 2: one address. */
static void lease_read(const struct node *node, struct reader *reader)
{
	struct check_node *known = &check_nodes[node->index];
	uint32_t address = (uint32_t)number(reader, 4), place = check_place(address);
	struct check_fact before = known->facts[place], now = {.known = before.known,
							       .told = before.told,
							       .told_client = before.told_client,
							       .freed = before.freed,
							       .minute = before.minute,
							       .updates = before.updates};
	uint64_t hlen;

	now.state = (uint8_t)number(reader, 1);
	number(reader, 3);
	number(reader, 8);
	now.ends = (int64_t)number(reader, 8);
	now.horizon = (int64_t)number(reader, 8);
	number(reader, 8);
	now.potential = (int64_t)number(reader, 8);
	number(reader, 8);
	now.received = (int64_t)number(reader, 8);
	number(reader, 8);
	number(reader, 1);
	hlen = number(reader, 1);
	if (hlen == 6 && number(reader, 2) == 0x02cc)
		now.client = (uint32_t)number(reader, 4) + 1;
	if (now.client != before.client)
		now.known = 0;
	if (now.state == CHECK_ACTIVE && now.client == now.told_client && now.received &&
	    now.received == now.told && now.known < now.told)
		now.known = now.told;
	if (now.state != CHECK_ACTIVE)
		now.freed = sim.now;
	known->facts[place] = now;
	if (sim.traced == address)
		sim_note(node->index, "writes %s, client %d, ends %lld, H %lld, P %lld, R %lld",
			 check_binding_word(now.state), (int)now.client - 1, (long long)now.ends,
			 (long long)now.horizon, (long long)now.potential, (long long)now.received);
	if (!check_mclt())
		return;
	grant_check(node, address, &before, &now);
	ownership_check(node, address);
}

/* Type 5: what is no lease; here the state of the relationship. */
static void note_read(const struct node *node, struct reader *reader)
{
	struct check_node *known = &check_nodes[node->index];
	uint8_t length = (uint8_t)number(reader, 1), state;

	if (length < 9 || memcmp(reader->at, "failover/", 9))
		return;
	reader->at += length;
	number(reader, 2); /* its length */
	number(reader, 3); /* version, flags */
	state = (uint8_t)number(reader, 1);
	if (state == known->kept)
		return;
	if (!check_state_follows(known->kept, state))
		sim_fail("%c goes from %s to %s", 'A' + node->index, check_state_word(known->kept),
			 check_state_word(state));
	known->kept = state;
	known->kept_since = sim.now;
	sim_note(node->index, "%s is on disk", check_state_word(state));
}

/* Whole records from where reading ended on; returns where it ends now. */
static size_t records_read(const struct node *node, const uint8_t *bytes, size_t at, size_t size)
{
	while (at + RECORD <= size) {
		struct reader head = {bytes + at, bytes + size}, body;
		size_t length = number(&head, 4);
		uint8_t type = (uint8_t)number(&head, 1);

		if (at + RECORD + length > size)
			break;
		body = (struct reader){bytes + at + RECORD, bytes + at + RECORD + length};
		if (type == 2)
			lease_read(node, &body);
		else if (type == 5)
			note_read(node, &body);
		at += RECORD + length;
	}
	return at;
}

static bool is_journal(const char *name)
{
	return !strncmp(name, "journal.", 8) && strcmp(name, "journal.tmp");
}

void check_synced(struct node *node, const char *name, const uint8_t *bytes, size_t offset,
		  size_t size)
{
	(void)offset;
	if (!is_journal(name))
		return;
	if (strcmp(name, journals[node->index].name)) {
		if (strcmp(name, journals[node->index].name) < 0)
			return; /* an older one, synced again at a start */
		snprintf(journals[node->index].name, sizeof(journals[0].name), "%s", name);
		journals[node->index].at = HEADER;
	}
	journals[node->index].at = records_read(node, bytes, journals[node->index].at, size);
}

void check_started(struct node *node)
{
	const struct disk *disk = node->disk;

	check_clock_known(node);
	check_nodes[node->index].beat = sim.now;
	check_nodes[node->index].announced = CHECK_UNKNOWN;
	check_nodes[node->index].heard = false;
	if (check_nodes[node->index].lost && check_nodes[node->index].lost_at == SIM_NEVER)
		check_nodes[node->index].lost_at = sim.now;
	for (int i = 0; i < DISK_NAMES; i++) {
		const struct disk_content *content = &disk->stable[disk->names[i].inode];

		if (is_journal(disk->names[i].name))
			check_synced(node, disk->names[i].name, content->bytes, 0, content->size);
	}
}

void check_disk_lost(struct node *node)
{
	struct check_node *known = &check_nodes[node->index];

	memset(&journals[node->index], 0, sizeof(journals[0]));
	free(known->facts); /* most of it was never touched */
	known->facts = calloc(CHECK_PLACES, sizeof(*known->facts));
	if (!known->facts)
		abort();
	known->kept = CHECK_UNKNOWN;
	known->lost = true;
	known->lost_at = SIM_NEVER;
	known->lost_since = sim.now;
	known->asked = known->updated = known->excused = false;
}
