#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The device, its namespace, that of its sockets, a link and the routes below,
# the owner, the module: each may go at any time and in any order, with packets
# in flight. No namespace is kept alive by a tunnel, and no memory is left.
#
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# Every order of so many events.
DEPTH=${1:-2}

# The way to the other end leads into the tunnel: packets are counted, not sent
# round and round, a path is refused, and all is well when the route is. At the
# server, whose socket is bound to no device.
route_into_itself() {
	local lost link
	topology a b
	tunnel paths=a
	ping_through client "$SERVER4"
	for link in a b; do
		ip -n server route add "$(link_addr client "$link" 4)/32" \
			dev "$DEV"
	done
	! client ping -q -c 3 -i 0.02 -W 1 "$SERVER4" >/dev/null ||
		ktap_fail "answers find a way"
	lost=$(drop server tx_no_route)
	# answers, and what the path sends of its own
	((lost >= 3 && lost < 50)) || ktap_fail "$lost packets were not sent"
	server mqvpnctl cid add dev "$DEV" local path 1 id "$(cid server 1)"
	server mqvpnctl cid add dev "$DEV" peer path 1 id "$(cid client 1)"
	! server mqvpnctl path add dev "$DEV" id 1 socket 1 remote \
		"$(endpoint "$(link_addr client b 4)" "$(client_port 1)")" \
		2>/run/error || ktap_fail "it made a path"
	grep -q "leads into a tunnel" /run/error || ktap_fail "$(</run/error)"
	for link in a b; do
		ip -n server route del "$(link_addr client "$link" 4)/32"
	done
	ping_through client "$SERVER4"
	tunnel_del
	topology_del
}

ktap_require ip ping mqvpnctl lifetimes
SHAPE[a]=''
# Memory checkers keep what is freed for a while, and look for leaks anyway.
quiet=$([[ $MQVPN_KERNEL != uml ]] || echo 1)
ktap_plan $((2 + quiet))
ktap_case "every order of $DEPTH events" lifetimes orders "$DEPTH"
[[ ! $quiet ]] ||
	ktap_case "50 tunnels leave no memory behind" lifetimes cycles 50
ktap_case "a route into the tunnel itself" route_into_itself
ktap_end
