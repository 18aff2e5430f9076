#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Congestion control by name: what path A of the topology of record carries with
# each, and how long an echo takes beside it.
#
# Needs: virtual-time
# Timeout: 90

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# TCP with timestamps at an MTU of 1420 on 300 Mbit/s of Ethernet frames.
FROM=2 SPAN=4 CEILING=274.8
# An instrumented kernel takes a minute for a second of that: a slower link.
if [[ ${MQVPN_KERNEL-} == uml-debug ]]; then
	SHAPE[a]="delay 10ms rate 10mbit"
	FROM=1 SPAN=2 CEILING=9.16
fi
readonly FROM SPAN CEILING ECHOES=/run/echoes

# use NAME: from now on, at both ends.
use() {
	client mqvpnctl path set dev "$DEV" id 0 cc "$1"
	server mqvpnctl path set dev "$DEV" id 0 cc "$1"
}

names() {
	local out
	[[ $(path_stat client 0 congestion_control) == none ]]
	use bbr
	[[ $(path_stat client 0 congestion_control) == bbr ]]
	(($(path_stat client 0 cwnd) == 14720))
	client mqvpnctl path show dev "$DEV" | grep -q ' bbr '
	! out=$(client mqvpnctl path set dev "$DEV" id 0 cc reno 2>&1) ||
		ktap_fail "an unknown one is taken"
	[[ $out == *"no such congestion controller"* ]]
	! client mqvpnctl path add dev "$DEV" cc bbr2 2>/dev/null ||
		ktap_fail "an unknown one is taken for a new path"
	[[ $(path_stat client 0 congestion_control) == bbr ]]
	use none
	is "$(path_stat client 0 cwnd) > 1e19"
	[[ $(path_stat client 0 pacing_rate) == 0 ]]
}

# echoes FROM TO: of those sent in these seconds, median and 95th percentile of
# how long they took, ms.
echoes() {
	awk -F'[ =]' -v from="$1" -v to="$2" '
		/icmp_seq/ { if ($6 > from * 10 && $6 <= to * 10) print $10 }' \
		"$ECHOES" | sort -n | awk '{ t[NR] = $1 }
		END { print t[int(NR * 0.5 + 0.5)], t[int(NR * 0.95 + 0.5)] }'
}

# carries NAME: one flow, and a ping ten times a second.
carries() {
	local mbps median most
	tunnel paths=a
	use "$1"
	nsenter --net=/run/netns/client -- ping -n -i 0.1 -c $((SPAN * 10)) \
		"$SERVER4" >"$ECHOES" &
	mbps=$(tcp client "$SERVER4" "$SPAN" "$FROM")
	wait "$!" || true
	read -r median most < <(echoes "$FROM" "$SPAN")
	ktap_info "$1: $mbps Mbit/s of $CEILING, from $FROM to $SPAN seconds"
	ktap_info "echoes meanwhile: median $median ms, p95 $most ms"
	ktap_info "$(client mqvpnctl path show dev "$DEV" | tail -n 1)"
	is "$mbps >= $CEILING * 0.9 && $mbps <= $CEILING * 1.001"
}

# Under load: what is in flight stays, and no packet waits for ever.
changes() {
	local name
	tunnel paths=a
	transfer_start client "$SERVER4" 2
	for name in bbr cubic none bbr; do
		sleep 0.3
		use "$name"
	done
	transfer_end
	wait_until 5 settled
}

# What is acknowledged over another path opens the window, too. No probe would:
# the handshake is not confirmed.
acknowledged_elsewhere() {
	local before after
	server_alone multipath max-path-id 8 peer-max-path-id 8
	{
		echo socket=1
		path_commands server 1 a 4 weight 1000000 cc bbr validated
	} | server bash -e
	server ping -n -q -c 20 -i 0.01 -W 0.1 -s 1300 "$CLIENT4" >/dev/null || true
	before=$(path_stat server 1 tx_packets)
	# PATH_ACK of numbers 0 to 5 of path 1, and PING
	client "$TOOLS/life.py" send 3e010500000501 >/dev/null
	after=$(path_stat server 1 tx_packets)
	ktap_info "$before packets, $after after six were acknowledged"
	((before == 11 && after > before)) ||
		ktap_fail "the window is not used"
}

settled() { [[ $(path_stat client 0 in_flight) == 0 ]]; }

ktap_require ip ss iperf ping jq python3 mqvpnctl
topology a
tunnel paths=a
ktap_plan 5
ktap_case "by name, unknown ones are refused" names
ktap_case "bbr" carries bbr
ktap_case "cubic" carries cubic
ktap_case "another one under load" changes
ktap_case "acknowledged over another path" acknowledged_elsewhere
ktap_end
