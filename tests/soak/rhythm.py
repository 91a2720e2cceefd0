"""The parts of each printer as a viewer sees them come: gaps, numbers that go back, and when a picture is back."""

import bisect
import collections

# Longer than this between two parts is an interruption; a part is a third of a second.
GAP_S = 1.0
# An accident shows up a moment after it: what was on its way still arrives.
AFTERMATH_S = 2.0


class Rhythm:
    """One printer's."""

    def __init__(self, keep=20_000):
        self.times = collections.deque(maxlen=keep)
        self.first = self.edge = None
        self.read_back = False
        self.faults = []

    def part(self, at, first, msn, part):
        """A playlist that begins with number `first` and ends with part `part` of `msn`."""
        edge = (msn, part)
        if self.edge and (edge < self.edge or first < self.first):
            # A part that was never finished may be told again after a kill: its segment's number must not.
            if msn < self.edge[0] or first < self.first:
                self.faults.append(f"from {self.first}…{self.edge[0]} back to {first}…{msn}")
        if edge != self.edge and not (self.read_back and part == 0):
            self.times.append(at)
            self.read_back = False
        self.first, self.edge = first, edge

    def renew(self):
        """The service begins anew: what it shows first is what it has read back, and no picture."""
        self.read_back = True

    def gaps(self, since, until):
        """[(end, seconds)...] between the parts of a time."""
        times = list(self.times)
        times = times[bisect.bisect_left(times, since):bisect.bisect_right(times, until)]
        return [(later, later - earlier) for earlier, later in zip(times, times[1:])]

    def back_after(self, healed, now):
        """Seconds from the heal until the picture went on: 0 when it was not interrupted, None when it is still away."""
        times = list(self.times)
        # From the part before the heal.
        start = max(0, bisect.bisect_right(times, healed) - 1)
        times, back = times[start:], 0.0
        for earlier, later in zip(times, times[1:]):
            if earlier > healed + AFTERMATH_S:
                break
            if later - earlier > GAP_S and later > healed:
                back = later - healed
        if not times or (times[-1] <= healed + AFTERMATH_S and now - times[-1] > GAP_S):
            return None
        return back


def percentile(values, share):
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else None
