/* SPDX-License-Identifier: GPL-2.0-only */
/* Domain names on the wire: RFC 1035 section 3.1, compressed among each other by 4.1.4 (RFC 3397). */
#include <errno.h>
#include <string.h>

#include "conf/parse.h"

#define LABEL_MAX 63
#define NAME_MAX_WIRE 255
#define POINTER 0xc0
#define POINTER_REACH 0x3fff

/* Labels of a name without its closing zero; -EINVAL where it is none. */
static int encode_labels(const char *name, size_t length, uint8_t wire[NAME_MAX_WIRE],
			 size_t *ret_length)
{
	const char *end = name + length;
	size_t used = 0;

	if (length && end[-1] == '.')
		end--;
	while (name < end) {
		const char *dot = memchr(name, '.', (size_t)(end - name));
		size_t label = (size_t)((dot ? dot : end) - name);

		if (!label || label > LABEL_MAX || used + label + 2 > NAME_MAX_WIRE)
			return -EINVAL;
		if (dot && dot + 1 == end)
			return -EINVAL;
		wire[used++] = (uint8_t)label;
		memcpy(&wire[used], name, label);
		used += label;
		name += label + (dot ? 1 : 0);
	}
	*ret_length = used;
	return used ? 0 : -EINVAL;
}

/* Do the labels at `at` of the names written so far spell this suffix to its very end? */
static bool spells(const uint8_t *bytes, size_t at, size_t length, const uint8_t *suffix,
		   size_t suffix_length)
{
	size_t done = 0;

	while (at < length) {
		size_t label = bytes[at];

		if (label >= POINTER) {
			/* Pointers point backwards only, so this ends. */
			at = (label & ~(size_t)POINTER) << 8 | bytes[at + 1];
			continue;
		}
		if (!label)
			return done == suffix_length;
		if (done + label + 1 > suffix_length ||
		    memcmp(&bytes[at], &suffix[done], label + 1) != 0)
			return false;
		done += label + 1;
		at += label + 1;
	}
	return false;
}

/* Where in what is written a name ends in this suffix; SIZE_MAX: nowhere that a pointer reaches. */
static size_t find_suffix(const uint8_t *bytes, size_t length, const uint8_t *suffix,
			  size_t suffix_length)
{
	for (size_t at = 0; at < length && at <= POINTER_REACH;) {
		if (bytes[at] >= POINTER) {
			at += 2;
			continue;
		}
		if (bytes[at] && spells(bytes, at, length, suffix, suffix_length))
			return at;
		at += (size_t)bytes[at] + 1;
	}
	return SIZE_MAX;
}

int conf_domain_append(const char *name, size_t length, bool compress,
		       uint8_t bytes[CONF_OPTION_MAX], size_t *length_so_far)
{
	uint8_t wire[NAME_MAX_WIRE];
	size_t wire_length, kept = 0, target = SIZE_MAX, total = *length_so_far;
	int error = encode_labels(name, length, wire, &wire_length);

	if (error)
		return error;
	while (compress && kept < wire_length) {
		target = find_suffix(bytes, total, &wire[kept], wire_length - kept);
		if (target != SIZE_MAX)
			break;
		kept += (size_t)wire[kept] + 1;
	}
	if (!compress)
		kept = wire_length;
	if (total + kept + 2 > CONF_OPTION_MAX)
		return -E2BIG;
	memcpy(&bytes[total], wire, kept);
	total += kept;
	if (target == SIZE_MAX) {
		bytes[total++] = 0;
	} else {
		bytes[total++] = (uint8_t)(POINTER | target >> 8);
		bytes[total++] = (uint8_t)target;
	}
	*length_so_far = total;
	return 0;
}
