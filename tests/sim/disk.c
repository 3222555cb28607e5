// SPDX-License-Identifier: GPL-2.0-only
/* A node's disk: tests/disk, decided by the seed, and read by the checks as it is synced. */
#include "tests/disk/disk.h"

#include "tests/sim/check.h"
#include "tests/sim/node.h"

static unsigned chance(struct disk *disk, unsigned below)
{
	(void)disk;
	return (unsigned)sim_below(sim_stream(SIM_STREAM_DISK), below);
}

static void synced(struct disk *disk, const char *name, const uint8_t *bytes, size_t offset,
		   size_t size)
{
	for (int i = 0; i < SIM_NODES; i++) {
		if (sim.nodes[i].disk == disk)
			check_synced(&sim.nodes[i], name, bytes, offset, size);
	}
}

struct disk *sim_disk_new(void)
{
	struct disk *disk = disk_new();

	disk->most = SIZE_MAX;
	disk->chance = chance;
	disk->synced = synced;
	return disk;
}

void sim_disk_lose(struct node *node)
{
	disk_free(node->disk);
	node->disk = sim_disk_new();
	check_disk_lost(node);
}

void sim_disk_dying(struct disk *disk, unsigned operations)
{
	disk->dead_at = disk->operations + 1 + operations;
}

void sim_disk_restart(struct disk *disk, bool power_cut)
{
	disk_restart(disk, !power_cut ? DISK_KILLED : chance(disk, 3) ? DISK_CUT_ANY : DISK_CUT);
}

const struct sys_files *sim_disk_files(struct disk *disk)
{
	return &disk->files;
}
