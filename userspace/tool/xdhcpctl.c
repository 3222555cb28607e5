/* SPDX-License-Identifier: GPL-2.0-only */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fastpath/pinned.h"
#include "tool/ask.h"
#include "tool/failover.h"
#include "tool/leases.h"
#include "tool/pins.h"
#include "tool/restart.h"
#include "tool/show.h"

#define PATIENCE 10 /* seconds */
#define STOP_PATIENCE 60 /* a clean stop sweeps, writes and detaches */

struct options {
	const char *socket;
	bool json, all, force, fenced, yes;
	unsigned seconds; /* 0: the command's own */
	const char *ip, *mac, *client_id, *state;
	const char *bpffs, *instance;
	const char *relation;
	unsigned linger;
	const char *leases;
	bool create;
};

enum option_bit {
	TAKES_FILTER = 1,
	TAKES_ALL = 2,
	TAKES_PINS = 4,
	TAKES_RELATION = 8, /* a word */
	TAKES_YES = 16,
	TAKES_FENCED = 32,
	TAKES_FORCE = 64,
	TAKES_SECONDS = 128, /* a word, and never without */
	TAKES_LEASES = 256,
};

struct command {
	const char *name, *second; /* second word; NULL: none */
	unsigned takes; /* enum option_bit */
	json_t *(*run)(const struct options *options);
	void (*show)(const struct options *options, const json_t *reply);
};

static const char usage[] =
	"usage: xdhcpctl [-s SOCKET] [--json] [--timeout SECONDS] COMMAND [ARGUMENTS]\n"
	"\n"
	"commands:\n"
	"  status            what the daemon serves, and how\n"
	"  leases            leases, all or those that match:\n"
	"    --ip ADDRESS      this address\n"
	"    --mac HARDWARE    this hardware address\n"
	"    --client-id ID    this client identifier: 01:ab:… or 0x01ab…, else text\n"
	"    --state STATE     active, free, released, expired, abandoned, reset, backup\n"
	"  stats [--all]     counters of kernel and userspace by reason; --all: also those at 0\n"
	"  check             healthy or not, with reasons\n"
	"  self-test         do kernel and userspace answer as they should; no client notices\n"
	"  reload            reads the configuration again\n"
	"  stop              ends the daemon and waits until it is gone\n"
	"  restart           the binary as it is now takes over; waits until it serves\n"
	"  detach            takes the program out of the kernel; without a daemon its maps, too:\n"
	"    --bpffs DIR       BPF file system                     (/sys/fs/bpf)\n"
	"    --instance NAME   as the daemon was started with      (default)\n"
	"    --force           does not ask the daemon first\n"
	"  gates             does the kernel still answer, and for how long; asks no daemon:\n"
	"    --bpffs, --instance, as above\n"
	"  linger SECONDS    of a dead daemon: the kernel decides nothing from now on and renews\n"
	"                    for so long at most; 0: everything of it is taken away\n"
	"    --bpffs, --instance, as above\n"
	"  store             identity of the lease directory, and what its relationships were "
	"last:\n"
	"    --leases DIR      as the daemon's -lf                 (/var/lib/xdhcp)\n"
	"    --create          makes an empty one where there is none\n"
	"  failover status   the relationships: states, since when and why, what comes next\n"
	"  failover check    what is wrong with them, and how both configurations differ\n"
	"  failover partner-down [RELATION]\n"
	"                    the partner is dead, and will not serve: asks, then takes over\n"
	"    --fenced          its node is fenced: does not ask\n"
	"    --yes             does not ask\n"
	"  failover probe [RELATION]\n"
	"                    is the link to the partner alive? One that is not is closed\n"
	"  failover init [RELATION]\n"
	"                    a new pair, neither has given leases: asks; --yes: does not\n"
	"  failover shutdown hands over to the partners, ends the daemon and waits\n"
	"  help              this text\n"
	"\n"
	"options:\n"
	"  -s, --socket SOCKET   where the daemon listens          (" CTL_SOCKET ")\n"
	"      --json            one JSON object a line, the last with \"code\" and \"text\"\n"
	"      --timeout SECONDS how long to wait for an answer    (10; stop, restart: 60)\n"
	"\n"
	"exit code:\n"
	"  0  done, or healthy                                     (codes below 400)\n"
	"  1  the daemon says no, cannot now, or is not healthy    (500 to 699)\n"
	"  2  no daemon answers, or it may not be asked            (700 to 709)\n"
	"  3  asked wrong                                          (400 to 499, 710)\n";

static json_t *ask(const struct options *options, const char *command)
{
	return tool_ask(options->socket, options->seconds ? options->seconds : PATIENCE,
			json_pack("{s:s}", "command", command), NULL, NULL);
}

static json_t *status_run(const struct options *options)
{
	return ask(options, "status");
}

static json_t *stats_run(const struct options *options)
{
	return ask(options, "stats");
}

static json_t *check_run(const struct options *options)
{
	return ask(options, "check");
}

static json_t *self_test_run(const struct options *options)
{
	return ask(options, "self-test");
}

static json_t *reload_run(const struct options *options)
{
	return ask(options, "reload");
}

static unsigned patience(const struct options *options, unsigned usual)
{
	return options->seconds ? options->seconds : usual;
}

static json_t *stop_run(const struct options *options)
{
	const struct tool_ending ending = {.command = "stop", .under_way = CTL_STOPPING};

	return tool_stop(options->socket, patience(options, STOP_PATIENCE), &ending);
}

static json_t *restart_run(const struct options *options)
{
	return tool_restart(options->socket, patience(options, STOP_PATIENCE));
}

static void line_pass(void *context, const char *line, const json_t *item)
{
	(void)context;
	(void)item;
	puts(line);
}

static json_t *leases_run(const struct options *options)
{
	bool headed = false;
	json_t *request = json_pack("{s:s, s:s*, s:s*, s:s*, s:s*}", "command", "leases", "ip",
				    options->ip, "mac", options->mac, "client_id",
				    options->client_id, "state", options->state);

	if (!request)
		return tool_reply(CTL_BAD_USAGE, "an argument is not UTF-8 text");
	return tool_ask(options->socket, patience(options, PATIENCE), request,
			options->json ? line_pass : tool_show_lease, &headed);
}

static json_t *pins_run(const struct options *options)
{
	return tool_pins_remove(options->bpffs, options->instance);
}

/* A daemon that lives takes its program away itself; only a dead one's pins are ours to remove. */
static json_t *detach_run(const struct options *options)
{
	json_t *reply;

	if (options->force)
		return pins_run(options);
	reply = ask(options, "detach");
	if (tool_reply_code(reply) == CTL_NO_DAEMON) {
		json_decref(reply);
		return pins_run(options);
	}
	if (tool_reply_code(reply) == CTL_BROKEN_REPLY) {
		json_decref(reply);
		return tool_reply(CTL_BROKEN_REPLY,
				  "something listens on %s but does not answer: nothing was "
				  "removed; --force removes without asking",
				  options->socket);
	}
	return reply;
}

static json_t *gates_run(const struct options *options)
{
	return tool_pins_gates(options->bpffs, options->instance);
}

/* A daemon that lives would open the gates again. */
static json_t *linger_run(const struct options *options)
{
	json_t *reply = ask(options, "status");
	int code = tool_reply_code(reply);

	json_decref(reply);
	if (code == CTL_NO_DAEMON)
		return tool_pins_linger(options->bpffs, options->instance, options->linger);
	if (code == CTL_NOT_ALLOWED)
		return tool_reply(CTL_NOT_ALLOWED, "%s may not be used by this user",
				  options->socket);
	if (code == CTL_BROKEN_REPLY)
		return tool_reply(CTL_BROKEN_REPLY,
				  "something listens on %s but does not answer: end it first",
				  options->socket);
	return tool_reply(CTL_REFUSED,
			  "a daemon answers on %s: `xdhcpctl stop` ends it in good order",
			  options->socket);
}

static json_t *store_run(const struct options *options)
{
	return tool_leases_store(options->leases, options->create);
}

static json_t *failover_status_run(const struct options *options)
{
	return ask(options, "failover-status");
}

static json_t *failover_check_run(const struct options *options)
{
	return ask(options, "failover-check");
}

static json_t *failover_down_run(const struct options *options)
{
	return tool_failover_down(options->socket, patience(options, PATIENCE), options->relation,
				  options->fenced, options->yes);
}

static json_t *failover_probe_run(const struct options *options)
{
	return tool_failover_probe(options->socket, patience(options, PATIENCE), options->relation);
}

static json_t *failover_init_run(const struct options *options)
{
	return tool_failover_init(options->socket, patience(options, PATIENCE), options->relation,
				  options->yes);
}

static json_t *failover_shutdown_run(const struct options *options)
{
	return tool_failover_shutdown(options->socket, patience(options, STOP_PATIENCE),
				      !options->json);
}

static json_t *help_run(const struct options *options)
{
	if (options->json)
		return ask(options, "help");
	fputs(usage, stdout);
	return tool_reply(CTL_OK, "help");
}

static void text_show(const struct options *options, const json_t *reply)
{
	(void)options;
	tool_show_text(reply);
}

static void status_show(const struct options *options, const json_t *reply)
{
	(void)options;
	tool_show_status(reply);
}

static void store_show(const struct options *options, const json_t *reply)
{
	(void)options;
	tool_leases_show(reply);
}

static void stats_show(const struct options *options, const json_t *reply)
{
	tool_show_stats(reply, options->all);
}

static void check_show(const struct options *options, const json_t *reply)
{
	(void)options;
	tool_show_check(reply);
}

static void failover_show(const struct options *options, const json_t *reply)
{
	(void)options;
	tool_show_failover(reply);
}

static const struct command commands[] = {
	{"status", NULL, 0, status_run, status_show},
	{"leases", NULL, TAKES_FILTER, leases_run, text_show},
	{"stats", NULL, TAKES_ALL, stats_run, stats_show},
	{"check", NULL, 0, check_run, check_show},
	{"self-test", NULL, 0, self_test_run, check_show},
	{"reload", NULL, 0, reload_run, text_show},
	{"stop", NULL, 0, stop_run, text_show},
	{"restart", NULL, 0, restart_run, text_show},
	{"detach", NULL, TAKES_PINS | TAKES_FORCE, detach_run, text_show},
	{"gates", NULL, TAKES_PINS, gates_run, text_show},
	{"linger", NULL, TAKES_PINS | TAKES_SECONDS, linger_run, text_show},
	{"store", NULL, TAKES_LEASES, store_run, store_show},
	{"failover", "status", 0, failover_status_run, failover_show},
	{"failover", "check", 0, failover_check_run, check_show},
	{"failover", "partner-down", TAKES_RELATION | TAKES_YES | TAKES_FENCED, failover_down_run,
	 text_show},
	{"failover", "probe", TAKES_RELATION, failover_probe_run, text_show},
	{"failover", "init", TAKES_RELATION | TAKES_YES, failover_init_run, text_show},
	{"failover", "shutdown", 0, failover_shutdown_run, text_show},
	{"help", NULL, 0, help_run, NULL},
};

/* By its first word, or its two; `words` ends in NULL. */
static const struct command *command_find(char **words)
{
	for (size_t i = 0; words[0] && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(words[0], commands[i].name) &&
		    (!commands[i].second || (words[1] && !strcmp(words[1], commands[i].second))))
			return &commands[i];
	return NULL;
}

enum long_option {
	OPTION_JSON = 256,
	OPTION_TIMEOUT,
	OPTION_IP,
	OPTION_MAC,
	OPTION_CLIENT_ID,
	OPTION_STATE,
	OPTION_ALL,
	OPTION_BPFFS,
	OPTION_INSTANCE,
	OPTION_FORCE,
	OPTION_FENCED,
	OPTION_YES,
	OPTION_LEASES,
	OPTION_CREATE,
};

static const struct option long_options[] = {
	{"socket", required_argument, NULL, 's'},
	{"json", no_argument, NULL, OPTION_JSON},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{"help", no_argument, NULL, 'h'},
	{"ip", required_argument, NULL, OPTION_IP},
	{"mac", required_argument, NULL, OPTION_MAC},
	{"client-id", required_argument, NULL, OPTION_CLIENT_ID},
	{"state", required_argument, NULL, OPTION_STATE},
	{"all", no_argument, NULL, OPTION_ALL},
	{"bpffs", required_argument, NULL, OPTION_BPFFS},
	{"instance", required_argument, NULL, OPTION_INSTANCE},
	{"force", no_argument, NULL, OPTION_FORCE},
	{"fenced", no_argument, NULL, OPTION_FENCED},
	{"yes", no_argument, NULL, OPTION_YES},
	{"leases", required_argument, NULL, OPTION_LEASES},
	{"create", no_argument, NULL, OPTION_CREATE},
	{0},
};

/* Which commands take an option; 0: all. */
static unsigned option_bit(int option)
{
	switch (option) {
	case OPTION_IP:
	case OPTION_MAC:
	case OPTION_CLIENT_ID:
	case OPTION_STATE:
		return TAKES_FILTER;
	case OPTION_ALL:
		return TAKES_ALL;
	case OPTION_BPFFS:
	case OPTION_INSTANCE:
		return TAKES_PINS;
	case OPTION_FORCE:
		return TAKES_FORCE;
	case OPTION_FENCED:
		return TAKES_FENCED;
	case OPTION_YES:
		return TAKES_YES;
	case OPTION_LEASES:
	case OPTION_CREATE:
		return TAKES_LEASES;
	default:
		return 0;
	}
}

static bool seconds_read(const char *text, unsigned least, unsigned *ret_seconds)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long seconds = strtoul(text, NULL, 10);

	if (!digits || text[digits] || seconds < least || seconds > 86400)
		return false;
	*ret_seconds = (unsigned)seconds;
	return true;
}

/* False: it has no meaning. */
static bool option_apply(struct options *options, int option, const char *value)
{
	const char **texts[] = {
		[OPTION_IP - OPTION_IP] = &options->ip,
		[OPTION_MAC - OPTION_IP] = &options->mac,
		[OPTION_CLIENT_ID - OPTION_IP] = &options->client_id,
		[OPTION_STATE - OPTION_IP] = &options->state,
	};

	switch (option) {
	case 's':
		options->socket = value;
		return true;
	case OPTION_JSON:
		return options->json = true;
	case OPTION_ALL:
		return options->all = true;
	case OPTION_FORCE:
		return options->force = true;
	case OPTION_FENCED:
		return options->fenced = true;
	case OPTION_YES:
		return options->yes = true;
	case OPTION_CREATE:
		return options->create = true;
	case OPTION_LEASES:
		options->leases = value;
		return true;
	case OPTION_TIMEOUT:
		return seconds_read(value, 1, &options->seconds);
	case OPTION_BPFFS:
		options->bpffs = value;
		return true;
	case OPTION_INSTANCE:
		options->instance = value;
		return fastpath_instance_valid(value);
	default:
		if (option < OPTION_IP || option > OPTION_STATE)
			return false;
		*texts[option - OPTION_IP] = value;
		return true;
	}
}

static json_t *usage_refused(const char *what)
{
	return tool_reply(CTL_BAD_USAGE, "%s; `xdhcpctl --help` shows how it is called", what);
}

static json_t *option_refused(int option, const char *word)
{
	char text[192];

	snprintf(text, sizeof(text), "%.64s has no meaning", word);
	if (option == OPTION_INSTANCE)
		snprintf(text, sizeof(text),
			 "--instance %.64s: use up to %d letters, digits and underscores", word,
			 FASTPATH_INSTANCE_MOST);
	return usage_refused(text);
}

/* NULL and *ret_command, NULL there for help; or a reply that says what is wrong. */
static json_t *arguments_read(int count, char **arguments, struct options *options,
			      const struct command **ret_command)
{
	unsigned wants = 0;
	int option;
	char text[192], **words;

	opterr = 0;
	while ((option = getopt_long(count, arguments, "s:h", long_options, NULL)) != -1) {
		if (option == 'h')
			return help_run(&(struct options){0});
		if (!option_apply(options, option, optarg))
			return option_refused(option, arguments[optind - 1]);
		wants |= option_bit(option);
	}
	words = arguments + optind;
	*ret_command = command_find(words);
	if (!words[0])
		return usage_refused("no command");
	if (!*ret_command) {
		snprintf(text, sizeof(text), "\"%.64s%s%.64s\" is no command", words[0],
			 words[1] ? " " : "", words[1] ? words[1] : "");
		return usage_refused(text);
	}
	words += (*ret_command)->second ? 2 : 1;
	if (words[0] && (*ret_command)->takes & TAKES_RELATION)
		options->relation = *words++;
	if ((*ret_command)->takes & TAKES_SECONDS &&
	    (!words[0] || !seconds_read(*words++, 0, &options->linger)))
		return usage_refused("linger takes a number of seconds, 0 to 86400");
	if (words[0]) {
		snprintf(text, sizeof(text), "\"%.64s\" is a word too many", words[0]);
		return usage_refused(text);
	}
	if (wants & ~(*ret_command)->takes) {
		snprintf(text, sizeof(text), "%s%s%s does not take such an option",
			 (*ret_command)->name, (*ret_command)->second ? " " : "",
			 (*ret_command)->second ? (*ret_command)->second : "");
		return usage_refused(text);
	}
	return NULL;
}

static void reply_show(const struct options *options, const struct command *command,
		       const json_t *reply)
{
	int code = tool_reply_code(reply);

	if (options->json) {
		json_dumpf(reply, stdout, JSON_COMPACT);
		putchar('\n');
	} else if (command && command->show &&
		   (!ctl_code_exit(code) || code == CTL_UNHEALTHY || code == CTL_SICK_SELF_TEST)) {
		command->show(options, reply);
	} else if (ctl_code_exit(code)) {
		tool_show_text(reply);
	}
}

int main(int count, char **arguments)
{
	struct options options = {
		.socket = CTL_SOCKET,
		.bpffs = "/sys/fs/bpf",
		.instance = "default",
		.leases = "/var/lib/xdhcp",
	};
	const struct command *command = NULL;
	json_t *reply = arguments_read(count, arguments, &options, &command);
	int code;

	if (!reply)
		reply = command->run(&options);
	reply_show(&options, command, reply);
	code = ctl_code_exit(tool_reply_code(reply));
	json_decref(reply);
	if (fflush(stdout) == EOF && !code)
		code = 2;
	return code;
}
