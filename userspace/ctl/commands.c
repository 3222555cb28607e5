/* SPDX-License-Identifier: GPL-2.0-only */
#include "ctl/commands.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ctl/call.h"
#include "ctl/failover.h"
#include "ctl/json.h"
#include "ctl/leases.h"

static void status_handle(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);
	json_t *status;

	(void)request;
	if (!verbs->status) {
		ctl_call_reply(call, CTL_NOT_SERVING, NULL, NULL);
		return;
	}
	status = verbs->status(verbs->context);
	if (status)
		ctl_call_reply(call, CTL_STATUS, NULL, json_pack("{s:o}", "status", status));
	else
		ctl_call_reply(call, CTL_NO_MEMORY, NULL, NULL);
}

/* What does not fit into memory is left out; the reply itself fails then, too. */
static void counter_add(void *context, const struct ctl_counter *counter)
{
	json_t *list = context;

	json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:s}", "group", counter->group,
					      "word", counter->word, "value",
					      (json_int_t)counter->value, "text", counter->text));
}

static void kernel_counters_add(json_t *list, const struct xdhcp_counters *sum)
{
	for (enum xdhcp_counter i = 0; i < XDHCP_COUNTER_MAX; i++) {
		struct ctl_counter counter = {
			.group = "kernel",
			.word = fastpath_counter_word(i),
			.text = fastpath_counter_text(i),
			.value = sum->count[i],
		};

		counter_add(list, &counter);
	}
}

static void stats_handle(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);
	struct xdhcp_counters sum;
	json_t *list = json_array();

	(void)request;
	if (verbs->kernel && verbs->kernel(verbs->context, &sum))
		kernel_counters_add(list, &sum);
	if (verbs->counters)
		verbs->counters(verbs->context, counter_add, list);
	ctl_call_reply(call, CTL_STATS, NULL, json_pack("{s:o}", "counters", list));
}

static void reload_handle(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);
	enum ctl_code code = CTL_RELOADED;
	char text[CTL_VERB_TEXT] = "";
	int result;

	(void)request;
	if (!verbs->reload) {
		ctl_call_reply(call, CTL_NOT_SERVING, NULL, NULL);
		return;
	}
	result = verbs->reload(verbs->context, text, sizeof(text));
	if (result < 0)
		code = result == -EINVAL ? CTL_BAD_CONFIGURATION : CTL_FAILED;
	ctl_call_reply(call, code, *text ? text : NULL, NULL);
}

static void stop_handle(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);

	(void)request;
	if (verbs->stop)
		verbs->stop(verbs->context);
	ctl_call_reply(call, verbs->stop ? CTL_STOPPING : CTL_NOT_SERVING, NULL, NULL);
}

static void restart_handle(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);

	(void)request;
	if (!verbs->restart) {
		ctl_call_reply(call, CTL_NOT_SERVING, NULL, NULL);
		return;
	}
	ctl_call_hold(call);
	verbs->restart(verbs->context, ctl_call_answer, call);
}

static void detach_handle(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);
	char text[CTL_VERB_TEXT] = "";
	int result;

	(void)request;
	if (!verbs->detach) {
		ctl_call_reply(call, CTL_NOT_SERVING, NULL, NULL);
		return;
	}
	result = verbs->detach(verbs->context, text, sizeof(text));
	ctl_call_reply(call, result < 0 ? CTL_FAILED : CTL_DETACHED, *text ? text : NULL, NULL);
}

static void check_handle(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);
	struct ctl_findings findings = {0};

	(void)request;
	if (!verbs->check) {
		ctl_call_reply(call, CTL_NOT_SERVING, NULL, NULL);
		return;
	}
	findings.list = json_array();
	verbs->check(verbs->context, ctl_finding_add, &findings);
	if (verbs->failover_check)
		verbs->failover_check(verbs->context, ctl_finding_add, &findings);
	ctl_findings_reply(call, &findings, CTL_HEALTHY, CTL_UNHEALTHY);
}

static void self_test_handle(struct ctl_call *call, const json_t *request)
{
	const struct ctl_verbs *verbs = ctl_call_verbs(call);
	struct ctl_findings findings = {.list = json_array()};

	(void)request;
	if (verbs->self_test && verbs->self_test(verbs->context, ctl_finding_add, &findings)) {
		ctl_findings_reply(call, &findings, CTL_SELF_TEST_PASSED, CTL_SICK_SELF_TEST);
		return;
	}
	json_decref(findings.list);
	ctl_call_reply(call, CTL_NOT_SERVING, NULL, NULL);
}

static void help_handle(struct ctl_call *call, const json_t *request)
{
	const struct ctl_command *command;
	json_t *list = json_array();

	(void)request;
	for (size_t i = 0; (command = ctl_command_at(i)); i++) {
		json_t *names = json_array();

		for (size_t j = 0; command->arguments[j]; j++)
			json_array_append_new(names, json_string(command->arguments[j]));
		json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "name", command->name,
						      "help", command->help, "arguments", names));
	}
	ctl_call_reply(call, CTL_HELP, NULL,
		       json_pack("{s:i, s:o}", "protocol", CTL_PROTOCOL, "commands", list));
}

static const char *const none[] = {NULL};
static const char *const relation_arguments[] = {"relation", NULL};
static const char *const down_arguments[] = {"relation", "fenced", NULL};
static const char *const lease_arguments[] = {"ip", "mac", "client_id", "state", NULL};

static const struct ctl_command commands[] = {
	{"status", "what the daemon serves, and how", none, status_handle},
	{"leases", "leases, all or those that match", lease_arguments, ctl_leases_handle},
	{"stats", "counters of kernel and userspace by reason", none, stats_handle},
	{"reload", "reads the configuration again", none, reload_handle},
	{"stop", "ends the daemon in good order", none, stop_handle},
	{"restart", "the binary as it is now takes over; the kernel goes on", none, restart_handle},
	{"check", "healthy or not, with reasons", none, check_handle},
	{"self-test", "do kernel and userspace answer as they should; no client notices", none,
	 self_test_handle},
	{"detach", "takes the program off all interfaces; userspace goes on serving", none,
	 detach_handle},
	{"failover-status", "the failover relationships", none, ctl_failover_status},
	{"failover-check", "what is wrong with them, and how both configurations differ", none,
	 ctl_failover_check},
	{"failover-partner-down", "the partner is dead: what is its is taken over", down_arguments,
	 ctl_failover_partner_down},
	{"failover-init", "a new pair: neither server has given anything away", relation_arguments,
	 ctl_failover_init},
	{"failover-probe", "does the partner's system acknowledge what it is sent, now",
	 relation_arguments, ctl_failover_probe},
	{"failover-shutdown", "hands over to the partners and ends the daemon", none,
	 ctl_failover_shutdown},
	{"help", "the commands and their arguments", none, help_handle},
};

const struct ctl_command *ctl_command_at(size_t index)
{
	return index < sizeof(commands) / sizeof(commands[0]) ? &commands[index] : NULL;
}

const struct ctl_command *ctl_command_find(const char *name)
{
	const struct ctl_command *command;

	for (size_t i = 0; (command = ctl_command_at(i)); i++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

/* The name of an argument that the command does not have; NULL: all are known. */
static const char *argument_unknown(const struct ctl_command *command, const json_t *request)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)request, name, value)
	{
		bool known = !strcmp(name, "command");

		for (size_t i = 0; command->arguments[i] && !known; i++)
			known = !strcmp(command->arguments[i], name);
		if (!known)
			return name;
	}
	return NULL;
}

void ctl_command_run(struct ctl_call *call, const json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "command"));
	const struct ctl_command *command = name ? ctl_command_find(name) : NULL;
	const char *unknown = command ? argument_unknown(command, request) : NULL;
	char text[CTL_VERB_TEXT];

	if (!name) {
		ctl_call_reply(call, CTL_NO_COMMAND, NULL, NULL);
	} else if (!command) {
		snprintf(text, sizeof(text), "no such command: %.64s; `help` lists them", name);
		ctl_call_reply(call, CTL_UNKNOWN_COMMAND, text, NULL);
	} else if (unknown) {
		snprintf(text, sizeof(text), "%s takes no argument %.64s", command->name, unknown);
		ctl_call_reply(call, CTL_BAD_ARGUMENT, text, NULL);
	} else {
		command->handle(call, request);
	}
}
