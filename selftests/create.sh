#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Devices come and go, in any namespace, and leave nothing behind.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

device_count() { ip -n "$1" -br link show type mqvpn | wc -l; }

no_devices() { [[ $(device_count "$1") == 0 ]]; }

no_sockets() { [[ ! $(ss -N "$1" -Hnlu) ]]; }

# All in one process, because starting one costs more than the test.
hundred_times() {
	local i
	for i in {1..100}; do
		echo "link add $DEV type mqvpn"
		echo "link set $DEV up"
		echo "link del $DEV"
	done | ip -n client -batch -
	no_devices client
}

fifty_at_a_time() {
	local i
	for i in {1..50}; do
		echo "link add vpn$i type mqvpn"
	done | ip -n client -batch -
	[[ $(device_count client) == 50 ]]
	for i in {1..50}; do
		echo "link del vpn$i"
	done | ip -n client -batch -
	no_devices client
}

# What a device holds when it goes: sockets, a connection, paths, keys.
with_everything() {
	local i
	for i in 1 2 3; do
		tunnel paths="a b"
		! no_sockets client || ktap_fail "no socket at the client's end"
		tunnel_del
		no_sockets client
		no_sockets server
	done
}

names() {
	ip -n client link add name "vpn%d" type mqvpn
	ip -n client link show dev vpn0
	ip -n client link set vpn0 name tunnel-to-town
	ip -n client link del tunnel-to-town
	ip -n client link add "$DEV" type mqvpn
	! ip -n client link add "$DEV" type mqvpn 2>/dev/null ||
		ktap_fail "two devices of one name"
	ip -n client link del "$DEV"
}

# The sockets stay where the device was made, the device goes elsewhere.
made_here_used_there() {
	ip netns add inside
	ip -n client link add "$DEV" netns inside type mqvpn
	nsenter --net=/run/netns/inside mqvpnctl socket add dev "$DEV" port 4433
	[[ $(ss -N client -Hnlu "sport = :4433") ]]
	[[ ! $(ss -N inside -Hnlu) ]]
	ip -n inside link del "$DEV"
	ip netns del inside
	no_sockets client
}

moved_along() {
	ip netns add inside
	ip -n client link add "$DEV" type mqvpn
	client mqvpnctl socket add dev "$DEV" port 4433
	ip -n client link set "$DEV" netns inside
	[[ $(ss -N client -Hnlu "sport = :4433") ]]
	no_devices client
	ip -n inside link del "$DEV"
	ip netns del inside
	no_sockets client
}

use_count() { [[ $(</sys/module/mqvpn/refcnt) == "$1" ]]; }

namespace_with_device() {
	ip netns add inside
	ip -n inside link add "$DEV" type mqvpn
	nsenter --net=/run/netns/inside mqvpnctl socket add dev "$DEV" port 4433
	ip netns del inside
	wait_until 5 use_count 0
}

unloads() {
	topology_del
	wait_until 5 use_count 0
	wait_until 5 rmmod mqvpn
}

# By the alias of the link kind, and by that of the netlink family.
loads_by_itself() {
	ip link add "$DEV" type mqvpn
	ip link del "$DEV"
	wait_until 5 rmmod mqvpn
	mqvpnctl show
	[[ -d /sys/module/mqvpn ]]
}

ktap_require ip ss mqvpnctl
topology a b
ktap_plan 9
ktap_case "made and deleted 100 times" hundred_times
ktap_case "50 at a time" fifty_at_a_time
ktap_case "deleted with all that belongs to it" with_everything
ktap_case "names" names
ktap_case "made in one namespace, used in another" made_here_used_there
ktap_case "moved to another namespace" moved_along
ktap_case "a namespace goes with a device in it" namespace_with_device
ktap_case "then nothing holds the module" unloads
ktap_case "the module is loaded on demand" loads_by_itself
ktap_end
