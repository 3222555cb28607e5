# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2086,SC2046,SC2153 # run.sh and its parts share names; numbers and addresses are words
# SPDX-License-Identifier: GPL-2.0-only
#
# server.sh: what is done with a server, whichever it is. A peer NAME has
#
#   peer_NAME_packages     Debian packages that it is in; nothing: built here
#   peer_NAME_version
#   peer_NAME_note         its durability, and what else a reader has to know
#   peer_NAME_flags        how strictly the generator may judge it
#   peer_NAME_fill DIR     the table's leases into DIR, and its configuration
#   peer_NAME_start NAME DIR CPU…
#   peer_NAME_written DIR  a number that stands still once all is written; nothing: no reply is before that
#
# (`-` in a name is `_`.) What kea-mt does not have is kea's, and so on; who has a note is measured. The
# floors `null` and `echo` are servers of this kind, too.

declare -A version=()

peer() {
	local function=peer_${1//-/_}_$2

	declare -F "$function" >/dev/null || function=peer_${1%%-*}_$2
	shift 2

	"$function" "$@"
}

# Packages that are missing, unpacked, with what they depend on, into $build/peers/bench.
peers_fetch() {
	local name wanted=()

	for name in ${peers//,/ }; do
		# shellcheck disable=SC2207 # words
		wanted+=($(peer "$name" packages))
	done
	[[ ,$scenarios, != *,opinion,* ]] || wanted+=(kea-admin) # perfdhcp
	packages_unpack "${wanted[@]}" || die "apt-get: $(tail -2 "$build/peers/bench/log")"
	command -v gnuplot >/dev/null || packages_unpack gnuplot-nox || warn "no gnuplot, so no plots"
}

packages_unpack() {
	local dir=$build/peers/bench package wanted=() needed=()

	mkdir -p "$dir/packages"
	for package in $(printf '%s\n' "$@" | sort -u); do
		[[ -e $dir/packages/$package ]] || wanted+=("$package")
	done
	((${#wanted[@]})) || return 0
	if ! command -v apt-get >"$dir/log"; then
		echo "no apt-get here: the peers come from Debian's packages" >"$dir/log"
		return 1
	fi
	say "Fetching from Debian (unpacked, not installed): ${wanted[*]}"
	mapfile -t needed < <(packages_needed "${wanted[@]}")
	if ((${#needed[@]} == 0)) || ! packages_download "${needed[@]}"; then
		apt-get -qq update >"$dir/log" 2>&1 || true
		mapfile -t needed < <(packages_needed "${wanted[@]}")
		((${#needed[@]})) && packages_download "${needed[@]}" || return 1
	fi
	for package in "$dir"/*.deb; do
		[[ ! -e $package ]] || dpkg-deb -x "$package" "$dir/root"
	done
	rm -f "$dir"/*.deb
	for package in "${wanted[@]}"; do
		: >"$dir/packages/$package"
	done
}

# Those packages, and what they need that is not installed.
packages_needed() {
	apt-get -s -o APT::Sandbox::User=root install --no-install-recommends "$@" 2>/dev/null |
		awk '$1 == "Inst" { print $2 }'
}

packages_download() {
	((!$#)) || (cd "$build/peers/bench" && apt-get -qq -o APT::Sandbox::User=root download "$@" >log 2>&1)
}

# A program, unpacked or installed: its path.
program() {
	local root=$build/peers/bench/root dir

	for dir in "$root"/usr/sbin "$root"/usr/bin "$root"/sbin "$root"/bin; do
		[[ ! -x $dir/$1 ]] || {
			printf '%s\n' "$dir/$1"
			return 0
		}
	done
	PATH=$PATH:/usr/sbin:/sbin command -v "$1" || die "no $1 here, and none in Debian's packages?"
}

# Where the libraries of what was unpacked are.
libraries_path() {
	local root=$build/peers/bench/root machine

	machine=$(gcc -print-multiarch 2>/dev/null || echo x86_64-linux-gnu)
	printf '%s\n' "$root/usr/lib/$machine:$root/lib/$machine"
}

with_libraries() {
	LD_LIBRARY_PATH=$(libraries_path) "$@"
}

server_version() {
	[[ -n ${version[$1]:-} ]] || version[$1]=$(peer "$1" version)
	printf '%s\n' "${version[$1]}"
}

# server_make NAME: a link, the table's leases, a configuration.
server_make() {
	local name=$1

	link_make "$name"
	server_fill "$name"
	server_version "$name" >/dev/null
	version[$name]=$(server_version "$name")
}

server_fill() {
	room=${rooms[$1]:-0}
	rm -rf "$work/server-$1"
	mkdir -p "$work/server-$1"
	peer "$1" fill "$work/server-$1"
}

# server_launch NAME: starts it and does not wait.
server_launch() {
	local cpu=$server_cpu

	[[ $1 != *-mt ]] || cpu=0-$server_cpu
	peer "$1" start "$1" "$work/server-$1" taskset -c "$cpu"
}

# server_start NAME: starts it; it answers then. Else its last words.
server_start() {
	local name=$1 i load_resting=yes

	server_launch "$name"
	for ((i = 0; i < 600; i++)); do
		if server_answers "$name" "$i"; then
			# A reply to who had gone may still wait in the kernel, which asks for the MAC address each second.
			ip -n "$name.s" neighbour flush dev s0 nud incomplete
			! grep -qs 'XDP in skb mode' "$work/server-$name/log" || die "$name: $(tail -2 "$work/server-$name/log")"
			return 0
		fi
		process_lives "$name" || break
		sleep 0.1
	done
	die "$name does not answer; its last words: $(tail -3 "$work/server-$name/log")"
}

# server_answers NAME TRY: does it renew a lease of the table? Who has only just been started does not
# hear the first ones; who is slow gets half a second.
server_answers() {
	load_shared "$1" # xdhcpd looks for the passing program when it starts
	load_storm "$1" probe 20 --count 1 --duration 1 --timeout "0.$(($2 < 4 ? $2 + 1 : 5))" || load_answered=0
	load_alone
	((load_answered > 0))
}

# What the kernel has given is written down, by those who do that behind its back.
server_rests() {
	local before='' now=0

	declare -F "peer_${1//-/_}_written" >/dev/null || return 0
	until [[ $now == "$before" ]]; do
		sleep 0.6 # longer than it leaves anything unwritten
		before=$now
		now=$(peer "$1" written "$work/server-$1")
	done
}

server_stop() {
	process_end "$1"
}

# Fresh leases, and started anew: every round of what changes the table begins so.
server_renew() {
	process_end "$1"
	server_forget "$1"
	server_fill "$1"
	server_start "$1"
}

# What waits in a server's buffer is gone, if it runs alone. With the leases that it has renewed in any order
# dhcpd would take most of a minute to start, so the table is a fresh one.
server_empty() {
	declare -F "peer_${1//-/_}_note" >/dev/null || return 0
	process_end "$1" KILL
	server_renew "$1"
}

# What it left outside of its directory.
server_forget() {
	! declare -F "peer_${1//-/_}_forget" >/dev/null || peer "$1" forget "$1" "$work/server-$1"
}
