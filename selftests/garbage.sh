#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Garbage of every kind at the server's port, from a link of its own: each is
# dropped and counted once, no memory is taken for it, nobody is told of it, and
# the tunnel over another link carries what it carried before.
#
# Needs: virtual-time
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

BLAST=$(realpath "$TOOLS/../../build/selftests/blast")
readonly BLAST
readonly GARBAGE=/run/garbage BYTES=1452
readonly KINDS=(tag known unknown initial 0rtt handshake retry version unfixed)

SPAN=3 RATE=2000
# An instrumented kernel takes a minute for a second of that.
if [[ ${MQVPN_KERNEL-} == uml-debug ]]; then
	SHAPE[a]="delay 10ms rate 30mbit"
	SPAN=2 RATE=400
fi
readonly SPAN RATE

# flood COUNT [RATE]
flood() {
	nsenter --net=/run/netns/client -- "$BLAST" "$(link_addr server c 4)" \
		"$SERVER_PORT" file="$GARBAGE" bytes="$BYTES" count="$1" \
		rate="${2:-0}" >/dev/null
}

# grown BEFORE AFTER: how much each counter has, if it has.
grown() {
	join "$1" "$2" | awk '$3 > $2 { print $1, $3 - $2 }'
}

# Ten of each kind.
counted() {
	local count=$((10 * ${#KINDS[@]})) out
	drops server | sort >/run/before
	flood "$count"
	drops server | sort >/run/after
	out=$(grown /run/before /run/after)
	ktap_info "${out//$'\n'/, }"
	[[ $(awk '{ sum += $2 } END { print sum }' <<<"$out") == "$count" ]]
	[[ $(awk '$1 == "rx_unknown_cid" { print $2 }' <<<"$out") == 10 ]]
	[[ $(awk '$1 == "rx_long_header" { print $2 }' <<<"$out") == 50 ]]
	# the wrong tags, and what chance lets through to the AEAD
	is "$(awk '$1 == "rx_auth" { print $2 }' <<<"$out") >= 10"
	[[ $out != *rx_copied* ]]
}

# Within a percent of what it is without.
throughput() {
	local quiet loud
	quiet=$(tcp client "$SERVER4" "$SPAN" 1)
	flood $(((SPAN + 1) * RATE)) "$RATE" &
	loud=$(tcp client "$SERVER4" "$SPAN" 1)
	end_processes "$!"
	ktap_info "$loud Mbit/s, without garbage $quiet"
	is "$loud >= $quiet * 0.99"
	[[ $(drop server rx_copied) == 0 ]]
	is "$(drop server rx_unknown_cid) > $SPAN * $RATE / 10"
}

ktap_require ip iperf jq python3 mqvpnctl
topology a c
tunnel paths=a
"$TOOLS/garbage.py" "$GARBAGE" "$BYTES" 10 "$(secret client aes-128-gcm)" \
	"$(cid server 0)" "${KINDS[@]}"
ktap_plan 2
ktap_case "each is counted once" counted
ktap_case "the tunnel carries as much" throughput
ktap_end
