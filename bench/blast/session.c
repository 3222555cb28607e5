// SPDX-License-Identifier: GPL-2.0-only
#include "bench/blast/session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bench/blast/bytes.h"

int signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool session_stopped(const struct session *session)
{
	struct signalfd_siginfo info;

	return read(session->signals, &info, sizeof(info)) == sizeof(info);
}

static int population_open(struct session *session)
{
	const struct settings *settings = session->settings;
	struct population *population = &session->population;

	if (population_create(settings, population))
		return -1;
	if (settings->state && population_load(population, settings->state) < 0)
		return -1;
	session->queue = malloc(population->count * sizeof(*session->queue));
	if (!session->queue || holders_create(&session->holders, population->count) ||
	    wheel_create(&session->wheel, population->clients, population->count, clock_now())) {
		fprintf(stderr, "blast: no memory for %u clients\n", population->count);
		return -1;
	}
	for (uint32_t i = 0; i < population->count; i++)
		if (population->clients[i].address)
			holders_set(&session->holders, population->clients[i].address, i);
	return 0;
}

int session_open(struct session *session, const struct settings *settings)
{
	memset(session, 0, sizeof(*session));
	session->settings = settings;
	session->dice = settings->seed;
	session->port.fd = session->ledger.fd = -1;
	session->signals = signals_open();
	if (population_open(session) || ledger_open(&session->ledger, settings->report))
		return -1;
	if (port_open(&session->port, settings))
		return -1;
	if (session->population.giaddr && !settings->server_mac &&
	    neighbour_resolve(&session->port, &session->population, &session->holders))
		return -1;
	session->now = session->began = clock_now();
	tally_begin(&session->tally, settings, session->now);
	return 0;
}

void session_close(struct session *session)
{
	ledger_close(&session->ledger);
	port_close(&session->port);
	wheel_free(&session->wheel);
	holders_free(&session->holders);
	population_free(&session->population);
	free(session->queue);
	if (session->signals >= 0)
		close(session->signals);
}

int session_finish(struct session *session)
{
	uint64_t failures = tally_failures(&session->tally);
	int saved = 0;

	ledger_flush(&session->ledger);
	tally_summary(&session->tally, &session->port, session->population.count, session->bound,
		      clock_now());
	population_clock(&session->population);
	if (session->settings->state && !session->settings->keep)
		saved = population_save(&session->population, session->settings->state);
	if (failures)
		return EXIT_WRONG;
	return saved ? EXIT_SETUP : EXIT_FINE;
}
