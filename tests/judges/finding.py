"""The judge `finding`: a person with an empty installation, two printers and a browser, on hosts of their own. First they hear
each other; then a router stands between them, and a scan finds the printers."""

import json
import subprocess

import found
import lan
import parties

DESK, SHOP, BEHIND = "192.168.77.10", "192.168.77.20", "172.30.0.2"
PRINTERS, RANGE, MODELS = "192.168.77.41", "192.168.77.0/24", "A1,P2S"
WITHIN_S = 30
PHONE, SCREEN = (390, 844), (1440, 900)
PAGE = {"FRONTEND_DIR": str(parties.ROOT / "frontend" / "dist")}


def judge(trial):
    """From an empty page to the pictures of an A1 and a P2S within 30 s of the first click: heard, and scanned across a router."""
    net = trial.scope.enter_context(lan.Lan())
    shop = net.host(SHOP)
    trial.scope.enter_context(found.Printers(shop, "printers", trial.directory, PRINTERS, MODELS))
    for name, address, size, scanned in (("heard", DESK, PHONE, None), ("scanned", BEHIND, SCREEN, RANGE)):
        host, directory = net.host(address), trial.directory / name
        directory.mkdir()
        with found.Service(host, trial.options.command, directory, PAGE) as service:
            service.wait("the service", "/healthz", parties.START_S, lambda answer: answer["ok"])
            seen = look(host, directory, size, scanned)
            trial.note(f"{name}: found {seen['found']:.1f} s, added {seen['added']:.1f} s, both pictures {seen['pictures']:.1f} s, "
                       f"video {seen['plays']:.1f} s after the first click; hears nothing: {seen['deaf']}")
            trial.expect(seen["plays"] <= WITHIN_S, f"{name}: all pictures after {seen['plays']:.1f} s, at most {WITHIN_S} wanted")
            trial.expect(seen["claim"] == seen["deaf"], f"{name}: the page says of hearing {seen['claim']}, the service {seen['deaf']}")
            trial.expect(not seen["said"], f"{name}: the page failed: {seen['said']}")


def look(host, directory, size, scanned):
    command = ["node", parties.HERE / "finding.mjs", "--origin", f"http://127.0.0.1:{found.PORT}", "--code", parties.CODE, "--printers", "2",
               "--width", size[0], "--height", size[1], "--shots", directory, *(["--range", scanned] if scanned else [])]
    done = subprocess.run([*host.enter, *map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90)
    if done.returncode:
        raise RuntimeError(f"finding.mjs: {done.stderr[-1500:]}")
    return json.loads(done.stdout)
