#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every netlink command with every attribute wrong in every way, missing or
# twice: refused with the right error, a text and the attribute, and nothing
# changes. What the kernel says unasked is as specified.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

ctl() { client mqvpnctl "$@"; }

# told EVENTS COMMAND...: it makes the kernel tell these events, "name count ..."
told() {
	local want=$1 got
	shift
	got=$(client nlmatrix "$DEV" "$@" | tr '\n' ' ')
	[[ $got == "$want " ]] || ktap_fail "$* tells: $got"
}

events() {
	told "conn-ntf 1" mqvpnctl conn add dev "$DEV" id 3 role client \
		multipath max-path-id 8 peer-max-path-id 8
	ctl cid add dev "$DEV" conn 3 local path 1 id c177777700000000
	ctl cid add dev "$DEV" conn 3 peer path 1 id 5e77777700000000
	told "path-ntf 1" mqvpnctl path add dev "$DEV" conn 3 id 1 \
		remote "$(link_addr server a 4):4433"
	told "path-ntf 1" mqvpnctl path set dev "$DEV" conn 3 id 1 weight 5
	told "path-del-ntf 1" mqvpnctl path remove dev "$DEV" conn 3 id 1
	told "key-ntf 1" mqvpnctl key update dev "$DEV"
	told "conn-del-ntf 1" mqvpnctl conn del dev "$DEV" id 3
}

ktap_require ip mqvpnctl nlmatrix
topology a
tunnel paths=a
ip -n client link set "$DEV" down
ktap_plan 2
ktap_case "wrong requests change nothing and are explained" \
	client nlmatrix "$DEV"
ktap_case "events are as specified" events
ktap_end
