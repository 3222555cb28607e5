/* SPDX-License-Identifier: GPL-2.0-only */
/* Authorities, certificates and keys, made anew for each run, in a folder of its own. */
#ifndef XDHCP_TESTS_NET_CERTS_H
#define XDHCP_TESTS_NET_CERTS_H

#include <openssl/x509.h>
#include <stddef.h>

struct certs_authority {
	EVP_PKEY *key;
	X509 *certificate;
};

struct certs_request {
	const char *file; /* FILE.pem and FILE.key */
	const char *common_name;
	const char *names; /* "IP:127.0.0.1,DNS:pair"; NULL: none */
	const char *usage; /* "serverAuth"; NULL: any */
	long from, until; /* seconds from now */
};

void certs_open(void);
/* Removes the folder with what is in it. */
void certs_close(void);
/* A path in the folder; good until it has been asked 32 times more. */
const char *certs_path(const char *file);
void certs_write(const char *file, const char *text, unsigned mode);

/* FILE.pem. */
void certs_authority_make(const char *file, struct certs_authority *ret_authority);
void certs_authority_free(struct certs_authority *authority);
void certs_make(const struct certs_authority *authority, const struct certs_request *request);

#endif
