# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A server's end of a tunnel, with selftests/tools/validate.py as the client.

# peer WORD...: validate.py; what it sent last has arrived afterwards.
peer() {
	client "$TOOLS/validate.py" "$@" >/run/peer
	sleep 0.05
}

# server_with ROLE PATH...: that end alone, with keys, a socket, path 0 that
# needs no validation, and connection IDs of further paths.
server_with() {
	# shellcheck disable=SC2034 # of connection_commands
	local role=$1 path aead=aes-128-gcm confirmed=confirmed
	# shellcheck disable=SC2034
	local multipath="multipath max-path-id 8 peer-max-path-id 8"
	shift
	echo $(($(tunnel_number) + 1)) >"$TUNNEL_NUMBER"
	ip -n server link del "$DEV" 2>/dev/null || true
	ip -n server link add "$DEV" type mqvpn
	{
		connection_commands server |
			sed "s/ role server / role $role idle-timeout 0 /"
		path_commands server 0 a 4
		for path; do
			path_commands server "$path" a 4 | sed '/path add/d'
		done
	} | server bash -euo pipefail >/dev/null
}

bound() { [[ $(ss -N client -Hnua "sport = :$1") ]]; }

state() { path_stat server "$1" state; }

is_state() { [[ $(state "$1") == "$2" ]] || ktap_fail "path $1 is $(state "$1")"; }

# listen END: to events, until listen_end.
listen() {
	nsenter --net="/run/netns/$1" -- mqvpnctl --json monitor >/run/events &
	MONITOR=$!
	sleep 0.1
}

listen_end() {
	sleep 0.1
	end_processes "$MONITOR"
}

# events FILTER: how many events a jq filter lets through.
events() {
	jq -c "select($1)" /run/events | wc -l
}

# budget: what the server may still send, by what the peer saw.
budget() {
	awk '/^sent/ { left += 3 * $2; next } { left -= $2 } END { print left }' \
		/run/peer
}
