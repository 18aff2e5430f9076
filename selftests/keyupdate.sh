#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Key updates (RFC 9001 section 6): by command, by the peer and by itself, over
# one path and over two of unequal delay; none loses a packet or costs
# throughput, and a peer that does it wrong is sent away.
#
# Needs: virtual-time
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# Pings each way, seconds of TCP, and updates meanwhile at least.
PINGS=1100 SPAN=3 LEAST=5
if [[ ${MQVPN_KERNEL-} == uml-debug ]]; then
	PINGS=250 SPAN=2 LEAST=1
fi
readonly PINGS SPAN LEAST

# generation END: of the keys that it sends with.
generation() {
	"$1" mqvpnctl --json conn show dev "$DEV" |
		jq -r '.[0].connection.key_generation'
}

update() { "$1" mqvpnctl key update dev "$DEV"; }

# updated END: as soon as it may.
updated() { wait_until 5 update "$1"; }

# refused END TEXT: for this reason.
refused() {
	update "$1" 2>/run/out && ktap_fail "the $1 updates again"
	grep -q "$2" /run/out || ktap_fail "refused: $(</run/out)"
}

# limit END DIRECTION PACKETS: the same key again, with a limit.
limit() {
	local other=$1
	[[ $2 == tx ]] || other=$(other_end "$1")
	"$1" mqvpnctl key set dev "$DEV" "$2" aead aes-128-gcm packet-limit "$3" \
		file - <<<"$(secret "$other" aes-128-gcm)"
}

# peer CASE [ARG]: against the server's end.
peer() { client "$TOOLS/rekey.py" "$@" >/run/peer || ktap_fail "$(</run/peer)"; }

listen() {
	nsenter --net="/run/netns/$1" -- mqvpnctl --json monitor >/run/events &
	MONITOR=$!
	sleep 0.1
}

# told: the key events, "direction generation reason", one a line.
told() {
	sleep 0.1
	end_processes "$MONITOR"
	jq -r 'select(.key) | .key | "\(.direction) \(.generation) \(.reason)"' \
		/run/events
}

by_command() {
	tunnel paths=a
	ping_through client "$SERVER4"
	listen server
	update client
	refused client "followed\|three PTO"
	ping_through client "$SERVER4"
	refused server "three PTO"
	[[ $(generation client) == 1 && $(generation server) == 1 ]]
	updated server
	ping_through server "$CLIENT6"
	[[ $(generation client) == 2 && $(generation server) == 2 ]]
	[[ $(told | xargs) == "tx 1 peer rx 1 peer tx 2 admin rx 2 admin" ]]
}

at_once() {
	tunnel paths="a b"
	ping_through client "$SERVER4"
	update client
	update server
	ping_through client "$SERVER4"
	ping_through server "$CLIENT6"
	[[ $(generation client) == 1 && $(generation server) == 1 ]]
	updated client
	ping_through client "$SERVER4"
	[[ $(generation client) == 2 && $(generation server) == 2 ]]
}

not_confirmed() {
	tunnel paths=a confirmed=
	ping_through client "$SERVER4"
	refused client "not confirmed"
	client mqvpnctl conn set dev "$DEV" confirmed
	update client
	ping_through client "$SERVER4"
	[[ $(generation server) == 1 ]]
}

by_itself() {
	tunnel paths=a
	limit client tx 400
	listen client
	client ping -n -q -i 0.005 -c 300 "$SERVER4" >/run/out
	grep -q " 300 received" /run/out
	told >/run/told
	[[ $(head -n 2 /run/told | xargs) == "tx 1 key-use rx 1 key-use" ]] ||
		ktap_fail "$(</run/told)"
	(($(generation server) >= 1))
	[[ $(drop client tx_key_limit) == 0 ]]
}

# pings_and_updates COUNT: all are answered, on two paths, while both ends
# update as often as they may; sets $UPDATES.
pings_and_updates() {
	local count=$1 pids=() end
	nsenter --net=/run/netns/client -- \
		ping -n -q -i 0.002 -c "$count" "$SERVER4" >/run/ping4 &
	pids+=($!)
	nsenter --net=/run/netns/server -- \
		ping -n -q -i 0.002 -c "$count" -s 1000 "$CLIENT6" >/run/ping6 &
	pids+=($!)
	while kill -0 "${pids[0]}" 2>/dev/null; do
		for end in client server; do
			update "$end" 2>/dev/null || true
			sleep 0.07
		done
	done
	wait "${pids[@]}"
	UPDATES=$(generation client)
	ktap_info "$UPDATES updates"
	grep -q " $count received" /run/ping4 || ktap_fail "$(</run/ping4)"
	grep -q " $count received" /run/ping6 || ktap_fail "$(</run/ping6)"
	for end in client server; do
		[[ $(drops "$end" | awk '$1 ~ /^rx/ && $1 != "rx_copied" && $2') == "" ]] ||
			ktap_fail "$end: $(drops "$end" | awk '$2' | xargs)"
	done
	[[ $(path_stat client 0 lost) == 0 && $(path_stat client 1 lost) == 0 ]]
}

loses_nothing() {
	tunnel paths="a b" weights="1 1"
	pings_and_updates "$PINGS"
	((UPDATES >= LEAST))
	(($(path_stat server 0 rx_packets) >= PINGS))
	(($(path_stat server 1 rx_packets) >= PINGS))
}

costs_nothing() {
	local alone updating
	tunnel paths=a
	alone=$(tcp client "$SERVER4" "$SPAN" 1)
	(
		while sleep 0.25; do
			updated client
			updated server
		done
	) >/dev/null &
	updating=$(tcp client "$SERVER4" "$SPAN" 1)
	end_processes $!
	ktap_info "$alone Mbit/s alone, $updating with $(generation client) updates"
	(($(generation client) >= LEAST))
	is "$updating >= $alone * 0.995"
}

# Ciphers that answer later.
deferred() {
	"$TOOLS/cryptd.py" add || ktap_skip "cryptd(gcm(aes))"
	tunnel paths="a b" weights="1 1"
	pings_and_updates $((PINGS / 2))
	tunnel_del
	wait_until 5 "$TOOLS/cryptd.py" del
	((UPDATES >= 1))
}

led() {
	server_alone confirmed idle-timeout 0
	rm -f /run/led
	nsenter --net=/run/netns/client -- "$TOOLS/rekey.py" led >/run/peer &
	wait_until 5 test -e /run/led
	update server
	refused server "followed"
	wait $! || ktap_fail "$(</run/peer)"
	[[ $(generation server) == 1 ]]
}

follows() {
	server_alone confirmed idle-timeout 0
	peer follow
	[[ $(generation server) == 5 ]]
	[[ $(drop server rx_auth) == 0 ]]
}

# Without a sample three PTO are 3 * (333 + 4 * 166.5 + 25) ms.
late() {
	server_alone confirmed idle-timeout 0
	peer late 3.072
	ktap_info "$(</run/peer)"
	[[ $(drop server rx_auth) == 1 ]]
}

forged() {
	server_alone confirmed idle-timeout 0
	listen server
	peer forged
	[[ $(told) == "" && $(generation server) == 0 ]]
	[[ $(drop server rx_auth) == 50 ]]
	[[ $(drops server | awk '$2' | wc -l) == 1 ]]
}

# sent_away CASE
sent_away() {
	server_alone confirmed idle-timeout 0
	peer "$1"
	ktap_info "$(</run/peer)"
	[[ $(drop server rx_protocol) == 1 ]]
}

# 128 packets with the first key, 192 with the next, which cannot be updated
# because nobody acknowledges it, and the last word.
hard_stop() {
	server_alone confirmed idle-timeout 0
	limit server tx 256
	listen server
	peer spend
	[[ $(</run/peer) == "128 193" ]] || ktap_fail "packets: $(</run/peer)"
	[[ $(told | xargs) == "tx 1 key-use tx 1 key-limit" ]]
	[[ $(jq -r 'select(.connection) | .connection |
		"\(.state) \(.reason) \(.close_code)"' /run/events) == \
		"closing key-limit 15"* ]]
	[[ $(drop server tx_key_limit) == 1 ]]
}

too_many_failures() {
	server_alone confirmed idle-timeout 0
	limit server rx 256
	listen server
	peer spoil
	[[ $(told) == "rx 0 key-limit" ]]
}

MONITOR=
ktap_require ip ping iperf jq python3 mqvpnctl
slow_links
topology a b
ktap_plan 15
ktap_case "by command, at either end" by_command
ktap_case "at both ends at once" at_once
ktap_case "not before the handshake is confirmed" not_confirmed
ktap_case "by itself" by_itself
ktap_case "no packet is lost" loses_nothing
ktap_case "no throughput is lost" costs_nothing
ktap_case "with ciphers that answer later" deferred
ktap_case "another implementation follows" led
ktap_case "another implementation is followed" follows
ktap_case "what is late is taken for three PTO" late
ktap_case "a forged key phase changes nothing" forged
ktap_case "who does not wait is sent away" sent_away hasty
ktap_case "who goes back is sent away" sent_away behind
ktap_case "a key that is used up ends the connection" hard_stop
ktap_case "so do too many packets that are not genuine" too_many_failures
ktap_end
