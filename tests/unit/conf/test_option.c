/* SPDX-License-Identifier: GPL-2.0-only */
/* Option values → wire bytes, definitions, and what is no value. */
#include "fixture.h"

#include "dhcp/option.h"

struct row {
	const char *statement; /* behind `option ` */
	uint8_t code;
	size_t length;
	const char *bytes;
};

static void assert_rows(const char *before, const struct row *rows, size_t count)
{
	char text[8192];

	for (size_t i = 0; i < count; i++) {
		const struct conf_option *option;
		struct conf *conf;

		snprintf(text, sizeof(text), "%s\noption %s;\n" NET, before, rows[i].statement);
		conf = accepted(text);
		option = option_of(conf->global, rows[i].code);
		if (!option || option->length != rows[i].length ||
		    memcmp(option->data, rows[i].bytes, rows[i].length))
			fail_msg("option %s: wrong bytes", rows[i].statement);
		conf_free(conf);
	}
}

#define ROW(statement, code, bytes) \
	{ \
		statement, code, sizeof(bytes) - 1, bytes \
	}

static void test_formats(void **state)
{
	static const struct row rows[] = {
		ROW("subnet-mask 255.255.255.0", 1, "\xff\xff\xff\0"),
		ROW("time-offset -18000", 2, "\xff\xff\xb9\xb0"),
		ROW("routers 10.0.0.1", 3, "\x0a\0\0\1"),
		ROW("routers 10.0.0.1,10.0.0.2 , 10.0.0.3", 3, "\x0a\0\0\1\x0a\0\0\2\x0a\0\0\3"),
		ROW("host-name \"a\"", 12, "a"),
		ROW("host-name bare-word", 12, "bare-word"),
		ROW("boot-size 0x0200", 13, "\2\0"),
		ROW("Domain-Name \"example.org\"", 15, "example.org"),
		ROW("ip-forwarding true", 19, "\1"),
		ROW("ip-forwarding off", 19, "\0"),
		ROW("policy-filter 10.0.0.0 255.0.0.0, 10.1.0.0 255.255.0.0", 21,
		    "\x0a\0\0\0\xff\0\0\0\x0a\1\0\0\xff\xff\0\0"),
		ROW("default-ip-ttl 64", 23, "\x40"),
		ROW("default-ip-ttl 010", 23, "\x08"),
		ROW("path-mtu-aging-timeout 4294967295", 24, "\xff\xff\xff\xff"),
		ROW("path-mtu-plateau-table 68, 1500", 25, "\0\x44\5\xdc"),
		ROW("interface-mtu 1500", 26, "\5\xdc"),
		ROW("vendor-encapsulated-options 01:4:a:B:0c", 43, "\1\4\x0a\x0b\x0c"),
		ROW("vendor-encapsulated-options \"text\\0\"", 43, "text\0"),
		ROW("netbios-node-type 8", 46, "\x08"),
		ROW("dhcp-renewal-time 1800", 58, "\0\0\7\x08"),
		ROW("dhcp-rebinding-time 3150", 59, "\0\0\x0c\x4e"),
		ROW("slp-directory-agent true 10.0.0.1, 10.0.0.2", 78, "\1\x0a\0\0\1\x0a\0\0\2"),
		ROW("domain-search \"example.org\"", 119, "\7example\3org\0"),
		ROW("vivso 00:00:0d:e9:01:02", 125, "\0\0\x0d\xe9\1\2"),
	};

	(void)state;
	assert_rows("", rows, COUNT(rows));
}

static void test_escapes(void **state)
{
	static const struct row rows[] = {
		ROW("domain-name \"\\t\\r\\n\\b\"", 15, "\t\r\n\b"),
		ROW("domain-name \"\\\"quoted\\\"\\\\\"", 15, "\"quoted\"\\"),
		ROW("domain-name \"\\101\\x42\\1033\"", 15, "ABC3"),
		ROW("domain-name \"\\x414\"", 15, "A4"),
		ROW("domain-name \"\\q#;{}\"", 15, "q#;{}"),
		ROW("domain-name \"\\377\\xfe\"", 15, "\xff\xfe"),
	};

	(void)state;
	assert_rows("", rows, COUNT(rows));
}

/* RFC 3397 section 2's own example, and what its pointers must not do. */
static void test_compression(void **state)
{
	static const struct row rows[] = {
		ROW("domain-search \"eng.apple.com\", \"marketing.apple.com\"", 119,
		    "\3eng\5apple\3com\0\11marketing\xc0\x04"),
		ROW("domain-search \"a.b\", \"a.b\", \"b\"", 119, "\1a\1b\0\xc0\0\xc0\2"),
		ROW("domain-search \"a.b.c\", \"x.b.c\", \"y.x.b.c\"", 119,
		    "\1a\1b\1c\0\1x\xc0\2\1y\xc0\7"),
		ROW("domain-search \"a.b.c\", \"a.b\"", 119, "\1a\1b\1c\0\1a\1b\0"),
		ROW("domain-search \"b.c\", \"ab.c\"", 119, "\1b\1c\0\2ab\xc0\2"),
		ROW("domain-search \"example.org.\"", 119, "\7example\3org\0"),
	};

	(void)state;
	assert_rows("", rows, COUNT(rows));
}

static void test_definitions(void **state)
{
	static const char before[] =
		"option rfc3442-classless-static-routes code 121 = array of integer 8;\n"
		"option ms-routes code 249 = array of unsigned integer 8;\n"
		"option a-flag code 200 = boolean;\n"
		"option a-short code 201 = integer 16;\n"
		"option a-long code 202 = signed integer 32;\n"
		"option addresses code 203 = array of ip-address;\n"
		"option words code 204 = text;\n"
		"option some-bytes code 205 = string;\n"
		"option search code 206 = domain-list compressed;\n"
		"option plain-search code 207 = domain-list;\n"
		"option one-name code 208 = domain-name;\n"
		"option record code 0xd5 = { boolean, ip-address, unsigned integer 16 };\n"
		"option records code 214 = array of { unsigned integer 8, ip-address };\n"
		"option tail code 215 = { unsigned integer 8, array of ip-address };\n"
		"option tail-text code 216 = { unsigned integer 8, text };\n"
		"option nothing code 80 = zerolen;\n"
		"option nothing code 80 = zerolen;\n"
		"option interface-mtu code 217 = text;\n";
	static const struct row rows[] = {
		ROW("rfc3442-classless-static-routes 24, 10,1,2, 10,0,0,1, 0, 10,0,0,-2", 121,
		    "\x18\x0a\1\2\x0a\0\0\1\0\x0a\0\0\xfe"),
		ROW("MS-routes 24,192,168,5, 255,0,0,1", 249, "\x18\xc0\xa8\5\xff\0\0\1"),
		ROW("a-flag on", 200, "\1"),
		ROW("a-short -2", 201, "\xff\xfe"),
		ROW("a-long -2147483648", 202, "\x80\0\0\0"),
		ROW("addresses 1.2.3.4, 5.6.7.8", 203, "\1\2\3\4\5\6\7\x08"),
		ROW("words \"a b\"", 204, "a b"),
		ROW("some-bytes 1:2", 205, "\1\2"),
		ROW("search \"a.b\", \"c.b\"", 206, "\1a\1b\0\1c\xc0\2"),
		ROW("plain-search \"a.b\", \"c.b\"", 207, "\1a\1b\0\1c\1b\0"),
		ROW("one-name a.b", 208, "\1a\1b\0"),
		ROW("one-name \"a.b\"", 208, "\1a\1b\0"),
		ROW("record true 1.2.3.4 5", 213, "\1\1\2\3\4\0\5"),
		ROW("records 1 1.2.3.4, 2 5.6.7.8", 214, "\1\1\2\3\4\2\5\6\7\x08"),
		ROW("tail 9 1.2.3.4, 5.6.7.8", 215, "\x09\1\2\3\4\5\6\7\x08"),
		ROW("tail-text 9 \"xyz\"", 216, "\x09xyz"),
		ROW("nothing", 80, ""),
		ROW("interface-mtu \"big\"", 217, "big"),
	};

	(void)state;
	assert_rows(before, rows, COUNT(rows));
}

static void test_definition_refusals(void **state)
{
	(void)state;
	refused("option a code 0 = text;", 1, 15, "not between 1 and 254");
	refused("option a code 255 = text;", 1, 15, "not between 1 and 254");
	refused("option a code 53 = text;", 1, 15, "cannot be configured: the server sets it");
	refused("option a code x = text;", 1, 15, "expected a number");
	refused("option a code 9 text;", 1, 16, "expected `=`");
	refused("option a code 9 = words;", 1, 19, "`words` is no type");
	refused("option a code 9 = integer 64;", 1, 27, "not between 8 and 32");
	refused("option a code 9 = integer 24;", 1, 27, "8, 16 or 32 bits");
	refused("option a code 9 = unsigned 8;", 1, 28, "expected `integer`");
	refused("option a code 9 = array text;", 1, 25, "expected `of`");
	refused("option a code 9 = array of text;", 1, 28, "no array of texts");
	refused("option a code 9 = array of domain-list;", 1, 28, "no array of texts");
	refused("option a code 9 = { text, boolean };", 1, 27, "nothing can follow");
	refused("option a code 9 = { array of boolean, boolean };", 1, 39, "nothing can follow");
	refused("option a code 9 = array of { boolean, text };", 1, 19, "no array of records");
	refused("option a code 9 = { boolean", 1, 28, "expected `}`");
	refused("option a code 9 = encapsulate foo;", 1, 19, "`encapsulate` is not supported yet");
	refused("option a code 9 = ip6-address;", 1, 19, "`ip6-address` is not supported yet");
	refused("option a code 9 = text", 1, 23, "expected `;`");
	refused("option a code 9 = text;\noption a code 9 = string;", 2, 8,
		"defined differently at test.conf:1");
	refused("group {\noption a code 9 = text; }", 2, 8, "outside of all braces");
	refused("option a code 9 = { boolean, boolean, boolean, boolean, boolean, boolean, "
		"boolean, "
		"boolean, boolean, boolean, boolean, boolean, boolean, boolean, boolean, boolean, "
		"boolean, boolean, boolean, boolean, boolean, boolean, boolean, boolean, boolean, "
		"boolean, boolean, boolean, boolean, boolean, boolean };",
		1, 291, "more than 30 fields");
}

static void test_value_refusals(void **state)
{
	(void)state;
	refused("option routers gw.example.org;", 1, 16, "names are not looked up");
	refused("option routers 10.0.0.256;", 1, 16, "expected an IPv4 address");
	refused("option routers 10.0.0.1,;", 1, 25,
		"expected an IPv4 address such as 192.0.2.1, "
		"found `;`");
	refused("option routers 10.0.0.1 10.0.0.2;", 1, 24, "expected `;`");
	refused("option subnet-mask 255.0.0.0, 255.0.0.0;", 1, 29, "expected `;`");
	refused("option static-routes 10.0.0.1, 10.0.0.2;", 1, 30, "expected an IPv4 address");
	refused("option interface-mtu 65536;", 1, 22, "`65536` is not between 0 and 65535");
	refused("option interface-mtu 15oo;", 1, 22, "expected a number, found `15oo`");
	refused("option interface-mtu 0x;", 1, 22, "expected a number");
	refused("option interface-mtu 08;", 1, 22, "expected a number");
	refused("option interface-mtu 99999999999999999999999999;", 1, 22, "expected a number");
	refused("option interface-mtu -1;", 1, 22, "not between");
	refused("option time-offset 2147483648;", 1, 20, "not between");
	refused("option ip-forwarding maybe;", 1, 22, "expected `true`, `on`, `false` or `off`");
	refused("option domain-name;", 1, 19, "expected a text in double quotes, found `;`");
	refused("option domain-name \"\";", 1, 20, "with nothing in it");
	refused("option domain-name \"a\\000b\";", 1, 20, "a NUL byte");
	refused("option domain-name \"a\" \"b\";", 1, 23, "expected `;`");
	refused("option domain-name = \"a\";", 1, 20, "not supported yet; write the value itself");
	refused("option domain-name concat(\"a\", \"b\");", 1, 26, "expected `;`");
	refused("option vendor-encapsulated-options 01:02:;", 1, 36, "expected bytes such as");
	refused("option vendor-encapsulated-options 01:xy;", 1, 36, "expected bytes such as");
	refused("option vendor-encapsulated-options 012;", 1, 36, "expected bytes such as");
	refused("option vendor-encapsulated-options {};", 1, 36, "expected bytes such as");
	refused("option domain-search example.org;", 1, 22, "a domain name in double quotes");
	refused("option d code 200 = domain-name; option d ;", 1, 43,
		"expected a domain name, found");
	refused("option d code 200 = domain-name; option d a..b;", 1, 43, "no domain name");
	refused("option domain-search \"a..b\";", 1, 22, "no domain name");
	refused("option domain-search \"a\", \".\";", 1, 27, "no domain name");
	refused("option domain-search \"\";", 1, 22, "no domain name");
	refused("option domain-search \"a..\";", 1, 22, "no domain name");
}

static void test_names(void **state)
{
	(void)state;
	refused("option frobnicate 1;", 1, 8,
		"unknown option `frobnicate`; define it first: `option frobnicate code NUMBER");
	refused("option space foo;", 1, 8, "option spaces are not supported yet");
	refused("option agent.circuit-id \"x\";", 1, 8, "option spaces are not supported yet");
	refused("option ;", 1, 8, "expected the name of the option, found `;`");
}

/* What the server computes is refused with what to write instead. */
static void test_reserved(void **state)
{
	static const uint8_t codes[] = {50, 51, 52, 53, 54, 55, 56, 57, 61, 82, 118};
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		snprintf(text, sizeof(text), "option %s 1;", dhcp_option_by_code(codes[i])->name);
		refused(text, 1, 8, "cannot be configured: ");
	}
	refused("option dhcp-lease-time 60;", 1, 8, "use `default-lease-time`");
	refused("option dhcp-server-identifier 10.0.0.1;", 1, 8, "use `server-identifier`");
}

/* Every option of the table takes a value that its format allows. */
static void test_whole_table(void **state)
{
	char text[1024];

	(void)state;
	for (unsigned code = 1; code < 255; code++) {
		const struct dhcp_option_info *info = dhcp_option_by_code((uint8_t)code);
		struct conf *conf;
		size_t length;

		if (!info || info->role != 0 || code == 56)
			continue;
		length = (size_t)snprintf(text, sizeof(text), "option %s", info->name);
		for (const char *letter = info->format; *letter; letter++) {
			const char *value = strchr("I", *letter)      ? "10.0.0.1"
					    : strchr("Aae", *letter)  ? ""
					    : strchr("f", *letter)    ? "true"
					    : strchr("tXdD", *letter) ? "\"a.b\""
								      : "7";

			length += (size_t)snprintf(text + length, sizeof(text) - length, " %s",
						   value);
		}
		snprintf(text + length, sizeof(text) - length, ";\n" NET);
		conf = accepted(text);
		assert_non_null(option_of(conf->global, (uint8_t)code));
		conf_free(conf);
	}
}

/* Longer than one piece on the wire is fine (RFC 3396), longer than the bound is not. */
static void test_length(void **state)
{
	char text[4096] = "option domain-name \"";
	size_t head = strlen(text);
	struct conf *conf;

	(void)state;
	memset(text + head, 'a', 1024);
	strcpy(text + head + 1024, "\";\n" NET);
	conf = accepted(text);
	assert_int_equal(option_of(conf->global, 15)->length, 1024);
	conf_free(conf);
	memset(text + head, 'a', 1025);
	strcpy(text + head + 1025, "\";\n" NET);
	refused(text, 1, 20, "exceeds 1024 bytes");
}

static void add_names(char *text, size_t size, unsigned count)
{
	size_t length = (size_t)snprintf(text, size, "option domain-search");

	for (unsigned i = 0; i < count; i++)
		length += (size_t)snprintf(text + length, size - length,
					   "%s \"host-%u.example-%u.org\"", i ? "," : "", i, i);
	snprintf(text + length, size - length, ";\n" NET);
}

static void test_domain_length(void **state)
{
	char text[16384];

	(void)state;
	add_names(text, sizeof(text), 40);
	conf_free(accepted(text));
	add_names(text, sizeof(text), 100);
	refused(text, 1, 1276, "exceeds 1024 bytes");
	refused("option domain-search "
		"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\";",
		1, 22, "labels have 1 to 63 bytes");
	conf_free(accepted(
		"option domain-search "
		"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\";" NET));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_compression),
		cmocka_unit_test(test_definitions),
		cmocka_unit_test(test_definition_refusals),
		cmocka_unit_test(test_value_refusals),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_whole_table),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_domain_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
