#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A path changes the connection ID that it sends with, and ends without a
# packet of the others being lost.
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

# What the server no longer knows is not what the client sends to.
id_changes() {
	tunnel paths=a
	if client mqvpnctl cid del dev "$DEV" peer path 0 seq 0 2>/run/out; then
		ktap_fail "the only connection ID was retired"
	fi
	grep -q 'has no other' /run/out
	client mqvpnctl cid add dev "$DEV" peer path 0 seq 1 id 5e5e5e5e5e5e5e5e
	client mqvpnctl cid add dev "$DEV" peer path 0 seq 2 id 5e5e5e5e5e5e5e5f
	server mqvpnctl cid add dev "$DEV" local path 0 seq 1 id 5e5e5e5e5e5e5e5e
	listen client
	client mqvpnctl cid del dev "$DEV" peer path 0 seq 0
	listen_end
	(($(events '.event == "cid-ntf" and .cid.end == "peer" and
		.cid.path_id == 0 and .cid.sequence == 1') == 1))
	server mqvpnctl cid del dev "$DEV" local path 0 seq 0
	ping_through client "$SERVER4"
	# one that the path does not send with just goes
	client mqvpnctl cid del dev "$DEV" peer path 0 seq 2
	ping_through client "$SERVER4"
	tunnel_del
}

# The largest inner packet is smaller by what the ID is longer.
longer_id() {
	local before
	tunnel paths=a mtu=1500
	before=$(largest)
	client mqvpnctl cid add dev "$DEV" peer path 0 seq 1 \
		id "$(printf '5e%.0s' {1..20})"
	client mqvpnctl cid del dev "$DEV" peer path 0 seq 0
	ktap_info "largest inner packet $before, then $(largest)"
	(($(largest) == before - 12))
	tunnel_del
}

# largest: what the client says fits, of what is too large.
largest() {
	ip -n client route flush cache
	client ping -q -c 1 -W 0.1 -M 'do' -s 1472 "$SERVER4" >/dev/null 2>&1 || true
	ip -n client route get "$SERVER4" | grep -o 'mtu [0-9]*' | cut -d ' ' -f 2
}

# Keepalives that the server goes on sending over the path are acknowledged over
# the other one, until the path is gone.
closes() {
	local sent acked
	tunnel paths="a b"
	server mqvpnctl conn set dev "$DEV" keepalive 20
	sleep 0.2
	listen client
	client mqvpnctl path remove dev "$DEV" id 1
	sent=$(path_stat client 1 tx_packets)
	[[ $(path_stat client 1 state) == closing ]]
	acked=$(path_stat server 1 acked)
	sleep 0.1
	(($(path_stat server 1 acked) >= acked + 4))
	[[ $(path_stat server 1 lost) == 0 ]]
	[[ $(path_stat client 1 tx_packets) == "$sent" ]]
	ping_through client "$SERVER4"
	# three probe time-outs, which no answer may have shortened yet
	wait_until 4 gone client 1
	listen_end
	(($(events '.event == "path-ntf" and .path.id == 1 and
		.path.state == "closing" and .path.reason == "admin"') == 1))
	(($(events '.event == "path-del-ntf" and .path.id == 1') == 1))
	# from now on it is no path of the client's
	server mqvpnctl path remove dev "$DEV" id 1
	[[ $(path_stat server 1 state) == closing ]]
	# once more is at once
	server mqvpnctl path remove dev "$DEV" id 1
	gone server 1
	# so is the last one
	client mqvpnctl path remove dev "$DEV" id 0
	gone client 0
	tunnel_del
}

# gone END PATH
gone() { [[ ! $(path_stat "$1" "$2" id) ]]; }

ktap_require ip jq ping mqvpnctl
slow_links
topology a b
ktap_plan 3
ktap_case "a connection ID is retired, another one is used" id_changes
ktap_case "a longer one leaves less room" longer_id
ktap_case "a path closes, and what is late is acknowledged" closes
ktap_end
