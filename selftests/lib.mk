# SPDX-License-Identifier: GPL-2.0
#
# Stands in for the lib.mk of the kernel's selftests, with the same variables:
# TEST_PROGS, TEST_GEN_PROGS, TEST_GEN_FILES, TEST_FILES, TEST_INCLUDES,
# EXTRA_CLEAN, OUTPUT.

OUTPUT ?= $(abspath ../build/selftests)
INSTALL_PATH ?= $(abspath ../build/kselftest)

TEST_GEN_PROGS := $(addprefix $(OUTPUT)/,$(TEST_GEN_PROGS))
TEST_GEN_FILES := $(addprefix $(OUTPUT)/,$(TEST_GEN_FILES))

.PHONY: all helpers list-progs run_tests install clean

all: helpers

helpers: $(TEST_GEN_PROGS) $(TEST_GEN_FILES)

list-progs:
	@printf '%s\n' $(TEST_PROGS)

# On the running kernel, as root, with the module installed; scripts/run-tests
# runs them in guests.
run_tests: all
	@for test in $(TEST_GEN_PROGS) $(addprefix ./,$(TEST_PROGS)); do \
		echo "# $$test"; $$test; done

install: all
	install -d $(INSTALL_PATH)
	cp -a -t $(INSTALL_PATH) $(TEST_PROGS) $(TEST_FILES) settings config
	cp -a --parents -t $(INSTALL_PATH) $(TEST_INCLUDES)
	$(if $(TEST_GEN_PROGS)$(TEST_GEN_FILES),\
		install -t $(INSTALL_PATH) $(TEST_GEN_PROGS) $(TEST_GEN_FILES))

clean:
	rm -rf $(OUTPUT) $(EXTRA_CLEAN)

$(OUTPUT)/%: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MF $@.d $< $(LDFLAGS) $(LDLIBS) -o $@

-include $(wildcard $(OUTPUT)/*.d)
