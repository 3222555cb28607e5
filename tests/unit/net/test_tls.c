/* SPDX-License-Identifier: GPL-2.0-only */
/* TLS around streams: who comes in, who does not, and what both sides are told. */
#include "certs.h"
#include "pair.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RELATION "pair.dhcp.example"
#define DAY 86400
#define KEY_ONE "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"
#define KEY_TWO "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E20"

static int files_make(void **state)
{
	static const struct certs_request requests[] = {
		{"server", "server", "IP:127.0.0.1", "serverAuth,clientAuth", -60, DAY},
		{"client", "client", "DNS:" RELATION, NULL, -60, DAY},
		{"address", "client", "DNS:other,IP:127.0.0.2", NULL, -60, DAY},
		{"expired", "client", "DNS:" RELATION ",IP:127.0.0.1", NULL, -DAY, -60},
		{"early", "client", "DNS:" RELATION, NULL, 3600, DAY},
		{"other", "client", "DNS:other,IP:127.0.0.9", NULL, -60, DAY},
		{"nameless", RELATION, NULL, NULL, -60, DAY},
		{"wild", "client", "DNS:*.dhcp.example", NULL, -60, DAY},
		{"serving", "client", "DNS:" RELATION, "serverAuth", -60, DAY},
	};
	static const struct certs_request foreign = {
		"foreign", "client", "DNS:" RELATION ",IP:127.0.0.1", NULL, -60, DAY};
	struct certs_authority ours, theirs;

	(void)state;
	certs_open();
	certs_authority_make("ours", &ours);
	certs_authority_make("theirs", &theirs);
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		certs_make(&ours, &requests[i]);
	certs_make(&theirs, &foreign);
	certs_authority_free(&ours);
	certs_authority_free(&theirs);
	certs_write("one.psk", "fail:over:" KEY_ONE "\n", 0600);
	certs_write("two.psk", "fail:over:" KEY_TWO "\n", 0600);
	certs_write("name.psk", "other:" KEY_ONE "\n", 0600);
	return 0;
}

static int files_remove(void **state)
{
	(void)state;
	certs_close();
	return 0;
}

static struct net_tls *tls_new(const struct net_tls_options *options)
{
	struct net_error error = {""};
	struct net_tls *tls = NULL;

	if (net_tls_new(options, &tls, &error))
		fail_msg("%s", error.text);
	return tls;
}

/* "client" or "one.psk"; trusting "ours". NULL: none. */
static struct net_tls *tls_of(const char *file)
{
	char certificate[128], key[128];

	if (!file)
		return NULL;
	if (strstr(file, ".psk"))
		return tls_new(&(struct net_tls_options){.psk_file = certs_path(file)});
	snprintf(certificate, sizeof(certificate), "%s.pem", certs_path(file));
	snprintf(key, sizeof(key), "%s.key", certs_path(file));
	return tls_new(&(struct net_tls_options){certificate, key, certs_path("ours.pem"), NULL});
}

static void tls_pair_open(struct pair *pair, const char *server, const char *client)
{
	pair_open(pair);
	pair->server_tls = tls_of(server);
	pair->client_tls = tls_of(client);
	pair->server_wants = pair->client_wants = RELATION;
}

/* Whoever may come in: by address, by name, by key. */
static void partners_meet(void **state)
{
	static const char *const partners[][2] = {
		{"server", "client"},
		{"server", "address"},
		{"one.psk", "one.psk"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(partners) / sizeof(*partners); i++) {
		struct pair pair;

		tls_pair_open(&pair, partners[i][0], partners[i][1]);
		pair_connect(&pair);
		pair_send(&pair.client, "\0quest", 6); /* kept until TLS is done */
		pair_until(&pair, pair.client.opened && pair.server.opened);
		pair_send(&pair.client, "ion", 3);
		pair_send(&pair.server, "\0answer", 7);
		pair_until(&pair, pair.server.received == 9 && pair.client.received == 7);
		assert_memory_equal(pair.server.bytes, "\0question", 9);
		assert_memory_equal(pair.client.bytes, "\0answer", 7);
		pair_drop(&pair.client);
		pair_until(&pair, pair.server.closed);
		pair_why(&pair.server, "the partner closed the connection");
		assert_true(pair.server.notified);
		pair_close(&pair);
	}
}

static void speak_first(struct pair_side *side)
{
	pair_send(side, "\0\x20\x05", 3);
}

static void strangers_do_not(void **state)
{
	static const struct {
		const char *server, *client, *server_why, *client_why;
	} rows[] = {
		{"server", "foreign", "(/CN=client) is refused: unable to get local issuer",
		 "(unknown CA): its authority did not sign this server's certificate"},
		{"foreign", "client", "(unknown CA): its authority did not sign",
		 "the authority of this server did not sign it"},
		{"server", "other", "have neither IP:127.0.0.2 nor DNS:" RELATION,
		 "(bad certificate): this server's certificate does not name"},
		{"other", "client", "does not name", "have neither IP:127.0.0.1 nor DNS:" RELATION},
		{"server", "nameless", "have neither", "does not name"},
		{"server", "wild", "have neither", "does not name"},
		{"server", "expired", "certificate has expired: renew it there",
		 "this server's certificate has expired, or a clock is wrong"},
		{"expired", "client", "has expired, or a clock is wrong", "renew it there"},
		{"server", "early", "not yet valid: compare the clocks", "or is not valid yet"},
		{"server", "serving", "good for serverAuth and clientAuth",
		 "good for serverAuth and clientAuth"},
		{"one.psk", "two.psk",
		 "the pre-shared keys \"fail:over\" of the two servers differ",
		 "the pre-shared keys differ"},
		{"one.psk", "name.psk",
		 "the partner's pre-shared key is \"other\", this server's "
		 "\"fail:over\": give both the same",
		 "its pre-shared key has another name"},
		{"one.psk", "client", "the partner offers no pre-shared key, this server has one",
		 "does it have a pre-shared key, and this server certificates?"},
		{"server", "one.psk", "or it has a pre-shared key",
		 "the partner has certificates, this server a pre-shared key"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct pair pair;

		tls_pair_open(&pair, rows[i].server, rows[i].client);
		/* A client learns that it is refused when it has said something already. */
		pair.client.at_open = speak_first;
		pair_connect(&pair);
		pair_until(&pair, pair.server.closed && pair.client.closed);
		pair_why(&pair.server, rows[i].server_why);
		pair_why(&pair.client, rows[i].client_why);
		assert_int_equal(pair.server.opened, 0);
		assert_int_equal(pair.server.received, 0);
		pair_close(&pair);
	}
}

/* Both logs name the cure, whoever of the two has TLS, and whoever speaks first. */
static void plain_against_tls(void **state)
{
	struct pair pair;

	(void)state;
	tls_pair_open(&pair, "server", NULL);
	pair.client.at_open = speak_first;
	pair_connect(&pair);
	pair_until(&pair, pair.server.closed && pair.client.closed);
	pair_why(&pair.server, "the partner speaks failover without TLS");
	pair_why(&pair.client, "the partner speaks TLS, and none is configured here");
	pair_close(&pair);

	tls_pair_open(&pair, "server", NULL);
	pair_connect(&pair);
	pair_until(&pair, pair.client.opened && pair.server.stream &&
				  pair.server.stream->state == STREAM_SHAKING);
	assert_in_range(uv_timer_get_due_in(&pair.server.stream->timer), 9000, 10000);
	stream_patience(pair.server.stream, 50);
	pair_until(&pair, pair.server.closed && pair.client.closed);
	pair_why(&pair.server, "the partner says nothing, and TLS is configured here");
	pair_why(&pair.client, "the partner speaks TLS, and none is configured here");
	pair_close(&pair);

	tls_pair_open(&pair, NULL, "client");
	pair.server.at_open = speak_first;
	pair_connect(&pair);
	pair_until(&pair, pair.server.closed && pair.client.closed);
	pair_why(&pair.server, "the partner speaks TLS, and none is configured here");
	pair_why(&pair.client, "the partner speaks failover without TLS");
	assert_int_equal(pair.server.received, 0);
	pair_close(&pair);

	tls_pair_open(&pair, NULL, "client");
	pair_connect(&pair);
	pair_until(&pair, pair.server.closed && pair.client.closed);
	pair_why(&pair.server, "the partner speaks TLS, and none is configured here");
	pair_why(&pair.client, "instead of speaking TLS: is TLS configured there?");
	pair_close(&pair);
}

static void garbage_instead(void **state)
{
	static const char hello[] = "\x16\x03\x01\x00\x05hello-no-hello";
	struct pair pair;
	char answer[64];
	int fd;

	(void)state;
	tls_pair_open(&pair, "server", NULL);
	fd = pair_raw(&pair);
	assert_int_equal(write(fd, "GET / HTTP/1.1\r\n\r\n", 18), 18);
	pair_until(&pair, pair.server.closed);
	pair_why(&pair.server, "neither TLS nor failover (first byte 0x47)");
	assert_int_equal(read(fd, answer, sizeof(answer)), 7);
	assert_int_equal(answer[0], 0x15);
	close(fd);

	pair.server.closed = 0;
	fd = pair_raw(&pair);
	assert_int_equal(write(fd, hello, sizeof(hello)), sizeof(hello));
	pair_until(&pair, pair.server.closed);
	pair_why(&pair.server, "TLS handshake failed: ");
	assert_int_equal(pair.server.opened, 0);
	close(fd);
	pair_close(&pair);
}

/* Somebody on the wire adds bytes to what the client sends. */
static void garbage_between(void **state)
{
	static const char record[] = "\x17\x03\x03\x00\x20 thirty-two bytes of anything....";
	struct pair pair;

	(void)state;
	tls_pair_open(&pair, "server", "client");
	pair_meet(&pair);
	assert_int_equal(write(pair_fd(pair.client.stream), record, 37), 37);
	pair_send(&pair.client, "\0abc", 4);
	pair_until(&pair, pair.server.closed && pair.client.closed);
	pair_why(&pair.server, "TLS failed: ");
	pair_why(&pair.client, "(bad record mac)");
	assert_int_equal(pair.server.received, 0);
	pair_close(&pair);
}

static void older_tls_refused(void **state)
{
	struct pair pair;

	(void)state;
	tls_pair_open(&pair, "server", "client");
	SSL_CTX_set_min_proto_version(pair.client_tls->context, TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(pair.client_tls->context, TLS1_2_VERSION);
	pair_connect(&pair);
	pair_until(&pair, pair.server.closed && pair.client.closed);
	pair_why(&pair.server, "unsupported protocol");
	pair_why(&pair.client, "does it speak TLS 1.3?");
	pair_close(&pair);

	tls_pair_open(&pair, "server", "client");
	SSL_CTX_set_min_proto_version(pair.server_tls->context, TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(pair.server_tls->context, TLS1_2_VERSION);
	pair_connect(&pair);
	pair_until(&pair, pair.server.closed && pair.client.closed);
	assert_int_equal(pair.client.opened, 0);
	pair_close(&pair);
}

static void big_both_ways(void **state)
{
	static const char *const partners[][2] = {{"server", "client"}, {"one.psk", "one.psk"}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pair pair;

		tls_pair_open(&pair, partners[i][0], partners[i][1]);
		pair_meet(&pair);
		pair_pump(&pair, 100);
		pair_close(&pair);
	}
}

/* As many bytes from one session to the other as there are, in pieces of so many. */
static void carry(struct tls_session *from, struct tls_session *to, size_t piece)
{
	const uint8_t *bytes;
	size_t length = tls_session_output(from, &bytes);

	for (size_t at = 0; at < length; at += piece)
		assert_int_equal(
			tls_session_take(to, bytes + at, length - at < piece ? length - at : piece),
			0);
	tls_session_output_taken(from);
}

static void byte_by_byte(void **state)
{
	struct net_tls *server_tls = tls_of("server"), *client_tls = tls_of("client");
	struct tls_session *server = tls_session_new(server_tls, true, LOOPBACK(2), RELATION);
	struct tls_session *client = tls_session_new(client_tls, false, LOOPBACK(1), NULL);
	const uint8_t *bytes;
	uint8_t plain[64];

	(void)state;
	for (int i = 0; i < 3; i++) {
		carry(client, server, 1);
		carry(server, client, 1);
	}
	assert_true(tls_session_opened(server) && tls_session_opened(client));
	/* No tickets, nothing to resume. */
	assert_int_equal(tls_session_output(server, &bytes), 0);
	assert_int_equal(tls_session_write(client, (const uint8_t *)"slowly", 6), 0);
	carry(client, server, 1);
	assert_int_equal(tls_session_read(server, plain, sizeof(plain)), 6);
	assert_memory_equal(plain, "slowly", 6);
	assert_int_equal(tls_session_read(server, plain, sizeof(plain)), 0);
	tls_session_free(server);
	tls_session_free(client);
	net_tls_free(server_tls);
	net_tls_free(client_tls);
}

static void pause_at_call(struct pair_side *side)
{
	net_stream_pause(side->stream, true);
}

/* What came along with the end of the handshake is kept, not lost, and not brought. */
static void pause_at_open(void **state)
{
	struct pair pair;

	(void)state;
	tls_pair_open(&pair, "server", "client");
	pair.client.at_open = speak_first;
	pair.server.at_open = pause_at_call;
	pair_meet(&pair);
	for (int i = 0; i < 10; i++)
		uv_run(&pair.loop, UV_RUN_NOWAIT);
	assert_int_equal(pair.server.received, 0);
	net_stream_pause(pair.server.stream, false);
	pair_until(&pair, pair.server.received == 3);
	pair_close(&pair);
}

/* What is sent while some of what was sent before has left already comes behind it. */
static void pause_makes_wait(void **state)
{
	static uint8_t block[12 << 20]; /* more than the kernel takes */
	size_t sent = sizeof(block);
	struct pair pair;

	(void)state;
	pair_pattern(block, sizeof(block));
	tls_pair_open(&pair, "one.psk", "one.psk");
	pair_meet(&pair);
	pair.server.expect = block;
	pair.server.period = sizeof(block);
	pair.server.at_bytes = pause_at_call;
	pair_send(&pair.client, block, sizeof(block));
	assert_false(net_stream_writable(pair.client.stream));
	for (unsigned reads = 1; pair.server.received < sent; reads++) {
		pair_until(&pair, pair.server.reads == reads);
		for (int i = 0; i < 3; i++)
			uv_run(&pair.loop, UV_RUN_NOWAIT);
		assert_int_equal(pair.server.reads, reads);
		if (reads <= 6) {
			pair_send(&pair.client, block + sent - sizeof(block), 1 << 20);
			sent += 1 << 20;
		}
		net_stream_pause(pair.server.stream, false);
	}
	pair_until(&pair, pair.client.drained);
	assert_int_equal(pair.client.drained, 1);
	pair_close(&pair);
}

static void close_flushes(void **state)
{
	static uint8_t block[8 << 20];
	struct pair pair;

	(void)state;
	tls_pair_open(&pair, "server", "client");
	pair_meet(&pair);
	net_stream_pause(pair.client.stream, true);
	pair_send(&pair.server, block, 1 << 16);
	for (int i = 0; i < 20; i++)
		uv_run(&pair.loop, UV_RUN_NOWAIT);
	pair_send(&pair.client, block, sizeof(block));
	pair_drop(&pair.client);
	pair_until(&pair, pair.server.closed);
	assert_int_equal(pair.server.received, sizeof(block));
	pair_why(&pair.server, "the partner closed the connection");
	pair_close(&pair);
	assert_int_equal(pair.client.closed, 0);
}

static void queue_is_bounded(void **state)
{
	static uint8_t block[1 << 20];
	unsigned sent = 0;
	struct pair pair;

	(void)state;
	tls_pair_open(&pair, "server", "client");
	pair_meet(&pair);
	net_stream_pause(pair.server.stream, true);
	while (!pair.client.closed) {
		assert_true(sent++ < 64);
		pair_send(&pair.client, block, sizeof(block));
		uv_run(&pair.loop, UV_RUN_NOWAIT);
	}
	pair_why(&pair.client, "more than 16 MiB wait");
	pair_close(&pair);
}

/* A partner that asks for new keys without end, and never reads the answers. */
static void key_updates_are_bounded(void **state)
{
	static uint8_t block[8 << 20];
	unsigned asked = 0;
	struct pair pair;
	SSL *ssl;

	(void)state;
	tls_pair_open(&pair, "server", "client");
	pair_meet(&pair);
	ssl = pair.client.stream->tls->ssl;
	net_stream_pause(pair.client.stream, true);
	pair_send(&pair.server, block, sizeof(block));
	while (!pair.server.closed) {
		assert_true(asked++ < 10000);
		assert_int_equal(SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED), 1);
		SSL_do_handshake(ssl);
		stream_arm(pair.client.stream);
		uv_run(&pair.loop, UV_RUN_NOWAIT);
	}
	assert_true(asked > 1000);
	pair_why(&pair.server, "makes TLS answer, and does not take the answers");
	pair_close(&pair);
}

/* Who connects and says nothing holds one of 16 places, for 10 s. */
static void half_open_is_bounded(void **state)
{
	struct pair pair;
	int fds[17];

	(void)state;
	tls_pair_open(&pair, "server", "client");
	for (int i = 0; i < 17; i++)
		fds[i] = pair_raw(&pair);
	pair_until(&pair, pair.accepted == 16 && net_listener_refused(pair.listener) == 1);
	pair_connect(&pair);
	pair_until(&pair, pair.client.closed);
	assert_int_equal(pair.accepted, 16);
	assert_int_equal(net_listener_refused(pair.listener), 2);
	for (int i = 0; i < 17; i++)
		close(fds[i]);
	pair_until(&pair, pair.server.closed && pair.others_closed == 15);
	pair.client.closed = pair.server.closed = 0;
	pair_meet(&pair);
	pair_close(&pair);
}

/* What is configured anew leaves the connections that are. */
static void freed_while_used(void **state)
{
	struct pair pair;

	(void)state;
	tls_pair_open(&pair, "one.psk", "one.psk");
	pair_meet(&pair);
	net_tls_free(pair.server_tls);
	net_tls_free(pair.client_tls);
	pair.server_tls = pair.client_tls = NULL;
	pair_send(&pair.client, "\0", 1);
	pair_until(&pair, pair.server.received == 1);
	pair_close(&pair);
}

static void expiry_is_told(void **state)
{
	struct net_tls *certificate = tls_of("client"), *psk = tls_of("one.psk");

	(void)state;
	assert_in_range(net_tls_expires(certificate), time(NULL) + DAY - 3600, time(NULL) + DAY);
	assert_int_equal(net_tls_expires(psk), 0);
	net_tls_free(certificate);
	net_tls_free(psk);
}

static void refuses(const struct net_tls_options *options, const char *part)
{
	struct net_error error = {""};
	struct net_tls *tls = NULL;

	assert_true(net_tls_new(options, &tls, &error) < 0);
	assert_null(tls);
	if (!strstr(error.text, part))
		fail_msg("\"%s\" does not say \"%s\"", error.text, part);
}

static void psk_refuses(const char *text, unsigned mode, const char *part)
{
	certs_write("bad.psk", text, mode);
	refuses(&(struct net_tls_options){.psk_file = certs_path("bad.psk")}, part);
}

static void psk_files(void **state)
{
	(void)state;
	psk_refuses("fail:" KEY_ONE, 0640, "bad.psk: mode 0640 lets others read it: chmod 0600 ");
	psk_refuses("fail:" KEY_ONE, 0604, "lets others read it");
	psk_refuses("fail:000102030405060708090a0b0c0d0e", 0600, "key in hexadecimal, 16 to 64");
	psk_refuses("fail:" KEY_ONE KEY_ONE "00", 0600, "openssl rand -hex 32");
	psk_refuses("fail:" KEY_ONE "0", 0600, "not one line");
	psk_refuses("fail:" KEY_ONE "0g", 0600, "not one line");
	psk_refuses(":" KEY_ONE, 0600, "not one line");
	psk_refuses(KEY_ONE, 0600, "not one line");
	psk_refuses("", 0600, "not one line");
	psk_refuses("a:" KEY_ONE "\nb:" KEY_TWO "\n", 0600, "not one line");
	refuses(&(struct net_tls_options){.psk_file = certs_path("none.psk")},
		"none.psk: No such file or directory");
}

static void key_encrypt(const char *from, const char *to)
{
	FILE *in = fopen(certs_path(from), "r"), *out = fopen(certs_path(to), "w");
	EVP_PKEY *key = PEM_read_PrivateKey(in, NULL, NULL, NULL);

	assert_int_equal(PEM_write_PrivateKey(out, key, EVP_aes_128_cbc(),
					      (const uint8_t *)"secret", 6, NULL, NULL),
			 1);
	EVP_PKEY_free(key);
	fclose(in);
	fclose(out);
	assert_int_equal(chmod(certs_path(to), 0600), 0);
}

static void certificate_files(void **state)
{
	struct net_tls_options good = {certs_path("client.pem"), certs_path("client.key"),
				       certs_path("ours.pem"), NULL};
	struct net_tls_options options = good;

	(void)state;
	net_tls_free(tls_new(&options));
	options.certificate = certs_path("absent.pem");
	refuses(&options, "TLS certificate ");
	refuses(&options, "absent.pem: No such file or directory");
	options = good;
	options.key = certs_path("server.key");
	refuses(&options, "server.key: not usable: key values mismatch");
	options = good;
	options.authority = certs_path("client.key");
	refuses(&options, "TLS authority ");
	certs_write("text.pem", "no certificate\n", 0644);
	options = good;
	options.certificate = certs_path("text.pem");
	refuses(&options, "text.pem: not usable: no start line");
	key_encrypt("client.key", "locked.key");
	options = good;
	options.key = certs_path("locked.key");
	refuses(&options, "locked.key: needs a passphrase");
	assert_int_equal(chmod(certs_path("locked.key"), 0644), 0);
	refuses(&options, "mode 0644 lets others read it: chmod o-rwx ");
	options = good;
	options.authority = NULL;
	refuses(&options, "TLS needs a certificate, its key and an authority");
	options = good;
	options.psk_file = certs_path("one.psk");
	refuses(&options, "and not both");
	refuses(&(struct net_tls_options){0}, "TLS needs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(partners_meet),
		cmocka_unit_test(strangers_do_not),
		cmocka_unit_test(plain_against_tls),
		cmocka_unit_test(garbage_instead),
		cmocka_unit_test(garbage_between),
		cmocka_unit_test(older_tls_refused),
		cmocka_unit_test(big_both_ways),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(pause_at_open),
		cmocka_unit_test(pause_makes_wait),
		cmocka_unit_test(close_flushes),
		cmocka_unit_test(queue_is_bounded),
		cmocka_unit_test(key_updates_are_bounded),
		cmocka_unit_test(half_open_is_bounded),
		cmocka_unit_test(freed_while_used),
		cmocka_unit_test(expiry_is_told),
		cmocka_unit_test(psk_files),
		cmocka_unit_test(certificate_files),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/tls", tests, files_make, files_remove);
}
