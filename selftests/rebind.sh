#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A client's address changes on the way: the server's path goes after it, if the
# client is there, RFC 9000 section 9.3.
#
# Needs: virtual-time
# Timeout: 90

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"
# shellcheck source=selftests/lib/validate.sh
. "$(dirname "$0")/lib/validate.sh"

# at PORT [ADDRESS]: there the path goes.
at() {
	local remote
	remote=$(server mqvpnctl --json path show dev "$DEV" |
		jq -r '.[0].path | "\(.remote_port) \(.remote_ipv4)"')
	[[ $remote == "$1 ${2:-10.0.1.1}" ]] || {
		echo "# the path goes to $remote"
		return 1
	}
}

# A server whose path knows its round-trip time.
measured() {
	server_with server
	server mqvpnctl conn set dev "$DEV" keepalive 100
	peer move 0 0 10.0.1.1 4600 0.35 acknowledge
	server mqvpnctl conn set dev "$DEV" keepalive 0
	(($(path_stat server 0 rtt) > 0)) || ktap_fail "$(</run/peer)"
	at 4600
}

# The answer from the new port makes it the path's.
port() {
	local rtt
	measured
	rtt=$(path_stat server 0 rtt_min)
	listen server
	peer move 0 100 10.0.1.1 4700 0.5 answer
	listen_end
	at 4700
	is_state 0 active
	[[ $(path_stat server 0 rtt_min) == "$rtt" ]] ||
		ktap_fail "it was $rtt us, now $(path_stat server 0 rtt_min)"
	grep -q ' 1200 .*challenge=' /run/peer || ktap_fail "$(</run/peer)"
	(($(events '.event == "path-ntf" and .path.remote_port == 4700') > 0)) ||
		ktap_fail "$(</run/events)"
	# and again
	peer move 0 200 10.0.1.1 4600 0.5 answer
	at 4600
}

# What was known of the way to another host is not known of this one.
host() {
	measured
	server mqvpnctl path set dev "$DEV" id 0 cc bbr
	server mqvpnctl conn set dev "$DEV" keepalive 100
	peer move 0 50 10.0.1.1 4600 0.35 acknowledge
	server mqvpnctl conn set dev "$DEV" keepalive 0
	(($(path_stat server 0 pacing_rate) > 0)) ||
		ktap_fail "bbr has learned nothing"
	peer move 0 100 10.0.1.3 4600 0.5 answer
	at 4600 10.0.1.3
	is_state 0 active
	[[ $(path_stat server 0 rtt) == 0 ]]
	[[ $(path_stat server 0 congestion_control) == bbr ]]
	[[ $(path_stat server 0 cwnd) == 14720 ]]
	[[ $(path_stat server 0 pacing_rate) == 0 ]]
}

# Nobody there: no more than three times what came, and back again.
nobody() {
	measured
	# what the server owes while it does not know
	server mqvpnctl conn set dev "$DEV" keepalive 10
	peer move 0 100 10.0.1.1 4700 0.1
	at 4700
	(($(budget) >= 0)) || ktap_fail "$(</run/peer)"
	grep -q challenge /run/peer
	wait_until 5 at 4600
	is_state 0 active
	# it can be had at its old address
	peer move 0 300 10.0.1.1 4600 0.1
	grep -q ping /run/peer
}

# The old address is still the right one.
came_back() {
	measured
	peer move 0 100 10.0.1.1 4700 0.02
	at 4700
	peer move 0 101 10.0.1.1 4600 0.02
	at 4600
	is_state 0 active
}

# RFC 9000 section 9.3.3: the address that is left is asked, too, once.
both() {
	measured
	client "$TOOLS/validate.py" watch 0 0.6 >/run/old &
	wait_until 5 bound 4600
	peer move 0 100 10.0.1.1 4700 0.4 answer
	wait "$!"
	at 4700
	[[ $(grep -c challenge /run/old) == 1 ]] || ktap_fail "$(</run/old)"
	grep -q ' 1200 .*challenge=' /run/old
}

# A challenge is answered where it came from.
asked() {
	measured
	peer move 0 100 10.0.1.1 4700 0.3 challenge answer
	grep -q ' response=3132333435363738' /run/peer
	at 4700
}

# An old packet, or one to a client.
stays() {
	measured
	peer move 0 200 10.0.1.1 4600 0.02
	peer move 0 150 10.0.1.1 4700 0.1
	at 4600
	[[ $(grep -c challenge /run/peer) == 0 ]]
	server_with client
	peer move 0 300 10.0.1.1 4700 0.1
	at 4600
}

ktap_require ip ss jq python3 mqvpnctl
slow_links
topology a
ip -n client addr add 10.0.1.3/24 dev veth-a
ktap_plan 7
ktap_case "another port" port
ktap_case "another host" host
ktap_case "the old address is asked, too" both
ktap_case "nobody answers" nobody
ktap_case "a challenge from another port" asked
ktap_case "it comes from the old address again" came_back
ktap_case "what makes no path move" stays
ktap_end
