#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The control interface: refusals say why, and only administrators get in.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

ctl() { client mqvpnctl "$@"; }

# refused TEXT COMMAND...: it fails, and the kernel's own words match TEXT.
refused() {
	local text=$1
	shift
	! ctl "$@" >/run/out 2>&1 || ktap_fail "not refused: $*"
	grep -qiE "$text" /run/out || ktap_fail "$* says: $(</run/out)"
}

no_such_things() {
	refused "not an mqvpn device|another kind" conn add dev lo role client
	refused "no such connection|no connection" path remove dev "$DEV" id 0
	refused "no such connection|no connection" conn del dev "$DEV"
	refused "no such socket" socket del dev "$DEV" id 77
}

connections() {
	ctl conn add dev "$DEV" role client multipath max-path-id 8 peer-max-path-id 8
	refused "exists|already|in use" conn add dev "$DEV" role client
	refused "scheduler" conn add dev "$DEV" id 2 role client scheduler nonesuch
	refused "scheduler" set dev "$DEV" scheduler nonesuch
}

connection_ids() {
	ctl cid add dev "$DEV" local path 0 id c100000000000000
	refused "in use|exists|already" \
		cid add dev "$DEV" local path 1 id c100000000000000
	refused "8|bytes|length" cid add dev "$DEV" local path 1 id c1
	refused "path" cid add dev "$DEV" local path 9 id c100000000000009
}

keys() {
	# shellcheck disable=SC2317
	key() { ctl key set dev "$DEV" tx aead "$1" file - <<<"$2"; }
	! key aes-128-gcm 0011 2>/run/out || ktap_fail "a secret of two bytes"
	grep -qiE "32|length|bytes" /run/out
	! key aes-256-gcm "$(secret client aes-128-gcm)" 2>/run/out ||
		ktap_fail "AES-256-GCM with 32 bytes"
	grep -qiE "48|length|bytes" /run/out
	key aes-256-gcm "$(secret client aes-256-gcm)"
	! ctl --json --stats show | grep -q c1c1c1c1 || ktap_fail "it shows secrets"
}

paths() {
	local remote
	remote=$(link_addr server a 4):4433
	refused "connection ID" path add dev "$DEV" id 0 remote "$remote"
	ctl cid add dev "$DEV" peer path 0 id 5e00000000000000
	refused "remote" path add dev "$DEV" id 0
	refused "socket" path add dev "$DEV" id 0 remote "$remote" socket 99
	ctl path add dev "$DEV" id 0 remote "$remote"
	refused "used|exists" path add dev "$DEV" id 0 remote "$remote"
	ctl path remove dev "$DEV" id 0
	refused "used|exists" path add dev "$DEV" id 0 remote "$remote"
}

# An IPv4 socket has no IPv6 half to look routes up with.
families() {
	local id
	for id in 4 5; do
		ctl cid add dev "$DEV" local path "$id" id "c10000000000000$id"
		ctl cid add dev "$DEV" peer path "$id" id "5e0000000000000$id"
	done
	ctl path add dev "$DEV" id 4 remote "[$(link_addr server a 6)]:4433"
	refused "famil" path add dev "$DEV" id 5 local "$(link_addr client a 4)"
	ctl path remove dev "$DEV" id 4
}

# The numbers of devices do not follow their order.
all_devices() {
	ip -n client link add mqvpn50 index 50 type mqvpn
	ip -n client link add mqvpn20 index 20 type mqvpn
	[[ $(ctl --json show | jq length) == 3 ]] ||
		ktap_fail "not all of three devices are shown"
	ip -n client link del mqvpn50
	ip -n client link del mqvpn20
}

# The outer packets of a tunnel that goes into itself would never leave.
into_itself() {
	ip -n client link set "$DEV" up
	ip -n client route add 203.0.113.0/24 dev "$DEV"
	ctl cid add dev "$DEV" local path 3 id c100000000000003
	ctl cid add dev "$DEV" peer path 3 id 5e00000000000003
	refused "tunnel" path add dev "$DEV" id 3 remote 203.0.113.1:4433
	ip -n client link set "$DEV" down
}

ports() {
	ctl socket add dev "$DEV" port 4433
	refused "port.*in use|in use" socket add dev "$DEV" port 4433
	ip -n client link add mqvpn1 type mqvpn
	refused "in use" socket add dev mqvpn1 port 4433
	ctl socket add dev mqvpn1 port 4434
	ip -n client link del mqvpn1
	# the port is free again with the device that had it
	ctl socket add dev "$DEV" port 4434
}

# Two tunnels in one namespace at each end; they know nothing of each other.
two_tunnels() {
	local address
	tunnel_pair mqvpn0 4433 1
	tunnel_pair mqvpn1 4434 2
	for address in 192.168.21.2 192.168.22.2; do
		ping_through client "$address"
	done
	ip -n client link del mqvpn0
	ping_through client 192.168.22.2
	ip -n client link del mqvpn1
	ip -n server link del mqvpn0
	ip -n server link del mqvpn1
}

# tunnel_pair DEVICE PORT NUMBER: the shortest tunnel there is, over link a.
tunnel_pair() {
	local dev=$1 port=$2 n=$3 end other host
	for end in server client; do
		other=$(other_end "$end")
		host=1
		[[ $end == client ]] || host=2
		ip -n "$end" link add "$dev" type mqvpn
		"$end" bash -euo pipefail >/dev/null <<-END
			mqvpnctl conn add dev $dev role $end
			mqvpnctl key set dev $dev tx aead aes-128-gcm file - <<<$(secret "$end" x)
			mqvpnctl key set dev $dev rx aead aes-128-gcm file - <<<$(secret "$other" x)
			mqvpnctl cid add dev $dev local path 0 id $(cid "$end" "$n")
			mqvpnctl cid add dev $dev peer path 0 id $(cid "$other" "$n")
			mqvpnctl path add dev $dev id 0 local $(link_addr "$end" a 4):$port remote $(link_addr "$other" a 4):$port validated
			mqvpnctl prefix add dev $dev 192.168.2$n.0/24
			ip addr add 192.168.2$n.$host/24 dev $dev
			ip link set $dev up
		END
	done
}

# unprivileged COMMAND...: as nobody.
unprivileged() {
	! client setpriv --reuid 65534 --regid 65534 --clear-groups "$@" \
		>/run/out 2>&1 || ktap_fail "anybody may $*"
	grep -qiE "permi|privile|root|CAP_NET_ADMIN" /run/out ||
		ktap_fail "$* says: $(</run/out)"
}

for_administrators() {
	ip -n client link add "$DEV" type mqvpn
	unprivileged mqvpnctl show
	unprivileged mqvpnctl conn add dev "$DEV" role client
	unprivileged mqvpnctl socket add dev "$DEV" port 4433
	unprivileged ip link add mqvpn1 type mqvpn
	ip -n client link del "$DEV"
}

# Events tell who talks to whom: nobody joins their group who may not list it.
events_for_administrators() {
	ip -n client link add "$DEV" type mqvpn
	unprivileged mqvpnctl monitor
	unprivileged nlmatrix "$DEV" true
	client nlmatrix "$DEV" true
	ip -n client link del "$DEV"
}

# user_namespace: a process that is root of a user and a network namespace of
# its own; $INSIDE. Started from the client's network namespace.
user_namespace() {
	rm -f /run/inside
	nsenter --net=/run/netns/client unshare --user --map-root-user --net \
		bash -c 'echo $$ >/run/inside; exec sleep 60' &
	HOLDER=$!
	wait_until 5 test -s /run/inside
	INSIDE=$(</run/inside)
}

inside() {
	nsenter --user --net --target "$INSIDE" --preserve-credentials "$@"
}

not_inside() {
	! inside "$@" >/run/out 2>&1 || ktap_fail "it may $*"
	grep -q "transport network namespace" /run/out ||
		ktap_fail "$* says: $(</run/out)"
}

# Root of a user namespace of its own, in which the device is, but not of the
# one whose sockets it would open: what stays in the device it may do, and only
# that.
needs_rights_below() {
	local remote before
	remote=$(link_addr server a 4):4433
	ip -n client link add "$DEV" type mqvpn
	ctl conn add dev "$DEV" role client
	ctl socket add dev "$DEV" port 4433
	ctl cid add dev "$DEV" local path 0 id c100000000000000
	ctl cid add dev "$DEV" peer path 0 id 5e00000000000000
	ctl path add dev "$DEV" id 0 remote "$remote"
	user_namespace
	ip -n client link set "$DEV" netns "$INSIDE"
	before=$(inside mqvpnctl --json path show dev "$DEV")
	not_inside mqvpnctl socket add dev "$DEV" port 4434
	not_inside mqvpnctl socket del dev "$DEV" id 1
	not_inside mqvpnctl path add dev "$DEV" id 1 remote "$remote"
	not_inside mqvpnctl path set dev "$DEV" id 0 weight 9
	not_inside mqvpnctl path remove dev "$DEV" id 0
	[[ $(inside mqvpnctl --json path show dev "$DEV") == "$before" ]]
	inside mqvpnctl prefix add dev "$DEV" 10.9.0.0/16
	inside nlmatrix "$DEV" mqvpnctl conn del dev "$DEV" |
		grep -q "^conn-del-ntf 1"
	[[ $(ss -N client -Hnlu | wc -l) == 1 ]]
	end_processes "$HOLDER"
}

# Who made a network namespace makes tunnels in it, all by himself.
owner_of_the_namespace() {
	user_namespace
	inside ip link set lo up
	inside ip link add "$DEV" type mqvpn
	inside mqvpnctl conn add dev "$DEV" role server
	inside mqvpnctl socket add dev "$DEV" port 4433
	inside mqvpnctl show >/dev/null
	[[ $(inside ss -Hnlu "sport = :4433") ]]
	inside nlmatrix "$DEV" mqvpnctl conn del dev "$DEV" |
		grep -q "^conn-del-ntf 1"
	inside ip link del "$DEV"
	end_processes "$HOLDER"
}

ktap_require ip ss ping jq setpriv unshare mqvpnctl nlmatrix
topology a
ip -n client link add "$DEV" type mqvpn
ktap_plan 14
ktap_case "what does not exist" no_such_things
ktap_case "connections" connections
ktap_case "connection IDs" connection_ids
ktap_case "keys" keys
ktap_case "paths" paths
ktap_case "families of addresses" families
ktap_case "a dump of all devices" all_devices
ktap_case "a tunnel into itself" into_itself
ktap_case "ports in use" ports
ip -n client link del "$DEV"
ktap_case "two tunnels at one place" two_tunnels
ktap_case "administrators only" for_administrators
ktap_case "events for administrators only" events_for_administrators
ktap_case "rights where the sockets are" needs_rights_below
ktap_case "rights in a namespace of one's own" owner_of_the_namespace
ktap_end
