/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of a relationship outlives the daemon, as bytes for the journal
 * (which has the checksum): big-endian, version 2.
 *
 *   version (1)  flags (2)  own state (1)  partner's state (1)
 *   since (8)  partner's state since (8)  MCLT (4)  epoch (8)
 *   [16 bytes: identity of the partner's lease store]
 */
#include <errno.h>

#include "base/cursor.h"
#include "failover/peer_private.h"

#define VERSION 2

enum {
	KEPT_LOST = 1 << 0,
	KEPT_PROVEN = 1 << 1,
	KEPT_INITIAL = 1 << 2,
	KEPT_CLEAN = 1 << 3,
	KEPT_PRIMARY = 1 << 4,
	KEPT_ISC = 1 << 5,
	KEPT_FENCED = 1 << 6,
	KEPT_STORE = 1 << 7,
	KEPT_DEAD = 1 << 8,
	KEPT_DOUBTFUL = 1 << 9,
	KEPT_ALL = (1 << 10) - 1,
};

static uint16_t flags_of(const struct failover_fsm *fsm, const struct failover_record *record)
{
	return (uint16_t)((fsm->kept.lost ? KEPT_LOST : 0) | (fsm->kept.proven ? KEPT_PROVEN : 0) |
			  (fsm->kept.initial ? KEPT_INITIAL : 0) |
			  (fsm->kept.clean ? KEPT_CLEAN : 0) | (fsm->kept.dead ? KEPT_DEAD : 0) |
			  (fsm->kept.doubtful ? KEPT_DOUBTFUL : 0) |
			  (record->primary ? KEPT_PRIMARY : 0) | (fsm->isc ? KEPT_ISC : 0) |
			  (record->fenced ? KEPT_FENCED : 0) |
			  (record->has_partner_store ? KEPT_STORE : 0));
}

size_t failover_kept_encode(const struct failover_fsm *fsm, const struct failover_record *record,
			    uint8_t bytes[KEPT_MAX])
{
	struct base_writer writer = base_writer_of(bytes, KEPT_MAX);

	base_writer_u8(&writer, VERSION);
	base_writer_be16(&writer, flags_of(fsm, record));
	base_writer_u8(&writer, fsm->kept.state);
	base_writer_u8(&writer, fsm->kept.partner);
	base_writer_be64(&writer, (uint64_t)fsm->kept.since);
	base_writer_be64(&writer, (uint64_t)fsm->kept.partner_since);
	base_writer_be32(&writer, fsm->mclt);
	base_writer_be64(&writer, record->epoch);
	if (record->has_partner_store)
		base_writer_bytes(&writer, record->partner_store, STORE_ID);
	return writer.length;
}

/* STARTUP is never kept; of the partner nothing may be known yet. */
static bool states_are_sound(uint8_t own, uint8_t partner)
{
	return own != FAILOVER_UNKNOWN && own != FAILOVER_STARTUP && partner != FAILOVER_STARTUP &&
	       failover_state_word(own) && failover_state_word(partner);
}

int failover_kept_decode(const void *bytes, size_t length, struct failover_fsm *ret_fsm,
			 struct failover_record *ret_record)
{
	struct base_cursor cursor = base_cursor_of(bytes, length);
	uint8_t version = base_cursor_u8(&cursor);
	uint16_t flags = base_cursor_be16(&cursor);
	struct failover_record record = {.primary = flags & KEPT_PRIMARY,
					 .fenced = flags & KEPT_FENCED,
					 .has_partner_store = flags & KEPT_STORE};
	struct failover_kept kept = {.lost = flags & KEPT_LOST,
				     .proven = flags & KEPT_PROVEN,
				     .initial = flags & KEPT_INITIAL,
				     .clean = flags & KEPT_CLEAN,
				     .dead = flags & KEPT_DEAD,
				     .doubtful = flags & KEPT_DOUBTFUL};
	uint32_t mclt;

	kept.state = base_cursor_u8(&cursor);
	kept.partner = base_cursor_u8(&cursor);
	kept.since = (int64_t)base_cursor_be64(&cursor);
	kept.partner_since = (int64_t)base_cursor_be64(&cursor);
	mclt = base_cursor_be32(&cursor);
	record.epoch = base_cursor_be64(&cursor);
	if (record.has_partner_store)
		base_cursor_copy(&cursor, record.partner_store, STORE_ID);
	if (!base_cursor_ok(&cursor) || base_cursor_remaining(&cursor) || version != VERSION ||
	    flags & ~KEPT_ALL || !states_are_sound(kept.state, kept.partner))
		return -EBADMSG;
	ret_fsm->kept = kept;
	ret_fsm->isc = flags & KEPT_ISC;
	ret_fsm->mclt = mclt;
	*ret_record = record;
	return 0;
}
