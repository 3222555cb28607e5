// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/blast.h"

int kernel_run(const struct settings *settings)
{
	(void)settings;
	return EXIT_SETUP;
}
