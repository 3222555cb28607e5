/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What only two xdhcp say: vendor-specific-options (option 29) of CONNECT and
 * CONNECTACK, beside a vendor-class-identifier that begins with "xdhcp". Each
 * item is type (1), length (1), value; what is not known is skipped.
 *
 *   1  16 bytes  identity of the sender's lease store
 *   2  16 bytes  identity of the receiver's lease store, as the sender keeps it
 *   3   8 bytes  a number drawn at each start of the sender
 *   4   8 bytes  digest of what both must have in common (peer_common.c)
 *   5   8 bytes  epoch of what the sender knows (kept.h)
 */
#include <errno.h>

#include "base/cursor.h"
#include "failover/peer_private.h"

enum { VENDOR_STORE = 1, VENDOR_KNOWN = 2, VENDOR_BOOT = 3, VENDOR_DIGEST = 4, VENDOR_EPOCH = 5 };

static void item_identity(struct base_writer *writer, uint8_t type, const uint8_t id[STORE_ID])
{
	base_writer_u8(writer, type);
	base_writer_u8(writer, STORE_ID);
	base_writer_bytes(writer, id, STORE_ID);
}

static void item_number(struct base_writer *writer, uint8_t type, uint64_t number)
{
	base_writer_u8(writer, type);
	base_writer_u8(writer, sizeof(number));
	base_writer_be64(writer, number);
}

size_t failover_vendor_encode(const struct failover_vendor *vendor, uint8_t bytes[VENDOR_MAX])
{
	struct base_writer writer = base_writer_of(bytes, VENDOR_MAX);

	if (vendor->has_store)
		item_identity(&writer, VENDOR_STORE, vendor->store);
	if (vendor->has_known)
		item_identity(&writer, VENDOR_KNOWN, vendor->known);
	item_number(&writer, VENDOR_BOOT, vendor->boot);
	if (vendor->has_digest)
		item_number(&writer, VENDOR_DIGEST, vendor->digest);
	if (vendor->epoch)
		item_number(&writer, VENDOR_EPOCH, vendor->epoch);
	return writer.length;
}

/* False where the length is not that of the type. */
static bool item_read(struct failover_vendor *vendor, uint8_t type, struct base_cursor *value)
{
	switch (type) {
	case VENDOR_STORE:
		vendor->has_store = true;
		base_cursor_copy(value, vendor->store, STORE_ID);
		break;
	case VENDOR_KNOWN:
		vendor->has_known = true;
		base_cursor_copy(value, vendor->known, STORE_ID);
		break;
	case VENDOR_BOOT:
		vendor->boot = base_cursor_be64(value);
		break;
	case VENDOR_DIGEST:
		vendor->has_digest = true;
		vendor->digest = base_cursor_be64(value);
		break;
	case VENDOR_EPOCH:
		vendor->epoch = base_cursor_be64(value);
		break;
	default:
		return true;
	}
	return base_cursor_ok(value) && !base_cursor_remaining(value);
}

int failover_vendor_decode(const struct failover_bytes *bytes, struct failover_vendor *ret_vendor)
{
	struct base_cursor cursor = base_cursor_of(bytes->data, bytes->length);
	struct failover_vendor vendor = {0};

	while (base_cursor_remaining(&cursor)) {
		uint8_t type = base_cursor_u8(&cursor), length = base_cursor_u8(&cursor);
		const uint8_t *data = base_cursor_bytes(&cursor, length);
		struct base_cursor value = base_cursor_of(data, length);

		if (!base_cursor_ok(&cursor) || !item_read(&vendor, type, &value))
			return -EBADMSG;
	}
	if (!base_cursor_ok(&cursor))
		return -EBADMSG;
	*ret_vendor = vendor;
	return 0;
}
