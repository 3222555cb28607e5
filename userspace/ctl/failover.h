/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands failover-…, and the findings that two commands answer with. */
#ifndef XDHCP_CTL_FAILOVER_H
#define XDHCP_CTL_FAILOVER_H

#include "ctl/call.h"

#define CTL_VERB_TEXT 1024

void ctl_failover_status(struct ctl_call *call, const json_t *request);
void ctl_failover_check(struct ctl_call *call, const json_t *request);
/* Arguments of the two that follow: relation, a name, may be left out where there is one only. */
void ctl_failover_partner_down(struct ctl_call *call, const json_t *request); /* fenced: a bool */
void ctl_failover_init(struct ctl_call *call, const json_t *request);
void ctl_failover_probe(struct ctl_call *call, const json_t *request);
void ctl_failover_shutdown(struct ctl_call *call, const json_t *request);

struct ctl_findings {
	json_t *list;
	bool sick;
	char first[CTL_VERB_TEXT]; /* what is wrong, for a one-line text */
};

/* A ctl_finding_visitor; `context` is a struct ctl_findings. */
void ctl_finding_add(void *context, enum ctl_code code, const char *text);
/* Ends the request, with one of two codes. Takes the list. */
void ctl_findings_reply(struct ctl_call *call, struct ctl_findings *findings, enum ctl_code well,
			enum ctl_code sick);

#endif
