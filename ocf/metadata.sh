# shellcheck shell=sh
# shellcheck disable=SC2154 # of parameters.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# metadata.sh: what the agent says of itself.

# parameter NAME TYPE DEFAULT SHORT [RELOADABLE], the long text on standard input.
parameter() {
	printf '<parameter name="%s" reloadable="%s">\n' "$1" "${5:-0}"
	printf '<longdesc lang="en">\n'
	cat
	printf '</longdesc>\n<shortdesc lang="en">%s</shortdesc>\n' "$4"
	if [ "$2" = select ]; then
		printf '<content type="select" default="%s">\n' "$3"
		for option in $6; do
			printf '<option value="%s"/>\n' "$option"
		done
		printf '</content>\n'
	else
		printf '<content type="%s" default="%s"/>\n' "$2" "$3"
	fi
	printf '</parameter>\n'
}

metadata_paths() {
	parameter binary string "$XDHCP_BINARY" 'The daemon' <<-'TEXT'
		xdhcpd, as an absolute path.
	TEXT
	parameter ctl string "$XDHCP_CTL" 'The tool that asks the daemon' <<-'TEXT'
		xdhcpctl, as an absolute path. The agent decides on its numbered replies only.
	TEXT
	parameter config string "$default_config" 'dhcpd.conf' <<-'TEXT'
		The configuration, the same on all nodes. Where both roles of a failover peer are
		declared in it, the agent chooses one (see role).
	TEXT
	parameter leases string "$default_leases" 'Lease directory' <<-'TEXT'
		Leases and failover states of this node, on a disk of its own: never shared. Not itself
		a mount point: where it is out of date it is moved aside.
	TEXT
	parameter bpffs string "$default_bpffs" 'BPF file system' <<-'TEXT'
		Where program and maps are pinned, so that the kernel goes on without the daemon.
	TEXT
	parameter instance string "$default_instance" 'Name of the instance in the BPF file system' <<-'TEXT'
		Tells two resources on one node apart. A second one also has leases, control and
		pidfile of its own.
	TEXT
	parameter control string "$default_control" 'Control socket' <<-'TEXT'
		Where the daemon is asked.
	TEXT
	parameter pidfile string "$default_pidfile" 'PID file' <<-'TEXT'
		The daemon keeps it locked while it lives. What the file says is used for a kill
		only.
	TEXT
}

metadata_service() {
	parameter interfaces string '' 'Interfaces to serve' <<-'TEXT'
		Names, separated by spaces. Without, those that have an address in a declared subnet.
	TEXT
	parameter xdp select "$default_xdp" 'How the program is attached' 0 'native skb off' <<-'TEXT'
		native is in the driver, and falls back to skb with a warning where the driver cannot;
		off answers everything in userspace.
	TEXT
	parameter options string '' 'More flags of xdhcpd' <<-'TEXT'
		As words, for instance --tls-psk /etc/xdhcp/psk --group dhcp. Flags that have a parameter
		here do not belong into it.
	TEXT
	parameter role select "$default_role" 'Half of the failover pair' 0 'auto primary secondary conf' <<-'TEXT'
		auto: where dhcpd.conf declares one role, that one. Where it declares both (two blocks of
		one failover peer), the cluster gives each role to one lease store, which keeps it; a
		third node takes over the role of one that is dead for sure, or was stopped in order.
		conf: dhcpd.conf declares one role. primary, secondary: this one, of the two that
		dhcpd.conf declares.
	TEXT
}

metadata_times() {
	parameter renew_gate integer "$default_renew_gate" 'Seconds of renewals without a daemon' <<-'TEXT'
		How long the kernel goes on renewing when the daemon is gone and nobody restarts it.
		More than the monitor's interval and the time of a restart. Only what is on disk already
		is renewed, so it is safe; but a node whose cluster has given it up should fall silent.
	TEXT
	parameter linger integer "$default_linger" 'Seconds of renewals after a stop of a dead daemon' 1 <<-'TEXT'
		Pacemaker repairs by a stop and a start. The stop of a daemon that died, or hangs and is
		killed, leaves the program to the kernel for so long at most; new decisions end at once.
		0: program and maps are removed. The stop of a living daemon leaves nothing in any case.
	TEXT
	parameter patience integer "$default_patience" 'Seconds until a silent daemon counts as hung' 1 <<-'TEXT'
		How long an answer of the daemon is waited for. Less than the monitor's timeout.
	TEXT
}

metadata() {
	cat <<-'XML'
		<?xml version="1.0"?>
		<resource-agent name="xdhcp" version="0.1">
		<version>1.1</version>
		<longdesc lang="en">
		xdhcpd, a DHCPv4 server whose renewals are answered in the kernel (XDP). A clone with two
		instances is a pair of the DHCP failover protocol. Where the cluster knows that the
		partner's node is dead, fenced or confirmed by a person, the survivor goes to PARTNER-DOWN
		by itself; a cut wire never leads there. Fencing must cut power or the access network.

		Node attributes, for RESOURCE the name of the resource: xdhcp-RESOURCE-role (primary,
		secondary, with -waiting while it is silent until MCLT has passed), xdhcp-RESOURCE-state (the failover state), xdhcp-RESOURCE-health (healthy, or
		what was found). Addresses that clients and relays know follow the role by a rule on the
		first.
		</longdesc>
		<shortdesc lang="en">DHCPv4 server, alone or as a failover pair</shortdesc>
		<parameters>
	XML
	metadata_paths
	metadata_service
	metadata_times
	cat <<-'XML'
		</parameters>
		<actions>
		<action name="start" timeout="60s"/>
		<action name="stop" timeout="60s"/>
		<action name="monitor" timeout="30s" interval="10s" depth="0"/>
		<action name="monitor" timeout="30s" interval="61s" depth="10"/>
		<action name="monitor" timeout="30s" interval="307s" depth="20"/>
		<action name="reload" timeout="40s"/>
		<action name="reload-agent" timeout="20s"/>
		<action name="notify" timeout="5s"/>
		<action name="validate-all" timeout="20s"/>
		<action name="meta-data" timeout="5s"/>
		</actions>
		</resource-agent>
	XML
}
