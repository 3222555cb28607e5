// SPDX-License-Identifier: GPL-2.0-only
/*
 * libuv as far as the servers use it. A handle's event hangs on its private
 * words; a daemon that is killed takes its events along, and its memory is left
 * where it is, for the process of a seed ends soon.
 *
 * A worker's function runs at one instant, some time after it was queued, and
 * its callback some time later: nothing else is between those two that could
 * matter, since workers share nothing with the loop but what they were given.
 */
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "tests/sim/node.h"

#define POLL_LATENCY_MOST (100 * SIM_MICROSECOND)
#define TIMEOUT_MOST (1000ULL * 86400 * 1000) /* ms: as good as never */
#define TURN (20 * SIM_MICROSECOND) /* that a turn of the loop takes at least */

struct sim_timer {
	struct sim_event event;
	uv_timer_t *handle;
};

struct sim_poll {
	struct sim_event event;
	uv_poll_t *handle;
	int fd;
	uv_poll_cb callback;
	struct sim_poll *next;
};

struct sim_job {
	struct sim_event event;
	uv_work_t *work;
	uv_work_cb run; /* NULL: it has run */
	uv_after_work_cb after;
	uint64_t rest; /* ns between the two */
	struct sim_job *next;
};

struct sim_closing {
	struct sim_event event;
	uv_handle_t *handle;
	uv_close_cb callback;
};

static void *part_new(size_t size, void (*fire)(struct sim_event *event))
{
	struct sim_event *event = calloc(1, size);

	if (!event)
		abort();
	event->node = sim.here;
	event->fire = fire;
	return event;
}

#define PART(handle) ((handle)->u.reserved[0])

int uv_loop_init(uv_loop_t *loop)
{
	memset(loop, 0, sizeof(*loop));
	return 0;
}

void uv_stop(uv_loop_t *loop)
{
	(void)loop;
	sim_here()->ends = true;
}

uint64_t uv_hrtime(void)
{
	return node_monotonic(sim_here());
}

uint64_t uv_now(const uv_loop_t *loop)
{
	(void)loop;
	return node_monotonic(sim_here()) / SIM_MILLISECOND;
}

void uv_update_time(uv_loop_t *loop)
{
	(void)loop;
}

/* Timers. */

static void timer_fire(struct sim_event *event)
{
	struct sim_timer *timer = sim_container(event, struct sim_timer, event);
	uv_timer_t *handle = timer->handle;

	if (handle->repeat)
		sim_event_at(event, node_after(sim_here(), handle->repeat * SIM_MILLISECOND));
	handle->timer_cb(handle);
}

int uv_timer_init(uv_loop_t *loop, uv_timer_t *handle)
{
	struct sim_timer *timer = part_new(sizeof(*timer), timer_fire);

	timer->handle = handle;
	handle->loop = loop;
	handle->type = UV_TIMER;
	handle->repeat = 0;
	PART(handle) = timer;
	return 0;
}

int uv_timer_start(uv_timer_t *handle, uv_timer_cb callback, uint64_t timeout, uint64_t repeat)
{
	struct sim_timer *timer = PART(handle);

	if (timeout > TIMEOUT_MOST)
		timeout = TIMEOUT_MOST;
	handle->timer_cb = callback;
	handle->repeat = repeat;
	sim_event_at(&timer->event,
		     timeout ? node_after(sim_here(), timeout * SIM_MILLISECOND) : sim.now + TURN);
	return 0;
}

int uv_timer_stop(uv_timer_t *handle)
{
	struct sim_timer *timer = PART(handle);

	if (timer)
		sim_event_cancel(&timer->event);
	return 0;
}

/* Polls. */

static void poll_arm(struct sim_poll *poll)
{
	if (poll->callback && !poll->event.place && node_ready(sim_here(), poll->fd))
		sim_event_at(&poll->event,
			     sim.now + sim_below(sim_stream(SIM_STREAM_SYSTEM), POLL_LATENCY_MOST));
}

static void poll_fire(struct sim_event *event)
{
	struct sim_poll *poll = sim_container(event, struct sim_poll, event);

	if (poll->callback && node_ready(sim_here(), poll->fd))
		poll->callback(poll->handle, 0, UV_READABLE);
	poll_arm(poll);
}

int uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd)
{
	struct node *node = sim_here();
	struct sim_poll *poll = part_new(sizeof(*poll), poll_fire);

	poll->handle = handle;
	poll->fd = fd;
	poll->next = node->polls;
	node->polls = poll;
	handle->loop = loop;
	handle->type = UV_POLL;
	PART(handle) = poll;
	return 0;
}

int uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback)
{
	struct sim_poll *poll = PART(handle);

	(void)events;
	poll->callback = callback;
	poll_arm(poll);
	return 0;
}

int uv_poll_stop(uv_poll_t *handle)
{
	struct sim_poll *poll = PART(handle);

	if (poll) {
		poll->callback = NULL;
		sim_event_cancel(&poll->event);
	}
	return 0;
}

void sim_poll_wake(struct node *node, int fd)
{
	int here = sim.here;

	sim.here = node->index;
	for (struct sim_poll *poll = node->polls; poll; poll = poll->next) {
		if (poll->fd == fd)
			poll_arm(poll);
	}
	sim.here = here;
}

/* Signals: what they would say is called directly. */

int uv_signal_init(uv_loop_t *loop, uv_signal_t *handle)
{
	handle->loop = loop;
	handle->type = UV_SIGNAL;
	return 0;
}

int uv_signal_start(uv_signal_t *handle, uv_signal_cb callback, int number)
{
	handle->signal_cb = callback;
	handle->signum = number;
	return 0;
}

int uv_signal_stop(uv_signal_t *handle)
{
	(void)handle;
	return 0;
}

/* Closing. */

static void closing_fire(struct sim_event *event)
{
	struct sim_closing *closing = sim_container(event, struct sim_closing, event);

	closing->callback(closing->handle);
	free(closing);
}

void uv_close(uv_handle_t *handle, uv_close_cb callback)
{
	struct sim_closing *closing;

	if (handle->type == UV_TIMER)
		uv_timer_stop((uv_timer_t *)handle);
	else if (handle->type == UV_POLL)
		uv_poll_stop((uv_poll_t *)handle);
	if (!callback)
		return;
	closing = part_new(sizeof(*closing), closing_fire);
	closing->handle = handle;
	closing->callback = callback;
	sim_event_at(&closing->event, sim.now);
}

/* Workers. */

/* A datasync takes some hundred microseconds, now and then some hundred milliseconds. */
static uint64_t job_duration(void)
{
	struct sim_random *random = sim_stream(SIM_STREAM_SYSTEM);

	if (sim_chance(random, 2000))
		return sim_between(random, SIM_MILLISECOND, 2 * SIM_SECOND);
	return sim_between(random, 100 * SIM_MICROSECOND, 3 * SIM_MILLISECOND);
}

static void job_remove(struct node *node, struct sim_job *job)
{
	struct sim_job **at = &node->jobs;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
}

static void job_fire(struct sim_event *event)
{
	struct sim_job *job = sim_container(event, struct sim_job, event);
	struct node *node = sim_here();

	if (job->run) {
		job->run(job->work);
		job->run = NULL;
		event->worker = false;
		sim_event_at(event, sim.now + job->rest);
		return;
	}
	job_remove(node, job);
	job->after(job->work, 0);
	free(job);
}

int uv_queue_work(uv_loop_t *loop, uv_work_t *work, uv_work_cb run, uv_after_work_cb after)
{
	struct node *node = sim_here();
	struct sim_job *job = part_new(sizeof(*job), job_fire);
	uint64_t duration = job_duration();

	work->loop = loop;
	job->event.worker = true;
	job->work = work;
	job->run = run;
	job->after = after;
	job->rest = duration / 16;
	job->next = node->jobs;
	node->jobs = job;
	sim_event_at(&job->event, sim.now + duration - job->rest);
	return 0;
}

void sim_jobs_tear(struct node *node)
{
	struct sim_random *random = sim_stream(SIM_STREAM_DISK);

	for (struct sim_job *job = node->jobs; job; job = job->next) {
		if (!job->run || sim_chance(random, 300000))
			continue;
		sim_disk_dying(node->disk, (unsigned)sim_below(random, 6));
		job->run(job->work);
	}
}

void sim_uv_forget(struct node *node)
{
	sim_events_drop(node->index);
	node->polls = NULL;
	node->jobs = NULL;
}
