#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a tunnel costs in instructions: one TCP stream over an unshaped veth on
# Debian's own kernel, on one emulated CPU that does an instruction in a
# nanosecond. Sender, receiver and both ends of the tunnel share it, so goodput
# is the inverse of their work, the same on every machine.
#
# Environment:
#	ROWS="NAME..."	only these
#	PROFILE=1	show the functions in which the instructions are spent, in
#			build/bench/cpu-NAME.profile too; makes the rows slower
set -euo pipefail

readonly NAME=cpu
# shellcheck source=scripts/bench.d/lib
. "$(dirname "$(readlink -f "$0")")/lib"

readonly ALL="veth vxlan wireguard mqvpn_aes128gcm mqvpn_chacha20"

# Lines of a name, Mbit/s and bytes in a full segment.
# shellcheck disable=SC2016 # jq's variables
readonly FILTER='
	map({
		name: .[0],
		traffic: "tcp1",
		mbps: .[1] | tonumber,
		pps: ((.[1] | tonumber) * 125000 / (.[2] | tonumber)),
	}) |
	(map(select(.name == "wireguard"))[0].mbps) as $wireguard |
	map(. + {
		mbps: (.mbps * 10 | round / 10),
		pps: (.pps | round),
		insn_per_packet: (1e9 / .pps | round),
		vs_wireguard: (if $wireguard then
			.mbps / $wireguard * 1000 | round / 1000
		else null end),
	})'

table() {
	echo "| name | Mbit/s | packets/s | instructions/packet | of WireGuard |"
	echo "| --- | ---: | ---: | ---: | ---: |"
	jq -r '.rows[] | "| \(.name) | \(.mbps) | \(.pps) | \(.insn_per_packet) | " +
		"\(.vs_wireguard // "") |"' "$OUT/cpu.json"
}

make --no-print-directory mqvpnctl >&2
export MQVPN_ROWS=${ROWS:-$ALL} MQVPN_PROFILE=${PROFILE:-0}
echo "bench: $MQVPN_ROWS: a minute or two each" >&2
guest 1024
to_json "$FILTER"
table
