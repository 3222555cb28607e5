/* SPDX-License-Identifier: GPL-2.0-only */
/* "Did you mean …": how many slips of the pen lie between two words. */
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "conf/parse.h"

#define WORD_MAX 48

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned smaller = a < b ? a : b;

	return smaller < c ? smaller : c;
}

/*
 * Levenshtein's distance, one row at a time; what is more than a third of the
 * word is another word and no slip.
 */
unsigned conf_suggest_distance(const char *written, size_t length, const char *word)
{
	unsigned row[WORD_MAX + 1];
	size_t width = strlen(word);

	if (!length || length > WORD_MAX || width > WORD_MAX)
		return UINT_MAX;
	for (unsigned j = 0; j <= width; j++)
		row[j] = j;
	for (unsigned i = 1; i <= length; i++) {
		unsigned corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			unsigned above = row[j];
			bool same = lower(written[i - 1]) == lower(word[j - 1]);

			row[j] = least(above + 1, row[j - 1] + 1, corner + !same);
			corner = above;
		}
	}
	return row[width] <= 1 + width / 5 && row[width] < width ? row[width] : UINT_MAX;
}
