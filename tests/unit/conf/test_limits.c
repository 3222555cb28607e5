/* SPDX-License-Identifier: GPL-2.0-only */
/* What is bounded says so, instead of wrapping a number or eating the memory. */
#include "fixture.h"

#define ENOUGH ((size_t)16 << 20)

struct builder {
	char *text;
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void add(struct builder *builder, const char *format,
						      ...)
{
	va_list list;

	va_start(list, format);
	builder->length += (size_t)vsnprintf(builder->text + builder->length,
					     ENOUGH - builder->length, format, list);
	va_end(list);
	assert_true(builder->length < ENOUGH);
}

static struct builder start(void)
{
	struct builder builder = {malloc(ENOUGH), 0};

	assert_non_null(builder.text);
	return builder;
}

/* `most` of them are accepted, one more, on the next line, is not. */
static void assert_most(struct builder builder, const char *one_more, unsigned line,
			unsigned column, const char *closing, const char *words)
{
	struct builder fine = start();

	add(&fine, "%s%s", builder.text, closing);
	conf_free(accepted(fine.text));
	add(&builder, "%s%s", one_more, closing);
	refused(builder.text, line, column, words);
	free(fine.text);
	free(builder.text);
}

static void test_ranges(void **state)
{
	struct builder builder = start();

	(void)state;
	add(&builder, "subnet 10.0.0.0 netmask 255.0.0.0 {\n");
	for (unsigned i = 0; i < 65535; i++)
		add(&builder, "range 10.%u.%u.%u;\n", i >> 14, i >> 6 & 255, (i & 63) * 2 + 1);
	assert_most(builder, " range 10.9.0.1;", 65537, 2, "}", "more than 65535 ranges");
}

static void test_pools(void **state)
{
	struct builder builder = start();
	struct conf *conf;

	(void)state;
	add(&builder, "subnet 10.0.0.0 netmask 255.0.0.0 {\n");
	for (unsigned i = 0; i < 65535; i++)
		add(&builder, "pool { range 10.%u.%u.%u; }\n", i >> 14, i >> 6 & 255,
		    (i & 63) * 2 + 1);
	add(&builder, "}");
	conf = accepted(builder.text);
	assert_int_equal(conf->pools[65534]->number, 65534);
	conf_free(conf);
	builder.text[--builder.length] = 0;
	assert_most(builder, " pool { range 10.9.0.1; }", 65537, 2, "}", "more than 65535 pools");
}

static void test_networks(void **state)
{
	struct builder builder = start();

	(void)state;
	for (unsigned i = 0; i < 65535; i++)
		add(&builder, "subnet 10.%u.%u.0 netmask 255.255.255.0 { }\n", i >> 8, i & 255);
	assert_most(builder, " subnet 11.0.0.0 netmask 255.0.0.0 { }", 65536, 2, "",
		    "more than 65535 networks");
}

static void test_subnets(void **state)
{
	struct builder builder = start();

	(void)state;
	add(&builder, "shared-network a {\n");
	for (unsigned i = 0; i < 65535; i++)
		add(&builder, "subnet 10.%u.%u.0 netmask 255.255.255.0 { }\n", i >> 8, i & 255);
	assert_most(builder, " subnet 11.0.0.0 netmask 255.0.0.0 { }", 65537, 2, "}",
		    "more than 65535 subnets");
}

static void test_definitions(void **state)
{
	struct builder builder = start();

	(void)state;
	for (unsigned i = 0; i < 1024; i++)
		add(&builder, "option o%u code 200 = text;\n", i);
	assert_most(builder, "option x code 200 = text;", 1025, 8, "\n" NET,
		    "more than 1024 option definitions");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),	    cmocka_unit_test(test_pools),
		cmocka_unit_test(test_networks),    cmocka_unit_test(test_subnets),
		cmocka_unit_test(test_definitions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
