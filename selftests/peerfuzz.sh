#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A peer with the right keys sends 100,000 packets that authenticate, with
# frames of every type, extreme, cut and mixed: what is wrong is counted, and
# other tunnels of the same host go on meanwhile. MQVPN_SEED=N repeats a run.
#
# Timeout: 240

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

readonly VICTIM=mqvpn9

COUNT=100000
[[ $MQVPN_KERNEL == uml ]] || COUNT=20000

# Sum of a device's drops, and of what its paths took.
victim_drops() {
	server mqvpnctl --json --stats show dev "$VICTIM" |
		jq '[.[0].device.counters[]] | add'
}

attacked() {
	local before after
	before=$(victim_drops)
	server peerfuzz "$VICTIM" 1 /run/netns/client "$COUNT"
	after=$(victim_drops)
	((after - before > COUNT / 2)) ||
		ktap_fail "only $((after - before)) of $COUNT were dropped"
	server mqvpnctl --json --stats show dev "$VICTIM" |
		jq -r '.[0].device.counters | to_entries[] | select(.value > 0)
			| "# \(.key) \(.value)"'
}

# All the while the good tunnel carries a ping every 10 ms.
beside() {
	local pid out lost
	out=$(mktemp)
	nsenter --net=/run/netns/client -- \
		ping -n -q -i 0.01 "$SERVER4" >"$out" &
	pid=$!
	attacked
	kill -INT "$pid"
	wait "$pid" || true
	lost=$(awk '/transmitted/ { print $1 - $4 }' "$out")
	grep transmitted "$out" | sed 's/^/# /'
	# one may be under way when ping is told to end
	((lost <= 1)) || ktap_fail "the good tunnel lost $lost"
	rm -f "$out"
}

goes_on() {
	ping_through client "$SERVER4"
	ping_through client "$SERVER6" -s 1000
	[[ $(server mqvpnctl --json conn show dev "$DEV" | jq length) == 1 ]]
}

ktap_require ip jq ping mqvpnctl peerfuzz
SHAPE[a]=''
topology a
tunnel paths=a
ip -n server link add "$VICTIM" type mqvpn
server mqvpnctl socket add dev "$VICTIM" port 4499 >/dev/null
ip -n server addr add 192.168.77.1/24 dev "$VICTIM"
ip -n server link set "$VICTIM" up
ktap_plan 3
ktap_case "the peer's packets are dropped, another tunnel loses none" beside
ktap_case "that tunnel goes on" goes_on
ktap_case "the device can be deleted" ip -n server link del "$VICTIM"
ktap_end
