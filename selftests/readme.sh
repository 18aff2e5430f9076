#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The example of two paths in README.md, as it is printed there: on a client
# with two uplinks, and a server that is reached over both.
#
# Timeout: 30

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

README=$(realpath "$(dirname "$0")/../README.md")
readonly README

# block N: the Nth block of commands below "Two paths by hand".
block() {
	awk -v n="$1" '
		/^## / { here = /Two paths by hand/ }
		!here { next }
		/^    / { if (!inside) count++; inside = 1 }
		!/^    / { inside = 0 }
		inside && count == n' "$README"
}

# uplink DEVICE CLIENT-ADDRESS ROUTER METRIC: the server is behind it.
uplink() {
	ip link add "$1" netns client type veth peer name "to-$1" netns server
	ip -n client addr add "$2/24" dev "$1"
	ip -n server addr add "$3/24" dev "to-$1"
	ip -n client link set "$1" up
	ip -n server link set "to-$1" up
	ip -n client route add 203.0.113.1 via "$3" dev "$1" metric "$4"
}

uplinks() {
	topology
	ip -n server addr add 203.0.113.1/32 dev lo
	uplink eth0 198.51.100.2 198.51.100.1 10
	uplink wwan0 192.0.2.7 192.0.2.1 20
	umask 077
	openssl rand -hex 32 >c2s
	openssl rand -hex 32 >s2c
}

on_the_client() {
	block 1 >client.sh
	(($(wc -l <client.sh) >= 9))
	client bash -euo pipefail client.sh
}

# "The same with the ends swapped", as the text says.
on_the_server() {
	sed -e 's/role client/role server/' \
		-e 's/ local path / x path /; s/ peer path / local path /' \
		-e 's/ x path / peer path /' \
		-e 's/file c2s/file x/; s/file s2c/file c2s/; s/file x/file s2c/' \
		-e '/path add/d' \
		-e 's|prefix add dev mqvpn0 .*|prefix add dev mqvpn0 10.9.0.2/32|' \
		-e 's|10.9.0.2/24|10.9.0.1/24|' client.sh >server.sh
	block 2 >>server.sh
	server bash -euo pipefail server.sh
	wait_until 6 both_paths_active
}

both_paths_active() {
	local end
	for end in client server; do
		[[ $(path_stat "$end" 0 state) == active &&
			$(path_stat "$end" 1 state) == active ]] || return 1
	done
}

ping_works() {
	ping_through client 10.9.0.1
	ping_through server 10.9.0.2
	client mqvpnctl show
	client mqvpnctl -s show >/dev/null
}

both_paths_carry() {
	server "$TOOLS/udpflows.py" receive 1 >/dev/null &
	wait_until 10 listening server 5201 udp
	client "$TOOLS/udpflows.py" send 10.9.0.1 64 4 100 10
	wait "$!"
	(($(path_stat server 0 rx_packets) > 100))
	(($(path_stat server 1 rx_packets) > 30))
}

ktap_require ip ping jq openssl mqvpnctl
cd /run
ktap_plan 5
ktap_case "two uplinks" uplinks
ktap_case "the client's commands" on_the_client
ktap_case "the server's commands" on_the_server
ktap_case "ping 10.9.0.1" ping_works
ktap_case "flows take both paths" both_paths_carry
ktap_end
