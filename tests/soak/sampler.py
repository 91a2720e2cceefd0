"""What the service costs, every two seconds: memory, threads, descriptors, processor time, and lines of its log."""

import os
import pathlib
import re

TICKS = os.sysconf("SC_CLK_TCK")
# A level that a person has to look at, or a panic.
GRAVE = re.compile(rb" ERROR |panicked at")


def figures(pid):
    """None when it is gone."""
    proc = pathlib.Path(f"/proc/{pid}")
    try:
        status = (proc / "status").read_text()
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        resident, threads = re.search(r"VmRSS:\s+(\d+)", status), re.search(r"Threads:\s+(\d+)", status)
        if not resident:
            return None
        return {"rss_mb": int(resident[1]) / 1024, "threads": int(threads[1]), "descriptors": len(list((proc / "fd").iterdir())),
                "cpu_s": (int(fields[11]) + int(fields[12])) / TICKS}
    except OSError:
        return None


class LogCounter:
    """Lines that have been added since the last look."""

    def __init__(self, file):
        self.file, self.at, self.lines, self.grave = pathlib.Path(file), 0, 0, []

    def look(self):
        with open(self.file, "rb") as log:
            log.seek(self.at)
            new = log.read()
        # What is not a whole line yet is read again.
        whole = new[:new.rfind(b"\n") + 1]
        self.at += len(whole)
        lines = whole.splitlines()
        self.lines += len(lines)
        self.grave += [line.decode(errors="replace") for line in lines if GRAVE.search(line)]
        return len(lines)


def cpu_of(pids):
    """Processor seconds of processes, as far as they are there."""
    return sum(found["cpu_s"] for found in map(figures, pids) if found)
