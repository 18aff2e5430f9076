#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ten minutes of storm.sh.
#
# Needs: smp long
# Timeout: 900

exec "$(dirname "$0")/storm.sh" 600
