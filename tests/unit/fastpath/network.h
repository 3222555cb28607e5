/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bridge that takes VLAN tags out of frames and sends them on, with the tag
 * beside the frame, over the veth pair peer – served:
 *
 *   sender – port ─ bridge ─ peer – served
 *
 * served is in the test's namespace; the rest too, or in one that is apart.
 */
#ifndef XDHCP_TESTS_FASTPATH_NETWORK_H
#define XDHCP_TESTS_FASTPATH_NETWORK_H

#include "fixture.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct network {
	pid_t keeper; /* of the namespace that is apart, 0: none */
	int home, there;
};

static inline void network_enter(int space)
{
	assert_int_equal(setns(space, CLONE_NEWNET), 0);
}

__attribute__((format(printf, 1, 2))) static inline int ip_try(const char *format, ...)
{
	char command[256] = "ip ";
	va_list list;

	va_start(list, format);
	vsnprintf(command + 3, sizeof(command) - 16, format, list);
	va_end(list);
	strcat(command, " 2>/dev/null");
	return system(command);
}

/* A process that keeps a namespace of its own alive. */
static inline pid_t keeper_start(void)
{
	char ready;
	pid_t child;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!unshare(CLONE_NEWNET))
			(void)!write(ends[1], "r", 1);
		close(ends[1]);
		pause();
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &ready, 1), 1);
	close(ends[0]);
	return child;
}

static inline struct network network_make(bool apart)
{
	struct network network = {.keeper = apart ? keeper_start() : 0};
	char path[64];

	ip_try("link del served"); /* of a test that failed */
	ip_try("link del sender");
	ip_try("link del bridge");
	network.home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", apart ? network.keeper : getpid());
	network.there = open(path, O_RDONLY | O_CLOEXEC);
	if (ip_try("link add served type veth peer name peer") ||
	    (apart && ip_try("link set peer netns %d", network.keeper))) {
		print_message("# skip: no veth\n");
		skip();
	}
	network_enter(network.there);
	if (ip_try("link add bridge type bridge") ||
	    ip_try("link add sender type veth peer name port")) {
		network_enter(network.home);
		print_message("# skip: no bridge\n");
		skip();
	}
	ip_try("link set port master bridge");
	ip_try("link set peer master bridge");
	for (const char *each = "bridge\0sender\0port\0peer\0"; *each; each += strlen(each) + 1)
		assert_int_equal(ip_try("link set %s up", each), 0);
	network_enter(network.home);
	assert_int_equal(ip_try("link set served up"), 0);
	return network;
}

static inline void network_end(const struct network *network)
{
	ip_try("link del served");
	network_enter(network->there);
	ip_try("link del sender");
	ip_try("link del bridge");
	network_enter(network->home);
	if (network->keeper) {
		kill(network->keeper, SIGKILL);
		waitpid(network->keeper, NULL, 0);
	}
	close(network->home);
	close(network->there);
}

/* A program that passes everything, attached the old way. */
static inline void pass_attach(const char *interface, const char *name)
{
	struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, name, "GPL", program, 2, NULL);

	assert_true(fd >= 0);
	assert_int_equal(bpf_xdp_attach(if_nametoindex(interface), fd, XDP_FLAGS_DRV_MODE, NULL),
			 0);
	close(fd);
}

static inline void peer_pass(const struct network *network)
{
	network_enter(network->there);
	pass_attach("peer", "pass");
	network_enter(network->home);
}

/* DHCP, as far as its ports say; `tag` 0: none. */
static inline void frame_send(const struct network *network, uint16_t tag)
{
	uint8_t frame[200] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9};
	static const uint8_t datagram[] = {0x45, 0,    0, 100, 0, 0,  0,   0,	64,  17,
					   0x7a, 0x8a, 0, 0,   0, 0,  255, 255, 255, 255,
					   0,	 68,   0, 67,  0, 80, 0,   0};
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_halen = 6};
	size_t length = 12;
	int fd;

	if (tag) {
		memcpy(frame + length, (uint8_t[]){0x81, 0, tag >> 8, tag & 0xff}, 4);
		length += 4;
	}
	memcpy(frame + length, (uint8_t[]){8, 0}, 2);
	memcpy(frame + length + 2, datagram, sizeof(datagram));
	network_enter(network->there);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	to.sll_ifindex = if_nametoindex("sender");
	assert_int_equal(sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)),
			 sizeof(frame));
	close(fd);
	network_enter(network->home);
}

#endif
