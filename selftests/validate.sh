#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A path is used once the peer has answered over it, RFC 9000 section 8.2, and
# the server opens the paths that the client does. The peer is a program that
# shares nothing with the module, and two ends of ours.
#
# Needs: virtual-time
# Timeout: 180

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"
# shellcheck source=selftests/lib/validate.sh
. "$(dirname "$0")/lib/validate.sh"

# Probe time-out before a sample (RFC 9002 section 6.2), ms, with the default
# max_ack_delay of the peer.
readonly PTO=$((333 + 2 * 333 + 25))

# open_path PATH: by the server's administrator.
open_path() {
	server mqvpnctl path add dev "$DEV" id "$1" socket 1 \
		remote "$(link_addr client a 4):$(client_port "$1")" >/dev/null
}

# Three challenges, each with data of its own and in a full datagram; then the
# path is dead, and is asked on.
challenges() {
	local pid times
	server_with server 1
	listen server
	peer watch 1 20 &
	pid=$!
	wait_until 5 bound 4601
	open_path 1
	sleep 6
	is_state 1 validating
	[[ $(path_stat server 1 challenge_failed) == null ]]
	sleep 2
	is_state 1 dead
	[[ $(path_stat server 1 challenge_failed) == true ]]
	[[ $(path_stat server 1 reason) == timeout ]]
	wait "$pid"
	listen_end
	# nothing but a challenge and padding
	awk '$2 != 1200 || NF != 4 || $3 !~ /^challenge=/ || $4 != "padding" { exit 1 }' \
		/run/peer || ktap_fail "$(</run/peer)"
	[[ -z $(awk '{ print $3 }' /run/peer | sort | uniq -d) ]]
	times=$(awk 'NR == 1 { first = $1 } { printf "%d ", $1 - first }' /run/peer)
	ktap_info "challenges at $times ms"
	# doubled each time, up to five seconds
	awk -v pto="$PTO" '
		NR == 1 { at = $1; wait = pto; next }
		{
			at += wait
			if ($1 < at - 10 || $1 > at + 10)
				exit 1
			at = $1
			wait = wait * 2 > 5000 ? 5000 : wait * 2
		}
		END { exit NR != 6 }' /run/peer
	(($(events '.event == "path-ntf" and .path.state == "dead" and
		.path.reason == "timeout" and .path.challenge_failed') == 1))
}

# Of a dead path, too.
answers() {
	peer respond 1 0 wrong
	is_state 1 dead
	peer respond 1 1 elsewhere
	is_state 1 dead
	listen server
	peer respond 1 2 right
	is_state 1 active
	listen_end
	[[ $(path_stat server 1 challenge_failed) == null ]]
	(($(events '.event == "path-ntf" and .path.state == "active"') == 1))
	# and that is that
	peer watch 1 6
	[[ $(grep -c challenge /run/peer) == 0 ]]
}

# One answer a packet, to the newest challenge in it, in a full datagram.
asked() {
	local answers
	server_with server
	peer echo 0 0
	[[ $(grep -c response /run/peer) == 1 ]]
	grep -q ' 1200 .*response=6363636363636363' /run/peer
	peer flood 0 10 12
	answers=$(awk '/^answers/ { print $2 }' /run/peer)
	ktap_info "$answers answers to 12 challenges"
	((answers > 0 && answers <= 12))
	is_state 0 active
}

# An authenticated packet opens the path; until its sender has answered, no more
# than three times as much as came goes there.
opened() {
	server_with server 1
	listen server
	peer open 1 0 01 40
	listen_end
	(($(events '.event == "path-ntf" and .path.id == 1 and
		.path.state == "validating" and .path.reason == "peer"') == 1))
	ktap_info "$(grep -c challenge /run/peer) challenges, $(budget) bytes left"
	# no challenge is as small as that
	(($(budget) >= 0 && $(budget) < 38)) || ktap_fail "$(</run/peer)"
	is_state 1 dead
	# a full one fits now
	peer open 1 1 "1a3132333435363738$(printf '%01600d' 0)" 0.5
	grep -q ' 1200 .*response=3132333435363738 challenge=' /run/peer
	peer respond 1 2 right
	is_state 1 active
}

# RFC 9000 section 8.2.3: that the address is right does not say that the path
# can carry what it has to.
opened_small() {
	local sizes
	server_with server 1
	peer small 1 0
	sizes=$(awk '/challenge/ { print $2 }' /run/peer | tr '\n' ' ')
	ktap_info "challenges of $sizes bytes"
	[[ $sizes =~ ^[4-9][0-9]\ 1200\ $ ]]
	is_state 1 active
}

# Who cannot authenticate opens nothing, and nobody does at a client.
not_opened() {
	server_with server 1
	peer forge 1
	[[ $(server mqvpnctl --json path show dev "$DEV" | jq length) == 1 ]]
	(($(drop server rx_auth) > 0))
	server_with client 1
	peer open 1 0 01 0.2
	[[ $(server mqvpnctl --json path show dev "$DEV" | jq length) == 1 ]]
	(($(drop server rx_no_path) == 1))
}

# The peer's own IDs are needed to send to it.
ids_needed() {
	server_with server 1 2
	server mqvpnctl cid del dev "$DEV" peer path 2 seq 0
	listen server
	peer open 2 0 01 0
	peer open 2 1 01 0.2
	if server mqvpnctl path add dev "$DEV" id 2 remote 10.0.1.1:9 2>/run/out
	then
		ktap_fail "a path without the peer's connection ID"
	fi
	listen_end
	grep -q 'connection ID' /run/out
	(($(drop server rx_path_refused) == 2))
	[[ $(server mqvpnctl --json path show dev "$DEV" | jq length) == 1 ]]
	# the peer's packets had it told once a second at most
	(($(events '.event == "path-ids-needed-ntf" and .conn_id == 1') == 2))
	server mqvpnctl cid add dev "$DEV" peer path 2 id "$(cid client 2)"
	peer open 2 2 01 0.2
	grep -q challenge /run/peer
	# a path ID is never used twice, whoever asks
	server mqvpnctl path remove dev "$DEV" id 2
	# once more, for it not to wait for what is late
	server mqvpnctl path remove dev "$DEV" id 2
	peer open 2 3 01 0.2
	[[ $(grep -c challenge /run/peer) == 0 ]]
	(($(drop server rx_no_path) == 1))
}

# by_client: a tunnel whose server's end knows of no path.
by_client() {
	local multipath="multipath max-path-id 8 peer-max-path-id 8"
	local aead=aes-128-gcm confirmed=confirmed mtu=''
	tunnel paths=a
	ip -n server link del "$DEV"
	ip -n server link add "$DEV" type mqvpn
	{
		connection_commands server
		path_commands server 0 a 4 | sed '/path add/d'
		path_commands server 1 b 4 | sed '/path add/d'
	} | server bash -euo pipefail >/dev/null
	device_up server
}

# The first link takes nothing at first.
both_ours() {
	by_client
	tc -n client qdisc replace dev veth-b root netem loss 100%
	path_commands client 1 b 4 | client bash -euo pipefail >/dev/null
	# the first packet opens path 0, which is not yet good for an answer; one
	# by ICMP would be refused within itself, which a debug kernel minds
	client ping -q -c 1 -W 0.1 "${SERVER4%.*}.77" >/dev/null || true
	ping_through client "$SERVER4"
	sleep 8
	[[ $(path_stat client 1 state) == dead ]]
	[[ $(server mqvpnctl --json path show dev "$DEV" | jq length) == 1 ]]
	# shellcheck disable=SC2086 # words
	tc -n client qdisc replace dev veth-b root netem ${SHAPE[b]}
	wait_until 6 paths_active
	[[ $(server mqvpnctl --json path show dev "$DEV" | jq length) == 2 ]]
	[[ $(path_stat server 0 reason) == peer ]]
	path_remove 0
	ping_through client "$SERVER4"
	tunnel_del
}

ktap_require ip tc ss jq python3 mqvpnctl
slow_links
topology a b
ktap_plan 8
ktap_case "challenges until the path is dead, and on" challenges
ktap_case "answers, right and wrong" answers
ktap_case "challenges are answered" asked
ktap_case "a packet opens a path, and is outweighed three times" opened
ktap_case "an answer to a small challenge is not enough" opened_small
ktap_case "no path for a stranger, or at a client" not_opened
ktap_case "connection IDs are needed" ids_needed
ktap_case "two ends of ours, and a link that is down at first" both_ours
ktap_end
