#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Memory that is not there: each allocation of each netlink command fails once,
# which refuses the command and changes nothing; and one in ten of the data
# path's, which drops packets and nothing else.
#
# Needs: debug
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"
# shellcheck source=selftests/lib/owner.sh
. "$(dirname "$0")/lib/owner.sh"

readonly DEBUGFS=/sys/kernel/debug

# fault NAME VALUE...: a knob of both kinds of failing allocations.
fault() {
	local kind
	for kind in failslab fail_page_alloc; do
		echo "$2" >"$DEBUGFS/$kind/$1"
	done
}

# Of the commands alone: they count their own allocations.
commands() {
	fault verbose 0
	fault ignore-gfp-wait N
	echo 0 >"$DEBUGFS/fail_page_alloc/min-order"
	client nlmatrix "$DEV" --faults
}

# packets_fail PERCENT: of all, but only those that may not wait: packets, not
# programs.
packets_fail() {
	fault verbose 0
	fault ignore-gfp-wait Y
	fault times -1
	fault probability "$1"
}

# all_told FROM TO: each packet that left one end's device and did not come out
# of the other's is in a counter, and so is each that did not leave.
all_told() {
	local lost told
	lost=$(($(link_stat "$1" "$DEV" tx.packets) -
		$(link_stat "$2" "$DEV" rx.packets)))
	told=$(($(drop "$1" tx_no_route) + $(drop "$2" rx_no_memory)))
	ktap_info "$1: $lost lost and $told counted on the way," \
		"$(link_stat "$1" "$DEV" tx.dropped) dropped before"
	((lost == told)) || ktap_fail "and that is not the same"
	(($(link_stat "$1" "$DEV" tx.dropped) > 0))
	(($(link_stat "$1" "$DEV" tx.dropped) <= $(drop "$1" tx_no_memory) +
		$(drop "$1" tx_no_connection) + $(drop "$1" tx_malformed) ))
}

packets() {
	local pids=() end
	nsenter --net=/run/netns/client -- \
		ping -n -q -i 0.01 "$SERVER4" >/run/ping4 2>&1 &
	pids+=($!)
	nsenter --net=/run/netns/client -- \
		ping -n -q -i 0.01 -s 1300 "$SERVER6" >/run/ping6 2>&1 &
	pids+=($!)
	sleep 0.2
	packets_fail 10
	sleep 5
	fault probability 0
	kill -INT "${pids[@]}"
	wait "${pids[@]}" || true
	# what is under way arrives
	sleep 0.1
	sed -n '/transmitted/s/^/# /p' /run/ping4 /run/ping6
	for end in client server; do
		drops "$end" | awk -v end="$end" '$2 { print "# " end, $0 }'
	done
	all_told client server
	all_told server client
	ping_through client "$SERVER4"
	ping_through client "$SERVER6" -s 1300
}

stream() {
	transfer_start client "$SERVER4" 2
	sleep 0.2
	packets_fail 2
	sleep 1
	fault probability 0
	transfer_end
	ktap_info "$TRANSFERRED bytes"
}

# Control frames: each arrives, and both owners are told, each time.
frames() {
	local end i
	for end in client server; do
		owner_start "$end" "$end"
	done
	packets_fail 20
	for i in {1..30}; do
		echo "deliver conn=1 cookie=$i data=$(printf '060001%02x' "$i")"
	done >/run/many
	cat /run/many >/run/owner-client.in
	sleep 2
	fault probability 0
	for i in {1..30}; do
		owner_said client "^frame-tx-ntf conn=1 cookie=$i\$" 10
		owner_said server "data=(060001..)*$(printf '060001%02x' "$i")"
	done
	owner_end client
	owner_end server
}

# Nothing else sends on an idle connection: what finds no memory tries again.
frame_alone() {
	owner_start client client
	owner_start server server
	sleep 1
	packets_fail 100
	owner_tell client deliver conn=1 cookie=7 data=06000177
	sleep 0.3
	fault probability 0
	owner_said server "data=06000177" 1
	owner_said client "^frame-tx-ntf conn=1 cookie=7\$" 1
	owner_end client
	owner_end server
}

# A path is opened, and the connection closed, while packets fail.
ends() {
	local _
	for _ in 1 2 3; do
		client ping -n -q -f -w 2 "$SERVER4" >/dev/null &
		packets_fail 30
		path_add 1 b || true
		client mqvpnctl conn close dev "$DEV" code 7
		fault probability 0
		wait "$!" || true
		tunnel paths=a
	done
	ping_through client "$SERVER4"
}

ktap_require ip ping mqvpnctl nlmatrix
[[ -x $OWNER_TOOL ]] || ktap_skip owner-tool
SHAPE[b]=''
topology a b
tunnel paths=a
ktap_plan 7
# first, because its good requests are about the first tunnel
ip -n client link set "$DEV" down
ktap_case "every allocation of every command" commands
tunnel paths=a
ktap_case "packets go when memory is short, and later come again" packets
ktap_case "a stream goes on" stream
ktap_case "control frames arrive" frames
ktap_case "one on an idle connection, too" frame_alone
ktap_case "a path opens, a connection closes" ends
ktap_case "the tunnel goes on" ping_through client "$SERVER4"
ktap_end
