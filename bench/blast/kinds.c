// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/kinds.h"

#include <string.h>

static const uint8_t reconfigure_nonce[] = {1}; /* RFC 6704: HMAC-MD5 */

/* TR-069 annex F: enterprise 3561, OUI, serial number, product class. */
static const uint8_t device_identity[] = {
	0x00, 0x00, 0x0d, 0xe9, 25,  1,	  6,   '0', '0', 'C', '0', 'F', 'E', 2,	  8,
	'S',  'N',  '0',  '0',	'0', '0', '0', '1', 3,	 5,   'R', 'G', '-', '1', '0',
};

const struct kind kinds[] = {
	{
		.name = "udhcpc",
		.share = 35,
		.identity = IDENTITY_MAC,
		.padded = true,
		.max_size = 576,
		.order = {53, HERE_SELECTION, 57, 55, 12, 60, 61},
		.parameters = {1, 3, 6, 12, 15, 28, 42},
		.vendor_class = "udhcp 1.35.0",
	},
	{
		.name = "cpe",
		.share = 30,
		.identity = IDENTITY_MAC,
		.broadcast = true,
		.padded = true,
		.max_size = 1468,
		.order = {53, 61, HERE_SELECTION, 57, 60, 55, 125},
		.parameters = {1, 3, 6, 15, 28, 42, 43, 51, 54, 58, 59, 66, 67, 120, 121, 125},
		.vendor_class = "dslforum.org",
		.extra_code = 125,
		.extra_length = sizeof(device_identity),
		.extra = device_identity,
	},
	{
		.name = "dhclient",
		.share = 15,
		.identity = IDENTITY_NONE,
		.padded = true,
		.server_first = true,
		.order = {53, HERE_SELECTION, 12, 55},
		.parameters = {1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42},
	},
	{
		.name = "dhcpcd",
		.share = 10,
		.identity = IDENTITY_DUID_LLT,
		.padded = true,
		.max_size = 1472,
		.order = {53, HERE_SELECTION, 55, 57, 61, 60, 145},
		.parameters = {1, 121, 3, 6, 15, 26, 28, 33, 42, 51, 54, 58, 59},
		.vendor_class = "dhcpcd-9.4.1:Linux-6.1.0-28-amd64:x86_64:GenuineIntel",
		.extra_code = 145,
		.extra_length = sizeof(reconfigure_nonce),
		.extra = reconfigure_nonce,
	},
	{
		.name = "networkd",
		.share = 10,
		.identity = IDENTITY_DUID_EN,
		.rebinds_unsourced = true,
		.server_first = true,
		.max_size = 1472,
		.order = {53, 61, 55, 57, HERE_SELECTION, 12},
		.parameters = {1, 3, 6, 12, 15, 33, 42, 120, 121},
	},
	{
		.name = "perfdhcp", /* only where it is asked for: what Kea's generator sends */
		.identity = IDENTITY_MAC,
		.order = {53, 55, 61, HERE_SELECTION},
		.parameters = {1, 28, 2, 3, 15, 6, 12},
	},
};

const unsigned int kinds_count = sizeof(kinds) / sizeof(kinds[0]);

uint8_t kind_pick(uint64_t number)
{
	unsigned int point = number % 100, sum = 0;

	for (unsigned int i = 0; i < kinds_count; i++) {
		sum += kinds[i].share;
		if (point < sum)
			return (uint8_t)i;
	}
	return 0;
}

int kind_find(const char *name)
{
	for (unsigned int i = 0; i < kinds_count; i++)
		if (!strcmp(kinds[i].name, name))
			return (int)i;
	return -1;
}
