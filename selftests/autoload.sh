#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An installed module is loaded by its aliases: "ip link add type mqvpn" is
# enough, and so is a question to its netlink family.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"

readonly TREE=$MQVPN_BUILD/autoload
readonly HELPER=/proc/sys/kernel/modprobe

loaded() { [[ -d /sys/module/mqvpn ]]; }

# The kernel calls modprobe in its own first namespaces: so the module is where
# these see it, below the checkout, and not below /lib.
install_module() {
	local dir
	dir=$TREE/lib/modules/$(uname -r)
	rm -rf "$TREE"
	mkdir -p "$dir/updates/dkms"
	# its name tells how it is compressed
	cp "$MQVPN_KO" "$dir/updates/dkms/"
	touch "$dir/modules.builtin" "$dir/modules.order"
	depmod -b "$TREE" "$(uname -r)" 2>/dev/null
	cat >"$TREE/modprobe" <<-END
		#!/bin/bash
		exec /sbin/modprobe -d $TREE "\$@"
	END
	chmod +x "$TREE/modprobe"
	echo "$TREE/modprobe" >"$HELPER"
}

by_link_kind() {
	rmmod mqvpn
	[[ ! -d /sys/module/mqvpn ]]
	ip link add mqvpn0 type mqvpn
	loaded
	ip link del mqvpn0
}

by_netlink_family() {
	rmmod mqvpn
	[[ ! -d /sys/module/mqvpn ]]
	mqvpnctl show >/dev/null
	loaded
}

ktap_require ip depmod modprobe rmmod mqvpnctl
before=$(<"$HELPER")
trap 'echo "$before" >"$HELPER"; rm -rf "$TREE"' EXIT
install_module
ktap_plan 2
ktap_case "by the kind of link" by_link_kind
ktap_case "by the netlink family" by_netlink_family
ktap_end
