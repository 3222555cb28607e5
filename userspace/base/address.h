/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses as text and as numbers. IPv4 addresses and masks are uint32_t in
 * host byte order. Parsers take text with a length, need no NUL, and accept
 * the whole text or nothing: 0, or -EINVAL with the result untouched.
 */
#ifndef XDHCP_BASE_ADDRESS_H
#define XDHCP_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE_IPV4_TEXT 16 /* "255.255.255.255" and NUL */
#define BASE_HARDWARE_MAX 16 /* bytes, as in chaddr */
#define BASE_HARDWARE_TEXT 48 /* 16 pairs of digits, colons, NUL */

/* Dotted quad; returns `text`. */
char *base_ipv4_format(uint32_t address, char text[BASE_IPV4_TEXT]);

/* Four decimal numbers of at most 255, no leading zeros, nothing around them. */
int base_ipv4_parse(const char *text, size_t length, uint32_t *ret_address);

/* Lower-case hexadecimal pairs with colons; what is longer than BASE_HARDWARE_MAX is cut. Returns `text`. */
char *base_hardware_format(const uint8_t *bytes, size_t length, char text[BASE_HARDWARE_TEXT]);

/* One or two hexadecimal digits a byte, colons between them, 1 to BASE_HARDWARE_MAX bytes. */
int base_hardware_parse(const char *text, size_t length, uint8_t bytes[BASE_HARDWARE_MAX],
			size_t *ret_length);

/* The mask of a prefix length; what is longer than 32 counts as 32. */
uint32_t base_ipv4_mask(unsigned prefix);

/* The prefix length of a mask, or -EINVAL where its bits are not contiguous. */
int base_ipv4_prefix(uint32_t mask);

#endif
