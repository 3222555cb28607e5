/* SPDX-License-Identifier: GPL-2.0-only */
/* The state machine's own: where a STATE, and a lost link, lead. */
#ifndef XDHCP_FAILOVER_FSM_PRIVATE_H
#define XDHCP_FAILOVER_FSM_PRIVATE_H

#include "failover/fsm.h"

/* The state to hold when the partner says `partner`; `starting`: with the STARTUP bit. */
uint8_t failover_fsm_meets(const struct failover_fsm *fsm, uint8_t partner, bool starting);
/* Where RECOVER-DONE leads; also what follows RECOVER-WAIT when the partner has said its state already. */
uint8_t failover_fsm_recover_done_meets(uint8_t partner);
uint8_t failover_fsm_without_link(const struct failover_fsm *fsm);
/* What a STATE does to a dhcpd in `partner`: these end it, or put it into SHUTDOWN until a person comes. */
bool failover_fsm_stops_dhcpd(uint8_t state, uint8_t partner);

#endif
