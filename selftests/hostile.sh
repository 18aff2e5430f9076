#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Corrupted, truncated, replayed and foreign packets are dropped, each is
# counted once and by its own counter, none gets through, and the tunnel goes on.
#
# Timeout: 120

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"
# shellcheck source=selftests/lib/mqvpn.sh
. "$(dirname "$0")/lib/mqvpn.sh"

readonly SEEN=/run/seen.pcap UNSEEN=/run/unseen.pcap

# record FILE COMMAND...: capture what the client's link carries meanwhile.
record() {
	local file=$1
	shift
	capture_start client "$file" udp port "$SERVER_PORT"
	"$@"
	capture_end
}

# Pings that leave the client and never reach the server's end of the tunnel.
ping_unseen() {
	tc -n server qdisc add dev veth-a clsact
	tc -n server filter add dev veth-a ingress protocol ip \
		flower ip_proto udp action drop
	client ping -q -c 3 -i 0.02 -W 1 "$SERVER4" >/dev/null && return 1
	tc -n server qdisc del dev veth-a clsact
}

# counted BEFORE AFTER: compare with what was sent, lines of a number and the
# counters among which it may be found.
counted() {
	awk '
		FILENAME == ARGV[1] { before[$1] = $2; next }
		FILENAME == ARGV[2] { grown[$1] = $2 - before[$1]; next }
		{
			n = split($2, names, ",")
			have = 0
			for (i = 1; i <= n; i++) {
				have += grown[names[i]]
				may[names[i]] = 1
			}
			# sets that overlap are checked as one, below
			sent += $1
			if (n == 1)
				exact[$2] += $1
		}
		END {
			for (name in grown) {
				total += name in may ? grown[name] : 0
				if (grown[name] && !(name in may) && name != "rx_copied") {
					print "# " name " counts " grown[name]
					bad = 1
				}
				if (grown[name] < exact[name]) {
					print "# " name " counts " grown[name] \
						" of " exact[name]
					bad = 1
				}
			}
			if (total != sent) {
				print "# " total " counted, " sent " sent"
				bad = 1
			}
			exit bad
		}' "$1" "$2" -
}

received() { link_stat server "$DEV" rx.packets; }

# attack DELIVERED GROUPS ARGUMENT: send groups, which end up in their counters,
# and so many inner packets at the server.
attack() {
	local delivered=$1 packets sent
	drops server >/run/before
	packets=$(received)
	sent=$(client "$TOOLS/hostile.py" "$2" "$3")
	sleep 0.1
	drops server >/run/after
	[[ $sent ]]
	# A line without names: packets that no counter has to do with.
	awk 'NF == 2' <<<"$sent" | counted /run/before /run/after
	packets=$(($(received) - packets))
	((packets == delivered)) ||
		ktap_fail "$packets inner packets were delivered"
}

goes_on() {
	ping_through client "$SERVER4"
	ping_through client "$SERVER6" -s 1000
}

stranger() { attack 0 "$1" "$UNSEEN"; }

replay() {
	attack 0 replay,reflect "$SEEN"
}

# The one that served as a model is still good, once.
genuine() {
	attack 1 genuine "$UNSEEN"
	attack 0 replay "$SEEN"
}

# The server's end alone, with another program as the client.
peer_tunnel() {
	tunnel_del
	tunnel
	ip -n client link del "$DEV"
}

# A connection that knows its IDs and no key yet.
no_key_tunnel() {
	ip -n server link del "$DEV"
	ip -n server link add "$DEV" type mqvpn
	{
		echo "mqvpnctl conn add dev $DEV role server"
		echo "mqvpnctl socket add dev $DEV port $SERVER_PORT"
		echo socket=1
		path_commands server 0 a 4
	} | server bash -e >/dev/null
	ip -n server link set "$DEV" up
}

ktap_require ip ss jq python3 tcpdump mqvpnctl
SHAPE[a]=''
topology a b
# path 0 gets all
tunnel paths="a b" weights="1000 1"
ktap_plan 16
record "$SEEN" ping_through client "$SERVER4"
record "$UNSEEN" ping_unseen
ktap_case "every bit flipped" \
	stranger flip_first,flip_cid,flip_number,flip_sample,flip_rest
ktap_case "every length but its own" stranger truncate,extend
ktap_case "long headers" stranger long_header
ktap_case "garbage of every length" stranger garbage
ktap_case "of another path, of another connection" stranger other_path,foreign
ktap_case "the tunnel goes on" goes_on
ktap_case "replay and reflection" replay
ktap_case "what was not corrupted is accepted once" genuine
ktap_case "and the tunnel still goes on" goes_on
peer_tunnel
ktap_case "a peer is answered" attack 4 ALIVE 0
ktap_case "its datagrams of other contexts" attack 0 CONTEXT 100
ktap_case "its inner packets that are none" attack 0 INNER 200
ktap_case "its inner packets from others" attack 0 SOURCE 300
ktap_case "its inner packets to groups" attack 0 GROUP 500
ktap_case "its control frames, and nobody to take them" attack 0 NO_OWNER 400
no_key_tunnel
ktap_case "packets before the key" attack 0 NO_KEY 600
ktap_end
