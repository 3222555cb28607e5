/* SPDX-License-Identifier: GPL-2.0-only */
#include "certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

void certs_open(void)
{
	strcpy(folder, "/tmp/xdhcp-certs-XXXXXX");
	assert_non_null(mkdtemp(folder));
}

void certs_close(void)
{
	DIR *list = opendir(folder);
	struct dirent *entry;

	assert_non_null(list);
	while ((entry = readdir(list)))
		if (*entry->d_name != '.')
			unlinkat(dirfd(list), entry->d_name, 0);
	closedir(list);
	assert_int_equal(rmdir(folder), 0);
}

const char *certs_path(const char *file)
{
	static char paths[32][128];
	static unsigned next;
	char *path = paths[next++ % 32];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, file);
	return path;
}

void certs_write(const char *file, const char *text, unsigned mode)
{
	const char *path = certs_path(file);
	FILE *stream = fopen(path, "w");

	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static FILE *file_begin(const char *name, const char *extension)
{
	char file[64];
	FILE *stream;

	snprintf(file, sizeof(file), "%s.%s", name, extension);
	stream = fopen(certs_path(file), "w");
	assert_non_null(stream);
	assert_int_equal(fchmod(fileno(stream), 0600), 0);
	return stream;
}

static void extension_add(X509 *certificate, int kind, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);

	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static X509 *certificate_new(EVP_PKEY *key, const char *common_name, long from, long until)
{
	X509 *certificate = X509_new();

	assert_non_null(certificate);
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), from);
	X509_gmtime_adj(X509_getm_notAfter(certificate), until);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
				   (const uint8_t *)common_name, -1, -1, 0);
	assert_int_equal(X509_set_pubkey(certificate, key), 1);
	return certificate;
}

static void certificate_write(const char *file, X509 *certificate)
{
	FILE *stream = file_begin(file, "pem");

	assert_int_equal(PEM_write_X509(stream, certificate), 1);
	fclose(stream);
}

void certs_authority_make(const char *file, struct certs_authority *ret_authority)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = certificate_new(key, file, -3600, 86400);

	X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
	extension_add(certificate, NID_basic_constraints, "critical,CA:TRUE");
	extension_add(certificate, NID_key_usage, "critical,keyCertSign");
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	certificate_write(file, certificate);
	*ret_authority = (struct certs_authority){key, certificate};
}

void certs_authority_free(struct certs_authority *authority)
{
	EVP_PKEY_free(authority->key);
	X509_free(authority->certificate);
}

void certs_make(const struct certs_authority *authority, const struct certs_request *request)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate =
		certificate_new(key, request->common_name, request->from, request->until);
	FILE *stream = file_begin(request->file, "key");

	X509_set_issuer_name(certificate, X509_get_subject_name(authority->certificate));
	if (request->names)
		extension_add(certificate, NID_subject_alt_name, request->names);
	if (request->usage)
		extension_add(certificate, NID_ext_key_usage, request->usage);
	assert_true(X509_sign(certificate, authority->key, EVP_sha256()) > 0);
	certificate_write(request->file, certificate);
	assert_int_equal(PEM_write_PrivateKey(stream, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(stream);
	X509_free(certificate);
	EVP_PKEY_free(key);
}
