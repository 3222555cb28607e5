/* SPDX-License-Identifier: GPL-2.0-only */
#include "namespace.h"

#include <net/if_arp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/interface.h"

static void list_links(void **state)
{
	const uint8_t mac[6] = {2, 0, 0, 0, 0, 0xa1};
	struct net_interfaces interfaces;
	const struct net_interface *lo, *veth, *peer;

	namespace_need(state);
	ip_run("link add up0 address 02:00:00:00:00:a1 mtu 1400 type veth peer name down0");
	ip_run("link set up0 up");
	assert_int_equal(net_interfaces_list(&interfaces), 0);
	assert_int_equal(interfaces.count, 3);
	lo = net_interfaces_by_name(&interfaces, "lo");
	veth = net_interfaces_by_name(&interfaces, "up0");
	peer = net_interfaces_by_name(&interfaces, "down0");
	assert_true(lo && veth && peer);
	assert_int_equal(lo->type, ARPHRD_LOOPBACK);
	assert_true(lo->flags & IFF_LOOPBACK);
	assert_int_equal(veth->type, ARPHRD_ETHER);
	assert_int_equal(veth->ifindex, if_nametoindex("up0"));
	assert_int_equal(veth->mtu, 1400);
	assert_true(veth->has_mac);
	assert_memory_equal(veth->mac, mac, 6);
	assert_true(veth->flags & IFF_UP);
	assert_false(peer->flags & IFF_UP);
	assert_ptr_equal(net_interfaces_by_index(&interfaces, veth->ifindex), veth);
	assert_null(net_interfaces_by_index(&interfaces, 4711));
	assert_null(net_interfaces_by_name(&interfaces, "up"));
	net_interfaces_free(&interfaces);
	assert_int_equal(interfaces.count, 0);
	ip_run("link del up0");
}

static void list_addresses(void **state)
{
	struct net_interfaces interfaces;
	const struct net_interface *link;

	namespace_need(state);
	ip_run("link add up0 type veth peer name down0");
	ip_run("addr add 192.0.2.1/24 dev up0");
	ip_run("addr add 192.0.2.2/24 dev up0");
	ip_run("addr add 198.51.100.1 peer 198.51.100.9/32 dev up0");
	assert_int_equal(net_interfaces_list(&interfaces), 0);
	link = net_interfaces_by_name(&interfaces, "up0");
	assert_int_equal(link->address_count, 3);
	assert_int_equal(net_interfaces_by_name(&interfaces, "down0")->address_count, 0);
	for (size_t i = 0; i < link->address_count; i++) {
		const struct net_address *at = &link->addresses[i];

		switch (at->address) {
		case ADDRESS(192, 0, 2, 1):
			assert_int_equal(at->prefix, 24);
			assert_false(at->secondary);
			break;
		case ADDRESS(192, 0, 2, 2):
			assert_true(at->secondary);
			break;
		default:
			/* Ours, not the other end's. */
			assert_int_equal(at->address, ADDRESS(198, 51, 100, 1));
			assert_int_equal(at->prefix, 32);
		}
	}
	net_interfaces_free(&interfaces);
	ip_run("link del up0");
}

/* More than one netlink message holds, and in order. */
static void list_many(void **state)
{
	struct net_interfaces interfaces;
	FILE *batch;

	namespace_need(state);
	batch = popen("ip -batch -", "w");
	for (int i = 0; i < 300; i++)
		fprintf(batch,
			"link add d%d type veth peer name e%d\naddr add 10.%d.%d.1/24 dev d%d\n", i,
			i, i / 256, i % 256, i);
	assert_int_equal(pclose(batch), 0);
	assert_int_equal(net_interfaces_list(&interfaces), 0);
	assert_int_equal(interfaces.count, 601);
	for (size_t i = 1; i < interfaces.count; i++)
		assert_true(interfaces.list[i - 1].ifindex < interfaces.list[i].ifindex);
	for (int i = 0; i < 300; i++) {
		const struct net_interface *link;
		char name[IF_NAMESIZE];

		snprintf(name, sizeof(name), "d%d", i);
		link = net_interfaces_by_name(&interfaces, name);
		assert_non_null(link);
		assert_int_equal(link->address_count, 1);
		assert_int_equal(link->addresses[0].address, ADDRESS(10, i / 256, i % 256, 1));
	}
	net_interfaces_free(&interfaces);
	batch = popen("ip -batch -", "w");
	for (int i = 0; i < 300; i++)
		fprintf(batch, "link del d%d\n", i);
	assert_int_equal(pclose(batch), 0);
}

static void news_arrive(int fd, const char *change)
{
	struct pollfd watched = {.fd = fd, .events = POLLIN};

	ip_run(change);
	assert_int_equal(poll(&watched, 1, 1000), 1);
	assert_true(net_interfaces_changed(fd));
	assert_int_equal(poll(&watched, 1, 0), 0);
	assert_false(net_interfaces_changed(fd));
}

static void watch_tells(void **state)
{
	int fd;

	namespace_need(state);
	assert_int_equal(net_interfaces_watch(&fd), 0);
	assert_false(net_interfaces_changed(fd));
	news_arrive(fd, "link add up0 type veth peer name down0");
	news_arrive(fd, "addr add 192.0.2.1/24 dev up0");
	news_arrive(fd, "addr del 192.0.2.1/24 dev up0");
	news_arrive(fd, "link del up0");
	close(fd);
}

/* News that the kernel had no room for are news. */
static void watch_overflows(void **state)
{
	int fd, room = 4096;
	FILE *batch;

	namespace_need(state);
	assert_int_equal(net_interfaces_watch(&fd), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	batch = popen("ip -batch -", "w");
	for (int i = 0; i < 300; i++)
		fprintf(batch, "link add d%d type veth peer name e%d\nlink del d%d\n", i, i, i);
	assert_int_equal(pclose(batch), 0);
	assert_true(net_interfaces_changed(fd));
	assert_false(net_interfaces_changed(fd));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_links),	   cmocka_unit_test(list_addresses),
		cmocka_unit_test(list_many),	   cmocka_unit_test(watch_tells),
		cmocka_unit_test(watch_overflows),
	};

	return cmocka_run_group_tests(tests, namespace_enter, NULL);
}
