/* SPDX-License-Identifier: GPL-2.0-only */
#include "failover/compare.h"

#include <string.h>

#include "base/text.h"

#define GROUP_MOST 64 /* lines of one statement that are put side by side */
#define TEXT_MAX 1024

struct line {
	const char *text;
	size_t length; /* 0: there is none */
	size_t statement; /* so much of it is place and statement, the rest a value */
};

/* Lines of one statement that the other side has not. */
struct group {
	struct line lines[2][GROUP_MOST];
	size_t counts[2];
	size_t differences;
	failover_difference_visitor visit;
	void *context;
};

static bool begins(const char *text, size_t length, const char *with)
{
	return length >= strlen(with) && !memcmp(text, with, strlen(with));
}

/* "failover: load balance max seconds 3": up to the blank in front of 3. Some say it all without a value. */
static size_t statement_length(const char *text, size_t length)
{
	static const struct {
		const char *with;
		unsigned words; /* 0: all of them */
	} rows[] = {
		{"option ", 2}, {"load balance max seconds ", 4},
		{"no ", 0},	{"allow ", 0},
		{"deny ", 0},	{"subnet ", 0},
		{"", 1},
	};
	const char *place = memmem(text, length, ": ", 2);
	size_t at = place ? (size_t)(place - text) + 2 : 0, i = 0;

	while (!begins(text + at, length - at, rows[i].with))
		i++;
	for (unsigned words = rows[i].words; words && at < length; words--) {
		const char *blank = memchr(text + at, ' ', length - at);

		if (!blank)
			break;
		at = (size_t)(blank - text) + 1;
		if (words == 1)
			return at - 1;
	}
	return length;
}

static bool primary_alone(const char *line)
{
	return !strncmp(line, "primary ", strlen("primary "));
}

static bool says_primary(const char *text)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (primary_alone(text))
			return true;
	return false;
}

static struct line line_next(const char **at, bool primary)
{
	while (**at) {
		struct line line = {.text = *at, .length = strcspn(*at, "\n")};

		*at += line.length + ((*at)[line.length] == '\n');
		if (!line.length || (!primary && primary_alone(line.text)))
			continue;
		line.statement = statement_length(line.text, line.length);
		return line;
	}
	return (struct line){0};
}

/* As strcmp() has it; the end comes last. */
static int line_compare(const struct line *a, const struct line *b)
{
	size_t least = a->length < b->length ? a->length : b->length;
	int order = least ? memcmp(a->text, b->text, least) : 0;

	if (!a->length || !b->length)
		return !a->length - !b->length;
	if (order)
		return order;
	return a->length < b->length ? -1 : a->length > b->length;
}

static bool statement_same(const struct line *a, const struct line *b)
{
	return a->statement == b->statement && !memcmp(a->text, b->text, a->statement);
}

static void value_append(struct base_text *text, const char *side, const struct line *line)
{
	base_text_append(text, "%s ", side);
	if (!line)
		base_text_append(text, "does not say it");
	else if (line->statement == line->length)
		base_text_append(text, "says it");
	else
		base_text_append_bytes(text, line->text + line->statement + 1,
				       line->length - line->statement - 1);
}

static void difference(struct group *group, const struct line *ours, const struct line *theirs)
{
	const struct line *any = ours ? ours : theirs;
	bool grave = any->text[0] == '!';
	char bytes[TEXT_MAX];
	struct base_text text = base_text_of(bytes, sizeof(bytes));

	base_text_append_bytes(&text, any->text + grave, any->statement - grave);
	value_append(&text, ": ours", ours);
	value_append(&text, ", theirs", theirs);
	group->visit(group->context, grave, bytes);
	group->differences++;
}

static void group_end(struct group *group)
{
	for (size_t i = 0; i < group->counts[0] || i < group->counts[1]; i++)
		difference(group, i < group->counts[0] ? &group->lines[0][i] : NULL,
			   i < group->counts[1] ? &group->lines[1][i] : NULL);
	group->counts[0] = group->counts[1] = 0;
}

static void group_add(struct group *group, unsigned side, const struct line *line)
{
	const struct line *first = group->counts[0] ? group->lines[0] : group->lines[1];
	bool any = group->counts[0] || group->counts[1];

	if ((any && !statement_same(first, line)) || group->counts[side] == GROUP_MOST)
		group_end(group);
	group->lines[side][group->counts[side]++] = *line;
}

size_t failover_compare(const char *ours, const char *theirs, failover_difference_visitor visit,
			void *context)
{
	struct group group = {.visit = visit, .context = context};
	bool primary = says_primary(ours) && says_primary(theirs);
	struct line our = line_next(&ours, primary), their = line_next(&theirs, primary);

	while (our.length || their.length) {
		int order = line_compare(&our, &their);

		if (order < 0)
			group_add(&group, 0, &our);
		else if (order > 0)
			group_add(&group, 1, &their);
		if (order <= 0)
			our = line_next(&ours, primary);
		if (order >= 0)
			their = line_next(&theirs, primary);
	}
	group_end(&group);
	return group.differences;
}
