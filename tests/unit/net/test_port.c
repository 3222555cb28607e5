/* SPDX-License-Identifier: GPL-2.0-only */
/* Datagrams through a real port, on the loopback interface and over a veth pair in a namespace. */
#include "namespace.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dhcp/frame.h"
#include "net/port.h"

#define LOOPBACK ADDRESS(127, 0, 0, 1)
#define SERVER ADDRESS(192, 0, 2, 1)
#define CLIENT ADDRESS(192, 0, 2, 77)

static struct net_port *port_open(size_t receive_room)
{
	struct net_port_options options = {.receive_room = receive_room};
	struct net_error error = {""};
	struct net_port *port = NULL;

	if (net_port_open(&options, &port, &error))
		fail_msg("%s", error.text);
	return port;
}

/* A plain socket on a port of the loopback interface. */
static int udp_open(uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct timeval patience = {.tv_sec = 2};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void udp_send(int fd, const void *bytes, size_t length)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(67)};

	to.sin_addr.s_addr = htonl(LOOPBACK);
	assert_int_equal(sendto(fd, bytes, length, 0, (struct sockaddr *)&to, sizeof(to)), length);
}

static void port_taken(void **state)
{
	struct net_port_options options = {0};
	struct net_port *port, *second = NULL;
	struct net_error error = {""};
	char pid[32];
	int on = 1, fd;

	namespace_need(state);
	port = port_open(0);
	assert_int_equal(net_port_open(&options, &second, &error), -EADDRINUSE);
	assert_null(second);
	snprintf(pid, sizeof(pid), "test_port (pid %d)", getpid());
	if (!strstr(error.text, pid))
		fail_msg("%s", error.text);
	net_port_close(port);

	/* One that shares the port, as dhcpd does, keeps it all the same. */
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd,
			      (struct sockaddr *)&(struct sockaddr_in){.sin_family = AF_INET,
								       .sin_port = htons(67)},
			      sizeof(struct sockaddr_in)),
			 0);
	assert_int_equal(net_port_open(&options, &second, &error), -EADDRINUSE);
	close(fd);
	assert_int_equal(net_port_open(&options, &second, &error), 0);
	net_port_close(second);
}

static void receive_nothing(void **state)
{
	struct net_datagram batch[NET_BATCH];
	struct net_port *port;

	namespace_need(state);
	port = port_open(0);
	assert_int_equal(net_port_receive(port, batch, NET_BATCH), 0);
	assert_int_equal(net_port_receive(port, batch, 0), 0);
	assert_int_equal(net_port_counter(port, NET_COUNT_RECEIVE_FAILED), 0);
	net_port_close(port);
}

/* Buffers are used again and again: nothing of an earlier batch may be left. */
static void receive_batches(void **state)
{
	struct net_datagram batch[2 * NET_BATCH];
	size_t sent = 150, seen = 0, got;
	struct net_port *port;
	int fd;

	namespace_need(state);
	port = port_open(0);
	fd = udp_open(1068);
	for (uint32_t i = 0; i < sent; i++) {
		uint8_t bytes[400];

		memset(bytes, (int)i, sizeof(bytes));
		udp_send(fd, bytes, 1 + i * 2);
	}
	while ((got = net_port_receive(port, batch, seen ? 2 * NET_BATCH : 5))) {
		assert_true(got <= NET_BATCH);
		for (size_t i = 0; i < got; i++, seen++) {
			assert_int_equal(batch[i].length, 1 + seen * 2);
			assert_int_equal(batch[i].bytes[0], seen);
			assert_int_equal(batch[i].bytes[batch[i].length - 1], seen);
			assert_int_equal(batch[i].source, LOOPBACK);
			assert_int_equal(batch[i].source_port, 1068);
			assert_int_equal(batch[i].destination, LOOPBACK);
			assert_int_equal(batch[i].ifindex, if_nametoindex("lo"));
			assert_false(batch[i].truncated);
		}
	}
	assert_int_equal(seen, sent);
	assert_int_equal(net_port_counter(port, NET_COUNT_RECEIVED), sent);
	close(fd);
	net_port_close(port);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The first of many waits while the others are sent. The stamp is the kernel's, or that of the reading. */
static bool waited_once(struct net_port *port, int fd)
{
	struct net_datagram batch[NET_BATCH];
	uint64_t before = now_ns(), sent, read, after;
	bool stamped;

	udp_send(fd, "1", 1);
	sent = now_ns();
	for (int i = 1; i < NET_BATCH; i++)
		udp_send(fd, "2", 1);
	read = now_ns();
	assert_int_equal(net_port_receive(port, batch, NET_BATCH), NET_BATCH);
	after = now_ns();
	stamped = batch[0].waited >= read - sent;
	assert_true(batch[0].waited <= after - before);
	assert_true(!stamped || batch[NET_BATCH - 1].waited < batch[0].waited);
	return stamped;
}

static void receive_waited(void **state)
{
	struct net_port *port;
	int fd, tries = 1;

	namespace_need(state);
	port = port_open(0);
	fd = udp_open(1068);
	/* The kernel begins to stamp a little after it was told to. */
	while (!waited_once(port, fd))
		assert_true(tries++ < 10000);
	close(fd);
	net_port_close(port);
}

static void receive_truncated(void **state)
{
	static const uint8_t bytes[NET_DATAGRAM_MAX + 1];
	struct net_datagram batch[NET_BATCH];
	struct net_port *port;
	int fd;

	namespace_need(state);
	port = port_open(0);
	fd = udp_open(1068);
	udp_send(fd, bytes, sizeof(bytes));
	udp_send(fd, bytes, sizeof(bytes) - 1);
	udp_send(fd, bytes, 0);
	assert_int_equal(net_port_receive(port, batch, NET_BATCH), 3);
	assert_true(batch[0].truncated);
	assert_int_equal(batch[0].length, NET_DATAGRAM_MAX);
	assert_false(batch[1].truncated);
	assert_int_equal(batch[1].length, NET_DATAGRAM_MAX);
	assert_int_equal(batch[2].length, 0);
	assert_int_equal(net_port_counter(port, NET_COUNT_TRUNCATED), 1);
	close(fd);
	net_port_close(port);
}

/* Sends more than the socket holds, takes what is there; how many are lost. */
static size_t port_flood(struct net_port *port, int fd)
{
	static const uint8_t bytes[1000];
	struct net_datagram batch[NET_BATCH];
	const size_t sent = 2000;
	size_t seen = 0, got;

	for (size_t i = 0; i < sent; i++)
		udp_send(fd, bytes, sizeof(bytes));
	while ((got = net_port_receive(port, batch, NET_BATCH)))
		seen += got;
	assert_true(seen < sent);
	/* The kernel tells with the next datagram how many are lost. */
	udp_send(fd, bytes, sizeof(bytes));
	assert_int_equal(net_port_receive(port, batch, NET_BATCH), 1);
	return sent - seen;
}

static void receive_overflow(void **state)
{
	struct net_port *port;
	size_t lost;
	int fd;

	namespace_need(state);
	port = port_open(65536);
	fd = udp_open(1068);
	lost = port_flood(port, fd);
	assert_int_equal(net_port_counter(port, NET_COUNT_OVERFLOW), lost);
	lost += port_flood(port, fd);
	assert_int_equal(net_port_counter(port, NET_COUNT_OVERFLOW), lost);
	close(fd);
	net_port_close(port);
}

/* A network's clients all come at once, and nobody reads meanwhile: each of them is kept. */
static void receive_avalanche(void **state)
{
	static const uint8_t request[548];
	struct net_datagram batch[NET_BATCH];
	const size_t sent = 100000;
	struct net_port *port;
	size_t seen = 0, got;
	int fd;

	namespace_need(state);
	port = port_open(0);
	fd = udp_open(1068);
	for (size_t i = 0; i < sent; i++)
		udp_send(fd, request, sizeof(request));
	while ((got = net_port_receive(port, batch, NET_BATCH)))
		seen += got;
	assert_int_equal(seen, sent);
	assert_int_equal(net_port_counter(port, NET_COUNT_OVERFLOW), 0);
	close(fd);
	net_port_close(port);
}

static void send_udp(void **state)
{
	struct net_outgoing batch[3 * NET_BATCH];
	uint8_t bytes[3 * NET_BATCH], got[16];
	struct sockaddr_in from;
	struct net_port *port;
	int fd;

	namespace_need(state);
	port = port_open(0);
	fd = udp_open(1068);
	for (size_t i = 0; i < 3 * NET_BATCH; i++) {
		bytes[i] = (uint8_t)i;
		batch[i] = (struct net_outgoing){
			.bytes = &bytes[i],
			.length = 1,
			.source = ADDRESS(127, 0, 0, 9),
			.destination = LOOPBACK,
			.destination_port = 1068,
		};
	}
	assert_int_equal(net_port_send(port, batch, 3 * NET_BATCH - 1), 3 * NET_BATCH - 1);
	for (size_t i = 0; i < 3 * NET_BATCH - 1; i++) {
		socklen_t length = sizeof(from);

		assert_int_equal(
			recvfrom(fd, got, sizeof(got), 0, (struct sockaddr *)&from, &length), 1);
		assert_int_equal(got[0], i);
		assert_int_equal(ntohs(from.sin_port), 67);
		assert_int_equal(ntohl(from.sin_addr.s_addr), ADDRESS(127, 0, 0, 9));
	}
	assert_int_equal(net_port_counter(port, NET_COUNT_SENT_UDP), 3 * NET_BATCH - 1);
	close(fd);
	net_port_close(port);
}

/* One that fails takes nobody else with it. */
static void send_failures(void **state)
{
	static const uint8_t bytes[NET_PAYLOAD_MAX + 1];
	struct net_outgoing good = {
		.bytes = bytes,
		.length = 300,
		.source = LOOPBACK,
		.destination = LOOPBACK,
		.destination_port = 1068,
	};
	struct net_outgoing unreachable = good, frame_nowhere = good, longer = good;
	struct net_port *port;
	int fd;

	namespace_need(state);
	port = port_open(0);
	fd = udp_open(1068);
	unreachable.destination = ADDRESS(203, 0, 113, 1);
	unreachable.source = 0;
	frame_nowhere.by_hardware = true;
	frame_nowhere.ifindex = 4711;
	longer.length = sizeof(bytes);
	{
		struct net_outgoing batch[] = {unreachable, good,   unreachable, frame_nowhere,
					       good,	    longer, good,	 unreachable};

		assert_int_equal(net_port_send(port, batch, 8), 3);
	}
	for (int i = 0; i < 3; i++) {
		uint8_t got[512];

		assert_int_equal(recv(fd, got, sizeof(got), 0), 300);
	}
	assert_int_equal(net_port_counter(port, NET_COUNT_SENT_UDP), 3);
	assert_int_equal(net_port_counter(port, NET_COUNT_SENT_FRAME), 0);
	assert_int_equal(net_port_counter(port, NET_COUNT_SEND_UNREACHABLE), 3);
	assert_int_equal(net_port_counter(port, NET_COUNT_SEND_NO_DEVICE), 1);
	assert_int_equal(net_port_counter(port, NET_COUNT_SEND_TOO_LONG), 1);
	assert_int_equal(net_port_counter(port, NET_COUNT_SEND_OTHER), 0);
	close(fd);
	net_port_close(port);
}

static void pair_up(void)
{
	ip_run("link set up0 up");
	ip_run("link set down0 up");
	link_wait("up0");
	link_wait("down0");
}

/* What arrives at the other end of the pair. */
static int capture_open(const char *name)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)};
	struct timeval patience = {.tv_sec = 2};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_IP));

	assert_true(fd >= 0);
	at.sll_ifindex = (int)if_nametoindex(name);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void frame_next(int fd, uint8_t bytes[2048], struct dhcp_frame *ret_frame)
{
	ssize_t length = recv(fd, bytes, 2048, 0);

	assert_true(length > 0);
	assert_int_equal(dhcp_frame_read(bytes, (size_t)length, ret_frame), 0);
}

static void send_frames(void **state)
{
	const uint8_t server_mac[6] = {2, 0, 0, 0, 0, 1}, client_mac[6] = {2, 0, 0, 0, 0, 0x77};
	const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	uint8_t payload[NET_PAYLOAD_MAX], bytes[2048];
	struct net_outgoing batch[2] = {{
		.bytes = payload,
		.length = 301,
		.source = SERVER,
		.destination = CLIENT,
		.destination_port = 68,
		.by_hardware = true,
	}};
	struct dhcp_frame frame;
	struct net_port *port;
	int fd;

	namespace_need(state);
	ip_run("link add up0 address 02:00:00:00:00:01 type veth peer name down0");
	pair_up();
	port = port_open(0);
	fd = capture_open("down0");
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7);
	batch[0].ifindex = if_nametoindex("up0");
	memcpy(batch[0].hardware, client_mac, 6);
	batch[1] = batch[0];
	batch[1].destination = INADDR_BROADCAST;
	batch[1].by_hardware = false;
	batch[1].length = NET_PAYLOAD_MAX;
	assert_int_equal(net_port_send(port, batch, 2), 2);

	frame_next(fd, bytes, &frame);
	assert_memory_equal(frame.destination_mac, client_mac, 6);
	assert_memory_equal(frame.source_mac, server_mac, 6);
	assert_int_equal(frame.source, SERVER);
	assert_int_equal(frame.destination, CLIENT);
	assert_int_equal(frame.source_port, 67);
	assert_int_equal(frame.destination_port, 68);
	assert_int_equal(frame.length, 301);
	assert_memory_equal(frame.payload, payload, 301);

	frame_next(fd, bytes, &frame);
	assert_memory_equal(frame.destination_mac, all, 6);
	assert_int_equal(frame.destination, INADDR_BROADCAST);
	assert_int_equal(frame.length, NET_PAYLOAD_MAX);
	assert_memory_equal(frame.payload, payload, NET_PAYLOAD_MAX);
	assert_int_equal(net_port_counter(port, NET_COUNT_SENT_FRAME), 2);
	close(fd);
	net_port_close(port);
	ip_run("link del up0");
}

/* A DISCOVER comes from 0.0.0.0 to everybody, and says on which interface. */
static void receive_broadcast(void **state)
{
	static const uint8_t payload[300] = {1};
	struct net_datagram batch[NET_BATCH];
	struct net_outgoing discover = {
		.bytes = payload,
		.length = sizeof(payload),
		.destination = INADDR_BROADCAST,
		.destination_port = 67,
	};
	struct net_port *port;
	size_t got = 0;

	namespace_need(state);
	ip_run("link add up0 type veth peer name down0");
	ip_run("addr add 192.0.2.1/24 dev up0");
	pair_up();
	port = port_open(0);
	discover.ifindex = if_nametoindex("down0");
	assert_int_equal(net_port_send(port, &discover, 1), 1);
	for (int i = 0; i < 200 && !got; i++) {
		got = net_port_receive(port, batch, NET_BATCH);
		usleep(got ? 0 : 10000);
	}
	assert_int_equal(got, 1);
	assert_int_equal(batch[0].source, 0);
	assert_int_equal(batch[0].source_port, 67);
	assert_int_equal(batch[0].destination, INADDR_BROADCAST);
	assert_int_equal(batch[0].ifindex, if_nametoindex("up0"));
	assert_int_equal(batch[0].length, sizeof(payload));
	net_port_close(port);
	ip_run("link del up0");
}

static void counters_named(void **state)
{
	(void)state;
	for (enum net_counter i = 0; i < NET_COUNTER_MAX; i++) {
		assert_true(strlen(net_counter_word(i)) > 0 && strlen(net_counter_text(i)) > 0);
		for (enum net_counter j = 0; j < i; j++)
			assert_string_not_equal(net_counter_word(i), net_counter_word(j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_taken),	     cmocka_unit_test(receive_nothing),
		cmocka_unit_test(receive_batches),   cmocka_unit_test(receive_waited),
		cmocka_unit_test(receive_truncated), cmocka_unit_test(receive_overflow),
		cmocka_unit_test(receive_avalanche), cmocka_unit_test(send_udp),
		cmocka_unit_test(send_failures),     cmocka_unit_test(send_frames),
		cmocka_unit_test(receive_broadcast), cmocka_unit_test(counters_named),
	};

	return cmocka_run_group_tests(tests, namespace_enter, NULL);
}
