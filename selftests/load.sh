#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module loads, makes a device, takes it away, and unloads.
#
# Timeout: 30

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"

add_device() {
	ip link add mqvpn0 type mqvpn
	ip -d link show dev mqvpn0 | grep -w mqvpn
}

delete_device() {
	ip link del mqvpn0
	! ip link show dev mqvpn0
}

reload() {
	rmmod mqvpn
	insmod "$MQVPN_KO"
}

ktap_require ip insmod rmmod
ktap_plan 3
ktap_case "a device can be added" add_device
ktap_case "and deleted" delete_device
ktap_case "the module unloads and loads again" reload
ktap_end
