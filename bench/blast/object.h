/* SPDX-License-Identifier: GPL-2.0-only */
/* The file with a BPF program. */
#ifndef BLAST_OBJECT_H
#define BLAST_OBJECT_H

struct bpf_object;

/*
 * Opens the object at `path`, or where that is NULL, `name` beside this
 * program. NULL after saying why; bpf_object__close() ends it.
 */
struct bpf_object *object_open(const char *path, const char *name);

#endif
