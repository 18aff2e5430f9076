#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# CONNECTION_CLOSE: by command, by the peer, and by the kernel when the peer
# breaks the protocol (RFC 9000 section 10.2).
#
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

# events END FILTER: the connection's events that a jq filter lets through.
events() { jq -c "select(.connection) | $2" "/run/events.$1"; }

# has END FILTER: there is such an event.
has() { [[ $(events "$1" "select($2)") ]]; }

gone() { [[ $("$1" mqvpnctl --json conn show dev "$DEV" | jq length) == 0 ]]; }

listen() {
	local end
	for end in "$@"; do
		nsenter --net="/run/netns/$end" -- mqvpnctl --json monitor \
			>"/run/events.$end" &
		MONITORS+=($!)
	done
	sleep 0.1
}

listen_end() {
	end_processes "${MONITORS[@]}"
	MONITORS=()
}

# pto END: probe time-out of the slowest path, us; the peer's max_ack_delay is
# the default.
pto() {
	"$1" mqvpnctl --json path show dev "$DEV" | jq '[.[].path |
		if .rtt == 0 then 333000 + 4 * 166500
		else .rtt + ([4 * .rtt_var, 1000] | max) end] | max + 25000'
}

# clock: us
clock() { echo "${EPOCHREALTIME/./}"; }

by_command() {
	local start want took
	tunnel paths="a b"
	ping_through client "$SERVER4"
	ping_through client "$SERVER6"
	want=$((3 * $(pto client)))
	listen client server
	client mqvpnctl conn close dev "$DEV" code 0x107 application \
		reason "$(printf 'so long\033[2J')"
	start=$(clock)
	# the client's own state, while it lasts
	client mqvpnctl --json conn show dev "$DEV" |
		jq -e '.[0].connection | .state == "closing" and .reason == "admin"' \
			>/dev/null
	wait_until 5 gone client
	took=$(($(clock) - start))
	wait_until 5 gone server
	listen_end
	has client '.event == "conn-ntf" and .connection.state == "closing"
		and .connection.reason == "admin"'
	has server '.event == "conn-ntf" and .connection.state == "draining"
		and .connection.reason == "peer"
		and .connection.close_code == 263
		and .connection.close_application
		and .connection.close_reason == "so long?[2J"'
	has client '.event == "conn-del-ntf" and .connection.reason == "admin"'
	has server '.event == "conn-del-ntf" and .connection.reason == "peer"'
	ktap_info "gone after $took us, three probe time-outs are $want us"
	# looked for every 50 ms, and no earlier than that
	is "$took >= $want"
	((MQVPN_VIRTUAL_TIME == 0)) || is "$took < $want + 60000"
}

# It is sent on all paths, because it may get lost on one.
one_path_lost() {
	tunnel paths="a b"
	ping_through client "$SERVER4"
	tc -n server qdisc add dev veth-a clsact
	tc -n server filter add dev veth-a ingress protocol ip \
		flower ip_proto udp action drop
	listen server
	client mqvpnctl conn close dev "$DEV"
	wait_until 5 has server '.connection.reason == "peer"'
	listen_end
	tc -n server qdisc del dev veth-a clsact
	has server '.connection.state == "draining" and
		.connection.close_code == 0 and
		(.connection | has("close_application") or has("close_reason")
			| not)'
}

# Whoever sends into a connection that closes is told, and nothing leaves.
closed_to_all() {
	local sent
	tunnel paths=a
	ping_through client "$SERVER4"
	tc -n client qdisc replace dev veth-a root netem delay 1s
	client mqvpnctl conn close dev "$DEV"
	sent=$(path_stat client 0 tx_packets)
	client ping -n -c 1 -W 1 "$SERVER4" >/run/out && return 1
	grep -q Unreachable /run/out
	[[ $(drop client tx_no_path) == 1 ]]
	[[ $(path_stat client 0 tx_packets) == "$sent" ]]
	client mqvpnctl conn close dev "$DEV" 2>/run/out && return 1
	grep -q "is closing" /run/out
	client mqvpnctl conn set dev "$DEV" idle-timeout 1 2>/run/out &&
		return 1
	grep -q "is closing" /run/out
	tc -n client qdisc replace dev veth-a root netem delay 1ms
}

# Answers to packets 1, 2, 4, 8, ... and no other.
fewer_and_fewer() {
	server_alone idle-timeout 0
	nsenter --net=/run/netns/client -- "$TOOLS/life.py" late 20 >/run/late &
	sleep 1
	server mqvpnctl conn close dev "$DEV" reason enough
	wait $!
	ktap_info "answers: $(</run/late)"
	[[ $(</run/late) == "1 1 0 1 0 0 0 1 0 0 0 0 0 0 0 1 0 0 0 0 " ]]
	[[ $(drop server rx_closed) == 20 ]]
}

silence() {
	server_alone idle-timeout 0
	[[ $(client "$TOOLS/life.py" close 9) == "0 0 0 0 0 0 0 0 0 " ]]
	[[ $(drop server rx_closed) == 9 ]]
}

# A connection for each rule that can be broken, all of one device and socket.
connections() {
	local i secret
	for i in $(seq "$1"); do
		echo "mqvpnctl conn add dev $DEV id $i role server" \
			"max-datagram 1250 $( ((i == 1)) || echo multipath)"
		for secret in tx:server rx:client; do
			echo "mqvpnctl key set dev $DEV conn $i ${secret%:*}" \
				"aead aes-128-gcm file - <<<$(secret \
					"${secret#*:}" aes-128-gcm)"
		done
		echo "mqvpnctl cid add dev $DEV conn $i local path 0" \
			"id $(cid server "$i")"
		echo "mqvpnctl cid add dev $DEV conn $i peer path 0" \
			"id $(cid client "$i")"
		echo "mqvpnctl path add dev $DEV conn $i id 0 socket 1 remote" \
			"$(link_addr client a 4):$(client_port 0) validated"
	done
}

violations() {
	local number name why
	tunnel_del 2>/dev/null || true
	ip -n server link add "$DEV" type mqvpn
	server mqvpnctl socket add dev "$DEV" port "$SERVER_PORT" >/dev/null
	connections "$("$TOOLS/life.py" violations)" |
		server bash -euo pipefail >/dev/null
	ip -n server link set "$DEV" up
	listen server
	client "$TOOLS/life.py" violate >/run/violations
	sleep 0.2
	listen_end
	while read -r number name why; do
		ktap_info "$name: $why"
		has server ".event == \"conn-ntf\" and .conn_id == $number
			and .connection.state == \"closing\"
			and .connection.reason == \"protocol\"
			and .connection.close_reason == \"$why\""
	done </run/violations
	[[ $(drop server rx_protocol) == $(wc -l </run/violations) ]]
}

MONITORS=()
ktap_require ip jq python3 mqvpnctl
slow_links
topology a b
ktap_plan 6
ktap_case "by command" by_command
ktap_case "on every path" one_path_lost
ktap_case "nothing else leaves" closed_to_all
ktap_case "closing answers, less and less often" fewer_and_fewer
ktap_case "draining is silent" silence
ktap_case "who breaks the protocol is sent away" violations
ktap_end
