# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what is set here, its readers use
# SPDX-License-Identifier: GPL-2.0-only
#
# parameters.sh: what the resource is told, with the defaults, and how anything
# is said. Read by the agent and by its helper; nothing is done here.

# Where `make install` has put things.
: "${XDHCP_BINARY:=/usr/sbin/xdhcpd}"
: "${XDHCP_CTL:=/usr/bin/xdhcpctl}"

OCF_SUCCESS=0 OCF_ERR_GENERIC=1 OCF_ERR_ARGS=2 OCF_ERR_UNIMPLEMENTED=3 OCF_ERR_INSTALLED=5
OCF_NOT_RUNNING=7

default_config=/etc/dhcp/dhcpd.conf
default_leases=/var/lib/xdhcp
default_xdp=native
default_bpffs=/sys/fs/bpf
default_instance=default
default_control=/run/xdhcp/xdhcpd.sock
default_pidfile=/run/xdhcp/xdhcpd.pid
default_role=auto
default_renew_gate=60
default_linger=15
default_patience=10

: "${OCF_RESKEY_binary=$XDHCP_BINARY}"
: "${OCF_RESKEY_ctl=$XDHCP_CTL}"
: "${OCF_RESKEY_config=$default_config}"
: "${OCF_RESKEY_leases=$default_leases}"
: "${OCF_RESKEY_interfaces=}"
: "${OCF_RESKEY_xdp=$default_xdp}"
: "${OCF_RESKEY_bpffs=$default_bpffs}"
: "${OCF_RESKEY_instance=$default_instance}"
: "${OCF_RESKEY_control=$default_control}"
: "${OCF_RESKEY_pidfile=$default_pidfile}"
: "${OCF_RESKEY_options=}"
: "${OCF_RESKEY_role=$default_role}"
: "${OCF_RESKEY_renew_gate=$default_renew_gate}"
: "${OCF_RESKEY_linger=$default_linger}"
: "${OCF_RESKEY_patience=$default_patience}"

# What is wrong with them, for start and validate-all; other actions go on with the default.
parameters_wrong=''

# number NAME VALUE LEAST MOST DEFAULT: $number, seconds; "15s" is 15, too.
number() {
	number=${2%s}
	case $number in
	'' | *[!0-9]* | 0?* | ??????*) ;;
	*) [ "$number" -lt "$3" ] || [ "$number" -gt "$4" ] || return 0 ;;
	esac
	parameters_wrong="$1=$2: seconds are wanted, from $3 to $4"
	number=$5
}

number renew_gate "$OCF_RESKEY_renew_gate" 1 86400 "$default_renew_gate"
OCF_RESKEY_renew_gate=$number
number linger "$OCF_RESKEY_linger" 0 86400 "$default_linger"
OCF_RESKEY_linger=$number
number patience "$OCF_RESKEY_patience" 1 600 "$default_patience"
OCF_RESKEY_patience=$number

# Copies of a clone that is not globally unique have one name; in others a number is no part of it.
resource=${OCF_RESOURCE_INSTANCE:-xdhcp}
resource=${resource%%:*}

# What this resource has at runtime: wake-ups come through a pipe, its reader is alone by a lock.
runtime=${XDHCP_RUNTIME:-/run/xdhcp-cluster}
wake_pipe=$runtime/xdhcp-$resource.wake
wake_lock=$runtime/xdhcp-$resource.lock
# What was said last of health and partner.
health_file=$runtime/xdhcp-$resource.health
partner_file=$runtime/xdhcp-$resource.partner
# A stop that a start on this node is to follow has left something: the store that said goodbye, or nothing.
left_file=$runtime/xdhcp-$resource.left

# Alerts, which are not root's, find the pipe there.
runtime_make() {
	[ -d "$runtime" ] || { mkdir -p "$runtime" && chmod 755 "$runtime"; }
}

# say LEVEL TEXT…: to the log; Pacemaker keeps what an action says on standard error, too.
say() {
	say_level=$1
	shift
	logger -t "xdhcp($resource)" -p "daemon.$say_level" -- "$*" 2>/dev/null || :
	printf '%s: %s\n' "$say_level" "$*" >&2
}

# reason TEXT…: why the action fails; Pacemaker shows it in `crm_mon`.
reason() {
	say err "$*"
	printf 'ocf-exit-reason:%s\n' "$*" >&2
}

first_line() {
	printf '%s\n' "$1" | head -n 1
}

# A probe asks what is, and does nothing about it.
is_probe() {
	[ "$action" = monitor ] && [ "${OCF_RESKEY_CRM_meta_interval:-0}" = 0 ]
}
