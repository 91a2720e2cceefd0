"""Other people's players in Chromium, as they come from npm: the judge `others`.

Our own page sets a dozen options and builds its player anew when one ends. Whoever puts a printer's address into another
page has neither, so what a player does with no option set is what the addresses must stand.
"""

import json
import os
import signal
import statistics
import subprocess
import time

import parties
from screen import sent_and_shown

STANDARD, LOW_LATENCY = "stream.m3u8", "stream_ll.m3u8"
HLS_JS, OTHERS = ("hls.js-1.5", "hls.js-1.7"), ("video.js-8", "shaka-4", "shaka-5")
PLAY = [f"{player}:{STANDARD}" for player in HLS_JS + OTHERS] + [f"{player}:{LOW_LATENCY}" for player in HLS_JS]
# The README says that they do not, and why. What they do is told, in case it changes.
DO_NOT_PLAY = [f"{player}:{LOW_LATENCY}" for player in OTHERS]
# A picture that stands for longer at the end of a phase is one that does not play.
STANDING_S = 3
# As long as a container takes to be replaced: hls.js asks again after 1 s, finds nobody, and once more after 3.
AWAY_S = 1.2
AFTER_RESTART = "after a restart"
AFTER_RESTART_S = 16


class Players(parties.Process):
    """They play from its start until `seen`."""

    stdin = subprocess.PIPE
    # Seven pages at once on a machine that does something else as well.
    patience_s = 60

    def __init__(self, directory, stream, cells, keep):
        command = ["node", parties.HERE / "players.mjs", "--stream", stream, *(["--screenshots", directory] if keep else []), *cells]
        super().__init__("players", command, directory)
        self.start("playing")

    def seen(self):
        os.write(self.child.stdin.fileno(), b"\n")
        self.await_output("}\n")
        return json.loads(self.said)


def judge(trial):
    """hls.js (1.5, 1.7), video.js 8, Shaka 4 and 5 with no option set, side by side over a camera's reset and a restart."""
    judge_on(trial, "shared", PLAY + DO_NOT_PLAY * trial.options.full)


def judge_on(trial, clip, cells):
    camera = trial.camera("live555", clip)
    service, printer = trial.service(camera)
    # As many segments as a player wants to stay behind.
    time.sleep(6)
    players = trial.scope.enter_context(Players(trial.directory, service.playlist_url(printer, False), cells, trial.options.keep))
    phases, rest_s = [], trial.seconds(9, 60)

    def phase(name, seconds=rest_s):
        time.sleep(seconds)
        phases.append((name, phases[-1][2] if phases else 0, time.time()))

    phase("at first")
    if not camera.cut_connections():
        camera.stop(signal.SIGKILL)
        camera.start("ready")
    phase("after a reset")
    service.stop()
    time.sleep(AWAY_S)
    service.restart()
    phase(AFTER_RESTART, max(rest_s, AFTER_RESTART_S))
    seen = players.seen()
    (trial.directory / "seen.json").write_text(json.dumps(seen))
    for cell, report in seen.items():
        tell(trial, cell, report, camera, phases)


def tell(trial, cell, report, camera, phases):
    """One line for each: from pressing play to the first picture, and for each phase how far behind and the longest gap."""
    expect = trial.expect if cell not in DO_NOT_PLAY else lambda *_: None
    shown = sent_and_shown(report, camera)
    ends = [error["details"] for error in report["errors"] if error["fatal"]]
    # Of ten restarts one or two take a segment with them that Shaka was about to fetch. It asks for that again and again, for 16 s
    # and more, whatever the answer is; what it does is told.
    waits_for_lost = cell.startswith("shaka") and any(" for seg" in end for end in ends)
    words = [f"first {report['first_frame_ms']} ms"]
    for name, begin, end in phases:
        last = max((at for _, at in shown if at <= end), default=0)
        behind = [at - sent for sent, at in shown if begin < at <= end]
        gaps = [seconds for at, seconds in report["gaps"] if begin < at / 1000 <= end]
        plays = end - last < STANDING_S
        expect(plays or (waits_for_lost and name == AFTER_RESTART), f"{cell}: {name} the picture stands still")
        words.append(f"{name} " + (f"{statistics.median(behind):.1f} s behind, longest gap {max(gaps, default=0):.1f} s"
                                   if behind and plays else "it stands still"))
    # What Shaka calls critical does not end it: it tries again.
    expect(not ends or cell.startswith("shaka"), f"{cell}: {', '.join(dict.fromkeys(ends))}")
    words += list(dict.fromkeys(ends)) + [f"{report['frames']} pictures, {report['dropped']} dropped"]
    trial.note(f"{cell}: " + "; ".join(words))
