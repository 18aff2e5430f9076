#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Everything may be taken away under full traffic: the module, either
# namespace, the device, the links below it. Nothing hangs, and the programs
# that sent end.
#
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# split_tunnel [NAME=VALUE...]: the device lives in the namespace "inside" and
# has its sockets in "client".
split_tunnel() {
	ip netns add inside
	tunnel paths="a b" "$@"
	ip -n client link set "$DEV" netns inside
	ip -n inside -batch - <<-END
		addr add $CLIENT4/24 dev $DEV
		link set $DEV up
	END
}

# traffic FROM: TCP both ways and a flood of pings, until they are killed.
traffic() {
	TRAFFIC=()
	iperf_server server
	TRAFFIC+=("$IPERF_PID")
	nsenter --net="/run/netns/$1" -- \
		iperf -c "$SERVER4" -d -t 60 >/run/iperf 2>&1 &
	TRAFFIC+=($!)
	nsenter --net="/run/netns/$1" -- \
		ping -q -f -s 1000 "$SERVER4" >/run/ping 2>&1 &
	TRAFFIC+=($!)
	wait_until 5 flows
}

# Both directions carry something.
flows() {
	(($(path_stat server 0 rx_packets) + $(path_stat server 1 rx_packets) > 300)) &&
		(($(path_stat server 0 tx_packets) + $(path_stat server 1 tx_packets) > 300))
}

# Whoever waits in the kernel for ever would not end.
traffic_ends() {
	kill -KILL "${TRAFFIC[@]}" 2>/dev/null || true
	wait_until 10 all_ended
	end_processes "${TRAFFIC[@]}"
}

# A process that nobody has waited for is a zombie.
all_ended() {
	! ps -o stat= -p "$(IFS=, && echo "${TRAFFIC[*]}")" | grep -qv ^Z
}

# At once: a reference that is left keeps "rmmod" or "ip" waiting.
soon() { timeout 5 "$@"; }

reload() {
	wait_until 5 rmmod mqvpn
	insmod "$MQVPN_KO"
}

start() {
	topology a b
	"$1"
	traffic "$2"
}

finish() {
	traffic_ends
	topology_del
	ip netns del inside 2>/dev/null || true
	reload
}

plain_tunnel() { tunnel paths="a b"; }

devices_then_module() {
	start plain_tunnel client
	soon ip -n client link del "$DEV"
	soon ip -n server link del "$DEV"
	soon rmmod mqvpn
	insmod "$MQVPN_KO"
	finish
}

module() {
	start plain_tunnel client
	soon rmmod mqvpn
	! ip -n client link show dev "$DEV" 2>/dev/null || ktap_fail "it is still there"
	insmod "$MQVPN_KO"
	finish
}

connection() {
	start plain_tunnel client
	soon nsenter --net=/run/netns/client mqvpnctl conn del dev "$DEV"
	soon nsenter --net=/run/netns/server mqvpnctl conn del dev "$DEV"
	finish
}

# A namespace that programs still use lives on without its name: end them.
device_namespace() {
	start split_tunnel inside
	traffic_ends
	ping_flood_from_server
	soon ip netns del inside
	wait_until 5 no_sockets client
	finish
}

no_sockets() { [[ ! $(ss -N "$1" -Hnlu) ]]; }

# Pings that go into the tunnel while its other end disappears.
ping_flood_from_server() {
	nsenter --net=/run/netns/server -- \
		ping -q -f -s 1000 "$CLIENT4" >/run/ping 2>&1 &
	TRAFFIC=($!)
	sleep 0.1
}

# Routes of IPv6 point into the namespace that goes.
split_tunnel_over_ipv6() { split_tunnel outer=6; }

# transport_namespace TUNNEL
transport_namespace() {
	start "$1" inside
	kill_end client
	soon ip netns del client
	wait_until 5 no_transport
	! nsenter --net=/run/netns/inside mqvpnctl socket add dev "$DEV" \
		port 4434 2>/run/error || ktap_fail "it made a socket"
	grep -i transport /run/error
	finish
}

no_transport() {
	[[ $(nsenter --net=/run/netns/inside mqvpnctl --json show dev "$DEV" |
		jq '.[0].device.no_transport') == true ]]
}

both_namespaces() {
	start split_tunnel inside
	traffic_ends
	ping_flood_from_server
	ip netns del inside &
	soon ip netns del client
	wait "$!"
	finish
}

link_below() {
	start plain_tunnel client
	soon ip -n client link del veth-a
	soon ip -n client link del veth-b
	finish
}

link_below_down() {
	start plain_tunnel client
	ip -n client link set veth-a down
	ip -n client link set veth-a up
	ip -n server addr flush dev veth-b
	traffic_ends
	finish
}

ktap_require ip ss ps iperf ping jq rmmod insmod mqvpnctl
slow_links
ktap_plan 9
ktap_case "devices, then the module" devices_then_module
ktap_case "the module with devices" module
ktap_case "the connection" connection
ktap_case "the device's namespace" device_namespace
ktap_case "the sockets' namespace" transport_namespace split_tunnel
ktap_case "the sockets' namespace, over IPv6" \
	transport_namespace split_tunnel_over_ipv6
ktap_case "both namespaces" both_namespaces
ktap_case "the links below" link_below
ktap_case "addresses and carrier below" link_below_down
ktap_end
