// SPDX-License-Identifier: GPL-2.0-only
/*
 * One pinned bpf_link an interface: it survives the daemon, and a restarted
 * daemon puts its program behind it without losing a packet.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "base/text.h"
#include "fastpath/program.h"
#include "fastpath/visible.h"

/* What is to be done for one interface. */
struct attaching {
	const char *interface;
	uint32_t ifindex;
	char pin[PATH_MAX];
	enum fastpath_mode mode;
	int program; /* descriptor */
	struct bpf_object *bound; /* holds `program` where it is one of this interface's own */
};

static uint32_t mode_flags(enum fastpath_mode mode)
{
	return mode == FASTPATH_NATIVE ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
}

/* What the kernel says is attached: program, and whether natively. 0: nothing. */
static uint32_t program_attached(uint32_t ifindex, enum fastpath_mode *ret_mode)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (bpf_xdp_query(ifindex, 0, &query))
		return 0;
	*ret_mode = query.skb_prog_id ? FASTPATH_SKB : FASTPATH_NATIVE;
	if (query.drv_prog_id)
		return query.drv_prog_id;
	return query.skb_prog_id ? query.skb_prog_id : query.prog_id;
}

static uint32_t program_id(int program)
{
	struct bpf_prog_info info = {0};
	__u32 length = sizeof(info);

	return bpf_obj_get_info_by_fd(program, &info, &length) ? 0 : info.id;
}

/* Which programs libxdp's dispatcher calls there: who is asked to detach, by name. */
static void dispatcher_name(uint32_t ifindex, struct base_text *text)
{
	struct xdp_multiprog *chain = xdp_multiprog__get_from_ifindex((int)ifindex);
	struct xdp_program *program = NULL;

	if (libxdp_get_error(chain))
		return;
	base_text_append(text, " (libxdp's dispatcher for");
	while ((program = xdp_multiprog__next_prog(program, chain)))
		base_text_append(text, " %s", xdp_program__name(program));
	base_text_append(text, ")");
	xdp_multiprog__close(chain);
}

/* Who is in the way? */
static int fail_busy(struct fastpath_error *error, const struct attaching *attaching, int code)
{
	enum fastpath_mode mode = FASTPATH_NATIVE;
	struct bpf_prog_info info = {0};
	__u32 length = sizeof(info);
	uint32_t id = program_attached(attaching->ifindex, &mode);
	int fd = id ? bpf_prog_get_fd_by_id(id) : -1;
	char chained[256] = "";
	struct base_text text = base_text_of(chained, sizeof(chained));

	if (fd >= 0) {
		bpf_obj_get_info_by_fd(fd, &info, &length);
		close(fd);
	}
	if (!strcmp(info.name, "xdp_dispatcher"))
		dispatcher_name(attaching->ifindex, &text);
	return fastpath_fail(error, code,
			     "%s: XDP program \"%s\" (id %u, %s) is attached already%s: detach it "
			     "(`ip link set dev %s %s off`, `xdp-loader unload %s --all`, or by "
			     "whoever attached it), or serve with --xdp off",
			     attaching->interface, info.name[0] ? info.name : "?", id,
			     mode == FASTPATH_SKB ? "skb" : "native", chained, attaching->interface,
			     mode == FASTPATH_SKB ? "xdpgeneric" : "xdpdrv", attaching->interface);
}

/* A pinned link that is still on this interface, or a negative errno. */
static int link_open(const struct attaching *attaching, struct bpf_link_info *ret_info)
{
	__u32 length = sizeof(*ret_info);
	int link = bpf_obj_get(attaching->pin);
	int code;

	if (link < 0)
		return -errno;
	memset(ret_info, 0, sizeof(*ret_info));
	code = bpf_obj_get_info_by_fd(link, ret_info, &length) ? -errno : 0;
	if (!code && ret_info->type == BPF_LINK_TYPE_XDP &&
	    ret_info->xdp.ifindex == attaching->ifindex)
		return link;
	close(link);
	return code ? code : -ESTALE;
}

static int link_create(const struct attaching *attaching)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = mode_flags(attaching->mode));
	int link, code = fastpath_pin_remove(attaching->pin);

	if (code && code != -ENOENT)
		return code;
	link = bpf_link_create(attaching->program, attaching->ifindex, BPF_XDP, &options);
	if (link < 0)
		return -errno;
	code = bpf_obj_pin(link, attaching->pin) ? -errno : 0;
	close(link);
	return code;
}

/* Behind the link that is there already, without a packet lost; or a new link. */
static int link_bring(const struct attaching *attaching)
{
	struct bpf_link_info info;
	enum fastpath_mode mode = FASTPATH_OFF;
	int link = link_open(attaching, &info), code = -EINVAL;

	if (link < 0)
		return link_create(attaching);
	if (program_attached(attaching->ifindex, &mode) == info.prog_id && mode == attaching->mode)
		code = bpf_link_update(link, attaching->program, NULL) ? -errno : 0;
	close(link);
	return code ? link_create(attaching) : 0;
}

/* Does a link of ours run in skb mode? Then it stays there: to try native mode is to lose packets. */
static bool link_is_generic(const struct attaching *attaching)
{
	struct bpf_link_info info;
	enum fastpath_mode mode = FASTPATH_OFF;
	int link = link_open(attaching, &info);

	if (link < 0)
		return false;
	close(link);
	return program_attached(attaching->ifindex, &mode) && mode == FASTPATH_SKB;
}

/* The program that asks the driver, of this interface alone. */
static int bound_load(const struct fastpath *fastpath, struct attaching *attaching,
		      struct fastpath_error *ret_error)
{
	struct bpf_object *object;
	int code = fastpath_program_open(fastpath, attaching->ifindex, &object, ret_error);

	if (code)
		return code;
	code = fastpath_program_load(fastpath, object, ret_error);
	if (code) {
		bpf_object__close(object);
		return code;
	}
	attaching->bound = object;
	attaching->program = fastpath_program_fd(object);
	return 0;
}

/* Chooses the program by what it takes to see VLAN tags. */
static int program_choose(const struct fastpath *fastpath, struct attaching *attaching,
			  struct base_text *notice, struct fastpath_error *ret_error)
{
	struct fastpath_error ignored;
	enum visible visible;
	int code;

	attaching->program = fastpath_program_fd(fastpath->object);
	code = fastpath_tags_show(attaching->ifindex, attaching->mode, true, &visible, notice,
				  ret_error);
	if (code || visible == VISIBLE_INLINE)
		return code;
	if (!bound_load(fastpath, attaching, &ignored))
		return 0;
	return fastpath_tags_show(attaching->ifindex, attaching->mode, false, &visible, notice,
				  ret_error);
}

static int attached_remember(struct fastpath *fastpath, const struct attaching *attaching)
{
	struct attached *list = fastpath->attached;
	size_t i = 0;

	while (i < fastpath->attached_count && list[i].ifindex != attaching->ifindex)
		i++;
	if (i == fastpath->attached_count) {
		list = realloc(list, (i + 1) * sizeof(*list));
		if (!list)
			return -ENOMEM;
		fastpath->attached = list;
		fastpath->attached_count++;
	}
	list[i].ifindex = attaching->ifindex;
	list[i].program = program_id(attaching->program);
	return 0;
}

static int attach_in(struct fastpath *fastpath, struct attaching *attaching,
		     enum fastpath_mode mode, struct base_text *notice,
		     struct fastpath_error *ret_error)
{
	int code;

	attaching->mode = mode;
	code = program_choose(fastpath, attaching, notice, ret_error);
	if (code)
		return code;
	code = link_bring(attaching);
	if (code == -EBUSY || code == -EEXIST)
		fail_busy(ret_error, attaching, code);
	else if (code)
		fastpath_fail(ret_error, code, "%s: cannot attach in %s mode: %s",
			      attaching->interface, mode == FASTPATH_NATIVE ? "native" : "skb",
			      strerror(-code));
	else
		code = attached_remember(fastpath, attaching);
	if (attaching->bound)
		bpf_object__close(attaching->bound);
	attaching->bound = NULL;
	return code;
}

/* Native where it may be; *ret_error keeps the reason why not. */
static int attach_best(struct fastpath *fastpath, struct attaching *attaching,
		       enum fastpath_mode wanted, struct base_text *notice,
		       struct fastpath_error *ret_error)
{
	int code;

	if (wanted == FASTPATH_NATIVE && !link_is_generic(attaching) &&
	    fastpath_native_arrives(attaching->ifindex, notice)) {
		code = attach_in(fastpath, attaching, FASTPATH_NATIVE, notice, ret_error);
		if (!code || code == -EBUSY || code == -EEXIST)
			return code;
		base_text_append(notice, "no native mode (%s); ", ret_error->text);
	}
	code = attach_in(fastpath, attaching, FASTPATH_SKB, notice, ret_error);
	if (!code && wanted == FASTPATH_NATIVE)
		base_text_append(notice, "XDP in skb mode, which is slower than native mode; ");
	return code;
}

int fastpath_attach(struct fastpath *fastpath, const char *interface, enum fastpath_mode wanted,
		    enum fastpath_mode *ret_mode, struct fastpath_error *ret_notice,
		    struct fastpath_error *ret_error)
{
	struct base_text notice = base_text_of(ret_notice->text, sizeof(ret_notice->text));
	struct attaching attaching = {.interface = interface};
	int code;

	*ret_mode = FASTPATH_OFF;
	attaching.ifindex = if_nametoindex(interface);
	if (!attaching.ifindex)
		return fastpath_fail(ret_error, -ENODEV, "%s: no such interface", interface);
	code = fastpath_pin_path(fastpath->directory, FASTPATH_LINK, interface, attaching.pin);
	if (code || wanted == FASTPATH_OFF)
		return fastpath_fail(ret_error, code ? code : -EINVAL, "%s: not to be attached",
				     interface);
	code = attach_best(fastpath, &attaching, wanted, &notice, ret_error);
	if (notice.length >= 2)
		notice.bytes[notice.length - 2] = '\0';
	if (!code)
		*ret_mode = attaching.mode;
	return code;
}

static void attached_forget(struct fastpath *fastpath, uint32_t ifindex)
{
	for (size_t i = 0; i < fastpath->attached_count; i++) {
		if (fastpath->attached[i].ifindex == ifindex)
			fastpath->attached[i--] = fastpath->attached[--fastpath->attached_count];
	}
}

int fastpath_detach(struct fastpath *fastpath, const char *interface)
{
	char pin[PATH_MAX];
	int code = fastpath_pin_path(fastpath->directory, FASTPATH_LINK, interface, pin);

	if (!code)
		code = fastpath_pin_remove(pin);
	attached_forget(fastpath, if_nametoindex(interface));
	return code;
}

/* Ours, as the kernel numbers it; 0: none. */
static uint32_t attached_ours(const struct fastpath *fastpath, uint32_t ifindex)
{
	for (size_t i = 0; i < fastpath->attached_count; i++) {
		if (fastpath->attached[i].ifindex == ifindex)
			return fastpath->attached[i].program;
	}
	return 0;
}

bool fastpath_attached(const struct fastpath *fastpath, const char *interface)
{
	uint32_t ifindex = if_nametoindex(interface);
	enum fastpath_mode mode;
	uint32_t program = ifindex ? program_attached(ifindex, &mode) : 0;

	return program && program == attached_ours(fastpath, ifindex);
}

/* The plain program's maps are those of a bound one. */
static int program_run(const struct fastpath *fastpath, uint32_t ifindex, struct fastpath_run *run)
{
	struct xdp_md context = {.data_end = run->length, .ingress_ifindex = ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = run->frame, .data_size_in = run->length,
		    .data_out = run->reply, .data_size_out = sizeof(run->reply), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = 1);
	int code = bpf_prog_test_run_opts(fastpath_program_fd(fastpath->object), &options);

	if (code)
		return code;
	run->answered = options.retval == XDP_TX;
	run->reply_length = options.data_size_out;
	return 0;
}

int fastpath_run(struct fastpath *fastpath, const char *interface, struct fastpath_run *run,
		 struct fastpath_error *ret_error)
{
	uint32_t ifindex = if_nametoindex(interface);
	enum fastpath_mode mode;
	uint32_t program = ifindex ? program_attached(ifindex, &mode) : 0;
	int code;

	if (!program)
		return fastpath_fail(ret_error, -ENOLINK, "%s: no program is attached", interface);
	if (program != attached_ours(fastpath, ifindex))
		return fastpath_fail(ret_error, -ENOLINK,
				     "%s: another XDP program (id %u) is attached than ours",
				     interface, program);
	code = program_run(fastpath, ifindex, run);
	if (code)
		return fastpath_fail(ret_error, code, "%s: the program cannot be run: %s",
				     interface, strerror(-code));
	return 0;
}

static bool interface_listed(const char *pinned, const char *const *interfaces, size_t count)
{
	char pin[PATH_MAX];

	for (size_t i = 0; i < count; i++) {
		if (!fastpath_pin_path("", FASTPATH_LINK, interfaces[i], pin) &&
		    !strcmp(pin + 1, pinned))
			return true;
	}
	return false;
}

int fastpath_interfaces_keep(struct fastpath *fastpath, const char *const *interfaces, size_t count)
{
	DIR *entries = opendir(fastpath->directory);
	struct dirent *entry;
	char pin[PATH_MAX];
	int code = 0;

	if (!entries)
		return -errno;
	while ((entry = readdir(entries))) {
		if (strncmp(entry->d_name, FASTPATH_LINK, strlen(FASTPATH_LINK)) ||
		    interface_listed(entry->d_name, interfaces, count) ||
		    fastpath_pin_path(fastpath->directory, "", entry->d_name, pin))
			continue;
		if (fastpath_pin_remove(pin))
			code = -EIO;
	}
	closedir(entries);
	return code ? code : fastpath_links_keep(fastpath, interfaces, count);
}
