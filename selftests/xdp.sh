#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A sender by AF_XDP in copy mode, which uses its memory for something else as
# soon as it is told that it was read; the receiver gets what was sent.
#
# Needs: qemu
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

readonly COUNT=60 PORT=9000

# What is sent arrives, and is right.
sends() {
	server senders receive-udp "$PORT" "$COUNT" >/run/received &
	wait_until 10 listening server "$PORT" udp
	client senders xdp "$DEV" "$CLIENT4" "$SERVER4" "$PORT" "$COUNT"
	wait "$!" || ktap_fail "not what was sent"
	[[ $(</run/received) == "$COUNT messages, all right" ]]
}

no_drop() {
	[[ $(drop client tx_malformed) == 0 && $(drop server rx_source) == 0 ]]
}

ktap_require ip ss jq senders mqvpnctl
SHAPE[a]=''
topology a
tunnel paths=a
# so that packets wait in the path's queue
client mqvpnctl path set dev "$DEV" id 0 rate-limit 3mbit
ktap_plan 2
ktap_case "AF_XDP in copy mode" sends
ktap_case "and nothing was dropped" no_drop
ktap_end
