/* SPDX-License-Identifier: GPL-2.0-only */
/* What goes wrong, and when. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "tests/sim/plan.h"

void faults_begin(const struct plan *plan);
/* No more of them: what is dead comes back, wires heal, clocks are set right. */
void faults_end(void);
void faults_count(uint64_t counts[]);

#define SIM_FAULTS(X) \
	X(KILL, "daemon killed") \
	X(POWER, "power cut") \
	X(LINK, "wire between the servers cut") \
	X(ONE_WAY, "wire cut one way") \
	X(RESET, "connection reset at any byte") \
	X(STEP, "clock set") \
	X(STALL, "daemon without a processor") \
	X(CLIENTS, "wire to the clients cut") \
	X(STOP, "planned stop") \
	X(RELOAD, "reload") \
	X(DISK, "disk lost")

enum sim_fault {
#define SIM_FAULT_ENUM(name, text) FAULT_##name,
	SIM_FAULTS(SIM_FAULT_ENUM)
#undef SIM_FAULT_ENUM
		FAULT_MAX
};

#endif
