/* SPDX-License-Identifier: GPL-2.0-only */
/* A lease file of dhcpd read into what the tests ask for. */
#ifndef XDHCP_TESTS_STORE_DHCPD_H
#define XDHCP_TESTS_STORE_DHCPD_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "store/dhcpd.h"

struct dhcpd_file {
	struct dhcpd_lease lease; /* the last one */
	struct dhcpd_relation relation; /* the last one */
	unsigned leases, relations;
	char left_out[512]; /* "WHAT@LINE;" each */
	struct dhcpd_error error;
	int stop; /* what the visitors return */
};

static inline int dhcpd_file_lease(void *context, const struct dhcpd_lease *lease)
{
	struct dhcpd_file *file = context;

	file->lease = *lease;
	file->leases++;
	return file->stop;
}

static inline int dhcpd_file_relation(void *context, const struct dhcpd_relation *relation)
{
	struct dhcpd_file *file = context;

	file->relation = *relation;
	file->relations++;
	return file->stop;
}

static inline int dhcpd_file_left_out(void *context, const char *what, unsigned line)
{
	struct dhcpd_file *file = context;
	size_t length = strlen(file->left_out);

	snprintf(file->left_out + length, sizeof(file->left_out) - length, "%s@%u;", what, line);
	return file->stop;
}

static inline int dhcpd_file_read(struct dhcpd_file *file, const char *text, size_t length)
{
	const struct dhcpd_visitors visitors = {
		.context = file,
		.lease = dhcpd_file_lease,
		.relation = dhcpd_file_relation,
		.left_out = dhcpd_file_left_out,
	};

	return store_dhcpd_read(text, length, &visitors, &file->error);
}

/* The text of a file in tests/data, the caller's to free(). */
static inline char *dhcpd_file_text(const char *name, size_t *ret_length)
{
	FILE *stream = fopen(name, "re");
	char *text = malloc(65536);

	assert_non_null(stream);
	assert_non_null(text);
	*ret_length = fread(text, 1, 65535, stream);
	text[*ret_length] = 0;
	fclose(stream);
	return text;
}

/* One entry with these statements in it. */
static inline int dhcpd_file_statements(struct dhcpd_file *file, const char *statements)
{
	char text[2048];

	snprintf(text, sizeof(text), "lease 10.9.0.132 {%s}", statements);
	return dhcpd_file_read(file, text, strlen(text));
}

#endif
