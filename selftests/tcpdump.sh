#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A running tcpdump on the links below changes nothing, sees nothing in clear,
# and tshark decrypts what it has captured with the installed secrets.
#
# Timeout: 90

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

readonly CAPTURE=/run/capture.pcap

# No packet is lost or delayed for it.
changes_nothing() {
	local alone watched before after
	alone=$(tcp client "$SERVER4" 2 1)
	drops server >/run/before
	capture_start server "$CAPTURE" -s 100
	watched=$(tcp client "$SERVER4" 2 1)
	capture_end
	drops server >/run/after
	ktap_info "$alone Mbit/s alone, $watched watched"
	is "$watched >= $alone * 0.99 && $watched <= $alone * 1.01"
	before=$(grep -v rx_copied /run/before)
	after=$(grep -v rx_copied /run/after)
	[[ $before == "$after" ]] || ktap_fail "it dropped packets: $after"
}

# A packet that somebody else holds, too, is not decrypted in place: here one
# that waits in a packet socket which nobody reads. It must stay as it was.
held_packets() {
	local copied
	copied=$(drop server rx_copied)
	ping_through client "$SERVER4"
	(($(drop server rx_copied) == copied)) ||
		ktap_fail "packets were copied for nobody"
	server python3 -c '
import socket, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(("veth-a", 0))
open("/run/watching", "w").close()
s.settimeout(5)
seen = set()
while len(seen) < 10:
    time.sleep(0.2)
    data = s.recv(2000)
    assert data[42:] not in seen
    seen.add(data[42:])
    assert b"mqvpnmqvpn" not in data, "it was decrypted where it was"
' &
	wait_until 10 test -e /run/watching
	ping_through client "$SERVER4" -p 6d7176706e -s 500
	wait "$!"
	copied=$(($(drop server rx_copied) - copied))
	((copied >= 5)) || ktap_fail "only $copied packets were copied"
}

# pings [CONNECTION-OPTION...]: captured, on a tunnel of their own. A pattern
# that no cipher leaves visible.
pings() {
	tunnel paths=a "$@"
	capture_start client "$CAPTURE" udp
	ping_through client "$SERVER4" -p 6d7176706e -s 500
	capture_end
	tunnel_del
}

nothing_in_clear() {
	pings
	(($(tcpdump -r "$CAPTURE" 2>/dev/null | wc -l) >= 10))
	! LC_ALL=C grep -q mqvpnmqvpnmqvpn "$CAPTURE" || ktap_fail "in clear"
	# neither addresses: 192.168.9.1 and .2 in a row
	! LC_ALL=C grep -qP '\xc0\xa8\x09\x01\xc0\xa8\x09\x02' "$CAPTURE" ||
		ktap_fail "addresses in clear"
}

# datagrams AEAD: what tshark finds in the DATAGRAM frames, in hex.
datagrams() {
	"$TOOLS/keylog.py" "$CAPTURE" /run/keyed.pcap /run/keys "$1" \
		"$(secret client "$1")" "$(secret server "$1")" \
		"$(cid client 0)" "$(cid server 0)"
	tshark -r /run/keyed.pcap -o tls.keylog_file:/run/keys -T fields \
		-e quic.dg -Y quic.dg 2>/dev/null
}

# inner AEAD: the same as a capture of bare IP packets, listed. Quarter stream
# ID 0 and context ID 0 precede each.
inner() {
	datagrams "$1" | sed -n 's/^0000//; s/../ &/gp' | sed 's/^/0000/' |
		text2pcap -q -l 101 - /run/inner.pcap 2>/dev/null
	tshark -r /run/inner.pcap 2>/dev/null
}

# count PATTERN of the lines listed last.
count() { grep -cE "$1" /run/listed || true; }

# Without multipath all frames are of RFC 9000, so tshark sees every packet.
decrypts() {
	pings multipath=
	inner aes-128-gcm >/run/listed
	[[ $(count "192.168.9.1 → 192.168.9.2 .* Echo \(ping\) request") == 5 &&
		$(count "192.168.9.2 → 192.168.9.1 .* Echo \(ping\) reply") == 5 ]] || {
		cat /run/listed
		ktap_fail "tshark did not find five echoes and replies"
	}
}

# IPv4, between the two, ICMP echo and its reply, behind the two IDs.
decrypts_hex() {
	pings aead="$1" multipath=
	datagrams "$1" >/run/listed
	[[ $(count "^000045.*c0a80901c0a809020800") == 5 &&
		$(count "^000045.*c0a80902c0a809010000") == 5 ]] || {
		cat /run/listed
		ktap_fail "tshark did not find five echoes and replies"
	}
}

# With it tshark 4.0 stops at a PATH_ACK, which is younger than it is; the first
# packet holds none.
decrypts_multipath() {
	pings
	datagrams aes-128-gcm >/run/listed
	(($(count "^000045.*c0a80901c0a809020800") > 0)) || {
		cat /run/listed
		ktap_fail "tshark found no echo request"
	}
}

# What proves that the above decrypts: with another secret it does not.
needs_the_secret() {
	pings multipath=
	secret() { printf '00%.0s' {1..32}; }
	datagrams aes-128-gcm >/run/listed || true
	[[ $(count .) == 0 ]]
}

ktap_require ip ss iperf jq ping tcpdump tshark text2pcap python3 mqvpnctl
slow_links
topology a
ktap_plan 8
tunnel paths=a
ktap_case "a running tcpdump changes nothing" changes_nothing
ktap_case "held packets are copied" held_packets
tunnel_del
ktap_case "it sees nothing in clear" nothing_in_clear
ktap_case "tshark decrypts it and shows the pings" decrypts
for aead in aes-256-gcm chacha20-poly1305; do
	ktap_case "tshark decrypts $aead" decrypts_hex "$aead"
done
ktap_case "tshark decrypts path 0 of a multipath connection" decrypts_multipath
ktap_case "not without the secret" needs_the_secret
ktap_end
