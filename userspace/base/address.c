/* SPDX-License-Identifier: GPL-2.0-only */
#include "base/address.h"

#include <errno.h>
#include <string.h>

static char *decimal_append(char *at, unsigned value)
{
	if (value >= 100)
		*at++ = (char)('0' + value / 100);
	if (value >= 10)
		*at++ = (char)('0' + value / 10 % 10);
	*at++ = (char)('0' + value % 10);
	return at;
}

char *base_ipv4_format(uint32_t address, char text[BASE_IPV4_TEXT])
{
	char *at = text;

	for (int shift = 24; shift >= 0; shift -= 8) {
		at = decimal_append(at, address >> shift & 0xff);
		*at++ = shift ? '.' : '\0';
	}
	return text;
}

/* One number of a dotted quad at *at; leaves *at behind it. */
static int octet_parse(const char **at, const char *end, uint32_t *ret_octet)
{
	const char *start = *at;
	uint32_t octet = 0;

	while (*at < end && **at >= '0' && **at <= '9' && *at - start < 3)
		octet = octet * 10 + (uint32_t)(*(*at)++ - '0');
	if (*at == start || octet > 255 || (*start == '0' && *at - start > 1))
		return -EINVAL;
	*ret_octet = octet;
	return 0;
}

int base_ipv4_parse(const char *text, size_t length, uint32_t *ret_address)
{
	const char *at = text, *end = text + length;
	uint32_t address = 0, octet;

	for (int i = 0; i < 4; i++) {
		if (i && (at == end || *at++ != '.'))
			return -EINVAL;
		if (octet_parse(&at, end, &octet))
			return -EINVAL;
		address = address << 8 | octet;
	}
	if (at != end)
		return -EINVAL;
	*ret_address = address;
	return 0;
}

char *base_hardware_format(const uint8_t *bytes, size_t length, char text[BASE_HARDWARE_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	char *at = text;

	if (length > BASE_HARDWARE_MAX)
		length = BASE_HARDWARE_MAX;
	for (size_t i = 0; i < length; i++) {
		if (i)
			*at++ = ':';
		*at++ = digits[bytes[i] >> 4];
		*at++ = digits[bytes[i] & 15];
	}
	*at = '\0';
	return text;
}

static int digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -EINVAL;
}

/* One or two digits at *at; leaves *at behind them. */
static int pair_parse(const char **at, const char *end)
{
	int value = *at < end ? digit_value(**at) : -EINVAL;
	int low;

	if (value < 0)
		return value;
	(*at)++;
	low = *at < end ? digit_value(**at) : -EINVAL;
	if (low < 0)
		return value;
	(*at)++;
	return value << 4 | low;
}

int base_hardware_parse(const char *text, size_t length, uint8_t bytes[BASE_HARDWARE_MAX],
			size_t *ret_length)
{
	uint8_t parsed[BASE_HARDWARE_MAX];
	const char *at = text, *end = text + length;
	size_t count = 0;

	while (count < BASE_HARDWARE_MAX) {
		int value = pair_parse(&at, end);

		if (value < 0)
			return value;
		parsed[count++] = (uint8_t)value;
		if (at == end)
			break;
		if (*at++ != ':')
			return -EINVAL;
	}
	if (at != end || end[-1] == ':')
		return -EINVAL;
	memcpy(bytes, parsed, count);
	*ret_length = count;
	return 0;
}

uint32_t base_ipv4_mask(unsigned prefix)
{
	if (prefix > 32)
		prefix = 32;
	return prefix ? UINT32_MAX << (32 - prefix) : 0;
}

int base_ipv4_prefix(uint32_t mask)
{
	int prefix = __builtin_popcount(mask);

	return base_ipv4_mask((unsigned)prefix) == mask ? prefix : -EINVAL;
}
