#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ten thousand connections of one device over two sockets: each is found by its
# connection ID and by its inner addresses, a list of them is complete, they take
# little memory and give all of it back.
#
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"
# shellcheck source=selftests/lib/many.sh
. "$(dirname "$0")/lib/many.sh"

N=10000 SAMPLES=20 CASES=8
# An instrumented kernel has memory of its own, and counts what is not given back.
if [[ ${MQVPN_KERNEL-} == uml-debug ]]; then
	N=1000 SAMPLES=5 CASES=7
fi
readonly N SAMPLES CASES
RANDOM=${MQVPN_SEED:-1}

# The AEAD's keys are most of it, two of each direction, because the next ones
# are there ahead: without instructions for it, AES-GCM has tables of 4 KiB each.
memory() {
	local before after each
	many_device server 4433
	before=$(kernel_memory)
	many_add server a 4600 "$N"
	after=$(kernel_memory)
	each=$(((after - before) * 1024 / N))
	ktap_info "$each bytes a connection"
	[[ ${MQVPN_KERNEL-} != uml ]] || is "$each < 32 * 1024"
}

# listed WHAT COUNT: a dump is complete, and was not disturbed.
listed() {
	local out
	out=$(server "$MANY" "$DEV" dump what="$1" count="$N")
	[[ $out == "$1 $2 twice 0 missing 0 strange 0 interrupted 0" ]] ||
		ktap_fail "$out"
}

lists() {
	listed conn "$N"
	listed path "$N"
	listed cid $((2 * N))
	listed prefix $((2 * N))
}

# What changes meanwhile is said to, and none of the others is missing.
list_interrupted() {
	local out
	out=$(server "$MANY" "$DEV" dump count="$N" change=1)
	[[ $out == "conn "*" twice 0 missing 0 strange "?" interrupted 1" ]] ||
		ktap_fail "$out"
	server "$MANY" "$DEV" del first=$((N + 1)) count=1
	listed conn "$N"
}

# reaches CONNECTION ADDRESS: packets to the address take the connection: its
# source address is of no use with any other.
reaches() {
	local family=4
	[[ $2 != *:* ]] || family=6
	client ping -n -q -c 1 -W 1 -I "$(many_address client "$1" "$family")" \
		"$2" >/dev/null
}

# is_of CONNECTION OTHER ADDRESS
is_of() {
	reaches "$1" "$3" || ktap_fail "$3 is not reached by connection $1"
	! reaches "$2" "$3" || ktap_fail "$3 is reached by connection $2"
}

samples() {
	local i conn
	for ((i = 0; i < SAMPLES; i++)); do
		conn=$((1 + RANDOM % N))
		reaches "$conn" "$(many_address server "$conn" 4)" ||
			ktap_fail "connection $conn"
		conn=$((1 + RANDOM % N))
		reaches "$conn" "$(many_address server "$conn" 6)" ||
			ktap_fail "connection $conn, IPv6"
	done
	reaches "$N" "$(many_address server "$N" 4)"
	is_of 1 2 "$(many_address server 1 4)"
	[[ $(drop client rx_source) == 0 && $(drop server rx_source) == 1 ]]
	[[ $(drop server rx_unknown_cid) == 0 ]]
}

prefix() {
	client mqvpnctl prefix "$1" dev "$DEV" conn "$2" "$3"
}

# longest NET4/6 WIDE MIDDLE HOST IN-WIDE IN-MIDDLE: three prefixes in each other.
longest() {
	local wide=$1 middle=$2 host=$3 in_wide=$4 in_middle=$5
	prefix add 5 "$wide"
	prefix add 6 "$middle"
	prefix add 7 "$host"
	is_of 5 6 "$in_wide"
	is_of 6 5 "$in_middle"
	is_of 7 6 "${host%/*}"
	# replaced
	prefix add 8 "$middle"
	is_of 8 6 "$in_middle"
	is_of 7 8 "${host%/*}"
	! prefix del 6 "$middle" 2>/dev/null || ktap_fail "$middle is not 6's"
	# removed
	prefix del 7 "$host"
	is_of 8 7 "${host%/*}"
	prefix del 8 "$middle"
	is_of 5 8 "$in_middle"
	prefix del 5 "$wide"
	! reaches 5 "$in_wide" || ktap_fail "$in_wide is still reached"
}

# As many as there may be, and not one more.
limits() {
	local out
	ip -n server link add mqvpn1 type mqvpn
	out=$(server "$MANY" mqvpn1 fill what=conn)
	[[ $out == "made 16384, error 28 mqvpn: too many connections" ]] ||
		ktap_fail "$out"
	out=$(server "$MANY" mqvpn1 fill what=prefix)
	[[ $out == "made 65536, error 28 mqvpn: too many prefixes" ]] ||
		ktap_fail "$out"
	ip -n server link del mqvpn1
}

near_baseline() {
	(($(kernel_memory) - BASELINE < 1500))
}

# One by one, and with their device.
given_back() {
	local out
	server "$MANY" "$DEV" del count=$((N / 2))
	out=$(server "$MANY" "$DEV" dump first=$((N / 2 + 1)) count=$((N / 2)))
	[[ $out == "conn $((N / 2)) twice 0 missing 0 strange 0 interrupted 0" ]]
	tunnel_del
	ktap_info "$(kernel_memory) KiB, $BASELINE before"
	[[ ${MQVPN_KERNEL-} != uml ]] || wait_until 5 near_baseline
}

ktap_require ip ping jq mqvpnctl
SHAPE[a]=''
topology a
# what stays for good when it is first used
ip -n server link add "$DEV" type mqvpn
server "$MANY" "$DEV" add count=100 >/dev/null || true
ip -n server link del "$DEV"
BASELINE=$(kernel_memory)
readonly BASELINE
ktap_plan "$CASES"
ktap_case "$N connections, and their memory" memory
many_device client 4600
many_add client a 4433 "$N"
ktap_case "lists are complete" lists
ktap_case "a list that is disturbed says so" list_interrupted
ktap_case "IDs and addresses lead to their connection" samples
ktap_case "longest prefix, IPv4" longest \
	10.192.0.0/16 10.192.1.0/24 10.192.1.1/32 10.192.2.1 10.192.1.2
ktap_case "longest prefix, IPv6" longest \
	fd90::/32 fd90::1:0:0:0/80 fd90::1:0:0:1/128 fd90::2:0:0:1 fd90::1:0:0:2
# the same on every kernel, and this one takes a minute
((CASES < 8)) || ktap_case "limits" limits
ktap_case "all memory is given back" given_back
ktap_end
