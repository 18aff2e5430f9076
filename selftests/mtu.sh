#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The MTU: its bounds, packets that fill it, those that do not fit a path, and
# no fragment on the links below.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

readonly CAPTURE=/run/capture.pcap

mtu_of() { ip -n client -j link show dev "$DEV" | jq '.[0].mtu'; }

bounds() {
	local max
	[[ $(mtu_of) == 1420 ]]
	ip -n client link set "$DEV" mtu 1280
	! ip -n client link set "$DEV" mtu 1279 2>/run/error ||
		ktap_fail "an MTU that IPv6 does not allow"
	grep -i mtu /run/error
	max=$(ip -n client -d -j link show dev "$DEV" | jq '.[0].max_mtu')
	ip -n client link set "$DEV" mtu "$max"
	! ip -n client link set "$DEV" mtu $((max + 1)) 2>/run/error ||
		ktap_fail "an MTU beyond $max"
	grep -i mtu /run/error
	ip -n client link set "$DEV" mtu 1420
}

# With the largest MTU that fits 1,500 bytes below, every size passes.
fills() {
	local outer=$1 mtu=$2 end size
	tunnel outer="$outer"
	for end in client server; do
		ip -n "$end" link set "$DEV" mtu "$mtu"
	done
	capture_start client "$CAPTURE"
	for size in $((mtu - 40)) $((mtu - 28)); do
		ping_through client "$SERVER4" -M "do" -s "$size"
	done
	ping_through client "$SERVER6" -M "do" -s "$((mtu - 48))"
	capture_end
	full_frames "$outer"
	tunnel_del
}

# seen FILTER: packets in the capture.
seen() { tcpdump -n -r "$CAPTURE" "$@" 2>/dev/null | wc -l; }

# Frames of 1,514 bytes were there, no fragment, and all with DF.
full_frames() {
	(($(seen greater 1514) >= 20)) || ktap_fail "no full frame"
	if [[ $1 == 4 ]]; then
		(($(seen 'udp and ip[6:2] & 0x4000 = 0') == 0)) ||
			ktap_fail "packets without DF"
		(($(seen 'ip[6:2] & 0x3fff != 0') == 0)) || ktap_fail "fragments"
	else
		(($(seen 'ip6[6] = 44') == 0)) || ktap_fail "fragments"
	fi
}

# complains ADDRESS SIZE TEXT: ping gets the answer, from its own kernel first
# as an ICMP error, then from its cache.
complains() {
	local out counted
	counted=$(drop client tx_too_big)
	out=$(client ping -n -M "do" -c 2 -i 0.2 -W 1 -s "$2" "$1" 2>&1) || true
	grep -E "$3" <<<"$out" || ktap_fail "instead: $out"
	(($(drop client tx_too_big) > counted)) || ktap_fail "it is not counted"
}

# A device that promises more than the path can carry.
too_big() {
	tunnel mtu=1500
	complains "$SERVER4" 1472 "(Frag needed.*mtu = |mtu=)1440"
	complains "$SERVER6" 1452 "(Packet too big: mtu=|mtu=|mtu: )1440"
	tcp_through
	tunnel_del
}

# What comes in one piece for many packets is answered likewise, when these are
# too long: TCP, which knows nothing yet, learns from it.
tcp_learns() {
	local address counted
	for address in "$SERVER4" "$SERVER6"; do
		tunnel mtu=1500
		counted=$(drop client tx_too_big)
		tcp_through "$address"
		(($(drop client tx_too_big) > counted)) ||
			ktap_fail "nothing was too big"
		tunnel_del
	done
}

# tcp_through [ADDRESS]: TCP learns from the same answer.
tcp_through() {
	transfer_start client "${1:-$SERVER4}" 0.5
	transfer_end
	((TRANSFERRED > 200000))
}

# A smaller link below.
small_link() {
	local end
	for end in client server; do
		ip -n "$end" link set veth-a mtu 1400
	done
	tunnel
	complains "$SERVER4" 1392 "(Frag needed.*mtu = |mtu=)1340"
	complains "$SERVER6" 1372 "(Packet too big: mtu=|mtu=|mtu: )1340"
	tcp_through
	tunnel_del
	for end in client server; do
		ip -n "$end" link set veth-a mtu 1500
	done
}

ktap_require ip ping jq tcpdump python3 mqvpnctl
slow_links
topology a
ktap_plan 6
ip -n client link add "$DEV" type mqvpn
ktap_case "bounds" bounds
ip -n client link del "$DEV"
ktap_case "1440 bytes over IPv4" fills 4 1440
ktap_case "1420 bytes over IPv6" fills 6 1420
ktap_case "what does not fit the path" too_big
ktap_case "what TCP sends in one piece and does not fit" tcp_learns
ktap_case "a smaller link" small_link
ktap_end
