#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Both paths carry their share: of 64 UDP flows of one rate each path gets as
# many as its weight says. Counted by the paths, and by the links below them.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

readonly FLOWS=64 PACKETS=50

# flows FROM ADDRESS: all of them, none of which may lose a packet.
flows() {
	local to out
	to=$(other_end "$1")
	out=$(mktemp)
	nsenter --net="/run/netns/$to" -- \
		"$TOOLS/udpflows.py" receive 1 >"$out" &
	wait_until 10 listening "$to" 5201 udp
	"$1" "$TOOLS/udpflows.py" send "$2" "$FLOWS" "$PACKETS" 500 10
	wait "$!"
	[[ $(<"$out") == "$FLOWS $((FLOWS * PACKETS))" ]] ||
		ktap_fail "of $FLOWS flows and $((FLOWS * PACKETS)) packets came $(<"$out")"
}

# sent END: bytes that it has sent so far on path 0 and 1, link a and b.
sent() {
	path_stat "$1" 0 tx_bytes
	path_stat "$1" 1 tx_bytes
	link_stat "$1" veth-a tx.bytes
	link_stat "$1" veth-b tx.bytes
}

# near PERCENT A B: A's part in A and B, to 5 percentage points.
near() {
	is "($2 * 100 / ($2 + $3) - $1) ^ 2 <= 25" || {
		ktap_info "bytes: $2 and $3"
		return 1
	}
}

# shares FROM ADDRESS PERCENT
shares() {
	local before after
	mapfile -t before < <(sent "$1")
	flows "$1" "$2"
	mapfile -t after < <(sent "$1")
	near "$3" $((after[0] - before[0])) $((after[1] - before[1]))
	near "$3" $((after[2] - before[2])) $((after[3] - before[3]))
}

other_weights() {
	client mqvpnctl path set dev "$DEV" id 0 weight 1
	client mqvpnctl path set dev "$DEV" id 1 weight 3
	shares client "$SERVER4" 25
}

ktap_require ip ss jq python3 mqvpnctl
topology a b
ktap_plan 4
tunnel paths="a b" weights="300 80"
ktap_case "300:80, from the client" shares client "$SERVER4" 78.9
ktap_case "300:80, from the server" shares server "$CLIENT6" 78.9
ktap_case "1:3, set while it runs" other_weights
tunnel_del
tunnel paths="a b" weights="1 1"
ktap_case "1:1" shares client "$SERVER4" 50
ktap_end
