"""What a run comes to: a table of what was promised, and a picture."""

import collections

import plot
import slope
from conductor import PICTURE_BACK_S, SETTLED_S
from plan import CONCLUSIVE_S
from rhythm import percentile

# A leak per fault, per edit or per viewer shows as hundreds of these an hour.
ALLOWED_PER_HOUR = {"rss_mb": 10.0, "threads": 12.0, "descriptors": 24.0}
NAMES = {"rss_mb": "memory, MB", "threads": "threads", "descriptors": "descriptors"}
# The windows of 16 cameras have filled after 90 s. Memory takes longer to its level, the allocator's as we suppose: in one
# life it rose by 46, 28 and 16 MB an hour from the 3rd, the 7th and the 10th minute on.
WARM_UP_S = 600.0
WINDOWS_FILLED_S = 100.0
GAP_P99_S = 0.6
LINES_A_MINUTE = 1.0


class Table:
    def __init__(self):
        self.rows, self.missed, self.count = [], 0, 0

    def row(self, what, value, bound="", kept=None):
        self.count += kept is not None
        self.missed += kept is False
        mark = "" if kept is None else ("kept" if kept else "MISSED")
        self.rows.append(f"{what:<46} {value:>34}   {bound:<30} {mark}".rstrip())

    def detail(self, lines, most=8):
        self.rows += [f"    {line}" for line in lines[:most]] + ([f"    and {len(lines) - most} more"] if len(lines) > most else [])


def spans(conductor, warm_up):
    """The times at which the level is one: what is rough of a life, and what is rest of it."""
    for life in conductor.lives:
        yield life.begin + warm_up, life.rest
        yield max(life.begin + warm_up, life.rest + SETTLED_S), life.end


def series(conductor, name, warm_up):
    return [[(sample["at"], sample[name]) for sample in conductor.samples if name in sample and begin <= sample["at"] < end]
            for begin, end in spans(conductor, warm_up)]


def judge(conductor, seconds):
    table, conclusive = Table(), seconds >= CONCLUSIVE_S
    for name, allowed in ALLOWED_PER_HOUR.items():
        found = slope.judge(series(conductor, name, WARM_UP_S if conclusive else WINDOWS_FILLED_S), allowed)
        kept = found.verdict == "flat" if conclusive else None
        bound = f"at most +{allowed:g}" + (", the run is short" if kept is None else f": {found.verdict}")
        table.row(f"slope of {NAMES[name]}", str(found), bound, kept)
    edits(table, conductor)
    pictures(table, conductor)
    rest(table, conductor)
    cost(table, conductor)
    return table


def edits(table, conductor):
    ledger = conductor.stage.editor.ledger
    table.row("edits acknowledged (without an answer)", f"{ledger.acknowledged} ({ledger.unanswered})")
    table.row("of them lost", str(len(ledger.faults)), "none", not ledger.faults)
    table.detail(ledger.faults)
    table.row("edits refused", str(len(conductor.stage.editor.refused)), "none", not conductor.stage.editor.refused)
    table.detail(conductor.stage.editor.refused)
    ends = collections.Counter(how for _, how in conductor.ended)
    table.row("kills, restarts", f"{ends['kill']}, {ends['restart']}")
    backwards = [f"printer {number}: {fault}" for number, rhythm in conductor.rhythms.items() for fault in rhythm.faults]
    table.row("media sequences that went back", str(len(backwards)), "none", not backwards)
    table.detail(backwards)


def pictures(table, conductor):
    kinds = collections.defaultdict(list)
    for heal in conductor.heals:
        kinds[heal.fault].append(heal)
    late = [heal for heal in conductor.heals if heal.back_s is None or heal.back_s > PICTURE_BACK_S]
    for kind, heals in sorted(kinds.items()):
        backs = [heal.back_s for heal in heals if heal.back_s is not None]
        table.row(f"  {len(heals)} × {kind}", f"median {percentile(backs, 0.5) or 0:.1f}, worst {max(backs, default=0):.1f} s")
    table.row(f"pictures back after {len(conductor.heals)} heals", f"{len(conductor.heals) - len(late)} in time",
              f"each within {PICTURE_BACK_S:g} s", not late and bool(conductor.heals))
    table.detail([f"printer {heal.printer}, {heal.fault} healed at {heal.at:.0f} s: " +
                  (f"{heal.back_s:.1f} s" if heal.back_s is not None else "not within 40 s") for heal in late])
    gap = conductor.gap(0, conductor.now(), 0.99)
    table.row("between parts of an undisturbed printer, p99", f"{1000 * gap:.0f} ms" if gap else "nothing came",
              f"at most {1000 * GAP_P99_S:.0f} ms", gap is not None and gap <= GAP_P99_S)


def rest(table, conductor):
    lines, minutes = sum(rest[2] for rest in conductor.rests), sum(rest[3] for rest in conductor.rests)
    table.row(f"log at rest ({minutes:.1f} minutes)", f"{lines} lines, {lines / minutes:.2f} a minute" if minutes else "never",
              "under a line a minute", bool(minutes) and lines / minutes < LINES_A_MINUTE)
    table.row("log, all of it", f"{conductor.log.lines} lines")
    table.row("panics and errors in it", str(len(conductor.log.grave)), "none", not conductor.log.grave)
    table.detail(conductor.log.grave)


def cost(table, conductor):
    cores = [sample["cores"] for sample in conductor.samples]
    own = [sample["service_cores"] for sample in conductor.samples if "service_cores" in sample]
    table.row("cores used: all together, service, p50",
              f"{percentile(cores, 0.5) or 0:.2f}, {percentile(own, 0.5) or 0:.2f}", "of two")
    missing = sum(times for what, times in conductor.crowd.items() if what.startswith("404"))
    table.row("viewers told that there is no such thing (404)", str(missing), "none: all of them are there", missing == 0)
    loads = [sample["load"] for sample in conductor.samples]
    table.row("load of the machine, p50", f"{percentile(loads, 0.5) or 0:.1f}")
    told = ", ".join(f"{what} {times}" for what, times in sorted(conductor.crowd.items()) if what != "event bytes")
    table.rows.append(f"viewers were answered: {told}")


def picture(conductor, title):
    def line(name, factor=1.0):
        return [(sample["at"] / 60, sample[name] * factor if sample.get(name) is not None else None) for sample in conductor.samples]

    a_minute = [(sample["at"] / 60, 60 / max(0.1, sample["at"] - before["at"]) * sample["log_lines"])
                for before, sample in zip(conductor.samples, conductor.samples[1:])]
    panels = [plot.Panel("resident memory, MB", {"service": line("rss_mb")}),
              plot.Panel("threads and descriptors", {"threads": line("threads"), "descriptors": line("descriptors")}),
              plot.Panel("between parts of an undisturbed printer, p99 of 30 s, ms", {"p99": line("p99_s", 1000.0)}),
              plot.Panel("log lines a minute", {"lines": a_minute}),
              plot.Panel("cores", {"all together": line("cores"), "service": line("service_cores")})]
    return plot.draw(title, conductor.now() / 60, panels, [(at / 60, how) for at, how in conductor.ended],
                     [(begin / 60, end / 60) for begin, end, _, _ in conductor.rests])
