#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Races: traffic from all CPUs in both directions while paths come and go,
# weights change, counters are read, devices are deleted and made anew.
#
# Needs: smp
# Timeout: 300

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"
# shellcheck source=selftests/lib/traffic.sh
. "$(dirname "$0")/lib/traffic.sh"

# Seconds that each case goes on at least, and rounds: a busy machine takes
# longer for them.
readonly SPAN=8 ROUNDS=3

# for_a_while COMMAND...: with traffic.
for_a_while() {
	local end=$((SECONDS + SPAN)) rounds=0
	while ((SECONDS < end || rounds < ROUNDS)); do
		"$@"
		rounds=$((rounds + 1))
	done
	ktap_info "$rounds rounds"
}

# The tunnel must still carry something, whatever went on.
still_good() {
	wait_until 10 client ping -q -c 1 -W 1 "$SERVER4"
}

PATH_ID=1
paths_come_and_go() {
	PATH_ID=$((PATH_ID + 1))
	path_add "$PATH_ID" b weight 80
	client mqvpnctl path set dev "$DEV" id 0 weight "$((PATH_ID % 7 + 1))"
	server mqvpnctl path set dev "$DEV" id "$PATH_ID" weight 5
	drops client >/dev/null
	path_remove "$PATH_ID"
	# IDs of closed paths are of no more use
	drop_cids "$PATH_ID"
}

drop_cids() {
	local end which
	for end in client server; do
		for which in local peer; do
			"$end" mqvpnctl cid del dev "$DEV" "$which" path "$1" seq 0
		done
	done
}

prefixes_and_reads() {
	server mqvpnctl prefix del dev "$DEV" "$CLIENT6/128"
	server mqvpnctl --json --stats show >/dev/null
	server mqvpnctl prefix add dev "$DEV" "$CLIENT6/128"
	client mqvpnctl socket show dev "$DEV" >/dev/null
}

devices() {
	tunnel_del
	tunnel paths="a b"
	sleep 0.3
}

links_below() {
	ip -n client link set veth-b down
	ip -n client link set veth-b up
	ip -n server addr flush dev veth-b
	ip -n server addr add "$(link_addr server b 4)/24" dev veth-b
}

ktap_require ip ss socat ping jq mqvpnctl
SHAPE[a]='' SHAPE[b]=''
topology a b
tunnel paths="a b"
traffic
ktap_plan 5
ktap_case "paths come and go" for_a_while paths_come_and_go
ktap_case "prefixes change, counters are read" for_a_while prefixes_and_reads
ktap_case "links below come and go" for_a_while links_below
ktap_case "devices come and go" for_a_while devices
ktap_case "the tunnel still works" still_good
ktap_end
