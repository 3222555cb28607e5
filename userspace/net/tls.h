/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLS 1.3 as bytes in and bytes out: tls.c reads certificates and keys,
 * tls_session.c has one connection's TLS, between two memory BIOs. Knows no
 * sockets: stream.c carries the bytes.
 *
 * No tickets, no early data, no resumption: each connection shows certificate or
 * key anew, so that a changed authority or key counts from the next one on.
 */
#ifndef XDHCP_NET_TLS_H
#define XDHCP_NET_TLS_H

#include <openssl/ssl.h>
#include <sys/types.h>

#include "net/stream.h"

#define TLS_RECORD_ALERT 0x15 /* first byte of a record: RFC 8446 section 5.1 */
#define TLS_RECORD_HANDSHAKE 0x16

#define TLS_NAME_MAX 256
#define TLS_SHOWN 96 /* bytes of what the partner calls itself, in a reason */
#define TLS_IDENTITY_MAX 128 /* bytes of a pre-shared key's name */

struct net_tls {
	unsigned references; /* the caller's, and each session's */
	SSL_CTX *context;
	SSL_SESSION *psk; /* what an external key is for OpenSSL; NULL: certificates */
	char identity[TLS_IDENTITY_MAX + 1];
	int64_t expires;
};

/* The reason of OpenSSL's oldest error, in words; empties its queue. Returns `text`. */
#define TLS_WORDS 160
char *tls_words(char text[TLS_WORDS]);

struct tls_session {
	struct net_tls *tls;
	SSL *ssl;
	BIO *in, *out; /* ssl's */
	bool server, began, opened, failed;
	uint32_t remote;
	char name[TLS_NAME_MAX];
	int alert; /* from the partner; 0: none */
	char subject[TLS_SHOWN]; /* of a certificate that was refused */
	char offered[TLS_SHOWN]; /* name of a key that we do not have */
	char why[300];
};

/* What the sessions of a context judge: certificates, or the pre-shared key. */
void tls_session_hooks(SSL_CTX *context, bool psk);

/* Of one connection: `remote` or `name` (NULL: none) must be in the partner's certificate. NULL without memory. */
struct tls_session *tls_session_new(struct net_tls *tls, bool server, uint32_t remote,
				    const char *name);
void tls_session_free(struct tls_session *session);

/*
 * Bytes from the partner. 0; or -EPROTO: it is over, tls_session_why() says why,
 * and there is output (an alert) that says so to the partner.
 */
int tls_session_take(struct tls_session *session, const uint8_t *bytes, size_t length);
/* Is the handshake over, and the partner who it must be? */
bool tls_session_opened(const struct tls_session *session);
/* What of that was meant for us: as much as there is and fits; 0: no more; -EPROTO as above. */
ssize_t tls_session_read(struct tls_session *session, uint8_t *bytes, size_t room);

/* For the partner: 0 or -EPROTO. */
int tls_session_write(struct tls_session *session, const uint8_t *bytes, size_t length);
/* "No more from us", once. */
void tls_session_shut(struct tls_session *session);
/* The handshake has taken too long. The output is an alert that also a partner who speaks plainly can tell. */
void tls_session_late(struct tls_session *session);

/* What is to be sent; the session's until any other call. */
size_t tls_session_output(struct tls_session *session, const uint8_t **ret_bytes);
void tls_session_output_taken(struct tls_session *session);
const char *tls_session_why(const struct tls_session *session);

#endif
