"""The group `status` of bench.py: a farm of virtual printers that report once a second, and a crowd that listens.

Cameras are away, so that what is measured is the status link alone. A report is found again in an event by the time at
which the service heard it (`lastUpdate`): from the moment the printer made it to the listener's socket.
"""

import bisect
import datetime
import pathlib
import re
import signal
import subprocess
import time

import control
import parties
from measure import cost_of, measured, percentile, viewers_program, workplace

OF_A_PRINTER = ("mqtt", "control")


def bench_status(options, table):
    count, crowd = options.printers, options.listeners
    with workplace() as directory, \
            parties.VirtualPrinters(count, directory, more=("--model", "X1C")) as printers, \
            parties.Service(options.command, directory) as service:
        printers.order("all refuse")
        ids = [service.add_printer(printer | {"rtspUrl": None}) for printer in printers.printers]
        first = time.monotonic()
        for number in ids:
            if control.Desk(service, number).wait(20, control.live) is None:
                raise RuntimeError(f"printer {number} did not get live")
        table.row(f"{count} printers added: until all are live", f"{time.monotonic() - first:.1f} s")
        pid = service.child.pid
        cpu, pss, peak = measured([pid], count, options.warm_up, options.seconds)
        table.row(f"{count} printers, nobody listens: CPU-s per printer-minute", f"{cpu:.3f}")
        table.row(f"{count} printers: memory per printer, PSS (peak)", f"{1024 * pss / count:.0f} ({1024 * peak / count:.0f}) KB")
        lag(options, table, service, printers, ids, crowd)
        threads(table, pid, ids)
        goodbye(table, service, printers, ids, crowd)


def paths(ids, crowd):
    """Half of the crowd listens to the whole fleet, half to one printer each."""
    whole = crowd // 2
    return ["/api/events"] * whole + [f"/api/printers/{ids[n % len(ids)]}/status/stream" for n in range(crowd - whole)]


def listeners(service, seconds, ids, crowd):
    return subprocess.Popen([viewers_program(), "--events", f"127.0.0.1:{service.port}", str(seconds), *paths(ids, crowd)],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lag(options, table, service, printers, ids, crowd):
    before, start = cost_of([service.child.pid])[0], time.monotonic()
    out, errors = listeners(service, options.seconds, ids, crowd).communicate(timeout=options.seconds + 60)
    if errors:
        raise RuntimeError(f"listeners: {errors[-500:]}")
    cpu = (cost_of([service.child.pid])[0] - before) / (time.monotonic() - start)
    made = dict(zip(ids, (seen["reportTimes"] for seen in printers.counters())))
    lags, inside = report_lags(out, made, paths(ids, crowd))
    if not lags:
        raise RuntimeError("no event came of any report")
    # Each printer's change is told to half the crowd and to those who listen to it.
    wanted = 0.5 * (crowd // 2 * len(ids) + crowd - crowd // 2)
    table.row(f"{crowd} listeners: events delivered, CPU of one core", f"{len(lags) / options.seconds:.0f}/s, {100 * cpu:.0f} %",
              f"at least {wanted:.0f}/s", len(lags) >= wanted * options.seconds)
    table.row(f"{crowd} listeners: report heard to event, p50 / p99 / worst", milliseconds(inside))
    table.row(f"{crowd} listeners: report made to event, p50 / p99 / worst", milliseconds(lags),
              "p99 at most 50 ms", percentile(lags, 0.99) <= 50)


def milliseconds(ranked):
    return f"{percentile(ranked, 0.5):.1f} / {percentile(ranked, 0.99):.1f} / {ranked[-1]:.0f} ms"


def report_lags(lines, made, paths):
    """Milliseconds from a report made, and from a report heard, to its event; ranked."""
    lags, inside, met = [], [], set()
    for line in lines.splitlines():
        listener, event, arrived, number, update, news = line.split()
        if event == "status":
            number = re.search(r"/printers/(\d+)/", paths[int(listener)])[1]
        # Its first event tells a listener what was known; and that there was a report without any news has time.
        first = (listener, number) not in met
        met.add((listener, number))
        if first or news == "0" or event not in ("status", "printer"):
            continue
        heard = datetime.datetime.fromisoformat(update).timestamp()
        times = made[int(number)]
        # It is told in whole milliseconds.
        place = bisect.bisect_left(times, heard + 0.001)
        if place:
            lags.append(1000 * (float(arrived) - times[place - 1]))
            inside.append(1000 * (float(arrived) - heard))
    return sorted(lags), sorted(inside)


def threads(table, pid, ids):
    names = [(task / "comm").read_text().strip() for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
    missing = [f"p{number}-{part}" for number in ids for part in OF_A_PRINTER if f"p{number}-{part}" not in names]
    # A thread without a name has its starter's; the first one has the program's.
    nameless = names.count("platecast") - 1
    table.row("threads, all of them named", f"{len(names)}, {len(names) / len(ids):.1f} a printer", "none without",
              not missing and nameless == 0)
    if missing or nameless:
        print(f"    missing {missing[:5]}, {nameless} called as the program")


def goodbye(table, service, printers, ids, crowd):
    before = printers.counters()
    crowd_there = listeners(service, 60, ids, crowd)
    time.sleep(2)
    start = time.monotonic()
    service.stop(signal.SIGTERM, 10)
    took = time.monotonic() - start
    crowd_there.kill()
    crowd_there.communicate()
    time.sleep(0.3)
    after = printers.counters()
    clean = sum(b["disconnectsClean"] - a["disconnectsClean"] for a, b in zip(before, after))
    table.row(f"SIGTERM under this load, exit code {service.child.returncode}", f"{took:.2f} s", "at most 2 s",
              took <= 2 and service.child.returncode == 0)
    table.row("printers that were told goodbye (DISCONNECT)", f"{clean} of {len(ids)}", "all", clean == len(ids))
