#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is lost is noticed: by the packets behind it, by time, and where nothing
# is behind it by probes, at the times that RFC 9002 says.
#
# Needs: virtual-time
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

readonly CAPTURE=/run/loss.pcap

# packets COUNT: UDP, which nobody answers, from the client.
packets() {
	# shellcheck disable=SC2016 # expanded in there
	client bash -c 'exec 3>/dev/udp/$1/9
		for ((i = 0; i < $2; i++)); do echo . >&3; done' - "$SERVER4" "$1"
}

hole_open() {
	tc -n server qdisc add dev veth-a clsact
	tc -n server filter add dev veth-a ingress protocol ip \
		flower ip_proto udp action drop
}

hole_close() { tc -n server qdisc del dev veth-a clsact; }

# A tunnel whose path knows its round-trip time, and a capture of what it sends.
settled() {
	tunnel paths=a "$@"
	ping_through client "$SERVER4"
	sleep 0.1
}

# pto: of the client's path, us. The peer may wait 25 ms, as long as it does not
# say otherwise.
pto() {
	local rtt var
	rtt=$(path_stat client 0 rtt)
	var=$(path_stat client 0 rtt_var)
	echo $((rtt + (4 * var > 1000 ? 4 * var : 1000) + 25000))
}

# sent_at: when packets left the client, us, one a line, from the first one on.
sent_at() {
	tcpdump -n -tt -r "$CAPTURE" udp dst port "$SERVER_PORT" 2>/dev/null |
		awk '{ split($1, t, "."); now = t[1] % 100000 * 1e6 + t[2]
			if (NR == 1) first = now
			print now - first }'
}

# near TIME WANTED: to a millisecond or 1 %, us.
near() { is "($1 - $2) ^ 2 < 1e6 + ($2 / 100) ^ 2"; }

# One packet is lost, and then pairs of probes: PTO later, twice that, ...
probes() {
	local pto times
	settled
	pto=$(pto)
	hole_open
	capture_start client "$CAPTURE"
	packets 1
	sleep 2
	capture_end
	mapfile -t times < <(sent_at)
	ktap_info "PTO $pto us, packets at ${times[*]} us"
	near "${times[1]}" "$pto"
	is "${times[2]} - ${times[1]} < 1000"
	near "${times[3]}" $((3 * pto))
	near "${times[5]}" $((7 * pto))
	is "$(path_stat client 0 probe_timeouts) == (${#times[@]} - 1) / 2"
	[[ $(path_stat client 0 lost) == 0 ]] ||
		ktap_fail "a probe time-out is no loss"
}

# The path comes back: the answer to a probe tells what was lost.
recovers() {
	local before lost in_flight
	before=$(path_stat client 0 tx_packets)
	hole_close
	wait_until 10 answered "$before"
	ping_through client "$SERVER4"
	sleep 0.5
	lost=$(path_stat client 0 lost)
	in_flight=$(path_stat client 0 in_flight)
	ktap_info "lost $lost, in flight $in_flight"
	((lost >= 5 && in_flight == 0))
	(($(path_stat client 0 persistent_congestion) == 1)) ||
		ktap_fail "all was lost for more than three PTO"
}

answered() {
	(($(path_stat client 0 tx_packets) > $1 &&
		$(path_stat client 0 in_flight) == 0))
}

# RFC 9001 section 4.1.2
not_before_confirmed() {
	local before
	settled confirmed=
	hole_open
	before=$(path_stat client 0 tx_packets)
	packets 1
	sleep 2
	hole_close
	(($(path_stat client 0 tx_packets) == before + 1))
	[[ $(path_stat client 0 probe_timeouts) == 0 ]]
}

# One of two is lost, nothing follows: time tells, without a probe.
by_time() {
	settled
	hole_open
	packets 1
	# until it has fallen in
	sleep 0.015
	hole_close
	packets 1
	wait_until 1 lost_is 1
	[[ $(path_stat client 0 probe_timeouts) == 0 ]]
	[[ $(path_stat client 0 in_flight) == 0 ]]
}

lost_is() { [[ $(path_stat client 0 lost) == "$1" ]]; }

# Nothing is lost, nothing is probed, and idle is idle.
idle() {
	local before
	settled
	before=$(path_stat client 0 tx_packets)
	sleep 20
	(($(path_stat client 0 tx_packets) == before))
	[[ $(path_stat client 0 probe_timeouts) == 0 ]]
	lost_is 0
}

ktap_require ip ping jq tc tcpdump mqvpnctl
topology a
ktap_plan 5
ktap_case "probes at the right times" probes
ktap_case "a path that comes back" recovers
ktap_case "no probes before the handshake is confirmed" not_before_confirmed
ktap_case "a loss is found by time" by_time
ktap_case "an idle path sends nothing" idle
ktap_end
