/* SPDX-License-Identifier: GPL-2.0-only */
/* store/: what the files that read and write dhcpd.leases share. */
#ifndef XDHCP_STORE_DHCPD_PRIVATE_H
#define XDHCP_STORE_DHCPD_PRIVATE_H

#include "store/dhcpd.h"

/* dhcpd reads strings of up to 1,500 bytes. */
#define DHCPD_STRING_MAX 2048

enum dhcpd_token_kind { DHCPD_END, DHCPD_WORD, DHCPD_STRING, DHCPD_SIGN };

/*
 * The current token. A word is a run of letters, digits and "-_.:/": names,
 * numbers, addresses, dates, hexadecimal lists.
 */
struct dhcpd_lexer {
	const char *at, *end; /* behind the token; of the file */
	const char *start; /* of the file */
	const char *line_start; /* of the line that `at` is on */
	unsigned line;
	enum dhcpd_token_kind kind;
	const char *text; /* a string's: escapes resolved, until the next token */
	size_t length;
	const char *token; /* where it begins */
	unsigned token_line, token_column;
	char string[DHCPD_STRING_MAX];
	const struct dhcpd_visitors *visitors;
	struct dhcpd_error *error;
};

/* Each 0, or -EBADMSG with *error filled: for the current token. */
__attribute__((format(printf, 2, 3))) int dhcpd_fail(struct dhcpd_lexer *lexer, const char *format,
						     ...);
/* "… is expected, not `…`" */
int dhcpd_fail_expected(struct dhcpd_lexer *lexer, const char *what);
int dhcpd_next(struct dhcpd_lexer *lexer);
bool dhcpd_is(const struct dhcpd_lexer *lexer, const char *word);
bool dhcpd_is_sign(const struct dhcpd_lexer *lexer, char sign);
/* The current token is that; goes on. */
int dhcpd_take_sign(struct dhcpd_lexer *lexer, char sign);
int dhcpd_take_word(struct dhcpd_lexer *lexer, const char *word);
/* A word that is a decimal number up to `most`. */
int dhcpd_take_number(struct dhcpd_lexer *lexer, uint32_t most, uint32_t *ret_number);
/* A string, or hexadecimal bytes with colons between them: up to `most` bytes. */
int dhcpd_take_bytes(struct dhcpd_lexer *lexer, size_t most, uint8_t *bytes, size_t *ret_length);
/* To behind the statement's `;`, or the block's `}`. `*ret_deleted`: it says `deleted;`. */
int dhcpd_skip(struct dhcpd_lexer *lexer, bool *ret_deleted);

/* A decimal number of digits alone. */
bool dhcpd_number(const char *text, size_t length, uint32_t most, uint32_t *ret_number);

/* A date to behind its `;`. */
int dhcpd_take_date(struct dhcpd_lexer *lexer, int64_t *ret_time);
void dhcpd_date_write(int64_t time, struct base_text *text);

/* Behind the word `option`, to behind its `;`. */
int dhcpd_take_agent(struct dhcpd_lexer *lexer, struct dhcpd_bytes *agent);
/* Lines of what `agent` holds; nothing where it is malformed. */
void dhcpd_agent_write(const struct dhcpd_bytes *agent, struct base_text *text);

/* Behind the word `lease`, to behind the entry. */
int dhcpd_take_lease(struct dhcpd_lexer *lexer, struct dhcpd_lease *ret_lease);

/* Quoted. */
void dhcpd_string_write(const uint8_t *bytes, size_t length, struct base_text *text);
/* As dhcpd writes it: without leading zeros. */
void dhcpd_hex_write(const uint8_t *bytes, size_t length, struct base_text *text);

#endif
