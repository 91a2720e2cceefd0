"""A wall clock that jumps, for one process: libfaketime, its offset in a file that is read again each second.

CLOCK_MONOTONIC stays the machine's, as it does when somebody sets a clock.
"""

import glob
import os
import pathlib
import subprocess
import sys
import time

LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
UNITS = {"d": 86_400}
# libfaketime reads its file again after this.
CACHE_S = 1


def seconds(jump):
    """`-7d`, `+90`: an offset in seconds."""
    unit = UNITS.get(jump[-1])
    return int(jump[:-1]) * unit if unit else int(jump)


class Clock:
    def __init__(self, directory):
        found = glob.glob(LIBRARY)
        self.library = found[0] if found else None
        self.file = pathlib.Path(directory) / "clock"
        self.set("+0")

    def set(self, jump):
        # At once: half a file would be another time.
        new = self.file.with_suffix(".new")
        new.write_text(f"{seconds(jump):+d}\n")
        new.rename(self.file)

    def environment(self):
        return {"LD_PRELOAD": self.library, "FAKETIME_TIMESTAMP_FILE": str(self.file), "DONT_FAKE_MONOTONIC": "1",
                "FAKETIME_CACHE_DURATION": str(CACHE_S)} if self.library else {}

    def fault(self):
        """What is wrong with it, by a program that looks at both clocks; None when it does what it should."""
        if not self.library:
            return "libfaketime is not installed (scripts/setup soak)"
        self.set("+7d")
        before = time.monotonic()
        done = subprocess.run([sys.executable, "-c", "import time; print(time.time(), time.monotonic())"], capture_output=True,
                              text=True, timeout=20, env=os.environ | self.environment())
        now, after = time.time(), time.monotonic()
        self.set("+0")
        if done.returncode:
            return f"libfaketime does not run here: {done.stderr[-200:]}"
        wall, monotonic = map(float, done.stdout.split())
        if abs(wall - now - seconds("+7d")) > 60:
            return f"the wall clock is {wall - now:.0f} s off where {seconds('+7d')} were wanted"
        return None if before <= monotonic <= after else "the monotonic clock is another one as well"
