# SPDX-License-Identifier: GPL-2.0
#
# mqvpn: see "make help".

KDIR ?= /lib/modules/$(shell uname -r)/build
KERNEL ?= uml
BENCH ?= cpu
DESTDIR ?=
PREFIX ?= /usr

export KDIR DESTDIR PREFIX

MAKEFLAGS += --no-print-directory
SETUP = @scripts/setup
QEMU = $(if $(filter debian-%,$(KERNEL)),qemu)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

.PHONY: all
all: modules mqvpnctl	## module for KDIR, and mqvpnctl (the default)

.PHONY: modules
modules:		## build/kdir/mqvpn.ko for the kernel of KDIR
	@if test -d "$(KDIR)"; then scripts/build-module kdir; \
	else echo "no module: $(KDIR) does not exist (set KDIR, or make module KERNEL=NAME)"; fi

.PHONY: mqvpnctl
mqvpnctl:		## build/mqvpnctl
	$(SETUP) build
	@$(MAKE) -s -C ctl

.PHONY: module
module:			## build/KERNEL/mqvpn.ko for a test kernel
	$(SETUP) build
	@scripts/build-module $(KERNEL)

.PHONY: install
install: all		## module, mqvpnctl and its manual page, below DESTDIR
	@if test -d "$(KDIR)"; then scripts/build-module kdir install; fi
	@if test -d "$(KDIR)" && test -z "$(DESTDIR)"; then \
		depmod "$$(cat "$(KDIR)/include/config/kernel.release")"; fi
	@$(MAKE) -s -C ctl install

.PHONY: dkms-install
dkms-install:		## the module by DKMS, also for kernels that come later
	@scripts/dkms install $(KVER)

.PHONY: dkms-remove
dkms-remove:		## and gone again
	@scripts/dkms remove

.PHONY: dkms-test
dkms-test:		## prove the two in Debian 12 and 13, for 6.1, 6.12 and 7
	@scripts/dkms-test

.PHONY: demo
demo:			## two paths, a tunnel, and what it carries
	$(SETUP) build test
	@scripts/demo

.PHONY: test
test:			## unit tests and selftests; TESTS="a b", KERNEL=NAME, NEEDS=WHAT
	$(SETUP) build test $(QEMU)
	@scripts/run-tests --kernel $(KERNEL) $(if $(NEEDS),--needs $(NEEDS)) $(TESTS)

.PHONY: test-long
test-long:		## the tests that take too long for CI
	$(SETUP) build test $(QEMU)
	@scripts/run-tests --kernel $(KERNEL) --long $(TESTS)

.PHONY: check
check:			## everything that reads the code; CHECKS="a b"
	$(SETUP) build check
	@scripts/check $(CHECKS)

.PHONY: bench
bench:			## measure; BENCH=NAME
	$(SETUP) build test
	@scripts/bench $(BENCH)

.PHONY: clean
clean:			## remove what was built here (kernels stay in the cache)
	rm -rf build

.PHONY: help
help:			## this text
	@echo "Targets:"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' Makefile | expand -t 16
	@echo "Variables:"
	@printf '  %s\t%s\n' \
		"KDIR" "kernel build directory ($(KDIR))" \
		"KVER" "kernels for dkms-install, by release ($$(uname -r))" \
		"KERNEL" "test kernel ($(KERNEL)); scripts/vm --list shows them" \
		"TESTS" "selftests to run, by name (all that KERNEL can run)" \
		"NEEDS" "only selftests that need this (smp, kunit, ...)" \
		"CHECKS" "checks to run, by name (all)" \
		"BENCH" "benchmark to run ($(BENCH))" \
		"DESTDIR" "root of the installation" \
		"PREFIX" "where programs go ($(PREFIX))" | expand -t 16
