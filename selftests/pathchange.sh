#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Paths come and go under a TCP connection, which goes on, and every byte of
# which arrives as it was sent.
#
# Timeout: 90

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# carries PATH NUMBER: the client has sent so many packets there.
carries() { (($(path_stat client "$1" tx_packets) >= $2)); }

# A path is added, then the one that carried all so far is removed; and again.
replace() {
	local from=$1 address=$2
	tunnel paths=a
	transfer_start "$from" "$address" 3
	wait_until 5 carries 0 100
	path_add 1 b weight 80
	sleep 0.5
	path_remove 0
	wait_until 5 carries 1 100
	path_add 2 a weight 300
	sleep 0.5
	path_remove 1
	wait_until 5 carries 2 100
	transfer_end
	ktap_info "$TRANSFERRED bytes"
	((TRANSFERRED > 1000000)) || ktap_fail "it hardly went on"
	tunnel_del
}

# A second path that goes again must leave the first alone.
come_and_go() {
	local path
	tunnel paths=a
	transfer_start client "$SERVER4" 2
	for path in 1 2 3; do
		path_add "$path" b weight 80
		sleep 0.2
		path_remove "$path"
	done
	transfer_end
	[[ $(path_stat client 0 state) == active ]]
	tunnel_del
}

# With no path at all TCP waits, and goes on when there is one.
no_path_for_a_while() {
	local lost
	tunnel paths=a
	transfer_start client "$SERVER4" 3
	wait_until 5 carries 0 100
	path_remove 0
	lost=$(drop client tx_no_path)
	sleep 0.5
	(($(drop client tx_no_path) > lost)) ||
		ktap_fail "packets without a path were not counted"
	path_add 1 a weight 300
	transfer_end
	tunnel_del
}

# What waits behind a limit goes at once when the limit does.
limit_comes_and_goes() {
	tunnel paths=a
	client mqvpnctl path set dev "$DEV" id 0 rate-limit 80bit
	client ping -q -c 5 -i 0.01 -W 1 "$SERVER4" >/dev/null || true
	client mqvpnctl path set dev "$DEV" id 0 rate-limit 0
	ping_through client "$SERVER4"
	tunnel_del
}

ktap_require ip ss jq python3 mqvpnctl
slow_links
topology a b
ktap_plan 5
ktap_case "a path replaced under an upload" replace client "$SERVER4"
ktap_case "a path replaced under a download, IPv6" replace server "$CLIENT6"
ktap_case "a path comes and goes beside another" come_and_go
ktap_case "no path for a while" no_path_for_a_while
ktap_case "a rate limit comes and goes" limit_comes_and_goes
ktap_end
