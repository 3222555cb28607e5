/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Can the program see every VLAN tag? A tag that hardware, a veth's peer or a
 * receiving stack has taken out of the frame is beside it, and the program
 * would take the frame for an untagged one. Nobody outside of the room
 * includes this.
 */
#ifndef XDHCP_FASTPATH_VISIBLE_H
#define XDHCP_FASTPATH_VISIBLE_H

#include "fastpath/fastpath.h"

struct base_text;

enum visible {
	VISIBLE_INLINE, /* every tag is in the frame */
	VISIBLE_ASK, /* only the driver knows: the bound program asks it */
};

/*
 * For one interface and mode. Switches offloads off where that is what it
 * takes, and notes it. A negative code and *ret_error: it cannot be made sure.
 * `can_ask`: a bound program is at hand.
 */
int fastpath_tags_show(uint32_t ifindex, enum fastpath_mode mode, bool can_ask,
		       enum visible *ret_visible, struct base_text *notice,
		       struct fastpath_error *ret_error);

/* May native mode be tried? Not where a veth would lose our replies; noted. */
bool fastpath_native_arrives(uint32_t ifindex, struct base_text *notice);

#endif
