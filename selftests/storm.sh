#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A storm of all control operations at both ends, from all CPUs, while the
# tunnel is full: nothing hangs, nothing is reported, and when it is over the
# tunnel is as good as new. MQVPN_SEED=N chooses what is done.
#
# Needs: smp
# Timeout: 180

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"
# shellcheck source=selftests/lib/traffic.sh
. "$(dirname "$0")/lib/traffic.sh"

# How long, in seconds; an emulated machine gets a short one.
LASTS=${1:-60}
[[ $MQVPN_KERNEL == uml* ]] || LASTS=$((LASTS / 4))

ends() {
	tunnel paths="a b"
	ping_through client "$SERVER4"
	ping_through client "$SERVER6" -s 1000
	tunnel_del
}

ktap_require ip ping socat mqvpnctl storm
SHAPE[a]='' SHAPE[b]=''
topology a b
traffic
ktap_plan 2
ktap_case "$LASTS seconds" storm "$LASTS"
ktap_case "the tunnel still works" ends
ktap_end
