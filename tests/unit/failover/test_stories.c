/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state machine, told as stories: every file in stories/ is one after the
 * other of these lines (# begins a comment):
 *
 *   given [WORD…] STATE
 *       A server that holds this state (as dhcpd's lease file spells it). Words:
 *       secondary, dhcpd (the partner is one), startup, linked (and heard), lost,
 *       fresh (this pair was never NORMAL), initial, clean, dead, asked, updated,
 *       since TIME, partner STATE. Else: primary, xdhcp, none of these, since 0,
 *       unknown-state. It is 1000, and MCLT 60.
 *   at TIME
 *   EVENT -> RESULT
 *       linked, lost, state STATE [startup], upddone, startup-over, wait-over,
 *       alone, partner-down, shutdown, init, store-lost, outdated
 *   cell OWN PARTNER -> RESULT
 *       The server given, but in OWN, hears PARTNER; the next line begins anew.
 *
 * A RESULT is "refused", or STATE [MARK…] [since TIME] [wait TIME] [: ACTION…]:
 * the marks (startup, lost, initial, clean, dead, doubtful) and the actions (owed-first,
 * state, updreq, updreqall, balance, close) are these and no
 * others; since and wait (failover_fsm_wait_until()) are looked at where told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glob.h>

#include "failover/fsm.h"
#include "failover/wire.h"

#define STORIES "tests/unit/failover/stories/*.txt"
#define START 1000
#define MCLT 60

struct story {
	const char *file;
	unsigned line;
	struct failover_fsm given, fsm;
	int64_t now;
	size_t told; /* lines with a result */
};

struct words {
	char text[256];
	char *at[32];
	size_t count, next;
};

static const struct {
	const char *word;
	unsigned action;
} actions[] = {
	{"owed-first", FAILOVER_DO_OWED_FIRST}, {"state", FAILOVER_DO_STATE},
	{"updreq", FAILOVER_DO_UPDREQ},		{"updreqall", FAILOVER_DO_UPDREQALL},
	{"balance", FAILOVER_DO_BALANCE},	{"close", FAILOVER_DO_CLOSE},
};

static const struct {
	const char *word;
	enum failover_event_kind kind;
} events[] = {
	{"linked", FAILOVER_EVENT_LINKED},
	{"lost", FAILOVER_EVENT_LOST},
	{"state", FAILOVER_EVENT_STATE},
	{"upddone", FAILOVER_EVENT_UPDDONE},
	{"startup-over", FAILOVER_EVENT_STARTUP_OVER},
	{"wait-over", FAILOVER_EVENT_WAIT_OVER},
	{"alone", FAILOVER_EVENT_ALONE},
	{"partner-down", FAILOVER_EVENT_PARTNER_DOWN},
	{"shutdown", FAILOVER_EVENT_SHUTDOWN},
	{"init", FAILOVER_EVENT_INIT},
	{"store-lost", FAILOVER_EVENT_STORE_LOST},
	{"outdated", FAILOVER_EVENT_OUTDATED},
};

#define ENTRIES(array) (sizeof(array) / sizeof(array[0]))

__attribute__((noreturn, format(printf, 2, 3))) static void wrong(const struct story *story,
								  const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	fail_msg("%s:%u: %s", story->file, story->line, text);
	abort();
}

static void split(const struct story *story, struct words *words, const char *line)
{
	char *save = NULL;

	snprintf(words->text, sizeof(words->text), "%s", line);
	words->text[strcspn(words->text, "#\n")] = 0;
	words->count = words->next = 0;
	for (char *word = strtok_r(words->text, " \t", &save); word;
	     word = strtok_r(NULL, " \t", &save)) {
		if (words->count == ENTRIES(words->at))
			wrong(story, "too many words");
		words->at[words->count++] = word;
	}
}

/* NULL at the end. */
static const char *next(struct words *words)
{
	return words->next < words->count ? words->at[words->next++] : NULL;
}

/* Takes the next word if it is this one. */
static bool is_next(struct words *words, const char *word)
{
	if (words->next == words->count || strcmp(words->at[words->next], word) != 0)
		return false;
	words->next++;
	return true;
}

static uint8_t next_state(const struct story *story, struct words *words)
{
	const char *word = next(words);
	uint8_t state;

	if (!word || !failover_state_parse(word, &state))
		wrong(story, "a state is expected, not %s", word ? word : "the end");
	return state;
}

static int64_t next_time(const struct story *story, struct words *words)
{
	const char *word = next(words);
	char *end = NULL;
	int64_t time = word ? strtoll(word, &end, 10) : 0;

	if (!word || *end)
		wrong(story, "a time is expected");
	return time;
}

static bool given_mark(struct failover_fsm *fsm, const char *word)
{
	const struct {
		const char *word;
		bool *mark;
	} marks[] = {
		{"startup", &fsm->startup},	 {"lost", &fsm->kept.lost},
		{"initial", &fsm->kept.initial}, {"clean", &fsm->kept.clean},
		{"dead", &fsm->kept.dead},	 {"dhcpd", &fsm->isc},
		{"asked", &fsm->asked},		 {"updated", &fsm->updated},
	};

	for (size_t i = 0; i < ENTRIES(marks); i++) {
		if (!strcmp(word, marks[i].word))
			return *marks[i].mark = true;
	}
	return false;
}

static void given(struct story *story, struct words *words)
{
	struct failover_fsm *fsm = &story->given;

	*fsm = (struct failover_fsm){.primary = true, .mclt = MCLT, .kept.proven = true};
	while (words->next + 1 < words->count) {
		const char *word = next(words);

		if (!strcmp(word, "secondary"))
			fsm->primary = false;
		else if (!strcmp(word, "fresh"))
			fsm->kept.proven = false;
		else if (!strcmp(word, "linked"))
			fsm->linked = fsm->heard = true;
		else if (!strcmp(word, "since"))
			fsm->kept.since = next_time(story, words);
		else if (!strcmp(word, "partner"))
			fsm->kept.partner = next_state(story, words);
		else if (!given_mark(fsm, word))
			wrong(story, "%s is no word of \"given\"", word);
	}
	fsm->kept.state = next_state(story, words);
	story->fsm = *fsm;
	story->now = START;
}

static void note(char *text, size_t size, const char *word)
{
	size_t length = strlen(text);

	snprintf(text + length, size - length, " %s", word);
}

/* As a story has it, but for since and wait. */
static void result_text(const struct failover_step *step, char *text, size_t size)
{
	const struct failover_fsm *fsm = &step->after;
	const struct {
		const char *word;
		bool mark;
	} marks[] = {
		{"startup", fsm->startup},	{"lost", fsm->kept.lost},
		{"initial", fsm->kept.initial}, {"clean", fsm->kept.clean},
		{"dead", fsm->kept.dead},	{"doubtful", fsm->kept.doubtful},
	};

	if (step->refused) {
		snprintf(text, size, "refused");
		return;
	}
	snprintf(text, size, "%s", failover_state_word(fsm->kept.state));
	for (size_t i = 0; i < ENTRIES(marks); i++) {
		if (marks[i].mark)
			note(text, size, marks[i].word);
	}
	if (step->actions)
		note(text, size, ":");
	for (size_t i = 0; i < ENTRIES(actions); i++) {
		if (step->actions & actions[i].action)
			note(text, size, actions[i].word);
	}
}

static void expect(struct story *story, struct words *words, const struct failover_step *step)
{
	char expected[256] = "", found[256];
	const char *word;

	if (!is_next(words, "->"))
		wrong(story, "\"->\" is expected");
	while ((word = next(words))) {
		bool since = !strcmp(word, "since");
		int64_t is = since ? step->after.kept.since : failover_fsm_wait_until(&step->after);

		if (!since && strcmp(word, "wait") != 0) {
			note(expected, sizeof(expected), word);
			continue;
		}
		if (is != next_time(story, words))
			wrong(story, "%s is %lld", word, (long long)is);
	}
	result_text(step, found, sizeof(found));
	if (strcmp(expected[0] ? expected + 1 : expected, found) != 0)
		wrong(story, "it is: %s", found);
	story->told++;
}

static struct failover_step happens(struct story *story, struct words *words)
{
	struct failover_event event = {.now = story->now};
	const char *word = next(words);
	size_t i = 0;

	while (i < ENTRIES(events) && strcmp(word, events[i].word) != 0)
		i++;
	if (i == ENTRIES(events))
		wrong(story, "%s is no event", word);
	event.kind = events[i].kind;
	if (event.kind == FAILOVER_EVENT_STATE) {
		event.state = next_state(story, words);
		event.flags = is_next(words, "startup") ? FAILOVER_FLAG_STARTUP : 0;
	}
	return failover_fsm_step(&story->fsm, &event);
}

/* In startup it has heard nothing yet, else another state. */
static struct failover_step cell(struct story *story, struct words *words)
{
	struct failover_fsm fsm = story->given;
	struct failover_event event = {.kind = FAILOVER_EVENT_STATE, .now = story->now};

	fsm.kept.state = next_state(story, words);
	event.state = next_state(story, words);
	fsm.linked = true;
	fsm.heard = !fsm.startup;
	fsm.kept.partner = event.state == FAILOVER_UNKNOWN ? FAILOVER_PAUSED : FAILOVER_UNKNOWN;
	return failover_fsm_step(&fsm, &event);
}

static void tell(struct story *story, const char *line)
{
	struct words words;
	struct failover_step step;

	split(story, &words, line);
	if (!words.count)
		return;
	if (is_next(&words, "given")) {
		given(story, &words);
	} else if (is_next(&words, "at")) {
		story->now = next_time(story, &words);
	} else if (is_next(&words, "cell")) {
		step = cell(story, &words);
		expect(story, &words, &step);
	} else {
		step = happens(story, &words);
		expect(story, &words, &step);
		story->fsm = step.after;
	}
	if (words.next != words.count)
		wrong(story, "%s: what is this?", words.at[words.next]);
}

static void test_stories(void **state)
{
	glob_t files;
	size_t told = 0;
	char line[256];

	(void)state;
	assert_int_equal(glob(STORIES, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct story story = {.file = files.gl_pathv[i]};
		FILE *file = fopen(story.file, "r");

		assert_non_null(file);
		while (fgets(line, sizeof(line), file)) {
			story.line++;
			tell(&story, line);
		}
		fclose(file);
		assert_true(story.told > 0);
		told += story.told;
	}
	globfree(&files);
	assert_true(told > 400);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
	};

	return cmocka_run_group_tests_name("failover-stories", tests, NULL, NULL);
}
