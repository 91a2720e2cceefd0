"""The group `pictures` of bench.py: what a JPEG of a key frame costs.

A dashboard as Home Assistant's asks for still.jpg of four cameras twice a second each. The cameras send a key frame a second, so
each is decoded once and answered twice.
"""

import re
import threading
import time

import parties
from measure import cost_of, percentile, workplace

CAMERAS, PER_SECOND = 4, 2


def bench_pictures(options, clip, table):
    with workplace() as directory, parties.VirtualPrinters(CAMERAS, directory, clip) as printers, \
            parties.Service(options.command, directory) as service:
        ids = [service.add_printer(printer) for printer in printers.printers]
        for printer in ids:
            service.await_video(printer)
        time.sleep(options.warm_up)
        pid = service.child.pid
        idle, pss, peak = over(options.seconds, pid)
        made_before, took_before = decodes(service)
        times = []
        askers = [threading.Thread(target=ask, args=(service, printer, options.seconds, times)) for printer in ids]
        for asker in askers:
            asker.start()
        busy, busy_pss, busy_peak = over(options.seconds, pid)
        for asker in askers:
            asker.join()
        made, took = decodes(service)
        made, took, times = made - made_before, took - took_before, sorted(times)
        if not made or not times:
            raise RuntimeError("nobody got a picture")
        table.row(f"{CAMERAS} cameras, nobody asks for pictures: CPU of one core", f"{100 * idle:.1f} %")
        table.row(f"{CAMERAS} cameras, {PER_SECOND}/s each: CPU of one core", f"{100 * busy:.1f} %")
        table.row("decodes, and answers", f"{made / options.seconds:.1f}/s, {len(times) / options.seconds:.1f}/s", "fewer decodes",
                  made < len(times))
        table.row("a decode with its JPEG, mean by the clock", f"{1000 * took / made:.0f} ms")
        table.row("CPU of a decode with its JPEG and two answers", f"{1000 * (busy - idle) * options.seconds / made:.0f} ms")
        table.row("still.jpg, p50 / p99 / worst", f"{1000 * percentile(times, 0.5):.0f} / {1000 * percentile(times, 0.99):.0f} / "
                  f"{1000 * times[-1]:.0f} ms", "worst below 5 s", times[-1] < 5)
        table.row("memory, PSS (peak): nobody asks", f"{pss:.0f} ({peak:.0f}) MB")
        table.row("memory, PSS (peak): asked", f"{busy_pss:.0f} ({busy_peak:.0f}) MB")


def over(seconds, pid):
    """(share of a core, PSS, peak) of the next seconds."""
    before, start = cost_of([pid])[0], time.monotonic()
    time.sleep(seconds)
    cpu, pss, peak = cost_of([pid])
    return (cpu - before) / (time.monotonic() - start), pss, peak


def ask(service, printer, seconds, times):
    web, end = parties.Web(service.origin), time.monotonic() + seconds
    while time.monotonic() < end:
        answer = web.get(f"/api/printers/{printer}/still.jpg")
        if answer.status == 200:
            times.append(answer.seconds)
        time.sleep(max(0.0, 1 / PER_SECOND - answer.seconds))
    web.close()


def decodes(service):
    text = service.web.get("/metrics").text()

    def value(name):
        return float(re.search(rf"^{name} (\S+)", text, re.M)[1])

    return int(value("platecast_pictures_decoded_total")), value("platecast_picture_decoding_seconds_total")
