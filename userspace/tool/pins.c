/* SPDX-License-Identifier: GPL-2.0-only */
#include "tool/pins.h"

#include <string.h>

#include "fastpath/pinned.h"
#include "tool/ask.h"

static json_t *refused(const char *bpffs, const char *instance, int code)
{
	return tool_reply(CTL_FAILED, "%s/xdhcp/%s-*: %s", bpffs, instance, strerror(-code));
}

static json_t *nothing(const char *bpffs, const char *instance, enum ctl_code code)
{
	return tool_reply(code, "instance %s has nothing under %s/xdhcp", instance, bpffs);
}

/* Takes the reply; what does not fit into memory is left out. */
static json_t *with_gates(json_t *reply, const struct fastpath_pinned *pinned)
{
	json_object_set_new(reply, "attached", json_integer((json_int_t)pinned->links));
	json_object_set_new(reply, "renew", json_real(pinned->renew));
	json_object_set_new(reply, "decide", json_real(pinned->decide));
	return reply;
}

/* A gate lets nothing through where no program stands behind it. */
static bool answers(const struct fastpath_pinned *pinned)
{
	return pinned->links && (pinned->renew > 0 || pinned->decide > 0);
}

static json_t *silence(const char *bpffs, const char *instance,
		       const struct fastpath_pinned *pinned, enum ctl_code code)
{
	if (!pinned->there)
		return nothing(bpffs, instance, code);
	return tool_reply(code, pinned->links
					? "the kernel answers nothing: the gates are shut"
					: "the kernel answers nothing: no program is attached");
}

json_t *tool_pins_gates(const char *bpffs, const char *instance)
{
	struct fastpath_pinned pinned;
	int code = fastpath_pinned_read(bpffs, instance, &pinned);

	if (code < 0)
		return refused(bpffs, instance, code);
	if (answers(&pinned))
		return with_gates(tool_reply(CTL_GATES_OPEN,
					     "the kernel answers on %zu interfaces: renewals for "
					     "%.1f s more, new decisions for %.1f s",
					     pinned.links, pinned.renew, pinned.decide),
				  &pinned);
	return with_gates(silence(bpffs, instance, &pinned, CTL_GATES_SHUT), &pinned);
}

static json_t *lingering(const struct fastpath_pinned *pinned)
{
	json_t *reply = tool_reply(CTL_LINGERING,
				   "renewals are answered for %.1f s more, on %zu interfaces",
				   pinned->renew, pinned->links);

	json_object_set_new(reply, "renew", json_real(pinned->renew));
	return reply;
}

json_t *tool_pins_linger(const char *bpffs, const char *instance, unsigned seconds)
{
	struct fastpath_pinned pinned;
	int code = fastpath_pinned_linger(bpffs, instance, seconds, &pinned);

	/* What cannot be shut can still be taken away. */
	if (!seconds)
		return tool_pins_remove(bpffs, instance);
	if (code < 0)
		return refused(bpffs, instance, code);
	return answers(&pinned) ? lingering(&pinned) : silence(bpffs, instance, &pinned, CTL_OK);
}

json_t *tool_pins_remove(const char *bpffs, const char *instance)
{
	int count = fastpath_remove(bpffs, instance);

	if (count < 0)
		return refused(bpffs, instance, count);
	if (!count)
		return nothing(bpffs, instance, CTL_OK);
	return tool_reply(CTL_DETACHED, "removed %d links and maps of instance %s", count,
			  instance);
}
