#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Idle time-out and keepalive (RFC 9000 section 10.1), to the millisecond.
#
# Needs: virtual-time
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

connections() { server mqvpnctl --json conn show dev "$DEV" | jq length; }

# The server's events, each with its time in us.
listen() {
	nsenter --net=/run/netns/server -- mqvpnctl --json monitor |
		while read -r line; do
			echo "${EPOCHREALTIME/./} $line"
		done >/run/events &
	MONITOR=$!
	sleep 0.1
}

# ended_after FROM MS: the connection was deleted so long after a time in us,
# because of the time-out, and without a word before.
ended_after() {
	local at event
	kill_monitor
	ktap_info "events: $(wc -l </run/events)"
	[[ $(wc -l </run/events) == 1 ]]
	read -r at event </run/events
	jq -e '.event == "conn-del-ntf" and .connection.reason == "timeout"
		and (.connection | has("close_code") | not)' <<<"$event" >/dev/null
	ktap_info "after $((at - $1)) us"
	is "$at - $1 >= $2 * 1000 - 1 && $at - $1 < $2 * 1000 + 1000"
}

kill_monitor() {
	local pid
	for pid in $(ip netns pids server); do
		kill "$pid"
	done
	wait "$MONITOR" || true
}

# say MS: the program speaks now, listens so long, and $SAID is when.
say() {
	client "$TOOLS/life.py" listen "$1" >/run/heard
	SAID=$(awk '$1 == "start" { print $2 }' /run/heard)
}

# What came: times in ms and frames.
heard() { awk '$1 != "start"' /run/heard; }

timeout_exact() {
	server_alone idle-timeout 5000
	listen
	say 6000
	ended_after "$SAID" 5000
	# the acknowledgement, and nothing else
	[[ $(heard | wc -l) == 1 ]]
	[[ $(connections) == 0 ]]
}

# Without a round-trip time PTO is 333 + 4 * 166.5 + 25 ms.
three_ptos() {
	server_alone idle-timeout 1
	listen
	say 4000
	ended_after "$SAID" 3072
}

# Only the first packet sent since the peer was heard counts.
first_sent() {
	server_alone idle-timeout 5000
	listen
	client "$TOOLS/life.py" listen 9000 >/run/heard &
	sleep 2
	SAID=${EPOCHREALTIME/./}
	server ping -n -q -c 6 -i 1 -W 1 "$CLIENT4" >/dev/null || true
	sleep 2
	[[ $(connections) == 0 ]]
	ended_after "$SAID" 5000
}

keepalive() {
	server_alone keepalive 1000 idle-timeout 0
	say 3500
	heard | awk '{ print $1 }' | paste -s -d ' ' >/run/times
	ktap_info "PINGs at $(</run/times) ms"
	[[ $(</run/times) == "5 1005 2005 3005" ]]
	# PING, and what else there is, is one byte
	[[ $(heard | awk 'NR > 1 { print $2 }' | sort -u) == 01 ]]
}

# One end's keepalive on each path keeps both ends alive.
stays_alive() {
	local end path before=()
	tunnel paths="a b"
	for end in client server; do
		"$end" mqvpnctl conn set dev "$DEV" idle-timeout 3000
	done
	client mqvpnctl conn set dev "$DEV" keepalive 1000
	for path in 0 1; do
		before[path]=$(path_stat client "$path" tx_packets)
	done
	sleep 20.5
	for path in 0 1; do
		ktap_info "path $path: $(($(path_stat client "$path" \
			tx_packets) - before[path])) packets in 20.5 s"
		(($(path_stat client "$path" tx_packets) - before[path] == 20))
	done
	ping_through client "$SERVER4"
	# without it, and without the peer's answers, both ends end
	client mqvpnctl conn set dev "$DEV" keepalive 0
	sleep 3.2
	[[ $(connections) == 0 ]]
	[[ $(client mqvpnctl --json conn show dev "$DEV" | jq length) == 0 ]]
}

# Time-outs can be changed, and end many at a time.
many() {
	local i
	tunnel paths=a
	for i in {2..60}; do
		echo "mqvpnctl conn add dev $DEV id $i role server" \
			"idle-timeout 60000"
	done | server bash -e
	[[ $(connections) == 60 ]]
	for i in {2..60}; do
		echo "mqvpnctl conn set dev $DEV id $i idle-timeout 3500"
	done | server bash -e
	sleep 3.6
	[[ $(connections) == 1 ]]
	ping_through client "$SERVER4"
}

ktap_require ip jq python3 mqvpnctl
SHAPE[a]='' SHAPE[b]=''
topology a b
ktap_plan 6
ktap_case "idle time-out" timeout_exact
ktap_case "not below three probe time-outs" three_ptos
ktap_case "restarted by the first packet sent" first_sent
ktap_case "keepalive" keepalive
ktap_case "keepalive on every path" stays_alive
ktap_case "many time-outs" many
ktap_end
