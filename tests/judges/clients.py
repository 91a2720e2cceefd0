"""The judge `clients`: two of PyPI's clients of Bambu Lab printers read the virtual ones and give them orders.

They were written for real printers by people who have some, so what they read rightly here is as printers say it. Each runs
in a process of its own (foreign_client.py), where `scripts/setup test` has installed it.
"""

import concurrent.futures
import json
import os
import subprocess
import time

import footage
import parties

VENV = footage.TARGET / "venv"
LIBRARIES = {"bambulabs-api": "bambulabs_api", "pybambu": "pybambu"}
# The one that begins is still IDLE when it is read first.
SOON_S = 10

PLA_PETG = {"0.0": "PLA", "0.1": "PLA", "0.2": "PETG"}
# As the virtual printers begin: see PRINTS in its main.rs. What grows is between two numbers.
BEGINS = {
    "P1S": {"state": "RUNNING", "percent": 42, "minutes": (53, 55), "layer": (101, 107), "layers": 240, "title": "Gearbox cover",
            "nozzle_c": 220, "bed_c": 60, "chamber_c": 5, "light": "on", "error": 0, "speed": 100, "firmware": "01.08.02.00",
            "trays": PLA_PETG},
    # It has just begun: nothing of a job before it, and the bed warms up.
    "X1C": {"state": "RUNNING", "percent": 0, "minutes": 48, "layer": 0, "layers": 120, "title": "Cable chain links",
            "bed_c": (24, 60), "light": "on", "error": 0, "firmware": "01.09.00.01"},
    "P2S": {"state": "RUNNING", "percent": 81, "minutes": (42, 44), "layer": (332, 336), "layers": 410, "title": "Desk lamp foot",
            "nozzle_c": 220, "bed_c": 60, "light": "on", "error": 0, "firmware": "01.02.00.00"}}
BEGINS_OF_ONE = {
    ("bambulabs-api", "P1S"): {"stage": "PRINTING", "history": ["01.08.02.00"]},
    ("bambulabs-api", "X1C"): {"stage": "HEATBED_PREHEATING", "history": ["01.09.00.01"]},
    # Of the new fields it knows the chamber.
    ("bambulabs-api", "P2S"): {"stage": "PRINTING", "chamber_c": 36, "history": ["01.02.00.00"]},
    ("pybambu", "P1S"): {"stage": "printing", "feeds": "Bambu PLA Basic", "hms": []},
    # It counts an empty slot of the newer firmware, which has a state beside its number, as one of nothing.
    ("pybambu", "X1C"): {"stage": "heatbed_preheating", "trays": PLA_PETG | {"0.3": "", "1.0": "PLA", "1.1": "", "1.2": "", "1.3": ""},
                         "hms": []},
    ("pybambu", "P2S"): {"stage": "printing", "feeds": "Bambu PLA Basic",
                         "hms": ["HMS_0500_0600_0002_0070", "HMS_0501_0400_0003_0002"]}}


class Reader(parties.Process):
    """One library on one printer."""

    stdin = subprocess.PIPE

    def __init__(self, library, model, printer, directory):
        self.library, self.model = library, model
        super().__init__(f"{library}-{model}", [VENV / "bin" / "python", parties.HERE / "foreign_client.py", library,
                                                printer["host"], printer["serial"], printer["accessCode"], model], directory)
        self.start("ready\n")

    def ask(self, line):
        os.write(self.child.stdin.fileno(), line.encode() + b"\n")
        self.await_output("\n")
        return json.loads(self.said)

    def misread(self, right):
        """What is not as it should be."""
        read = self.ask("read")
        return {name: read.get(name) for name, value in right.items() if not agrees(read.get(name), value)}

    def await_reading(self, **right):
        """None, or what is wrong after a while."""
        end = time.monotonic() + SOON_S
        while (wrong := self.misread(right)) and time.monotonic() < end:
            time.sleep(0.1)
        return wrong and f"{self.library} reads of the {self.model} {wrong} instead of { {name: right[name] for name in wrong} }"


def agrees(read, right):
    if isinstance(right, tuple):
        return isinstance(read, (int, float)) and right[0] <= read <= right[1]
    return round(read) == right if isinstance(read, float) else read == right


def missing():
    return [name for name, package in LIBRARIES.items() if not list(VENV.glob(f"lib/python3*/site-packages/{package}/__init__.py"))]


def judge(trial):
    """PyPI's bambulabs-api and pybambu read the virtual printers and give them orders."""
    if absent := missing():
        # Whoever asked for the judges says that aloud.
        return trial.note(f"{' and '.join(absent)} not installed: the virtual printer was NOT judged by its clients")
    models = list(BEGINS)
    printers = trial.scope.enter_context(parties.VirtualPrinters(len(models), trial.directory, more=["--model", ",".join(models)]))
    pairs = [(library, model, printer) for library in LIBRARIES for model, printer in zip(models, printers.printers)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        started = list(pool.map(lambda pair: Reader(*pair, trial.directory), pairs))
    readers = {(reader.library, reader.model): trial.scope.enter_context(reader) for reader in started}

    def both_read(model, **right):
        faults = [readers[library, model].await_reading(**right) for library in LIBRARIES]
        trial.faults += filter(None, faults)

    for (library, model), reader in readers.items():
        trial.faults += filter(None, [reader.await_reading(**BEGINS[model], **BEGINS_OF_ONE[library, model])])
    theirs, ours = (readers[library, "P1S"] for library in LIBRARIES)
    # A light order that names no node, one that does, and the others from either side.
    theirs.ask("light off")
    both_read("P1S", light="off")
    ours.ask("light on")
    both_read("P1S", light="on")
    theirs.ask("pause")
    both_read("P1S", state="PAUSE", percent=42)
    ours.ask("resume")
    both_read("P1S", state="RUNNING", error=0)
    ours.ask("speed 3")
    both_read("P1S", speed=124)
    printers.order("1 hms 0C00-0300-0002-0004")
    printers.order("1 error 0500-8051")
    both_read("P1S", error=0x05008051)
    trial.faults += filter(None, [ours.await_reading(hms=["HMS_0C00_0300_0002_0004"])])
    theirs.ask("stop")
    both_read("P1S", state="FAILED", error=0x0300400C)
    readers["pybambu", "X1C"].ask("stop")
    both_read("X1C", state="FAILED", error=0x0300400C)
    pass_over(trial, printers, readers, both_read)
    trial.note(f"{', '.join(models)}: {len(readers)} readers agree on state, numbers, slots, light, errors and firmware; "
               "light, pause, resume, speed and stop happen")


def pass_over(trial, printers, readers, both_read):
    """A P2S takes the light order that names no node, does not answer it, and its light stays on."""
    before = printers.counters()[2]
    readers["bambulabs-api", "P2S"].ask("light off")
    end = time.monotonic() + SOON_S
    while (now := printers.counters()[2])["requests"] == before["requests"] or now["reports"] < before["reports"] + 3:
        if time.monotonic() > end:
            return trial.faults.append(f"the P2S has taken no order: {now}")
        time.sleep(0.1)
    both_read("P2S", light="on")
    readers["pybambu", "P2S"].ask("light off")
    both_read("P2S", light="off")
