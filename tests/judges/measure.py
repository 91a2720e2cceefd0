"""What the groups of bench.py share: the cost of processes, a place to work in, and the table."""

import os
import pathlib
import platform
import re
import subprocess
import tempfile
import time

import footage

TICKS = os.sysconf("SC_CLK_TCK")
SOURCE = pathlib.Path(__file__).with_name("viewers.rs")


def viewers_program():
    """The load player, built when it is not there or older than its source."""
    program = footage.TARGET / "viewers"
    if not program.exists() or program.stat().st_mtime < SOURCE.stat().st_mtime:
        footage.TARGET.mkdir(parents=True, exist_ok=True)
        subprocess.run(["rustc", "--edition", "2024", "-O", "-D", "warnings", SOURCE, "-o", program], check=True, timeout=300)
    return program


def cost_of(pids):
    """(CPU seconds so far, PSS in MB, peak resident in MB) of processes, summed."""
    cpu = pss = peak = 0
    for pid in pids:
        proc = pathlib.Path(f"/proc/{pid}")
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        cpu += (int(fields[11]) + int(fields[12])) / TICKS
        pss += int(re.search(r"^Pss:\s+(\d+)", (proc / "smaps_rollup").read_text(), re.M)[1]) / 1024
        peak += int(re.search(r"^VmHWM:\s+(\d+)", (proc / "status").read_text(), re.M)[1]) / 1024
    return cpu, pss, peak


def measured(pids, streams, warm_up, seconds):
    """CPU seconds per stream-minute, PSS and peak in MB."""
    time.sleep(warm_up)
    before, start = cost_of(pids)[0], time.monotonic()
    time.sleep(seconds)
    cpu, pss, peak = cost_of(pids)
    return (cpu - before) / streams / (time.monotonic() - start) * 60, pss, peak


def percentile(ranked, share):
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def workplace():
    """In memory where that is possible: no disk is measured."""
    return tempfile.TemporaryDirectory(prefix="bench-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


class Table:
    def __init__(self):
        self.missed = 0

    def row(self, what, value, bound=None, kept=None):
        mark = "" if kept is None else ("kept" if kept else "MISSED")
        self.missed += kept is False
        print(f"{what:<58} {value:>22}   {bound or '':<16} {mark}", flush=True)
