/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A relationship's inside. peer.c has the public face and the timers,
 * peer_link.c connections and their bytes, peer_connect.c the handshake,
 * peer_message.c what comes over the link, peer_state.c transitions,
 * peer_operator.c what a person says, peer_kept.c the kept state's encoding,
 * peer_view.c what others see of it, peer_vendor.c what only two xdhcp say,
 * peer_common.c the comparison of what both must have in common.
 *
 * Every public function begins with failover_peer_enter() and ends with
 * failover_peer_leave(), which does what a transition held up. Nothing inside
 * calls back up.
 */
#ifndef XDHCP_FAILOVER_PEER_PRIVATE_H
#define XDHCP_FAILOVER_PEER_PRIVATE_H

#include "failover/balance.h"
#include "failover/kept.h"
#include "failover/peer.h"
#include "failover/skew.h"
#include "failover/wire.h"

#define SECOND UINT64_C(1000000000)

#define HALF_OPEN_MAX 4
#define LINKS_MAX (HALF_OPEN_MAX + 2) /* and the link, and the one that we opened ourselves */
#define INPUT_MAX (1U << 20)
#define OPENED_MAX 16 /* connections let in … */
#define OPENED_SECONDS 10 /* … in so many seconds */

/* dhcpd's timers, seconds. */
#define FIRST_MESSAGE_SECONDS 15
#define STARTUP_SECONDS 15
#define RECONNECT_SECONDS 5
#define CLOCKS_ISC_SECONDS 60
/* Between two xdhcp the difference is in the account; beyond this one of the clocks is wrong. */
#define CLOCKS_SECONDS 600
#define SHORTEST_DELAY 3 /* less makes dhcpd send CONTACT without a pause */
#define STOP_DRAIN_SECONDS 10
#define STOP_ANSWER_SECONDS 5
/* No BNDACK for so long while others come: the link is dropped. One may be withheld for 66. */
#define ACK_SECONDS 90
#define BALANCE_JITTER 5
#define BALANCE_CHUNK 256

/* What a network can make us log: so many lines, one more each few seconds. */
#define LOG_BURST 30
#define LOG_PAUSE_SECONDS 2
#define LOG_REPEAT_SECONDS 60
#define LOG_REMEMBERED 8

/* Option 29 between two xdhcp; dhcpd ignores it. */
struct failover_vendor {
	bool has_store, has_known, has_digest;
	uint8_t store[STORE_ID]; /* of the sender's leases */
	uint8_t known[STORE_ID]; /* that of the receiver's, as the sender keeps it */
	uint64_t boot; /* drawn at each start; 0: unsaid */
	uint64_t digest; /* of what both must have in common */
	uint64_t epoch; /* of what the sender knows (kept.h); 0: nothing, or unsaid */
};
#define VENDOR_MAX 96
size_t failover_vendor_encode(const struct failover_vendor *vendor, uint8_t bytes[VENDOR_MAX]);
/* 0, or -EBADMSG where a length is not kept. What is not known is skipped. */
int failover_vendor_decode(const struct failover_bytes *bytes, struct failover_vendor *ret_vendor);

struct failover_link {
	uint32_t number; /* 0: an empty place */
	bool outgoing;
	bool told; /* that our store is not the one that the partner knows: once is enough */
	uint64_t opened;
	uint64_t spoke; /* when our first message left on it; 0: not yet */
	uint32_t xid; /* of our newest message */
	uint8_t *input; /* bytes that came, [at, length) not taken yet */
	size_t at, length, size;
};

/* What the partner said when the link came up, or last. */
struct failover_partner {
	bool isc;
	char software[64];
	uint32_t max_unacked, receive_timer;
	struct failover_vendor vendor;
	uint64_t epoch; /* of both from NORMAL on: one more than either said in this handshake */
};

enum failover_stop { STOP_NONE, STOP_SILENCE, STOP_DRAIN, STOP_SAID, STOP_CLOSE, STOP_DONE };

struct failover_peer {
	struct failover_peer_options options;
	struct failover_peer_verbs verbs;
	struct failover_now now; /* of the running call */
	int64_t offset; /* wall_ns − monotonic, as fsm.kept's times have it */
	int64_t started_offset; /* the same, at the start */
	uint64_t random, boot;
	bool started;

	struct failover_fsm fsm;
	struct failover_record record;
	const char *why;
	uint8_t kept[KEPT_MAX]; /* as verb keep was given it last */
	size_t kept_length;
	bool quiet; /* the kernel answers nothing of this relationship, for sure */
	bool adopted; /* it goes on as the daemon before left it */
	uint64_t durable; /* newest group */
	struct {
		bool under_way;
		bool silencing; /* failover_peer_silent() is awaited */
		uint64_t group; /* failover_peer_durable() of it is awaited; 0: not yet */
		struct failover_step step;
		struct failover_record record;
	} transition;
	bool reversed; /* the role has changed, and the state machine has not heard of it */
	bool lost; /* the link went, and the state machine has not heard of it */

	struct failover_link links[LINKS_MAX];
	struct failover_link *link; /* the one whose handshake is done */
	struct failover_partner partner;
	struct failover_skew skew;
	uint8_t hba[FAILOVER_HBA];
	bool has_hba;
	bool connecting; /* verb connect was called and nothing came of it yet */
	uint64_t started_at, next_connect;
	int64_t linked_since; /* wall clock */
	uint64_t received_at, sent_at, writable_at; /* on the link */
	uint64_t sign_at; /* of life: the partner's newest whole message on any connection */
	uint64_t opened_from; /* counting connections let in since then */
	unsigned opened;
	uint32_t request; /* xid of the newest UPDREQ or UPDREQALL, 0: none */
	bool caught_up; /* one was answered on this link: what the partner owed from before is here */
	int64_t waited; /* failover_fsm_wait_until() that the state machine was told of */
	uint64_t interrupted_at; /* COMMUNICATIONS-INTERRUPTED began */
	uint64_t acks, acks_at, acks_checked; /* how far BNDACKs came, when, and when we looked */

	struct failover_updates *updates;
	struct failover_balance *balance;
	struct {
		bool running, timer, normal; /* because of the timer, of entering NORMAL */
		bool asked; /* POOLREQ `xid` waits for the answer */
		uint32_t xid;
		uint64_t next; /* 0: no timer */
	} pool;

	struct {
		char *stream; /* "digest …", then the text: what COMMON carries */
		size_t length, at;
		uint64_t digest;
		bool sending, sent; /* on this link */
		char *coming, *theirs;
		size_t coming_length;
		bool known, same;
	} common;

	enum failover_stop stop;
	uint64_t stop_at;

	struct failover_view view;

	uint64_t wake;
	bool fired;

	char refused[FAILOVER_END];
	uint8_t last_reject;
	uint64_t messages_in[16], messages_out[16], malformed, connections, refused_connections;
	struct {
		uint64_t hash, at;
	} logged[LOG_REMEMBERED];
	unsigned log_tokens, log_dropped;
	uint64_t log_from;
};

/* peer.c */
void failover_peer_enter(struct failover_peer *peer, const struct failover_now *now);
void failover_peer_leave(struct failover_peer *peer);
/* Is it time? If not, the turn after next is no later. */
bool failover_peer_due(struct failover_peer *peer, uint64_t at);
uint64_t failover_peer_draw(struct failover_peer *peer);
__attribute__((format(printf, 3, 4))) void
failover_peer_log(struct failover_peer *peer, enum failover_level level, const char *format, ...);

/* peer_link.c */
struct failover_link *failover_link_find(struct failover_peer *peer, uint32_t number);
unsigned failover_link_half_open(const struct failover_peer *peer, bool outgoing);
/* A fresh xid where the message's is 0; the one that it left with. Link NULL: nothing. */
uint32_t failover_link_send(struct failover_peer *peer, struct failover_link *link,
			    struct failover_message *message);
uint32_t failover_link_say(struct failover_peer *peer, enum failover_type type, uint32_t xid);
/* Closes it for a reason, which the status shows. */
__attribute__((format(printf, 4, 5))) void failover_link_drop(struct failover_peer *peer,
							      struct failover_link *link,
							      enum failover_level level,
							      const char *format, ...);
/* The caller has closed it: forgets it. */
void failover_link_forget(struct failover_peer *peer, struct failover_link *link);
/* A message that came whole is taken, if any is there and it can be taken now. */
bool failover_link_take(struct failover_peer *peer);
void failover_link_timers(struct failover_peer *peer);
/* Text of a stranger, made fit to print. */
void failover_text_print(const struct failover_bytes *bytes, char *text, size_t size);

/* peer_connect.c */
void failover_connect_begin(struct failover_peer *peer, struct failover_link *link);
/* A message of a connection without a handshake. False: not now, the same once more. */
bool failover_connect_message(struct failover_peer *peer, struct failover_link *link,
			      const struct failover_message *message);

/* peer_message.c */
void failover_peer_message(struct failover_peer *peer, const struct failover_message *message);
void failover_pool_normal(struct failover_peer *peer);
void failover_pool_timers(struct failover_peer *peer);
/* Updates, balance, texts: true: there is more to do at once. */
bool failover_peer_pump(struct failover_peer *peer);

/* peer_state.c */
/* An event to the state machine; NULL, or why it was refused. */
const char *failover_peer_event(struct failover_peer *peer, enum failover_event_kind kind);
const char *failover_peer_step(struct failover_peer *peer, const struct failover_fsm *fsm,
			       struct failover_event event, bool fenced);
void failover_state_timers(struct failover_peer *peer);
void failover_peer_terms(struct failover_peer *peer);
void failover_peer_keep(struct failover_peer *peer);
void failover_peer_follow_clock(struct failover_peer *peer);

/* peer_operator.c */
void failover_stop_timers(struct failover_peer *peer);

/* peer_view.c */
bool failover_peer_serves(const struct failover_peer *peer, const struct failover_fsm *fsm);
bool failover_peer_strict(const struct failover_peer *peer);
bool failover_peer_sends(const struct failover_peer *peer);
/* The picture, anew; `alive`: the daemon is, so that the bound may move on. */
void failover_view_reckon(struct failover_peer *peer, bool alive);
/* Seconds that the partner's clock may be behind ours. */
int64_t failover_peer_behind(const struct failover_peer *peer);

/* peer_common.c */
int failover_common_set(struct failover_peer *peer, const char *text);
void failover_common_linked(struct failover_peer *peer);
void failover_common_changed(struct failover_peer *peer);
void failover_common_forget(struct failover_peer *peer);
void failover_common_free(struct failover_peer *peer);
void failover_common_message(struct failover_peer *peer, const struct failover_message *message);
void failover_common_pump(struct failover_peer *peer);

#endif
