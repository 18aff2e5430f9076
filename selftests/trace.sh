#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tracepoints tell of every packet and every drop, by the name of its counter:
# as many as the counters count, and the kernel's own tracepoint gives a reason.
#
# Needs: qemu
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

readonly TRACING=/sys/kernel/tracing

# traced EVENT: lines of it, in /run/trace.
traced() { grep -c " mqvpn_$1: " /run/trace || true; }

# trace COMMAND...: what it makes the tracepoints say is in /run/trace.
trace() {
	echo >"$TRACING"/trace
	"$@"
	# the last acknowledgements
	sleep 0.3
	cat "$TRACING"/trace >/run/trace
}

# path_sum NAME: of both ends.
path_sum() { echo $(($(path_stat client 0 "$1") + $(path_stat server 0 "$1"))); }

packets() {
	local tx rx
	tx=$(path_sum tx_packets) rx=$(path_sum rx_packets)
	trace ping_through client "$SERVER4" -s 200
	tx=$(($(path_sum tx_packets) - tx)) rx=$(($(path_sum rx_packets) - rx))
	((tx >= 10 && rx >= 10))
	[[ $(traced tx) == "$tx" && $(traced rx) == "$rx" ]] || ktap_fail \
		"$(traced tx) of $tx sent, $(traced rx) of $rx received"
	# 200 bytes and the headers of ICMP and IP
	[[ $(grep -c "mqvpn_tx: dev=$DEV conn=[0-9]* path=0 pn=[0-9]* bytes=[0-9]* inner=228" /run/trace) == 10 ]]
	[[ $(grep -c "mqvpn_rx: dev=$DEV .* datagrams=1" /run/trace) == 10 ]]
	[[ $(traced drop) == 0 ]]
}

# counters: drops at both ends together, "name number" a line.
counters() {
	{ drops client && drops server; } | awk '$1 != "rx_copied" { n[$1] += $2 }
		END { for (i in n) print i, n[i] }' | sort
}

# bytes ESCAPED: a datagram from outside.
bytes() { client bash -c "printf '$1' >/dev/udp/10.0.1.2/$SERVER_PORT"; }

provoke() {
	local cid n
	cid=$(cid server 0 | sed 's/../\\x&/g')
	# nobody's destination, and no source of the client's
	server ping -q -c 1 -W 1 192.168.9.77 || true
	client ping -q -c 2 -i 0.2 -W 0.2 -I 192.168.9.78 "$SERVER4" || true
	# what the path does not take
	client ping -q -c 1 -W 1 -M "do" -s 1450 "$SERVER4" || true
	bytes 'short'
	bytes '\xc0\x00\x00\x00\x0140 bytes of a long header, or a few more'
	bytes '\x40 40 bytes of a short header, or a few more'
	# half of them seem to be of the other key phase
	for n in {1..8}; do
		bytes "\\x40$cid $n $n $n known ID, and nothing that would open"
	done
}

every_drop() {
	local name before after events
	counters >/run/before
	trace provoke >/dev/null 2>&1
	counters >/run/after
	while read -r name before after; do
		events=$(grep -ci " mqvpn_drop: .* reason=$name " /run/trace) || true
		((events == after - before)) || ktap_fail \
			"$name: $((after - before)) counted, $events traced"
	done < <(join /run/before /run/after)
	for name in tx_no_connection tx_too_big rx_malformed rx_long_header \
		rx_unknown_cid rx_source rx_auth; do
		grep -qi "mqvpn_drop: dev=$DEV ${name%%_*} reason=$name len=" \
			/run/trace || ktap_fail "no $name"
	done
}

# too_big: what was not yet told to be.
too_big() { client ping -q -c 1 -W 1 -M "do" -s 1430 "$SERVER6" || true; }

kernels_reason() {
	echo 1 >"$TRACING"/events/skb/kfree_skb/enable
	trace too_big >/dev/null 2>&1
	echo 0 >"$TRACING"/events/skb/kfree_skb/enable
	grep "kfree_skb: .*reason: PKT_TOO_BIG" /run/trace
}

nothing_when_off() {
	echo 0 >"$TRACING"/events/mqvpn/enable
	trace ping_through client "$SERVER4"
	! grep -q mqvpn_ /run/trace
}

ktap_require ip ping jq mqvpnctl
[[ -d $TRACING/events ]] || mount -t tracefs tracefs "$TRACING"
[[ -d $TRACING/events/mqvpn ]] || ktap_skip "tracepoints"
slow_links
topology a
tunnel mtu=1500
ip -n client addr add 192.168.9.78/32 dev "$DEV"
echo 1 >"$TRACING"/events/mqvpn/enable
ktap_plan 4
ktap_case "every packet" packets
ktap_case "every drop, by its counter's name" every_drop
ktap_case "the kernel's reason" kernels_reason
ktap_case "nothing when it is off" nothing_when_off
ktap_end
