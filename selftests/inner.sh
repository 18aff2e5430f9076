#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tunnel does with the packets it is given, as a hop of a router would:
# who may send from where, what cannot be delivered, ECN, TTL, fragments, groups
# of receivers, and what one may put on top of the device.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

readonly CAPTURE=/run/inner.pcap
# Addresses that are the client's, and that no prefix of the server's covers.
readonly STRANGER4=192.168.9.77 STRANGER6=fd09::77

# counts END NAME NUMBER COMMAND...: it drops so many packets, under this name
# and no other.
counts() {
	local end=$1 name=$2 number=$3 others counted
	shift 3
	counted=$(drop "$end" "$name")
	others=$(drops "$end" | grep -v "^$name ")
	"$@" >/run/out 2>&1 || true
	counted=$(($(drop "$end" "$name") - counted))
	((counted == number)) || {
		cat /run/out
		ktap_fail "$name: $counted instead of $number"
	}
	[[ $(drops "$end" | grep -v "^$name ") == "$others" ]] ||
		ktap_fail "others count, too"
}

sources() {
	local address
	for address in "$STRANGER4" "$STRANGER6"; do
		ip -n client addr add "$address" dev "$DEV" nodad 2>/dev/null ||
			ip -n client addr add "$address" dev "$DEV"
	done
	counts server rx_source 2 \
		client ping -c 2 -i 0.1 -W 0.2 -I "$STRANGER4" "$SERVER4"
	counts server rx_source 2 \
		client ping -c 2 -i 0.1 -W 0.2 -I "$STRANGER6" "$SERVER6"
	for address in "$STRANGER4/32" "$STRANGER6/128"; do
		ip -n client addr del "$address" dev "$DEV"
	done
}

# RFC 1812 section 5.2.7.1, RFC 4443 section 3.1
unreachable() {
	counts server tx_no_connection 1 server ping -c 1 -W 1 "$STRANGER4"
	grep "Destination Host Unreachable" /run/out
	counts server tx_no_connection 1 server ping -c 1 -W 1 "$STRANGER6"
	grep "Destination unreachable: Address unreachable" /run/out
}

# captured FILTER: packets in the capture.
captured() { tcpdump -n -r "$CAPTURE" "$@" 2>/dev/null | wc -l; }

# The TOS byte of an echo goes through; outside all are Not-ECT.
ecn_and_ttl() {
	local tos
	capture_start client "$CAPTURE" udp port "$SERVER_PORT"
	server tcpdump -n -U -w /run/arrived -i "$DEV" icmp or icmp6 2>/run/ready &
	wait_until 10 grep -q listening /run/ready
	for tos in 1 2 3; do
		client ping -q -c 1 -Q "$tos" -t 5 "$SERVER4"
		client ping -q -c 1 -Q "$tos" -t 5 "$SERVER6"
	done
	capture_end
	end_processes "$!"
	(($(captured "ip[1] & 3 = 0") >= 12 && $(captured "ip[1] & 3 != 0") == 0)) ||
		ktap_fail "an outer packet is ECN-capable"
	cp /run/arrived "$CAPTURE"
	for tos in 1 2 3; do
		[[ $(captured "icmp[0] = 8 and ip[1] = $tos and ip[8] = 5") == 1 ]] ||
			ktap_fail "IPv4: TOS $tos or TTL 5 did not arrive"
		[[ $(captured "ip6[40] = 128 and ip6[1] >> 4 = $tos and ip6[7] = 5") == 1 ]] ||
			ktap_fail "IPv6: class $tos or hop limit 5 did not arrive"
	done
}

# A router behind the tunnel takes one off, and the tunnel none.
one_hop() {
	ip netns add behind
	ip link add veth-behind netns server type veth peer name eth0 netns behind
	ip -n server -batch - <<-END
		addr add 10.7.0.1/24 dev veth-behind
		link set veth-behind up
	END
	ip -n behind -batch - <<-END
		addr add 10.7.0.2/24 dev eth0
		link set eth0 up
		route add default via 10.7.0.1
	END
	server sysctl -q net.ipv4.ip_forward=1
	ip -n client route add 10.7.0.0/24 dev "$DEV"
	client ping -c 1 -W 1 -t 2 10.7.0.2
	client ping -c 1 -W 1 -t 1 10.7.0.2 >/run/out && ktap_fail "TTL 1 goes on"
	grep "From $SERVER4 .*Time to live exceeded" /run/out
	ip netns del behind
}

# All fragments of a packet take the path that the first one took.
fragments() {
	local before=() after=() path
	path_add 1 b weight 300
	for path in 0 1; do
		before+=("$(path_stat client "$path" tx_bytes)")
	done
	client ping -q -c 3 -i 0.05 -W 2 -s 5000 "$SERVER4" | grep " 3 received"
	client ping -q -c 3 -i 0.05 -W 2 -s 5000 "$SERVER6" | grep " 3 received"
	server nstat -asz IpReasmFails Ip6ReasmFails | awk '/Fails/ { n += $2 }
		END { exit n != 0 }'
	for path in 0 1; do
		after+=($(($(path_stat client "$path" tx_bytes) - before[path])))
	done
	ktap_info "bytes on the paths: ${after[*]}"
	# whole packets only: 5,000 bytes and what each needs, and some ACKs
	for path in 0 1; do
		whole "${after[path]}" || ktap_fail "path $path has a part of a packet"
	done
}

# whole BYTES: so many are packets of 5,008 bytes in four fragments, three of
# each IP version at most, and a few acknowledgements.
whole() {
	local four six
	for four in 0 1 2 3; do
		for six in 0 1 2 3; do
			((($1 - four * 5216 - six * 5328) / 900 != 0 ||
				$1 < four * 5216 + six * 5328)) || return 0
		done
	done
	return 1
}

# Not carried, counted, and nobody answers.
groups() {
	local before
	before=$(link_stat server "$DEV" rx.packets)
	counts client tx_multicast 2 \
		client ping -q -c 2 -i 0.1 -W 0.2 -I "$DEV" 224.0.0.1
	counts client tx_multicast 2 \
		client ping -q -b -c 2 -i 0.1 -W 0.2 192.168.9.255
	counts client tx_multicast 2 \
		client ping -q -b -c 2 -i 0.1 -W 0.2 -I "$DEV" 255.255.255.255
	counts client tx_multicast 2 \
		client ping -q -c 2 -i 0.1 -W 0.2 -I "$CLIENT6" "ff02::1%$DEV"
	[[ $(link_stat server "$DEV" rx.packets) == "$before" ]]
}

refused() {
	local what=$1
	shift
	! "$@" 2>/run/error || ktap_fail "it is not refused"
	grep -i "$what" /run/error || ktap_fail "instead: $(</run/error)"
}

on_top() {
	refused "VLAN" ip -n client link add link "$DEV" name "$DEV.5" type vlan id 5
	ip -n client link add br0 type bridge
	refused "invalid" ip -n client link set "$DEV" master br0
	ip -n client link del br0
	refused "mtu" ip -n client link add vpn1 mtu 1279 type mqvpn
	refused "mtu" ip -n client link add vpn1 mtu 66000 type mqvpn
	[[ $(ip -n client -br link show type mqvpn | wc -l) == 1 ]]
}

ethtool_says() {
	local feature
	client ethtool -i "$DEV" | grep "^driver: mqvpn$"
	client ethtool -k "$DEV" >/run/out
	for feature in tx-checksumming scatter-gather tcp-segmentation-offload \
		generic-receive-offload; do
		grep "^$feature: on" /run/out
	done
	grep "^vlan-challenged: on \[fixed\]" /run/out
	client ethtool "$DEV" | grep "Link detected: yes"
	! client ethtool -S "$DEV" 2>/run/out || ktap_fail "statistics that are none"
	grep -i "no stat" /run/out
	# an offload may be off: then the stack cuts
	client ethtool -K "$DEV" tso off gso off tx off sg off
	transfer_start client "$SERVER4" 0.3
	transfer_end
	((TRANSFERRED > 50000))
}

ktap_require ip ping jq tcpdump ethtool nstat sysctl python3 mqvpnctl
slow_links
topology a b
tunnel paths=a
ktap_plan 8
ktap_case "inner sources" sources
ktap_case "what nobody has is unreachable" unreachable
ktap_case "ECN and TTL go through, none goes outside" ecn_and_ttl
ktap_case "the tunnel is one hop" one_hop
ktap_case "fragments stay together" fragments
ktap_case "no multicast, no broadcast" groups
ktap_case "what may be on top" on_top
ktap_case "ethtool" ethtool_says
ktap_end
