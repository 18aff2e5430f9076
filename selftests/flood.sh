#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All CPUs flood one path: nothing stalls, and no call that sends a packet takes
# longer than it may.
#
# Needs: smp
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

LASTS=30
[[ $MQVPN_KERNEL == uml* ]] || LASTS=10

flood_one_path() {
	flood "$LASTS" client "$SERVER4"
	ping_through client "$SERVER4"
}

ktap_require ip ping mqvpnctl flood
SHAPE[a]=''
topology a
tunnel paths=a
ktap_plan 1
ktap_case "$LASTS seconds" flood_one_path
ktap_end
