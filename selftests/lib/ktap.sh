# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# KTAP for selftests. A test sources this file and says:
#
#	ktap_plan 2
#	ktap_case "ping over path A" ping_path a
#	ktap_case "ping over path B" ping_path b
#	ktap_end
#
# A case is a command, mostly a function of the test. It runs in a subshell
# that stops at the first command that fails; ktap_skip ends it, or the whole
# test before ktap_plan, as skipped: which is a failure when MQVPN_EXPECT_ALL=1.

readonly KSFT_PASS=0 KSFT_FAIL=1 KSFT_SKIP=4

KTAP_PLANNED=0
KTAP_DONE=0
KTAP_FAILED=0
KTAP_SKIPPED=0

# ktap_plan COUNT: announce the number of cases.
ktap_plan() {
	KTAP_PLANNED=$1
	echo "TAP version 13"
	echo "1..$1"
}

# ktap_info TEXT...: a diagnostic line.
ktap_info() {
	echo "# $*"
}

# ktap_skip WHY: this case, or this test, lacks what it needs.
ktap_skip() {
	echo "# missing: $*"
	if [[ ${MQVPN_EXPECT_ALL:-0} == 1 ]]; then
		exit "$KSFT_FAIL"
	fi
	if ((KTAP_PLANNED == 0)); then
		echo "TAP version 13"
		echo "1..0 # SKIP $*"
	fi
	exit "$KSFT_SKIP"
}

# ktap_fail WHY: end this case as failed.
ktap_fail() {
	echo "# $*"
	exit "$KSFT_FAIL"
}

# ktap_require COMMAND...: skip unless all of them are there.
ktap_require() {
	local command
	for command; do
		command -v "$command" >/dev/null || ktap_skip "command $command"
	done
}

# ktap_result NAME STATUS: the result line of a case.
ktap_result() {
	local name=$1 status=$2
	KTAP_DONE=$((KTAP_DONE + 1))
	case $status in
	"$KSFT_PASS") echo "ok $KTAP_DONE $name" ;;
	"$KSFT_SKIP")
		KTAP_SKIPPED=$((KTAP_SKIPPED + 1))
		echo "ok $KTAP_DONE $name # SKIP"
		;;
	*)
		KTAP_FAILED=$((KTAP_FAILED + 1))
		echo "not ok $KTAP_DONE $name"
		;;
	esac
}

# ktap_case NAME COMMAND [ARG...]: run a case and report it.
ktap_case() {
	local name=$1 status errexit=$-
	shift
	# In an "if" or before "||" bash would ignore set -e inside, too.
	set +e
	(
		set -e
		"$@"
	)
	status=$?
	[[ $errexit == *e* ]] && set -e
	ktap_result "$name" "$status"
}

# ktap_end: close the test; its exit status says how it went.
ktap_end() {
	echo "# Totals: pass:$((KTAP_DONE - KTAP_FAILED - KTAP_SKIPPED))" \
		"fail:$KTAP_FAILED skip:$KTAP_SKIPPED"
	if ((KTAP_DONE != KTAP_PLANNED)); then
		echo "# $KTAP_DONE of $KTAP_PLANNED cases were run"
		exit "$KSFT_FAIL"
	fi
	((KTAP_FAILED == 0)) || exit "$KSFT_FAIL"
	((KTAP_SKIPPED == 0 || KTAP_SKIPPED < KTAP_DONE)) || exit "$KSFT_SKIP"
	exit "$KSFT_PASS"
}
