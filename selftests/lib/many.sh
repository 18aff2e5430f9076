# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Many connections of one device, made by selftests/many-conns; on top of the
# topology of mqvpn.sh.
#
#	many_device server 4433
#	many_device client 4600
#	many_add server a 4600 10000
#	many_add client a 4433 10000
#
# Connection i leads from many_address client i to many_address server i.

MANY=$(realpath "$TOOLS/../../build/selftests/many-conns")
readonly MANY

# many_address END CONNECTION FAMILY: inner address of an end.
many_address() {
	local net=64
	[[ $1 == client ]] || net=128
	if [[ $3 == 4 ]]; then
		echo "10.$((net + $2 / 65536)).$(($2 / 256 % 256)).$(($2 % 256))"
	else
		[[ $net == 64 ]] || net=80
		printf 'fd%d::%x:%x\n' "$net" $(($2 / 65536)) $(($2 % 65536))
	fi
}

# many_device END PORT: the device with two sockets; all inner addresses of an
# end are its own.
many_device() {
	local end=$1 mine=(10.64.0.0/10 fd64::/16)
	local theirs=(10.128.0.0/9 fd80::/16 fd90::/16) swap
	if [[ $end == server ]]; then
		swap=("${mine[@]}") mine=("${theirs[@]}") theirs=("${swap[@]}")
	fi
	ip -n "$end" link add "$DEV" type mqvpn
	"$end" mqvpnctl socket add dev "$DEV" port "$2" >/dev/null
	"$end" mqvpnctl socket add dev "$DEV" port $(($2 + 1)) >/dev/null
	# IPv6 binds to none that is only routed here
	"$end" bash -c "echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind"
	{
		echo "link set $DEV addrgenmode none up"
		printf 'route add local %s dev lo\n' "${mine[@]}"
		printf 'route add %s dev '"$DEV"'\n' "${theirs[@]}"
	} | ip -n "$end" -batch -
}

# many_add END LINK PORT COUNT: connections over a link to the other end's port,
# and to the one behind it.
many_add() {
	"$1" "$MANY" "$DEV" add count="$4" role="$1" port="$3" sockets=2 \
		remote="$(link_addr "$(other_end "$1")" "$2" 4)"
}

# kernel_memory: in KiB, without caches of files.
kernel_memory() {
	awk '/^(SUnreclaim|Percpu|VmallocUsed):/ { sum += $2 }
		END { print sum }' /proc/meminfo
}
