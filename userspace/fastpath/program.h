/* SPDX-License-Identifier: GPL-2.0-only */
/* The object file: opened, tied to the pins, loaded. Nobody outside of the room includes this. */
#ifndef XDHCP_FASTPATH_PROGRAM_H
#define XDHCP_FASTPATH_PROGRAM_H

#include "fastpath/state.h"

struct bpf_object;

/*
 * Opens the object at fastpath->object_path. `bound_to` 0: the plain program;
 * else the one that asks the driver for the VLAN tag, for that interface only.
 */
int fastpath_program_open(const struct fastpath *fastpath, uint32_t bound_to,
			  struct bpf_object **ret_object, struct fastpath_error *ret_error);

/* Are all maps pinned in fastpath->directory, of the shape that the object declares? */
bool fastpath_program_fits(const struct fastpath *fastpath, struct bpf_object *object);

/* Loads it; its maps are the pinned ones, made and pinned where they are not there. */
int fastpath_program_load(const struct fastpath *fastpath, struct bpf_object *object,
			  struct fastpath_error *ret_error);

/* Descriptor of the one program that the object was opened for. */
int fastpath_program_fd(struct bpf_object *object);

#endif
