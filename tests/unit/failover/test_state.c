/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "failover/state.h"

/* Numbers as dhcpd sends them, words as its lease file has them, service as decided for each. */
static const struct {
	uint8_t number;
	const char *word;
	bool serves;
} states[] = {
	{0, "unknown-state", false},
	{1, "startup", false},
	{2, "normal", true},
	{3, "communications-interrupted", true},
	{4, "partner-down", true},
	{5, "potential-conflict", false},
	{6, "recover", false},
	{7, "paused", false},
	{8, "shutdown", false},
	{9, "recover-done", false},
	{10, "resolution-interrupted", true},
	{11, "conflict-done", true},
	{254, "recover-wait", false},
};

#define STATES (sizeof(states) / sizeof(states[0]))

static void test_words_and_numbers(void **state)
{
	uint8_t number;

	(void)state;
	for (size_t i = 0; i < STATES; i++) {
		assert_string_equal(failover_state_word(states[i].number), states[i].word);
		assert_true(failover_state_parse(states[i].word, &number));
		assert_int_equal(number, states[i].number);
	}
}

static void test_what_is_no_state(void **state)
{
	static const char *const words[] = {"", "Normal", "normal ", "norma", "254", "conflict"};
	uint8_t number = 77;

	(void)state;
	for (unsigned i = 12; i < 254; i++)
		assert_null(failover_state_word((uint8_t)i));
	assert_null(failover_state_word(255));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_false(failover_state_parse(words[i], &number));
	assert_int_equal(number, 77);
}

/* Invariant I1 hangs on it: a state that is silent by mistake is an outage, the other way a double lease. */
static void test_who_serves(void **state)
{
	size_t at = 0;

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		bool known = at < STATES && states[at].number == i;

		assert_int_equal(failover_state_serves((uint8_t)i), known && states[at].serves);
		at += known;
	}
	assert_int_equal(at, STATES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_and_numbers),
		cmocka_unit_test(test_what_is_no_state),
		cmocka_unit_test(test_who_serves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
