// SPDX-License-Identifier: GPL-2.0-only
/*
 * wire: frames on one interface, for tests/net/run. Knows nothing of the
 * product's code: what it builds and reads, it does by itself.
 *
 *   wire record IFACE
 *       prints every DHCP reply that arrives, a line each, until it is ended
 *   wire lease IFACE CHADDR
 *       gets a lease; prints ADDRESS SERVER SERVER-MAC
 *   wire renew IFACE CHADDR ADDRESS SERVER SERVER-MAC [tag=VID] [push] [to=MAC] [broadcast]
 *       sends three renewals so spoiled, then a plain DISCOVER of another
 *       client, and prints the replies to the renewals that have come when
 *       the DISCOVER is answered and a moment has passed
 *   wire push IFACE
 *       from now on a VLAN tag is pushed into the metadata of marked frames
 *       (`renew … push` marks them), as a VLAN device would
 *   wire drop IFACE
 *       from now on frames to 02:00:00:00:de:ad do not leave
 *
 * A line: TYPE, MACs, VLAN tag or -, addresses, ports, state of the sums
 * (good, offloaded, BAD), codes of the options, payload with xid 0.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MARK 0x8100
#define PUSHED_VID 77
#define PROBE_XID 0x70726f62U
#define RENEW_XID 0x72656e00U
#define RENEWALS 3
#define ANSWER_MS 5000
#define LINGER_MS 200
#define BOOTP_FIXED 240
#define FRAME_MAX 2048

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t length;
};

/* A reply, as it lies in a received frame. */
struct reply {
	const uint8_t *eth, *ip, *udp, *bootp;
	size_t length; /* of the payload */
	int tag; /* -1: none */
	bool offloaded; /* sums are not finished */
};

/* What a request says. Addresses in host byte order. */
struct request {
	uint8_t type, chaddr[6], to[6];
	uint32_t xid, source, destination, ciaddr, requested, server;
	int tag; /* in the frame itself; -1: none */
	uint32_t mark;
};

static void die(const char *what)
{
	fprintf(stderr, "wire: %s: %s\n", what, errno ? strerror(errno) : "wrong");
	exit(1);
}

static uint16_t be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)be16(at) << 16 | be16(at + 2);
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static void mac_read(const char *text, uint8_t mac[6])
{
	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4,
		   mac + 5) != 6)
		die(text);
}

static uint32_t address_read(const char *text)
{
	struct in_addr address;

	if (!inet_aton(text, &address))
		die(text);
	return ntohl(address.s_addr);
}

static const char *mac_text(const uint8_t *mac, char text[18])
{
	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
	return text;
}

static const char *address_text(uint32_t address, char text[16])
{
	snprintf(text, 16, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255,
		 address & 255);
	return text;
}

/* RFC 1071 */
static uint32_t sum_of(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i + 1 < length; i += 2)
		sum += be16(bytes + i);
	if (length & 1)
		sum += (uint32_t)bytes[length - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static uint32_t udp_sum(const uint8_t *ip, const uint8_t *udp)
{
	uint32_t sum = 17U + be16(udp + 4);

	sum = sum_of(sum, ip + 12, 8);
	return sum_of(sum, udp, be16(udp + 4));
}

static int socket_open(const char *interface, int *ret_ifindex)
{
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), on = 1;
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};

	*ret_ifindex = address.sll_ifindex = (int)if_nametoindex(interface);
	if (fd < 0 || !address.sll_ifindex || bind(fd, (void *)&address, sizeof(address)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)))
		die(interface);
	return fd;
}

/* The next frame that came in, with what the kernel says of it. False: time is up. */
static bool frame_receive(int fd, int milliseconds, struct frame *frame,
			  struct tpacket_auxdata *ret_aux)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	union {
		char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct cmsghdr align;
	} control;
	struct sockaddr_ll from;
	struct iovec part = {frame->bytes, sizeof(frame->bytes)};
	struct msghdr message = {.msg_name = &from,
				 .msg_namelen = sizeof(from),
				 .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *cmsg;
	ssize_t length;

	if (poll(&wait, 1, milliseconds) <= 0)
		return false;
	length = recvmsg(fd, &message, 0);
	frame->length = length > 0 && from.sll_pkttype != PACKET_OUTGOING ? (size_t)length : 0;
	memset(ret_aux, 0, sizeof(*ret_aux));
	cmsg = CMSG_FIRSTHDR(&message);
	if (cmsg && cmsg->cmsg_type == PACKET_AUXDATA)
		memcpy(ret_aux, CMSG_DATA(cmsg), sizeof(*ret_aux));
	return true;
}

/* Is it a DHCP reply in a UDP datagram from port 67? */
static bool reply_read(const struct frame *frame, const struct tpacket_auxdata *aux,
		       struct reply *reply)
{
	const uint8_t *at = frame->bytes;
	size_t header = 14;

	reply->tag = aux->tp_status & TP_STATUS_VLAN_VALID ? aux->tp_vlan_tci & 0xfff : -1;
	reply->offloaded = aux->tp_status & TP_STATUS_CSUMNOTREADY;
	if (frame->length > 18 && be16(at + 12) == ETH_P_8021Q) {
		reply->tag = be16(at + 14) & 0xfff;
		header = 18;
	}
	if (frame->length < header + 28 + BOOTP_FIXED || be16(at + header - 2) != ETH_P_IP ||
	    at[header] != 0x45 || at[header + 9] != 17)
		return false;
	reply->eth = at;
	reply->ip = at + header;
	reply->udp = reply->ip + 20;
	reply->bootp = reply->udp + 8;
	reply->length = be16(reply->udp + 4) - 8U;
	return be16(reply->udp) == 67 && reply->bootp[0] == 2 && reply->length >= BOOTP_FIXED &&
	       reply->bootp + reply->length <= at + frame->length;
}

/* An option's value; NULL: it is not there. */
static const uint8_t *option_find(const struct reply *reply, uint8_t code, size_t least)
{
	const uint8_t *at = reply->bootp + BOOTP_FIXED, *end = reply->bootp + reply->length;

	while (at + 2 <= end && *at != 255) {
		if (*at == 0) {
			at++;
			continue;
		}
		if (*at == code && at[1] >= least && at + 2 + at[1] <= end)
			return at + 2;
		at += 2 + at[1];
	}
	return NULL;
}

static void options_print(const struct reply *reply)
{
	const uint8_t *at = reply->bootp + BOOTP_FIXED, *end = reply->bootp + reply->length;

	while (at + 2 <= end && *at != 255) {
		if (*at)
			printf("%u,", *at);
		at += *at ? 2 + at[1] : 1;
	}
	fputs("end", stdout);
}

static void reply_print(const struct reply *reply)
{
	static const char *const types[] = {"?",   "DISCOVER", "OFFER",	  "REQUEST", "DECLINE",
					    "ACK", "NAK",      "RELEASE", "INFORM"};
	const uint8_t *type = option_find(reply, 53, 1);
	char a[18], b[18], tag[16] = "-";
	bool good = sum_of(0, reply->ip, 20) == 0xffff &&
		    (!be16(reply->udp + 6) || udp_sum(reply->ip, reply->udp) == 0xffff);

	if (reply->tag >= 0)
		snprintf(tag, sizeof(tag), "%d", reply->tag);
	printf("%s %s>%s %s ", types[type && *type <= 8 ? *type : 0], mac_text(reply->eth + 6, a),
	       mac_text(reply->eth, b), tag);
	printf("%s:%u>%s:%u %s ", address_text(be32(reply->ip + 12), a), be16(reply->udp),
	       address_text(be32(reply->ip + 16), b), be16(reply->udp + 2),
	       reply->offloaded ? "offloaded"
	       : good		? "good"
				: "BAD");
	options_print(reply);
	putchar(' ');
	for (size_t i = 0; i < reply->length; i++)
		printf("%02x", i >= 4 && i < 8 ? 0 : reply->bootp[i]);
	putchar('\n');
	fflush(stdout);
}

static int record(const char *interface)
{
	int ifindex, fd = socket_open(interface, &ifindex);
	struct tpacket_auxdata aux;
	struct frame frame;
	struct reply reply;

	puts("recording");
	fflush(stdout);
	while (frame_receive(fd, -1, &frame, &aux)) {
		if (reply_read(&frame, &aux, &reply))
			reply_print(&reply);
	}
	return 0;
}

static uint8_t *option_put(uint8_t *at, uint8_t code, uint8_t length, const void *value)
{
	at[0] = code;
	at[1] = length;
	memcpy(at + 2, value, length);
	return at + 2 + length;
}

static uint8_t *option_address(uint8_t *at, uint8_t code, uint32_t address)
{
	uint8_t value[4];

	put32(value, address);
	return address ? option_put(at, code, 4, value) : at;
}

/* Length of the payload, padded to the 300 bytes of RFC 1542. */
static size_t payload_build(const struct request *request, uint8_t *bootp)
{
	static const uint8_t wanted[] = {1, 3, 6, 15, 51, 54};
	uint8_t *at = bootp + BOOTP_FIXED;

	memset(bootp, 0, 300);
	bootp[0] = bootp[1] = 1;
	bootp[2] = 6;
	put32(bootp + 4, request->xid);
	put16(bootp + 10, request->ciaddr ? 0 : 0x8000);
	put32(bootp + 12, request->ciaddr);
	memcpy(bootp + 28, request->chaddr, 6);
	put32(bootp + 236, 0x63825363);
	at = option_put(at, 53, 1, &request->type);
	at = option_address(at, 50, request->requested);
	at = option_address(at, 54, request->server);
	at = option_put(at, 55, sizeof(wanted), wanted);
	*at++ = 255;
	return 300;
}

static void frame_build(const struct request *request, struct frame *frame)
{
	size_t header = request->tag < 0 ? 14 : 18, length;
	uint8_t *at = frame->bytes, *ip = at + header, *udp = ip + 20;

	length = payload_build(request, udp + 8);
	memcpy(at, request->to, 6);
	memcpy(at + 6, request->chaddr, 6);
	if (request->tag >= 0) {
		put16(at + 12, ETH_P_8021Q);
		put16(at + 14, (uint32_t)request->tag);
	}
	put16(ip - 2, ETH_P_IP);
	memset(ip, 0, 28);
	ip[0] = 0x45;
	put16(ip + 2, (uint32_t)length + 28);
	ip[8] = 64;
	ip[9] = 17;
	put32(ip + 12, request->source);
	put32(ip + 16, request->destination);
	put16(ip + 10, ~sum_of(0, ip, 20));
	put16(udp, 68);
	put16(udp + 2, 67);
	put16(udp + 4, (uint32_t)length + 8);
	put16(udp + 6, ~udp_sum(ip, udp));
	frame->length = header + 28 + length;
}

static void request_send(int fd, int ifindex, const struct request *request)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_ifindex = ifindex, .sll_protocol = htons(ETH_P_IP)};
	struct frame frame;

	frame_build(request, &frame);
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &request->mark, sizeof(request->mark)) ||
	    sendto(fd, frame.bytes, frame.length, 0, (void *)&to, sizeof(to)) < 0)
		die("send");
}

static int64_t milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/*
 * Waits for the reply to `xid`. With `print`, prints the others' replies
 * whose xid is one of the renewals'. xid 0: until the time is up.
 */
static bool reply_wait(int fd, uint32_t xid, int milliseconds, bool print, struct frame *frame,
		       struct reply *reply)
{
	int64_t until = milliseconds_now() + milliseconds, left;
	struct tpacket_auxdata aux;

	while ((left = until - milliseconds_now()) > 0 &&
	       frame_receive(fd, (int)left, frame, &aux)) {
		if (!reply_read(frame, &aux, reply))
			continue;
		if (xid && be32(reply->bootp + 4) == xid)
			return true;
		if (print && (be32(reply->bootp + 4) & ~0xffU) == RENEW_XID)
			reply_print(reply);
	}
	return false;
}

static struct request request_of(uint8_t type, const uint8_t chaddr[6], uint32_t xid)
{
	struct request request = {.type = type, .xid = xid, .destination = 0xffffffffU, .tag = -1};

	memcpy(request.chaddr, chaddr, 6);
	memset(request.to, 0xff, 6);
	return request;
}

static int lease(const char *interface, const char *hardware)
{
	int ifindex, fd = socket_open(interface, &ifindex);
	struct request request;
	struct frame frame;
	struct reply reply;
	uint8_t chaddr[6];
	char a[18], b[18], c[18];
	const uint8_t *server;

	mac_read(hardware, chaddr);
	request = request_of(1, chaddr, PROBE_XID);
	request_send(fd, ifindex, &request);
	if (!reply_wait(fd, request.xid, ANSWER_MS, false, &frame, &reply))
		die("no OFFER");
	server = option_find(&reply, 54, 4);
	request = request_of(3, chaddr, PROBE_XID + 1);
	request.requested = be32(reply.bootp + 16);
	request.server = server ? be32(server) : 0;
	request_send(fd, ifindex, &request);
	if (!reply_wait(fd, request.xid, ANSWER_MS, false, &frame, &reply))
		die("no ACK");
	printf("%s %s %s\n", address_text(be32(reply.bootp + 16), a),
	       address_text(request.server, b), mac_text(reply.eth + 6, c));
	return 0;
}

/* How a renewal is spoiled. */
static void spoil(struct request *request, char **words)
{
	for (; *words; words++) {
		if (!strncmp(*words, "tag=", 4)) {
			request->tag = atoi(*words + 4);
		} else if (!strcmp(*words, "push")) {
			request->mark = MARK;
		} else if (!strncmp(*words, "to=", 3)) {
			mac_read(*words + 3, request->to);
		} else if (!strcmp(*words, "broadcast")) {
			memset(request->to, 0xff, 6);
			request->destination = 0xffffffffU;
		} else {
			errno = 0;
			die(*words);
		}
	}
}

static int renew(const char *interface, char **arguments)
{
	static const uint8_t other[6] = {2, 0, 0, 0, 0xee, 1};
	int ifindex, fd = socket_open(interface, &ifindex);
	struct request request = {.tag = -1}, probe = request_of(1, other, PROBE_XID);
	struct frame frame;
	struct reply reply;
	uint8_t chaddr[6];
	bool answered;

	mac_read(arguments[0], chaddr);
	request = request_of(3, chaddr, RENEW_XID);
	request.source = request.ciaddr = address_read(arguments[1]);
	request.destination = address_read(arguments[2]);
	mac_read(arguments[3], request.to);
	spoil(&request, arguments + 4);
	for (int i = 0; i < RENEWALS; i++) {
		request_send(fd, ifindex, &request);
		request.xid++;
	}
	request_send(fd, ifindex, &probe);
	answered = reply_wait(fd, PROBE_XID, ANSWER_MS, true, &frame, &reply);
	reply_wait(fd, 0, LINGER_MS, true, &frame, &reply);
	if (!answered)
		fprintf(stderr, "wire: the DISCOVER behind the renewals got no answer\n");
	return answered ? 0 : 1;
}

static int egress_attach(const char *interface, const struct bpf_insn *code, size_t count)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex(interface),
		    .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options);

	options.prog_fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "wire", "GPL", code, count, NULL);
	if (options.prog_fd < 0)
		die("program");
	errno = -bpf_tc_hook_create(&hook);
	if (errno && errno != EEXIST)
		die("clsact");
	errno = -bpf_tc_attach(&hook, &options);
	if (errno)
		die("filter");
	return 0;
}

/* Pushes a tag into the metadata of frames that carry the mark. */
static int push(const char *interface)
{
	static const struct bpf_insn code[] = {
		{.code = BPF_LDX | BPF_MEM | BPF_W,
		 .dst_reg = 2,
		 .src_reg = 1,
		 .off = offsetof(struct __sk_buff, mark)},
		{.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 2, .off = 3, .imm = MARK},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 0x0081},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = PUSHED_VID},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_skb_vlan_push},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return egress_attach(interface, code, sizeof(code) / sizeof(code[0]));
}

/* Drops frames whose destination ends with de:ad. */
static int drop(const char *interface)
{
	static const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1},
		{.code = BPF_LD | BPF_ABS | BPF_H, .imm = 4},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0},
		{.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 2, .off = 1, .imm = 0xdead},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 2},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return egress_attach(interface, code, sizeof(code) / sizeof(code[0]));
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "record"))
		return record(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "lease"))
		return lease(argv[2], argv[3]);
	if (argc >= 7 && !strcmp(argv[1], "renew"))
		return renew(argv[2], argv + 3);
	if (argc == 3 && !strcmp(argv[1], "push"))
		return push(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "drop"))
		return drop(argv[2]);
	fprintf(stderr,
		"usage: wire record|lease|renew|push|drop IFACE …, see tests/net/test_wire.c\n");
	return 1;
}
