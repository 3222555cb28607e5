/* SPDX-License-Identifier: GPL-2.0-only */
#include "failover/state.h"

#include <stddef.h>
#include <string.h>

const char *failover_state_word(uint8_t state)
{
	switch (state) {
#define WORD(number, name, word) \
	case number: \
		return word;
		FAILOVER_STATES(WORD)
#undef WORD
	}
	return NULL;
}

bool failover_state_parse(const char *word, uint8_t *ret_state)
{
	for (unsigned state = 0; state < 256; state++) {
		const char *known = failover_state_word((uint8_t)state);

		if (known && !strcmp(known, word)) {
			*ret_state = (uint8_t)state;
			return true;
		}
	}
	return false;
}

bool failover_state_serves(uint8_t state)
{
	switch (state) {
	case FAILOVER_NORMAL:
	case FAILOVER_COMMUNICATIONS_INTERRUPTED:
	case FAILOVER_PARTNER_DOWN:
	/* dhcpd is silent in these two; the draft lets a server answer (section 9). */
	case FAILOVER_RESOLUTION_INTERRUPTED:
	case FAILOVER_CONFLICT_DONE:
		return true;
	default:
		return false;
	}
}
