// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.h"

#define SUBNET(body) \
	"option routers 10.1.0.1; option domain-name-servers 9.9.9.9, 8.8.8.8;\n" \
	"option domain-name \"example.org\";\n" \
	"subnet 10.1.0.0 netmask 255.255.254.0 { range 10.1.0.10 10.1.0.20; " body "}\n"

struct rendered {
	struct conf *conf;
	struct asked asked;
	struct server_scope scope;
	struct xdhcp_tail tail;
	bool complete;
	char codes[1024];
};

static void render(struct rendered *rendered, const char *conf, const struct ask *ask, size_t spare)
{
	struct xdhcp_tail *tail = &rendered->tail;

	rendered->conf = fixture_conf(conf);
	ask_write(&rendered->asked, ask);
	rendered->scope = server_scope_of(rendered->conf, NULL, ip("10.1.0.10"));
	memset(tail, 0xa5, sizeof(*tail));
	server_tail_render(&rendered->scope, &rendered->asked.request.message, DHCP_ACK,
			   ip("10.1.0.1"), spare, tail, &rendered->complete);
	codes_of(tail->options, tail->options + tail->length, rendered->codes,
		 sizeof(rendered->codes));
	conf_free(rendered->conf);
}

struct order_row {
	const char *name;
	const char *parameters;
	const char *codes; /* behind the head */
};

/* Options of the configuration: 1, 3, 6, 15, 42, 58 and 59, 66, 121 (as a made-up code), 200. */
static const char *const order_conf =
	"option classless code 121 = array of unsigned integer 8;\n"
	"option private code 200 = text;\n" SUBNET(
		"option ntp-servers 10.1.0.2;\n"
		"option dhcp-renewal-time 100; option dhcp-rebinding-time 200;\n"
		"option tftp-server-name \"boot\"; option private \"x\";\n"
		"option classless 24, 10, 7, 7, 10, 1, 0, 1;");

static const struct order_row order_rows[] = {
	{"no list: ascending", NULL, " 1 3 6 15 42 66 121 200"},
	{"as listed", "\x01\x1c\x02\x03\x0f\x06\x77\x0c\x2c\x2f\x1a\x79\x2a", " 1 3 15 6 121 42"},
	{"the mask goes before the routers", "\x06\x03\x01\x0f", " 6 1 3 15"},
	{"the mask goes last where it is not listed", "\x06\x0f", " 6 15 1"},
	{"but before the routers", "\x06\x03\x0f", " 6 1 3 15"},
	{"one", "\x06", " 6 1"},
	{"none that there is", "\x0c", " 1"},
	{"repeated", "\x06\x06\x01\x06\x0f\x01", " 6 1 15"},
	{"what is in the head, echoed or a client's",
	 "\x32\x33\x34\x35\x36\x37\x39\x3a\x3b\x3d\x52\x76\xff\x06", " 6 1"},
	{"unknown codes", "\xfe\xc8\x80", " 200 1"},
	{"sixty",
	 "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"
	 "\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20\x21\x22\x23\x24\x25\x26\x27\x28\x29\x2a\x2b\x2c"
	 "\x2d\x2e\x2f\x30\x31\x42\x43\x44\x45\x46\x47\x48\x49\x4a\x4b\x79",
	 " 1 3 6 15 42 66 121"},
};

static void order(void **state)
{
	char expected[256];

	(void)state;
	for (size_t i = 0; i < sizeof(order_rows) / sizeof(*order_rows); i++) {
		const struct order_row *row = &order_rows[i];
		struct rendered rendered;

		render(&rendered, order_conf,
		       &(struct ask){.type = DHCP_REQUEST, .parameters = row->parameters}, 1);
		snprintf(expected, sizeof(expected), "53 54 51 58 59%s", row->codes);
		if (strcmp(rendered.codes, expected))
			fail_msg("%s: %s", row->name, rendered.codes);
		assert_true(rendered.complete);
	}
}

/* Whatever the configuration says and the client asks for, these are not options of a tail. */
static void reserved_codes(void **state)
{
	static const uint8_t reserved[] = {0, 50, 51, 52, 53, 54, 55, 57, 58, 59, 61, 82, 118, 255};
	struct conf_option options[256];
	struct conf_scope said = {.options = options, .option_count = 256};
	struct server_scope scope = {.chain = {&said}};
	uint8_t parameters[256], bytes[4096];
	struct dhcp_option_writer writer = {.bytes = bytes, .size = sizeof(bytes)};
	struct dhcp_message message = {.type = DHCP_INFORM};
	uint8_t length;

	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		options[code] = (struct conf_option){code, 1, (const uint8_t *)"x"};
		parameters[code] = code;
	}
	for (int listed = 0; listed < 2; listed++) {
		if (listed)
			message.options[DHCP_OPT_PARAMETER_REQUEST] =
				(struct dhcp_option){parameters, sizeof(parameters)};
		writer.length = 0;
		assert_true(server_options_render(&scope, &message, DHCP_ACK, 1, &writer));
		for (unsigned code = 1; code < 255; code++)
			assert_int_equal(
				!!option_in(bytes + 9, bytes + writer.length, code, &length),
				!memchr(reserved, code, sizeof(reserved)));
		assert_int_equal(writer.length, 9 + 3 * (256 - sizeof(reserved)));
	}
}

static void the_head(void **state)
{
	static const uint8_t head[TAIL_HEAD_LEN] = {53, 1,  5, 54, 4, 10, 1, 0,	 1, 51, 4, 0, 0, 0,
						    0,	58, 4, 0,  0, 0,  0, 59, 4, 0,	0, 0, 0};
	struct rendered rendered;

	(void)state;
	render(&rendered, order_conf, &(struct ask){.type = DHCP_REQUEST}, 1);
	assert_memory_equal(rendered.tail.options, head, sizeof(head));
	assert_int_equal(rendered.tail.options[TAIL_TYPE_AT], DHCP_ACK);
	assert_int_equal(rendered.tail.server_id, ip("10.1.0.1"));
	assert_int_equal(rendered.tail.t1, 100);
	assert_int_equal(rendered.tail.t2, 200);
	render(&rendered, SUBNET(""), &(struct ask){.type = DHCP_REQUEST}, 1);
	assert_int_equal(rendered.tail.t1, 0);
	assert_int_equal(rendered.tail.t2, 0);
}

static void values(void **state)
{
	struct rendered rendered;
	const uint8_t *end, *value;
	uint8_t length;

	(void)state;
	render(&rendered, SUBNET(""), &(struct ask){.type = DHCP_REQUEST}, 1);
	end = rendered.tail.options + rendered.tail.length;
	value = option_in(rendered.tail.options, end, 1, &length);
	assert_int_equal(length, 4);
	assert_memory_equal(value, "\xff\xff\xfe\x00", 4);
	value = option_in(rendered.tail.options, end, 6, &length);
	assert_int_equal(length, 8);
	assert_memory_equal(value, "\x09\x09\x09\x09\x08\x08\x08\x08", 8);
	render(&rendered, SUBNET("option subnet-mask 255.255.255.255;"),
	       &(struct ask){.type = DHCP_REQUEST}, 1);
	value = option_in(rendered.tail.options, end, 1, &length);
	assert_memory_equal(value, "\xff\xff\xff\xff", 4);
}

/* One byte less than needed and the last option is left out; the head never is. */
static void room(void **state)
{
	static const struct ask ask = {.type = DHCP_REQUEST, .parameters = "\x01\x03\x06\x0f"};
	struct rendered rendered;
	size_t full;

	(void)state;
	render(&rendered, SUBNET(""), &ask, 1);
	full = rendered.tail.length;
	assert_int_equal(full, TAIL_HEAD_LEN + 6 + 6 + 10 + 13);
	assert_int_equal(rendered.tail.limit, 548);
	render(&rendered, SUBNET(""), &ask, 548 - DHCP_FIXED_LEN - full);
	assert_true(rendered.complete);
	assert_int_equal(rendered.tail.length, full);
	render(&rendered, SUBNET(""), &ask, 548 - DHCP_FIXED_LEN - full + 1);
	assert_false(rendered.complete);
	assert_string_equal(rendered.codes, "53 54 51 58 59 1 3 6");
	render(&rendered, SUBNET(""), &ask, 548 - DHCP_FIXED_LEN - full + 13);
	assert_string_equal(rendered.codes, "53 54 51 58 59 1 3 6");
	render(&rendered, SUBNET(""), &ask, 548 - DHCP_FIXED_LEN - full + 14);
	assert_string_equal(rendered.codes, "53 54 51 58 59 1 3");
	for (size_t spare = 276; spare < 600; spare += 11) {
		render(&rendered, SUBNET(""), &ask, spare);
		assert_false(rendered.complete);
		assert_string_equal(rendered.codes, "53 54 51 58 59");
	}
}

/* What a client takes, and what a tail holds. */
static void a_tail_has_an_end(void **state)
{
	char conf[2048], text[512];
	struct rendered rendered;

	(void)state;
	memset(text, 'x', sizeof(text));
	snprintf(conf, sizeof(conf),
		 "option routers 10.1.0.1; option root-path \"%.240s\"; option nis-domain "
		 "\"%.240s\";\n"
		 "option netbios-scope \"%.200s\"; option domain-name \"%.30s\";\n"
		 "subnet 10.1.0.0 netmask 255.255.255.0 { }\n",
		 text, text, text, text);
	render(&rendered, conf,
	       &(struct ask){.type = DHCP_REQUEST,
			     .max_size = 1500,
			     .parameters = "\x11\x28\x2f\x0f\x01"},
	       1);
	assert_int_equal(rendered.tail.length, TAIL_HEAD_LEN + 242 + 242 + 202 + 32 + 6);
	assert_true(rendered.complete);
	render(&rendered, conf,
	       &(struct ask){.type = DHCP_REQUEST,
			     .max_size = 1500,
			     .parameters = "\x11\x28\x2f\x0f\x03\x11"},
	       1);
	assert_true(rendered.complete);
	snprintf(conf, sizeof(conf),
		 "option routers 10.1.0.1; option root-path \"%.240s\"; option nis-domain "
		 "\"%.240s\";\n"
		 "option netbios-scope \"%.240s\"; option domain-name \"%.30s\";\n"
		 "subnet 10.1.0.0 netmask 255.255.255.0 { }\n",
		 text, text, text, text);
	render(&rendered, conf,
	       &(struct ask){.type = DHCP_REQUEST,
			     .max_size = 1500,
			     .parameters = "\x11\x28\x2f\x0f\x01"},
	       1);
	assert_false(rendered.complete);
	assert_string_equal(rendered.codes, "53 54 51 58 59 17 40 47");
}

static void limits(void **state)
{
	static const struct {
		uint16_t asked, limit;
	} rows[] = {{0, 548},	 {300, 548},   {576, 548},   {577, 549},
		    {1024, 996}, {1500, 1472}, {1501, 1472}, {65535, 1472}};
	struct asked asked;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ask_write(&asked, &(struct ask){.type = DHCP_REQUEST, .max_size = rows[i].asked});
		assert_int_equal(server_reply_limit(&asked.request.message), rows[i].limit);
		assert_int_equal(server_options_room(&asked.request.message, 5),
				 rows[i].limit - DHCP_FIXED_LEN - 5);
	}
}

static void sums(void **state)
{
	struct rendered rendered;
	uint32_t sum = 0;

	(void)state;
	render(&rendered, SUBNET("filename \"boot\"; server-name \"tftp\";"),
	       &(struct ask){.type = DHCP_REQUEST}, 1);
	for (size_t i = 0; i < rendered.tail.length; i++)
		sum += rendered.tail.options[i] << (i & 1 ? 0 : 8);
	assert_int_equal(rendered.tail.sum, sum % 0xffff);
	/* "bo", "ot", "tf", "tp" */
	assert_int_equal(rendered.tail.names_sum, (0x626f + 0x6f74 + 0x7466 + 0x7470) % 0xffff);
}

static void names(void **state)
{
	char conf[512], file[128], server[64];
	struct rendered rendered;

	(void)state;
	render(&rendered, SUBNET(""), &(struct ask){.type = DHCP_REQUEST}, 1);
	assert_int_equal(rendered.tail.named, 0);
	assert_int_equal(rendered.tail.names_sum, 0);
	assert_int_equal(rendered.tail.siaddr, 0);
	render(&rendered, SUBNET("filename \"boot\"; next-server 10.1.0.9;"),
	       &(struct ask){.type = DHCP_REQUEST}, 1);
	assert_int_equal(rendered.tail.named, 1);
	assert_string_equal((char *)rendered.tail.file, "boot");
	assert_int_equal(rendered.tail.siaddr, htonl(ip("10.1.0.9")));
	memset(file, 'f', sizeof(file));
	memset(server, 's', sizeof(server));
	snprintf(conf, sizeof(conf),
		 "filename \"%.128s\"; server-name \"%.64s\";\n"
		 "subnet 10.1.0.0 netmask 255.255.255.0 { }\n",
		 file, server);
	render(&rendered, conf, &(struct ask){.type = DHCP_REQUEST}, 1);
	assert_memory_equal(rendered.tail.file, file, sizeof(file));
	assert_memory_equal(rendered.tail.sname, server, sizeof(server));
}

/* Equal requests make equal bytes, slack and all: equal tails are kept once. */
static void tails_are_comparable(void **state)
{
	struct rendered first, second;

	(void)state;
	render(&first, SUBNET("filename \"boot\";"),
	       &(struct ask){.type = DHCP_REQUEST, .client = 1, .ciaddr = "10.1.0.11"}, 1);
	render(&second, SUBNET("filename \"boot\";"),
	       &(struct ask){.type = DHCP_REQUEST, .client = 2, .requested = "10.1.0.12"}, 1);
	assert_memory_equal(&first.tail, &second.tail, sizeof(first.tail));
	assert_int_equal(first.tail.reserved, 0);
}

/* A configured identifier is the same on every link, so the program need not compare it. */
static void a_configured_identifier(void **state)
{
	struct rendered rendered;

	(void)state;
	render(&rendered, SUBNET("server-identifier 10.1.0.1;"),
	       &(struct ask){.type = DHCP_REQUEST}, 1);
	assert_int_equal(rendered.tail.server_id, 0);
	assert_memory_equal(rendered.tail.options + TAIL_SERVER_ID_AT, "\x0a\x01\x00\x01", 4);
}

/* RFC 3011: returned, before the options that may be left out. */
static void selection_is_returned(void **state)
{
	struct rendered rendered;

	(void)state;
	render(&rendered, SUBNET(""),
	       &(struct ask){
		       .type = DHCP_REQUEST, .selection = "10.1.0.0", .parameters = "\x76\x06"},
	       1);
	assert_string_equal(rendered.codes, "53 54 51 58 59 118 6 1");
	assert_memory_equal(rendered.tail.options + TAIL_HEAD_LEN + 2, "\x0a\x01\x00\x00", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(reserved_codes),
		cmocka_unit_test(the_head),
		cmocka_unit_test(values),
		cmocka_unit_test(room),
		cmocka_unit_test(a_tail_has_an_end),
		cmocka_unit_test(limits),
		cmocka_unit_test(sums),
		cmocka_unit_test(names),
		cmocka_unit_test(tails_are_comparable),
		cmocka_unit_test(a_configured_identifier),
		cmocka_unit_test(selection_is_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
