/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections: their bytes, messages out, and how they end. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failover/peer_private.h"

struct failover_link *failover_link_find(struct failover_peer *peer, uint32_t number)
{
	for (unsigned i = 0; number && i < LINKS_MAX; i++)
		if (peer->links[i].number == number)
			return &peer->links[i];
	return NULL;
}

unsigned failover_link_half_open(const struct failover_peer *peer, bool outgoing)
{
	unsigned count = 0;

	for (unsigned i = 0; i < LINKS_MAX; i++)
		count += peer->links[i].number && &peer->links[i] != peer->link &&
			 peer->links[i].outgoing == outgoing;
	return count;
}

static unsigned type_slot(uint8_t type)
{
	return type < 15 ? type : 15;
}

uint32_t failover_link_send(struct failover_peer *peer, struct failover_link *link,
			    struct failover_message *message)
{
	uint8_t bytes[FAILOVER_MESSAGE_MAX];
	size_t length;

	if (!link)
		return 0;
	/* 0 is what dhcpd has for "none": it never comes here, not even after 2³² messages. */
	if (!message->xid)
		message->xid = ++link->xid ? link->xid : ++link->xid;
	message->time = (uint32_t)peer->now.wall;
	length = failover_wire_encode(message, bytes, sizeof(bytes));
	if (!length) {
		failover_peer_log(peer, FAILOVER_LOG_ERROR, "a %s does not fit into a message",
				  failover_type_word(message->type));
		return 0;
	}
	peer->verbs.send(peer->verbs.context, link->number, bytes, length);
	peer->messages_out[type_slot(message->type)]++;
	if (!link->spoke)
		link->spoke = peer->now.monotonic;
	if (link == peer->link)
		peer->sent_at = peer->now.monotonic;
	return message->xid;
}

uint32_t failover_link_say(struct failover_peer *peer, enum failover_type type, uint32_t xid)
{
	struct failover_message message = {.type = (uint8_t)type, .xid = xid};

	return failover_link_send(peer, peer->link, &message);
}

void failover_text_print(const struct failover_bytes *bytes, char *text, size_t size)
{
	size_t length = bytes->length < size - 1 ? bytes->length : size - 1;

	for (size_t i = 0; i < length; i++)
		text[i] =
			bytes->data[i] >= ' ' && bytes->data[i] < 0x7f ? (char)bytes->data[i] : '?';
	text[length] = 0;
}

void failover_link_forget(struct failover_peer *peer, struct failover_link *link)
{
	if (link == peer->link) {
		peer->link = NULL;
		peer->linked_since = 0;
		peer->request = 0;
		peer->caught_up = false;
		peer->lost = true;
		failover_common_forget(peer);
		failover_peer_terms(peer);
		failover_updates_unlinked(peer->updates, peer->now.wall);
	}
	free(link->input);
	*link = (struct failover_link){0};
	/* dhcpd's 5 s after each close, whoever had opened it. */
	peer->next_connect = peer->now.monotonic + RECONNECT_SECONDS * SECOND;
}

/* What status shows is of the link, or of what might have become it. */
static void ended(struct failover_peer *peer, const struct failover_link *link, const char *why)
{
	if (!peer->link || link == peer->link)
		snprintf(peer->refused, sizeof(peer->refused), "%s", why);
}

void failover_link_drop(struct failover_peer *peer, struct failover_link *link,
			enum failover_level level, const char *format, ...)
{
	uint32_t number = link->number;
	char why[sizeof(peer->refused)];
	va_list list;

	va_start(list, format);
	vsnprintf(why, sizeof(why), format, list);
	va_end(list);
	failover_peer_log(peer, level, "connection closed: %s", why);
	ended(peer, link, why);
	failover_link_forget(peer, link);
	peer->verbs.close(peer->verbs.context, number);
}

void failover_peer_opened(struct failover_peer *peer, uint32_t number, bool outgoing,
			  const struct failover_now *now)
{
	struct failover_link *link = NULL;

	failover_peer_enter(peer, now);
	if (outgoing)
		peer->connecting = false;
	else if (!peer->opened++)
		peer->opened_from = now->monotonic;
	for (unsigned i = 0; i < LINKS_MAX && !link; i++)
		link = peer->links[i].number ? NULL : &peer->links[i];
	if (!link || peer->stop >= STOP_CLOSE) {
		peer->verbs.close(peer->verbs.context, number);
		peer->refused_connections++;
	} else {
		*link = (struct failover_link){
			.number = number,
			.outgoing = outgoing,
			.opened = now->monotonic,
		};
		peer->connections++;
		failover_connect_begin(peer, link);
	}
	failover_peer_leave(peer);
}

void failover_peer_failed(struct failover_peer *peer, const char *why,
			  const struct failover_now *now)
{
	failover_peer_enter(peer, now);
	peer->connecting = false;
	peer->next_connect = now->monotonic + RECONNECT_SECONDS * SECOND;
	ended(peer, NULL, why);
	failover_peer_log(peer, FAILOVER_LOG_INFO, "no connection to the partner: %s", why);
	failover_peer_leave(peer);
}

void failover_peer_retry(struct failover_peer *peer, const struct failover_now *now)
{
	failover_peer_enter(peer, now);
	peer->next_connect = now->monotonic;
	failover_peer_leave(peer);
}

void failover_peer_cut_off(struct failover_peer *peer, const char *why,
			   const struct failover_now *now)
{
	failover_peer_enter(peer, now);
	if (peer->link)
		failover_link_drop(peer, peer->link, FAILOVER_LOG_WARNING, "%s", why);
	failover_peer_leave(peer);
}

void failover_peer_closed(struct failover_peer *peer, uint32_t number, const char *why,
			  const struct failover_now *now)
{
	struct failover_link *link = failover_link_find(peer, number);

	if (!link)
		return;
	failover_peer_enter(peer, now);
	ended(peer, link, why);
	failover_peer_log(peer, link == peer->link ? FAILOVER_LOG_WARNING : FAILOVER_LOG_INFO,
			  "connection ended: %s", why);
	failover_link_forget(peer, link);
	failover_peer_leave(peer);
}

bool failover_peer_accepts(const struct failover_peer *peer)
{
	return peer->stop < STOP_CLOSE && failover_link_half_open(peer, false) < HALF_OPEN_MAX &&
	       peer->opened < OPENED_MAX;
}

static int input_append(struct failover_link *link, const void *bytes, size_t length)
{
	size_t left = link->length - link->at;

	if (length > INPUT_MAX - left)
		return -ENOBUFS;
	if (link->at)
		memmove(link->input, link->input + link->at, left);
	link->at = 0;
	link->length = left;
	if (left + length > link->size) {
		size_t size = left + length + FAILOVER_MESSAGE_MAX;
		uint8_t *input = realloc(link->input, size);

		if (!input)
			return -ENOMEM;
		link->input = input;
		link->size = size;
	}
	memcpy(link->input + left, bytes, length);
	link->length += length;
	return 0;
}

void failover_peer_bytes(struct failover_peer *peer, uint32_t number, const void *bytes,
			 size_t length, const struct failover_now *now)
{
	struct failover_link *link = failover_link_find(peer, number);
	int error;

	if (!link || !length)
		return;
	failover_peer_enter(peer, now);
	error = input_append(link, bytes, length);
	if (error)
		failover_link_drop(peer, link, FAILOVER_LOG_ERROR, "no room for what came: %s",
				   strerror(-error));
	failover_peer_leave(peer);
}

/* A message that lies whole at the front: 0 and its length, -EAGAIN, or -EBADMSG and why. */
static int message_at(const struct failover_link *link, struct failover_message *ret_message,
		      size_t *ret_length, const char **ret_why)
{
	size_t available = link->length - link->at;
	int length;

	if (!available) /* there may be no input yet */
		return -EAGAIN;
	length = failover_wire_length(link->input + link->at, available);
	if (length < 0) {
		*ret_why = "its length is less than a header or more than 2,048";
		return length;
	}
	if (!length || (size_t)length > available)
		return -EAGAIN;
	*ret_length = (size_t)length;
	return failover_wire_decode(link->input + link->at, (size_t)length, ret_message, ret_why);
}

/* On the link: it lives, and tells the time. What answers our first word is younger than that. */
static void link_heard(struct failover_peer *peer, const struct failover_message *message)
{
	uint64_t age = message->type == FAILOVER_CONNECT ? UINT64_MAX
							 : peer->now.monotonic - peer->link->spoke;

	peer->received_at = peer->now.monotonic;
	failover_skew_sample(&peer->skew, message->time, peer->now.monotonic, age);
}

static bool link_take(struct failover_peer *peer, struct failover_link *link)
{
	struct failover_message message;
	const char *why = NULL;
	uint32_t number = link->number;
	size_t length = 0;
	int error = message_at(link, &message, &length, &why);

	if (error == -EAGAIN)
		return false;
	if (error) {
		peer->malformed++;
		failover_link_drop(peer, link, FAILOVER_LOG_WARNING,
				   "a malformed message from the partner: %s", why);
		return true;
	}
	peer->sign_at = peer->now.monotonic;
	if (link == peer->link) {
		link->at += length; /* the bytes stay until more are appended */
		peer->messages_in[type_slot(message.type)]++;
		link_heard(peer, &message);
		failover_peer_message(peer, &message);
		return true;
	}
	if (!failover_connect_message(peer, link, &message))
		return true; /* once more, after what it has set going */
	peer->messages_in[type_slot(message.type)]++;
	if (link->number == number)
		link->at += length;
	if (link == peer->link)
		link_heard(peer, &message);
	return true;
}

bool failover_link_take(struct failover_peer *peer)
{
	/* What is linked goes first: what it says of itself may make room for another. */
	if (peer->link && peer->link->number && link_take(peer, peer->link))
		return true;
	for (unsigned i = 0; i < LINKS_MAX; i++)
		if (peer->links[i].number && &peer->links[i] != peer->link &&
		    link_take(peer, &peer->links[i]))
			return true;
	return false;
}

static void first_message_timers(struct failover_peer *peer)
{
	for (unsigned i = 0; i < LINKS_MAX; i++) {
		struct failover_link *link = &peer->links[i];

		if (!link->number || link == peer->link ||
		    !failover_peer_due(peer, link->opened + FIRST_MESSAGE_SECONDS * SECOND))
			continue;
		failover_link_drop(
			peer, link, FAILOVER_LOG_WARNING, "no %s from the partner within %d s%s",
			peer->options.conf->primary ? "CONNECTACK" : "CONNECT",
			FIRST_MESSAGE_SECONDS,
			peer->options.conf->primary ? "" : ": is it configured as the primary?");
	}
}

static uint32_t receive_seconds(const struct failover_peer *peer)
{
	uint32_t seconds = peer->options.conf->max_response_delay;

	return seconds < SHORTEST_DELAY ? SHORTEST_DELAY : seconds;
}

/* A partner that takes nothing off its socket would have us keep all that we answer. */
static bool link_is_stuck(struct failover_peer *peer)
{
	if (peer->verbs.writable(peer->verbs.context, peer->link->number)) {
		peer->writable_at = peer->now.monotonic;
		return false;
	}
	return failover_peer_due(peer, peer->writable_at + receive_seconds(peer) * SECOND);
}

static void link_up_timers(struct failover_peer *peer)
{
	uint32_t pause = peer->partner.receive_timer / 3;

	/* While a transition is under way nothing is read, and so nothing can be heard. */
	if (!peer->transition.under_way &&
	    failover_peer_due(peer, peer->received_at + receive_seconds(peer) * SECOND)) {
		failover_link_drop(peer, peer->link, FAILOVER_LOG_WARNING,
				   "nothing heard from the partner for %u s",
				   receive_seconds(peer));
		return;
	}
	if (link_is_stuck(peer)) {
		failover_link_drop(peer, peer->link, FAILOVER_LOG_WARNING,
				   "the partner has taken nothing off the connection for %u s",
				   receive_seconds(peer));
		return;
	}
	if (failover_peer_due(peer, peer->sent_at + (pause ? pause : 1) * SECOND))
		failover_link_say(peer, FAILOVER_CONTACT, 0);
}

void failover_link_timers(struct failover_peer *peer)
{
	if (peer->opened && failover_peer_due(peer, peer->opened_from + OPENED_SECONDS * SECOND))
		peer->opened = 0;
	first_message_timers(peer);
	if (peer->link) {
		link_up_timers(peer);
		return;
	}
	if (peer->connecting || peer->stop >= STOP_CLOSE || failover_link_half_open(peer, true))
		return;
	if (failover_peer_due(peer, peer->next_connect)) {
		peer->connecting = true;
		peer->next_connect = peer->now.monotonic + RECONNECT_SECONDS * SECOND;
		peer->verbs.connect(peer->verbs.context);
	}
}
