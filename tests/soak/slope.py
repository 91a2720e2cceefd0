"""Whether a figure rises: least squares over the lives of a process, and how sure that is.

A restart begins a new life: memory starts anew, so each life has a level of its own and all of them share one slope.
Samples that follow each other are alike, and counting each as a witness of its own would cry wolf. So they are put
together in bins, and the error is widened by how much a residual looks like the one before it.

Three verdicts. `rising`: the slope is above what is allowed, and not by chance. `flat`: it is not, and a slope of a
few times that would have been seen. `unclear`: the noise or the shortness of the run would hide such a one.
"""

import dataclasses
import math
import statistics

# Three errors: by chance one run in a few hundred.
SURE = 3.0
# A slope of so many times what is allowed must be seen, or nothing is claimed.
SEEN = 4.0
FEWEST_BINS = 8
# With more than this the residuals are one long wave, and no count of them makes a witness.
MOST_ALIKE = 0.9


@dataclasses.dataclass(frozen=True)
class Slope:
    """Units an hour."""
    per_hour: float
    error: float
    verdict: str

    def __str__(self):
        if math.isnan(self.per_hour):
            return "too little to tell"
        return f"{self.per_hour:+.1f} ± {SURE * self.error:.1f} an hour"


def binned(life, seconds):
    """[(second, value)...] with the median of each bin: one spike is no level."""
    bins = {}
    for second, value in life:
        bins.setdefault(int(second // seconds), []).append((second, value))
    return [(statistics.fmean(s for s, _ in found), statistics.median(v for _, v in found)) for _, found in sorted(bins.items())]


def judge(lives, allowed_per_hour, bin_s=15.0):
    """`lives`: for each life its samples [(second, value)...]."""
    lives = [life for life in (binned(life, bin_s) for life in lives) if len(life) >= 3]
    count = sum(map(len, lives))
    if count < FEWEST_BINS:
        return Slope(math.nan, math.nan, "unclear")
    centred = [(list(map(lambda pair: pair[0] - statistics.fmean(s for s, _ in life), life)),
                list(map(lambda pair: pair[1] - statistics.fmean(v for _, v in life), life))) for life in lives]
    spread = sum(s * s for seconds, _ in centred for s in seconds)
    slope = sum(s * v for seconds, values in centred for s, v in zip(seconds, values)) / spread
    left = [[v - slope * s for s, v in zip(seconds, values)] for seconds, values in centred]
    square = sum(r * r for life in left for r in life)
    freedom = max(1, count - len(lives) - 1)
    alike = likeness(left, square)
    error = math.sqrt(square / freedom / spread * (1 + alike) / (1 - alike))
    per_hour, error = 3600 * slope, 3600 * error
    if per_hour - SURE * error > allowed_per_hour:
        verdict = "rising"
    elif per_hour + SURE * error <= max(SEEN * allowed_per_hour, allowed_per_hour + per_hour):
        verdict = "flat"
    else:
        verdict = "unclear"
    return Slope(per_hour, error, verdict)


def likeness(left, square):
    """How much of a residual the next one repeats: 0 to MOST_ALIKE. The slope and the levels were taken out of so few that
    it comes out too small, by about (1 + 4 r) / n of a life."""
    if not square:
        return 0.0
    repeated = sum(a * b for life in left for a, b in zip(life, life[1:])) / square
    length = statistics.fmean(map(len, left))
    return min(MOST_ALIKE, max(0.0, repeated + (1 + 4 * max(0.0, repeated)) / length))
