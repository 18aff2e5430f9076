#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ciphers that answer later, as those of many machines do: cryptd(gcm(aes)) in
# place of gcm(aes). Traffic passes, and keys, devices and the module may go
# while requests are in flight.
#
# Timeout: 90

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# It stays in the kernel, and all tests after this one would get it.
remove_cryptd() {
	topology_del 2>/dev/null
	wait_until 5 "$TOOLS/cryptd.py" del
}

# The one that has most priority is the one that is used.
in_use() {
	awk -F' *: ' '
		/^driver/ { driver = $2 }
		/^refcnt/ { if (driver ~ /^cryptd\(gcm/) n = $2 }
		END { exit !(n > 1) }' /proc/crypto
}

pings() {
	in_use || ktap_fail "the keys are not those of cryptd"
	ping_through client "$SERVER4" -s 1392
	ping_through server "$CLIENT6" -s 1372
	ping_through client "$SERVER6" -s 4000
}

transfers() {
	local round
	for round in "client $SERVER4" "server $CLIENT6"; do
		# shellcheck disable=SC2086 # words
		transfer_start $round 0.5
		transfer_end
		((TRANSFERRED > 200000))
	done
	[[ $(path_stat server 0 reordered) == 0 && $(path_stat client 0 reordered) == 0 ]] ||
		ktap_fail "packets were reordered"
}

# in_flight COMMAND: the kernel's worker, which would do the work of cryptd, gets
# no CPU from a real-time process: so while the command, one of the same
# process, runs there are requests in flight.
in_flight() {
	client chrt -f 50 bash -c "
		exec 3>/dev/udp/$SERVER4/9
		for i in {1..64}; do echo . >&3; done
		$1"
}

delete_connection() {
	in_flight "mqvpnctl conn del dev $DEV"
	sleep 0.1
	server mqvpnctl conn del dev "$DEV"
	tunnel_del
	tunnel paths=a
	ping_through client "$SERVER4"
}

delete_device() {
	in_flight "ip link del $DEV"
	ip -n server link del "$DEV"
	sleep 0.1
	tunnel paths=a
	ping_through client "$SERVER4"
}

remove_path() {
	in_flight "mqvpnctl path remove dev $DEV id 0"
	server mqvpnctl path remove dev "$DEV" id 0
	sleep 0.1
	path_add 1 a weight 1
	ping_through client "$SERVER4"
}

unload_module() {
	in_flight "rmmod mqvpn"
	[[ ! -d /sys/module/mqvpn ]]
	insmod "$MQVPN_KO"
}

# Both directions full, and the module goes.
unload_under_load() {
	local i
	for i in 1 2 3; do
		tunnel paths=a
		iperf_server server
		nsenter --net=/run/netns/client -- \
			iperf -c "$SERVER4" -d -t 30 >/dev/null 2>&1 &
		sleep "0.$((2 * i + 1))"
		rmmod mqvpn
		# what waits for data that never comes does not end when asked to
		kill -KILL "$!" "$IPERF_PID"
		wait "$!" "$IPERF_PID" 2>/dev/null || true
		insmod "$MQVPN_KO"
	done
}

ktap_require ip ss iperf ping jq python3 chrt rmmod insmod mqvpnctl
"$TOOLS/cryptd.py" add || ktap_skip "cryptd(gcm(aes))"
trap remove_cryptd EXIT
slow_links
topology a
ktap_plan 7
tunnel paths=a
ktap_case "ping" pings
ktap_case "TCP" transfers
ktap_case "a path goes with requests in flight" remove_path
ktap_case "a connection goes with requests in flight" delete_connection
ktap_case "a device goes with requests in flight" delete_device
ktap_case "the module goes with requests in flight" unload_module
ktap_case "the module goes under full load" unload_under_load
ktap_end
