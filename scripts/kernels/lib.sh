#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What scripts/setup, scripts/vm and scripts/kernels/kmake share: where the
# cache is, progress lines, locks, and Debian packages of other suites.
# To be sourced; the caller has set -euo pipefail.

# shellcheck disable=SC2034 # used by those that source this
KERNELS=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
TOP=$(readlink -f "$KERNELS/../..")
CACHE=${MQVPN_CACHE:-$HOME/.cache/mqvpn}

say() { echo "${0##*/}: $*" >&2; }

die()
{
	say "$*"
	exit 1
}

# progress WHAT LOG COMMAND...: run COMMAND with its output in LOG, tell how
# long it has been going on, show the end of LOG when it fails.
progress()
{
	local what=$1 log=$2 start=$SECONDS next=5 pid rc=0

	shift 2
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.05
		if ((SECONDS - start >= next)); then
			say "$what: $((SECONDS - start)) s so far, log $log"
			next=$((next + (next < 30 ? 10 : 30)))
		fi
	done
	wait "$pid" || rc=$?
	if ((rc)); then
		say "$what: failed after $((SECONDS - start)) s, log $log ends:"
		tail -n 30 "$log" >&2
	elif ((SECONDS - start >= 5)); then
		say "$what: done in $((SECONDS - start)) s"
	fi
	return "$rc"
}

# lock NAME: one run at a time, until this process ends or unlock; says so
# when it has to wait.
lock()
{
	mkdir -p "$CACHE/lock"
	exec 9>"$CACHE/lock/$1"
	if ! flock -n 9; then
		say "waiting for another run that prepares $1"
		flock 9
	fi
}

unlock() { exec 9>&-; }

## Test kernels

KERNEL_NAMES='uml uml-debug uml-smp debian-6.1 debian-6.12 debian-7'

# kernel_files NAME: what it is made from, besides Debian's package.
kernel_files()
{
	case $1 in
	uml) echo "$KERNELS"/uml{-virtual-time.patch,-xstate.patch,.config} ;;
	uml-debug)
		echo "$KERNELS"/uml{-virtual-time,-xstate,-stacktrace}.patch \
			"$KERNELS"/uml{.config,-debug.config}
		;;
	uml-smp) echo "$KERNELS"/uml{.config,-smp.config} ;;
	debian-6.1 | debian-6.12 | debian-7) ;;
	*) die "no kernel named $1; there are: $KERNEL_NAMES" ;;
	esac
}

# recipe_hash NAME: changes with everything that changes the result; the
# number is for changes in prepare itself.
recipe_hash()
{
	local files

	read -ra files <<<"$(kernel_files "$1")"
	{ echo 1 && cat /dev/null "${files[@]}"; } | sha256sum | cut -c1-12
}

# kernel_dir NAME: where the prepared kernel is, fails if it is not prepared.
kernel_dir()
{
	local dir found=

	for dir in "$CACHE/kernels/$1"/*-"$(recipe_hash "$1")"; do
		if [[ -e $dir/ready && (! $found || $dir -nt $found) ]]; then
			found=$dir
		fi
	done
	echo "$found"
	[[ $found ]]
}

## Packages of other suites, without touching the machine's apt set-up

# The archive this machine installs Debian from.
debian_uri()
{
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' \
		'Identifier: Packages' |
		awk '$2 == "bookworm" { print $1; exit }'
}

private_apt()
{
	local tool=$1 a=$CACHE/apt

	shift
	"$tool" -q -o Dir::Etc::sourcelist="$a/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$a/lists" \
		-o Dir::Cache="$a/cache" -o APT::Sandbox::User=root \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null "$@"
}

private_apt_sources()
{
	local a=$CACHE/apt uri suite signed=

	uri=$(debian_uri)
	[[ $uri ]] || die "no Debian bookworm source in /etc/apt"
	if [[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]]; then
		signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
	fi
	mkdir -p "$a/lists/partial" "$a/cache/archives/partial"
	for suite in bookworm bookworm-backports trixie trixie-backports; do
		echo "deb $signed $uri $suite main"
	done >"$a/sources.list"
}

private_apt_update_once()
{
	private_apt apt-get update || { sleep 5 && private_apt apt-get update; }
}

# Fetch the lists when they are missing or older than an hour.
private_apt_update()
{
	local stamp=$CACHE/apt/updated

	mkdir -p "$CACHE/lock"
	exec 8>"$CACHE/lock/apt"
	flock 8
	if [[ ! $(find "$stamp" -mmin -60 2>/dev/null) ]]; then
		private_apt_sources
		progress "package lists" "$CACHE/log/apt-update.log" \
			private_apt_update_once
		touch "$stamp"
	fi
	exec 8>&-
}

# newest PACKAGE SUITE: its newest version there.
newest()
{
	private_apt apt-cache madison "$1" |
		awk -F'|' -v suite=" $2/main " '$3 ~ suite { print $2; exit }' |
		tr -d ' '
}

# unpack DIR PACKAGE=VERSION...: download and unpack packages into DIR.
unpack()
{
	local dir=$1 tmp deb

	shift
	mkdir -p "$dir" "$CACHE/tmp"
	tmp=$(mktemp -d "$CACHE/tmp/deb.XXXXXX")
	(cd "$tmp" && { private_apt apt-get download "$@" ||
		{ sleep 5 && private_apt apt-get download "$@"; }; }) || return 1
	for deb in "$tmp"/*.deb; do
		dpkg-deb -x "$deb" "$dir" || return 1
	done
	rm -rf "$tmp"
}
