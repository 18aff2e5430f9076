#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An owner is killed at each boundary between two netlink messages of a session:
# the next one finds all that it needs, and traffic does not notice.
#
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

under_traffic() {
	local pid lost
	nsenter --net=/run/netns/client -- \
		ping -n -q -i 0.02 "$SERVER4" >/run/ping &
	pid=$!
	deaths "$DEV"
	kill -INT "$pid"
	wait "$pid" || true
	grep transmitted /run/ping | sed 's/^/# /'
	lost=$(awk '/transmitted/ { print $1 - $4 }' /run/ping)
	# one may be under way when ping is told to end
	((lost <= 1)) || ktap_fail "$lost pings were lost"
}

ktap_require ip ping mqvpnctl deaths
SHAPE[a]='delay 2ms'
topology a
tunnel paths=a
ktap_plan 1
ktap_case "killed at each message" under_traffic
ktap_end
