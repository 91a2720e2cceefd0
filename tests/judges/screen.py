"""Chromium as a viewer, and what it saw: play.mjs measures, the judges decide."""

import bisect
import collections
import json
import subprocess

import parties


def watch(trial, url, seconds):
    return play(trial, url, seconds, "--seconds", seconds)


def play(trial, url, seconds, *more, page=False):
    """What play.mjs says, which needs about that many seconds. `page`: the address is the project's page, not a playlist."""
    command = ["node", parties.HERE / "play.mjs", "--page" if page else "--url", url, "--screenshot", trial.directory / "screen.png",
               *(["--trace", trial.directory / "trace.jsonl"] if trial.options.keep else []), *more]
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=seconds + 90)
    if done.returncode:
        raise RuntimeError(f"play.mjs: {done.stderr[-1500:]}")
    (trial.directory / "seen.json").write_text(done.stdout)
    return json.loads(done.stdout)


def frame_times(camera):
    """number in the clip -> times at which it was sent."""
    times = collections.defaultdict(list)
    for line in camera.frame_log.read_text().splitlines():
        # Names may hold spaces.
        words = line.rsplit(" ", 2)
        if len(words) == 3:
            times[int(words[1])].append(float(words[2]))
    return times


def sent_and_shown(seen, camera):
    """(sent, shown) in unix seconds for each sample: sent at the last time that number went out before it was shown."""
    times, found = frame_times(camera), []
    for at, number, _ in seen["samples"]:
        sent = times.get(number, [])
        place = bisect.bisect_left(sent, at / 1000)
        if place:
            found.append((sent[place - 1], at / 1000))
    return found


def fresh_gap(seen):
    return bool(seen["gaps"] and seen["samples"] and seen["gaps"][-1][0] > seen["samples"][-1][0])
