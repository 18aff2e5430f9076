#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Where the instructions of a guest go, by function.

usage: profile.py FROM TO

Runs in a guest whose clock counts instructions (scripts/vm --virtual-time with
a stock kernel), where a timer that samples by time samples by instructions.
Waits FROM seconds, samples until TO, then prints functions with the share of
the samples that hit them ("self"), and of those that hit them or what they had
called ("total").

The timer is the kernel's perf cpu-clock, an hrtimer: what runs with interrupts
off is charged to where they are switched on again.
"""

import bisect
import collections
import ctypes
import fcntl
import mmap
import os
import struct
import sys
import time

PERF_EVENT_OPEN = 298
PERF_EVENT_IOC_ENABLE, PERF_EVENT_IOC_DISABLE = 0x2400, 0x2401
PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK = 1, 0
PERF_SAMPLE_IP, PERF_SAMPLE_CALLCHAIN = 1, 1 << 5
PERF_RECORD_LOST, PERF_RECORD_SAMPLE = 2, 9
DISABLED, EXCLUDE_CALLCHAIN_USER, SAMPLE_MAX_STACK = 1, 1 << 22, 40
CONTEXTS = 2 ** 64 - 4096

PERIOD = 50000
PAGES = 4096
SHOWN = 60


def open_event(period):
    """A disabled event that samples this CPU, and its buffer."""
    attr = bytearray(128)
    struct.pack_into("=IIQQQQQ", attr, 0, PERF_TYPE_SOFTWARE, len(attr),
                     PERF_COUNT_SW_CPU_CLOCK, period,
                     PERF_SAMPLE_IP | PERF_SAMPLE_CALLCHAIN, 0,
                     DISABLED | EXCLUDE_CALLCHAIN_USER)
    struct.pack_into("=H", attr, 108, SAMPLE_MAX_STACK)
    libc = ctypes.CDLL(None, use_errno=True)
    raw = (ctypes.c_char * len(attr)).from_buffer(attr)
    fd = libc.syscall(PERF_EVENT_OPEN, raw, -1, 0, -1, 0)
    if fd < 0:
        sys.exit(f"perf_event_open: {os.strerror(ctypes.get_errno())}")
    return fd, mmap.mmap(fd, (PAGES + 1) * mmap.PAGESIZE)


def records(buffer):
    """Type and body of what the kernel has written into the buffer."""
    head, tail, offset, size = struct.unpack_from("=QQQQ", buffer, 1024)
    data = buffer[offset:offset + min(head, size)]
    at = tail
    while at + 8 <= len(data):
        kind, _, length = struct.unpack_from("=IHH", data, at)
        yield kind, data[at + 8:at + length]
        at += length


class Symbols:
    """Names of addresses, from the kernel's own list."""

    def __init__(self):
        table = []
        with open("/proc/kallsyms", encoding="ascii") as file:
            for line in file:
                address, kind, name, *module = line.split()
                if kind in "tTwW":
                    table.append((int(address, 16), " ".join([name, *module])))
        table.sort()
        self.addresses = [address for address, _ in table]
        self.names = [name for _, name in table]

    def name(self, address):
        """The function that an address is in."""
        if address < 1 << 63:
            return "(user)"
        at = bisect.bisect_right(self.addresses, address) - 1
        return self.names[at] if at >= 0 else f"{address:#x}"


def count(buffer):
    """Samples, those lost, and counts by function: itself, and on the stack."""
    symbols, samples, lost = Symbols(), 0, 0
    itself, total = collections.Counter(), collections.Counter()
    for kind, body in records(buffer):
        if kind == PERF_RECORD_LOST:
            lost += struct.unpack_from("=Q", body, 8)[0]
        if kind != PERF_RECORD_SAMPLE:
            continue
        samples += 1
        ip, depth = struct.unpack_from("=QQ", body)
        chain = struct.unpack_from(f"={depth}Q", body, 16)
        itself[symbols.name(ip)] += 1
        names = {symbols.name(a) for a in chain if a < CONTEXTS}
        total.update(names | {symbols.name(ip)})
    return samples, lost, itself, total


def report(samples, lost, itself, total):
    """Tables, by self and by total."""
    print(f"{samples} samples, {lost} lost; percent of all instructions")
    print(f"{'self':>7} {'total':>7}  function")
    for name, hits in itself.most_common(SHOWN):
        print(f"{100 * hits / samples:7.2f} {100 * total[name] / samples:7.2f}"
              f"  {name}")
    print(f"\n{'total':>7} {'self':>7}  function")
    for name, hits in total.most_common(SHOWN):
        print(f"{100 * hits / samples:7.2f} {100 * itself[name] / samples:7.2f}"
              f"  {name}")


def main():
    """See the top."""
    start, end = float(sys.argv[1]), float(sys.argv[2])
    fd, buffer = open_event(PERIOD)
    time.sleep(start)
    fcntl.ioctl(fd, PERF_EVENT_IOC_ENABLE)
    time.sleep(end - start)
    fcntl.ioctl(fd, PERF_EVENT_IOC_DISABLE)
    report(*count(buffer))


if __name__ == "__main__":
    main()
