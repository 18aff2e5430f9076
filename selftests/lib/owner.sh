# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Owners of devices, played by selftests/owner-tool.
#
#	owner_start server one			# becomes the owner of $DEV
#	owner_tell one hold
#	owner_said one "^packet-up" 1		# within a second
#	owner_end one

OWNER_TOOL=$(realpath "$TOOLS/../../build/selftests/owner-tool")
readonly OWNER_TOOL

# owner_start END NAME [ARG...]: of $OWNER_DEV, or $DEV; what it says is in
# /run/owner-NAME.
owner_start() {
	local end=$1 name=$2
	shift 2
	rm -f "/run/owner-$name" "/run/owner-$name.in"
	mkfifo "/run/owner-$name.in"
	# opened for reading too, so that neither end waits for the other
	nsenter --net="/run/netns/$end" -- "$OWNER_TOOL" "${OWNER_DEV:-$DEV}" "$@" \
		<>"/run/owner-$name.in" >"/run/owner-$name" 2>&1 &
	echo "$!" >"/run/owner-$name.pid"
	wait_until 5 test -s "/run/owner-$name"
	grep -q ^owner "/run/owner-$name" || {
		cat "/run/owner-$name"
		return 1
	}
}

# owner_tell NAME WORD...: a command of owner-tool.
owner_tell() {
	local name=$1
	shift
	echo "$*" >"/run/owner-$name.in"
}

# owner_said NAME REGEXP [SECONDS]: it says so within a time.
owner_said() {
	wait_until "${3:-1}" grep -qE -e "$2" "/run/owner-$1" || {
		tail -n 5 "/run/owner-$1" | cut -c 1-300
		return 1
	}
}

# owner_asked NAME WORD...: a command, and its answer, "done" or an error.
owner_asked() {
	local name=$1 before
	shift
	before=$(grep -cE '^(done|error)' "/run/owner-$name") || true
	owner_tell "$name" "$@"
	wait_until 5 owner_answered "$name" "$before" || return 1
	grep -E '^(done|error)' "/run/owner-$name" | tail -n 1
}

owner_answered() {
	(($(grep -cE '^(done|error)' "/run/owner-$1") > $2))
}

# owner_count NAME REGEXP: how often it said so.
owner_count() {
	grep -cE -e "$2" "/run/owner-$1" || true
}

# owner_end NAME [SIGNAL]: end it, and wait until it is gone.
owner_end() {
	local pid
	pid=$(<"/run/owner-$1.pid")
	kill "-${2:-TERM}" "$pid" 2>/dev/null || true
	# a child of this shell, unless another case started it
	wait "$pid" 2>/dev/null || wait_until 5 test ! -e "/proc/$pid"
}
