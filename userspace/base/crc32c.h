/* SPDX-License-Identifier: GPL-2.0-only */
/* CRC32C (Castagnoli, RFC 3720 appendix B.4): checksum of records on disk. */
#ifndef XDHCP_BASE_CRC32C_H
#define XDHCP_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from `crc`, which is 0 at the start and what the last call returned afterwards. */
uint32_t base_crc32c(uint32_t crc, const void *bytes, size_t length);

/* The same without the processor's instruction; for tests to hold both against each other. */
uint32_t base_crc32c_portable(uint32_t crc, const void *bytes, size_t length);

#endif
