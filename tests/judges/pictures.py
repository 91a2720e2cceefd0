"""The judge `pictures`: three of PyPI's libraries read the virtual printers' port 6000 and their announcements.

They were written for real printers by people who have some. Each runs in a process of its own (foreign_pictures.py), where
`scripts/setup test` has installed it.
"""

import concurrent.futures
import json
import subprocess

import footage
import lan
import parties

VENV = footage.TARGET / "venv"
READERS = {"bambulabs-api": "bambulabs_api", "bambu-connect": "bambu_connect"}
LISTENERS = {"bambu-printer-manager": "bpm"}
MODELS = {"A1": (1280, 720), "P1S": (1280, 720), "A2L": (1920, 1080)}
WATCH_S = 6
# The burst of three, then one in a second, less what a busy machine takes to start the reader.
PICTURES_AT_LEAST = 5

# It joins no group, so a P1S, which tells the group, is not heard by it. It knows no A2L.
HEARD = {"A1": ("N2S", "A1"), "P2S": ("N7", "P2S"), "X1C": ("BL-P001", "X1C"), "H2D": ("O1D", "H2D")}
LISTEN_S = 8


def missing(libraries):
    return [name for name, package in libraries.items() if not list(VENV.glob(f"lib/python3*/site-packages/{package}/__init__.py"))]


def run(*words, enter=()):
    """What it says, a line of JSON each, and its complaints."""
    command = [*enter, VENV / "bin" / "python", parties.HERE / "foreign_pictures.py", *words]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def read(trial, library, model, printer):
    pictures, complaints = run(library, printer["host"], printer["accessCode"], WATCH_S)
    name = f"{library} on the {model}"
    trial.expect(len(pictures) >= PICTURES_AT_LEAST, f"{name}: {len(pictures)} pictures in {WATCH_S} s; {complaints[-300:]}")
    shown = [picture["shown"] for picture in pictures]
    trial.expect(shown == [picture["written"] for picture in pictures], f"{name}: the pictures show {shown}")
    trial.expect(None not in shown and shown == sorted(set(shown)), f"{name}: numbers {shown}")
    # The other keeps the newest alone.
    if library == "bambu-connect":
        trial.expect(shown == list(range(1, len(shown) + 1)), f"{name}: numbers {shown}, wanted each one")
    of = {(tuple(picture["size"]), picture["mode"]) for picture in pictures}
    trial.expect(of == {(MODELS[model], "RGB")}, f"{name}: {of}")
    return len(pictures)


def refuse(trial, library, printer):
    """A wrong code gives no picture."""
    pictures, _ = run(library, printer["host"], "87654321", 2)
    trial.expect(not pictures, f"{library} was given {len(pictures)} pictures for a wrong code")


def judge(trial):
    """PyPI's bambulabs-api and bambu-connect read port 6000, bambu-printer-manager hears the announcements."""
    if absent := missing(READERS):
        return trial.note(f"{' and '.join(absent)} not installed: port 6000 was NOT judged by its clients")
    # One for each pair, so that its numbers are for one reader.
    pairs = [(library, model) for library in READERS for model in MODELS]
    printers = trial.scope.enter_context(parties.VirtualPrinters(
        len(pairs), trial.directory, more=["--model", ",".join(model for _, model in pairs)]))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        counts = list(pool.map(lambda pair: read(trial, *pair[0], pair[1]), zip(pairs, printers.printers)))
    for library, printer in zip(READERS, printers.printers):
        refuse(trial, library, printer)
    told = [seen["camera"] for seen in printers.counters()]
    trial.expect(all(camera["bytesAfterLogin"] == 0 for camera in told), "a reader says something after its login")
    trial.expect(sum(camera["loginsRefused"] for camera in told) >= len(READERS), "no wrong code arrived")
    trial.note(f"{', '.join(MODELS)}: {len(pairs)} readers, {min(counts)} to {max(counts)} pictures each, all whole, numbers as drawn")
    announcements(trial)


def announcements(trial):
    """On hosts of their own: a real broadcast leaves its host."""
    if absent := missing(LISTENERS):
        return trial.note(f"{absent[0]} not installed: announcements were NOT judged")
    try:
        network = trial.scope.enter_context(lan.Lan())
    except RuntimeError as error:
        return trial.note(f"{error}: announcements were NOT judged")
    hosts = {model: f"192.168.77.{number}" for number, model in enumerate(HEARD, 20)}
    listener = network.host("192.168.77.10")
    for model, address in hosts.items():
        command = [*network.host(address).enter, footage.TARGET.parent / "release" / "virtual-printer", "--count", 1, "--base-address",
                   address, "--model", model, "--announce", "on"]
        trial.scope.enter_context(parties.Process(f"printer-{model}", command, trial.directory)).start("\n")
    heard, complaints = run("bambu-printer-manager", LISTEN_S, enter=listener.enter)
    found = {printer["host"]: printer for printer in heard}
    for model, address in hosts.items():
        printer = found.get(address)
        trial.expect(printer, f"the {model} was not heard; {complaints[-300:]}")
        if printer:
            read = printer["model"], printer["known"]
            trial.expect(read == HEARD[model] and printer["connect"] == "lan" and model in printer["name"], f"{model}: {printer}")
    trial.note(f"bambu-printer-manager heard {len(heard)} printers in {LISTEN_S} s")
