#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""mqvpnctl's tables and manual page against the netlink spec.

Prints one line for each attribute, name of an enumeration, event or counter
that the spec has and they have not, or have differently.
"""

import re

import yaml

SPEC = "Documentation/netlink/specs/mqvpn.yaml"
TABLES = "ctl/spec.c"
PAGE = "Documentation/man/mqvpnctl.8"

# What only a program that owns the device gets to see.
NOT_SHOWN = {"packet", "frames"}
# Types of mqvpnctl for a type of the spec.
TYPES = {
    "u8": {"U8"}, "u16": {"U16", "PORT"}, "u64": {"U64"},
    "u32": {"U32", "IPV4", "DEVICE", "UNDERLAY"}, "flag": {"FLAG"},
    "string": {"STRING"}, "binary": {"HEX", "IPV6", "UNUSED"},
    "nest": {"NEST"}, "enum": {"ENUM"},
}
# An entry of a table in C.
ENTRY = re.compile(r'\[MQVPN_(\w+)\] = (?:\{\s*)?"([^"]+)"(?:,\s*TYPE_(\w+))?')


def constant(*words):
    """C name of something in the spec, without the family's prefix."""
    return "_".join(words).upper().replace("-", "_")


def attribute(attr_set, name):
    """C name of an attribute."""
    prefix = {"mqvpn": "A", "connection": "A_CONN",
              "transport-parameters": "A_TP"}
    return constant(prefix.get(attr_set, "A_" + attr_set), name)


def wanted_attributes(spec):
    """Yield constant, name and acceptable types of each attribute."""
    for attr_set in spec["attribute-sets"]:
        if attr_set["name"] in NOT_SHOWN:
            continue
        for attr in attr_set["attributes"]:
            if attr["type"] == "pad" or attr["name"] in NOT_SHOWN:
                continue
            kind = "enum" if "enum" in attr else attr["type"]
            yield (attribute(attr_set["name"], attr["name"]), attr["name"],
                   TYPES[kind])


def wanted_names(spec):
    """Yield constant and name of each entry of an enumeration, and event."""
    for enum in spec["definitions"]:
        for entry in enum.get("entries", []):
            name = entry["name"] if isinstance(entry, dict) else entry
            yield constant(enum["name"], name), name
    for operation in spec["operations"]["list"]:
        if "mcgrp" in operation:
            yield constant("cmd", operation["name"]), operation["name"]


def main():
    """Print findings."""
    with open(SPEC, encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    with open(TABLES, encoding="utf-8") as file:
        table = {m[1]: (m[2], m[3]) for m in ENTRY.finditer(file.read())}
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    for key, name, types in wanted_attributes(spec):
        have = table.get(key, (None, None))
        if have[0] != name or have[1] not in types:
            print(f"{TABLES}:1: MQVPN_{key} shall be \"{name}\", "
                  f"{' or '.join(sorted(types))}, is {have}")
    for key, name in wanted_names(spec):
        if table.get(key, (None,))[0] != name:
            print(f"{TABLES}:1: MQVPN_{key} shall be \"{name}\"")
    for attr_set in spec["attribute-sets"]:
        for attr in attr_set["attributes"]:
            if attr_set["name"] == "counters" and attr["type"] != "pad" and \
                    f".It Sy {attr['name']}\n{attr['doc']}\n" not in page:
                print(f"{PAGE}:1: counter {attr['name']} is not explained")


if __name__ == "__main__":
    main()
