/* SPDX-License-Identifier: GPL-2.0-only */
/* One client's life: RFC 2131 figure 5. */
#ifndef BLAST_CLIENT_H
#define BLAST_CLIENT_H

#include "bench/blast/session.h"
#include "bench/blast/wire.h"

/* Sends its DISCOVER, or (`reboot`) asks for the address that it had. */
void client_begin(struct session *session, uint32_t index, bool reboot);

/* Takes up a lease from an earlier run. */
void client_resume(struct session *session, uint32_t index);

/* Its timer is due. */
void client_timer(struct session *session, uint32_t index);

/* A frame came that is not ARP. */
void client_receive(struct session *session, const struct arrival *arrival);

/* Says that it gives its lease back; `again`: it will be a new client in a second. */
void client_release(struct session *session, uint32_t index, bool again);

/* Puts a client behind those that wait to begin. */
void client_queue(struct session *session, uint32_t index);

#endif
