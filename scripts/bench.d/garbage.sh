#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What garbage costs the receiver, in instructions: datagrams of each kind are
# sent to the server's port, and to a UDP socket that nobody reads, whose cost is
# subtracted. "good" is a genuine packet with a full inner UDP packet, to a socket
# that nobody reads either. Fails when a kind is more than a third of that, or 0.6
# for a known connection ID with a wrong tag.
#
# Environment:
#	PROFILE=1	show the functions in which the instructions are spent, in
#			build/bench/garbage-NAME.profile too
#	OWNER=1		with an owner, who gets what the kernel hands up
set -euo pipefail

readonly NAME=garbage
# shellcheck source=scripts/bench.d/lib
. "$(dirname "$(readlink -f "$0")")/lib"

# UDP payload of an inner packet of 1,420 bytes
readonly BYTES=1452 COUNT=1000
readonly GARBAGE="tag unknown initial 0rtt handshake retry version unfixed"

# The client's secret and the server's ID of connection 1 of many-conns
SECRET=$(printf 'c1%.0s' {1..28})00000001
readonly SECRET CID=5e5e5e5e00000001

# packets KIND COUNT: make a file of them.
packets() {
	selftests/tools/garbage.py "$OUT/garbage-$1.packets" "$BYTES" "$2" \
		"$SECRET" "$CID" "$1"
}

# Lines of a kind, datagrams, and nanoseconds with and without the tunnel.
# shellcheck disable=SC2016 # jq's variables
readonly FILTER='
	map({ name: .[0],
		insn: (((.[2] | tonumber) - (.[3] | tonumber)) / (.[1] | tonumber)) }) |
	(map(select(.name == "good"))[0].insn) as $good |
	map({
		name,
		insn_per_packet: (.insn | round),
		vs_good: (.insn / $good * 1000 | round / 1000),
		most: ({ good: 1, tag: 0.6 }[.name] // 0.333),
	})'

table() {
	echo "| datagram | instructions | of good | at most |"
	echo "| --- | ---: | ---: | ---: |"
	jq -r '.rows[] | "| \(.name) | \(.insn_per_packet) | \(.vs_good) | " +
		"\(.most) |"' "$OUT/garbage.json"
}

make --no-print-directory mqvpnctl >&2
make --no-print-directory -C selftests helpers >&2
export MQVPN_PROFILE=${PROFILE:-0} MQVPN_OWNER=${OWNER:-0}
export MQVPN_KINDS="good $GARBAGE" MQVPN_BYTES=$BYTES MQVPN_COUNT=$COUNT
echo "bench: garbage: some minutes" >&2
packets good "$COUNT"
for kind in $GARBAGE; do
	packets "$kind" 100
done
guest 1024
rm -f "$OUT"/garbage-*.packets
to_json "$FILTER"
table
jq -e '.rows | all(.vs_good <= .most)' "$OUT/garbage.json" >/dev/null || {
	echo "bench: more than there may be" >&2
	exit 1
}
