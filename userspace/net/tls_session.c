/* SPDX-License-Identifier: GPL-2.0-only */
#include "net/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"

/* A failover message is at most 2,048 bytes long, and says so first. */
#define PLAIN_FIRST_MOST 0x08

__attribute__((format(printf, 2, 3))) static int fail(struct tls_session *session,
						      const char *format, ...)
{
	struct base_text text = base_text_of(session->why, sizeof(session->why));
	va_list list;

	session->failed = true;
	va_start(list, format);
	base_text_append_list(&text, format, list);
	va_end(list);
	return -EPROTO;
}

/* Is the certificate's subject alternative name the partner's address, or its relationship's name? */
static bool names_partner(const struct tls_session *session, X509 *certificate)
{
	uint32_t address = htonl(session->remote);

	return X509_check_ip(certificate, (const uint8_t *)&address, sizeof(address), 0) == 1 ||
	       (*session->name &&
		X509_check_host(certificate, session->name, 0,
				X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS,
				NULL) == 1);
}

static int on_verify(int good, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);
	struct tls_session *session = SSL_get_app_data(ssl);

	if (good && X509_STORE_CTX_get_error_depth(store) == 0 &&
	    !names_partner(session, certificate)) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
		good = 0;
	}
	/* Escapes what is not printable. */
	if (!good && certificate)
		X509_NAME_oneline(X509_get_subject_name(certificate), session->subject, TLS_SHOWN);
	return good;
}

/* RFC 8446 section 4.2.11: the client's offer. The hash is one that HelloRetryRequest has named, if any. */
static int on_psk_offer(SSL *ssl, const EVP_MD *hash, const unsigned char **ret_identity,
			size_t *ret_length, SSL_SESSION **ret_psk)
{
	struct net_tls *tls = ((struct tls_session *)SSL_get_app_data(ssl))->tls;

	(void)hash; /* there is one cipher */
	*ret_psk = SSL_SESSION_dup(tls->psk);
	*ret_identity = (const unsigned char *)tls->identity;
	*ret_length = strlen(tls->identity);
	return *ret_psk != NULL;
}

/* … and the server's choice; a name that is not ours is no error yet. */
static int on_psk_find(SSL *ssl, const unsigned char *identity, size_t length,
		       SSL_SESSION **ret_psk)
{
	struct tls_session *session = SSL_get_app_data(ssl);
	struct net_tls *tls = session->tls;
	size_t shown = length < TLS_SHOWN - 1 ? length : TLS_SHOWN - 1;

	*ret_psk = NULL;
	if (length == strlen(tls->identity) && !memcmp(identity, tls->identity, length)) {
		*ret_psk = SSL_SESSION_dup(tls->psk);
		return *ret_psk != NULL;
	}
	for (size_t i = 0; i < shown; i++)
		session->offered[i] =
			identity[i] > ' ' && identity[i] < 0x7f ? (char)identity[i] : '?';
	session->offered[shown] = '\0';
	return 1;
}

static void on_info(const SSL *ssl, int where, int value)
{
	struct tls_session *session = SSL_get_app_data(ssl);

	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && session)
		session->alert = value & 0xff;
}

void tls_session_hooks(SSL_CTX *context, bool psk)
{
	/* With a key, too: a partner that has only a certificate finds no authority then. */
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, on_verify);
	SSL_CTX_set_info_callback(context, on_info);
	if (!psk)
		return;
	SSL_CTX_set_psk_use_session_callback(context, on_psk_offer);
	SSL_CTX_set_psk_find_session_callback(context, on_psk_find);
}

void tls_session_free(struct tls_session *session)
{
	if (!session)
		return;
	SSL_free(session->ssl);
	net_tls_free(session->tls);
	free(session);
}

static const char *alert_remedy(const struct tls_session *session)
{
	bool psk = session->tls->psk;

	switch (session->alert) {
	case SSL_AD_UNKNOWN_CA:
		return psk ? ": it has certificates, this server a pre-shared key"
			   : ": its authority did not sign this server's certificate, or it has a "
			     "pre-shared key";
	case SSL_AD_CERTIFICATE_EXPIRED:
		return ": this server's certificate has expired, or a clock is wrong";
	case SSL_AD_BAD_CERTIFICATE:
		return ": this server's certificate does not name its address or relationship, or "
		       "is "
		       "not valid yet";
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
		return ": this server's certificate must be good for serverAuth and clientAuth";
	case SSL_AD_ILLEGAL_PARAMETER:
	case SSL_AD_DECRYPT_ERROR:
		return psk ? ": the pre-shared keys differ" : "";
	case SSL_AD_HANDSHAKE_FAILURE:
	case SSL_AD_MISSING_EXTENSION:
		return psk ? ": its pre-shared key has another name, or it has certificates"
			   : ": does it have a pre-shared key, and this server certificates?";
	case SSL_AD_UNEXPECTED_MESSAGE:
	case SSL_AD_PROTOCOL_VERSION:
		return ": does it speak TLS 1.3?";
	}
	return "";
}

static int certificate_refused(struct tls_session *session, long code)
{
	char address[BASE_IPV4_TEXT];
	const char *remedy = "";

	if (session->tls->psk)
		return fail(session, "the partner has certificates, this server a pre-shared key: "
				     "give both the same");
	if (code == X509_V_ERR_HOSTNAME_MISMATCH)
		return fail(session,
			    "the partner's certificate (%s) is refused: its subject alternative "
			    "names have neither IP:%s nor DNS:%s",
			    session->subject, base_ipv4_format(session->remote, address),
			    *session->name ? session->name : "(the relationship)");
	switch (code) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		remedy = ": the authority of this server did not sign it";
		break;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		remedy = ": renew it there";
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		remedy = ": compare the clocks";
		break;
	case X509_V_ERR_INVALID_PURPOSE:
		remedy = ": it must be good for serverAuth and clientAuth";
		break;
	}
	return fail(session, "the partner's certificate (%s) is refused: %s%s", session->subject,
		    X509_verify_cert_error_string(code), remedy);
}

/* What OpenSSL has just refused, in words. */
static int refused(struct tls_session *session)
{
	unsigned long code = ERR_peek_error();
	const char *what = session->opened ? "TLS" : "TLS handshake";
	long verdict = SSL_get_verify_result(session->ssl);
	char words[TLS_WORDS];

	tls_words(words);
	if (session->alert)
		return fail(session, "the partner refused the TLS handshake (%s)%s",
			    SSL_alert_desc_string_long(session->alert), alert_remedy(session));
	if (!session->opened && verdict != X509_V_OK)
		return certificate_refused(session, verdict);
	if (*session->offered)
		return fail(session,
			    "the partner's pre-shared key is \"%s\", this server's \"%s\": give "
			    "both the same",
			    session->offered, session->tls->identity);
	if (ERR_GET_REASON(code) == SSL_R_BINDER_DOES_NOT_VERIFY)
		return fail(session,
			    "the pre-shared keys \"%s\" of the two servers differ: give both the "
			    "same",
			    session->tls->identity);
	if (!session->opened && session->tls->psk && session->server)
		return fail(session,
			    "the partner offers no pre-shared key, this server has one: give both "
			    "the same (%s)",
			    words);
	return fail(session, "%s failed: %s", what, words);
}

/* A record that is as it stands: nothing is encrypted yet. RFC 8446 section 6: fatal, unexpected message. */
static void plain_refuse(struct tls_session *session)
{
	static const uint8_t alert[] = {TLS_RECORD_ALERT, 3, 3, 0, 2, 2, SSL_AD_UNEXPECTED_MESSAGE};

	BIO_write(session->out, alert, sizeof(alert));
}

/* The first byte tells who does not speak TLS at all. */
static int first_judge(struct tls_session *session, uint8_t first)
{
	session->began = true;
	if (first == TLS_RECORD_HANDSHAKE || first == TLS_RECORD_ALERT)
		return 0;
	plain_refuse(session);
	if (first <= PLAIN_FIRST_MOST)
		return fail(session, "the partner speaks failover without TLS, and TLS is "
				     "configured here: give both servers certificates or a key, "
				     "or neither");
	return fail(session,
		    "what the partner sends is neither TLS nor failover (first byte 0x%02x)",
		    first);
}

static int handshake(struct tls_session *session)
{
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(session->ssl);
	if (result != 1)
		return SSL_get_error(session->ssl, result) == SSL_ERROR_WANT_READ
			       ? 0
			       : refused(session);
	/* Whatever OpenSSL thinks of: without the key, or a certificate that was judged, nobody comes in. */
	if (session->tls->psk ? !SSL_session_reused(session->ssl)
			      : !SSL_get0_peer_certificate(session->ssl) ||
					SSL_get_verify_result(session->ssl) != X509_V_OK)
		return fail(session, "the partner has not shown who it is");
	session->opened = true;
	return 0;
}

struct tls_session *tls_session_new(struct net_tls *tls, bool server, uint32_t remote,
				    const char *name)
{
	struct tls_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->tls = tls;
	tls->references++;
	session->server = server;
	session->remote = remote;
	snprintf(session->name, sizeof(session->name), "%s", name ? name : "");
	session->ssl = SSL_new(tls->context);
	session->in = BIO_new(BIO_s_mem());
	session->out = BIO_new(BIO_s_mem());
	if (!session->ssl || !session->in || !session->out) {
		BIO_free(session->in);
		BIO_free(session->out);
		session->in = session->out = NULL;
		tls_session_free(session);
		return NULL;
	}
	SSL_set_bio(session->ssl, session->in, session->out);
	SSL_set_app_data(session->ssl, session);
	if (server) {
		SSL_set_accept_state(session->ssl);
		return session;
	}
	SSL_set_connect_state(session->ssl);
	if (handshake(session) == 0)
		return session;
	tls_session_free(session);
	return NULL;
}

int tls_session_take(struct tls_session *session, const uint8_t *bytes, size_t length)
{
	if (session->failed)
		return -EPROTO;
	if (!session->began && first_judge(session, *bytes) < 0)
		return -EPROTO;
	if (BIO_write(session->in, bytes, (int)length) != (int)length)
		return fail(session, "no memory for TLS");
	return session->opened ? 0 : handshake(session);
}

void tls_session_late(struct tls_session *session)
{
	if (session->failed)
		return;
	if (session->began) {
		fail(session, "the partner does not finish the TLS handshake");
		return;
	}
	plain_refuse(session);
	fail(session, "the partner says nothing, and TLS is configured here: is it there, too?");
}

bool tls_session_opened(const struct tls_session *session)
{
	return session->opened;
}

ssize_t tls_session_read(struct tls_session *session, uint8_t *bytes, size_t room)
{
	size_t length = 0;

	while (!session->failed && length < room) {
		int result, error;

		ERR_clear_error();
		result = SSL_read(session->ssl, bytes + length, (int)(room - length));
		if (result > 0) {
			length += (size_t)result;
			continue;
		}
		error = SSL_get_error(session->ssl, result);
		if (error == SSL_ERROR_WANT_READ)
			break;
		if (error == SSL_ERROR_ZERO_RETURN)
			fail(session, "the partner closed the connection");
		else
			refused(session);
	}
	return length || !session->failed ? (ssize_t)length : -EPROTO;
}

int tls_session_write(struct tls_session *session, const uint8_t *bytes, size_t length)
{
	if (session->failed)
		return -EPROTO;
	ERR_clear_error();
	return SSL_write(session->ssl, bytes, (int)length) == (int)length ? 0 : refused(session);
}

void tls_session_shut(struct tls_session *session)
{
	if (session->failed || SSL_get_shutdown(session->ssl) & SSL_SENT_SHUTDOWN)
		return;
	ERR_clear_error();
	SSL_shutdown(session->ssl);
}

size_t tls_session_output(struct tls_session *session, const uint8_t **ret_bytes)
{
	char *bytes = NULL;
	long length;

	length = BIO_get_mem_data(session->out, &bytes);
	*ret_bytes = (const uint8_t *)bytes;
	return length > 0 ? (size_t)length : 0;
}

void tls_session_output_taken(struct tls_session *session)
{
	BIO_reset(session->out);
}

const char *tls_session_why(const struct tls_session *session)
{
	return session->why;
}
