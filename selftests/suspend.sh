#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A machine that sleeps gives up the keys that it sends with: memory that wakes
# up twice would use them twice.
#
# Needs: virtual-time
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

sleeps() {
	local end sent
	tunnel paths="a b"
	ping_through client "$SERVER4"
	for end in client server; do
		nsenter --net="/run/netns/$end" -- mqvpnctl --json monitor \
			>"/run/events.$end" &
		MONITORS+=($!)
	done
	sleep 0.1
	sent=$(path_stat client 0 tx_packets)
	rtcwake -m freeze -s 2 >/dev/null
	client ping -n -q -c 2 -i 0.1 -W 1 "$SERVER4" >/dev/null && return 1
	end_processes "${MONITORS[@]}"
	(($(path_stat client 0 tx_packets) == sent)) ||
		ktap_fail "something was sent after that"
	[[ $(drop client tx_no_key) == 2 ]]
	for end in client server; do
		[[ $(jq -r 'select(.key) | .key | "\(.direction) \(.generation)",
			.reason' "/run/events.$end" | xargs) == "tx 0 suspend" ]]
	done
	client mqvpnctl key update dev "$DEV" 2>/run/out && return 1
	grep -q "keys of both directions are needed" /run/out
}

new_connection() {
	tunnel paths="a b"
	ping_through client "$SERVER4"
}

MONITORS=()
ktap_require ip ping jq rtcwake mqvpnctl
[[ -w /sys/power/state ]] || ktap_skip "/sys/power/state"
slow_links
topology a b
ktap_plan 2
ktap_case "keys are given up" sleeps
ktap_case "a new connection works" new_connection
ktap_end
