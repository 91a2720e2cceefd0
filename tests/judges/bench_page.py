"""The group `page` of bench.py: a farm on the wall of one browser, an hour of printing in ten minutes, and Lighthouse.

Half of the printers print, at six times their pace, with a report a second each; the other half is paused: but for its
pictures, what is drawn anew there is drawn for nothing.
"""

import contextlib
import json
import os
import subprocess

import control
import parties
from measure import workplace

LIGHTHOUSE = "lighthouse@12.8.2"
WARM_UP_S, EVERY_S = 60, 30


def bench_page(options, table):
    count = options.printers
    with workplace() as directory, \
            parties.VirtualPrinters(count, directory, more=("--model", "X1C", "--speed", "6", "--clip", "chamber540")) as printers, \
            parties.Service(options.command, directory) as service:
        ids = [service.add_printer(printer) for printer in printers.printers]
        desks = [control.Desk(service, number) for number in ids]
        if any(desk.wait(30, control.live) is None for desk in desks):
            raise RuntimeError("a printer did not get live")
        # Those that have come far are warm, so that paused they have nothing to tell.
        far = [place for place, desk in enumerate(desks) if (desk.status()["percent"] or 0) > 0]
        paused = far[:count // 2]
        for place in range(count):
            printers.order(f"{place + 1} {'pause' if place in paused else 'print'}")
        if any(desks[place].wait(30, lambda status: status["jobState"] == "PAUSE") is None for place in paused):
            raise RuntimeError("a printer did not pause")
        idle = {str(ids[place]) for place in paused}
        wall(options, table, service, idle)
        lighthouse(table, f"{service.origin}/", "wall")
        lighthouse(table, f"{service.origin}/p/{ids[0]}", "printer")


def wall(options, table, service, idle):
    seconds = options.page_seconds
    command = ["node", parties.HERE / "wall_cost.mjs", "--url", f"{service.origin}/", "--seconds", seconds, "--every", EVERY_S,
               "--warm-up", WARM_UP_S, *(["--screenshot", options.screenshot] if options.screenshot else [])]
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=2 * seconds + 300)
    if done.returncode:
        raise RuntimeError(f"wall_cost.mjs: {done.stderr[-1500:]}")
    looks = [json.loads(line) for line in done.stdout.splitlines()]
    first, last = looks[0], looks[-1]
    tiles, minutes = last["tiles"], (last["seconds"] - first["seconds"]) / 60
    table.row(f"{tiles} tiles for {minutes:.0f} min, live at the end", f"{last['live']}")
    # The middle of each half, so that one look at a bad moment does not decide.
    half = len(looks) // 2
    early, late = (sorted(look["heap_mb"] for look in some)[len(some) // 2] for some in (looks[:half], looks[half:]))
    table.row("heap after collection: first half, second half", f"{early:.1f}, {late:.1f} MB", "at most 10 % more", late <= 1.1 * early)
    table.row("DOM nodes, listeners: first look to last", f"{first['nodes']} to {last['nodes']}, {first['listeners']} to {last['listeners']}")
    frames, dropped = last["frames"] - first["frames"], last["dropped"] - first["dropped"]
    table.row("frames of live cameras, dropped", f"{frames}, {100 * dropped / max(frames, 1):.1f} %", "under 5 %", frames > 0 and dropped < 0.05 * frames)
    # A still tells its age each second, whatever its printer does.
    busy, still = (per_tile(looks[1:], "changes", idle, quiet, tiles) / minutes for quiet in (False, True))
    table.row("changes a minute: tile that prints, tile that does not", f"{busy:.1f}, {still:.1f}", "a tenth at most", busy > 0 and still <= 0.1 * busy)
    pictures = [per_tile(looks[1:], "pictures", idle, quiet, tiles) / minutes for quiet in (False, True)]
    table.row("the same of their pictures, which tell their age", f"{pictures[0]:.1f}, {pictures[1]:.1f}")
    table.row("errors on the page", f"{len(last['errors'])}", "none", not last["errors"])
    for error in last["errors"][:5]:
        print(f"    {error}")


def per_tile(looks, what, idle, quiet, tiles):
    times = sum(times for look in looks for number, times in look[what].items() if (number in idle) is quiet)
    return times / max(len(idle) if quiet else tiles - len(idle), 1)


def lighthouse(table, url, name):
    """On a phone as Lighthouse simulates one. It comes from the npm registry when this runs; without it that is said."""
    with contextlib.ExitStack() as scope:
        directory = scope.enter_context(workplace())
        report = f"{directory}/report.json"
        command = ["npm", "exec", "--yes", f"--package={LIGHTHOUSE}", "--", "lighthouse", url, "--quiet", "--output=json",
                   f"--output-path={report}", "--only-categories=performance,accessibility,best-practices",
                   "--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                              env=os.environ | {"CHROME_PATH": "/usr/bin/chromium"})
        if done.returncode:
            print(f"!!! Lighthouse did not judge the {name}: {done.stderr.strip()[-300:]}")
            return
        with open(report, encoding="utf-8") as file:
            found = json.load(file)
    score = {key: round(100 * part["score"]) for key, part in found["categories"].items() if part["score"] is not None}
    moment = {key: found["audits"][key]["displayValue"] for key in ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time")}
    table.row(f"Lighthouse, phone, {name}: performance, accessibility, practices",
              f"{score.get('performance')}, {score.get('accessibility')}, {score.get('best-practices')}",
              "accessibility 100", score.get("accessibility") == 100)
    table.row(f"Lighthouse, phone, {name}: first paint, largest, blocked", ", ".join(moment.values()))
