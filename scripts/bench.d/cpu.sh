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

cd "$(dirname "$(readlink -f "$0")")/../.."

readonly KERNEL=debian-6.1 OUT=build/bench
readonly ALL="veth vxlan wireguard mqvpn_aes128gcm mqvpn_chacha20"

# Progress to the terminal, measurements to a file, profiles each to its own.
sort_out() {
	local line word rest file=''
	while IFS= read -r line; do
		read -r word rest <<<"$line"
		case $word in
		row)
			echo "$rest" >>"$OUT/cpu.rows"
			echo "bench: $rest" >&2
			;;
		release) echo "$rest" >"$OUT/cpu.release" ;;
		profile) file=$OUT/cpu-$rest.profile && : >"$file" ;;
		end) [[ ! $file ]] || cat "$file" && file='' ;;
		'|') echo "${line#| }" >>"$file" ;;
		*) echo "$line" >&2 ;;
		esac
	done
}

# JSON from lines of a name, Mbit/s and bytes in a full segment.
to_json() {
	jq -n -R --arg kernel "$KERNEL $(<"$OUT/cpu.release")" --arg commit "$1" '
		[inputs | split(" ") | {
			name: .[0],
			traffic: "tcp1",
			mbps: .[1] | tonumber,
			pps: ((.[1] | tonumber) * 125000 / (.[2] | tonumber)),
		}] |
		(map(select(.name == "wireguard"))[0].mbps) as $wireguard |
		{
			bench: "cpu",
			kernel: $kernel,
			commit: $commit,
			rows: map(. + {
				mbps: (.mbps * 10 | round / 10),
				pps: (.pps | round),
				insn_per_packet: (1e9 / .pps | round),
				vs_wireguard: (if $wireguard then
					.mbps / $wireguard * 1000 | round / 1000
				else null end),
			}),
		}' "$OUT/cpu.rows"
}

table() {
	echo "| name | Mbit/s | packets/s | instructions/packet | of WireGuard |"
	echo "| --- | ---: | ---: | ---: | ---: |"
	jq -r '.rows[] | "| \(.name) | \(.mbps) | \(.pps) | \(.insn_per_packet) | " +
		"\(.vs_wireguard // "") |"' "$OUT/cpu.json"
}

commit() {
	local id
	id=$(git rev-parse HEAD 2>/dev/null) || id=unknown
	git diff --quiet HEAD 2>/dev/null || id+=+
	echo "$id"
}

make --no-print-directory mqvpnctl >&2
mkdir -p "$OUT"
rm -f "$OUT"/cpu{.json,.rows,.release,-*.profile}
export MQVPN_ROWS=${ROWS:-$ALL} MQVPN_PROFILE=${PROFILE:-0}
start=$SECONDS
echo "bench: $MQVPN_ROWS: a minute or two each" >&2
scripts/vm --kernel "$KERNEL" --virtual-time --timeout 3600 -- \
	scripts/bench.d/cpu-guest | sort_out
to_json "$(commit)" >"$OUT/cpu.json"
echo "bench: $((SECONDS - start)) s, $OUT/cpu.json" >&2
table
