#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a packet costs in instructions, both ends of the tunnel together, with one
# connection and one flow, and with 10,000 connections and 100,000 flows: each
# connection's turn is a packet on each of its ten flows. Fails when the second is
# more than 1.10 of the first. Also: kernel memory of an idle connection.
#
# Environment:
#	PROFILE=1	show the functions in which the instructions are spent, in
#			build/bench/scale-NAME.profile too
set -euo pipefail

readonly NAME=scale
# shellcheck source=scripts/bench.d/lib
. "$(dirname "$(readlink -f "$0")")/lib"

readonly MOST=1.10

# Lines of connections, flows, nanoseconds, packets, and bytes a connection.
# shellcheck disable=SC2016 # jq's variables
readonly FILTER='
	map(map(tonumber)) |
	(.[0][2] / .[0][3]) as $one |
	map({
		connections: .[0],
		flows: .[1],
		insn_per_packet: (.[2] / .[3] | round),
		vs_one: (.[2] / .[3] / $one * 1000 | round / 1000),
		bytes_per_connection: (if .[4] > 0 then .[4] else null end),
	})'

table() {
	echo "| connections | flows | instructions/packet | of one | bytes/connection |"
	echo "| ---: | ---: | ---: | ---: | ---: |"
	jq -r '.rows[] | "| \(.connections) | \(.flows) | \(.insn_per_packet) | " +
		"\(.vs_one) | \(.bytes_per_connection // "") |"' "$OUT/scale.json"
}

make --no-print-directory mqvpnctl >&2
make --no-print-directory -C selftests helpers >&2
export MQVPN_PROFILE=${PROFILE:-0}
echo "bench: scale: some minutes" >&2
guest 2048
to_json "$FILTER"
table
jq -e ".rows | length == 2 and all(.vs_one <= $MOST)" "$OUT/scale.json" \
	>/dev/null || {
	echo "bench: more than $MOST" >&2
	exit 1
}
