/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What both servers of a relationship must have in common, compared between
 * two xdhcp: CONNECT and CONNECTACK carry a digest of it; where the two differ
 * each sends its text, so that either can name the difference. COMMON carries
 *
 *   digest 0123456789abcdef
 *   <conf_common_text()>
 *
 * in pieces as they fall, and an empty one ends it. It is sent again when the
 * configuration changes. A text longer than COMMON_MAX goes without its lines.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "failover/peer_private.h"

#define PIECE 1800
#define COMMON_MAX (256U << 10)
#define HEADER "digest "
#define HEADER_LENGTH (sizeof(HEADER) - 1 + 16 + 1)

/* No secret: it tells mistakes, and both sides compute it. */
static uint64_t digest_line(uint64_t before, const char *line, size_t length)
{
	uint8_t key[BASE_SIPHASH_KEY] = "xdhcp....common";

	for (unsigned i = 0; i < 8; i++)
		key[i] = (uint8_t)(before >> 8 * i);
	return base_siphash(key, line, length);
}

/* What the primary alone says is not compared. */
static bool primary_alone(const char *line)
{
	static const char word[] = "primary ";

	return !strncmp(line + (*line == '!'), word, sizeof(word) - 1);
}

static uint64_t digest_text(const char *text)
{
	uint64_t digest = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");

		if (!primary_alone(text))
			digest = digest_line(digest, text, length);
		text += length + (text[length] == '\n');
	}
	return digest;
}

int failover_common_set(struct failover_peer *peer, const char *text)
{
	size_t length = text ? strlen(text) : 0;
	uint64_t digest = text ? digest_text(text) : 0;
	char *stream;

	if (HEADER_LENGTH + length > COMMON_MAX)
		length = 0;
	stream = malloc(HEADER_LENGTH + length + 1);
	if (!stream)
		return -ENOMEM;
	snprintf(stream, HEADER_LENGTH + 1, HEADER "%016llx\n", (unsigned long long)digest);
	if (length)
		memcpy(stream + HEADER_LENGTH, text, length);
	free(peer->common.stream);
	peer->common.stream = stream;
	peer->common.length = HEADER_LENGTH + length;
	peer->common.digest = digest;
	return 0;
}

/* Both said that they compare. */
static bool compares(const struct failover_peer *peer)
{
	return peer->link && !peer->partner.isc && peer->partner.vendor.has_digest &&
	       peer->options.common;
}

/* An empty one ends what is on its way; then from the beginning. */
static void send_anew(struct failover_peer *peer)
{
	if (peer->common.sending)
		failover_link_say(peer, FAILOVER_COMMON, 0);
	peer->common.sending = peer->common.sent = true;
	peer->common.at = 0;
}

static void compare(struct failover_peer *peer)
{
	peer->common.known = true;
	peer->common.same = peer->partner.vendor.digest == peer->common.digest;
	if (peer->common.same)
		return;
	failover_peer_log(peer, FAILOVER_LOG_WARNING,
			  "the partner's configuration of what both must have in common is "
			  "another one: \"xdhcpctl failover check\" names the difference");
	if (!peer->common.sent)
		send_anew(peer);
}

void failover_common_linked(struct failover_peer *peer)
{
	if (compares(peer))
		compare(peer);
}

void failover_common_changed(struct failover_peer *peer)
{
	if (!compares(peer))
		return;
	send_anew(peer);
	compare(peer);
}

void failover_common_forget(struct failover_peer *peer)
{
	free(peer->common.coming);
	free(peer->common.theirs);
	peer->common.coming = peer->common.theirs = NULL;
	peer->common.coming_length = 0;
	peer->common.sending = peer->common.sent = peer->common.known = peer->common.same = false;
}

void failover_common_free(struct failover_peer *peer)
{
	failover_common_forget(peer);
	free(peer->common.stream);
	peer->common.stream = NULL;
}

void failover_common_pump(struct failover_peer *peer)
{
	while (peer->common.sending &&
	       peer->verbs.writable(peer->verbs.context, peer->link->number)) {
		size_t left = peer->common.length - peer->common.at;
		size_t length = left < PIECE ? left : PIECE;
		struct failover_message message = {
			.type = FAILOVER_COMMON,
			.present = 1U << FAILOVER_TEXT,
			.text = {(const uint8_t *)peer->common.stream + peer->common.at,
				 (uint16_t)length},
		};

		if (!length) {
			peer->common.sending = false;
			failover_link_say(peer, FAILOVER_COMMON, 0);
			return;
		}
		peer->common.at += length;
		failover_link_send(peer, peer->link, &message);
	}
}

static void refuse(struct failover_peer *peer, const char *why)
{
	peer->malformed++;
	failover_link_drop(peer, peer->link, FAILOVER_LOG_WARNING,
			   "a malformed message from the partner: %s", why);
}

/* The whole stream is there: `digest`, then the text, if there is any. */
static void coming_ends(struct failover_peer *peer)
{
	char *text = peer->common.coming;
	unsigned long long digest;

	peer->common.coming = NULL;
	peer->common.coming_length = 0;
	if (!text || sscanf(text, HEADER "%16llx", &digest) != 1) {
		free(text);
		refuse(peer, "COMMON without a digest");
		return;
	}
	peer->partner.vendor.digest = digest;
	free(peer->common.theirs);
	peer->common.theirs = NULL;
	if (strlen(text) > HEADER_LENGTH) {
		memmove(text, text + HEADER_LENGTH, strlen(text) - HEADER_LENGTH + 1);
		peer->common.theirs = text;
	} else {
		free(text);
	}
	compare(peer);
}

void failover_common_message(struct failover_peer *peer, const struct failover_message *message)
{
	size_t length = peer->common.coming_length;
	char *coming;

	if (!compares(peer))
		return;
	if (!message->text.length) {
		coming_ends(peer);
		return;
	}
	if (length + message->text.length > COMMON_MAX) {
		refuse(peer, "COMMON goes on for more than 256 KiB");
		return;
	}
	coming = realloc(peer->common.coming, length + message->text.length + 1);
	if (!coming) {
		failover_link_drop(peer, peer->link, FAILOVER_LOG_ERROR,
				   "no memory for the partner's configuration");
		return;
	}
	memcpy(coming + length, message->text.data, message->text.length);
	peer->common.coming = coming;
	peer->common.coming_length = length + message->text.length;
	coming[peer->common.coming_length] = 0;
}

const char *failover_peer_common(const struct failover_peer *peer)
{
	return peer->common.theirs;
}
