#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Senders whose memory the kernel reads later: packet rings and MSG_ZEROCOPY.
# They use it for something else as soon as they are told that it was read,
# while packets wait in the path's queue; the receiver gets what was sent. And
# packets that are no IP, which only packet sockets can send.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

readonly COUNT=60 PORT=9000

# sends PROTOCOL MODE...: by this sender, and all of it arrives.
sends() {
	local protocol=$1
	shift
	server senders "receive-$protocol" "$PORT" "$COUNT" >/run/received &
	wait_until 10 listening server "$PORT" "$protocol"
	client senders "$@" "$PORT" "$COUNT" >/run/sent ||
		ktap_fail "the sender: exit status $?"
	wait "$!" || ktap_fail "not what was sent"
	[[ $(</run/received) == "$COUNT messages, all right" ]]
}

packet_ring() { sends udp ring "$DEV" "$CLIENT4" "$SERVER4"; }

# What the kernel does with it on the way, such as a copy for a checksum, is its
# business.
zerocopy() {
	sends "$1" "$1" "$SERVER4"
	ktap_info "$(</run/sent)"
}

# junk PROTOCOL: refused and counted, no answer to anybody.
junk() {
	local counted carried answers
	counted=$(drop client tx_malformed)
	carried=$(link_stat client "$DEV" tx.packets)
	answers=$(client nstat -asz Icmp6OutMsgs IcmpOutMsgs)
	client senders junk "$DEV" "$1" 5
	counted=$(($(drop client tx_malformed) - counted))
	((counted == 5)) || ktap_fail "$counted of 5 are counted"
	[[ $(link_stat client "$DEV" tx.packets) == "$carried" ]] ||
		ktap_fail "they were carried"
	[[ $(client nstat -asz Icmp6OutMsgs IcmpOutMsgs) == "$answers" ]] ||
		ktap_fail "somebody was told"
}

ktap_require ip ss jq nstat senders mqvpnctl
SHAPE[a]=''
topology a
tunnel paths=a
# so that packets wait in the path's queue
client mqvpnctl path set dev "$DEV" id 0 rate-limit 3mbit
ktap_plan 6
ktap_case "junk that says it is IPv4" junk 0800
ktap_case "junk that does not say what it is" junk 0000
ktap_case "junk that says it is ARP" junk 0806
ktap_case "a packet ring" packet_ring
ktap_case "UDP with MSG_ZEROCOPY" zerocopy udp
ktap_case "TCP with MSG_ZEROCOPY" zerocopy tcp
ktap_end
