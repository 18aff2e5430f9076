#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Stateless resets (RFC 9000 section 10.3): one ends the connection, what only
# looks like one does not; and what we have lost is for the owner to reset.
#
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"
# shellcheck source=selftests/lib/owner.sh
. "$(dirname "$0")/lib/owner.sh"

readonly TOKEN=00112233445566778899aabbccddeeff
readonly UNUSED=f0112233445566778899aabbccddeeff

# The server's end of a tunnel whose peer has given it tokens, the second one for
# an ID that is not in use.
server_with_tokens() {
	local multipath='idle-timeout 0' aead=aes-128-gcm mtu='' confirmed=''
	echo $(($(tunnel_number) + 1)) >"$TUNNEL_NUMBER"
	ip -n server link del "$DEV" 2>/dev/null || true
	ip -n server link add "$DEV" type mqvpn
	{
		connection_commands server
		path_commands server 0 a 4 |
			sed "s|cid add .* peer .*|& token-file - <<<$TOKEN|"
		echo "mqvpnctl cid add dev $DEV peer path 0 seq 1" \
			"id 0102030405060708 token-file - <<<$UNUSED"
	} | server bash -euo pipefail >/dev/null
	device_up server
}

reset() { client "$TOOLS/packets.py" reset "$@"; }

state() {
	server mqvpnctl --json conn show dev "$DEV" |
		jq -r '.[0].connection | .state + " " + (.reason // "-")'
}

# ends HOW: a datagram like that does.
ends() {
	server_with_tokens
	[[ $(state) == "open -" ]]
	reset "$1" "$TOKEN"
	wait_until 1 drained || ktap_fail "$(state), $(drops server)"
	[[ $(drop server rx_reset) == 1 ]]
	# nothing is said to who has lost everything
	[[ $(path_stat server 0 tx_packets) == 0 ]]
}

drained() { [[ $(state) == "draining reset" ]]; }

told() {
	server_with_tokens
	nsenter --net=/run/netns/server -- mqvpnctl --json monitor >/run/events &
	local monitor=$!
	sleep 0.2
	reset unknown "$TOKEN"
	wait_until 10 grep -q conn-del-ntf /run/events
	end_processes "$monitor"
	jq -se '[.[] | select(.event == "conn-ntf" or .event == "conn-del-ntf")
		| .connection | .state + " " + .reason] ==
		["draining reset", "draining reset"]' /run/events >/dev/null ||
		ktap_fail "$(</run/events)"
}

# Each is counted as what it is, and the connection lives.
lives() {
	server_with_tokens
	reset unknown "${TOKEN%f}e"
	reset unknown "1${TOKEN#0}"
	reset known "${TOKEN%f}e"
	reset elsewhere "$TOKEN"
	reset too-short "$TOKEN"
	reset unknown "$UNUSED"
	sleep 0.1
	[[ $(state) == "open -" ]]
	[[ $(drop server rx_reset) == 0 ]]
	[[ $(drop server rx_unknown_cid) == 4 ]] || ktap_fail "$(drops server)"
	[[ $(drop server rx_malformed) == 1 ]]
	# and it is still the right one
	reset unknown "$TOKEN"
	wait_until 1 drained
}

# A token belongs to one ID, until that is retired.
one_id() {
	server_with_tokens
	add() {
		server mqvpnctl cid add dev "$DEV" peer path 0 seq "$1" \
			id "$2" token-file - <<<"$UNUSED"
	}
	! add 2 1112131415161718 2>/run/out || ktap_fail "taken twice"
	grep -q "reset token" /run/out
	server mqvpnctl cid del dev "$DEV" peer path 0 seq 1
	add 2 1112131415161718
}

# A restarted server: the owner has the static key, and answers.
lost() {
	local data
	server_with_tokens
	nsenter --net=/run/netns/client -- \
		"$TOOLS/packets.py" watch 5555 1 >/run/seen &
	local watcher=$!
	wait_until 5 grep -q watching /run/seen
	owner_start server one
	trap 'owner_end one' EXIT
	client "$TOOLS/packets.py" send 4 5555 0 '40ffeeddccbbaa9988*60'
	owner_said one "^packet-up socket=1 port=5555 remote=10.0.1.1 .*data=40ffeeddccbbaa9988(00){51}\$"
	data=41$(printf '5a%.0s' {1..40})
	[[ $(owner_asked one tx socket=1 remote=10.0.1.1 port=5555 \
		data="$data") == "done" ]]
	wait "$watcher"
	grep -qx "10.0.1.2 4433 df 0 $data" /run/seen
	# a reset is none of the owner's
	reset unknown "$TOKEN"
	wait_until 1 drained
	[[ $(owner_count one ^packet-up) == 1 ]]
	# few of those that are
	client "$TOOLS/packets.py" lost 200
	sleep 0.1
	is "$(owner_count one ^packet-up) >= 16 && $(owner_count one ^packet-up) <= 80"
	is "$(owner_count one ^packet-up) + $(drop server rx_up_limit) == 201"
}

ktap_require ip jq python3 mqvpnctl
SHAPE[a]=''
topology a
ktap_plan 9
for how in unknown shortest known long; do
	ktap_case "a reset ($how)" ends "$how"
done
ktap_case "events" told
ktap_case "what is no reset" lives
ktap_case "one ID, one token" one_id
ktap_case "what we have lost" lost
ktap_case "the device goes with its tokens" ip -n server link del "$DEV"
ktap_end
