# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the checks share. A check runs at the top of the checkout.

# files PATTERN...: what is in the repository, or will be, and matches.
files() {
	git ls-files -z --cached --others --exclude-standard -- "$@" |
		while IFS= read -r -d '' file; do
			[[ -f $file ]] && printf '%s\n' "$file"
		done | sort -u
}

# ksrc: the kernel source that the test kernel "uml" was built from.
ksrc() {
	readlink -e "$(scripts/vm --kdir uml)/source"
}

# Generated from the spec; what it looks like is the generator's business.
generated() {
	grep -lE '^/\* YNL-GEN ' "$@" /dev/null || true
}
