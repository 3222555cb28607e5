// SPDX-License-Identifier: GPL-2.0-only
/* A population that lives: who begins when, and the loop. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bench/blast/bytes.h"
#include "bench/blast/client.h"

#define RECEIVE_BURST 4096
#define RELEASE_RATE 5000 /* a second, where --rate says nothing */

/* Credit that grows with time, at most 10 ms of it: a rate without bursts. */
struct allowance {
	double rate, credit;
	uint64_t at;
};

static bool allowance_take(struct allowance *allowance, uint64_t now)
{
	double most = allowance->rate / 100 + 1;

	if (allowance->rate <= 0)
		return true;
	allowance->credit += allowance->rate * (double)(now - allowance->at) / 1e9;
	allowance->at = now;
	if (allowance->credit > most)
		allowance->credit = most;
	if (allowance->credit < 1)
		return false;
	allowance->credit -= 1;
	return true;
}

/* Leases of an earlier run go on, or are asked for again; everybody else queues. */
static void population_start(struct session *session)
{
	for (uint32_t i = 0; i < session->population.count; i++) {
		struct client *client = &session->population.clients[i];

		if (client->address && client->end > session->now && !session->settings->reboot) {
			client_resume(session, i);
			continue;
		}
		if (!session->settings->reboot)
			client->address = 0;
		client_queue(session, i);
	}
}

static void newcomers_begin(struct session *session, struct allowance *allowance)
{
	while (session->queued && session->busy < session->settings->window &&
	       allowance_take(allowance, session->now)) {
		uint32_t index = session->queue[session->queue_first];

		session->queue_first = (session->queue_first + 1) % session->population.count;
		session->queued--;
		client_begin(session, index, session->population.clients[index].address != 0);
	}
}

static void leavers_release(struct session *session, struct allowance *allowance)
{
	while (allowance->rate > 0 && session->bound && allowance_take(allowance, session->now)) {
		uint32_t index = (uint32_t)(dice(&session->dice) % session->population.count);

		if (session->population.clients[index].state == STATE_BOUND)
			client_release(session, index, true);
	}
}

static void timers_run(struct session *session)
{
	uint32_t index;

	while ((index = wheel_expire(&session->wheel, session->now)) != NOBODY)
		client_timer(session, index);
}

static void frames_receive(struct session *session)
{
	struct arrival arrival;

	for (unsigned int i = 0; i < RECEIVE_BURST && port_receive(&session->port, &arrival); i++) {
		if (!neighbour_receive(&session->port, &session->population, &session->holders,
				       &arrival, session->now))
			client_receive(session, &arrival);
		port_release(&session->port);
	}
}

/* With --busy the packets' socket is not waited for: who answers has nobody to wake then. */
static int loop_open(const struct session *session, int *ret_timer)
{
	struct itimerspec every = {{0, NS_PER_MS}, {0, NS_PER_MS}};
	struct epoll_event event = {.events = EPOLLIN};
	int loop = epoll_create1(EPOLL_CLOEXEC);
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (loop < 0 || timer < 0 || timerfd_settime(timer, 0, &every, NULL) ||
	    epoll_ctl(loop, EPOLL_CTL_ADD, timer, &event) ||
	    (!session->settings->busy &&
	     epoll_ctl(loop, EPOLL_CTL_ADD, session->port.wakes, &event)) ||
	    epoll_ctl(loop, EPOLL_CTL_ADD, session->signals, &event)) {
		perror("blast: event loop");
		return -1;
	}
	*ret_timer = timer;
	return loop;
}

static bool finished(const struct session *session)
{
	const struct settings *settings = session->settings;

	if (settings->once && session->bound == session->population.count)
		return true;
	return settings->duration && session->now - session->began >= settings->duration;
}

/* Until something comes, or with --busy at once. True where a millisecond is over. */
static bool turn_begin(struct session *session, int loop, int timer)
{
	struct epoll_event events[3];
	uint64_t before = session->now, ticks;

	if (!session->settings->busy)
		epoll_wait(loop, events, 3, -1);
	session->now = clock_now();
	if (session->settings->busy)
		return session->now / NS_PER_MS != before / NS_PER_MS;
	return read(timer, &ticks, sizeof(ticks)) == sizeof(ticks);
}

static void loop_run(struct session *session, int loop, int timer)
{
	struct allowance arriving = {.rate = session->settings->rate, .at = session->now};
	struct allowance leaving = {.rate = session->settings->churn, .at = session->now};
	bool tick;

	do {
		tick = turn_begin(session, loop, timer);
		if (tick)
			population_clock(&session->population);
		frames_receive(session);
		timers_run(session);
		leavers_release(session, &leaving);
		newcomers_begin(session, &arriving);
		ledger_flush(&session->ledger);
		port_flush(&session->port);
		if (session->now >= session->tally.next)
			tally_line(&session->tally, &session->port, session->population.count,
				   session->bound, session->now);
	} while (!finished(session) && !(tick && session_stopped(session)));
}

/* Everybody leaves, slowly enough for the server to notice: a RELEASE has no answer. */
static void everybody_release(struct session *session)
{
	double rate = session->settings->rate > 0 ? session->settings->rate : RELEASE_RATE;
	useconds_t pause = (useconds_t)(10 * 1e6 / rate);
	unsigned int sent = 0;

	for (uint32_t i = 0; i < session->population.count; i++) {
		if (session->population.clients[i].state < STATE_BOUND)
			continue;
		session->now = clock_now();
		client_release(session, i, false);
		if (++sent % 10 == 0) {
			port_flush(&session->port);
			usleep(pause);
		}
	}
	port_flush(&session->port);
}

int subscribers_run(const struct settings *settings)
{
	struct session *session = malloc(sizeof(*session));
	int loop = -1, timer = -1, result = EXIT_SETUP;
	bool all;

	if (!session)
		return EXIT_SETUP;
	if (session_open(session, settings))
		goto out;
	loop = loop_open(session, &timer);
	if (loop < 0)
		goto out;
	population_start(session);
	loop_run(session, loop, timer);
	all = session->bound == session->population.count;
	if (settings->release)
		everybody_release(session);
	result = session_finish(session);
	if (!result && settings->once && !all)
		result = EXIT_UNANSWERED;
out:
	if (loop >= 0)
		close(loop);
	if (timer >= 0)
		close(timer);
	session_close(session);
	free(session);
	return result;
}
