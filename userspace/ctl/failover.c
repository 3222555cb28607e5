/* SPDX-License-Identifier: GPL-2.0-only */
#include "ctl/failover.h"

#include <stdio.h>
#include <string.h>

#include "ctl/json.h"

void ctl_finding_add(void *context, enum ctl_code code, const char *text)
{
	struct ctl_findings *findings = context;
	const char *word = ctl_code_word(code);

	json_array_append_new(findings->list, json_pack("{s:i, s:s, s:o}", "code", (int)code,
							"word", word ? word : "unknown", "text",
							ctl_json_text(text, strlen(text))));
	if (code < CTL_UNHEALTHY)
		return;
	if (!findings->sick)
		snprintf(findings->first, sizeof(findings->first), "%s", text);
	findings->sick = true;
}

void ctl_findings_reply(struct ctl_call *call, struct ctl_findings *findings, enum ctl_code well,
			enum ctl_code sick)
{
	ctl_call_reply(call, findings->sick ? sick : well, findings->sick ? findings->first : NULL,
		       json_pack("{s:o}", "findings", findings->list));
}

void ctl_failover_status(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);
	json_t *list = verbs->failover ? verbs->failover(verbs->context) : NULL;

	(void)request;
	if (list)
		ctl_call_reply(call, CTL_FAILOVER, NULL, json_pack("{s:o}", "relations", list));
	else
		ctl_call_reply(call, verbs->failover ? CTL_NO_MEMORY : CTL_NOT_SERVING, NULL, NULL);
}

void ctl_failover_check(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);
	struct ctl_findings findings = {0};

	(void)request;
	if (!verbs->failover_check) {
		ctl_call_reply(call, CTL_NOT_SERVING, NULL, NULL);
		return;
	}
	findings.list = json_array();
	verbs->failover_check(verbs->context, ctl_finding_add, &findings);
	ctl_findings_reply(call, &findings, CTL_HEALTHY, CTL_UNHEALTHY);
}

/* False: answered already, it is no name. */
static bool relation_read(struct ctl_call *call, const json_t *request, const char **ret_relation)
{
	const json_t *value = json_object_get(request, "relation");

	if (value && !json_is_null(value) && !json_is_string(value)) {
		ctl_call_reply(call, CTL_BAD_ARGUMENT, "relation: a relationship's name", NULL);
		return false;
	}
	*ret_relation = json_string_value(value);
	return true;
}

void ctl_failover_partner_down(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);
	const json_t *fenced = json_object_get(request, "fenced");
	enum ctl_code code = CTL_NOT_SERVING;
	char text[CTL_VERB_TEXT] = "";
	const char *relation;

	if (!relation_read(call, request, &relation))
		return;
	if (fenced && !json_is_null(fenced) && !json_is_boolean(fenced)) {
		ctl_call_reply(call, CTL_BAD_ARGUMENT, "fenced: true or false", NULL);
		return;
	}
	if (verbs->failover_partner_down)
		code = verbs->failover_partner_down(verbs->context, relation, json_is_true(fenced),
						    text, sizeof(text));
	ctl_call_reply(call, code, *text ? text : NULL, NULL);
}

/* Something that is done with one relationship, or with the only one. */
static void relation_do(struct ctl_call *call, const json_t *request,
			enum ctl_code (*verb)(void *context, const char *relation, char *text,
					      size_t size))
{
	enum ctl_code code = CTL_NOT_SERVING;
	char text[CTL_VERB_TEXT] = "";
	const char *relation;

	if (!relation_read(call, request, &relation))
		return;
	if (verb)
		code = verb(ctl_call_verbs(call)->context, relation, text, sizeof(text));
	ctl_call_reply(call, code, *text ? text : NULL, NULL);
}

void ctl_failover_init(struct ctl_call *call, const json_t *request)
{
	relation_do(call, request, ctl_call_verbs(call)->failover_init);
}

void ctl_failover_probe(struct ctl_call *call, const json_t *request)
{
	relation_do(call, request, ctl_call_verbs(call)->failover_probe);
}

void ctl_failover_shutdown(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);
	enum ctl_code code = CTL_NOT_SERVING;
	char text[CTL_VERB_TEXT] = "";

	(void)request;
	if (verbs->failover_shutdown)
		code = verbs->failover_shutdown(verbs->context, text, sizeof(text));
	ctl_call_reply(call, code, *text ? text : NULL, NULL);
}
