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

readonly BYTES=300000

# arrived COUNT: so many times, in the words of iperf's server.
arrived() {
	(($(awk -F, -v bytes="$BYTES" '$8 == bytes' "$IPERF_OUT" | wc -l) == $1))
}

# both FROM ADDRESS4 ADDRESS6: TCP over either IP version.
both() {
	local status=0
	iperf_server "$(other_end "$1")" -V -y C
	"$1" timeout 20 iperf -c "$2" -n "$BYTES" >/dev/null
	"$1" timeout 20 iperf -V -c "$3" -n "$BYTES" >/dev/null
	wait_until 5 arrived 2 || status=1
	iperf_stop
	((!status)) || ktap_fail "from the $1: $(<"$IPERF_OUT")"
}

# transfers AEAD PATHS: both ways, on a new tunnel.
transfers() {
	tunnel aead="$1" paths="$2"
	both client "$SERVER4" "$SERVER6"
	both server "$CLIENT4" "$CLIENT6"
}

ktap_require ip ss iperf mqvpnctl
slow_links
topology a b
ktap_plan 6
for aead in aes-128-gcm aes-256-gcm chacha20-poly1305; do
	ktap_case "$aead, one path" transfers "$aead" a
	ktap_case "$aead, two paths" transfers "$aead" "a b"
done
ktap_end
