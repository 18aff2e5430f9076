#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Print the family's specification as the C tables of lib/nlspec.h.

usage: nlspec.py SPEC.yaml
"""

import sys

import yaml

KINDS = {"u8": "U8", "u16": "U16", "u32": "U32", "u64": "U64", "pad": "PAD",
         "flag": "FLAG", "string": "STRING", "binary": "BINARY",
         "nest": "NEST"}
BITS = {"u8": 8, "u16": 16, "u32": 32, "u64": 64}


def name_in_c(name):
    """A name of the spec as part of one in C."""
    return name.replace("-", "_")


def bounds(attr, enums):
    """Least and largest value, or length of what is no number."""
    checks = attr.get("checks", {})
    if attr["type"] in BITS:
        least, most = 0, 2 ** BITS[attr["type"]] - 1
        if "enum" in attr:
            enum = enums[attr["enum"]]
            least = enum.get("value-start", 0)
            most = least + len(enum["entries"]) - 1
        return checks.get("min", least), checks.get("max", most)
    if "exact-len" in checks:
        return checks["exact-len"], checks["exact-len"]
    return checks.get("min-len", 0), checks.get("max-len", 65535)


def print_set(name, attrs, enums):
    """One attribute set, by number; number 0 is none."""
    print(f"static const struct spec_attr spec_attrs_{name_in_c(name)}[] = {{")
    print("\t{ 0 },")
    for attr in attrs:
        least, most = bounds(attr, enums)
        nest = f"&spec_set_{name_in_c(attr['nested-attributes'])}" \
            if attr["type"] == "nest" else "NULL"
        multi = "true" if attr.get("multi-attr") else "false"
        print(f"\t{{ \"{attr['name']}\", SPEC_{KINDS[attr['type']]}, "
              f"{least}ULL, {most}ULL, {nest}, {multi} }},")
    print("};\n")
    print(f"static const struct spec_set spec_set_{name_in_c(name)} = {{")
    print(f"\t\"{name}\", spec_attrs_{name_in_c(name)}, {len(attrs)},")
    print("};\n")


def bits(numbers, part):
    """Which attributes a request, reply or event has."""
    names = (part or {}).get("attributes", [])
    return "|".join(f"1U << {numbers[name]}" for name in names) or "0"


def print_operations(operations, numbers):
    """The operations, by number; number 0 is none."""
    print("static const struct spec_op spec_ops[] = {\n\t{ 0 },")
    for op in operations:
        do, dump, event = (op.get(key, {}) for key in ("do", "dump", "event"))
        fields = [f".name = \"{op['name']}\""]
        for what, part in (("do", do), ("dump", dump)):
            fields.append(f".has_{what} = {str(what in op).lower()}")
            for way in ("request", "reply"):
                fields.append(f".{what}_{way} = "
                              f"{bits(numbers, part.get(way))}")
        fields.append(f".event = {bits(numbers, event)}")
        fields.append(f".multicast = {str('mcgrp' in op).lower()}")
        print("\t{ " + ",\n\t  ".join(fields) + " },")
    print("};")


def order(sets):
    """The attribute sets, nested ones before those that hold them."""
    by_name, done = {one["name"]: one for one in sets}, {}

    def visit(one):
        for attr in one["attributes"]:
            if attr["type"] == "nest":
                visit(by_name[attr["nested-attributes"]])
        done.setdefault(one["name"], one["attributes"])

    for one in sets:
        visit(one)
    return done


def main():
    """Read the specification and print it."""
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    enums = {one["name"]: one for one in spec["definitions"]
             if one["type"] == "enum"}
    print("/* From the specification by tools/nlspec.py. */")
    sets = order(spec["attribute-sets"])
    for name, attrs in sets.items():
        print_set(name, attrs, enums)
    numbers = {attr["name"]: number
               for number, attr in enumerate(sets["mqvpn"], 1)}
    print_operations(spec["operations"]["list"], numbers)


if __name__ == "__main__":
    main()
