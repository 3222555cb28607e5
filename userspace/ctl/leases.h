/* SPDX-License-Identifier: GPL-2.0-only */
/* The command `leases`: a walk over the table, in chunks. */
#ifndef XDHCP_CTL_LEASES_H
#define XDHCP_CTL_LEASES_H

#include "ctl/call.h"

/* Arguments: ip, mac, client_id ("01:ab:…", "0x01ab…" or text), state; all that are given must hold. */
void ctl_leases_handle(struct ctl_call *call, const json_t *request);

#endif
