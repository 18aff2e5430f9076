# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Traffic that goes on whatever becomes of the tunnel.

# traffic: TCP and pings both ways, until killed; may fail at any time. Not by
# iperf, whose threads crash in some kernels when connections end early.
traffic() {
	local end address _
	for end in client server; do
		nsenter --net="/run/netns/$end" -- \
			socat -u TCP-LISTEN:5001,fork,reuseaddr /dev/null 2>/dev/null &
	done
	wait_until 10 listening server 5001 tcp
	for end in client server; do
		address=$SERVER4
		[[ $end == client ]] || address=$CLIENT4
		for _ in 1 2 3; do
			again "$end" socat -u /dev/zero "TCP:$address:5001" &
		done
		again "$end" ping -q -f -s 180 -w 5 "$address" &
		again "$end" ping -q -f -w 5 "$address" &
	done
}

# again END COMMAND...: over and over; it ends soon once the tunnel is gone.
again() {
	local end=$1
	shift
	while sleep 0.1; do
		# commands go first
		nsenter --net="/run/netns/$end" -- \
			nice -n 19 timeout 5 "$@" >/dev/null 2>&1 || true
	done
}
