/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NATIVE_BPF_ENDIAN_H
#define NATIVE_BPF_ENDIAN_H

#define bpf_htons(value) __builtin_bswap16(value)
#define bpf_ntohs(value) __builtin_bswap16(value)
#define bpf_htonl(value) __builtin_bswap32(value)
#define bpf_ntohl(value) __builtin_bswap32(value)

#endif
