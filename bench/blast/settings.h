/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line: one table of flags says what each subcommand takes and what it means. */
#ifndef BLAST_SETTINGS_H
#define BLAST_SETTINGS_H

#include "bench/blast/blast.h"

struct command {
	const char *name, *arguments, *purpose, *text;
	int (*run)(const struct settings *settings);
	unsigned int bit;
};

/* 0 to go on, 1 after --help, -1 after saying what is wrong. */
int settings_read(const struct command *command, int count, char **words, struct settings *ret);

#endif
