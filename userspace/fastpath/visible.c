// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measured on kernel 6.18, and why (net/core/dev.c, drivers/net/veth.c):
 *
 *   hardware     the tag is in the descriptor while rx-vlan-hw-parse is on
 *   veth         the tag is in the skb while the peer's tx-vlan-hw-insert is
 *                on; rx-vlan-hw-parse changes nothing. Native programs can ask
 *                (bpf_xdp_metadata_rx_vlan_tag, kernel 6.8), generic ones not
 *   tap          frames come from a process as they are
 *   vlan device  takes its own tag; an skb has room for one, so what is
 *                further inside is in the frame
 *   bond         native programs run in its ports; in skb mode, and on a
 *                bridge, macvlan and their like, the stack below has taken
 *                the tag out, and nothing can be switched off
 */
#include "fastpath/visible.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "fastpath/device.h"
#include "fastpath/state.h"

static int fail_offload(struct fastpath_error *error, int code, const char *name,
			const char *offload)
{
	return fastpath_fail(error, code,
			     "%s hides VLAN tags from the program, and that cannot be switched off "
			     "(%s): try `ethtool -K %s %s off`, or serve with --xdp off",
			     name, strerror(-code), name, offload);
}

static int hardware_show(const struct device_space *space, const struct device *device,
			 struct base_text *notice, struct fastpath_error *ret_error)
{
	bool changed;
	int code = device_tags_inline(space, device->name, DEVICE_RX, &changed);

	if (code)
		return fail_offload(ret_error, code, device->name, "rxvlan");
	if (changed)
		base_text_append(notice, "rx-vlan-offload of %s was switched off; ", device->name);
	return 0;
}

static int peer_show(const struct device_space *space, const struct device *device,
		     struct base_text *notice, struct fastpath_error *ret_error)
{
	struct device_space there;
	struct device peer;
	bool changed;
	int code = device_space_find(space, device->peer_space, &there);

	if (code) {
		return fastpath_fail(ret_error, code,
				     "the peer of %s is in a network namespace that cannot be "
				     "reached from here, and may hide VLAN tags: use native mode "
				     "(kernel 6.8 or later), or --xdp off",
				     device->name);
	}
	code = device_read(&there, device->peer, &peer);
	if (!code)
		code = device_tags_inline(&there, peer.name, DEVICE_TX, &changed);
	device_space_close(&there);
	if (code)
		return fail_offload(ret_error, code, "its veth peer", "txvlan");
	if (changed)
		base_text_append(notice, "tx-vlan-offload of the veth peer %s was switched off; ",
				 peer.name);
	return 0;
}

/* Every port of a bond must be hardware that leaves tags alone. */
static int bond_show(const struct device_space *space, const struct device *bond,
		     struct base_text *notice, struct fastpath_error *ret_error)
{
	struct if_nameindex *names = if_nameindex();
	struct device port;
	int code = names ? 0 : -errno;

	for (struct if_nameindex *each = names; !code && each && each->if_index; each++) {
		if (device_read(space, each->if_index, &port) || port.master != bond->ifindex)
			continue;
		if (port.kind[0])
			code = fastpath_fail(ret_error, -EOPNOTSUPP,
					     "%s: its port %s is a %s, and VLAN tags may be hidden "
					     "there: serve with --xdp off",
					     bond->name, port.name, port.kind);
		else
			code = hardware_show(space, &port, notice, ret_error);
	}
	if (names)
		if_freenameindex(names);
	return code;
}

static int device_show(const struct device_space *space, const struct device *device,
		       enum fastpath_mode mode, bool can_ask, enum visible *ret_visible,
		       struct base_text *notice, struct fastpath_error *ret_error)
{
	bool native = mode == FASTPATH_NATIVE;

	*ret_visible = VISIBLE_INLINE;
	if (!device->kind[0])
		return hardware_show(space, device, notice, ret_error);
	if (!strcmp(device->kind, "veth")) {
		if (native && can_ask)
			*ret_visible = VISIBLE_ASK;
		else
			return peer_show(space, device, notice, ret_error);
		return 0;
	}
	if (!strcmp(device->kind, "tun") || (!native && !strcmp(device->kind, "vlan")))
		return 0;
	if (native && !strcmp(device->kind, "bond"))
		return bond_show(space, device, notice, ret_error);
	return fastpath_fail(ret_error, -EOPNOTSUPP,
			     "%s is a %s: the program cannot see VLAN tags there%s; serve with "
			     "--xdp off, or attach to the interfaces below it",
			     device->name, device->kind, native ? "" : " in skb mode");
}

int fastpath_tags_show(uint32_t ifindex, enum fastpath_mode mode, bool can_ask,
		       enum visible *ret_visible, struct base_text *notice,
		       struct fastpath_error *ret_error)
{
	enum visible visible;
	struct device_space space;
	struct device device;
	int code = device_space_open(&space);

	if (code)
		return fastpath_fail(ret_error, code, "rtnetlink: %s", strerror(-code));
	code = device_read(&space, ifindex, &device);
	if (code)
		fastpath_fail(ret_error, code, "interface %u: %s", ifindex, strerror(-code));
	else
		code = device_show(&space, &device, mode, can_ask, &visible, notice, ret_error);
	device_space_close(&space);
	if (!code)
		*ret_visible = visible;
	return code;
}

/* Is there a native program at the other end of a veth? A negative code: nobody can tell. */
static int peer_native(const struct device_space *space, const struct device *device,
		       bool *ret_native)
{
	struct device_space there;
	struct device peer;
	int code = device_space_find(space, device->peer_space, &there);

	if (code)
		return code;
	code = device_read(&there, device->peer, &peer);
	device_space_close(&there);
	if (!code)
		*ret_native = peer.xdp_native;
	return code;
}

bool fastpath_native_arrives(uint32_t ifindex, struct base_text *notice)
{
	struct device_space space;
	struct device device;
	bool native = true;
	int code;

	if (device_space_open(&space))
		return true;
	if (!device_read(&space, ifindex, &device) && !strcmp(device.kind, "veth")) {
		code = peer_native(&space, &device, &native);
		if (code)
			base_text_append(
				notice,
				"a veth whose peer cannot be seen from here: replies arrive "
				"only if it has a native XDP program, too (one that passes "
				"everything will do); ");
		else if (!native)
			base_text_append(
				notice,
				"a veth whose peer has no native XDP program (one that "
				"passes everything will do) would lose every reply of native "
				"mode; ");
	}
	device_space_close(&space);
	return native;
}
