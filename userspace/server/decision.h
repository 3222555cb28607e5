/* SPDX-License-Identifier: GPL-2.0-only */
/* Between decide.c, which has the ladder, and decide_partner.c, which has failover's part of it. */
#ifndef XDHCP_SERVER_DECISION_H
#define XDHCP_SERVER_DECISION_H

#include "server/decide.h"

/* A request on its way down the ladder. */
struct decision {
	const struct conf *conf;
	struct lease_table *table;
	const struct failover_view *views; /* NULL: no failover */
	const struct server_request *request;
	const struct conf_host *host; /* of this client, wherever it is */
	struct server_verdict verdict;
};

/* decide.c */
void server_decision_silence(struct decision *decision, enum server_silence silence);
bool server_decision_lease_is_clients(const struct decision *decision, const struct lease *lease);
/* Free for this client, in a pool that takes it? */
bool server_decision_available(const struct decision *decision, const struct lease *lease);

/* decide_partner.c */
/* The relationship of a lease; NULL: it has none. */
const struct failover_view *server_decision_view(const struct decision *decision,
						 const struct lease *lease);
/*
 * What failover lets us promise of the verdict's lease (I1): true where that
 * is anything. A binding that begins now is one that the partner knows nothing of.
 */
bool server_decision_bound(struct decision *decision);
/* A DISCOVER that load balancing leaves to the partner? */
bool server_decision_is_partners(const struct decision *decision, const struct failover_view *view);
/* No address: because there is none, or because failover or a permit list lets none be given. */
enum server_silence server_decision_why_none(const struct decision *decision);
/*
 * Failover says nothing about this address now, not even no: the state does
 * not serve, the address is the partner's to give, or it has not agreed yet
 * that it is free. True with the verdict given.
 */
bool server_decision_by_partner(struct decision *decision, const struct lease *lease);

#endif
