/* SPDX-License-Identifier: GPL-2.0-only */
/* Values as JSON. Each returns a new reference, or NULL without memory. */
#ifndef XDHCP_CTL_JSON_H
#define XDHCP_CTL_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lease_record;

/* Text that may be no UTF-8: then bytes above 0x7f become '?'. Cut at 1,024 bytes in that case. */
json_t *ctl_json_text(const char *text, size_t length);

/* "01:ab:ff"; null where there are no bytes. At most 4,096 bytes are shown. */
json_t *ctl_json_hex(const uint8_t *bytes, size_t length);

/*
 * A lease as `leases` shows it: address, state, starts, ends, horizon, cltt
 * (each in seconds and as text in UTC with "_iso" behind its name; null:
 * never happened, or for horizon: never ends, "never"), hardware, client_id,
 * hostname, agent, circuit_id, remote_id (null: none), and of an address with a
 * failover relationship failover: owed (the partner has not acknowledged this),
 * potential, acknowledged, received, known, times as lease/record.h says.
 */
json_t *ctl_json_lease(const struct lease_record *record, bool failover);

#endif
