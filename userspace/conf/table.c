/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table: every statement of dhcpd.conf(5) 4.4 and dhcp-eval(5), where it
 * may stand, who reads it. A row without a parser is refused by name, with
 * what to do about it where there is more to say than "not supported yet".
 */
#include "conf/parse.h"

#define GLOBAL CONF_IN_GLOBAL
#define NETWORK CONF_IN_NETWORK
#define SUBNET CONF_IN_SUBNET
#define POOL CONF_IN_POOL
#define GROUP CONF_IN_GROUP
#define HOST CONF_IN_HOST
#define NOT_HOST (GLOBAL | NETWORK | SUBNET | POOL | GROUP)
#define ANY (NOT_HOST | HOST)

#define MEANT(word, scopes, parse) \
	{ \
		word, scopes, parse, NULL, NULL \
	}
#define IDLE(word, accepts, hint) \
	{ \
		word, ANY, conf_parse_idle, accepts, hint \
	}
#define LATER(word) \
	{ \
		word, ANY, NULL, NULL, NULL \
	}
#define REFUSED(word, hint) \
	{ \
		word, ANY, NULL, NULL, hint \
	}

#define ON "on true"
#define OFF "off false"
#define FLAG "on true off false"
#define NO_DDNS "dynamic DNS is not supported yet"
#define NO_BOOTP "BOOTP clients are not served; leave it out"
#define NO_DHCPV6 "DHCPv6 is not served; leave it out"
#define NO_LDAP "configuration comes from files only"
#define NO_OMAPI \
	"there is no OMAPI; xdhcpctl asks and commands the running server (where a dhcpd reads " \
	"the " \
	"same text, keep this in a file of its own that only dhcpd includes)"
#define CLIENT_ONLY "it is a statement of dhclient.conf; here it is `option NAME VALUE;`"

static const struct conf_statement table[] = {
	/* Declarations */
	MEANT("include", ANY, conf_parse_include),
	MEANT("shared-network", GLOBAL | GROUP, conf_parse_network),
	MEANT("subnet", GLOBAL | NETWORK | GROUP, conf_parse_subnet),
	MEANT("pool", NETWORK | SUBNET, conf_parse_pool),
	MEANT("range", NETWORK | SUBNET | POOL, conf_parse_range),
	MEANT("failover", NOT_HOST, conf_parse_failover),
	MEANT("group", NOT_HOST, conf_parse_group),
	MEANT("host", NOT_HOST, conf_parse_host),
	MEANT("hardware", HOST, conf_parse_hardware),
	MEANT("fixed-address", HOST, conf_parse_fixed),
	REFUSED("uid", "hosts are known by `hardware ethernet …;` so far"),
	REFUSED("host-identifier", "hosts are known by `hardware ethernet …;` so far"),
	REFUSED("dynamic", "it marks what OMAPI declared; leave it out"),
	REFUSED("static", "it marks what OMAPI declared; leave it out"),
	REFUSED("deleted", "it marks what OMAPI deleted; take the whole declaration out"),
	REFUSED("interface",
		"networks belong to interfaces by the interfaces' addresses; leave it out"),
	REFUSED("no", "a pool that names no failover peer has none; leave it out"),
	REFUSED("lease", "leases are no configuration; import dhcpd.leases instead"),

	/* Parameters */
	MEANT("option", ANY, conf_parse_option),
	MEANT("default-lease-time", ANY, conf_parse_time),
	MEANT("max-lease-time", ANY, conf_parse_time),
	MEANT("min-lease-time", ANY, conf_parse_time),
	MEANT("authoritative", NOT_HOST, conf_parse_authoritative),
	MEANT("not", NOT_HOST, conf_parse_not),
	MEANT("next-server", ANY, conf_parse_address),
	MEANT("server-identifier", ANY, conf_parse_address),
	MEANT("filename", ANY, conf_parse_text),
	MEANT("server-name", ANY, conf_parse_text),
	MEANT("allow", ANY, conf_parse_permit),
	MEANT("deny", ANY, conf_parse_permit),
	MEANT("ignore", ANY, conf_parse_permit),
	MEANT("boot-unknown-clients", ANY, conf_parse_boot_unknown),
	MEANT("abandon-lease-time", GLOBAL, conf_parse_abandon),
	MEANT("check-secs-byte-order", GLOBAL, conf_parse_switch),
	MEANT("server-id-check", GLOBAL, conf_parse_switch),

	/* Off here, and off in dhcpd where nothing is said; or on in both */
	IDLE("always-broadcast", OFF, "clients that want broadcast say so"),
	IDLE("dont-use-fsync", OFF, "a lease is on disk before its client hears of it"),
	IDLE("echo-client-id", ON, "client identifiers are echoed (RFC 6842)"),
	IDLE("get-lease-hostnames", OFF, "names are not looked up"),
	IDLE("ignore-client-uids", OFF,
	     "clients are known by their identifier (RFC 2131 section 2)"),
	IDLE("infinite-is-reserved", OFF, "leases have an end"),
	IDLE("one-lease-per-client", OFF, NULL),
	IDLE("ping-check", OFF, "addresses are not probed before they are offered"),
	IDLE("use-host-decl-names", OFF, "write `option host-name \"…\";` in the host instead"),
	IDLE("use-lease-addr-for-default-route", OFF, NULL),
	IDLE("min-secs", "0", "every client is answered at once"),
	IDLE("local-port", "67", "DHCP is served on port 67"),
	IDLE("remote-port", "68", "clients hear on port 68"),
	IDLE("limited-broadcast-address", "255.255.255.255", NULL),
	IDLE("log-threshold-low", "0", "pools are watched through the counters"),
	IDLE("log-threshold-high", "0", "pools are watched through the counters"),

	/* What probing, dynamic DNS and BOOTP would be done with, if they were done */
	IDLE("ping-timeout", "NUMBER", NULL),
	IDLE("ping-timeout-ms", "NUMBER", NULL),
	IDLE("ping-cltt-secs", "NUMBER", NULL),
	IDLE("always-reply-rfc1048", FLAG, NULL),
	IDLE("dynamic-bootp-lease-length", "NUMBER", NULL),
	IDLE("ddns-update-style", "none", NO_DDNS),
	IDLE("ddns-updates", OFF, NO_DDNS),
	IDLE("ddns-domainname", "TEXT", NO_DDNS),
	IDLE("ddns-rev-domainname", "TEXT", NO_DDNS),
	IDLE("ddns-hostname", "TEXT", NO_DDNS),
	IDLE("ddns-ttl", "NUMBER", NO_DDNS),
	IDLE("ddns-guard-id-must-match", FLAG, NO_DDNS),
	IDLE("ddns-other-guard-is-dynamic", FLAG, NO_DDNS),
	IDLE("ddns-dual-stack-mixed-mode", FLAG, NO_DDNS),
	IDLE("do-forward-updates", FLAG, NO_DDNS),
	IDLE("do-reverse-updates", FLAG, NO_DDNS),
	IDLE("update-conflict-detection", FLAG, NO_DDNS),
	IDLE("update-optimization", FLAG, NO_DDNS),
	IDLE("update-static-leases", OFF, NO_DDNS),
	IDLE("fqdn-reply", OFF, NO_DDNS),

	/* dhcpd's own files, cache and log */
	IDLE("db-time-format", "default local", NULL),
	IDLE("lease-id-format", "octal hex", NULL),
	IDLE("dhcp-cache-threshold", "NUMBER", NULL),
	IDLE("delayed-ack", "NUMBER", NULL),
	IDLE("max-ack-delay", "NUMBER", NULL),
	IDLE("stash-agent-options", FLAG, NULL),
	IDLE("log-facility",
	     "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp local0 local1 "
	     "local2 "
	     "local3 local4 local5 local6 local7",
	     NULL),

	/* Said elsewhere, or not done */
	REFUSED("lease-file-name", "say `-lf DIRECTORY` on the command line"),
	REFUSED("pid-file-name", "say `-pf FILE` on the command line"),
	REFUSED("local-address", "say on the command line which interfaces to serve"),
	REFUSED("omapi-port", NO_OMAPI),
	REFUSED("omapi-key", NO_OMAPI),
	REFUSED("dynamic-bootp-lease-cutoff", NO_BOOTP),
	REFUSED("ddns-local-address4", NO_DDNS),
	REFUSED("ddns-local-address6", NO_DDNS),
	REFUSED("zone", NO_DDNS),
	REFUSED("key", "keys are for dynamic DNS and OMAPI, which are not supported yet"),
	LATER("adaptive-lease-time-threshold"),
	LATER("site-option-space"),
	LATER("vendor-option-space"),
	LATER("parse-vendor-option"),

	/* Classes, conditions, events: dhcp-eval(5) */
	LATER("class"),
	LATER("subclass"),
	LATER("user-class"),
	LATER("vendor-class"),
	LATER("match"),
	LATER("spawn"),
	LATER("add"),
	LATER("if"),
	LATER("elsif"),
	LATER("else"),
	LATER("switch"),
	LATER("case"),
	LATER("break"),
	LATER("return"),
	LATER("on"),
	LATER("set"),
	LATER("unset"),
	LATER("define"),
	LATER("eval"),
	LATER("execute"),
	LATER("log"),
	LATER("send"),
	REFUSED("supersede", CLIENT_ONLY),
	REFUSED("default", CLIENT_ONLY),
	REFUSED("append", CLIENT_ONLY),
	REFUSED("prepend", CLIENT_ONLY),

	/* DHCPv6 */
	REFUSED("subnet6", NO_DHCPV6),
	REFUSED("range6", NO_DHCPV6),
	REFUSED("prefix6", NO_DHCPV6),
	REFUSED("pool6", NO_DHCPV6),
	REFUSED("fixed-address6", NO_DHCPV6),
	REFUSED("fixed-prefix6", NO_DHCPV6),
	REFUSED("preferred-lifetime", NO_DHCPV6),
	REFUSED("dhcpv6-lease-file-name", NO_DHCPV6),
	REFUSED("dhcpv6-pid-file-name", NO_DHCPV6),
	REFUSED("dhcpv6-set-tee-times", NO_DHCPV6),
	REFUSED("limit-addrs-per-ia", NO_DHCPV6),
	REFUSED("limit-prefs-per-ia", NO_DHCPV6),
	REFUSED("prefix-length-mode", NO_DHCPV6),
	REFUSED("release-on-roam", NO_DHCPV6),
	REFUSED("server-duid", NO_DHCPV6),
	REFUSED("local-address6", NO_DHCPV6),
	REFUSED("bind-local-address6", NO_DHCPV6),
	REFUSED("use-eui-64", NO_DHCPV6),
	REFUSED("persist-eui-64-leases", NO_DHCPV6),

	/* LDAP, where dhcpd is built with it */
	REFUSED("ldap-server", NO_LDAP),
	REFUSED("ldap-port", NO_LDAP),
	REFUSED("ldap-username", NO_LDAP),
	REFUSED("ldap-password", NO_LDAP),
	REFUSED("ldap-base-dn", NO_LDAP),
	REFUSED("ldap-method", NO_LDAP),
	REFUSED("ldap-debug-file", NO_LDAP),
	REFUSED("ldap-dhcp-server-cn", NO_LDAP),
	REFUSED("ldap-referrals", NO_LDAP),
	REFUSED("ldap-init-retry", NO_LDAP),
	REFUSED("ldap-ssl", NO_LDAP),
	REFUSED("ldap-tls-reqcert", NO_LDAP),
	REFUSED("ldap-tls-ca-file", NO_LDAP),
	REFUSED("ldap-tls-ca-dir", NO_LDAP),
	REFUSED("ldap-tls-cert", NO_LDAP),
	REFUSED("ldap-tls-key", NO_LDAP),
	REFUSED("ldap-tls-crlcheck", NO_LDAP),
	REFUSED("ldap-tls-ciphers", NO_LDAP),
	REFUSED("ldap-tls-randfile", NO_LDAP),
	REFUSED("ldap-gssapi-keytab", NO_LDAP),
	REFUSED("ldap-gssapi-principal", NO_LDAP),
};

const struct conf_statement *conf_statement_at(size_t index)
{
	return index < sizeof(table) / sizeof(*table) ? &table[index] : NULL;
}
