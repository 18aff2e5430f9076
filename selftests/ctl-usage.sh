#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mqvpnctl alone: what it understands, what it says, what it prints.
#
# Timeout: 60

set -euo pipefail
# shellcheck source=selftests/lib/ktap.sh
. "$(dirname "$0")/lib/ktap.sh"

DEV=ctl0
SECRET=$(printf '%064d' 7)

# fails STATUS TEXT ARG...: so it exits, with one line that matches TEXT.
fails() {
	local want=$1 text=$2 status=0 lines
	shift 2
	mqvpnctl "$@" >/run/out 2>/run/err </dev/null || status=$?
	mapfile -t lines </run/err
	((status == want)) || ktap_fail "$*: exit status $status: ${lines[*]}"
	[[ ! -s /run/out ]] || ktap_fail "$*: prints $(</run/out)"
	[[ ${#lines[@]} == 1 && ${lines[0]} == "mqvpnctl: "* ]] ||
		ktap_fail "$*: not one line: ${lines[*]}"
	[[ ${lines[0]} =~ $text ]] || ktap_fail "$*: says ${lines[0]}"
}

# wrong TEXT ARG...: a command line that is refused before the kernel sees it.
wrong() {
	fails 1 "$@"
}

# usage ARG...: help on ARGs, by lines in the array help.
usage() {
	mqvpnctl "$@" --help >/run/out
	mapfile -t help </run/out
	[[ ${help[0]} == "Usage: mqvpnctl $* "* ]] ||
		ktap_fail "$* --help: ${help[0]}"
}

# column: the first words of the indented lines in help.
column() {
	local line word
	for line in "${help[@]}"; do
		[[ $line != "  "[a-z]* ]] || {
			read -r word _ <<<"$line"
			echo "$word"
		}
	done
}

help_everywhere() {
	local help object command
	mqvpnctl --help >/run/out
	mapfile -t help </run/out
	for object in $(column); do
		case $object in
		show | set | monitor) continue ;;
		esac
		usage "$object"
		for command in $(column); do
			usage "$object" "$command"
			[[ $(column) == dev* ]]
		done
	done
	mqvpnctl --version | grep -q mqvpn
}

names() {
	wrong 'unknown object "pathe".*conn, cid, key, path' pathe show
	wrong 'object "p" is ambiguous: path, prefix' p show
	wrong 'unknown command "close".*add, set, remove, show' path close
	wrong 'command "s" is ambiguous: set, show' path s
	wrong 'unknown option --jason' --jason show
	wrong 'command is missing' key
	[[ $(mqvpnctl pat sh) == "$(mqvpnctl path show)" ]]
	[[ $(mqvpnctl path) == "$(mqvpnctl path show)" ]]
	! mqvpnctl 2>/run/err || ktap_fail "no object is no failure"
	grep -q Usage: /run/err
}

keywords() {
	wrong 'unknown keyword "wait".*dev, conn, id.*weight' \
		path add dev "$DEV" wait 3
	wrong 'unknown keyword "socket"' path set dev "$DEV" id 0 socket 1
	wrong 'dev DEV is missing' path add weight 3
	wrong 'role client\|server is missing' conn add dev "$DEV"
	wrong 'tx\|rx is missing' key set dev "$DEV" aead aes-128-gcm file -
	wrong 'weight is given twice' path add dev "$DEV" weight 1 weight 2
	wrong 'weight needs a value' path add dev "$DEV" weight
	wrong 'id needs dev' conn show id 1
	wrong 'two different ports' \
		socket add dev "$DEV" local 192.0.2.1:1 port 2
	wrong '"up" is neither a keyword.*nor local\|peer' \
		cid add dev "$DEV" up path 0 id c0
}

numbers() {
	local bad
	for bad in 0 1000001 -1 1x 0x 99999999999999999999 ''; do
		wrong 'of weight: not a number from 1 to 1000000' \
			path add dev "$DEV" weight "$bad"
	done
	wrong 'from 0 to 63' path add dev "$DEV" dscp 64
	wrong 'from 0 to 4294967294' path add dev "$DEV" id 4294967295
	wrong 'from 1200 to 65535' \
		conn add dev "$DEV" role client peer-max-udp-payload 1199
	wrong 'client\|server' conn add dev "$DEV" role peer
	for bad in fast -5mbit 5furlong 1e99bit nanmbit infmbit; do
		wrong 'of rate-limit: ' path add dev "$DEV" rate-limit "$bad"
	done
}

addresses() {
	local bad
	for bad in 192.0.2.1 '[2001:db8::1]' 2001:db8::1; do
		wrong 'port is missing' path add dev "$DEV" remote "$bad"
	done
	wrong 'port is 0' path add dev "$DEV" remote 192.0.2.1:0
	wrong 'from 0 to 65535' path add dev "$DEV" remote 192.0.2.1:65536
	wrong 'bracket is missing' path add dev "$DEV" remote '[::1:443'
	wrong 'bracket' path add dev "$DEV" remote '[::1]443'
	wrong 'numeric' path add dev "$DEV" remote example.org:443
	wrong 'IPv6' path add dev "$DEV" remote 192.0.2.1%lo:443
	wrong 'too long' path add dev "$DEV" remote "$(printf '%0200d' 1)"
	wrong 'behind the prefix length' prefix add dev "$DEV" 10.0.0.1/8
	wrong 'behind the prefix length' prefix add dev "$DEV" fd00::1/65
	wrong 'from 0 to 32' prefix add dev "$DEV" 10.0.0.0/33
	wrong 'from 0 to 128' prefix add dev "$DEV" ::/129
	wrong 'even number' cid add dev "$DEV" local path 0 id c00
	wrong 'hex' cid add dev "$DEV" local path 0 id c00g
	wrong 'too long' cid add dev "$DEV" peer path 0 id "$(printf '%042d' 0)"
}

secrets() {
	local file=/run/secret
	echo "$SECRET" >"$file"
	chmod 600 "$file"
	mqvpnctl conn add dev "$DEV" id 5 role client
	mqvpnctl key set dev "$DEV" conn 5 tx aead aes-128-gcm file "$file"
	mqvpnctl key set dev "$DEV" conn 5 rx aead chacha20-poly1305 file - <"$file"
	wrong '48 bytes' key set dev "$DEV" conn 5 tx aead aes-256-gcm file "$file"
	wrong 'standard input.*32 bytes' \
		key set dev "$DEV" conn 5 tx aead aes-128-gcm file -
	tr 7 x <"$file" >/run/other
	chmod 600 /run/other
	wrong '32 bytes' \
		key set dev "$DEV" conn 5 tx aead aes-128-gcm file /run/other
	fails 4 'cannot open /run/none: No such file' \
		key set dev "$DEV" conn 5 tx aead aes-128-gcm file /run/none
	chmod 644 "$file"
	mqvpnctl key set dev "$DEV" conn 5 tx aead aes-128-gcm file "$file" \
		2>/run/err
	grep -q 'warning: everybody may read' /run/err
	! mqvpnctl -s show | grep -q 0000007 || ktap_fail "show tells secrets"
	mqvpnctl conn del dev "$DEV" id 5
}

refusals() {
	fails 3 'there is no device none' show dev none
	fails 2 'not an mqvpn device.*attribute ifindex' show dev lo
	fails 2 'no such connection.*attribute conn-id' \
		path remove dev "$DEV" conn 9 id 0
	fails 2 'scheduler.*attribute device.scheduler' \
		set dev "$DEV" scheduler none
}

json() {
	mqvpnctl conn add dev "$DEV" role server multipath max-path-id 2 \
		peer-max-path-id 2
	mqvpnctl cid add dev "$DEV" local path 0 id c000000000000000
	mqvpnctl cid add dev "$DEV" peer path 0 id d0
	mqvpnctl prefix add dev "$DEV" 10.0.0.0/24
	mqvpnctl prefix add dev "$DEV" fd00::/64
	mqvpnctl --json socket add dev "$DEV" local 127.0.0.1 port 4433 ifname lo |
		jq -e '.socket | .local_ipv4 == "127.0.0.1" and
			.local_port == 4433 and .ifname == "lo"'
	[[ $(mqvpnctl path add dev "$DEV" remote 127.0.0.1:9 weight 3) == 0 ]]
	mqvpnctl --json cid show dev "$DEV" | jq -e '[.[].cid.id] ==
		["c000000000000000", "d0"]'
	mqvpnctl prefix show --json dev "$DEV" | jq -e '[.[].prefix | .ipv4, .ipv6
		| values] | sort == ["10.0.0.0", "fd00::"]'
	mqvpnctl --json path show | jq -e '.[0].path.weight == 3'
	mqvpnctl --pretty show dev "$DEV" | jq -e --arg dev "$DEV" '.[0]
		| .ifname == $dev and .device.counters.rx_auth == 0
		and .connections[0].connection.role == "server"
		and .connections[0].paths[0].remote_port == 9'
	mqvpnctl -j conn show dev "$DEV" id 1 | jq -e '.[0].connection
		| .multipath and .local.max_path_id == 2'
}

text() {
	mqvpnctl show | grep -q "^$DEV: scheduler wlb, connections 1"
	mqvpnctl path show | grep -qE "^$DEV +1 +0 +[a-z]+ +127.0.0.1:9 .* 3 "
	mqvpnctl -s show | grep -qE '^ +rx-unknown-cid +0$'
	mqvpnctl -s path show | grep -qE '^ +weight +3$'
	mqvpnctl socket show dev "$DEV" | grep -q '127.0.0.1:4433'
	mqvpnctl prefix show dev "$DEV" | grep -q '10.0.0.0/24'
	! mqvpnctl show >/dev/full 2>/run/err || ktap_fail "writes to /dev/full"
	grep -q 'cannot write' /run/err
}

monitor() {
	local pids=()
	mqvpnctl monitor >/run/text &
	pids+=($!)
	mqvpnctl --json monitor dev "$DEV" >/run/json &
	pids+=($!)
	# until both listen
	until grep -q path /run/json && grep -q path /run/text; do
		mqvpnctl path set dev "$DEV" id 0 weight 7
		sleep 0.1
	done
	mqvpnctl path remove dev "$DEV" id 0
	mqvpnctl conn del dev "$DEV"
	until grep -q conn-del-ntf /run/json && grep -q 'conn 1 serv' /run/text; do
		sleep 0.1
	done
	kill "${pids[@]}"
	grep -q "^$DEV conn 1 path 0 " /run/text
	grep -q "^deleted $DEV conn 1 path 0 " /run/text
	jq -se '.[0].event == "path-ntf" and .[-2].event == "path-del-ntf"
		and .[-1].event == "conn-del-ntf"' /run/json
}

ktap_require ip jq mqvpnctl
ip link add "$DEV" type mqvpn
ktap_plan 10
ktap_case "help at every level" help_everywhere
ktap_case "objects and commands, abbreviated and wrong" names
ktap_case "keywords: unknown, missing, repeated" keywords
ktap_case "numbers and rates out of range" numbers
ktap_case "addresses, prefixes and connection IDs that are none" addresses
ktap_case "secrets from files, and nowhere else" secrets
ktap_case "refusals: the kernel's words and the attribute" refusals
ktap_case "JSON has the names of the specification" json
ktap_case "text has the essentials" text
ktap_case "events as they happen" monitor
ktap_end
