/* SPDX-License-Identifier: GPL-2.0-only */
/* The disk that the simulation has too; cmocka's headers before its own. */
#ifndef XDHCP_TESTS_STORE_DISK_H
#define XDHCP_TESTS_STORE_DISK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/disk/disk.h"

#endif
