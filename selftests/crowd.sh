#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A client that floods the server with control frames starves itself, and none
# of a hundred others.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# What was not kept was not acknowledged either, and is in one counter.
starves_itself() {
	local sent kept
	server crowd "$DEV" 1 /run/netns/client >/run/crowd || {
		cat /run/crowd
		return 1
	}
	cat /run/crowd
	read -r sent kept < <(sed -n \
		's/.* sent \([0-9]*\), of which \([0-9]*\) .*/\1 \2/p' /run/crowd)
	((sent > 0 && kept > 0))
	[[ $(drop server rx_no_credit) == $((sent - kept)) ]] ||
		ktap_fail "$(drop server rx_no_credit) had no credit"
	[[ $(drop server owner_frames_full) == 0 ]]
}

ktap_require ip jq mqvpnctl crowd
SHAPE[a]=''
topology a
ip -n server link add "$DEV" type mqvpn
server mqvpnctl socket add dev "$DEV" port 4499 >/dev/null
ip -n server link set "$DEV" up
ktap_plan 1
ktap_case "the flood" starves_itself
ktap_end
