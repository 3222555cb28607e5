/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/dhcp/payload.h"

#include "dhcp/option.h"
#include "xdp/shared/abi.h"

static const struct dhcp_option_info *by_name(const char *name)
{
	return dhcp_option_by_name(name, strlen(name));
}

/* How often a code stands in the table: the compiler takes a second entry without a word. */
static void test_no_code_twice(void **state)
{
	static const uint8_t codes[] = {
#define DHCP_OPTION(code, name, format, role) code,
#include "xdp/shared/options.def"
#undef DHCP_OPTION
	};
	uint8_t seen[256] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(codes); i++)
		assert_int_equal(seen[codes[i]]++, 0);
	assert_int_equal(seen[0], 0);
	assert_int_equal(seen[255], 0);
}

/* RFC 2132 defines 1 to 61 and 64 to 76 without a gap. */
static void test_rfc_2132_is_complete(void **state)
{
	(void)state;
	for (uint8_t code = 1; code <= 76; code++)
		assert_non_null(dhcp_option_by_code(code));
	assert_non_null(dhcp_option_by_code(119));
	assert_null(dhcp_option_by_code(0));
	assert_null(dhcp_option_by_code(84));
	assert_null(dhcp_option_by_code(255));
}

/* Samples from every chapter: name, code and format as dhcp-options(5) has them. */
static void test_dhcpd_names(void **state)
{
	static const struct {
		const char *name, *format;
		uint8_t code;
	} rows[] = {
		{"subnet-mask", "I", 1},
		{"time-offset", "l", 2},
		{"routers", "IA", 3},
		{"domain-name-servers", "IA", 6},
		{"host-name", "t", 12},
		{"ip-forwarding", "f", 19},
		{"static-routes", "IIA", 33},
		{"path-mtu-plateau-table", "SA", 25},
		{"default-ip-ttl", "B", 23},
		{"dhcp-lease-time", "L", 51},
		{"dhcp-parameter-request-list", "BA", 55},
		{"vendor-class-identifier", "X", 60},
		{"bootfile-name", "t", 67},
		{"domain-search", "D", 119},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct dhcp_option_info *info = by_name(rows[i].name);

		assert_non_null(info);
		assert_int_equal(info->code, rows[i].code);
		assert_string_equal(info->format, rows[i].format);
		assert_ptr_equal(info, dhcp_option_by_code(rows[i].code));
	}
}

/* Each name leads to its own option; no format has a letter that nobody explains. */
static void test_table_is_sound(void **state)
{
	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		const struct dhcp_option_info *info = dhcp_option_by_code((uint8_t)code);

		if (!info)
			continue;
		assert_int_equal(info->code, code);
		assert_ptr_equal(by_name(info->name), info);
		assert_true(info->format[0] != '\0');
		assert_int_equal(strspn(info->format, "ILlSsBbftXdDeAa"), strlen(info->format));
	}
}

static void test_names_whole_and_in_any_case(void **state)
{
	(void)state;
	assert_ptr_equal(by_name("Routers"), dhcp_option_by_code(3));
	assert_null(by_name("router"));
	assert_null(by_name("routers2"));
	assert_null(by_name(""));
	assert_ptr_equal(dhcp_option_by_name("routers 10.0.0.1", 7), dhcp_option_by_code(3));
}

/* What the XDP program looks at is exactly this; all else may be there and makes no difference. */
static void test_roles(void **state)
{
	static const uint8_t tracked[] = {50, 51, 53, 54, 55, 57, 61, 82};
	uint8_t roles[256], expected[256] = {[52] = XDHCP_ROLE_REFUSE, [118] = XDHCP_ROLE_REFUSE};

	(void)state;
	for (size_t i = 0; i < sizeof(tracked); i++)
		expected[tracked[i]] = XDHCP_ROLE_TRACK;
	memset(roles, 0xee, sizeof(roles));
	dhcp_option_roles(roles);
	assert_memory_equal(roles, expected, sizeof(roles));
}

static void test_write_short(void **state)
{
	uint8_t bytes[8];
	struct dhcp_option_writer writer = {.bytes = bytes, .size = sizeof(bytes)};

	(void)state;
	dhcp_option_write(&writer, 53, "\x05", 1);
	dhcp_option_write(&writer, 80, NULL, 0);
	dhcp_option_write(&writer, 12, "x", 1);
	assert_false(writer.full);
	assert_int_equal(writer.length, 8);
	assert_memory_equal(bytes, "\x35\x01\x05\x50\x00\x0c\x01x", 8);
}

/*
 * All or nothing, and full stays full even for what would fit. The last length
 * is one that with two bytes for each 255 wraps around to 2.
 */
static void test_write_full(void **state)
{
	uint8_t bytes[8];
	struct dhcp_option_writer writer = {.bytes = bytes, .size = 7};

	(void)state;
	memset(bytes, 0xee, sizeof(bytes));
	dhcp_option_write(&writer, 53, "\x05", 1);
	dhcp_option_write(&writer, 54, "\1\2\3", 3);
	assert_true(writer.full);
	dhcp_option_write(&writer, 12, "x", 1);
	assert_int_equal(writer.length, 3);
	assert_memory_equal(bytes, "\x35\x01\x05\xee\xee\xee\xee\xee", 8);
	writer = (struct dhcp_option_writer){.bytes = bytes, .size = 7};
	dhcp_option_write(&writer, 54, "\1\2\3", SIZE_MAX / 257 * 255 + 1);
	assert_true(writer.full);
}

/* RFC 3396: pieces of 255, and the parser puts them together again. */
static void test_write_long(void **state)
{
	static const size_t lengths[] = {254, 255, 256, 509, 510, 511, 700};
	uint8_t data[700], bytes[720];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t length = lengths[i], size = length + 2 * ((length + 254) / 255);
		struct dhcp_option_writer writer = {.bytes = bytes, .size = size};
		struct payload payload = payload_of_type(DHCP_DISCOVER);
		struct dhcp_message message;

		dhcp_option_write(&writer, 43, data, length);
		assert_false(writer.full);
		assert_int_equal(writer.length, size);
		payload_append(&payload, bytes, size);
		payload_end(&payload);
		assert_int_equal(dhcp_message_parse(payload.bytes, payload.length, &message), 0);
		assert_int_equal(message.options[43].length, length);
		assert_memory_equal(message.options[43].data, data, length);
		payload_free(&payload);
		writer = (struct dhcp_option_writer){.bytes = bytes, .size = size - 1};
		dhcp_option_write(&writer, 43, data, length);
		assert_true(writer.full);
		assert_int_equal(writer.length, 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_code_twice),
		cmocka_unit_test(test_rfc_2132_is_complete),
		cmocka_unit_test(test_dhcpd_names),
		cmocka_unit_test(test_table_is_sound),
		cmocka_unit_test(test_names_whole_and_in_any_case),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_write_short),
		cmocka_unit_test(test_write_full),
		cmocka_unit_test(test_write_long),
	};

	return cmocka_run_group_tests_name("dhcp/option", tests, NULL, NULL);
}
