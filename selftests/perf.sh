#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a tunnel over path A of the topology of record carries, and what it
# costs in time, on a clock that counts no work: how packets are made, queued
# and acknowledged, not how fast the machine is.
#
# Needs: virtual-time
# Timeout: 90

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# TCP with timestamps at an MTU of 1420 on 300 Mbit/s of Ethernet frames.
SPAN=10 CEILING=274.8
# An instrumented kernel takes a minute for a second of that: a slower link.
if [[ ${MQVPN_KERNEL-} == uml-debug ]]; then
	SHAPE[a]="delay 10ms rate 60mbit"
	SPAN=3 CEILING=54.96
fi
readonly SPAN CEILING

# goodput FROM ADDRESS SECONDS: one flow; the window opens after two seconds,
# behind slow start.
goodput() {
	local mbps
	mbps=$(tcp "$1" "$2" "$3" 2)
	ktap_info "$mbps Mbit/s of $CEILING, from 2 to $3 seconds"
	is "$mbps >= $CEILING * 0.97 && $mbps <= $CEILING * 1.001"
}

# Idle path: the tunnel may add less than 0.1 ms.
round_trip() {
	local bare through
	bare=$(rtt client "$(link_addr server a 4)")
	through=$(rtt client "$SERVER4")
	ktap_info "$through us, without tunnel $bare us"
	is "$through - $bare < 100 && $through > $bare"
}

# What the path itself measures, for it is what schedulers go by.
measured() {
	local rtt
	rtt=$(path_stat client 0 rtt_min)
	ktap_info "least round-trip time measured by the path: $rtt us"
	is "$rtt > 20000 && $rtt < 26000"
}

ktap_require ip ss iperf ping jq mqvpnctl
topology a
tunnel paths=a
ktap_plan 4
ktap_case "added round-trip time" round_trip
ktap_case "the path measures its round-trip time" measured
ktap_case "one TCP flow from the client" goodput client "$SERVER4" "$SPAN"
ktap_case "one TCP flow from the server" goodput server "$CLIENT4" 3
ktap_end
