/* SPDX-License-Identifier: GPL-2.0-only */
/* Words and signs, where they are wrong, and what an error looks like. */
#include "fixture.h"

static void assert_shown(const char *text, const char *shown)
{
	struct file files[] = {{"test.conf", text}, {NULL, NULL}};
	struct conf_error error;
	struct conf *conf;
	char formatted[2048];

	assert_int_equal(conf_load("test.conf", fixture_load, files, &conf, &error), -EINVAL);
	conf_error_format(&error, formatted, sizeof(formatted));
	assert_string_equal(formatted, shown);
}

static void test_format(void **state)
{
	(void)state;
	assert_shown("subnet 10.0.0.0 netmask 255.255.255.0 {\n\trang 10.0.0.5;\n}\n",
		     "test.conf:2:2: `rang` is no statement of dhcpd.conf; did you mean `range`?\n"
		     "\trang 10.0.0.5;\n"
		     "\t^\n");
	assert_shown("option\tdomain-name\t\"é\" x;",
		     "test.conf:1:24: expected `;` behind the statement, found `x`\n"
		     "option\tdomain-name\t\"é\" x;\n"
		     "      \t           \t   ^\n");
	assert_shown("frob;\r\n", "test.conf:1:1: `frob` is no statement of dhcpd.conf\n"
				  "frob;\n"
				  "^\n");
}

/* Catches a caret under a character that is not the one meant, where the line had to be cut. */
static void test_long_line(void **state)
{
	char text[600], shown[2048];
	struct file files[] = {{"test.conf", text}, {NULL, NULL}};
	struct conf_error error;
	struct conf *conf;

	(void)state;
	memset(text, ' ', sizeof(text));
	strcpy(text + 500, "frob;");
	assert_int_equal(conf_load("test.conf", fixture_load, files, &conf, &error), -EINVAL);
	assert_int_equal(error.column, 501);
	conf_error_format(&error, shown, sizeof(shown));
	assert_string_equal(shown, "test.conf:1:501: `frob` is no statement of dhcpd.conf\n");
}

/* Catches output that writes over the terminal, or a second line that looks like another error. */
static void test_control_characters(void **state)
{
	struct file files[] = {{"a\nb", "option domain-name \x1b[2J;\n"}, {NULL, NULL}};

	(void)state;
	files_refused(files, "a?b", 1, 20, "byte 0x1b");
	assert_shown("include \"a\\nb\"; \x7f",
		     "test.conf:1:17: byte 0x7f has no meaning outside of "
		     "quotes and comments\n"
		     "include \"a\\nb\"; ?\n"
		     "                ^\n");
	assert_shown("include \"a\\nb\";",
		     "test.conf:1:9: cannot read `a?b`: No such file or directory\n"
		     "include \"a\\nb\";\n"
		     "        ^\n");
	refused("host \"a\\tb\" { }", 1, 6, "a control character in the name of the host");
}

/* Catches an overrun: whatever the size, the text ends inside. */
static void test_small_buffer(void **state)
{
	struct conf_error error = {.file = "f", .line = 1, .column = 1, .text = "t", .source = "s"};
	char whole[64], part[64];

	(void)state;
	conf_error_format(&error, whole, sizeof(whole));
	assert_string_equal(whole, "f:1:1: t\ns\n^\n");
	for (size_t size = 1; size < sizeof(part); size++) {
		memset(part, 'x', sizeof(part));
		conf_error_format(&error, part, size);
		assert_true(strlen(part) < size);
		assert_memory_equal(part, whole, strlen(part) < 9 ? strlen(part) : 9);
	}
	part[0] = 'x';
	conf_error_format(&error, part, 0);
	assert_int_equal(part[0], 'x');
}

static void test_tokens(void **state)
{
	(void)state;
	refused("// note\n" NET, 1, 1, "comments start with `#`");
	refused("/* note */\n" NET, 1, 1, "comments start with `#`");
	refused("option domain-name \"example.org;\n" NET, 1, 20, "closing `\"`");
	refused("option domain-name \"a\\", 1, 20, "closing `\"`");
	refused("option domain-name \"a\\\"", 1, 20, "closing `\"`");
	refused("option domain-name \"ab\\xZZ\";", 1, 23, "no escape sequence");
	refused("option domain-name \"ab\\x1\";", 1, 23, "no escape sequence");
	refused("option domain-name \"ab\\777\";", 1, 23, "no escape sequence");
	refused("\xc3\xa4 ;", 1, 1, "byte 0xc3");
	refused("\x01;", 1, 1, "byte 0x01");
	refused(NET "=;", 2, 1, "expected a statement, found `=`");
	refused(NET ";", 2, 1, "expected a statement, found `;`");
	refused("\"authoritative\";", 1, 1, "expected a statement, found a string");
}

static void test_braces(void **state)
{
	(void)state;
	refused(NET "}\n", 2, 1, "`}` without a `{`");
	refused("\ngroup {\n" NET, 4, 1, "`}` is missing: the declaration at test.conf:2");
	refused("subnet 10.0.0.0 netmask 255.0.0.0;", 1, 34, "expected `{`");
	refused("group x y {}", 1, 8, "expected `{`");
	refused("group { group { group { group { group { group { group { group { group { group { "
		"group { group { group { group { group { group { group {}}}}}}}}}}}}}}}}}",
		1, 129, "more than 16 declarations inside each other");
}

static void test_semicolon(void **state)
{
	(void)state;
	refused("default-lease-time 600\nmax-lease-time 7200;\n" NET, 1, 23,
		"expected `;` behind the statement, found `max-lease-time`");
	refused("authoritative", 1, 14, "found the end of the file");
	refused("subnet 10.0.0.0 netmask 255.255.255.0 {\n range 10.0.0.5 10.0.0.9 10.0.0.11;\n}",
		2, 25, "expected `;`");
}

static void test_nothing_declared(void **state)
{
	(void)state;
	refused("", 1, 1, "no subnet is declared");
	refused("# nothing\nauthoritative;\n", 3, 1, "no subnet is declared");
}

static void test_unreadable(void **state)
{
	struct file files[] = {{"test.conf", NULL}, {NULL, NULL}};

	(void)state;
	files_refused(files, "test.conf", 1, 1, "cannot read `test.conf`: Permission denied");
}

static int load_nothing(void *context, const char *name, char **ret_text, size_t *ret_length)
{
	(void)context, (void)name, (void)ret_text, (void)ret_length;
	return -ENOMEM;
}

static void test_no_memory(void **state)
{
	struct conf *conf = NULL;
	struct conf_error error;

	(void)state;
	assert_int_equal(conf_load("x", load_nothing, NULL, &conf, &error), -ENOMEM);
	assert_null(conf);
	conf_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_small_buffer),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_braces),
		cmocka_unit_test(test_semicolon),
		cmocka_unit_test(test_nothing_declared),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
