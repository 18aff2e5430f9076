#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# IPv4 and IPv6 through the tunnel, over IPv4 and IPv6, in all sizes.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# ping_sizes END ADDRESS HEADER: from small ones to what fills the MTU, and
# beyond it in fragments.
ping_sizes() {
	local size
	for size in 16 1000 $((1420 - $3 - 8)) 4000; do
		ping_through "$1" "$2" -s "$size"
	done
}

# Every echo and its answer is a packet of the path at least.
through_path_0() {
	local before after
	before=$(path_stat client 0 tx_packets)
	ping_sizes client "$SERVER4" 20
	after=$(path_stat client 0 tx_packets)
	((after - before >= 25)) ||
		ktap_fail "path 0 sent $((after - before)) packets for 25 echoes"
}

ktap_require ip ping jq mqvpnctl
slow_links
topology a
ktap_plan 10
for outer in 4 6; do
	ktap_case "tunnel over IPv$outer" tunnel outer="$outer"
	ktap_case "IPv4 in IPv$outer" through_path_0
	ktap_case "IPv4 in IPv$outer, from the server" ping_sizes server "$CLIENT4" 20
	ktap_case "IPv6 in IPv$outer" ping_sizes client "$SERVER6" 40
	ktap_case "IPv6 in IPv$outer, from the server" ping_sizes server "$CLIENT6" 40
	tunnel_del
done
ktap_end
