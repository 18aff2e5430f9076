#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets of a path leave in the order of their numbers, whatever queues are
# below: eight TCP flows, over fq, which would serve each flow by itself, and
# over four queues of different delay, which would each take some of the flows.
#
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

readonly CAPTURE=/run/order.pcap

SHAPE[a]=''

# numbers_fall: how often in the capture, whose packets tshark decrypts, a
# number is below one before it.
numbers_fall() {
	"$TOOLS/keylog.py" "$CAPTURE" /run/keyed.pcap /run/keys aes-128-gcm \
		"$(secret client aes-128-gcm)" "$(secret server aes-128-gcm)" \
		"$(cid client 0)" "$(cid server 0)"
	tshark -r /run/keyed.pcap -o tls.keylog_file:/run/keys \
		-Y "udp.dstport == $SERVER_PORT && quic.short" \
		-T fields -e quic.packet_number 2>/dev/null >/run/numbers
	awk '$1 + 0 < last { n++ } { last = $1 + 0 } END { print n + 0 }' /run/numbers
}

# eight_flows: TCP from the client; the first packets are captured as they
# arrive at the server.
eight_flows() {
	capture_start server "$CAPTURE" -c 4000 udp dst port "$SERVER_PORT"
	iperf_server server
	client iperf -c "$SERVER4" -n 800K -P 8 >/dev/null
	iperf_stop
	capture_end
}

in_order() {
	local end reordered numbers
	for end in client server; do
		reordered=$(path_stat "$end" 0 reordered)
		[[ $reordered == 0 ]] ||
			ktap_fail "$reordered packets reached the $end out of order"
	done
	reordered=$(numbers_fall)
	numbers=$(wc -l </run/numbers)
	((numbers > 2000)) || ktap_fail "only $numbers packets were decrypted"
	[[ $reordered == 0 ]] ||
		ktap_fail "$reordered of $numbers numbers are out of order"
}

# fq at the client's end, and a delay on the way back, so that its pacing of
# sockets, if it knew them, had something to pace by.
over_fq() {
	topology a
	link_offloads a
	tc -n client qdisc replace dev veth-a root fq
	tc -n server qdisc replace dev veth-a root netem delay 10ms
	tunnel paths=a
	eight_flows
	in_order
	topology_del
}

# Packets in queues of their own would overtake each other by milliseconds.
over_four_queues() {
	local end queue
	topology
	link_add a numtxqueues 4 numrxqueues 4
	link_offloads a
	for end in client server; do
		tc -n "$end" qdisc replace dev veth-a root handle 1: mq
		for queue in 1 2 3 4; do
			tc -n "$end" qdisc replace dev veth-a parent "1:$queue" \
				netem delay "$((5 + 4 * queue))ms" rate 20mbit
		done
	done
	tunnel paths=a
	eight_flows
	in_order
	topology_del
}

# The same without the tunnel: the set-up does reorder what it can.
queues_do_differ() {
	local used
	topology
	link_add a numtxqueues 4 numrxqueues 4
	tc -n client qdisc replace dev veth-a root handle 1: mq
	iperf_server server
	client iperf -c "$(link_addr server a 4)" -n 200K -P 8 >/dev/null
	iperf_stop
	used=$(tc -n client -s qdisc show dev veth-a | awk '
		/^qdisc/ { leaf = $2 != "mq" }
		/Sent/ && leaf && $2 > 5000 { n++ }
		END { print n + 0 }')
	ktap_info "eight flows use $used queues"
	((used > 1))
	topology_del
}

ktap_require ip ss tc iperf jq tcpdump tshark python3 mqvpnctl
ktap_plan 3
ktap_case "fq as root qdisc" over_fq
ktap_case "four transmit queues" over_four_queues
ktap_case "which plain flows would have spread over" queues_do_differ
ktap_end
