#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# TCP through one and two paths, both ways, with every AEAD.
#
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# transfers AEAD PATHS: one for each IP version and direction, on a new tunnel.
transfers() {
	local round
	tunnel aead="$1" paths="$2"
	for round in "client $SERVER4" "server $CLIENT4" \
		"client $SERVER6" "server $CLIENT6"; do
		# shellcheck disable=SC2086 # words
		transfer_start $round 0.3
		transfer_end
		((TRANSFERRED > 300000)) ||
			ktap_fail "$round: only $TRANSFERRED bytes in 0.3 s"
	done
	tunnel_del
}

ktap_require ip ss python3 mqvpnctl
slow_links
topology a b
ktap_plan 6
for aead in aes-128-gcm aes-256-gcm chacha20-poly1305; do
	ktap_case "$aead, one path" transfers "$aead" a
	ktap_case "$aead, two paths" transfers "$aead" "a b"
done
ktap_end
