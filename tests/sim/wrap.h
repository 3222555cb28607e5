/* SPDX-License-Identifier: GPL-2.0-only */
/* What the linker puts in the place of libc's functions (ld --wrap), in every object of the simulation. */
#ifndef SIM_WRAP_H
#define SIM_WRAP_H

#include <stdio.h>
#include <sys/types.h>
#include <time.h>

#define SIM_FD_FIRST 1000 /* descriptors from here on are the simulation's */

void *__wrap_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset);
void *__real_mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset);
int __wrap_munmap(void *at, size_t length);
int __real_munmap(void *at, size_t length);
int __wrap_close(int fd);
int __real_close(int fd);
unsigned __wrap_if_nametoindex(const char *name);
int __wrap_mkdir(const char *path, mode_t mode);
long __wrap_syscall(long number, ...);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time);
ssize_t __wrap_getrandom(void *bytes, size_t length, unsigned flags);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen(const char *path, const char *mode);

#endif
