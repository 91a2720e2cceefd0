"""The group `start` of bench.py: how soon the page shows its first paint, words, still and moving picture.

On a phone far away (Lighthouse's: CPU ÷ 4, 1.6 Mbit/s, 150 ms) and on the LAN, with a cold cache. With `--against` other
builds of the page are loaded in turns with this one: only what is measured side by side can be compared on a machine that
does something else as well. Each build has a service and virtual printers of its own, so that neither helps the other.
"""

import contextlib
import json
import pathlib
import statistics
import subprocess

import control
import parties
from measure import workplace

PRINTERS = 4
# A picture that does not fit the phone's line would measure the line: this one takes 0.1 Mbit/s.
CLIP = "chamber540"
MOMENTS = {"paint": "first paint", "words": "first words of a printer", "still": "first still", "moving": "first moving picture",
           "kilobytes": "KB until then"}


def bench_start(options, table):
    builds = {"this": parties.ROOT / "frontend" / "dist"}
    builds |= {f"other {number}": pathlib.Path(folder).resolve() for number, folder in enumerate(options.against, 1)}
    for name, folder in builds.items():
        if not (folder / "index.html").is_file():
            raise RuntimeError(f"{folder} is no built page")
        print(f"{name}: {folder}")
    with contextlib.ExitStack() as scope:
        directory = pathlib.Path(scope.enter_context(workplace()))
        printers = scope.enter_context(parties.VirtualPrinters(PRINTERS * len(builds), directory, more=("--model", "X1C", "--clip", CLIP)))
        origins = {}
        for number, (name, folder) in enumerate(builds.items()):
            place = directory / name
            place.mkdir()
            service = scope.enter_context(parties.Service(options.command, place, {"FRONTEND_DIR": str(folder)}))
            ids = [service.add_printer(printer) for printer in printers.printers[number * PRINTERS:][:PRINTERS]]
            for identity in ids:
                if control.Desk(service, identity).wait(30, control.live) is None:
                    raise RuntimeError("a printer did not get live")
                service.await_video(identity)
            origins[name] = service.origin
        # The ids are the same everywhere: a new database counts from 1.
        loads = loads_of(origins, {"wall": "/", "printer": f"/p/{ids[0]}"}, options.times)
    tell(loads, list(builds), table)


def loads_of(origins, paths, times):
    command = ["node", parties.HERE / "page_start.mjs", "--builds", json.dumps(origins), "--paths", json.dumps(paths), "--times", times]
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800)
    if done.returncode:
        raise RuntimeError(f"page_start.mjs: {done.stderr[-1500:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def tell(loads, builds, table):
    times = len(loads) // max(1, len({(load["profile"], load["path"], load["build"]) for load in loads}))
    print(f"medians of {times} loads (least to most), ms: {', then '.join(builds)}")
    for profile, path in dict.fromkeys((load["profile"], load["path"]) for load in loads):
        for moment, words in MOMENTS.items():
            of_builds = [there(load[moment] for load in loads if (load["profile"], load["path"], load["build"]) == (profile, path, build))
                         for build in builds]
            table.row(f"{profile}, {path}: {words}", "".join(f"{cell(moments, times):>26}" for moments in of_builds))


def there(moments):
    return sorted(moment for moment in moments if moment is not None)


def cell(moments, times):
    if not moments:
        return "never"
    lost = f", {times - len(moments)} never" if len(moments) < times else ""
    return f"{statistics.median(moments):.0f} ({moments[0]} to {moments[-1]}){lost}"
