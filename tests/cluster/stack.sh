# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what a story knows of itself is set in run and in net/world.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# stack.sh: the files that a node's disk has at first: corosync's, Pacemaker's
# and dhcpd.conf, the same on every node; and the resources.

readonly SERVICE_PRIMARY=10.77.0.1 SERVICE_SECONDARY=10.77.0.2

# What a story has set.
fencing=true token='' reboots=''
lease_time=20 mclt=6 delay=6
service=yes interval=10 notify=true

corosync_conf() {
	local node

	cat <<-CONF
		totem {
			version: 2
			cluster_name: lab
			transport: knet
			crypto_cipher: none
			crypto_hash: none
			${token:+token: $token}
		}
		quorum {
			provider: corosync_votequorum
		}
		logging {
			to_logfile: yes
			logfile: /var/log/corosync/corosync.log
			to_syslog: no
			timestamp: hires
		}
		nodelist {
	CONF
	for node in "${NODES[@]}"; do
		cat <<-CONF
			node {
				name: $node
				nodeid: ${node##*-0}
				ring0_addr: 192.0.2.1${node##*-0}
			}
		CONF
	done
	printf '}\n'
}

hosts() {
	local node

	printf '127.0.0.1 localhost\n'
	for node in "${NODES[@]}"; do
		printf '192.0.2.1%s %s\n' "${node##*-0}" "$node"
	done
}

fencing_xml() {
	[[ $fencing == true ]] || return 0
	cat <<-CIB
		<primitive id="fencing" class="stonith" type="fence_lab">
		  <instance_attributes id="fencing-attributes">
		    <nvpair id="fencing-hosts" name="pcmk_host_list" value="${NODES[*]}"/>
		  </instance_attributes>
		  <operations><op id="fencing-monitor" name="monitor" interval="60s"/></operations>
		</primitive>
	CIB
}

# Who decides begins to do so after 5 seconds instead of 20: all nodes are there at once.
first_cib() {
	cat <<-CIB
		<cib validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
		  <configuration>
		    <crm_config>
		      <cluster_property_set id="cib-bootstrap-options">
		        <nvpair id="opt-stonith" name="stonith-enabled" value="$fencing"/>
		        <nvpair id="opt-dc-deadtime" name="dc-deadtime" value="5s"/>
		        <nvpair id="opt-name" name="cluster-name" value="lab"/>
		      </cluster_property_set>
		    </crm_config>
		    <nodes/>
		    <resources>
		$(fencing_xml)
		$(address_xml primary $SERVICE_PRIMARY)
		$(address_xml secondary $SERVICE_SECONDARY)
		$([[ -z $service ]] || service_xml)
		    </resources>
		    <constraints>
		$(location_xml primary secondary)
		$(location_xml secondary primary)
		$([[ -z $service ]] || { preference_xml && order_xml; })
		    </constraints>
		    <alerts>
		      <alert id="xdhcp-alert" path="/usr/lib/xdhcp/ocf/alert.sh"/>
		    </alerts>
		  </configuration>
		  <status/>
		</cib>
	CIB
}

# half_conf ROLE MINE OTHER: of the relationship, as this role has it.
half_conf() {
	local only=''

	[[ $1 != primary ]] || only="mclt $mclt; split 128;"
	cat <<-CONF
		failover peer "access" {
			$1; $only
			address $2;
			peer address $3;
			max-response-delay $delay;
			max-unacked-updates 1000;
			load balance max seconds 2;
			min-balance 5;
			max-balance 10;
		}
	CONF
}

dhcpd_conf() {
	half_conf primary $SERVICE_PRIMARY $SERVICE_SECONDARY
	half_conf secondary $SERVICE_SECONDARY $SERVICE_PRIMARY
	scopes_conf
}

scopes_conf() {
	cat <<-CONF
		authoritative;
		default-lease-time $lease_time;
		max-lease-time $lease_time;
		option domain-name "one.example";
		subnet 10.77.0.0 netmask 255.255.0.0 {
			option routers 10.77.0.1;
			pool {
				failover peer "access";
				range 10.77.1.0 10.77.16.255;
			}
		}
	CONF
}

# ----- the resources, as ocf/README.md has them

# address_xml ROLE ADDRESS
address_xml() {
	cat <<-CIB
		<primitive id="address-$1" class="ocf" provider="heartbeat" type="IPaddr2">
		  <instance_attributes id="address-$1-attributes">
		    <nvpair id="address-$1-ip" name="ip" value="$2"/>
		    <nvpair id="address-$1-nic" name="nic" value="eth1"/>
		    <nvpair id="address-$1-mask" name="cidr_netmask" value="16"/>
		  </instance_attributes>
		  <operations><op id="address-$1-monitor" name="monitor" interval="10s"/></operations>
		</primitive>
	CIB
}

# location_xml ROLE OTHER: where that role is, else where the other one is.
location_xml() {
	local attribute='attribute="xdhcp-dhcp_service-role"'

	cat <<-CIB
		<rsc_location id="place-$1" rsc="address-$1">
		  <rule id="place-$1-own" score="1000">
		    <expression id="place-$1-is-own" $attribute operation="eq" value="$1"/>
		  </rule>
		  <rule id="place-$1-other" score="100">
		    <expression id="place-$1-is-other" $attribute operation="eq" value="$2"/>
		  </rule>
		  <rule id="place-$1-none" score="-INFINITY">
		    <expression id="place-$1-is-none" $attribute operation="not_defined"/>
		  </rule>
		</rsc_location>
	CIB
}

# The partner hears of a planned stop under that address: it goes last.
order_xml() {
	local role

	for role in primary secondary; do
		cat <<-CIB
			<rsc_order id="stop-$role" first="dhcp_service-clone" first-action="stop"
			  then="address-$role" then-action="stop" kind="Optional" symmetrical="false"/>
		CIB
	done
}

service_xml() {
	cat <<-CIB
		<clone id="dhcp_service-clone">
		  <meta_attributes id="clone-meta">
		    <nvpair id="clone-max" name="clone-max" value="2"/>
		    <nvpair id="clone-node-max" name="clone-node-max" value="1"/>
		    <nvpair id="clone-notify" name="notify" value="$notify"/>
		    <nvpair id="clone-interleave" name="interleave" value="true"/>
		    <nvpair id="clone-stickiness" name="resource-stickiness" value="1000"/>
		  </meta_attributes>
		  <primitive id="dhcp_service" class="ocf" provider="custom" type="xdhcp">
		    <operations>
		      <op id="service-monitor" name="monitor" interval="${interval}s" timeout="20s"/>
		      <op id="service-start" name="start" interval="0" timeout="60s"/>
		      <op id="service-stop" name="stop" interval="0" timeout="60s"/>
		    </operations>
		  </primitive>
		</clone>
	CIB
}

preference_xml() {
	local node

	for node in node-01 node-02; do
		cat <<-CIB
			<rsc_location id="prefers-$node" rsc="dhcp_service-clone" node="$node" score="100"/>
		CIB
	done
}

# ----- a cluster

cluster_make() {
	world_make || return 1
	corosync_conf >"$W/corosync.conf"
	hosts >"$W/hosts"
	first_cib >"$W/cib.xml"
	dhcpd_conf >"$W/dhcpd.conf"
	[[ -z $reboots ]] || touch "$W/reboots"
	power_start
	nodes_boot
}
