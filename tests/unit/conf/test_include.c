/* SPDX-License-Identifier: GPL-2.0-only */
/* Files in files. */
#include "fixture.h"

static void test_include(void **state)
{
	struct file files[] = {
		{"/etc/dhcpd.conf",
		 "default-lease-time 60; include \"options\";\n"
		 "subnet 10.0.0.0 netmask 255.255.255.0 { include \"body\"; range "
		 "10.0.0.7; }\n"
		 "max-lease-time 70;"},
		{"options", "option routers 10.0.0.1; option x code 200 = text;"},
		{"body", "option x \"y\"; range 10.0.0.5; include \"more\";"},
		{"more", ""},
		{NULL, NULL},
	};
	struct conf *conf = files_accepted(files);

	(void)state;
	assert_non_null(option_of(conf->global, 3));
	assert_true(conf->global->has_max_lease_time);
	assert_non_null(option_of(conf->subnets[0]->scope, 200));
	/* Ranges of the file and of what it includes are one pool. */
	assert_int_equal(conf->pool_count, 1);
	assert_int_equal(conf->pools[0]->range_count, 2);
	conf_free(conf);
}

/* The place is the included file's; the text says by way of whom. */
static void test_error_inside(void **state)
{
	struct file files[] = {
		{"main", "\n  include \"one\";\n" NET},
		{"one", "\n\n   include \"two\";"},
		{"two", "# x\n frob;"},
		{NULL, NULL},
	};

	(void)state;
	files_refused(files, "two", 2, 2,
		      "`frob` is no statement of dhcpd.conf (included from one:3)");
}

/* A cross-check's two places may lie in two files. */
static void test_check_across(void **state)
{
	struct file files[] = {
		{"main", NET "\n include \"one\";"}, {"one", "\n\n" NET}, {NULL, NULL}};

	(void)state;
	files_refused(files, "one", 3, 1, "overlaps subnet 10.0.0.0/24 at main:1");
}

static void test_missing(void **state)
{
	struct file files[] = {{"main", "\n include \"gone\";"}, {NULL, NULL}};
	struct file forbidden[] = {{"main", "\n include \"kept\";"}, {"kept", NULL}, {NULL, NULL}};

	(void)state;
	files_refused(files, "main", 2, 10, "cannot read `gone`: No such file or directory");
	files_refused(forbidden, "main", 2, 10, "cannot read `kept`: Permission denied");
}

static void test_syntax(void **state)
{
	(void)state;
	refused("include gone;", 1, 9, "expected a text in double quotes");
	refused("include \"gone\"", 1, 15, "expected `;`");
	refused("include \"\";", 1, 9, "has 0 bytes");
}

static void test_braces_match_in_each_file(void **state)
{
	struct file more[] = {{"main", "include \"one\";"}, {"one", "group {"}, {NULL, NULL}};
	struct file less[] = {{"main", "group { include \"one\"; }"}, {"one", " }"}, {NULL, NULL}};

	(void)state;
	files_refused(more, "one", 1, 8, "`}` is missing: the declaration at one:1 is still open");
	files_refused(less, "one", 1, 2, "`}` without a `{` in the same file");
}

static void test_circle(void **state)
{
	struct file own[] = {{"main", "include \"main\";"}, {NULL, NULL}};
	struct file pair[] = {
		{"main", "include \"one\";"}, {"one", "\ninclude \"main\";"}, {NULL, NULL}};

	(void)state;
	files_refused(own, "main", 1, 9, "`main` includes itself");
	files_refused(pair, "one", 2, 9, "`main` includes itself");
}

/* "a" includes "aa", that "aaa", and so on. */
static int load_deeper(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	int length = asprintf(ret_text, "include \"a%s\";", name);

	(void)context;
	if (length < 0)
		return -ENOMEM;
	*ret_length = (size_t)length;
	return 0;
}

static void test_depth(void **state)
{
	struct conf_error error;
	struct conf *conf;

	(void)state;
	assert_int_equal(conf_load("a", load_deeper, NULL, &conf, &error), -EINVAL);
	assert_string_equal(error.file, "aaaaaaaaaaaaaaaaa");
	assert_non_null(strstr(error.text, "more than 16 files inside each other"));
}

/* Sixteen files that each include the next one 16 times would be 16^16 files. */
static int load_wider(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	size_t one, level = strlen(name);
	char line[32];

	(void)context;
	one = (size_t)snprintf(line, sizeof(line), "include \"%.*s\";\n", (int)level + 1,
			       "aaaaaaaaaaaaaaaaa");
	*ret_text = calloc(16, one + 1);
	if (!*ret_text)
		return -ENOMEM;
	for (size_t i = 0; level < 16 && i < 16; i++)
		memcpy(*ret_text + i * one, line, one);
	*ret_length = level < 16 ? 16 * one : 0;
	return 0;
}

static void test_files_are_bounded(void **state)
{
	struct conf_error error;
	struct conf *conf;

	(void)state;
	assert_int_equal(conf_load("a", load_wider, NULL, &conf, &error), -EINVAL);
	assert_non_null(strstr(error.text, "more than 4096 files"));
}

static int load_large(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	size_t *size = context;

	(void)name;
	*ret_text = malloc(*size);
	if (!*ret_text)
		return -ENOMEM;
	memset(*ret_text, '\n', *size);
	*ret_length = *size;
	return 0;
}

static void test_size_is_bounded(void **state)
{
	struct conf_error error;
	size_t size = (64U << 20) + 1;
	struct conf *conf;

	(void)state;
	assert_int_equal(conf_load("a", load_large, &size, &conf, &error), -EINVAL);
	assert_string_equal(error.text, "`a` has 67108865 bytes; a file has at most 67108864");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_include),
		cmocka_unit_test(test_error_inside),
		cmocka_unit_test(test_check_across),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_braces_match_in_each_file),
		cmocka_unit_test(test_circle),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_files_are_bounded),
		cmocka_unit_test(test_size_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
