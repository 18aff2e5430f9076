#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A device has one owner, which may be replaced and may die, and neither stops
# the traffic.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"
# shellcheck source=selftests/lib/owner.sh
. "$(dirname "$0")/lib/owner.sh"

owner_of() {
	"$1" mqvpnctl --json show dev "$DEV" | jq -r '.[0].owner.events_port'
}

nobody() { [[ $(owner_of "$1") == null ]]; }

# refused TEXT ARG...: it may not become the owner, and the kernel says why.
refused() {
	local text=$1
	shift
	! owner_start server refused "$@" >/run/out ||
		ktap_fail "not refused: $*"
	grep -qiE "$text" /run/out || ktap_fail "$* says: $(</run/out)"
}

said_port() { sed -n 's/^owner .*events=//p' "/run/owner-$1"; }

one_at_a_time() {
	nobody server
	owner_start server one
	[[ $(owner_of server) == "$(said_port one)" ]]
	server mqvpnctl show dev "$DEV" | grep -q owned
	refused "^error 16 .*owner"
	[[ $(owner_of server) == "$(said_port one)" ]]
	owner_end one
	nobody server
	owner_start server two
	owner_end two
}

# The new owner's port in the event, and in the message to the old one.
taken_over() {
	owner_start server one
	owner_start server two takeover
	owner_said one "^owner-ntf .*events=$(said_port two)\$"
	[[ $(owner_of server) == "$(said_port two)" ]]
	# the old one's end is not the new one's
	owner_end one
	[[ $(owner_of server) == "$(said_port two)" ]]
	owner_end two
	nobody server
	# none to take over from is no error
	owner_start server three takeover
	owner_end three
}

events() {
	nsenter --net=/run/netns/server mqvpnctl monitor >/run/events &
	local monitor=$!
	# it has to listen before there is something to hear
	sleep 0.2
	owner_start server one
	owner_end one
	wait_until 5 grep -q "owner none" /run/events
	grep -qx "$DEV owner port $(said_port one)" /run/events
	end_processes "$monitor"
}

bad_ports() {
	refused "^error 111 .*port" ports 1,0,0
	refused "^error 111 .*port" ports 0,2147483647,0
	refused "^error 22 .*own" ports 1,2,3
	nobody server
	# and an attempt that fails does not cost the owner its place
	owner_start server one
	refused "^error 111 .*port" takeover ports 1,0,0
	[[ $(owner_of server) == "$(said_port one)" ]]
	owner_end one
}

two_devices() {
	local dev
	ip -n server link add mqvpn7 type mqvpn
	owner_start server one
	for dev in "$DEV" mqvpn7; do
		server mqvpnctl --json show dev "$dev" | jq '.[0].owner'
	done >/run/owners
	grep -q "$(said_port one)" /run/owners
	grep -q null /run/owners
	owner_end one
	# the device's end is told to its owner
	OWNER_DEV=mqvpn7 owner_start server seven
	ip -n server link del mqvpn7
	owner_said seven '^owner-ntf$'
	owner_end seven
}

# kill -9 under traffic, again and again
killed() {
	local _
	client ping -n -q -c 200 -i 0.01 -W 2 "$SERVER4" >/run/ping &
	local ping=$!
	for _ in {1..5}; do
		owner_start server one
		sleep 0.1
		owner_end one KILL
		nobody server
	done
	wait "$ping"
	grep -q " 200 received" /run/ping || ktap_fail "$(</run/ping)"
}

unprivileged() {
	refused_as() {
		! "$@" "$OWNER_TOOL" "$DEV" >/run/out 2>&1 </dev/null ||
			ktap_fail "anybody may own a device"
		grep -q "^error 1 " /run/out || ktap_fail "it says: $(</run/out)"
	}
	refused_as server setpriv --reuid 65534 --regid 65534 --clear-groups
	nobody server
}

# Root of a user namespace with the device, but not of its sockets' netns.
needs_rights_below() {
	ip -n client link add mqvpn7 type mqvpn
	nsenter --net=/run/netns/client unshare --user --map-root-user --net \
		bash -c 'echo $$ >/run/inside; exec sleep 60' &
	wait_until 5 test -s /run/inside
	ip -n client link set mqvpn7 netns "$(</run/inside)"
	! nsenter --user --net --target "$(</run/inside)" --preserve-credentials \
		"$OWNER_TOOL" mqvpn7 >/run/out 2>&1 </dev/null ||
		ktap_fail "it owns what it has no right to"
	grep -q "^error 1 .*transport" /run/out || ktap_fail "$(</run/out)"
	# but within what it has a right to it may
	nsenter --user --net --target "$(</run/inside)" --preserve-credentials \
		ip link add mqvpn8 type mqvpn
	nsenter --user --net --target "$(</run/inside)" --preserve-credentials \
		"$OWNER_TOOL" mqvpn8 >/run/out 2>&1 </dev/null
	grep -q "^owner " /run/out || ktap_fail "$(</run/out)"
	end_processes "$!"
}

# The device goes, its owner stays; then the namespace with both.
ends() {
	owner_start client one
	ip -n client link del "$DEV"
	owner_said one '^owner-ntf$'
	owner_end one
	owner_start server two
	topology_del
}

ktap_require ip jq ping nsenter setpriv unshare mqvpnctl
slow_links
topology a
tunnel paths=a
ktap_plan 9
ktap_case "one at a time" one_at_a_time
ktap_case "taken over" taken_over
ktap_case "events" events
ktap_case "ports that are nobody's" bad_ports
ktap_case "devices have owners of their own" two_devices
ktap_case "killed under traffic" killed
ktap_case "administrators only" unprivileged
ktap_case "rights where the sockets are" needs_rights_below
ktap_case "the ends of devices and namespaces" ends
ktap_end
