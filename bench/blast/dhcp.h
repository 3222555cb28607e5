/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ethernet, ARP, IPv4, UDP and DHCP by offsets, written from the standards and
 * not from the server's headers: a checker that shares its numbers with what
 * it checks proves nothing.
 */
#ifndef BLAST_DHCP_H
#define BLAST_DHCP_H

#define ETH_LENGTH 14
#define IP_AT 14
#define UDP_AT 34
#define BOOTP_AT 42

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP_ 0x0806

/* RFC 2131 figure 1: offsets in the BOOTP message. */
#define BOOTP_OP 0
#define BOOTP_HTYPE 1
#define BOOTP_HLEN 2
#define BOOTP_HOPS 3
#define BOOTP_XID 4
#define BOOTP_SECS 8
#define BOOTP_FLAGS 10
#define BOOTP_CIADDR 12
#define BOOTP_YIADDR 16
#define BOOTP_SIADDR 20
#define BOOTP_GIADDR 24
#define BOOTP_CHADDR 28
#define BOOTP_SNAME 44
#define BOOTP_FILE 108
#define BOOTP_COOKIE 236
#define BOOTP_OPTIONS 240
#define BOOTP_MIN 300 /* RFC 1542 section 2.1 */

#define COOKIE 0x63825363U
#define FLAG_BROADCAST 0x8000
#define PORT_SERVER 67
#define PORT_CLIENT 68
#define ADDRESS_BROADCAST 0xffffffffU
#define LEASE_INFINITE 0xffffffffU
#define DATAGRAM_DEFAULT 576 /* RFC 2131 section 2: what every client takes */

/* RFC 2132 section 9.6. */
enum message {
	MESSAGE_DISCOVER = 1,
	MESSAGE_OFFER = 2,
	MESSAGE_REQUEST = 3,
	MESSAGE_DECLINE = 4,
	MESSAGE_ACK = 5,
	MESSAGE_NAK = 6,
	MESSAGE_RELEASE = 7,
};

enum option_code {
	OPTION_PAD = 0,
	OPTION_HOST_NAME = 12,
	OPTION_ADDRESS = 50,
	OPTION_LEASE_TIME = 51,
	OPTION_OVERLOAD = 52,
	OPTION_TYPE = 53,
	OPTION_SERVER_ID = 54,
	OPTION_PARAMETERS = 55,
	OPTION_MAX_SIZE = 57,
	OPTION_T1 = 58,
	OPTION_T2 = 59,
	OPTION_VENDOR_CLASS = 60,
	OPTION_CLIENT_ID = 61,
	OPTION_AGENT = 82,
	OPTION_END = 255,
};

#endif
