/* SPDX-License-Identifier: GPL-2.0-only */
/* Configurations from strings: files of a table, loaded or refused. */
#ifndef XDHCP_TESTS_CONF_FIXTURE_H
#define XDHCP_TESTS_CONF_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "conf/conf.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))
#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define NET "subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.10 10.0.0.99; }\n"

struct file {
	const char *name, *text; /* no name: the end */
};

static inline int fixture_load(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	for (const struct file *file = context; file->name; file++) {
		if (strcmp(file->name, name) != 0)
			continue;
		if (!file->text)
			return -EACCES;
		*ret_text = strdup(file->text);
		*ret_length = strlen(file->text);
		return *ret_text ? 0 : -ENOMEM;
	}
	return -ENOENT;
}

/* Files; the first one is the configuration. */
static inline struct conf *files_accepted(struct file *files)
{
	struct conf_error error = {.line = 0};
	struct conf *conf = NULL;
	char text[2048] = "";
	int result = conf_load(files->name, fixture_load, files, &conf, &error);

	if (result) {
		conf_error_format(&error, text, sizeof(text));
		fail_msg("refused (%d): %s", result, text);
	}
	return conf;
}

static inline struct conf *accepted(const char *text)
{
	struct file files[] = {{"test.conf", text}, {NULL, NULL}};

	return files_accepted(files);
}

/* Refused at exactly this place, with these words somewhere in the text. */
static inline void files_refused(struct file *files, const char *file, unsigned line,
				 unsigned column, const char *words)
{
	struct conf_error error = {.line = 0};
	struct conf *conf = (struct conf *)&error;
	char text[2048] = "";

	if (conf_load(files->name, fixture_load, files, &conf, &error) != -EINVAL)
		fail_msg("accepted, but should be refused: %s", files->text);
	conf_error_format(&error, text, sizeof(text));
	if (conf != (struct conf *)&error)
		fail_msg("the result was touched");
	if (strcmp(error.file, file) != 0 || error.line != line || error.column != column ||
	    !strstr(error.text, words))
		fail_msg("expected %s:%u:%u … %s …, got\n%s", file, line, column, words, text);
}

static inline void refused(const char *text, unsigned line, unsigned column, const char *words)
{
	struct file files[] = {{"test.conf", text}, {NULL, NULL}};

	files_refused(files, "test.conf", line, column, words);
}

/* As the scope itself says it; NULL: unsaid. */
static inline const struct conf_option *option_of(const struct conf_scope *scope, uint8_t code)
{
	for (size_t i = 0; i < scope->option_count; i++) {
		if (scope->options[i].code == code)
			return &scope->options[i];
	}
	return NULL;
}

#endif
