#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lifetimes.sh with every order of four events.
#
# Needs: long
# Timeout: 900

exec "$(dirname "$0")/lifetimes.sh" 4
