// SPDX-License-Identifier: GPL-2.0-only
#include "fastpath/device.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FEATURES_MOST 512
#define FEATURE_WORDS (FEATURES_MOST / 32)
#define ANSWER_BYTES 32768

int device_space_open(struct device_space *ret_space)
{
	struct device_space space;
	int code;

	space.route = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (space.route < 0)
		return -errno;
	space.control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (space.control < 0) {
		code = -errno;
		close(space.route);
		return code;
	}
	*ret_space = space;
	return 0;
}

void device_space_close(struct device_space *space)
{
	close(space->route);
	close(space->control);
}

static void kind_read(const struct rtattr *info, struct device *device)
{
	int left = RTA_PAYLOAD(info);

	for (const struct rtattr *each = RTA_DATA(info); RTA_OK(each, left);
	     each = RTA_NEXT(each, left)) {
		if (each->rta_type == IFLA_INFO_KIND)
			strncpy(device->kind, RTA_DATA(each), sizeof(device->kind) - 1);
	}
}

static void xdp_read(const struct rtattr *info, struct device *device)
{
	int left = RTA_PAYLOAD(info);

	for (const struct rtattr *each = RTA_DATA(info); RTA_OK(each, left);
	     each = RTA_NEXT(each, left)) {
		if (each->rta_type == IFLA_XDP_DRV_PROG_ID)
			device->xdp_native = true;
	}
}

static void attribute_read(const struct rtattr *attribute, struct device *device)
{
	switch (attribute->rta_type & NLA_TYPE_MASK) {
	case IFLA_IFNAME:
		strncpy(device->name, RTA_DATA(attribute), sizeof(device->name) - 1);
		break;
	case IFLA_LINK:
		memcpy(&device->peer, RTA_DATA(attribute), sizeof(device->peer));
		break;
	case IFLA_LINK_NETNSID:
		memcpy(&device->peer_space, RTA_DATA(attribute), sizeof(device->peer_space));
		break;
	case IFLA_MASTER:
		memcpy(&device->master, RTA_DATA(attribute), sizeof(device->master));
		break;
	case IFLA_LINKINFO:
		kind_read(attribute, device);
		break;
	case IFLA_XDP:
		xdp_read(attribute, device);
		break;
	}
}

int device_read(const struct device_space *space, uint32_t ifindex, struct device *ret_device)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = {
		.header = {.nlmsg_len = sizeof(request),
			   .nlmsg_type = RTM_GETLINK,
			   .nlmsg_flags = NLM_F_REQUEST},
		.link = {.ifi_index = ifindex},
	};
	_Alignas(struct nlmsghdr) char answer[ANSWER_BYTES];
	const struct nlmsghdr *header = (const void *)answer;
	struct device device = {.ifindex = ifindex, .peer_space = -1};
	const struct rtattr *attribute;
	ssize_t length;
	int left;

	if (send(space->route, &request, sizeof(request), 0) < 0)
		return -errno;
	length = recv(space->route, answer, sizeof(answer), 0);
	if (length < 0)
		return -errno;
	if (!NLMSG_OK(header, (size_t)length))
		return -EBADMSG;
	if (header->nlmsg_type == NLMSG_ERROR)
		return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
	attribute = IFLA_RTA(NLMSG_DATA(header));
	left = IFLA_PAYLOAD(header);
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		attribute_read(attribute, &device);
	*ret_device = device;
	return 0;
}

static int ethtool(const struct device_space *space, const char *name, void *command)
{
	struct ifreq request = {.ifr_data = command};

	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	return ioctl(space->control, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

/* One bit for each feature of these names. 0 words: the interface knows none. */
static int features_named(const struct device_space *space, const char *name,
			  const char *const names[2], uint32_t ret_mask[FEATURE_WORDS],
			  uint32_t *ret_words)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} sset = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};
	struct ethtool_gstrings *strings;
	int code = ethtool(space, name, &sset);

	if (code)
		return code;
	if (!sset.info.sset_mask || sset.count > FEATURES_MOST)
		return -EOPNOTSUPP;
	strings = calloc(1, sizeof(*strings) + sset.count * ETH_GSTRING_LEN);
	if (!strings)
		return -ENOMEM;
	*strings = (struct ethtool_gstrings){
		.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = sset.count};
	code = ethtool(space, name, strings);
	memset(ret_mask, 0, FEATURE_WORDS * sizeof(*ret_mask));
	for (uint32_t i = 0; !code && i < sset.count; i++) {
		const char *text = (const char *)strings->data + i * ETH_GSTRING_LEN;

		if (!strncmp(text, names[0], ETH_GSTRING_LEN) ||
		    !strncmp(text, names[1], ETH_GSTRING_LEN))
			ret_mask[i / 32] |= 1U << i % 32;
	}
	free(strings);
	*ret_words = (sset.count + 31) / 32;
	return code;
}

/* Are features of the mask on? */
static int features_read(const struct device_space *space, const char *name,
			 const uint32_t mask[FEATURE_WORDS], uint32_t words, bool *ret_on)
{
	struct {
		struct ethtool_gfeatures head;
		struct ethtool_get_features_block blocks[FEATURE_WORDS];
	} get = {.head = {.cmd = ETHTOOL_GFEATURES, .size = words}};
	int code = ethtool(space, name, &get);
	bool on = false;

	for (uint32_t i = 0; !code && i < words; i++)
		on |= (get.blocks[i].active & mask[i]) != 0;
	if (!code)
		*ret_on = on;
	return code;
}

static int features_off(const struct device_space *space, const char *name,
			const uint32_t mask[FEATURE_WORDS], uint32_t words)
{
	struct {
		struct ethtool_sfeatures head;
		struct ethtool_set_features_block blocks[FEATURE_WORDS];
	} set = {.head = {.cmd = ETHTOOL_SFEATURES, .size = words}};

	for (uint32_t i = 0; i < words; i++)
		set.blocks[i].valid = mask[i];
	return ethtool(space, name, &set);
}

int device_tags_inline(const struct device_space *space, const char *name,
		       enum device_direction direction, bool *ret_changed)
{
	/* Customer and service tags (IEEE 802.1Q, 802.1ad) are switched apart. */
	static const char *const names[][2] = {
		[DEVICE_RX] = {"rx-vlan-hw-parse", "rx-vlan-stag-hw-parse"},
		[DEVICE_TX] = {"tx-vlan-hw-insert", "tx-vlan-stag-hw-insert"},
	};
	uint32_t mask[FEATURE_WORDS], words = 0;
	bool before, after = true;
	int code = features_named(space, name, names[direction], mask, &words);

	if (!code)
		code = features_read(space, name, mask, words, &before);
	if (code)
		return code;
	if (before) {
		features_off(space, name, mask, words); /* the next reading says whether it did */
		code = features_read(space, name, mask, words, &after);
		if (code || after)
			return code ? code : -EBUSY;
	}
	*ret_changed = before;
	return 0;
}
