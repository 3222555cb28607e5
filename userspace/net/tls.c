/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/tls.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define PSK_MIN 16 /* bytes */
#define PSK_MAX 64
#define PSK_FILE_MAX 512 /* bytes: identity, colon, key in hexadecimal, newline */

/* OpenSSL wants sessions and contexts to have a name in common where partners are verified. */
static const uint8_t context_name[] = {'x', 'd', 'h', 'c', 'p'};

char *tls_words(char text[TLS_WORDS])
{
	unsigned long code = ERR_get_error();
	const char *reason = NULL;

	if (code && ERR_SYSTEM_ERROR(code))
		reason = strerror(ERR_GET_REASON(code));
	else if (code)
		reason = ERR_reason_error_string(code);
	snprintf(text, TLS_WORDS, "%s", reason ? reason : "unknown reason");
	ERR_clear_error();
	return text;
}

/* Opened for reading; `others`: mode bits that must not be set. Or a negative errno and *ret_error. */
static int file_open(const char *what, const char *path, mode_t others, struct net_error *ret_error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat there;
	int code;

	if (fd < 0 || fstat(fd, &there) < 0) {
		code = net_error_say(ret_error, -errno, "TLS %s %s: %s", what, path,
				     strerror(errno));
		goto out;
	}
	if (!(there.st_mode & others))
		return fd;
	code = net_error_say(ret_error, -EPERM,
			     "TLS %s %s: mode %04o lets others read it: chmod %s %s, and use a new "
			     "key if others may have done so",
			     what, path, there.st_mode & 07777, others & 0070 ? "0600" : "o-rwx",
			     path);
out:
	if (fd >= 0)
		close(fd);
	return code;
}

static int file_check(const char *what, const char *path, mode_t others,
		      struct net_error *ret_error)
{
	int fd = file_open(what, path, others, ret_error);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int file_refused(const char *what, const char *path, struct net_error *ret_error)
{
	char words[TLS_WORDS];

	return net_error_say(ret_error, -EINVAL, "TLS %s %s: not usable: %s", what, path,
			     tls_words(words));
}

/* Nobody is there to type one. */
static int on_passphrase(char *bytes, int size, int writing, void *context)
{
	bool *asked = context;

	(void)bytes;
	(void)size;
	(void)writing;
	*asked = true;
	return -1;
}

static int key_load(SSL_CTX *context, const char *path, struct net_error *ret_error)
{
	bool asked = false;
	int done;

	SSL_CTX_set_default_passwd_cb(context, on_passphrase);
	SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
	done = SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM);
	SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
	if (done == 1)
		return 0;
	if (!asked)
		return file_refused("key", path, ret_error);
	ERR_clear_error();
	return net_error_say(ret_error, -EINVAL,
			     "TLS key %s: needs a passphrase, and nobody is there to type it: "
			     "`openssl pkey -in %s -out FILE` takes it off",
			     path, path);
}

static int64_t expiry_of(const X509 *certificate)
{
	struct tm until;

	if (!certificate || !ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &until))
		return 0;
	return timegm(&until);
}

static int certificates_load(struct net_tls *tls, const struct net_tls_options *options,
			     struct net_error *ret_error)
{
	int code = file_check("certificate", options->certificate, 0, ret_error);

	if (code == 0)
		code = file_check("key", options->key, S_IRWXO, ret_error);
	if (code == 0)
		code = file_check("authority", options->authority, 0, ret_error);
	if (code < 0)
		return code;
	if (SSL_CTX_use_certificate_chain_file(tls->context, options->certificate) != 1)
		return file_refused("certificate", options->certificate, ret_error);
	code = key_load(tls->context, options->key, ret_error);
	if (code < 0)
		return code;
	if (SSL_CTX_load_verify_locations(tls->context, options->authority, NULL) != 1)
		return file_refused("authority", options->authority, ret_error);
	tls->expires = expiry_of(SSL_CTX_get0_certificate(tls->context));
	return 0;
}

static int digit_of(char character)
{
	if (isdigit((unsigned char)character))
		return character - '0';
	return isxdigit((unsigned char)character) ? tolower((unsigned char)character) - 'a' + 10
						  : -1;
}

/* Bytes of a key in hexadecimal; 0 where it is none, or of a wrong length. */
static size_t psk_parse(const char *text, uint8_t key[PSK_MAX])
{
	size_t length = strlen(text);

	if (length % 2 || length < 2 * PSK_MIN || length > 2 * PSK_MAX)
		return 0;
	for (size_t i = 0; i < length / 2; i++) {
		int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return 0;
		key[i] = (uint8_t)(high << 4 | low);
	}
	return length / 2;
}

/* The identity may hold colons, the key cannot. */
static int psk_line(struct net_tls *tls, const char *path, char *line, struct net_error *ret_error)
{
	static const uint8_t aes_128_gcm_sha256[] = {0x13, 0x01};
	char *colon = strrchr(line, ':');
	size_t name = colon ? (size_t)(colon - line) : 0, length;
	const SSL_CIPHER *cipher;
	uint8_t key[PSK_MAX];
	bool made;
	SSL *ssl;

	length = colon ? psk_parse(colon + 1, key) : 0;
	for (size_t i = 0; i < name; i++)
		if (iscntrl((unsigned char)line[i]))
			length = 0;
	if (!name || name > TLS_IDENTITY_MAX || !length)
		return net_error_say(
			ret_error, -EINVAL,
			"TLS key file %s: not one line \"identity:key\", key in "
			"hexadecimal, %d to %d bytes: `openssl rand -hex 32` makes one",
			path, PSK_MIN, PSK_MAX);
	memcpy(tls->identity, line, name);
	tls->psk = SSL_SESSION_new();
	ssl = SSL_new(tls->context);
	cipher = ssl ? SSL_CIPHER_find(ssl, aes_128_gcm_sha256) : NULL;
	made = tls->psk && cipher && SSL_SESSION_set1_master_key(tls->psk, key, length) == 1 &&
	       SSL_SESSION_set1_id_context(tls->psk, context_name, sizeof(context_name)) == 1 &&
	       SSL_SESSION_set_cipher(tls->psk, cipher) == 1 &&
	       SSL_SESSION_set_protocol_version(tls->psk, TLS1_3_VERSION) == 1;
	SSL_free(ssl);
	OPENSSL_cleanse(key, sizeof(key));
	return made ? 0 : file_refused("key file", path, ret_error);
}

static int psk_load(struct net_tls *tls, const char *path, struct net_error *ret_error)
{
	int fd = file_open("key file", path, S_IRWXG | S_IRWXO, ret_error);
	char line[PSK_FILE_MAX + 1] = "";
	ssize_t length;
	int code;

	if (fd < 0)
		return fd;
	length = read(fd, line, PSK_FILE_MAX);
	if (length < 0) {
		code = net_error_say(ret_error, -errno, "TLS key file %s: %s", path,
				     strerror(errno));
		goto out;
	}
	while (length && isspace((unsigned char)line[length - 1]))
		line[--length] = '\0';
	code = psk_line(tls, path, line, ret_error);
out:
	close(fd);
	OPENSSL_cleanse(line, sizeof(line));
	return code;
}

/* TLS 1.3 and nothing that outlives a connection. The hash of a key's cipher must be the key's: one cipher there. */
static SSL_CTX *context_new(bool psk)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());

	if (!context)
		return NULL;
	SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
	SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_id_context(context, context_name, sizeof(context_name));
	tls_session_hooks(context, psk);
	if (psk && SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1) {
		SSL_CTX_free(context);
		return NULL;
	}
	return context;
}

int net_tls_new(const struct net_tls_options *options, struct net_tls **ret_tls,
		struct net_error *ret_error)
{
	bool some = options->certificate || options->key || options->authority;
	bool all = options->certificate && options->key && options->authority;
	char words[TLS_WORDS];
	struct net_tls *tls;
	int code;

	if (options->psk_file ? some : !all)
		return net_error_say(ret_error, -EINVAL,
				     "TLS needs a certificate, its key and an authority, or a file "
				     "with a pre-shared key, and not both");
	tls = calloc(1, sizeof(*tls));
	if (!tls)
		return net_error_say(ret_error, -ENOMEM, "TLS: no memory");
	tls->references = 1;
	tls->context = context_new(options->psk_file);
	if (!tls->context)
		code = net_error_say(ret_error, -ENOMEM, "TLS cannot begin: %s", tls_words(words));
	else if (options->psk_file)
		code = psk_load(tls, options->psk_file, ret_error);
	else
		code = certificates_load(tls, options, ret_error);
	if (code < 0)
		net_tls_free(tls);
	else
		*ret_tls = tls;
	return code;
}

void net_tls_free(struct net_tls *tls)
{
	if (!tls || --tls->references)
		return;
	SSL_SESSION_free(tls->psk);
	SSL_CTX_free(tls->context);
	free(tls);
}

int64_t net_tls_expires(const struct net_tls *tls)
{
	return tls->expires;
}
