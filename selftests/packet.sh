#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Datagrams between a device's sockets and its owner: what is handed up, what is
# not, how much of it; what the owner sends, and what it may not send.
#
# Needs: virtual-time
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"
# shellcheck source=selftests/lib/owner.sh
. "$(dirname "$0")/lib/owner.sh"

# The client's end, as the server sees it.
readonly PEER="socket=1 port=5555 remote=10.0.1.1"

# own END [ARG...]: its device has an owner until the end of the case.
own() {
	local end=$1
	shift
	trap 'owner_end one' EXIT
	owner_start "$end" one "$@"
}

packets() { client "$TOOLS/packets.py" "$@"; }

# veth-a at an end, by number.
underlay() { ip -n "$1" -j link show veth-a | jq '.[0].ifindex'; }

# asked TEXT WORD...: the owner's command is answered so.
asked() {
	local want=$1 said
	shift
	said=$(owner_asked one "$@")
	[[ $said =~ ^$want ]] || ktap_fail "$* is answered: $said"
}

sends() { asked "done" tx "$@"; }

takes() { asked "done" rx "$@"; }

# With everything that the owner has to know to answer.
content() {
	local ifindex local6 device=veth-a
	ifindex=$(underlay server)
	local6=$(ip -n server -j addr show dev "$device" scope link |
		jq -r '.[0].addr_info[] | select(.local).local')
	wait_until 5 settled
	own server
	packets send 4 5555 1 'c00000000108*1200' 'e00000000108*50'
	packets send 6 5555 2 'c00000000108*1201'
	packets send "$local6%$device" 5555 0 'c00000000108*1202'
	owner_said one "^packet-up $PEER local=10.0.1.2 ifindex=$ifindex ecn=1 length=1200 data=c00000000108(00){1194}\$"
	owner_said one "^packet-up $PEER local=10.0.1.2 ifindex=$ifindex ecn=1 length=50 data=e00000000108(00){44}\$"
	owner_said one "^packet-up socket=1 port=5555 remote=fd00:1::1 local=fd00:1::2 ifindex=$ifindex ecn=2 length=1201 data=c0"
	owner_said one "^packet-up socket=1 port=5555 scope=$ifindex remote=fe80:[0-9a-f:]+ local=$local6 ifindex=$ifindex ecn=0 length=1202 data=c0"
	[[ $(owner_count one scope=) == 1 ]]
}

settled() {
	! ip netns exec client ip -6 addr show dev veth-a | grep -q tentative &&
		! ip -n server -6 addr show dev veth-a | grep -q tentative
}

# What each counter has grown by, as "NUMBER NAME".
grown() {
	drops server | awk '
		NR == FNR { before[$1] = $2; next }
		$2 != before[$1] { print $2 - before[$1], $1 }' /run/before -
}

gate() {
	own server
	drops server >/run/before
	packets gate >/run/sent
	sleep 0.1
	{
		grown
		echo "$(owner_count one ^packet-up) up"
	} | sort >/run/got
	sort /run/sent | diff - /run/got || ktap_fail "counted otherwise"
}

# Nobody to hand it to.
nobody() {
	drops server >/run/before
	packets send 4 5555 0 'c00000000108*1200' 'c00000000108*100' \
		'40ffffffffffffffff*60'
	sleep 0.1
	[[ $(grown | sort | tr '\n' ' ') == "1 rx_unknown_cid 2 rx_long_header " ]] ||
		ktap_fail "$(grown)"
}

# Neither more than the bound, nor the tunnel's end.
flood() {
	local up sum
	own server rcvbuf 8000000
	drops server >/run/before
	client ping -n -q -c 20 -i 0.01 -W 2 "$SERVER4" >/run/ping &
	packets flood 10000
	wait "$!"
	sleep 0.5
	up=$(owner_count one ^packet-up)
	sum=$(grown | awk '{ n += $1 } END { print n + 0 }')
	ktap_info "$up of 10000 handed up"
	[[ $((up + sum)) == 10000 ]] || ktap_fail "$up, and $(grown)"
	grown | grep -q rx_up_limit
	# the burst, and what comes in less than a second
	is "$up >= 512 && $up < 512 + 4096"
	grep -q " 20 received" /run/ping || ktap_fail "$(</run/ping)"
	goes_on
}

# An owner that does not listen costs the packets that its socket cannot take.
full() {
	own server rcvbuf 10000
	owner_tell one hold
	drops server >/run/before
	packets flood 100
	sleep 0.1
	grown | grep -qE '^[0-9]+ owner_packets_full$' || ktap_fail "$(grown)"
	owner_tell one go
	owner_said one ^overrun
}

goes_on() { ping_through client "$SERVER4"; }

# watch COUNT: the client's link, to port 5555.
watch() {
	nsenter --net=/run/netns/client -- "$TOOLS/packets.py" watch 5555 "$1" \
		>/run/seen &
	WATCHER=$!
	wait_until 5 grep -q watching /run/seen
}

# seen LINE: among what was sent.
seen() {
	grep -qxE "$1" /run/seen ||
		ktap_fail "not $1, but: $(cut -c 1-200 /run/seen)"
}

down() {
	local ifindex
	ifindex=$(underlay server)
	own server
	watch 5
	sends "$PEER" validated=1 data=c0112233 data=f0445566
	sends "$PEER" validated=1 ecn=2 local=10.0.1.2 \
		ifindex="$ifindex" "fill=c0*1472"
	sends "$PEER" validated=1 \
		data=40112233445566778899aabbccddeeff0011223344
	sends socket=1 remote=fd00:1::1 port=5555 validated=1 ecn=1 \
		local=fd00:1::2 ifindex="$ifindex" data=d000
	wait "$WATCHER"
	seen "10.0.1.2 4433 df 0 c0112233"
	seen "10.0.1.2 4433 df 0 f0445566"
	seen "10.0.1.2 4433 df 2 c0(00){1471}"
	seen "10.0.1.2 4433 df 0 40112233445566778899aabbccddeeff0011223344"
	seen "fd00:1::2 4433 df 1 d000"
}

# The second address of the server, as a client that used it expects.
other_source() {
	own server
	ip -n server addr add 10.0.1.77/24 dev veth-a
	watch 1
	sends "$PEER" validated=1 local=10.0.1.77 data=c000
	wait "$WATCHER"
	seen "10.0.1.77 4433 df 0 c000"
	ip -n server addr del 10.0.1.77/24 dev veth-a
}

refused() {
	local peer_id
	peer_id=$(cid client 0)
	own server
	asked "error 90 .*MTU" tx "$PEER" validated=1 fill=c0*1473
	# all or none
	watch 1
	asked "error 90 .*MTU" tx "$PEER" validated=1 data=c001 fill=c0*1473
	sends "$PEER" validated=1 data=c002
	wait "$WATCHER"
	seen "10.0.1.2 4433 df 0 c002"
	asked "error 101 .*route" tx socket=1 remote=192.0.2.1 port=1 \
		validated=1 data=c0
	asked "error 101 .*route" tx socket=1 remote=2001:db8::1 port=1 \
		validated=1 data=c0
	asked "error 99 .*local" tx "$PEER" local=10.0.1.99 validated=1 data=c0
	asked "error 99 .*local" tx socket=1 remote=fd00:1::1 port=1 \
		local=fd00:1::99 validated=1 data=c0
	asked "error 97 .*famil" tx "$PEER" local=fd00:1::2 validated=1 data=c0
	asked "error 2 .*socket" tx socket=77 remote=10.0.1.1 port=1 data=c0
	asked "error 22 .*address" tx socket=1 remote=224.0.0.1 port=1 data=c0
	asked "error 13 .*route" tx socket=1 remote=10.0.1.255 port=1 \
		validated=1 data=c0
	# through the tunnel that is to be carried
	asked "error 40 .*tunnel" tx socket=1 remote="$CLIENT4" port=1 \
		validated=1 data=c0
	# the kernel's own packets, and what is no packet at all
	asked "error 22 .*open path" tx socket=1 remote=10.0.1.1 \
		port="$(client_port 0)" validated=1 "fill=40$peer_id*50"
	sends socket=1 remote=10.0.1.1 port="$(client_port 0)" \
		validated=1 fill=40ff*50
	asked "error 22 .*reset" tx "$PEER" validated=1 fill=40*20
	asked "error 22 .*reset" tx "$PEER" validated=1 fill=00*40
}

# RFC 9000 section 8.1, to the byte.
three_times() {
	own server
	# a port that nothing came from yet
	PEER4="socket=1 remote=10.0.1.1 port=5601"
	PEER6="socket=1 remote=fd00:1::1 port=5601"
	asked "error 11 .*three times" tx "$PEER4" data=c0
	packets send 4 5601 0 'c00000000108*1200'
	owner_said one "port=5601"
	asked "error 11 .*three times" tx "$PEER4" fill=c0*1200 fill=c0*1200 \
		fill=c0*1201
	sends "$PEER4" fill=c0*1200 fill=c0*1200
	asked "error 11 .*three times" tx "$PEER4" fill=c0*1201
	sends "$PEER4" fill=c0*1200
	asked "error 11 .*three times" tx "$PEER4" data=c0
	# another address is another account, and another port, too
	asked "error 11 .*three times" tx "$PEER6" data=c0
	asked "error 11 .*three times" tx socket=1 remote=10.0.1.1 port=5602 \
		data=c0
	packets send 4 5601 0 'c00000000108*1200'
	wait_until 2 test "$(owner_count one port=5601)" != 1
	sends "$PEER4" fill=c0*1200
	# what the gate does not let pass is no credit
	packets send 6 5601 0 'c00000000108*1199'
	sleep 0.1
	asked "error 11 .*three times" tx "$PEER6" data=c0
	sends "$PEER4" validated=1 fill=c0*1400 fill=c0*1400 fill=c0*1400
	sends "$PEER4" fill=c0*1400 fill=c0*1400 fill=c0*1400
}

# A connection of its own, whose handshake goes on at a client's port.
young() {
	local conn="dev $DEV conn 2" c2s=$1 s2c=$2
	cat <<-END
		mqvpnctl conn add dev $DEV id 2 role server
		mqvpnctl cid add $conn local path 0 id 5e000000000000aa
		mqvpnctl cid add $conn peer path 0 id c1000000000000aa
		mqvpnctl key set $conn rx aead aes-128-gcm file - <<<$c2s
		mqvpnctl key set $conn tx aead aes-128-gcm file - <<<$s2c
		mqvpnctl path add $conn id 0 socket 1 remote 10.0.1.1:5603 validated
	END
}

young_sent() {
	server mqvpnctl --json path show dev "$DEV" conn 2 |
		jq -r '.[].path | select(.socket == 1) | .tx_packets'
}

young_sent_all() { [[ $(young_sent) == 4 ]]; }

# What the kernel delivers during a handshake, and what the owner sends, have
# one account: two packets of 1,127 bytes leave 1,346 of 3,600, which a third
# one might exceed if it held all that it may.
one_account() {
	local c2s s2c data cookie peer="socket=1 remote=10.0.1.1 port=5603"
	c2s=$(printf 'a1%.0s' {1..32})
	s2c=$(printf 'a2%.0s' {1..32})
	data=06004446$(printf "00%.0s" {1..1094})
	own server
	packets send 4 5603 0 'c00000000108*1200'
	owner_said one "port=5603"
	young "$c2s" "$s2c" | server bash -euo pipefail >/dev/null
	for cookie in {1..4}; do
		asked "done" deliver conn=2 "cookie=$cookie" "data=$data"
	done
	[[ $(young_sent) == 2 ]] || ktap_fail "$(young_sent) were sent"
	asked "error 11 .*three times" tx "$peer" fill=c0*1347
	sends "$peer" fill=c0*1346
	# who has the keys has done the handshake
	packets ping 5603 5e000000000000aa "$c2s"
	wait_until 2 young_sent_all
	sends "$peer" fill=c0*1400
	server mqvpnctl conn del dev "$DEV" id 2
}

# Addresses without number: the account that was pushed out has no credit.
pushed_out() {
	local up
	own server
	packets send 4 5701 0 'c00000000108*1200'
	owner_said one "port=5701"
	packets many 4000
	up=$(owner_count one ^packet-up)
	ktap_info "$up handed up"
	asked "error 11 .*three times" tx socket=1 remote=10.0.1.1 port=5701 data=c0
}

# A client asks for what it gets.
client_is_free() {
	local port=4599
	own client
	sends socket=1 remote=10.0.1.2 port="$port" fill=c0*1200
	owner_said one "^packet-error-ntf socket=1 port=$port remote=10.0.1.2 local=10.0.1.1 "
}

icmp() {
	local i
	own server
	sends socket=1 remote=10.0.1.1 port=5999 validated=1 data=c0
	owner_said one "^packet-error-ntf socket=1 port=5999 remote=10.0.1.1 local=10.0.1.2 .*error=111\$"
	sends socket=1 remote=fd00:1::1 port=5998 validated=1 data=c0
	owner_said one "^packet-error-ntf socket=1 port=5998 remote=fd00:1::1 local=fd00:1::2 .*error=111\$"
	# not of short headers
	sends socket=1 remote=10.0.1.1 port=5997 validated=1 fill=40*30
	# and not too many, however many there are
	client bash -c 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit'
	drops server >/run/before
	for i in {1..3}; do
		sends socket=1 remote=10.0.1.1 port=$((5800 + i)) \
			validated=1 data=c0 data=c0 data=c0 data=c0 data=c0 \
			data=c0 data=c0 data=c0 data=c0 data=c0 data=c0
	done
	sleep 0.1
	ktap_info "$(owner_count one ^packet-error-ntf) errors, $(grown)"
	grown | grep -qE '^[0-9]+ owner_errors_limit$'
	[[ $(owner_count one port=5997) == 0 ]]
}

# Comes before its key, waits with the owner, and is good later.
early() {
	local packet multipath='' confirmed='' aead=aes-128-gcm mtu=''
	ip -n server link del "$DEV"
	ip -n server link add "$DEV" type mqvpn
	{
		connection_commands server | grep -v "key set .* rx"
		path_commands server 0 a 4
	} | server bash -euo pipefail >/dev/null
	device_up server
	ip -n client link del "$DEV"
	own server
	nsenter --net=/run/netns/client -- "$TOOLS/packets.py" early >/run/early &
	wait_until 5 test -s /run/early
	packet=$(head -n 1 /run/early)
	owner_said one "^packet-up socket=1 port=4600 remote=10.0.1.1 .*data=$packet\$"
	asked "error 11 .*key" rx socket=1 remote=10.0.1.1 port=4600 data="$packet"
	asked "error 2 .*ID" rx socket=1 remote=10.0.1.1 port=4600 fill=40ff*50
	asked "error 22 .*short" rx socket=1 remote=10.0.1.1 port=4600 fill=c0*50
	asked "error 22 .*one" rx socket=1 remote=10.0.1.1 port=4600 \
		data="$packet" data="$packet"
	server mqvpnctl key set dev "$DEV" rx aead aes-128-gcm file - \
		<<<"$(secret client aes-128-gcm)"
	takes socket=1 remote=10.0.1.1 port=4600 local=10.0.1.2 \
		data="$packet"
	wait "$!"
	grep -qx "1 answered" /run/early
	# once
	drops server >/run/before
	takes socket=1 remote=10.0.1.1 port=4600 data="$packet"
	[[ $(grown) == "1 rx_duplicate" ]]
}

unprivileged() {
	local word
	for word in tx rx; do
		[[ $(client setpriv --reuid 65534 --regid 65534 --clear-groups \
			"$TOOLS/packets.py" ask "$word" "$DEV") == 1 ]]
	done
}

# Root of a user namespace with the device, but not of its sockets' netns.
needs_rights_below() {
	ip -n client link add mqvpn7 type mqvpn
	nsenter --net=/run/netns/client -- mqvpnctl socket add dev mqvpn7 \
		port 4434 >/dev/null
	nsenter --net=/run/netns/client unshare --user --map-root-user --net \
		bash -c 'echo $$ >/run/inside; exec sleep 60' &
	wait_until 5 test -s /run/inside
	ip -n client link set mqvpn7 netns "$(</run/inside)"
	inside() {
		nsenter --user --net --target "$(</run/inside)" \
			--preserve-credentials "$@"
	}
	[[ $(inside "$TOOLS/packets.py" ask tx mqvpn7) == 1 ]]
	[[ $(inside "$TOOLS/packets.py" ask rx mqvpn7) == 1 ]]
	# but within what it has a right to it may: there is only no such socket
	inside ip link add mqvpn8 type mqvpn
	[[ $(inside "$TOOLS/packets.py" ask tx mqvpn8) == 2 ]]
	[[ $(inside "$TOOLS/packets.py" ask rx mqvpn8) == 2 ]]
	end_processes "$!"
}

ktap_require ip jq ping nsenter setpriv unshare python3 mqvpnctl
SHAPE[a]=''
topology a
tunnel paths=a
ktap_plan 16
ktap_case "what is handed up" content
ktap_case "the gate" gate
ktap_case "nobody to hand it to" nobody
ktap_case "no more than that" flood
ktap_case "an owner that is slow" full
ktap_case "what is sent" down
ktap_case "from the address that was asked" other_source
ktap_case "what is not sent" refused
ktap_case "three times what came" three_times
ktap_case "during a handshake, too" one_account
ktap_case "who is pushed out has no credit" pushed_out
ktap_case "ICMP errors" icmp
ktap_case "a client may send what it likes" client_is_free
ktap_case "administrators only" unprivileged
ktap_case "rights where the sockets are" needs_rights_below
ktap_case "a packet that was too early" early
ktap_end
