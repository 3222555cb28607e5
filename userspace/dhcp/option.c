/* SPDX-License-Identifier: GPL-2.0-only */
#include "dhcp/option.h"

#include <string.h>
#include <strings.h>

#include "xdp/shared/abi.h"

#define PIECE_MAX 255

static const struct dhcp_option_info table[256] = {
#define DHCP_OPTION(number, word, letters, part) \
	[number] = {.code = number, .role = XDHCP_ROLE_##part, .name = word, .format = letters},
#include "xdp/shared/options.def"
#undef DHCP_OPTION
};

const struct dhcp_option_info *dhcp_option_by_code(uint8_t code)
{
	return table[code].name ? &table[code] : NULL;
}

const struct dhcp_option_info *dhcp_option_by_name(const char *name, size_t length)
{
	for (unsigned code = 0; code < 256; code++) {
		const char *known = table[code].name;

		if (known && strlen(known) == length && !strncasecmp(known, name, length))
			return &table[code];
	}
	return NULL;
}

void dhcp_option_roles(uint8_t roles[256])
{
	for (unsigned code = 0; code < 256; code++)
		roles[code] = table[code].role;
}

void dhcp_option_write(struct dhcp_option_writer *writer, uint8_t code, const void *data,
		       size_t length)
{
	size_t pieces = length ? (length + PIECE_MAX - 1) / PIECE_MAX : 1;
	const uint8_t *from = data;
	uint8_t *at;

	if (writer->full || length > writer->size ||
	    length + 2 * pieces > writer->size - writer->length) {
		writer->full = true;
		return;
	}
	at = writer->bytes + writer->length;
	while (pieces--) {
		size_t piece = length < PIECE_MAX ? length : PIECE_MAX;

		*at++ = code;
		*at++ = (uint8_t)piece;
		if (piece)
			memcpy(at, from, piece);
		at += piece;
		from += piece;
		length -= piece;
	}
	writer->length = (size_t)(at - writer->bytes);
}
