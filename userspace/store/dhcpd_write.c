/* SPDX-License-Identifier: GPL-2.0-only */
/* In dhcpd's own order, so that both kinds of file can be compared. */
#include <endian.h>
#include <string.h>

#include "base/address.h"
#include "store/dhcpd_private.h"

void dhcpd_string_write(const uint8_t *bytes, size_t length, struct base_text *text)
{
	base_text_append_bytes(text, "\"", 1);
	for (size_t i = 0; i < length; i++) {
		const char byte = (char)bytes[i];

		if (byte == '"' || byte == '\\')
			base_text_append_bytes(text, "\\", 1);
		if (bytes[i] < ' ' || bytes[i] > '~')
			base_text_append(text, "\\%03o", bytes[i]);
		else
			base_text_append_bytes(text, &byte, 1);
	}
	base_text_append_bytes(text, "\"", 1);
}

void dhcpd_hex_write(const uint8_t *bytes, size_t length, struct base_text *text)
{
	for (size_t i = 0; i < length; i++)
		base_text_append(text, "%s%x", i ? ":" : "", bytes[i]);
}

void store_dhcpd_write_head(const char *program, struct base_text *text)
{
	base_text_append(
		text,
		"# The format of this file is documented in the dhcpd.leases(5) manual page.\n"
		"# This lease file was written by %s\n\n"
		"authoring-byte-order %s-endian;\n\n",
		program, __BYTE_ORDER == __LITTLE_ENDIAN ? "little" : "big");
}

static void date_write(const char *word, int64_t time, struct base_text *text)
{
	if (time <= 0)
		return;
	base_text_append(text, "\n  %s ", word);
	dhcpd_date_write(time, text);
}

/* What follows the state by itself; where nothing does, it is not written. */
static uint8_t state_next(uint8_t state, bool failover)
{
	switch (state) {
	case LEASE_ACTIVE:
		return failover ? LEASE_EXPIRED : LEASE_FREE;
	case LEASE_FREE:
	case LEASE_BACKUP:
		return 0;
	default:
		return LEASE_FREE;
	}
}

static void hardware_write(const struct dhcpd_lease *lease, struct base_text *text)
{
	char address[BASE_HARDWARE_TEXT];
	const char *word = NULL;

	switch (lease->htype) {
	case 1:
		word = "ethernet";
		break;
	case 6:
		word = "token-ring";
		break;
	case 8:
		word = "fddi";
		break;
	case 32:
		word = "infiniband";
		break;
	}
	base_text_append(text, "\n  hardware ");
	if (word)
		base_text_append(text, "%s", word);
	else
		base_text_append(text, "unknown-%u", lease->htype);
	if (lease->hlen)
		base_text_append(text, " %s",
				 base_hardware_format(lease->chaddr, lease->hlen, address));
	base_text_append(text, ";");
}

static void client_write(const struct dhcpd_lease *lease, struct base_text *text)
{
	if (lease->htype || lease->hlen)
		hardware_write(lease, text);
	if (lease->uid.length) {
		base_text_append(text, "\n  uid ");
		dhcpd_string_write(lease->uid.data, lease->uid.length, text);
		base_text_append(text, ";");
	}
	dhcpd_agent_write(&lease->agent, text);
	if (lease->hostname.length) {
		base_text_append(text, "\n  client-hostname ");
		dhcpd_string_write(lease->hostname.data, lease->hostname.length, text);
		base_text_append(text, ";");
	}
}

void store_dhcpd_write_lease(const struct dhcpd_lease *lease, bool failover, struct base_text *text)
{
	char address[BASE_IPV4_TEXT];
	uint8_t next = state_next(lease->state, failover);

	base_text_append(text, "lease %s {", base_ipv4_format(lease->address, address));
	date_write("starts", lease->starts, text);
	date_write("ends", lease->ends, text);
	date_write("tstp", lease->tstp, text);
	date_write("tsfp", lease->tsfp, text);
	date_write("atsfp", lease->atsfp, text);
	date_write("cltt", lease->cltt, text);
	base_text_append(text, "\n  binding state %s;", lease_state_word(lease->state));
	if (next)
		base_text_append(text, "\n  next binding state %s;", lease_state_word(next));
	if (lease->flags & LEASE_RESERVED)
		base_text_append(text, "\n  reserved;");
	if (lease->flags & LEASE_BOOTP)
		base_text_append(text, "\n  dynamic-bootp;");
	client_write(lease, text);
	base_text_append(text, "\n}\n");
}

void store_dhcpd_write_relation(const struct dhcpd_relation *relation, struct base_text *text)
{
	base_text_append(text, "failover peer ");
	dhcpd_string_write((const uint8_t *)relation->name, strnlen(relation->name, 255), text);
	base_text_append(text, " state {\n  my state %s at ", relation->own);
	dhcpd_date_write(relation->own_since, text);
	base_text_append(text, "\n  partner state %s at ", relation->partner);
	dhcpd_date_write(relation->partner_since, text);
	if (relation->has_mclt)
		base_text_append(text, "\n  mclt %u;", relation->mclt);
	base_text_append(text, "\n}\n");
}
