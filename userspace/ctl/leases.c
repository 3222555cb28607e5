/* SPDX-License-Identifier: GPL-2.0-only */
#include "ctl/leases.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <urcu.h>

#include "base/address.h"
#include "ctl/json.h"
#include "dhcp/ident.h"
#include "lease/table.h"

#define READ_SIDE 256 /* leases looked at between leaving and entering the read side */
#define CHUNK_LOOK 4096 /* leases looked at in a chunk, found or not */

/* What a lease has to be; a length or state of 0: anything. */
struct filter {
	uint8_t state;
	size_t mac_length;
	uint8_t mac[BASE_HARDWARE_MAX];
	size_t client_id_length;
	uint8_t client_id[DHCP_IDENT_MAX];
	bool client_id_text;
};

struct walk {
	struct lease_table *table;
	struct filter filter;
	uint64_t next, last; /* addresses; past the last one: the end */
	uint64_t count; /* found */
};

static bool client_id_matches(const struct filter *filter, const struct lease_record *record)
{
	const uint8_t *ident = lease_record_ident(record);
	size_t length = record->ident_length;

	if (length < 2 || ident[0] != DHCP_OPT_CLIENT_ID)
		return false;
	ident++;
	length--;
	/* RFC 2132 section 9.14: a text carries type 0 in front, and not every client knows. */
	if (filter->client_id_text && length > 1 && ident[0] == 0 &&
	    length - 1 == filter->client_id_length)
		return !memcmp(ident + 1, filter->client_id, length - 1);
	return length == filter->client_id_length && !memcmp(ident, filter->client_id, length);
}

static bool filter_matches(const struct filter *filter, const struct lease_record *record)
{
	if (filter->state && record->state != filter->state)
		return false;
	if (filter->mac_length && (record->hlen != filter->mac_length ||
				   memcmp(record->chaddr, filter->mac, filter->mac_length)))
		return false;
	return !filter->client_id_length || client_id_matches(filter, record);
}

/* One lease as a line; bytes written, 0: there is no room left, or no memory now. */
static size_t line_write(const struct lease_record *record, bool failover, char *bytes, size_t size)
{
	json_t *object = ctl_json_lease(record, failover);
	size_t length = object ? json_dumpb(object, bytes, size, JSON_COMPACT) : 0;

	json_decref(object);
	if (!length || length >= size)
		return 0;
	bytes[length] = '\n';
	return length + 1;
}

/*
 * Up to READ_SIDE leases from walk->next on. False: go on with the next
 * chunk. A line is far shorter than a chunk, so each chunk gets on.
 */
static bool walk_some(struct walk *walk, char *bytes, size_t size, size_t *length, bool *ret_end)
{
	for (size_t i = 0; i < READ_SIDE; i++) {
		struct lease *lease = lease_table_at_or_after(walk->table, walk->next);
		const struct lease_record *record;

		if (!lease || lease->address > walk->last) {
			*ret_end = true;
			return false;
		}
		record = rcu_dereference(lease->current);
		if (record && filter_matches(&walk->filter, record)) {
			size_t wrote = line_write(record, CMM_LOAD_SHARED(lease->relation) != 0,
						  bytes + *length, size - *length);

			if (!wrote)
				return false;
			*length += wrote;
			walk->count++;
		}
		walk->next = (uint64_t)lease->address + 1;
	}
	return true;
}

static size_t walk_fill(void *context, char *bytes, size_t size, bool *ret_end)
{
	struct walk *walk = context;
	size_t length = 0;
	bool more = true;

	/* The pool's threads are libuv's: they are readers only while they read. */
	rcu_register_thread();
	for (size_t looked = 0; more && looked < CHUNK_LOOK; looked += READ_SIDE) {
		rcu_read_lock();
		more = walk_some(walk, bytes, size, &length, ret_end);
		rcu_read_unlock();
	}
	rcu_unregister_thread();
	return length;
}

static void walk_finish(void *context, struct ctl_call *call)
{
	struct walk *walk = context;
	char text[64];

	snprintf(text, sizeof(text), "%" PRIu64 " lease%s", walk->count,
		 walk->count == 1 ? "" : "s");
	ctl_call_reply(call, CTL_LEASES, text,
		       json_pack("{s:I}", "count", (json_int_t)walk->count));
}

static int hex_digit(char digit)
{
	if (!isxdigit((unsigned char)digit))
		return -1;
	return isdigit((unsigned char)digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}

/* Pairs of digits, with or without colons between them; all of the text or nothing. */
static bool hex_read(const char *text, uint8_t *bytes, size_t size, size_t *ret_length)
{
	size_t length = 0;

	while (*text) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0 || length == size)
			return false;
		bytes[length++] = (uint8_t)(high << 4 | low);
		text += 2;
		if (*text == ':' && text[1])
			text++;
	}
	*ret_length = length;
	return length > 0;
}

static int client_id_argument(const char *text, struct walk *walk)
{
	struct filter *filter = &walk->filter;
	size_t length = strlen(text);

	if (!strncmp(text, "0x", 2))
		return hex_read(text + 2, filter->client_id, sizeof(filter->client_id),
				&filter->client_id_length)
			       ? 0
			       : -EINVAL;
	if (strchr(text, ':') &&
	    hex_read(text, filter->client_id, sizeof(filter->client_id), &filter->client_id_length))
		return 0;
	if (!length || length > sizeof(filter->client_id))
		return -EINVAL;
	memcpy(filter->client_id, text, length);
	filter->client_id_length = length;
	filter->client_id_text = true;
	return 0;
}

static int mac_argument(const char *text, struct walk *walk)
{
	return base_hardware_parse(text, strlen(text), walk->filter.mac, &walk->filter.mac_length);
}

static int ip_argument(const char *text, struct walk *walk)
{
	uint32_t address;
	int code = base_ipv4_parse(text, strlen(text), &address);

	if (!code)
		walk->next = walk->last = address;
	return code;
}

static int state_argument(const char *text, struct walk *walk)
{
	for (uint8_t state = LEASE_FREE; state <= LEASE_BACKUP; state++) {
		const char *word = lease_state_word(state);

		if (!word || strcmp(word, text))
			continue;
		walk->filter.state = state;
		return 0;
	}
	return -EINVAL;
}

static const struct {
	const char *name, *wanted;
	int (*read)(const char *text, struct walk *walk);
} arguments[] = {
	{"ip", "ip: an IPv4 address, as 192.0.2.7", ip_argument},
	{"mac", "mac: pairs of hexadecimal digits, as 02:00:00:00:00:01", mac_argument},
	{"client_id", "client_id: 01:02:ab, 0x0102ab or text", client_id_argument},
	{"state", "state: free, active, expired, released, abandoned, reset or backup",
	 state_argument},
};

/* What an argument should have been; NULL: all are well. */
static const char *arguments_read(const json_t *request, struct walk *walk)
{
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		const json_t *value = json_object_get(request, arguments[i].name);
		const char *text = json_string_value(value);

		if (!value || json_is_null(value))
			continue;
		if (!text || arguments[i].read(text, walk) < 0)
			return arguments[i].wanted;
	}
	return NULL;
}

void ctl_leases_handle(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);
	struct walk *walk = calloc(1, sizeof(*walk));
	struct ctl_source source = {walk, walk_fill, walk_finish, free};
	const char *wrong;

	if (!walk) {
		ctl_call_reply(call, CTL_NO_MEMORY, NULL, NULL);
		return;
	}
	walk->last = UINT32_MAX;
	walk->table = verbs->table ? verbs->table(verbs->context) : NULL;
	wrong = arguments_read(request, walk);
	if (walk->table && !wrong) {
		ctl_call_stream(call, &source);
		return;
	}
	free(walk);
	ctl_call_reply(call, wrong ? CTL_BAD_ARGUMENT : CTL_NOT_SERVING, wrong, NULL);
}
