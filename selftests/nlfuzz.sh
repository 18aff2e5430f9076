#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 100,000 random netlink requests, from right to absurd: each is answered, the
# kernel lives, and afterwards the same device carries a tunnel. MQVPN_SEED=N
# repeats a run.
#
# Timeout: 240

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# The debug kernel looks at every allocation.
COUNT=100000
[[ $MQVPN_KERNEL == uml ]] || COUNT=10000

# Whatever the fuzzer made goes by the commands that every user has.
clean_up() {
	local id
	for id in $(client mqvpnctl --json conn show dev "$DEV" | jq '.[].conn_id'); do
		client mqvpnctl conn del dev "$DEV" id "$id"
	done
	for id in $(client mqvpnctl --json socket show dev "$DEV" |
		jq '.[].socket.id'); do
		client mqvpnctl socket del dev "$DEV" id "$id"
	done
	[[ ! $(client ss -Hnlu) ]] || ktap_fail "sockets stay: $(client ss -Hnlu)"
}

# The device that bore it all, as the client's end of a tunnel.
still_works() {
	clean_up
	tunnel keep=client
	ping_through client "$SERVER4"
	ping_through client "$SERVER6" -s 1000
}

ktap_require ip jq ping ss mqvpnctl nlfuzz
SHAPE[a]=''
topology a
ip -n client link add "$DEV" type mqvpn
ktap_plan 3
ktap_case "random requests are all answered" \
	client nlfuzz "$DEV" "$COUNT"
ktap_case "the device still carries a tunnel" still_works
ktap_case "and can be deleted" tunnel_del
ktap_end
