// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/pulse.h"

#include <unistd.h>

#include "daemon/compact.h"
#include "daemon/notice.h"
#include "daemon/pair.h"
#include "daemon/settle.h"
#include "sys/clock.h"

#define HEARTBEAT_MILLISECONDS 250
#define SWEEP_MILLISECONDS 500
#define EXPIRY_MILLISECONDS 1000
#define SWEEP_MOST 32768 /* marks a step */
#define EXPIRE_MOST 16384 /* leases a step */
#define SECOND 1000000000LL
#define STEP_LEAST 2 /* seconds; by less nobody tells who spoke last */
#define BACKLOG_MOST (16 << 20) /* bytes waiting for the disk: the sweep can wait, its marks stay */

/* The kernel promised up to `promise`: H follows, as far as the lease time goes. */
static void promise_note(struct daemon *daemon, struct lease *lease, int64_t promise, int64_t seen)
{
	struct fastpath_slot slot;
	int64_t seconds;
	bool open;

	/* What the client may have next time, where the partner's bound made it less this time. */
	seconds = promise - seen;
	if (fastpath_slot_read(daemon->fastpath, lease->address, &slot, &open) &&
	    slot.lease > seconds)
		seconds = slot.lease;
	if (seconds < 1)
		seconds = 1;
	lease_commit_renewed(daemon->commit, lease, promise, seen,
			     settle_horizon(daemon, daemon->now, (unsigned)seconds));
	daemon_count(daemon, DAEMON_SWEPT);
}

static struct lease *bound_lease(const struct daemon *daemon, uint32_t address)
{
	struct lease *lease = lease_table_find(daemon->table, address);

	return lease && lease->current && lease->current->state == LEASE_ACTIVE ? lease : NULL;
}

static void promise_swept(void *context, uint32_t address, int64_t promise, int64_t seen)
{
	struct daemon *daemon = context;
	struct lease *lease = bound_lease(daemon, address);

	if (!lease)
		return;
	/* Of another promise, or of none: the program notes it last. */
	if (seen < lease->current->cltt)
		seen = daemon->now;
	promise_note(daemon, lease, promise, seen);
}

/* As the clock reads now. It may be a hold: that nobody spoke. */
static void promise_converted(void *context, uint32_t address, int64_t promise, int64_t seen)
{
	struct daemon *daemon = context;
	struct lease *lease = bound_lease(daemon, address);

	/* Over already, it says nothing of an end that the partner told by its own clock. */
	if (lease && promise > daemon->now)
		promise_note(daemon, lease, promise,
			     lease_later(seen, lease_effective(lease)->cltt));
}

static size_t sweep_step(struct daemon *daemon)
{
	daemon->now = sys_clock_wall();
	return fastpath_sweep(daemon->fastpath, SWEEP_MOST, promise_swept, daemon);
}

static void on_sweep(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	size_t records, visited = 0;

	if (store_waiting(daemon->store, &records) < BACKLOG_MOST)
		visited = sweep_step(daemon);
	pairs_turn(daemon);
	group_turn(daemon->group);
	uv_timer_start(timer, on_sweep, visited < SWEEP_MOST ? SWEEP_MILLISECONDS : 1, 0);
}

void pulse_sweep_some(struct daemon *daemon)
{
	if (!daemon->fastpath)
		return;
	while (sweep_step(daemon) >= SWEEP_MOST)
		;
}

void pulse_sweep_all(struct daemon *daemon)
{
	if (!daemon->fastpath)
		return;
	while (sweep_step(daemon))
		;
}

static void grace_wait(uv_work_t *work)
{
	(void)work;
	fastpath_grace();
}

static void grace_over(uv_work_t *work, int status)
{
	struct daemon *daemon = work->data;

	(void)status;
	daemon->grace_busy = false;
	if (daemon->fastpath)
		fastpath_tails_reclaim(daemon->fastpath);
}

/* Tails that nobody points to any more are used again once no program run can have seen them. */
static void tails_turn(struct daemon *daemon)
{
	if (daemon->grace_busy)
		return;
	fastpath_grace_begin(daemon->fastpath);
	daemon->grace_busy = true;
	daemon->grace_work.data = daemon;
	uv_queue_work(&daemon->loop, &daemon->grace_work, grace_wait, grace_over);
}

static int64_t horizon_of(void *context, uint32_t address)
{
	struct daemon *daemon = context;
	const struct lease *lease = lease_table_find(daemon->table, address);

	if (lease && lease->current && lease->current->state == LEASE_ACTIVE)
		return lease->current->horizon;
	return address == XDHCP_SELF_TEST_ADDRESS || conf_host_by_address(daemon->conf, address)
		       ? LEASE_HORIZON_NEVER
		       : 0;
}

static int64_t clock_offset(void)
{
	return sys_clock_wall_ns() - (int64_t)sys_clock_coarse();
}

static bool has_slot(const struct daemon *daemon, const struct lease *lease)
{
	struct fastpath_slot slot;
	bool open;

	return daemon->fastpath &&
	       fastpath_slot_read(daemon->fastpath, lease->address, &slot, &open);
}

/* Clients count on: where no slot knows how long, the lease ends as much later as the clock leapt. */
static void leases_move(struct daemon *daemon, int64_t seconds)
{
	struct lease *lease;
	uint64_t at = 0;

	while ((lease = lease_table_at_or_after(daemon->table, at))) {
		const struct lease_record *record = lease_effective(lease);

		at = (uint64_t)lease->address + 1;
		if (record && record->state == LEASE_ACTIVE && !has_slot(daemon, lease))
			lease_commit_renewed(daemon->commit, lease, record->ends + seconds,
					     record->cltt, record->horizon + seconds);
	}
}

bool pulse_follow_clock(struct daemon *daemon)
{
	int64_t before = daemon->clock_offset, seconds;

	if (!sys_clock_watch_drain(daemon->clock_fd))
		return false;
	group_forget_replies(daemon->group);
	sys_log(&daemon->log, SYS_LOG_NOTICE,
		"the wall clock was set: limits of all slots are converted anew");
	daemon->clock_offset = clock_offset();
	daemon->now = sys_clock_wall();
	/* By ours, the partner's clock is another one: before anything is judged by it. */
	pairs_heartbeat(daemon);
	seconds = (daemon->clock_offset - before) / SECOND;
	if (seconds < -STEP_LEAST || seconds > STEP_LEAST)
		lease_commit_clock_set(daemon->commit, seconds);
	if (daemon->clock_offset > before)
		leases_move(daemon, seconds + 1);
	if (daemon->fastpath) {
		fastpath_clock_changed(daemon->fastpath, horizon_of, daemon);
		/* What is promised already may lie beyond what the journal says, as the clock reads now. */
		fastpath_sweep_all(daemon->fastpath, promise_converted, daemon);
	}
	group_turn(daemon->group);
	return true;
}

static void on_clock(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	pulse_follow_clock(poll->data);
}

static void on_expiry(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	size_t left;

	daemon->now = sys_clock_wall();
	/* After the time was read: no promise is judged by a clock that it does not know. */
	pulse_follow_clock(daemon);
	left = lease_commit_expire(daemon->commit, daemon->now, EXPIRE_MOST);
	pairs_turn(daemon);
	group_turn(daemon->group);
	compact_turn(daemon);
	notice_turn(daemon);
	if (daemon->fastpath)
		tails_turn(daemon);
	uv_timer_start(timer, on_expiry, left ? 1 : EXPIRY_MILLISECONDS, 0);
}

static void gates_push(struct daemon *daemon)
{
	pairs_heartbeat(daemon);
	if (daemon->fastpath)
		fastpath_gates_open(daemon->fastpath, daemon->options.renew_gate,
				    daemon->options.decide_gate);
}

static void on_heartbeat(uv_timer_t *timer)
{
	gates_push(timer->data);
}

int pulse_start(struct daemon *daemon)
{
	int code = sys_clock_watch_open(&daemon->clock_fd);

	daemon->clock_offset = clock_offset();

	if (code)
		return code;
	uv_poll_init(&daemon->loop, &daemon->clock_poll, daemon->clock_fd);
	daemon->clock_poll.data = daemon;
	uv_poll_start(&daemon->clock_poll, UV_READABLE, on_clock);
	gates_push(daemon);
	uv_timer_init(&daemon->loop, &daemon->heartbeat);
	uv_timer_init(&daemon->loop, &daemon->sweep);
	uv_timer_init(&daemon->loop, &daemon->expiry);
	daemon->heartbeat.data = daemon->sweep.data = daemon->expiry.data = daemon;
	uv_timer_start(&daemon->heartbeat, on_heartbeat, HEARTBEAT_MILLISECONDS,
		       HEARTBEAT_MILLISECONDS);
	uv_timer_start(&daemon->expiry, on_expiry, EXPIRY_MILLISECONDS, 0);
	if (daemon->fastpath)
		uv_timer_start(&daemon->sweep, on_sweep, SWEEP_MILLISECONDS, 0);
	return 0;
}

void pulse_stop(struct daemon *daemon)
{
	uv_poll_stop(&daemon->clock_poll);
	uv_close((uv_handle_t *)&daemon->clock_poll, NULL);
	uv_close((uv_handle_t *)&daemon->heartbeat, NULL);
	uv_close((uv_handle_t *)&daemon->sweep, NULL);
	uv_close((uv_handle_t *)&daemon->expiry, NULL);
	close(daemon->clock_fd);
	daemon->clock_fd = -1;
}
