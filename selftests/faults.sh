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

# Of all, but only those that may not wait: packets, not programs.
packets() {
	local pids=()
	fault verbose 0
	fault ignore-gfp-wait Y
	fault times -1
	nsenter --net=/run/netns/client -- \
		ping -n -q -i 0.01 "$SERVER4" >/run/ping4 2>&1 &
	pids+=($!)
	nsenter --net=/run/netns/client -- \
		ping -n -q -i 0.01 -s 1300 "$SERVER6" >/run/ping6 2>&1 &
	pids+=($!)
	sleep 0.2
	fault probability 10
	sleep 5
	fault probability 0
	kill -INT "${pids[@]}"
	wait "${pids[@]}" || true
	sed -n '/transmitted/s/^/# /p' /run/ping4 /run/ping6
	drops client | awk '$2 { print "# " $0; n++ } END { exit !n }'
	ping_through client "$SERVER4"
	ping_through client "$SERVER6" -s 1300
}

ktap_require ip ping mqvpnctl nlmatrix
topology a
tunnel paths=a
ktap_plan 3
ktap_case "packets go when memory is short, and later come again" packets
ip -n client link set "$DEV" down
ktap_case "every allocation of every command" commands
ip -n client link set "$DEV" up
ktap_case "the tunnel goes on" ping_through client "$SERVER4"
ktap_end
