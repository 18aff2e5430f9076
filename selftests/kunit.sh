#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The KUnit tests: each is a module that runs them when it is loaded, and
# writes their KTAP into the kernel log.
#
# Needs: kunit
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"

# The kernel log from a mark on, without time stamps.
log_from() {
	dmesg | sed -n "/$1\$/,\$ s/^\[[^]]*\] //p"
}

run_module() {
	local name=$1 mark="kunit.sh: $1 $RANDOM" log
	echo "$mark" >/dev/kmsg
	insmod "$(dirname "$MQVPN_KO")/$name.ko"
	rmmod "$name"
	log=$(log_from "$mark")
	printf '%s\n' "$log" | sed 's/^/# /'
	# A suite that ran says so without indentation.
	grep -q '^ok ' <<<"$log" && ! grep -qE '^ *not ok ' <<<"$log"
}

modules=()
for module in "$(dirname "$MQVPN_KO")"/mqvpn-kunit*.ko; do
	[[ ! -e $module ]] || modules+=("$(basename "$module" .ko)")
done
((${#modules[@]})) || ktap_skip "KUnit modules"
ktap_plan "${#modules[@]}"
for module in "${modules[@]}"; do
	ktap_case "$module" run_module "$module"
done
ktap_end
