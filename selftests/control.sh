#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Control frames: up to the owner and down from it, each delivered whatever is
# lost and whoever dies.
#
# Timeout: 180

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"
# shellcheck source=selftests/lib/owner.sh
. "$(dirname "$0")/lib/owner.sh"

# A tunnel whose two ends have owners, "client" and "server".
owned_tunnel() {
	local end
	tunnel "$@" confirmed=confirmed
	for end in client server; do
		tc -n "$end" qdisc replace dev veth-a root netem delay 2ms
		tc -n "$end" qdisc replace dev veth-b root netem delay 5ms
		owner_start "$end" "$end"
	done
}

disown() {
	owner_end client
	owner_end server
}

# asked NAME ANSWER COMMAND: the owner's command has this answer.
asked() {
	local answer
	answer=$(owner_asked "$1" "$3")
	grep -qE -e "$2" <<<"$answer" || ktap_fail "$3: $answer"
}

# What is not the kernel's comes up, in one message, as it was.
up() {
	server_alone idle-timeout 0
	owner_start server server
	# PING, MAX_DATA, PADDING, STREAM
	client "$TOOLS/life.py" send 01100500000a00026869 >/run/acked
	[[ $(</run/acked) == "0" ]]
	owner_said server '^frames-up conn=1 sequence=1 path=0 data=10050a00026869$'
	owner_end server
}

# Nobody takes them: 64 wait, and the next is not acknowledged, until the first
# of them are done with.
credit() {
	local i frames=()
	server_alone idle-timeout 0
	for i in {1..65}; do
		frames+=("100$((i % 10))")
	done
	client "$TOOLS/life.py" send "${frames[@]}" >/run/acked
	[[ $(</run/acked) == "63" ]]
	[[ $(drop server rx_no_credit) == 1 ]]
	owner_start server server
	asked server ^done "adopt conn=1"
	[[ $(owner_count server '^adopt conn=1 sequence=') == 64 ]]
	grep -oE 'sequence=[0-9]+' /run/owner-server >/run/order
	seq -f sequence=%.0f 64 | cmp - /run/order
	asked server '^error 34 .*no such message' "ack conn=1 sequence=65"
	asked server ^done "ack conn=1 sequence=1"
	client "$TOOLS/life.py" from 64 1005 1006 >/run/acked
	[[ $(</run/acked) == "64" ]]
	asked server ^done "ack conn=1 sequence=65"
	client "$TOOLS/life.py" from 66 1007 >/run/acked
	[[ $(</run/acked) == "66" ]]
	owner_said server 'frames-up conn=1 sequence=66 path=0 data=1007$'
	owner_end server
}

down() {
	owned_tunnel paths=a
	asked client ^done "deliver conn=1 cookie=77 data=1005"
	owner_said server '^frames-up conn=1 sequence=1 path=0 data=1005$'
	owner_said client '^frame-tx-ntf conn=1 cookie=77$'
	# nothing of it is the device's traffic
	[[ $(link_stat client "$DEV" tx.packets) == 0 ]]
	disown
}

refusals() {
	local frames long
	owned_tunnel paths=a
	for frames in 00 01 0200000000 3e000000000 1a0102030405060708 \
		1b0102030405060708 1c000000 1d0000 300000 310100; do
		asked client '^error 22' "deliver conn=1 cookie=1 data=$frames"
	done
	asked client '^error 22 .*kernel' "deliver conn=1 cookie=1 data=100501"
	asked client '^error 22 .*whole' "deliver conn=1 cookie=1 data=0600056161"
	asked client '^error 22 .*long' "deliver conn=1 cookie=1 data=080061"
	asked client '^error 22 .*server' "deliver conn=1 cookie=1 data=1e"
	asked client '^error 22 .*missing' "deliver conn=1 cookie=1"
	asked client '^error 22 .*missing' "deliver conn=1 data=1005"
	asked client '^error 2 ' "deliver conn=9 cookie=1 data=1005"
	asked client '^error 2 ' "cancel conn=1 cookie=1"
	long=0600447a$(printf '61%.0s' {1..1147})
	asked client '^error (22|34)' "deliver conn=1 cookie=1 data=$long"
	# the longest there may be
	long=06004479$(printf '62%.0s' {1..1145})
	asked client ^done "deliver conn=1 cookie=2 data=$long"
	owner_said server "^frames-up conn=1 sequence=1 path=0 data=$long\$"
	owner_said client 'cookie=2$'
	disown
}

# Half of all packets are lost, in both directions.
losses() {
	local i end
	owned_tunnel paths=a
	ping_through client "$SERVER4"
	for end in client server; do
		tc -n "$end" qdisc replace dev veth-a root netem delay 2ms loss 40%
	done
	for i in {1..40}; do
		asked client ^done \
			"deliver conn=1 cookie=$i data=$(printf '060001%02x' "$i")"
	done
	for i in {1..40}; do
		owner_said client "^frame-tx-ntf conn=1 cookie=$i\$" 60
		# one packet may bring several
		owner_said server "data=(060001..)*$(printf '060001%02x' "$i")"
	done
	ktap_info "$(path_stat client 0 lost) of $(path_stat client 0 \
		tx_packets) packets lost"
	(($(path_stat client 0 lost) > 0))
	disown
}

paths_chosen() {
	local i
	owned_tunnel paths="a b"
	for i in {1..5}; do
		asked client ^done "deliver conn=1 cookie=1$i only=1 data=100$i"
		asked client ^done "deliver conn=1 cookie=2$i not=1 data=110${i}0$i"
		# retires what path 0 is sent to: not on path 0
		asked client ^done "deliver conn=1 cookie=3$i data=7e790000"
		owner_said client "cookie=1$i\$"
		owner_said client "cookie=2$i\$"
		owner_said client "cookie=3$i\$"
	done
	[[ $(owner_count server 'path=1 data=100') == 5 ]]
	[[ $(owner_count server 'path=0 data=110') == 5 ]]
	[[ $(owner_count server 'path=1 data=7e790000') == 5 ]]
	[[ $(owner_count server '^frames-up') == 15 ]]
	# a path that dies hands over, another path's own does not
	tc -n client qdisc replace dev veth-b root netem loss 100%
	asked client ^done "deliver conn=1 cookie=41 only=1 data=1009"
	asked client ^done "deliver conn=1 cookie=42 data=1008"
	owner_said client 'cookie=42$'
	sleep 1
	[[ $(owner_count client 'cookie=41$') == 0 ]]
	asked client ^done "cancel conn=1 cookie=41"
	tc -n client qdisc replace dev veth-b root netem delay 2ms
	disown
}

# What is outstanding on a path that goes away is sent on another.
path_removed() {
	owned_tunnel paths="a b"
	tc -n client qdisc replace dev veth-a root netem loss 100%
	tc -n client qdisc replace dev veth-b root netem loss 100%
	asked client ^done "deliver conn=1 cookie=1 data=1007"
	tc -n client qdisc replace dev veth-b root netem delay 2ms
	client mqvpnctl path remove dev "$DEV" id 0
	owner_said client '^frame-tx-ntf conn=1 cookie=1$' 5
	owner_said server 'path=1 data=1007$'
	disown
}

too_much() {
	local i
	owned_tunnel paths=a
	tc -n client qdisc replace dev veth-a root netem loss 100%
	for i in {1..256}; do
		echo "deliver conn=1 cookie=$i data=1005"
	done >/run/many
	cat /run/many >/run/owner-client.in
	wait_until 10 test_count client '^done' 256
	asked client '^error 17' "deliver conn=1 cookie=1 data=1005"
	asked client '^error 105' "deliver conn=1 cookie=257 data=1005"
	asked client ^done "cancel conn=1 cookie=256"
	asked client ^done "deliver conn=1 cookie=257 data=1005"
	tc -n client qdisc replace dev veth-a root netem delay 2ms
	owner_said client 'frame-tx-ntf conn=1 cookie=257$' 20
	wait_until 10 test_count client '^frame-tx-ntf' 256
	disown
}

test_count() { (($(owner_count "$1" "$2") >= $3)); }

# kill -9 at each boundary of an exchange: traffic goes on, and who adopts finds
# what is not finished.
deaths() {
	owned_tunnel paths=a
	# up, not acknowledged; the state before it is known
	asked server ^done "deliver conn=1 cookie=5 data=1003 blob=aabb"
	owner_said server 'cookie=5$'
	asked client ^done "deliver conn=1 cookie=1 data=1001"
	owner_said server 'sequence=1 path=0 data=1001$'
	owner_end server KILL
	# while there is no owner
	asked client ^done "deliver conn=1 cookie=2 data=1002"
	owner_said client 'cookie=2$'
	ping_through client "$SERVER4"
	owner_start server server
	asked server ^done "adopt conn=1"
	grep ^adopt /run/owner-server | cmp - <(
		echo "adopt conn=1 blob=aabb"
		echo "adopt conn=1 sequence=1 path=0 data=1001"
		echo "adopt conn=1 sequence=2 path=0 data=1002"
	)
	# acknowledged, with a new state; another delivery on its way
	asked server ^done "ack conn=1 sequence=1 blob=cc"
	tc -n server qdisc replace dev veth-a root netem loss 100%
	asked server ^done "deliver conn=1 cookie=6 data=1004"
	owner_end server KILL
	owner_start server server
	asked server ^done "adopt"
	grep ^adopt /run/owner-server | cmp - <(
		echo "adopt conn=1 blob=cc"
		echo "adopt conn=1 sequence=2 path=0 data=1002"
		echo "adopt conn=1 cookie=6"
	)
	# refused: neither is changed
	asked server '^error 17' "deliver conn=1 cookie=6 data=1004 blob=dd"
	asked server '^error 34' "ack conn=1 sequence=3 blob=dd"
	tc -n server qdisc replace dev veth-a root netem delay 2ms
	owner_said server '^frame-tx-ntf conn=1 cookie=6$' 10
	owner_end server KILL
	owner_start server server
	asked server ^done "ack conn=1 sequence=2"
	asked server ^done "adopt conn=1"
	grep ^adopt /run/owner-server | cmp - <(echo "adopt conn=1 blob=cc")
	ping_through client "$SERVER4"
	disown
}

ktap_require ip tc jq python3 mqvpnctl
[[ -x $OWNER_TOOL ]] || ktap_skip owner-tool
slow_links
topology a b
ktap_plan 9
ktap_case "up" up
ktap_case "up, within the credit" credit
ktap_case "down" down
ktap_case "down: what is refused" refusals
ktap_case "down, however much is lost" losses
ktap_case "down, on the right path" paths_chosen
ktap_case "down, when a path goes" path_removed
ktap_case "down: too much" too_much
ktap_case "death and adoption" deaths
ktap_end
