# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Two ends, what lies between them, and tunnels: for selftests, the demo and
# the benchmarks. Everything is in the network namespaces "client" and
# "server" of a guest.
#
#	topology a b		# namespaces, joined by links a and b
#	tunnel paths="a b"	# mqvpn0 at both ends, a path over each link
#	client ping -c 1 "$SERVER4"
#	tunnel_del
#	topology_del

TOOLS=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../tools")
readonly TOOLS
export PYTHONDONTWRITEBYTECODE=1

# The tunnel's device, and the inner addresses of the two ends.
readonly DEV=mqvpn0
readonly CLIENT4=192.168.9.1 SERVER4=192.168.9.2
readonly CLIENT6=fd09::1 SERVER6=fd09::2

# Links of the topology of record, as arguments of netem; empty is unshaped.
# shellcheck disable=SC2034 # b and the others
declare -A SHAPE=(
	[a]="delay 10ms rate 300mbit"
	[b]="delay 30ms rate 80mbit"
	[c]="" [d]=""
)
declare -A LINK_NUMBER=([a]=1 [b]=2 [c]=3 [d]=4)

# slow_links: every packet costs time on the wall, where speed is not the point.
slow_links() {
	SHAPE[a]="delay 2ms rate 10mbit"
	SHAPE[b]="delay 5ms rate 5mbit"
}

readonly SERVER_PORT=4433

## Namespaces and links

# client|server COMMAND...: run a program at one end. Cheaper than "ip netns
# exec"; /sys stays that of the guest.
client() { nsenter --net=/run/netns/client -- "$@"; }
server() { nsenter --net=/run/netns/server -- "$@"; }

# link_addr END LINK FAMILY: outer address of an end.
link_addr() {
	local n=${LINK_NUMBER[$2]} host=1
	[[ $1 == client ]] || host=2
	if [[ $3 == 4 ]]; then
		echo "10.0.$n.$host"
	else
		echo "fd00:$n::$host"
	fi
}

# link_offloads LINK: netem counts its limit in buffers, so make them packets.
link_offloads() {
	local end
	for end in client server; do
		"$end" ethtool -K "veth-$1" tso off gso off gro off
	done
}

# link_add LINK [VETH-OPTION...]: join the ends by veth-LINK, shaped as SHAPE says.
link_add() {
	local link=$1 end shape=${SHAPE[$1]}
	shift
	ip link add "veth-$link" netns client "$@" type veth \
		peer name "veth-$link" netns server "$@"
	for end in client server; do
		ip -n "$end" -batch - <<-END
			addr add $(link_addr "$end" "$link" 4)/24 dev veth-$link
			addr add $(link_addr "$end" "$link" 6)/64 dev veth-$link nodad
			link set veth-$link up
		END
		if [[ $shape ]]; then
			# shellcheck disable=SC2086 # words
			tc -n "$end" qdisc replace dev "veth-$link" root netem $shape
		fi
	done
	[[ ! $shape ]] || link_offloads "$link"
}

# topology LINK...: the two ends, joined by links; in place of what there was.
topology() {
	local end link
	[[ ! -e /run/netns/server ]] || topology_del
	for end in client server; do
		ip netns add "$end"
		ip -n "$end" link set lo up
	done
	for link; do
		link_add "$link"
	done
}

# topology_del: with all that runs and lives in it.
topology_del() {
	local end
	for end in client server; do
		kill_end "$end"
		ip netns del "$end" 2>/dev/null || true
	done
}

# kill_end END: end the programs that run there.
kill_end() {
	local pids
	pids=$(ip netns pids "$1" 2>/dev/null) || return 0
	# shellcheck disable=SC2086 # words
	[[ ! $pids ]] || kill -KILL $pids 2>/dev/null || true
}

## Tunnels

# Each tunnel has secrets and connection IDs of its own: packets of the one
# before may still be under way. The number is in a file, because the cases of a
# test are subshells.
readonly TUNNEL_NUMBER=/run/mqvpn-tunnel

tunnel_number() {
	local n=0
	[[ ! -e $TUNNEL_NUMBER ]] || read -r n <"$TUNNEL_NUMBER"
	echo "$n"
}

# cid END PATH: the connection ID that an end has for a path.
cid() {
	local first=c1
	[[ $1 == client ]] || first=5e
	printf '%s%06x%08x' "$first" "$(tunnel_number)" "$2"
}

# secret END AEAD: traffic secret of what an end sends, in hex.
secret() {
	local byte=c1 length=32
	[[ $1 == client ]] || byte=5e
	[[ $2 != aes-256-gcm ]] || length=48
	printf "$byte%.0s" $(seq $((length - 4)))
	printf '%08x' "$(tunnel_number)"
}

# endpoint ADDRESS PORT: as mqvpnctl likes it.
endpoint() {
	case $1 in
	*:*) echo "[$1]:$2" ;;
	*) echo "$1:$2" ;;
	esac
}

# client_port PATH: UDP port of the client's end of a path.
client_port() { echo $((4600 + $1)); }

other_end() {
	if [[ $1 == client ]]; then
		echo server
	else
		echo client
	fi
}

# path_commands END PATH LINK FAMILY [OPTION...]: print what adds a path; the
# connection IDs first. The handshake, had there been one, was over path 0.
path_commands() {
	local end=$1 path=$2 link=$3 family=$4 mine theirs other
	shift 4
	((path > 0)) || set -- "$@" validated
	other=$(other_end "$end")
	mine=$(link_addr "$end" "$link" "$family")
	theirs=$(link_addr "$other" "$link" "$family")
	cat <<-END
		mqvpnctl cid add dev $DEV local path $path id $(cid "$end" "$path")
		mqvpnctl cid add dev $DEV peer path $path id $(cid "$other" "$path")
	END
	if [[ $end == client ]]; then
		echo "mqvpnctl path add dev $DEV id $path" \
			"remote $(endpoint "$theirs" "$SERVER_PORT")" \
			"local $(endpoint "$mine" "$(client_port "$path")")" \
			"ifname veth-$link $*"
	else
		echo "mqvpnctl path add dev $DEV id $path socket \$socket" \
			"remote $(endpoint "$theirs" "$(client_port "$path")") $*"
	fi
}

# path_add PATH LINK [OPTION...]: one more path of a tunnel, at both ends.
path_add() {
	local path=$1 link=$2 end
	shift 2
	for end in server client; do
		{
			echo socket=1
			path_commands "$end" "$path" "$link" 4 "$@"
		} | "$end" bash -e
	done
	wait_until 5 paths_active
}

# paths_active: all of them, at both ends.
paths_active() {
	local end
	for end in client server; do
		[[ $("$end" mqvpnctl --json path show dev "$DEV") != \
			*'"state":"'[^a]* ]] || return 1
	done
}

# path_remove PATH: at both ends, the client's first.
path_remove() {
	local end
	for end in client server; do
		"$end" mqvpnctl path remove dev "$DEV" id "$1"
	done
}

# connection_commands END: print what makes the connection.
connection_commands() {
	local end=$1 other
	other=$(other_end "$end")
	echo "mqvpnctl conn add dev $DEV role $end $multipath $confirmed"
	echo "mqvpnctl key set dev $DEV tx aead $aead file - <<<$(secret "$end" "$aead")"
	echo "mqvpnctl key set dev $DEV rx aead $aead file - <<<$(secret "$other" "$aead")"
	if [[ $end == client ]]; then
		echo "mqvpnctl prefix add dev $DEV 0.0.0.0/0"
		echo "mqvpnctl prefix add dev $DEV ::/0"
	else
		echo "mqvpnctl prefix add dev $DEV $CLIENT4/32"
		echo "mqvpnctl prefix add dev $DEV $CLIENT6/128"
		echo "mqvpnctl socket add dev $DEV port $SERVER_PORT >/dev/null"
		echo "socket=1"
	fi
}

# device_up END: addresses of the tunnel's device.
device_up() {
	local four=$CLIENT4 six=$CLIENT6
	if [[ $1 == server ]]; then
		four=$SERVER4 six=$SERVER6
	fi
	# No address of its own: nobody asked for its multicast.
	ip -n "$1" -batch - <<-END
		link set $DEV addrgenmode none
		addr add $four/24 dev $DEV
		addr add $six/64 dev $DEV nodad
		link set $DEV ${mtu:+mtu $mtu} up
	END
}

# tunnel [NAME=VALUE...]: a tunnel with paths 0, 1, ... over links, in place of
# the one there was.
#	paths="a b"		links
#	aead=aes-128-gcm	algorithm
#	outer=4			IP version of the links' addresses
#	weights="300 80"	of the paths
#	mtu=			of the device, unless the default
#	multipath=		options of the connection
#	confirmed=confirmed	the handshake is; empty for not yet
#	keep=			ends that have their device already, without objects
tunnel() {
	local paths=a aead=aes-128-gcm outer=4 mtu='' keep=''
	local multipath="multipath max-path-id 8 peer-max-path-id 8"
	local confirmed=confirmed
	local weights="300 80 80 80" end path link weight
	((!$#)) || local "$@"
	# shellcheck disable=SC2206 # words
	weight=($weights)
	echo $(($(tunnel_number) + 1)) >"$TUNNEL_NUMBER"
	for end in client server; do
		[[ " $keep " != *" $end "* ]] || continue
		ip -n "$end" link del "$DEV" 2>/dev/null || true
		ip -n "$end" link add "$DEV" type mqvpn
	done
	for end in server client; do
		{
			connection_commands "$end"
			path=0
			for link in $paths; do
				path_commands "$end" "$path" "$link" "$outer" \
					weight "${weight[path]}"
				path=$((path + 1))
			done
		} | "$end" bash -euo pipefail >/dev/null
		device_up "$end"
	done
	[[ $paths != *" "* ]] || wait_until 5 paths_active
}

# server_alone [OPTION...]: the server's end of a tunnel over link a, with options
# of its connection, for a program that is the client.
server_alone() {
	local multipath=$* aead=aes-128-gcm mtu='' confirmed=''
	echo $(($(tunnel_number) + 1)) >"$TUNNEL_NUMBER"
	tunnel_del 2>/dev/null || true
	ip -n server link add "$DEV" type mqvpn
	{
		connection_commands server
		path_commands server 0 a 4
	} | server bash -euo pipefail >/dev/null
	device_up server
}

# tunnel_del: the devices, with all that belongs to them.
tunnel_del() {
	local end
	for end in client server; do
		ip -n "$end" link del "$DEV"
	done
}

## Counters

# path_stat END PATH NAME: a number of a path.
path_stat() {
	"$1" mqvpnctl --json path show dev "$DEV" |
		jq -r ".[].path | select(.id == $2).$3"
}

# drops END: the device's drop counters, one "name number" a line.
drops() {
	"$1" mqvpnctl --json --stats show dev "$DEV" |
		jq -r '.[0].device.counters | to_entries[] | "\(.key) \(.value)"'
}

# drop END NAME: one drop counter.
drop() { drops "$1" | awk -v name="$2" '$1 == name { print $2 }'; }

# all_drops: what was dropped at either end, for who wonders.
all_drops() {
	local end
	for end in client server; do
		drops "$end" | awk -v end="$end" '$2 { print "# " end, $0 }'
	done
}

# link_stat END DEVICE NAME: one of a network device's own counters; NAME as in
# "ip -s -j link", like rx.bytes.
link_stat() {
	ip -n "$1" -s -j link show dev "$2" | jq ".[0].stats64.$3"
}

## Waiting

# end_processes PID...: of this shell, without its remarks on their end.
end_processes() {
	kill "$@" 2>/dev/null || true
	wait "$@" 2>/dev/null || true
}

# wait_until SECONDS COMMAND...: poll until it succeeds.
wait_until() {
	local left=$((${1} * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		((left-- > 0)) || {
			echo "# not within time: $*"
			return 1
		}
		sleep 0.05
	done
}

# listening END PORT PROTOCOL: a program waits at the port.
listening() {
	local option=-t
	[[ $3 == tcp ]] || option=-u
	[[ $(ss -N "$1" -Hnl "$option" "sport = :$2") ]]
}

## Traffic

# ping_through END ADDRESS [OPTION...]: five echoes, all of which come back.
ping_through() {
	local end=$1 address=$2 out
	shift 2
	out=$("$end" ping -n -q -c 5 -i 0.02 -W 2 "$@" "$address") || true
	[[ $out == *" 5 received"* ]] || {
		echo "$out"
		all_drops
		return 1
	}
}

# rtt END ADDRESS: mean round-trip time of idle pings, microseconds. The first
# one waits for neighbours to be found.
rtt() {
	"$1" ping -n -q -c 1 -W 5 "$2" >/dev/null
	"$1" ping -n -q -c 10 -i 0.2 "$2" |
		awk -F/ '/^rtt/ { printf "%.0f\n", $5 * 1000 }'
}

# transfer_start FROM ADDRESS SECONDS: TCP in the background.
transfer_start() {
	local from=$1 address=$2 seconds=$3 to
	to=$(other_end "$from")
	# a port may stay busy for a minute after use
	TRANSFER_PORT=$((${TRANSFER_PORT:-7000} + 1))
	TRANSFER_OUT=$(mktemp)
	nsenter --net="/run/netns/$to" -- \
		"$TOOLS/transfer.py" receive "$TRANSFER_PORT" &
	TRANSFER_PIDS=($!)
	wait_until 10 listening "$to" "$TRANSFER_PORT" tcp
	nsenter --net="/run/netns/$from" -- "$TOOLS/transfer.py" send "$address" \
		"$TRANSFER_PORT" "$seconds" >"$TRANSFER_OUT" &
	TRANSFER_PIDS+=($!)
}

# transfer_end: wait until it is over, and fail if a byte is missing; sets
# $TRANSFERRED.
transfer_end() {
	local pid
	for pid in "${TRANSFER_PIDS[@]}"; do
		wait "$pid"
	done
	# shellcheck disable=SC2034 # for the test
	TRANSFERRED=$(<"$TRANSFER_OUT")
	rm -f "$TRANSFER_OUT"
}

# iperf_server END [OPTION...]: iperf in the background; $IPERF_PID, $IPERF_OUT.
iperf_server() {
	local end=$1 protocol=tcp
	shift
	[[ " $* " != *" -u "* ]] || protocol=udp
	IPERF_OUT=$(mktemp)
	nsenter --net="/run/netns/$end" -- iperf -s "$@" >"$IPERF_OUT" 2>&1 &
	IPERF_PID=$!
	wait_until 10 listening "$end" 5001 "$protocol"
}

# iperf_stop: end it, without it waiting for connections that will never end;
# what it printed stays in $IPERF_OUT.
iperf_stop() {
	kill -KILL "$IPERF_PID" 2>/dev/null || true
	end_processes "$IPERF_PID"
}

# tcp FROM ADDRESS SECONDS SKIP [OPTION...]: goodput in Mbit/s at the receiver of
# TCP from one end, without its first SKIP seconds. Prints it.
tcp() {
	local from=$1 address=$2 seconds=$3 skip=$4 options=()
	shift 4
	[[ $address != *:* ]] || options=(-V)
	iperf_server "$(other_end "$from")" -i 0.5 -y C "${options[@]}"
	"$from" iperf -c "$address" -t "$seconds" "${options[@]}" "$@" >/dev/null
	# The receiver prints its last interval when the last byte is there.
	sleep 1
	iperf_stop
	window "$skip" "$seconds" <"$IPERF_OUT"
	rm -f "$IPERF_OUT"
}

# window FROM TO: mean of iperf's comma separated intervals between two times
# in Mbit/s; lines with the sum of several flows have a negative number.
window() {
	awk -F, -v from="$1" -v to="$2" '
		$6 > 0 {
			split($7, at, "-")
			if (at[2] - at[1] < 0.6 && at[1] >= from && at[2] <= to)
				bytes += $8
		}
		END { printf "%.3f\n", bytes * 8 / (to - from) / 1e6 }'
}

## Captures

# capture_start END FILE [OPTION...]: what link a carries, from now on.
capture_start() {
	local end=$1 file=$2 log
	shift 2
	log=$(mktemp)
	nsenter --net="/run/netns/$end" -- tcpdump -n -p -i veth-a -w "$file" \
		"$@" 2>"$log" &
	CAPTURE_PID=$!
	wait_until 10 grep -q listening "$log"
	rm -f "$log"
}

# capture_end: the file is complete. The kernel hands packets over in blocks, at
# least once a second.
capture_end() {
	sleep 1.2
	end_processes "$CAPTURE_PID"
}

## Numbers

# is EXPRESSION: an awk expression holds; says so when not.
is() {
	awk "BEGIN { exit !($1) }" || {
		echo "# does not hold: $1"
		return 1
	}
}
