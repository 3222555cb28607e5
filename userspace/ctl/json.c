/* SPDX-License-Identifier: GPL-2.0-only */
#include "ctl/json.h"

#include <string.h>
#include <time.h>

#include "base/address.h"
#include "dhcp/message.h"
#include "lease/record.h"

#define TEXT_MAX 1024
#define HEX_MAX 4096
#define IDENT_CLIENT_ID 61 /* first byte of an identity that is option 61's (dhcp/ident.h) */

json_t *ctl_json_text(const char *text, size_t length)
{
	char plain[TEXT_MAX];
	json_t *value = json_stringn(text, length);

	if (value)
		return value;
	if (length > sizeof(plain))
		length = sizeof(plain);
	for (size_t i = 0; i < length; i++)
		plain[i] = (unsigned char)text[i] > 0x7f ? '?' : text[i];
	return json_stringn(plain, length);
}

json_t *ctl_json_hex(const uint8_t *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	char text[HEX_MAX * 3];

	if (!bytes || !length)
		return json_null();
	if (length > HEX_MAX)
		length = HEX_MAX;
	for (size_t i = 0; i < length; i++) {
		text[i * 3] = digits[bytes[i] >> 4];
		text[i * 3 + 1] = digits[bytes[i] & 15];
		text[i * 3 + 2] = ':';
	}
	return json_stringn(text, length * 3 - 1);
}

/* Seconds and text: both null for 0. */
static int time_set(json_t *object, const char *name, const char *name_iso, int64_t when)
{
	char text[32];
	struct tm parts;
	time_t seconds = (time_t)when;

	if (!when)
		return json_object_set_new(object, name, json_null()) |
		       json_object_set_new(object, name_iso, json_null());
	if (when == LEASE_HORIZON_NEVER)
		return json_object_set_new(object, name, json_null()) |
		       json_object_set_new(object, name_iso, json_string("never"));
	if (!gmtime_r(&seconds, &parts) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts))
		text[0] = '\0';
	return json_object_set_new(object, name, json_integer(when)) |
	       json_object_set_new(object, name_iso, json_string(text));
}

static int times_set(json_t *object, const struct lease_record *record)
{
	return time_set(object, "starts", "starts_iso", record->starts) |
	       time_set(object, "ends", "ends_iso", record->ends) |
	       time_set(object, "horizon", "horizon_iso", record->horizon) |
	       time_set(object, "cltt", "cltt_iso", record->cltt);
}

static json_t *hardware_of(const struct lease_record *record)
{
	size_t length =
		record->hlen < sizeof(record->chaddr) ? record->hlen : sizeof(record->chaddr);

	return ctl_json_hex(record->chaddr, length);
}

static json_t *client_id_of(const struct lease_record *record)
{
	const uint8_t *ident = lease_record_ident(record);

	if (record->ident_length < 2 || ident[0] != IDENT_CLIENT_ID)
		return json_null();
	return ctl_json_hex(ident + 1, record->ident_length - 1U);
}

static json_t *hostname_of(const struct lease_record *record)
{
	if (!record->hostname_length)
		return json_null();
	return ctl_json_text((const char *)lease_record_hostname(record), record->hostname_length);
}

static json_t *agent_part_of(struct dhcp_option agent, uint8_t code)
{
	struct dhcp_option part = dhcp_agent_option(agent, code);

	return ctl_json_hex(part.data, part.length);
}

static int client_set(json_t *object, const struct lease_record *record)
{
	struct dhcp_option agent = {lease_record_agent(record), record->agent_length};

	return json_object_set_new(object, "hardware", hardware_of(record)) |
	       json_object_set_new(object, "htype", json_integer(record->htype)) |
	       json_object_set_new(object, "client_id", client_id_of(record)) |
	       json_object_set_new(object, "hostname", hostname_of(record)) |
	       json_object_set_new(object, "agent", ctl_json_hex(agent.data, agent.length)) |
	       json_object_set_new(object, "circuit_id",
				   agent_part_of(agent, DHCP_AGENT_CIRCUIT_ID)) |
	       json_object_set_new(object, "remote_id", agent_part_of(agent, DHCP_AGENT_REMOTE_ID));
}

/* What the partner has yet to hear of it, and what is agreed with it. The loop changes three in place. */
static json_t *failover_of(const struct lease_record *record)
{
	uint8_t flags = __atomic_load_n(&record->flags, __ATOMIC_RELAXED);
	int64_t acknowledged = __atomic_load_n(&record->acknowledged, __ATOMIC_RELAXED);
	int64_t known = __atomic_load_n(&record->known, __ATOMIC_RELAXED);
	json_t *object = json_object();

	if (json_object_set_new(object, "owed", json_boolean(flags & LEASE_OWED)) |
	    time_set(object, "potential", "potential_iso", record->potential) |
	    time_set(object, "acknowledged", "acknowledged_iso", acknowledged) |
	    time_set(object, "received", "received_iso", record->received) |
	    time_set(object, "known", "known_iso", known)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

json_t *ctl_json_lease(const struct lease_record *record, bool failover)
{
	const char *state = lease_state_word(record->state);
	char address[BASE_IPV4_TEXT];
	json_t *object = json_object();

	base_ipv4_format(record->address, address);
	if (json_object_set_new(object, "address", json_string(address)) |
	    json_object_set_new(object, "state", json_string(state ? state : "unknown")) |
	    times_set(object, record) | client_set(object, record) |
	    json_object_set_new(object, "failover", failover ? failover_of(record) : json_null())) {
		json_decref(object);
		return NULL;
	}
	return object;
}
